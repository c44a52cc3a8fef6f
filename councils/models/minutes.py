"""Протокол: signed by the secretary, then by who presided; corrected only by a separate act (domain.md §2).

The secretary's signature gives the number and freezes the text: from that moment decisions cite the minutes, reports
count the meeting, extracts lie in the cases. The second signature attests the text and changes nothing in it.
"""

import datetime
import hashlib
import json

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from councils import duties
from councils.models.council import Council
from councils.models.meeting import Meeting
from councils.models.membership import CouncilMembership
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly, AppendOnlyQuerySet
from sopr.calendar import add_working_days
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation

Role = CouncilMembership.Role


class MinutesQuerySet(AppendOnlyQuerySet, ScopedQuerySet):
    """Who sees that the minutes exist; who may read them is said by `readable_by`."""

    def for_secretary(self, user):
        return self.filter(council__in=Council.objects.for_secretary(user))

    def for_head(self, user):
        return self.filter(council__in=Council.objects.for_head(user))

    def for_ministry(self, user):
        return self.all()

    def readable_by(self, user):
        """The secretary's own councils; for who presided while his signature is awaited and the pack is open."""
        if not user.is_active:
            return self.none()
        opened_until = timezone.localdate() - datetime.timedelta(days=profile.current().council.pack_open_days)
        own = Q(council__in=Council.objects.for_secretary(user)) if user.may(Perm.MEETING_RUN) else Q(pk=None)
        acts = Correction.objects.filter(minutes=OuterRef("pk"), signature=None)
        signed = Exists(ChairSignature.objects.filter(minutes=OuterRef("pk"), correction=None))
        presided = Q(presided__user=user) & (~signed | Exists(acts) | Q(meeting__held_on__gte=opened_until))
        return self.filter(own | presided)

    def awaiting_chair(self):
        """Signed by the secretary, not yet by who presided. What came from the former system awaits nothing."""
        signed = ChairSignature.objects.filter(minutes=OuterRef("pk"), correction=None)
        return self.filter(~Exists(signed), meeting__imported=False)


