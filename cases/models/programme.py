"""ИПСС: a programme, its revisions (immutable once approved), goals and activities (domain.md §2, «Programme»)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cases import acts, terms
from cases.models.case import Case
from cases.models.querysets import CasePartQuerySet
from cases.words import Domain, HelpKind, Level, Stage
from families.models import Person
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import is_overdue
from sopr.errors import Refused
from sopr.web.models import Versioned


class Programme(models.Model):
    """One for the family, or one for each member, as the profile says (`person` is empty for the family's)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="programmes")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="programmes")

    class Meta:
        verbose_name = "ИПСС"
        verbose_name_plural = "ИПСС"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], name="one_programme_per_member"),
            models.UniqueConstraint(fields=["case"], condition=Q(person=None), name="one_programme_per_family"),
        ]

    def __str__(self):
        return f"ИПСС: {self.person}" if self.person_id else "ИПСС семьи"

    @property
    def number(self) -> str:
        """The case's number; a member's programme adds his own: «2026-0012/3»."""
        return f"{self.case.number}/{self.pk}" if self.person_id else self.case.number

    @classmethod
    def start(cls, case, *, by, since, until, level, person=None, resources="", duties=""):
        """Begin a programme with its first draft revision; raises Refused when one exists or the case is finished."""
        reason = acts.why_not_draft(case)
        if reason:
            raise Refused(reason)
        _check_period(since, until)
        if case.programmes.filter(person=person).exists():
            raise Refused("ИПСС уже составлена. Чтобы изменить утверждённую, создайте новую редакцию.")
        with transaction.atomic():
            programme = cls.objects.create(case=case, person=person)
            revision = programme.revisions.create(
                number=1, since=since, until=until, level=level, resources=resources, duties=duties, by=by
            )
            case.log("programme_drafted", by=by, revision=revision.pk)
        return revision

    def carry_over(self, case, *, by) -> "Programme":
        """The same programme in the case that goes on in another organisation: the revision in force, or the draft.

        Activities that are not finished go on there; what the former service did itself, the new one does.
        """
        source = self.approved or self.draft
        programme = Programme.objects.create(case=case, person=self.person)
        if source is None:
            return programme
        kept = ("state", "level", "since", "until", "resources", "duties", "approved_on", "decision", "basis")
        revision = programme.revisions.create(number=1, by=by, **{name: getattr(source, name) for name in kept})
        for goal in source.goals.all():
            goal.copy_to(revision)
        own = revision.activities()
        own.update(case=case, continues=None)
        own.filter(agency=self.case.organisation_id).update(agency=case.organisation_id)
        if source.state == ProgrammeRevision.State.APPROVED:
            terms.open_activities(own)
        return programme

    @property
    def approved(self):
        """The revision in force, or None."""
        return self.revisions.filter(state=ProgrammeRevision.State.APPROVED).first()

    @property
    def draft(self):
        return self.revisions.filter(state=ProgrammeRevision.State.DRAFT).first()

    def amend(self, *, by):
        """Copy the approved revision into a new draft; unfinished activities come along (domain.md §2)."""
        reason = acts.why_not_draft(self.case)
        if reason:
            raise Refused(reason)
        current = self.approved
        if current is None or self.draft is not None:
            raise Refused("Новая редакция создаётся, когда есть утверждённая и нет другого проекта.")
        with transaction.atomic():
            revision = self.revisions.create(
                number=current.number + 1,
                since=timezone.localdate(),
                until=max(current.until, timezone.localdate()),
                level=self.case.level or current.level,
                resources=current.resources,
                duties=current.duties,
                by=by,
            )
            for goal in current.goals.prefetch_related("activities"):
                goal.copy_to(revision)
            self.case.log("programme_drafted", by=by, revision=revision.pk)
        return revision


def _check_period(since, until):
    if until < since:
        raise Refused("ИПСС заканчивается раньше, чем начинается. Проверьте даты.")


class RevisionQuerySet(CasePartQuerySet):
    road = "programme__case"

    def for_reading(self):
        """With everything the programme's page shows, in a constant number of statements."""
        activities = Activity.objects.select_related("agency", "person", "reported_by").order_by("due_on", "pk")
        goals = Goal.objects.prefetch_related(models.Prefetch("activities", activities))
        return self.select_related("programme__case__family", "programme__person").prefetch_related(
            models.Prefetch("goals", goals)
        )


