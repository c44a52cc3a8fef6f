"""Сигнал, обращение: the journal entry from which casework begins (domain.md §2, §3)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from families import duties
from families.models.family import Family
from sopr import profile
from sopr.accounts.models import Municipality, Organisation
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import add_working_days
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation
from sopr.web.models import Versioned


class ReferralQuerySet(ScopedQuerySet):
    def for_curator(self, user):
        """What the curator registered or was given."""
        return self.filter(organisation=user.organisation_id).filter(Q(assigned_to=user) | Q(registered_by=user))

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id)


class Referral(Versioned):
    class State(models.TextChoices):
        NEW = "new", "новый"
        SCREENING = "screening", "проверяется"
        ACCEPTED = "accepted", "открыт случай"
        REFERRED_ON = "referred_on", "передан по принадлежности"
        REJECTED = "rejected", "не подтвердился"

    class Channel(models.TextChoices):
        AGENCY = "agency", "сообщение ведомства"
        PHONE = "phone", "телефон"
        VISIT = "visit", "личное обращение семьи"
        LETTER = "letter", "письмо, электронное обращение"
        MATERNITY = "maternity", "роддом, женская консультация: риск отказа от новорождённого"
        OWN = "own", "выявлено специалистом"

    FLOW = {
        State.NEW: {State.SCREENING, State.REFERRED_ON, State.REJECTED},
        State.SCREENING: {State.ACCEPTED, State.REFERRED_ON, State.REJECTED},
    }

    number = models.PositiveIntegerField("номер в году")
    year = models.PositiveSmallIntegerField("год")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="referrals")
    received_at = models.DateTimeField("когда поступил", default=timezone.now)
    channel = models.CharField("как поступил", max_length=12, choices=Channel)
    source_agency = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="кто сообщил (ведомство)"
    )
    informant = models.CharField("кто сообщил (гражданин)", max_length=300, blank=True)
    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="referrals")
    about = models.CharField("о ком сигнал", max_length=300)
    municipality = models.ForeignKey(Municipality, models.PROTECT, verbose_name="муниципальное образование")
    address = models.CharField("адрес", max_length=300, blank=True)
    substance = models.TextField("суть сигнала")
    threat_to_life = models.BooleanField("есть угроза жизни или здоровью ребёнка", default=False)
    notified = models.CharField("кого и когда известили об угрозе", max_length=300, blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.NEW, editable=False)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    due_on = models.DateField("посетить до", null=True, blank=True)
    visited_on = models.DateField("дата посещения", null=True, blank=True)
    result = models.TextField("что установлено", blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = "сигнал"
        verbose_name_plural = "сигналы"
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "number"], name="one_referral_per_number"),
            models.CheckConstraint(
                condition=~Q(threat_to_life=True) | ~Q(notified=""), name="threat_names_who_was_notified"
            ),
        ]
        # journal of an organisation, newest first, filtered by state
        indexes = [models.Index(fields=["organisation", "state", "-received_at"], name="referral_journal")]

    def __str__(self):
        return f"Сигнал № {self.number}/{self.year}"

    @classmethod
    def register(cls, *, by, threat_to_life=False, notified="", **fields) -> "Referral":
        """Enter a referral into the journal of the actor's organisation, numbered within the year.

        Raises Refused when a threat to life is marked and nobody is named as notified (domain.md §4: at once).
        """
        if threat_to_life and not notified.strip():
            raise Refused(
                "Отмечена угроза ребёнку. Позвоните в опеку и запишите, кого, когда и как известили: без этого сигнал "
                "не сохраняется."
            )
        with transaction.atomic():
            year = timezone.localdate().year
            row = cls.objects.create(
                organisation=by.organisation,
                registered_by=by,
                year=year,
                number=next_number(f"referral:{by.organisation_id}", year),
                threat_to_life=threat_to_life,
                notified=notified,
                **fields,
            )
            if row.at_once:
                open_obligation(
                    duties.ASSIGN_AT_ONCE,
                    row,
                    due_on=timezone.localdate(),
                    organisation=row.organisation,
                    title=f"{duties.ASSIGN_AT_ONCE.title} № {row.number}/{row.year}",
                    path=row.get_absolute_url(),
                )
            return row

    @property
    def at_once(self) -> bool:
        """Whether the visit is due the same day: a maternity hospital tells of a woman who may leave her child."""
        return self.channel == self.Channel.MATERNITY

    def assign(self, *, by, curator):
        """Give the referral to a curator of the same organisation; a visit falls due (domain.md §4)."""
        if curator.organisation_id != self.organisation_id or curator.role != Role.CURATOR or not curator.is_active:
            raise Refused("Назначить можно только действующего куратора своей организации.")
        with transaction.atomic():
            row = self._locked()
            if row.state not in (self.State.NEW, self.State.SCREENING):
                raise Refused(f"{self}: работа по нему уже завершена, назначать куратора поздно.")
            today = timezone.localdate()
            self.assigned_to = curator
            self.state = self.State.SCREENING
            self.due_on = (
                today
                if self.threat_to_life or self.at_once
                else add_working_days(today, profile.current().deadlines.visit_working_days)
            )
            self.save(update_fields=["assigned_to", "state", "due_on"])
            close_obligations(self)
            open_obligation(
                duties.VISIT,
                self,
                due_on=self.due_on,
                assignee=curator,
                organisation=self.organisation,
                title=f"{duties.VISIT.title} № {self.number}/{self.year}",
                path=self.get_absolute_url(),
                family_id=self.family_id,
            )

    def get_absolute_url(self):
        return reverse("families:referral-detail", args=[self.pk])

    def record_visit(self, *, by, visited_on, result, family=None):
        """Write down what the visit found; the visit's term is met."""
        if visited_on > timezone.localdate():
            raise Refused("Дата посещения ещё не наступила. Запишите посещение, когда оно состоится.")
        with transaction.atomic():
            row = self._locked()
            if row.state == self.State.NEW:
                raise Refused("Сначала руководитель назначает куратора: посещение записывает он.")
            if row.state != self.State.SCREENING:
                raise Refused(f"{self}: работа по нему завершена, состояние «{row.get_state_display()}».")
            self.visited_on, self.result = visited_on, result
            if family is not None:
                self.family = family
            self.save(update_fields=["visited_on", "result", "family"])
            close_obligations(self, duties.VISIT, on=visited_on)

    def link_family(self, family, *, by):
        """Say which registered family the signal is about."""
        self.family = family
        self.save(update_fields=["family"])

    def accept(self, *, by):
        """A case was opened on this referral."""
        self._move(self.State.ACCEPTED)

    def refer_on(self, *, by, result):
        """Pass to another agency; the reason is kept."""
        self._move(self.State.REFERRED_ON, result=result)

    def reject(self, *, by, result):
        """Not confirmed; the reason is kept."""
        self._move(self.State.REJECTED, result=result)

    def _locked(self):
        return Referral.objects.select_for_update().get(pk=self.pk)

    def _move(self, state, **changes):
        with transaction.atomic():
            row = self._locked()
            if state not in self.FLOW.get(row.state, ()):
                raise Refused(f"{self}: из состояния «{row.get_state_display()}» это действие невозможно.")
            self.state = state
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["state", *changes])
            close_obligations(self)
