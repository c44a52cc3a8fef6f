"""«Под крылом аиста»: the path of a woman who thinks of leaving her newborn child, from the signal to the outcome.

Sources: «Лучшие практики субъектов Российской Федерации», Республика Башкортостан, «Под крылом аиста»: section 4.2
(whom it is for), 4.1 (why women refuse), 5.2 («В ожидании чуда», «Мама+»), 7 (questionnaires, training in care), 8
(women, near circle, refusals prevented); постановление Правительства РБ от 28.10.2021 № 572. What is written here is
open to the keeper of the path and to the head of service alone, as health is.
"""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cases import duties
from cases.models.case import Case
from families.models import ChildEvent, Family, Person, Referral
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation, reassign
from sopr.obligations.models import Obligation
from sopr.web.models import Versioned

OUTCOME_DAYS = 30  # calendar days after the birth in which the outcome is awaited [choice]
LONGEST_PREGNANCY_DAYS = 300


class NewbornRiskQuerySet(ScopedQuerySet):
    """The keeper sees his own paths, the head those of the organisation, nobody else any."""

    def for_curator(self, user):
        return self.filter(organisation=user.organisation_id, keeper=user)

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id)

    def going_on(self):
        """Where the woman has not decided: no outcome yet, or she is still in doubt."""
        return self.filter(outcome__in=("", NewbornRisk.Outcome.DOUBT))


