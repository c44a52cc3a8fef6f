"""Мероприятие: one act of help, its executor's word and report, the curator's answer (domain.md §2, «Programme»)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from cases import terms
from cases.models.case import Case
from cases.models.querysets import worked_by
from cases.words import HelpKind
from families.models import Person
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import is_overdue
from sopr.errors import Refused
from sopr.web.models import Versioned


class ActivityQuerySet(ScopedQuerySet):
    def for_executor(self, user):
        """What the executor's agency was asked to do by an approved programme."""
        return self.filter(agency=user.organisation_id).exclude(goal__revision__state="draft")

    def for_curator(self, user):
        return self.filter(worked_by(user, "case"), case__organisation=user.organisation_id)

    def for_head(self, user):
        return self.filter(case__organisation=user.organisation_id)

    def counted(self):
        """Activities that count for the share done: neither drafts nor those that go on in another row."""
        return self.exclude(state__in=Activity.GONE_STATES).exclude(goal__revision__state="draft")

    def open(self):
        """Nobody has said yet what came of them, or the curator has not looked."""
        return self.filter(state__in=Activity.OPEN_STATES)

    def with_sessions(self):
        """Annotate `sessions_held`, `came` and `marked`: how a repeated activity goes, without a query for each."""
        sessions = Activity._meta.get_field("sessions").related_model.objects.filter(activity=OuterRef("pk"))
        held = sessions.filter(held_on__isnull=False).order_by().values("activity")
        marks = held.annotate(n=Count("attendances"))
        came = held.annotate(n=Count("attendances", filter=Q(attendances__came=True)))
        return self.annotate(
            sessions_held=Coalesce(Subquery(held.annotate(n=Count("pk")).values("n")), 0),
            marked=Coalesce(Subquery(marks.values("n")), 0),
            came=Coalesce(Subquery(came.values("n")), 0),
        )


