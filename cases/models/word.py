"""Слово исполнителя за квартал: what an agency did in a case, what it sees and advises (Novgorod: executors report
quarterly; domain.md §4, «executors' quarterly word to the curator»)."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from cases import duties
from cases.models.activity import Activity
from cases.models.case import Case
from cases.words import SUPPORTED_STAGES
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import add_months, add_working_days
from sopr.errors import Refused
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation

ACCEPT_WORKING_DAYS = 5  # for the curator to read it [choice]
DAY = datetime.timedelta(days=1)


def quarter_of(day) -> tuple[datetime.date, datetime.date]:
    """First and last day of the quarter of `day`."""
    since = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return since, add_months(since, 3) - DAY


class QuarterlyWordQuerySet(ScopedQuerySet):
    """Roads: the agency whose word it is; the curator of the case and the head of his organisation."""

    def for_executor(self, user):
        return self.filter(agency=user.organisation_id)

    def for_curator(self, user):
        return self.filter(case__organisation=user.organisation_id, case__curator=user)

    def for_head(self, user):
        return self.filter(case__organisation=user.organisation_id)

    def waiting(self):
        return self.filter(state__in=(QuarterlyWord.State.DUE, QuarterlyWord.State.RETURNED))

    def with_sides(self):
        """With the case, its curator and organisation, and the agency in the same statement."""
        return self.select_related("agency", "said_by", "case__curator", "case__organisation", "case__family")


class QuarterlyWord(models.Model):
    class State(models.TextChoices):
        DUE = "due", "ждёт исполнителя"
        SAID = "said", "отправлено куратору"
        RETURNED = "returned", "возвращено с замечанием"
        ACCEPTED = "accepted", "принято куратором"
        DROPPED = "dropped", "больше не нужно"

    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="words", verbose_name="исполнитель")
    case = models.ForeignKey(Case, models.PROTECT, related_name="words")
    since = models.DateField("квартал с")
    until = models.DateField("по")
    state = models.CharField("состояние", max_length=10, choices=State, default=State.DUE)
    done = models.TextField("что сделано за квартал", blank=True)
    seen = models.TextField("что изменилось, что вызывает тревогу", blank=True)
    advice = models.TextField("что советуете дальше", blank=True)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    said_on = models.DateField("отправлено", null=True)
    remark = models.TextField("замечание куратора", blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    accepted_on = models.DateField("принято", null=True)

    objects = QuarterlyWordQuerySet.as_manager()

    class Meta:
        verbose_name = "слово за квартал"
        verbose_name_plural = "слова за квартал"
        ordering = ["-until", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "case", "since"], name="one_word_per_agency_case_and_quarter"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="word_quarter_since_before_until"),
            models.CheckConstraint(
                condition=Q(state__in=("due", "returned", "dropped")) | ~Q(done="") & Q(said_on__isnull=False),
                name="said_word_has_text",
            ),
        ]
        # the executor's page: an agency's words by state and quarter
        indexes = [models.Index(fields=["agency", "state", "until"], name="word_agency_state")]

    def __str__(self):
        return f"Слово за {self.quarter}"

    def get_absolute_url(self):
        return reverse("cases:word-detail", args=[self.pk])

    @property
    def quarter(self) -> str:
        """«IV квартал 2026»."""
        return f"{'I II III IV'.split()[(self.since.month - 1) // 3]} квартал {self.since.year}"

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.DUE, self.State.RETURNED)

    @classmethod
    def open_due(cls, today) -> int:
        """Open the word of the quarter of `today` for each agency that works in a supported case; returns how many.

        An agency works in a case when an activity of an approved programme waits for it, or was reported by it in this
        quarter. The service's own word is not asked for; nor is one of an agency nobody of which signs in: there
        the curator asks on paper. Words of cases that have ended since are dropped. Safe to call any number of times.
        """
        since, until = quarter_of(today)
        working = Activity.objects.counted().filter(
            Q(state__in=Activity.OPEN_STATES) | Q(reported_on__gte=since, reported_on__lte=until),
            case__stage__in=SUPPORTED_STAGES,
            agency__in=Organisation.objects.filter(users__role=Role.EXECUTOR, users__is_active=True),
        )
        standing = cls.objects.filter(agency=OuterRef("agency"), case=OuterRef("case"), since=since)
        missing = (
            working.exclude(agency=F("case__organisation"))
            .filter(~Exists(standing))
            .order_by("case", "agency")
            .values_list("case", "agency")
            .distinct()
        )
        made = cls.objects.bulk_create(
            (cls(case_id=case, agency_id=agency, since=since, until=until) for case, agency in missing),
            ignore_conflicts=True,
        )
        fresh = cls.objects.filter(since=since, state=cls.State.DUE).select_related("agency")
        for word in fresh.filter(case__in={row.case_id for row in made}):
            word.open_duty()
        for word in cls.objects.waiting().exclude(case__stage__in=SUPPORTED_STAGES):
            word.drop()
        return len(made)

    def open_duty(self):
        """The agency owes its word by the end of the quarter."""
        open_obligation(
            duties.WORD,
            self,
            due_on=self.until,
            organisation=self.agency,
            title=f"{duties.WORD.title}: {self.quarter}",
            path=self.get_absolute_url(),
        )

    def say(self, *, by, done, seen="", advice=""):
        """The agency says its word; the curator reads it within five working days.

        Raises Refused without what was done, for a word said already, and once support has ended.
        """
        if not done.strip():
            raise Refused("Напишите, что сделано за квартал. Если ничего, напишите почему.")
        with transaction.atomic():
            self._move({self.State.DUE, self.State.RETURNED}, self.State.SAID, done=done, seen=seen, advice=advice,
                       said_by=by, said_on=timezone.localdate())  # fmt: skip
            self.case.log("word_said", by=by, word=self.pk, agency=self.agency_id)
            close_obligations(self)
            open_obligation(
                duties.WORD_ACCEPT,
                self,
                due_on=add_working_days(timezone.localdate(), ACCEPT_WORKING_DAYS),
                assignee=self.case.curator,
                organisation=self.case.organisation,
                title=f"{duties.WORD_ACCEPT.title}: случай № {self.case.number}",
                path=self.get_absolute_url(),
                case_id=self.case_id,
                family_id=self.case.family_id,
            )

    def accept(self, *, by):
        """The curator has read it."""
        with transaction.atomic():
            self._move(
                {self.State.SAID}, self.State.ACCEPTED, accepted_by=by, accepted_on=timezone.localdate(), remark=""
            )
            self.case.log("word_accepted", by=by, word=self.pk, agency=self.agency_id)
            close_obligations(self)

    def give_back(self, *, by, remark):
        """The curator asks the agency to say more."""
        if not remark.strip():
            raise Refused("Напишите исполнителю, чего не хватает.")
        with transaction.atomic():
            self._move({self.State.SAID}, self.State.RETURNED, remark=remark)
            self.case.log("word_returned", by=by, word=self.pk, agency=self.agency_id)
            close_obligations(self)
            self.open_duty()

    def drop(self):
        """Nobody needs it any more: support has ended."""
        self.state = self.State.DROPPED
        self.save(update_fields=["state"])
        cancel_obligations(self)

    def _move(self, since, state, **changes):
        row = QuarterlyWord.objects.select_for_update(of=("self",)).select_related("case").get(pk=self.pk)
        if row.state not in since:
            raise Refused(f"Слово за квартал сейчас в состоянии «{row.get_state_display()}»: это действие невозможно.")
        if row.case.closed_on is not None:
            raise Refused("Сопровождение семьи завершено: слово за квартал больше не нужно.")
        self.state = state
        for name, value in changes.items():
            setattr(self, name, value)
        self.save(update_fields=["state", *changes])