class NewbornRisk(Versioned):
    """Риск отказа от новорождённого: one path of one woman."""

    class Group(models.TextChoices):
        PREGNANT = "pregnant", "беременная на позднем сроке"
        WITH_NEWBORN = "with_newborn", "женщина с новорождённым ребёнком"
        UNDERAGE = "underage", "несовершеннолетняя беременная"
        CARE_LEAVER = "care_leaver", "воспитанница или выпускница организации для детей-сирот"

    class Outcome(models.TextChoices):
        PREVENTED = "prevented", "отказ предотвращён"
        REFUSED = "refused", "отказ от ребёнка"
        DOUBT = "doubt", "женщина сомневается"

    # A woman in doubt decides later; a decision to keep the child may still be followed by a refusal.
    FLOW = {
        "": {Outcome.PREVENTED, Outcome.REFUSED, Outcome.DOUBT},
        Outcome.DOUBT: {Outcome.PREVENTED, Outcome.REFUSED},
        Outcome.PREVENTED: {Outcome.REFUSED},
        Outcome.REFUSED: set(),
    }

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="newborn_risks")
    number = models.PositiveIntegerField("номер в году")
    year = models.PositiveSmallIntegerField("год")
    family = models.ForeignKey(Family, models.PROTECT, related_name="newborn_risks")
    woman = models.ForeignKey(Person, models.PROTECT, related_name="newborn_risks", verbose_name="женщина")
    referral = models.OneToOneField(
        Referral, models.PROTECT, null=True, blank=True, related_name="newborn_risk", verbose_name="сигнал"
    )
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="newborn_risks", verbose_name="кто ведёт"
    )
    group = models.CharField("кто обратился", max_length=16, choices=Group)
    signalled_on = models.DateField("дата сигнала", default=timezone.localdate)
    expected_on = models.DateField("предполагаемая дата родов", null=True, blank=True)
    born_on = models.DateField("дата рождения ребёнка", null=True, blank=True)
    circumstances = models.TextField("что известно", blank=True)
    outcome = models.CharField("исход", max_length=12, choices=Outcome, blank=True, editable=False)
    outcome_on = models.DateField("дата исхода", null=True, editable=False)
    outcome_note = models.TextField("чем объясняется исход", blank=True, editable=False)
    child_event = models.ForeignKey(ChildEvent, models.PROTECT, null=True, editable=False, related_name="newborn_risks")
    case = models.ForeignKey(Case, models.PROTECT, null=True, editable=False, related_name="newborn_risks")

    objects = NewbornRiskQuerySet.as_manager()

    class Meta:
        verbose_name = "риск отказа от новорождённого"
        verbose_name_plural = "риски отказа от новорождённого"
        ordering = ["-signalled_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "number"], name="one_newborn_risk_per_number"),
            models.UniqueConstraint(
                fields=["woman", "organisation"],
                condition=Q(outcome__in=("", "doubt")),
                name="one_newborn_risk_going_on_per_woman",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome_on__isnull=False), name="newborn_outcome_has_its_day"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="refused") | Q(child_event__isnull=False), name="newborn_refusal_is_a_child_event"
            ),
        ]
        indexes = [
            # a keeper's paths, newest first
            models.Index(fields=["keeper", "-signalled_on", "-id"], name="newborn_risk_keeper"),
            # the organisation's paths; reports: outcomes of a period
            models.Index(fields=["organisation", "outcome", "outcome_on"], name="newborn_risk_outcome"),
        ]

    def __str__(self):
        return f"Запись № {self.number}/{self.year}"

    def get_absolute_url(self):
        return reverse("cases:newborn-detail", args=[self.pk])

    @classmethod
    def start(cls, family, *, by, woman, keeper, group, signalled_on, referral=None, **fields) -> "NewbornRisk":
        """Begin the path of `woman` of `family`; the meeting with her and the first questionnaire fall due at once.

        Raises Refused for somebody outside the family, for days that cannot be, for a keeper who is no curator here,
        and while another path of hers goes on.
        """
        today = timezone.localdate()
        if signalled_on > today:
            raise Refused("Дата сигнала ещё не наступила.")
        _check_days(fields.get("expected_on"), fields.get("born_on"), today)
        _check_keeper(keeper, by.organisation_id)
        if not family.members_on(today).filter(person=woman).exists():
            raise Refused("Женщина должна быть в составе семьи. Добавьте её на вкладке «Состав».")
        with transaction.atomic():
            family.lock()
            if cls.objects.filter(woman=woman, organisation=by.organisation).going_on().exists():
                raise Refused("По этой женщине уже есть открытая запись: продолжайте её.")
            risk = cls.objects.create(
                organisation=by.organisation,
                number=next_number(f"newborn:{by.organisation_id}", today.year),
                year=today.year,
                family=family,
                woman=woman,
                keeper=keeper,
                group=group,
                signalled_on=signalled_on,
                referral=referral,
                **fields,
            )
            risk.log("started", by=by, happened_on=signalled_on)
            risk._open(duties.NEWBORN_BEGIN, today)
            risk._await_outcome()
        return risk

    def amend(self, *, by, expected_on, born_on, group, circumstances):
        """Put down the days of the birth, or correct what is known; the outcome is awaited from the birth."""
        _check_days(expected_on, born_on, timezone.localdate())
        with transaction.atomic():
            self.lock_unchanged()
            self.expected_on, self.born_on = expected_on, born_on
            self.group, self.circumstances = group, circumstances
            self.save(update_fields=["expected_on", "born_on", "group", "circumstances"])
            self.log("amended", by=by)
            if not self.outcome:
                self._await_outcome()

    def assign(self, *, by, keeper):
        """The head gives the path to another curator of the organisation."""
        _check_keeper(keeper, self.organisation_id)
        with transaction.atomic():
            self._locked()
            self.keeper = keeper
            self.save(update_fields=["keeper"])
            self.log("assigned", by=by, keeper=keeper.pk)
            reassign(Obligation.objects.about(self), keeper)

    def conclude(self, *, by, outcome, day, note="", child=None):
        """Write down how it ended on `day`; a refusal is a child event of the territory, linked if it is known already.

        Raises Refused before the signal, for the future, and where FLOW knows no such step.
        """
        if not self.signalled_on <= day <= timezone.localdate():
            raise Refused(f"Дата исхода — от дня сигнала ({self.signalled_on:%d.%m.%Y}) до сегодняшнего дня.")
        with transaction.atomic():
            row = self._locked()
            if outcome not in self.FLOW[row.outcome]:
                raise Refused(f"Исход «{row.get_outcome_display()}» уже записан {row.outcome_on:%d.%m.%Y}.")
            if row.outcome_on and day < row.outcome_on:
                raise Refused(f"Прежний исход записан {row.outcome_on:%d.%m.%Y}: новый не может быть раньше.")
            if outcome == self.Outcome.REFUSED:
                self.child_event = self._refusal(day, child)
            self.outcome, self.outcome_on, self.outcome_note = outcome, day, note
            self.save(update_fields=["outcome", "outcome_on", "outcome_note", "child_event"])
            self.log("concluded", by=by, happened_on=day, outcome=outcome)
            close_obligations(self, duties.NEWBORN_OUTCOME, on=day)
            cancel_obligations(self)
            if outcome == self.Outcome.DOUBT:
                self._open(duties.NEWBORN_OUTCOME, day + datetime.timedelta(days=OUTCOME_DAYS))

    def _refusal(self, day, child) -> ChildEvent:
        known = ChildEvent.objects.filter(kind=ChildEvent.Kind.REFUSAL, family=self.family, happened_on=day).first()
        if known is not None:
            return known
        return ChildEvent.objects.create(
            kind=ChildEvent.Kind.REFUSAL,
            municipality=self.family.municipality,
            family=self.family,
            person=child,
            happened_on=day,
            confirmed=True,
        )

    def link_case(self, case, *, by):
        """The woman agreed to support: the path leads to the case of her family here."""
        if case.family_id != self.family_id or case.organisation_id != self.organisation_id:
            raise Refused("Связать можно только случай этой же семьи в Вашей организации.")
        with transaction.atomic():
            row = self._locked()
            if row.case_id is not None:
                raise Refused(f"Запись уже связана со случаем № {row.case.number}.")
            self.case = case
            self.save(update_fields=["case"])
            self.log("case_linked", by=by, case=case.pk)
            case.log("newborn_linked", by=by, newborn=self.pk)

    def log(self, kind, *, by, happened_on=None, **refs):
        """Append one event; `refs` are ids and codes only. The card's own history says nothing: more people read it."""
        return NewbornEvent.objects.create(
            risk=self, kind=kind, by=by, happened_on=happened_on or timezone.localdate(), refs=refs
        )

    def _await_outcome(self):
        birth = self.born_on or self.expected_on
        since = birth or self.signalled_on + datetime.timedelta(days=OUTCOME_DAYS * 2)
        self._open(duties.NEWBORN_OUTCOME, since + datetime.timedelta(days=OUTCOME_DAYS))

    def _open(self, duty, due_on):
        open_obligation(
            duty,
            self,
            due_on=due_on,
            assignee=self.keeper,
            organisation=self.organisation,
            title=f"{duty.title}: запись № {self.number}/{self.year}",
            path=self.get_absolute_url(),
        )

    def _locked(self) -> "NewbornRisk":
        return NewbornRisk.objects.select_for_update().get(pk=self.pk)


