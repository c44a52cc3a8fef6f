"""Мероприятие: one act of help, its executor's report and the curator's acceptance (domain.md §2, «Programme»)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases import terms
from cases.models.case import Case
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
    goal = models.ForeignKey("cases.Goal", models.CASCADE, null=True, blank=True, related_name="activities")
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
            if row.goal_id and row.goal.revision.state == "draft":
                raise Refused("Программа ещё не утверждена советом.")
            self.state = state
            if state in (self.State.REPORTED, self.State.NOT_DONE):
                changes |= {"reported_by": by, "reported_on": timezone.localdate()}
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["state", *changes])
            self.case.log(f"activity_{state}", by=by, activity=self.pk)
            terms.follow_activity(self)