class ProgrammeRevision(Versioned):
    class State(models.TextChoices):
        DRAFT = "draft", "проект"
        APPROVED = "approved", "утверждена"
        SUPERSEDED = "superseded", "заменена"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField("редакция")
    state = models.CharField("состояние", max_length=12, choices=State, default=State.DRAFT, editable=False)
    level = models.CharField("уровень", max_length=12, choices=Level)
    since = models.DateField("с")
    until = models.DateField("по")
    resources = models.TextField("ресурсы семьи", blank=True)
    duties = models.TextField("обязательства семьи", blank=True)
    approved_on = models.DateField("утверждена", null=True, blank=True, editable=False)
    decision = models.BigIntegerField(null=True, blank=True, editable=False)  # id of councils.Decision
    basis = models.CharField("основание", max_length=200, blank=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = "редакция ИПСС"
        verbose_name_plural = "редакции ИПСС"
        ordering = ["programme", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="one_revision_per_number"),
            models.UniqueConstraint(fields=["programme"], condition=Q(state="draft"), name="one_draft_revision"),
            models.UniqueConstraint(fields=["programme"], condition=Q(state="approved"), name="one_approved_revision"),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="revision_since_before_until"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(approved_on__isnull=False), name="approved_revision_has_date"
            ),
        ]

    def __str__(self):
        return f"ИПСС, редакция {self.number}"

    @property
    def case(self):
        return self.programme.case

    def require_draft(self):
        """Raise Refused when the revision is approved: it is immutable then."""
        if self.state != self.State.DRAFT:
            raise Refused("Утверждённая редакция ИПСС не меняется. Создайте новую редакцию и вынесите её на совет.")
        if self.case.stage == Stage.COUNCIL or self.agenda_items.filter(state__in=("queued", "scheduled")).exists():
            raise Refused("Проект ИПСС уже вынесен на совет. Дождитесь решения или попросите секретаря вернуть его.")

    def approve(self, *, by, decision):
        """Become the revision in force by a council's decision; the former one is superseded."""
        if self.state != self.State.DRAFT:
            raise Refused(f"{self} уже утверждена.")
        with transaction.atomic():
            former = self.programme.approved
            if former is not None:
                ProgrammeRevision.objects.filter(pk=former.pk).update(
                    state=self.State.SUPERSEDED, version=F("version") + 1
                )
                self._carry_on(former)
            self.state, self.approved_on = self.State.APPROVED, decision.decided_on
            self.decision, self.basis = decision.pk, decision.basis
            self.save(update_fields=["state", "approved_on", "decision", "basis"])
            terms.open_activities(self.activities().filter(state__in=Activity.OPEN_STATES))

    def _carry_on(self, former):
        """Each activity that came along takes whatever happened to its origin; so each counts exactly once."""
        for activity in self.activities().exclude(continues=None).select_related("continues"):
            origin = activity.continues
            if origin.state != Activity.State.REPLACED:
                activity.take_over(origin)
                Activity.objects.filter(pk=origin.pk).update(state=Activity.State.REPLACED)
        left_out = former.activities().filter(state__in=Activity.OPEN_STATES)
        terms.drop_activities(former.activities())
        left_out.update(state=Activity.State.REPLACED)

    def activities(self):
        return Activity.objects.filter(goal__revision=self)

    def change(self, *, by, since, until, level, resources="", duties=""):
        """Change the draft's own fields; raises Refused once approved or before the council."""
        self.require_draft()
        _check_period(since, until)
        late = self.activities().filter(due_on__gt=until).count()
        if late:
            raise Refused(f"Мероприятий со сроком позже конца ИПСС: {late}. Сначала измените их сроки.")
        with transaction.atomic():
            self.lock_unchanged()
            self.since, self.until, self.level, self.resources, self.duties = since, until, level, resources, duties
            self.save(update_fields=["since", "until", "level", "resources", "duties"])

    def add_goal(self, *, by, domain, problem, text, criterion, family_wording="") -> "Goal":
        self.require_draft()
        return self.goals.create(
            domain=domain, problem=problem, text=text, criterion=criterion, family_wording=family_wording
        )


class GoalQuerySet(CasePartQuerySet):
    road = "revision__programme__case"