def _check_keeper(keeper, organisation_id):
    if keeper.organisation_id != organisation_id or keeper.role != Role.CURATOR or not keeper.is_active:
        raise Refused("Вести запись может только действующий куратор Вашей организации.")


def _check_days(expected_on, born_on, today):
    if born_on and born_on > today:
        raise Refused("Дата рождения ребёнка ещё не наступила. Запишите её в поле «Предполагаемая дата родов».")
    if expected_on and expected_on > today + datetime.timedelta(days=LONGEST_PREGNANCY_DAYS):
        raise Refused("До родов больше десяти месяцев. Проверьте дату.")


class NewbornEvent(AppendOnly):
    """История пути: ids, codes and dates only; read where the path is read."""

    TITLES = {
        "started": "Начата запись",
        "amended": "Уточнены сведения",
        "assigned": "Назначен другой куратор",
        "asked": "Заполнена анкета",
        "near_added": "Записан человек из близкого окружения",
        "near_amended": "Уточнены сведения о близком человеке",
        "helped": "Записана помощь",
        "concluded": "Записан исход",
        "case_linked": "Связано со случаем",
    }

    risk = models.ForeignKey(NewbornRisk, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now, editable=False)
    happened_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    refs = models.JSONField(default=dict)

    class Meta:
        ordering = ["-happened_on", "-pk"]
        indexes = [models.Index(fields=["risk", "-happened_on", "-id"], name="newborn_event_of_risk")]

    def __str__(self):
        return f"{self.kind} {self.happened_on}"

    @property
    def title(self) -> str:
        outcome = self.refs.get("outcome")
        words = self.TITLES.get(self.kind, "Запись")
        return f"{words}: {NewbornRisk.Outcome(outcome).label}" if outcome else words
