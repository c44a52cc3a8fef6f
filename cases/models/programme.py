"""ИПСС: a programme, its revisions (immutable once approved) and goals (domain.md §2, «Programme»)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cases import acts, terms
from cases.models.activity import Activity, carry_rows
from cases.models.case import Case
from cases.models.querysets import CasePartQuerySet
from cases.models.template import TemplateUse
from cases.words import Domain, Level, Stage
from families.models import Person
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
        kept = ("level", "since", "until", "resources", "duties")
        revision = programme.revisions.create(number=1, by=by, **{name: getattr(source, name) for name in kept})
        for goal in source.goals.all():
            goal.copy_to(revision)
        revision.goals.update(continues=None)
        revision.state, revision.approved_on = source.state, source.approved_on
        revision.decision, revision.basis = source.decision, source.basis
        revision.save(update_fields=["state", "approved_on", "decision", "basis"])  # immutable once approved
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

    def approved_of(self, case):
        """The revisions in force of a case's programmes."""
        return self.filter(programme__case=case, state=ProgrammeRevision.State.APPROVED)

    def for_reading(self):
        """With everything the programme's page shows, in a constant number of statements."""
        activities = Activity.objects.with_sessions().select_related("agency", "person", "reported_by")
        goals = Goal.objects.prefetch_related(models.Prefetch("activities", activities.order_by("due_on", "pk")))
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
        if self.case.stage in acts.FINISHED:
            raise Refused(acts.FINISHED_CASE)
        if self.case.stage == Stage.COUNCIL or self.agenda_items.filter(state__in=("queued", "scheduled")).exists():
            raise Refused("Проект ИПСС уже вынесен на совет. Дождитесь решения или попросите секретаря вернуть его.")

    def require_within(self, due_on):
        """Raise Refused when the date of an activity lies outside the programme's period."""
        if not self.since <= due_on <= self.until:
            raise Refused(f"Срок мероприятия — внутри срока ИПСС: с {self.since:%d.%m.%Y} по {self.until:%d.%m.%Y}.")

    def approve(self, *, by, decision):
        """Become the revision in force by a council's decision; the former one is superseded.

        The level is the one decided, whatever the draft proposed: the paper and the case say the same.
        """
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
            self.level = decision.level or self.level
            self.save(update_fields=["state", "approved_on", "decision", "basis", "level"])
            terms.open_activities(self.activities().filter(state__in=Activity.OPEN_STATES))

    def _carry_on(self, former):
        """Each activity that came along takes whatever happened to its origin; so each counts exactly once."""
        moved = {}
        for activity in self.activities().exclude(continues=None).select_related("continues"):
            origin = activity.continues
            if origin.state not in Activity.GONE_STATES:
                activity.take_over(origin)
                moved[origin.pk] = activity.pk
                Activity.objects.filter(pk=origin.pk).update(state=Activity.State.REPLACED)
        carry_rows(moved)
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
    continues = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )  # the goal of the former revision that this one carries on

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
        self.revision.require_within(fields["due_on"])
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
            continues=self,
        )
        for activity in self.activities.filter(state__in=Activity.OPEN_STATES).select_related("template_use"):
            carried = copy.activities.create(
                case_id=activity.case_id,
                kind=activity.kind,
                title=activity.title,
                agency_id=activity.agency_id,
                person_id=activity.person_id,
                due_on=activity.due_on,
                repeats=activity.repeats,
                times=activity.times,
                continues=activity,
            )
            if hasattr(activity, "template_use"):
                TemplateUse.objects.create(activity=carried, template_id=activity.template_use.template_id)