class Activity(Versioned):
    """Мероприятие: planned → accepted by its executor → reported → accepted as adequate by the curator, or not done.

    An executor who declines returns it to the curator: he hands it on to another agency, takes it to the council or
    writes down that it is not done.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "запланировано"
        ACCEPTED = "accepted", "принято в работу"
        DECLINED = "declined", "исполнитель отклонил"
        REPORTED = "reported", "исполнитель отчитался"
        DONE = "done", "исполнено"
        NOT_DONE = "not_done", "не исполнено"
        HANDED_ON = "handed_on", "передано другому исполнителю"
        REPLACED = "replaced", "перенесено в новую редакцию"

    class DeclineReason(models.TextChoices):
        NOT_OURS = "not_ours", "не наш вид помощи"
        NO_CAPACITY = "no_capacity", "нет специалиста или мест"
        TERM = "term", "не успеем в срок"
        OTHER_TERRITORY = "other_territory", "семья не на нашей территории"
        OTHER = "other", "иное"

    class NotDoneReason(models.TextChoices):
        FAMILY_REFUSED = "family_refused", "семья отказалась"
        AGENCY_FAILED = "agency_failed", "ведомство не смогло"
        NO_LONGER_NEEDED = "no_longer_needed", "больше не нужно"
        OTHER = "other", "иное"

    class Repeat(models.TextChoices):
        TWICE_WEEKLY = "twice_weekly", "два раза в неделю"
        WEEKLY = "weekly", "раз в неделю"
        FORTNIGHTLY = "fortnightly", "раз в две недели"
        MONTHLY = "monthly", "раз в месяц"

    TO_DO_STATES = ("planned", "accepted")  # the executor has not said yet what came of it
    OPEN_STATES = (*TO_DO_STATES, "declined", "reported")
    GONE_STATES = ("handed_on", "replaced")  # another row goes on with it and counts in its place

    case = models.ForeignKey(Case, models.PROTECT, related_name="activities")
    goal = models.ForeignKey("cases.Goal", models.CASCADE, null=True, blank=True, related_name="activities")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="для кого")
    kind = models.CharField("вид помощи", max_length=16, choices=HelpKind)
    title = models.CharField("мероприятие", max_length=300)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="activities", verbose_name="исполнитель")
    due_on = models.DateField("срок")
    repeats = models.CharField("повторяется", max_length=12, choices=Repeat, blank=True)
    times = models.PositiveSmallIntegerField("сколько занятий", null=True, blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.PLANNED, editable=False)
    accepted_on = models.DateField("принято в работу", null=True, blank=True, editable=False)
    declined_on = models.DateField("отклонено", null=True, blank=True, editable=False)
    decline_reason = models.CharField("почему отклонено", max_length=16, choices=DeclineReason, blank=True)
    decline_note = models.TextField("пояснение к отказу", blank=True, editable=False)
    reported_on = models.DateField("отчёт исполнителя", null=True, blank=True, editable=False)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    done_on = models.DateField("исполнено", null=True, blank=True)
    result = models.TextField("результат", blank=True)
    not_done_reason = models.CharField("причина неисполнения", max_length=20, choices=NotDoneReason, blank=True)
    remark = models.TextField("замечание куратора", blank=True, editable=False)
    # The word of an agency without a login, as the curator got it on paper or by telephone.
    told_by = models.CharField("кто ответил от исполнителя", max_length=200, blank=True, editable=False)
    told_on = models.DateField("ответ исполнителя от", null=True, blank=True, editable=False)
    told_paper = models.CharField("документ с ответом", max_length=200, blank=True, editable=False)
    continues = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )  # the activity of the former revision, or of the former executor, that this one carries on

    # What happened to a row, carried to the one that goes on with it.
    WORD = ("accepted_on", "declined_on", "decline_reason", "decline_note", "told_by", "told_on", "told_paper")
    REPORT = ("reported_on", "reported_by", "done_on", "result", "not_done_reason", "remark")

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
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(decline_reason="") & Q(declined_on__isnull=False),
                name="declined_activity_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(repeats="", times=None) | ~Q(repeats="") & Q(times__gte=2),
                name="repeated_activity_has_times",
            ),
        ]
        indexes = [
            # the executor's page: an agency's activities by state and due date
            models.Index(fields=["agency", "state", "due_on"], name="activity_agency_state"),
            # reports: performed activities in a period
            models.Index(fields=["state", "done_on"], name="activity_done"),
            # the register of agencies: who had what due in a period
            models.Index(fields=["agency", "due_on"], name="activity_agency_due"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:activity-detail", args=[self.pk])

    @property
    def is_to_do(self) -> bool:
        """Whether the executor still owes his word about it."""
        return self.state in self.TO_DO_STATES

    @property
    def is_ours(self) -> bool:
        """Whether the service does it itself: nobody else has to accept or to report."""
        return self.agency_id == self.case.organisation_id

    def is_overdue(self, today) -> bool:
        """Whether the agency still owes it past its date."""
        return self.is_to_do and is_overdue(self.due_on, today)

    # -- the draft ---------------------------------------------------------------------------------------------------

    def change(self, *, by, **fields):
        """Replan the activity of a draft; raises Refused once the revision is approved."""
        self.require_draft()
        self.goal.revision.require_within(fields.get("due_on", self.due_on))
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
        """Carry the state, the word and the report of the former revision's activity.

        Where the council gave it to another agency, what the former one answered is not the new one's word.
        """
        if self.agency_id != origin.agency_id and origin.state in (self.State.ACCEPTED, self.State.DECLINED):
            return
        carried = ("state", *self.WORD, *self.REPORT)
        for name in carried:
            setattr(self, name, getattr(origin, name))
        self.save(update_fields=carried)

    def require_draft(self):
        if self.goal_id is None:
            raise Refused("Это мероприятие утверждено: изменить его нельзя.")
        self.goal.revision.require_draft()

    # -- the executor's word -----------------------------------------------------------------------------------------

    def take_on(self, *, by, first_on=None):
        """The executor accepts it; of a repeated one he says when the first session is (see `plan_sessions`).

        Who declined may think better of it while the curator has not handed it on.
        """
        with transaction.atomic():
            changes = {"accepted_on": timezone.localdate(), "declined_on": None, "decline_reason": "", "remark": ""}
            self._move({self.State.PLANNED, self.State.DECLINED}, self.State.ACCEPTED, by, decline_note="", **changes)
            if self.repeats and first_on is not None:
                self.plan_sessions(by=by, first_on=first_on)

    def decline(self, *, by, reason, note=""):
        """The executor declines with a reason: the activity goes back to the curator."""
        if not reason:
            raise Refused("Укажите, почему не можете исполнить мероприятие.")
        if reason == self.DeclineReason.OTHER and not note.strip():
            raise Refused("Напишите, почему не можете исполнить мероприятие: по слову «иное» куратор этого не поймёт.")
        changes = {"declined_on": timezone.localdate(), "decline_reason": reason, "decline_note": note}
        self._move({self.State.PLANNED, self.State.ACCEPTED}, self.State.DECLINED, by, **changes)

    def hand_on(self, *, by, agency) -> "Activity":
        """The curator gives a declined activity to another agency; the council's plan itself stays as approved.

        Title, date and for whom stay; the declined row is kept with its reason. A draft that waits for the council
        follows. Raises Refused for the agency that declined.
        """
        if agency.pk == self.agency_id:
            raise Refused("Эта организация уже отклонила мероприятие. Выберите другую.")
        with transaction.atomic():
            self._move({self.State.DECLINED}, self.State.HANDED_ON, by)
            kept = ("case_id", "goal_id", "person_id", "kind", "title", "due_on", "repeats", "times")
            row = Activity.objects.create(agency=agency, continues=self, **{name: getattr(self, name) for name in kept})
            Activity.objects.filter(continues=self, goal__revision__state="draft").update(agency=agency, continues=row)
            row.case = self.case
            terms.open_activity(row)
        return row

    # -- the report --------------------------------------------------------------------------------------------------

    def record_result(self, *, by, done_on=None, result="", not_done_reason="", told=None):
        """The curator writes down what the agency told him: done on `done_on`, or not done for a reason.

        `told` names who said it (`told_by`), when (`told_on`) and by what paper (`told_paper`).
        """
        with transaction.atomic():
            if not_done_reason:
                self.report_not_done(by=by, reason=not_done_reason, result=result, told=told)
            else:
                self.report_done(by=by, done_on=done_on, result=result, told=told)
                self.accept_report(by=by)

    def record_refusal(self, *, by, reason, note="", told=None):
        """The curator writes down that an agency without a login declined."""
        with transaction.atomic():
            self.decline(by=by, reason=reason, note=note)
            self._note(told)

    def report_done(self, *, by, done_on, result, told=None):
        """The executor reports the result; the curator still has to accept it."""
        if done_on > timezone.localdate():
            raise Refused("Дата исполнения ещё не наступила. Отчитайтесь, когда мероприятие состоится.")
        self._require_attendance()
        with transaction.atomic():
            self._move(
                self._reportable(told), self.State.REPORTED, by, done_on=done_on, result=result, not_done_reason="",
                remark="", accepted_on=self.accepted_on or timezone.localdate(),
            )  # fmt: skip
            self._note(told)

    def report_not_done(self, *, by, reason, result, told=None):
        """The executor says why it was not done; the curator sees it at once."""
        if not reason:
            raise Refused("Укажите причину неисполнения.")
        with transaction.atomic():
            self._move(
                self._reportable(told), self.State.NOT_DONE, by, not_done_reason=reason, result=result, done_on=None
            )
            self._note(told)

    def accept_report(self, *, by):
        """The curator accepts the report as adequate."""
        self._move({self.State.REPORTED}, self.State.DONE, by)

    def return_report(self, *, by, remark):
        """The curator asks the executor to do or explain more."""
        if not remark.strip():
            raise Refused("Напишите исполнителю, чего не хватает в отчёте.")
        self._move({self.State.REPORTED}, self.State.ACCEPTED, by, event="returned", remark=remark, done_on=None)

    def plan_sessions(self, *, by, first_on):
        """Set the dates of a repeated activity from its first one; raises Refused as `ActivitySession.plan`."""
        self._meta.get_field("sessions").related_model.plan(self, by=by, first_on=first_on)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _reportable(self, told):
        """States from which a report is written; the curator may also close what was declined."""
        own = {self.State.PLANNED, self.State.ACCEPTED}
        return own | {self.State.DECLINED} if told is not None else own

    def _require_attendance(self):
        """A repeated activity is reported by its sessions: one at least was held, none of the past is unmarked."""
        if not self.repeats:
            return
        sessions = list(self.sessions.all())
        unmarked = [row.planned_on for row in sessions if row.is_planned and row.planned_on <= timezone.localdate()]
        if unmarked:
            days = ", ".join(f"{day:%d.%m.%Y}" for day in unmarked[:5])
            raise Refused(f"Сначала отметьте явку на занятиях: {days}. Отчёт складывается из неё.")
        if not any(row.held_on for row in sessions):
            raise Refused("Ни одно занятие ещё не отмечено. Отметьте явку: отчёт складывается из неё.")

    def _note(self, told):
        if told:
            for name, value in told.items():
                setattr(self, name, value)
            self.save(update_fields=[*told])

    def _move(self, since, state, by, event="", **changes):
        with transaction.atomic():
            with_parents = Activity.objects.select_for_update(of=("self",)).select_related("case", "goal__revision")
            row = with_parents.only("state", "case__closed_on", "goal__revision__state").get(pk=self.pk)
            if row.state not in since or row.case.closed_on is not None:
                raise Refused(f"Мероприятие сейчас в состоянии «{row.get_state_display()}»: это действие невозможно.")
            if row.goal_id and row.goal.revision.state == "draft":
                raise Refused("Программа ещё не утверждена советом.")
            self.state = state
            if state in (self.State.REPORTED, self.State.NOT_DONE):
                changes |= {"reported_by": by, "reported_on": timezone.localdate()}
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["state", *changes])
            self.case.log(f"activity_{event or state}", by=by, activity=self.pk)
            if state not in self.OPEN_STATES:
                for question in self.clarifications.filter(closed_at=None):
                    question.drop()
            terms.follow_activity(self)


def carry_rows(moved: dict[int, int]):
    """Sessions, questions, requests and files go on with the activity that goes on: {id it leaves: id it comes to}."""
    for relation in Activity._meta.related_objects:
        if relation.field.name != "activity" or relation.one_to_one:  # what is one to one was copied with it
            continue
        rows = relation.related_model._base_manager
        for origin in set(rows.filter(activity__in=moved).values_list("activity", flat=True)):
            rows.filter(activity=origin).update(activity=moved[origin])