class Goal(Versioned):
    """Цель: what shall be reached in one problem domain, and how one will see it."""

    revision = models.ForeignKey(ProgrammeRevision, models.CASCADE, related_name="goals")
    domain = models.CharField("сфера", max_length=16, choices=Domain)
    problem = models.TextField("в чём трудность")
    text = models.TextField("цель")
    criterion = models.TextField("признак достижения")
    family_wording = models.TextField("цель словами семьи", blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = "цель"
        verbose_name_plural = "цели"
        ordering = ["pk"]

    def __str__(self):
        return self.text

    def add_activity(self, *, by, **fields) -> "Activity":
        """Plan an activity for this goal; raises Refused when the revision is approved or the date lies outside it."""
        self.revision.require_draft()
        _check_due(self.revision, fields["due_on"])
        return self.activities.create(case=self.revision.programme.case, **fields)

    def change(self, *, by, **fields):
        """Reword the goal of a draft."""
        self.revision.require_draft()
        with transaction.atomic():
            self.lock_unchanged()
            for name, value in fields.items():
                setattr(self, name, value)
            self.save(update_fields=[*fields])

    def drop(self, *, by):
        """Delete the goal of a draft together with its activities."""
        self.revision.require_draft()
        self.delete()

    def copy_to(self, revision):
        """The same goal in another revision, with the activities that are not finished."""
        copy = revision.goals.create(
            domain=self.domain,
            problem=self.problem,
            text=self.text,
            criterion=self.criterion,
            family_wording=self.family_wording,
        )
        for activity in self.activities.filter(state__in=Activity.OPEN_STATES):
            copy.activities.create(
                case_id=activity.case_id,
                kind=activity.kind,
                title=activity.title,
                agency_id=activity.agency_id,
                person_id=activity.person_id,
                due_on=activity.due_on,
                continues=activity,
            )


def _check_due(revision, due_on):
    if not revision.since <= due_on <= revision.until:
        raise Refused(
            f"Срок мероприятия — внутри срока ИПСС: с {revision.since:%d.%m.%Y} по {revision.until:%d.%m.%Y}."
        )


class ActivityQuerySet(ScopedQuerySet):
    def for_executor(self, user):
        """What the executor's agency was asked to do by an approved programme."""
        return self.filter(agency=user.organisation_id).exclude(goal__revision__state="draft")

    def for_curator(self, user):
        return self.filter(case__organisation=user.organisation_id, case__curator=user)

    def for_head(self, user):
        return self.filter(case__organisation=user.organisation_id)

    def counted(self):
        """Activities that count for the share done: neither drafts nor those carried into a later revision."""
        return self.exclude(state=Activity.State.REPLACED).exclude(goal__revision__state="draft")


class Activity(Versioned):
    """Мероприятие: planned → reported by the executor → accepted as adequate by the curator, or not done."""

    class State(models.TextChoices):
        PLANNED = "planned", "запланировано"
        REPORTED = "reported", "исполнитель отчитался"
        DONE = "done", "исполнено"
        NOT_DONE = "not_done", "не исполнено"
        REPLACED = "replaced", "перенесено в новую редакцию"

    class NotDoneReason(models.TextChoices):
        FAMILY_REFUSED = "family_refused", "семья отказалась"
        AGENCY_FAILED = "agency_failed", "ведомство не смогло"
        NO_LONGER_NEEDED = "no_longer_needed", "больше не нужно"
        OTHER = "other", "иное"

    OPEN_STATES = ("planned", "reported")

    case = models.ForeignKey(Case, models.PROTECT, related_name="activities")
    goal = models.ForeignKey(Goal, models.CASCADE, null=True, blank=True, related_name="activities")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="для кого")
    kind = models.CharField("вид помощи", max_length=16, choices=HelpKind)
    title = models.CharField("мероприятие", max_length=300)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="activities", verbose_name="исполнитель")
    due_on = models.DateField("срок")
    state = models.CharField("состояние", max_length=12, choices=State, default=State.PLANNED, editable=False)
    reported_on = models.DateField("отчёт исполнителя", null=True, blank=True, editable=False)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    done_on = models.DateField("исполнено", null=True, blank=True)
    result = models.TextField("результат", blank=True)
    not_done_reason = models.CharField("причина неисполнения", max_length=20, choices=NotDoneReason, blank=True)
    remark = models.TextField("замечание куратора", blank=True, editable=False)
    continues = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )  # the activity of the former revision that this one carries on

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "мероприятие"
        verbose_name_plural = "мероприятия"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_on__isnull=False), name="done_activity_has_date"
            ),
            models.CheckConstraint(
                condition=~Q(state="not_done") | ~Q(not_done_reason=""), name="not_done_activity_has_reason"
            ),
        ]
        indexes = [
            # the executor's page: an agency's activities by state and due date
            models.Index(fields=["agency", "state", "due_on"], name="activity_agency_state"),
            # reports: performed activities in a period
            models.Index(fields=["state", "done_on"], name="activity_done"),
        ]

    def __str__(self):
        return self.title

    def is_overdue(self, today) -> bool:
        """Whether the agency still owes it past its date."""
        return self.state == self.State.PLANNED and is_overdue(self.due_on, today)

    def change(self, *, by, **fields):
        """Replan the activity of a draft; raises Refused once the revision is approved."""
        self.require_draft()
        _check_due(self.goal.revision, fields.get("due_on", self.due_on))
        with transaction.atomic():
            self.lock_unchanged()
            for name, value in fields.items():
                setattr(self, name, value)
            self.save(update_fields=[*fields])

    def drop(self, *, by):
        """Delete the activity of a draft."""
        self.require_draft()
        self.delete()

    def take_over(self, origin):
        """Carry the state and the report of the former revision's activity."""
        carried = ["state", "reported_on", "reported_by", "done_on", "result", "not_done_reason", "remark"]
        for name in carried:
            setattr(self, name, getattr(origin, name))
        self.save(update_fields=carried)

    def require_draft(self):
        if self.goal_id is None:
            raise Refused("Это мероприятие утверждено: изменить его нельзя.")
        self.goal.revision.require_draft()

    def record_result(self, *, by, done_on=None, result="", not_done_reason=""):
        """The curator writes down what the agency told him: done on `done_on`, or not done for a reason."""
        with transaction.atomic():
            if not_done_reason:
                self.report_not_done(by=by, reason=not_done_reason, result=result)
            else:
                self.report_done(by=by, done_on=done_on, result=result)
                self.accept_report(by=by)

    def report_done(self, *, by, done_on, result):
        """The executor reports the result; the curator still has to accept it."""
        if done_on > timezone.localdate():
            raise Refused("Дата исполнения ещё не наступила. Отчитайтесь, когда мероприятие состоится.")
        self._move(
            {self.State.PLANNED}, self.State.REPORTED, by, done_on=done_on, result=result, not_done_reason="", remark=""
        )

    def report_not_done(self, *, by, reason, result):
        """The executor says why it was not done; the curator sees it at once."""
        if not reason:
            raise Refused("Укажите причину неисполнения.")
        self._move({self.State.PLANNED}, self.State.NOT_DONE, by, not_done_reason=reason, result=result, done_on=None)

    def accept_report(self, *, by):
        """The curator accepts the report as adequate."""
        self._move({self.State.REPORTED}, self.State.DONE, by)

    def return_report(self, *, by, remark):
        """The curator asks the executor to do or explain more."""
        if not remark.strip():
            raise Refused("Напишите исполнителю, чего не хватает в отчёте.")
        self._move({self.State.REPORTED}, self.State.PLANNED, by, remark=remark, done_on=None)

    def _move(self, since, state, by, **changes):
        with transaction.atomic():
            with_parents = Activity.objects.select_for_update(of=("self",)).select_related("case", "goal__revision")
            row = with_parents.get(pk=self.pk)
            if row.state not in since or row.case.closed_on is not None:
                raise Refused(f"Мероприятие сейчас в состоянии «{row.get_state_display()}»: это действие невозможно.")
            if row.goal_id and row.goal.revision.state == ProgrammeRevision.State.DRAFT:
                raise Refused("Программа ещё не утверждена советом.")
            self.state = state
            if state in (self.State.REPORTED, self.State.NOT_DONE):
                changes |= {"reported_by": by, "reported_on": timezone.localdate()}
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["state", *changes])
            self.case.log(f"activity_{state}", by=by, activity=self.pk)
            terms.follow_activity(self)