class Minutes(AppendOnly):
    """Протокол: written once, when the secretary signs; `content` is what every print reads."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="minutes")
    council = models.ForeignKey(Council, models.PROTECT, related_name="minutes", editable=False)
    number = models.CharField("номер", max_length=40)
    year = models.PositiveSmallIntegerField("год")
    signed_at = models.DateTimeField("подписан", default=timezone.now)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    presided = models.ForeignKey(
        CouncilMembership, models.PROTECT, null=True, editable=False, related_name="presided",
        verbose_name="кто председательствовал",
    )  # fmt: skip
    content = models.JSONField(default=dict)
    checksum = models.CharField(max_length=64, blank=True)

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name = "протокол"
        verbose_name_plural = "протоколы"
        constraints = [
            # also serves the register's search by number
            models.UniqueConstraint(fields=["council", "year", "number"], name="one_minutes_number_per_council_year")
        ]

    def __str__(self):
        return f"Протокол № {self.number} от {self.meeting.held_on:%d.%m.%Y}"

    def save(self, **kwargs):
        self.council_id = self.council_id or self.meeting.council_id
        super().save(**kwargs)

    def get_absolute_url(self):
        return reverse("councils:minutes-detail", args=[self.pk])

    @classmethod
    def sign(cls, meeting, *, by) -> "Minutes":
        """The secretary signs: numbered per council and year without gaps, immutable from then on.

        Raises Refused with the list of what is open. What the decisions changed cites the minutes from now on, each
        question has its extract in its case, and the signature of who presided is awaited.
        """
        with transaction.atomic():
            row = meeting.locked()
            if row.state == Meeting.State.SIGNED:
                raise Refused("Протокол уже подписан.")
            meeting.state = row.state
            still_open = meeting.open_questions()
            if still_open:
                raise Refused("Подписать протокол нельзя: " + "; ".join(still_open) + ".")
            number = _next_number(meeting)
            meeting.had_quorum = meeting.agenda_items.filter(decision__isnull=False).exists()
            meeting.state = Meeting.State.SIGNED
            meeting.save(update_fields=["state", "had_quorum"])
            content = meeting.describe() | {"number": number}
            minutes = cls.objects.create(
                meeting=meeting, number=number, year=meeting.held_on.year, signed_by=by, presided=presided_at(meeting),
                content=content, checksum=checksum(content),
            )  # fmt: skip
            for item in meeting.agenda_items.filter(decision__isnull=False).select_related("decision", "case"):
                item.decision.cite_minutes()
                together = item.merged.filter(decision__isnull=False).select_related("case")
                for one in [item, *together]:
                    Extract.objects.create(minutes=minutes, item=one, content=slice_of(content, item.position))
                    one.case.log("minutes_signed", by=by, happened_on=meeting.held_on, minutes=minutes.pk, item=one.pk)
            _await_chair(minutes, minutes, by)
            meeting.watch_norm()
            return minutes

    @property
    def is_imported(self) -> bool:
        return not self.content

    @property
    def chair_signature(self):
        """The signature of who presided, or None."""
        return next((row for row in self.signatures.all() if row.correction_id is None), None)

    @property
    def awaited(self) -> str:
        """Whose signature is awaited, in Russian; empty when the minutes are signed by both."""
        return "" if self.is_imported or self.chair_signature else f"ждёт подписи: {self.chair_name}"

    @property
    def chair_name(self) -> str:
        return str(self.presided) if self.presided_id else "председательствующий"

    def may_confirm(self, user) -> bool:
        """Whether `user` is the one who presided."""
        return self.presided_id is not None and self.presided.user_id == user.pk

    def needs_paper(self) -> bool:
        """Whether who presided has no login of his own, so that he signs on paper."""
        user = self.presided.user if self.presided_id else None
        return user is None or not user.is_active

    def confirm(self, *, by):
        """Who presided signs with his own login."""
        return ChairSignature.take(self, by=by)

    def record_paper(self, *, by, signed_on):
        """The secretary writes down that who presided, having no login, signed the paper on the day `signed_on`."""
        return ChairSignature.take(self, by=by, signed_on=signed_on)

    def correct(self, *, by, stood, should, reason, position=None) -> "Correction":
        """An act of correction: what stood, what should stand, why. The minutes themselves stay as they are.

        `position`: the number of the question it is about; None: the minutes as a whole. Raises Refused for minutes
        without a text here, and for a question that was not on the agenda.
        """
        if self.is_imported:
            raise Refused("Протокол перенесён без текста: исправление оформляют на бумаге.")
        if not (stood.strip() and should.strip() and reason.strip()):
            raise Refused("Напишите, что было записано, как следует читать и почему.")
        if position is not None and position not in {point["n"] for point in self.content["items"]}:
            raise Refused(f"Вопроса {position} в этом протоколе нет.")
        with transaction.atomic():
            self.meeting.locked()
            act = Correction.objects.create(
                minutes=self, number=self.corrections.count() + 1, position=position, stood=stood.strip(),
                should=should.strip(), reason=reason.strip(), signed_by=by,
            )  # fmt: skip
            _await_chair(act, self, by)
        return act


class Extract(AppendOnly):
    """Выписка: one question of the minutes, laid into its family's case when the secretary signs."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="extracts")
    item = models.OneToOneField("councils.AgendaItem", models.PROTECT, related_name="extract")
    content = models.JSONField(default=dict)

    class Meta:
        verbose_name = "выписка из протокола"
        verbose_name_plural = "выписки из протоколов"

    def __str__(self):
        return f"Выписка из протокола № {self.minutes.number}, вопрос {self.item.heard_as.position}"


class CorrectionQuerySet(AppendOnlyQuerySet):
    def readable_by(self, user):
        return self.filter(minutes__in=Minutes.objects.readable_by(user))


