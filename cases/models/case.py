"""Случай: one episode of support of one family by one organisation (domain.md §2)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Max, Q, Value
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone

from cases import acts, lacks, terms
from cases.models.decided import DecidedByCouncil
from cases.models.history import CaseEvent, CaseMember, CuratorAssignment
from cases.models.querysets import CaseQuerySet
from cases.words import FLOW, OPEN_STAGES, CaseForm, ClosureReason, Ground, Level, Outcome, Stage
from families.categories import Category
from families.models import Family, Referral
from families.names import number_key
from sopr import profile
from sopr.accounts.models import Organisation
from sopr.calendar import add_months
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.obligations.engine import reassign
from sopr.obligations.kinds import kind_of
from sopr.obligations.models import Obligation
from sopr.web.models import Versioned

# Why a contract ends with the case, by the reason of the removal; by the council's decision otherwise.
CONTRACT_ENDS_BY = {
    ClosureReason.GOALS_REACHED: "goals",
    ClosureReason.FAMILY_REFUSED: "family",
    ClosureReason.MOVED: "moved",
    ClosureReason.TRANSFERRED: "transferred",
}


class Case(DecidedByCouncil, Versioned):
    number = models.CharField("номер", max_length=40, unique=True)
    number_key = models.CharField(max_length=120, editable=False)
    family = models.ForeignKey(Family, models.PROTECT, related_name="cases", verbose_name="семья")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="cases", verbose_name="организация")
    form = models.CharField("форма", max_length=12, choices=CaseForm, default=CaseForm.GROUP)
    stage = models.CharField("этап", max_length=12, choices=Stage, default=Stage.ASSESSMENT, editable=False)
    ground = models.CharField("основание", max_length=16, choices=Ground, default=Ground.APPEAL)
    primary_category = models.CharField("основная категория", max_length=32, choices=Category)
    curator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name="куратор"
    )
    level = models.CharField("уровень", max_length=12, choices=Level, blank=True, editable=False)
    level_term_on = models.DateField("срок уровня", null=True, editable=False)
    opened_on = models.DateField("открыт", default=timezone.localdate)
    accepted_on = models.DateField("принят", null=True, blank=True, editable=False)
    contracted_on = models.DateField("договор", null=True, blank=True, editable=False)
    closed_on = models.DateField("снят", null=True, blank=True, editable=False)
    outcome = models.CharField("результат", max_length=12, choices=Outcome, blank=True, editable=False)
    closure_reason = models.CharField(
        "причина снятия", max_length=24, choices=ClosureReason, blank=True, editable=False
    )
    referral = models.OneToOneField(Referral, models.PROTECT, null=True, blank=True, related_name="case")
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="returns")
    transferred_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="transfers")
    suspended_on = models.DateField("приостановлен с", null=True, blank=True, editable=False)
    imported = models.BooleanField("перенесён из прежней системы", default=False, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "случай"
        verbose_name_plural = "случаи"
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["family", "organisation"],
                condition=Q(stage__in=OPEN_STAGES),
                name="one_open_case_per_family_and_organisation",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(accepted_on=None) | Q(closed_on__gte=F("accepted_on")),
                name="case_accepted_before_closed",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(accepted_on=None) | ~Q(outcome=""), name="closed_case_has_outcome"
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=(Stage.AFTERCARE, Stage.CLOSED)) | Q(closed_on__isnull=False),
                name="finished_case_has_closing_date",
            ),
        ]
        indexes = [
            # the organisation's cases by stage, newest first
            models.Index(fields=["organisation", "stage", "-opened_on", "-id"], name="case_organisation_stage"),
            # «Мой день»: a curator's cases by the end of their level
            models.Index(fields=["curator", "stage", "level_term_on"], name="case_curator_term"),
            # reports: stock and flows by valid dates
            models.Index(fields=["accepted_on", "closed_on"], name="case_accepted_closed"),
            # search box: a case by its number; list of cases sorted by number
            models.Index(fields=["number_key", "id"], name="case_number_key"),
        ]

    def __str__(self):
        return f"Случай № {self.number}"

    def save(self, *args, update_fields=None, **kwargs):
        self.fill_keys()
        super().save(*args, update_fields=update_fields, **kwargs)

    def fill_keys(self) -> set[str]:
        """Derive the column that sorts numbers; returns its name (bulk writers need it too)."""
        self.number_key = number_key(self.number)
        return {"number_key"}

    def get_absolute_url(self):
        return reverse("cases:case-detail", args=[self.pk])

    # -- opening -----------------------------------------------------------------------------------------------------

    @classmethod
    def open_for(
        cls,
        family,
        *,
        by,
        curator,
        referral=None,
        form=CaseForm.GROUP,
        ground=Ground.APPEAL,
        previous=None,
        person=None,
    ):
        """Open a case of `family` in the actor's organisation at stage «диагностика».

        Raises Refused without a written application, without consents of every adult and for every child, without
        a primary category, or while another case is open here (domain.md §2, row 2). A family that comes back gets
        a case that points to the `previous` one, whose aftercare, if it still goes on, ends with that. A group case
        covers the children and their representatives, an individual one the `person` it is opened for (§2).
        """
        today = timezone.localdate()
        missing = cls.missing_for_opening(family, by.organisation)
        if missing:
            raise Refused("Случай открыть нельзя: " + "; ".join(missing) + ".")
        if form == CaseForm.INDIVIDUAL and person is None:
            raise Refused("Индивидуальная форма: выберите, кого охватывает случай.")
        if previous is None:
            previous = (
                family.cases.filter(organisation=by.organisation, stage__in=(Stage.AFTERCARE, Stage.CLOSED))
                .order_by("-closed_on", "-pk")
                .first()
            )
        with transaction.atomic():
            if previous is not None and previous.stage == Stage.AFTERCARE:
                previous.interrupt_aftercare(by=by)
            case = cls.objects.create(
                number=next_case_number(today.year),
                family=family,
                organisation=by.organisation,
                form=form,
                ground=ground,
                primary_category=family.primary_category_on(today),
                curator=curator,
                referral=referral,
                previous=previous,
                opened_on=today,
            )
            family.holders.add(by.organisation)
            CaseMember.cover(case, today, person=person if form == CaseForm.INDIVIDUAL else None)
            case.curator_assignments.create(user=curator, since=today)
            case.log("opened", by=by)
            if referral is not None:
                referral.accept(by=by)
            terms.reset(case)
        return case

    @classmethod
    def missing_for_opening(cls, family, organisation) -> list[str]:
        """What is still missing before a case may be opened, as Russian phrases; empty when nothing is."""
        return list(lacks.for_opening(family, organisation).values())

    @property
    def next_due_title(self) -> str:
        """Title of the nearest obligation, of a case read by `with_next_due`."""
        return kind_of(self.next_due_kind).title if self.next_due_kind else ""

    @property
    def last_contact_title(self) -> str:
        """How the family was last reached, of a case read by `with_last_contact`."""
        kinds = dict(self._meta.get_field("contacts").related_model.Kind.choices)
        return kinds.get(self.last_contact_kind, "")

    def days_of_level_left(self, today) -> int | None:
        """Days until the level's longest term ends (negative when past); None without a level."""
        return (self.level_term_on - today).days if self.level_term_on else None

    def assign_curator(self, curator, *, by, since=None):
        """The head gives the case to a curator of the organisation from `since` (today if None)."""
        since = since or timezone.localdate()
        with transaction.atomic():
            reason = acts.why_not_assign(self._locked()) or CuratorAssignment.why_not(self, curator, since)
            if reason:
                raise Refused(reason)
            CuratorAssignment.begin(self, curator, since)
            self.log("curator_assigned", by=by, happened_on=since, curator=curator.pk)
            terms.reset(self)
            reassign(Obligation.objects.filter(case_id=self.pk, subject_type__startswith="cases."), curator)

    # -- ending and pausing --------------------------------------------------------------------------------------------

    def close_at_familys_wish(self, *, by, day, outcome):
        """The family itself refuses further support: possible at any moment, without the council."""
        if day > timezone.localdate():
            raise Refused("Дата отказа ещё не наступила.")
        self._finish(
            Stage.CLOSED, by=by, day=day, outcome=outcome, reason=ClosureReason.FAMILY_REFUSED, event="family_refused"
        )

    def end_by_transfer(self, *, by, day):
        """Support goes on in another organisation: neither an outcome of its own nor a decision of the council."""
        self._finish(
            Stage.CLOSED,
            by=by,
            day=day,
            outcome=Outcome.UNCHANGED,
            reason=ClosureReason.TRANSFERRED,
            event="transferred_out",
        )

    def _finish(self, stage, *, by, day, outcome, reason, event, only_from=OPEN_STAGES, decision=None):
        if outcome not in Outcome.values or reason not in ClosureReason.values:
            raise Refused("Укажите результат и причину снятия: без них случай не завершается.")
        self._require_not_before(day)
        with transaction.atomic():
            self._move(
                stage,
                by=by,
                event=event,
                only_from=only_from,
                happened_on=day,
                decision=decision,
                closed_on=day,
                outcome=outcome,
                closure_reason=reason,
                level="",
                level_term_on=None,
                suspended_on=None,
            )
            self.level_periods.filter(until=None).update(until=day)
            self.curator_assignments.filter(until=None, since__lte=day).update(until=day)
            self.curator_assignments.filter(until=None).update(until=F("since"))  # given on a later day than it ended
            self.stand_in_periods.cut(day)
            self.suspensions.filter(until=None).update(until=day)
            ended = self.contracts.filter(terminated_on=None)  # one signed on a later day ends with that day
            ended.update(
                terminated_on=Greatest(F("signed_on"), Value(day)),
                termination_reason=CONTRACT_ENDS_BY.get(reason, "council"),
            )
            for route in self.routes.going():
                route.case = self
                route.end_with_case(by=by, day=day, transferred=reason == ClosureReason.TRANSFERRED)
            terms.drop_activities(self.activities.open())
            terms.drop_words(self)
            self.certificates.in_force().update(withdrawn_on=timezone.localdate(), withdrawal="ended")
            if stage == Stage.AFTERCARE:
                self._plan_aftercare(day)
            terms.reset(self)

    def _plan_aftercare(self, day):
        """One check a month during the profile's months of aftercare."""
        months = profile.current().deadlines.aftercare_months
        for month in range(1, months + 1):
            self.aftercare_checks.create(due_on=add_months(day, month))

    def finish_aftercare(self, *, by):
        """Постсопровождение is over once every planned check has its result."""
        if self.aftercare_checks.filter(done_on=None).exists():
            raise Refused("Постсопровождение завершается, когда записаны все запланированные проверки.")
        self._move(Stage.CLOSED, by=by, event="aftercare_finished", only_from=(Stage.AFTERCARE,))
        terms.reset(self)

    def interrupt_aftercare(self, *, by):
        """The family comes back to support: the checks still planned are not needed any more."""
        self._move(Stage.CLOSED, by=by, event="aftercare_interrupted", only_from=(Stage.AFTERCARE,))
        terms.reset(self)

    def suspend(self, *, by, reason, day=None):
        """The head suspends support (in-patient treatment, away) from `day`, today if None; the reason is kept."""
        day = day or timezone.localdate()
        if not reason.strip():
            raise Refused("Укажите причину приостановления.")
        if day > timezone.localdate():
            raise Refused("Дата приостановления ещё не наступила.")
        self._require_not_before(day)
        with transaction.atomic():
            self._move(Stage.SUSPENDED, by=by, event="suspended", happened_on=day, suspended_on=day)
            self.suspensions.create(since=day, reason=reason, by=by)
            terms.reset(self)

    def resume(self, *, by, day=None):
        """The head resumes support from `day`, today if None; raises Refused before the day of suspension."""
        day = day or timezone.localdate()
        if day > timezone.localdate():
            raise Refused("Дата возобновления ещё не наступила.")
        if self.suspended_on and day < self.suspended_on:
            raise Refused(f"Сопровождение приостановлено с {self.suspended_on:%d.%m.%Y}: возобновить раньше нельзя.")
        with transaction.atomic():
            self._move(
                Stage.ACTIVE, by=by, event="resumed", only_from=(Stage.SUSPENDED,), happened_on=day, suspended_on=None
            )
            self.suspensions.filter(until=None).update(until=day)
            terms.reset(self)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _require_not_before(self, day):
        """A case cannot end, or pause, before it began, was accepted, got its present level, last paused, or moved."""
        since = self.level_periods.filter(until=None).values_list("since", flat=True).first()
        paused = self.suspensions.order_by("since", "pk").last()
        paused_on = (paused.until or paused.since) if paused else None
        moved_on = self.events.filter(refs__has_key="stage").aggregate(on=Max("happened_on"))["on"]
        start = max(filter(None, [self.opened_on, self.accepted_on, since, paused_on, moved_on]))
        if day < start:
            raise Refused(
                f"Дата не может быть раньше {start:%d.%m.%Y}: с этого дня действует нынешнее положение случая."
            )

    def _locked(self) -> "Case":
        return Case.objects.select_for_update().get(pk=self.pk)

    def _move(self, stage, *, by, event, only_from=None, happened_on=None, decision=None, **changes):
        """The only writer of `stage`: lock, ask FLOW, write own columns, append one event, one transaction.

        Where several roads lead to one stage, `only_from` names the stages from which this one starts.
        """
        with transaction.atomic():
            row = self._locked()
            if stage not in FLOW[row.stage] or row.stage not in (only_from or FLOW):
                raise Refused(
                    f"{self}: с этапа «{row.get_stage_display()}» перейти на этап «{Stage(stage).label}» нельзя. "
                    "Обновите страницу: возможно, случай уже изменил другой сотрудник."
                )
            self.stage = stage
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["stage", *changes])
            if not FLOW[stage]:  # nothing follows: what was promised for later is off
                self.visits.drop("случай завершён")
            refs = {"decision": decision.pk} if decision is not None else {}
            self.log(event, by=by, happened_on=happened_on, stage=stage, **refs)

    def log(self, kind, *, by=None, happened_on=None, **refs):
        """Append one event; `refs` are ids, codes and dates, never personal text."""
        return CaseEvent.objects.create(
            case=self, kind=kind, by=by, happened_on=happened_on or timezone.localdate(), refs=refs
        )


def next_case_number(year: int) -> str:
    """The next free number of the year, past those that came with an import."""
    while True:
        number = f"{year}-{next_number('case', year):04d}"
        if not Case.objects.filter(number=number).exists():
            return number
