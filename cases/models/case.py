"""Случай: one episode of support of one family by one organisation (domain.md §2)."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cases import acts, terms
from cases.models.history import CaseEvent, CaseMember
from cases.models.querysets import CaseQuerySet
from cases.words import (
    FLOW,
    OPEN_STAGES,
    SUPPORTED_STAGES,
    CaseForm,
    ClosureReason,
    Ground,
    Level,
    Outcome,
    Stage,
)
from families.categories import Category
from families.models import Family, FamilyMembership, Referral
from families.names import number_key
from sopr import profile
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.calendar import add_months
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.obligations.engine import reassign
from sopr.obligations.kinds import kind_of
from sopr.obligations.models import Obligation
from sopr.web.models import Versioned


class Case(Versioned):
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

    # -- opening ---------------------------------------------------------------------------------------------------

    @classmethod
    def open_for(cls, family, *, by, curator, referral=None, form=CaseForm.GROUP, ground=Ground.APPEAL, previous=None):
        """Open a case of `family` in the actor's organisation at stage «диагностика».

        Raises Refused without a written application, without consents of every adult and for every child, without
        a primary category, or while another case is open here (domain.md §2, row 2).
        """
        today = timezone.localdate()
        missing = cls.missing_for_opening(family, by.organisation)
        if missing:
            raise Refused("Случай открыть нельзя: " + "; ".join(missing) + ".")
        if previous is None:
            previous = (
                family.cases.filter(organisation=by.organisation, stage=Stage.CLOSED).order_by("-closed_on").first()
            )
        with transaction.atomic():
            case = cls.objects.create(
                number=_next_case_number(today.year),
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
            case.cover_default_members(today)
            case.curator_assignments.create(user=curator, since=today)
            case.log("opened", by=by)
            if referral is not None:
                referral.accept(by=by)
            terms.reset(case)
        return case

    @classmethod
    def open_by_transfer(cls, former, *, by, organisation, curator, stage) -> "Case":
        """The same support going on in another organisation from today; CaseTransfer.accept calls it."""
        today = timezone.localdate()
        case = cls.objects.create(
            number=_next_case_number(today.year),
            family=former.family,
            organisation=organisation,
            form=former.form,
            stage=stage,
            ground=former.ground,
            primary_category=former.primary_category,
            curator=curator,
            level=former.level,
            level_term_on=former.level_term_on,
            opened_on=today,
            accepted_on=today if stage == Stage.ACTIVE else None,
            transferred_from=former,
        )
        former.family.holders.add(organisation)
        case.curator_assignments.create(user=curator, since=today)
        case.log("transferred_in", by=by, stage=stage, case=former.pk, organisation=former.organisation_id)
        return case

    @classmethod
    def missing_for_opening(cls, family, organisation) -> list[str]:
        """What is still missing before a case may be opened, as Russian phrases; empty when nothing is."""
        return list(cls.lacks_for_opening(family, organisation).values())

    @classmethod
    def lacks_for_opening(cls, family, organisation) -> dict[str, str]:
        """The same by what is lacking: «open_case», «category», «application», «consent», «members» → phrase."""
        today = timezone.localdate()
        lacks = {}
        if cls.objects.filter(family=family, organisation=organisation).open().exists():
            lacks["open_case"] = "у семьи уже есть открытый случай в Вашей организации"
        if not family.primary_category_on(today):
            lacks["category"] = "не указана основная категория семьи"
        if not family.applications.filter(organisation=organisation).exists():
            lacks["application"] = "нет письменного заявления семьи"
        consented = set(
            family.consents.filter(operator=organisation, withdrawn_on=None)
            .filter(Q(until=None) | Q(until__gte=today))
            .values_list("subject_id", flat=True)
        )
        members = list(family.members_on(today))
        without = [member.person.full_name for member in members if member.person_id not in consented]
        if without:
            lacks["consent"] = "нет согласия на обработку данных: " + ", ".join(without)
        if not members:
            lacks["members"] = "не указан состав семьи"
        return lacks

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

    def cover_default_members(self, day):
        """Cover children and their legal representatives (decisions.md, «Persons a case covers»)."""
        covered = [FamilyMembership.Relation.CHILD, *FamilyMembership.REPRESENTATIVES]
        people = self.family.members_on(day).filter(Q(relation__in=covered) | Q(is_representative=True))
        CaseMember.objects.bulk_create(
            [
                CaseMember(case=self, person_id=person)
                for person in people.values_list("person_id", flat=True).distinct()
            ],
            ignore_conflicts=True,
        )

    def assign_curator(self, curator, *, by, since=None):
        """The head gives the case to a curator of the organisation from `since` (today if None)."""
        since = since or timezone.localdate()
        if curator.organisation_id != self.organisation_id or curator.role != Role.CURATOR or not curator.is_active:
            raise Refused("Куратором может быть только действующий куратор Вашей организации.")
        with transaction.atomic():
            row = self._locked()
            reason = acts.why_not_assign(row)
            if reason:
                raise Refused(reason)
            if since > timezone.localdate():
                raise Refused("Дата закрепления ещё не наступила.")
            current = self.curator_assignments.filter(until=None).first()
            if current is not None and since < current.since:
                raise Refused(
                    f"Нынешний куратор закреплён с {current.since:%d.%m.%Y}: укажите этот день или более поздний."
                )
            self._set_curator(curator, since)
            self.save(update_fields=["curator"])
            self.log("curator_assigned", by=by, happened_on=since, curator=curator.pk)
            terms.reset(self)
            reassign(Obligation.objects.filter(case_id=self.pk, subject_type__startswith="cases."), curator)

    def _set_curator(self, curator, since):
        current = self.curator_assignments.filter(until=None).first()
        if current is not None and current.user_id == curator.pk:
            return
        if current is not None:
            if current.since >= since:
                current.delete()  # replaced on the day it began: nothing to remember but the event
            else:
                current.until = since - datetime.timedelta(days=1)
                current.save(update_fields=["until"])
        self.curator_assignments.create(user=curator, since=since)
        self.curator = curator

    # -- the council's verbs -----------------------------------------------------------------------------------------

    def missing_for_council(self) -> list[str]:
        """What the pack still lacks before the council may see the case (domain.md §2, row 3)."""
        return [phrase for phrases in self.lacks_for_council().values() for phrase in phrases]

    def lacks_for_council(self) -> dict[str, list[str]]:
        """The same by what is lacking: «survey», «assessment», «programme», «goals» → phrases."""
        lacks = {}
        if not self.family.home_surveys.filter(organisation=self.organisation_id).exists():
            lacks["survey"] = ["нет акта обследования условий жизни"]
        assessment = self.assessments.order_by("done_on", "pk").last()
        if assessment is None:
            lacks["assessment"] = ["не проведена диагностика"]
        revisions = list(self.draft_revisions())
        if not revisions:
            lacks["programme"] = ["не составлен проект ИПСС"]
        if assessment is not None and revisions:
            without = assessment.domains_without_plan(revisions)
            if without:
                lacks["goals"] = without
        return lacks

    def draft_revisions(self):
        """Revisions of the case's programmes that wait for the council."""
        from cases.models.programme import ProgrammeRevision

        return ProgrammeRevision.objects.filter(programme__case=self, state=ProgrammeRevision.State.DRAFT)

    def put_to_council(self, *, by):
        """The pack is whole and goes to the council; raises Refused with the list of what is missing."""
        missing = self.missing_for_council()
        if missing:
            raise Refused("На совет вынести нельзя: " + "; ".join(missing) + ".")
        with transaction.atomic():
            self._move(Stage.COUNCIL, by=by, event="put_to_council")
            terms.reset(self)

    def accept(self, *, by, decision, level, curator, revisions):
        """Start support by a council's decision; raises Refused outside stage «на совете» (domain.md §2, row 4).

        `decision` names its day (`decided_on`) and itself (`basis`); the approved revisions become immutable.
        """
        day = decision.decided_on
        rule = profile.current().accepted_on_rule
        with transaction.atomic():
            self._move(
                Stage.ACTIVE,
                by=by,
                event="accepted",
                only_from=(Stage.COUNCIL,),
                happened_on=day,
                decision=decision,
                accepted_on=day if rule == "decision" else None,
                primary_category=self.family.primary_category_on(day) or self.primary_category,
            )
            self._set_curator(curator, day)
            self.save(update_fields=["curator"])
            self._start_level(level, day, decision)
            for revision in revisions:
                revision.approve(decision=decision, by=by)
            terms.reset(self)

    def refuse(self, *, by, decision, reason):
        """The council does not recognise the need; the reason is kept with the decision."""
        self._move(Stage.REFUSED, by=by, event="refused", happened_on=decision.decided_on, decision=decision)
        terms.reset(self)

    def return_to_assessment(self, *, by, decision=None):
        """The council (or the secretary) sends the case back for a better pack."""
        self._move(Stage.ASSESSMENT, by=by, event="returned", decision=decision)
        terms.reset(self)

    def change_level(self, *, by, decision, level):
        """Move to another level by a council's decision; the former period ends the day before."""
        with transaction.atomic():
            row = self._locked()
            self._require_supported(row)
            if row.level == level:
                raise Refused(f"Семья уже на уровне «{Level(level).label}». Выберите другой или продлите срок.")
            self._start_level(level, decision.decided_on, decision)
            self.log("level_changed", by=by, happened_on=decision.decided_on, level=level, decision=decision.pk)
            terms.reset(self)

    def prolong(self, *, by, decision):
        """A new term of the same level by a council's decision."""
        with transaction.atomic():
            row = self._locked()
            self._require_supported(row)
            self._start_level(row.level, decision.decided_on, decision)
            self.log("prolonged", by=by, happened_on=decision.decided_on, level=row.level, decision=decision.pk)
            terms.reset(self)

    def approve_programme(self, *, by, decision, revisions):
        """The council approves amended revisions of a running programme."""
        with transaction.atomic():
            self._require_supported(self._locked())
            for revision in revisions:
                revision.approve(decision=decision, by=by)
            self.log("programme_approved", by=by, happened_on=decision.decided_on, decision=decision.pk)

    def remove(self, *, by, decision, outcome, reason, aftercare=True):
        """Снятие с сопровождения by the council's decision: to aftercare, or at once closed (domain.md §2, row 7)."""
        self._finish(
            Stage.AFTERCARE if aftercare else Stage.CLOSED,
            by=by,
            day=decision.decided_on,
            outcome=outcome,
            reason=reason,
            event="removed",
            only_from=SUPPORTED_STAGES,
            decision=decision,
        )

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
            )
            self.level_periods.filter(until=None).update(until=day)
            self.curator_assignments.filter(until=None, since__lte=day).update(until=day)
            self.suspensions.filter(until=None, since__lte=day).update(until=day)
            self.contracts.filter(terminated_on=None, signed_on__lte=day).update(terminated_on=day)
            terms.drop_activities(self.activities.filter(state__in=("planned", "reported")))
            if stage == Stage.AFTERCARE:
                self.plan_aftercare(day)
            terms.reset(self)

    def plan_aftercare(self, day):
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

    def _start_level(self, level, day, decision):
        if level not in Level.values:
            raise Refused("Укажите уровень сопровождения.")
        term = add_months(day, profile.current().levels[level].months)
        former = self.level_periods.filter(until=None).first()
        if former is not None:
            if former.since >= day:
                raise Refused(f"Действующий уровень установлен {former.since:%d.%m.%Y}: решение не может быть раньше.")
            former.until = day - datetime.timedelta(days=1)
            former.save(update_fields=["until"])
        self.level_periods.create(level=level, since=day, term_on=term, decision=decision.pk, basis=decision.basis)
        self.level, self.level_term_on = level, term
        self.save(update_fields=["level", "level_term_on"])

    def _require_not_before(self, day):
        """A case cannot end, or pause, before it began, was accepted, or got its present level."""
        since = self.level_periods.filter(until=None).values_list("since", flat=True).first()
        start = max(filter(None, [self.opened_on, self.accepted_on, since]))
        if day < start:
            raise Refused(
                f"Дата не может быть раньше {start:%d.%m.%Y}: с этого дня действует нынешнее положение случая."
            )

    def _require_supported(self, row):
        if row.stage not in SUPPORTED_STAGES:
            raise Refused(
                f"Случай не на сопровождении (этап «{row.get_stage_display()}»): это решение к нему неприменимо."
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
            refs = {"decision": decision.pk} if decision is not None else {}
            self.log(event, by=by, happened_on=happened_on, stage=stage, **refs)

    def log(self, kind, *, by=None, happened_on=None, **refs):
        """Append one event; `refs` are ids, codes and dates, never personal text."""
        return CaseEvent.objects.create(
            case=self, kind=kind, by=by, happened_on=happened_on or timezone.localdate(), refs=refs
        )


def _next_case_number(year: int) -> str:
    while True:
        number = f"{year}-{next_number('case', year):04d}"
        if not Case.objects.filter(number=number).exists():
            return number