class Correction(AppendOnly):
    """Акт об исправлении протокола: numbered within the minutes, signed in turn too."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="corrections")
    number = models.PositiveSmallIntegerField("номер")
    position = models.PositiveSmallIntegerField("номер вопроса", null=True)
    stood = models.TextField("записано")
    should = models.TextField("следует читать")
    reason = models.TextField("причина")
    signed_at = models.DateTimeField("подписан", default=timezone.now)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "акт об исправлении протокола"
        verbose_name_plural = "акты об исправлении протоколов"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["minutes", "number"], name="one_correction_number_per_minutes")]

    def __str__(self):
        return f"Акт № {self.number} об исправлении протокола № {self.minutes.number}"

    @property
    def awaited(self) -> str:
        return "" if hasattr(self, "signature") else f"ждёт подписи: {self.minutes.chair_name}"

    def confirm(self, *, by):
        """Who presided signs the act with his own login."""
        return ChairSignature.take(self.minutes, by=by, correction=self)

    def record_paper(self, *, by, signed_on):
        """As of the minutes: the paper signature of who has no login."""
        return ChairSignature.take(self.minutes, by=by, signed_on=signed_on, correction=self)


class ChairSignature(AppendOnly):
    """The signature of who presided: under the minutes, or under an act of correction."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="signatures")
    correction = models.OneToOneField(Correction, models.PROTECT, null=True, related_name="signature")
    signed_on = models.DateField("подписан")
    on_paper = models.BooleanField("на бумаге")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "подпись председательствовавшего"
        verbose_name_plural = "подписи председательствовавших"
        constraints = [
            models.UniqueConstraint(
                fields=["minutes"], condition=Q(correction=None), name="one_chair_signature_per_minutes"
            )
        ]

    def __str__(self):
        return f"{self.minutes.chair_name}, {self.signed_on:%d.%m.%Y}"

    @classmethod
    def take(cls, minutes, *, by, signed_on=None, correction=None):
        """Sign by one's own login, or (`signed_on`) write down a signature on paper; raises Refused out of turn."""
        paper = correction or minutes
        with transaction.atomic():
            minutes.meeting.locked()
            if minutes.is_imported:
                raise Refused("Протокол перенесён из прежней системы: он уже подписан на бумаге.")
            if cls.objects.filter(minutes=minutes, correction=correction).exists():
                raise Refused("Председательствовавший уже подписал.")
            if signed_on is None and not minutes.may_confirm(by):
                raise Refused(f"Подписывает тот, кто председательствовал: {minutes.chair_name}.")
            if signed_on is not None:
                _check_paper(minutes, paper, signed_on)
            row = cls.objects.create(
                minutes=minutes, correction=correction, by=by, on_paper=signed_on is not None,
                signed_on=signed_on or timezone.localdate(),
            )  # fmt: skip
            close_obligations(paper, duties.CHAIR_SIGNATURE, on=row.signed_on)
        return row


def _check_paper(minutes, paper, signed_on):
    if not minutes.needs_paper():
        raise Refused(f"{minutes.chair_name}: подписывает сам, войдя в систему. Протокол ждёт на его первой странице.")
    if not timezone.localdate(paper.signed_at) <= signed_on <= timezone.localdate():
        raise Refused(
            f"Подпись ставят со дня подписи секретаря ({timezone.localdate(paper.signed_at):%d.%m.%Y}) по сегодняшний "
            "день. Проверьте дату."
        )


def presided_at(meeting, rows=None):
    """The membership of who presided at `meeting`; the chair's while nobody has come, or voted, who could."""
    if rows is None:
        rows = list(meeting.attendances.select_related("membership__user"))
    chair = meeting.presiding(rows)
    return chair or next((row.membership for row in rows if row.membership.role == Role.CHAIR), None)


def slice_of(content, position) -> dict:
    """What an extract takes from the minutes: one question with its tasks, nothing of the others."""
    shared = ("council", "organisation", "number", "held_on", "place", "chair", "secretary")
    return {key: content[key] for key in shared} | {
        "item": next(point for point in content["items"] if point["n"] == position),
        "assignments": [task for task in content["assignments"] if task["decision"] == str(position)],
    }


def checksum(content: dict) -> str:
    """SHA-256 of the minutes' content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _await_chair(paper, minutes, by):
    """Ask for the second signature: of who presided, or of the secretary who takes it from him on paper."""
    signer = by if minutes.needs_paper() else minutes.presided.user
    open_obligation(
        duties.CHAIR_SIGNATURE,
        paper,
        due_on=add_working_days(timezone.localdate(), profile.current().council.chair_signs_working_days),
        organisation=signer.organisation,
        assignee=signer,
        title=f"{'Подписать протокол' if paper == minutes else 'Подписать акт об исправлении протокола'} "
        f"№ {minutes.number}",
        path=minutes.get_absolute_url(),
    )


def _next_number(meeting) -> str:
    """The council's next number of the year that no imported minutes bear."""
    year = meeting.held_on.year
    while True:
        number = str(next_number(f"minutes:{meeting.council_id}", year))
        if not Minutes.objects.filter(council=meeting.council_id, year=year, number=number).exists():
            return number
