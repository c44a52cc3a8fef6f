"""Поручение совета: an obligation of an agency; reported by it, accepted by the secretary, prolonged by the council."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from councils import duties
from councils.models.agenda import AgendaItem
from councils.models.council import Council
from councils.models.papers import secretary_of
from councils.words import Cause, Question
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly, AppendOnlyQuerySet
from sopr.calendar import add_working_days
from sopr.documents.attachments import attach
from sopr.documents.models import Attachment
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation
from sopr.web.models import Versioned

ACCEPT_WORKING_DAYS = 3  # for the secretary to look at an agency's report [choice]


class AssignmentQuerySet(ScopedQuerySet):
    def of_organisation(self, user):
        return self.filter(executor=user.organisation_id)

    for_executor = for_curator = for_head = of_organisation

    def for_secretary(self, user):
        return self.filter(item__council__in=Council.objects.for_secretary(user))

    def for_ministry(self, user):
        return self.all()

    def open(self):
        """Not reported as done."""
        return self.filter(done_on=None)

    def reported(self):
        """Reported, and the secretary has not looked yet."""
        return self.filter(done_on__isnull=False, accepted_on=None)

    def accepted(self):
        return self.filter(accepted_on__isnull=False)

    def overdue(self, on):
        """Not done, and the term is over as of `on`."""
        return self.open().filter(due_on__lt=on)


# What the share done in time is counted of: a report that waits for the secretary speaks neither for nor against.
def judged(on) -> Q:
    return Q(accepted_on__isnull=False) | Q(done_on=None, due_on__lt=on)


IN_TIME = Q(accepted_on__isnull=False, done_on__lte=F("due_on"))


class Assignment(Versioned):
    """Поручение совета: an obligation of an agency with a date."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="assignments")
    text = models.TextField("что сделать")
    executor = models.ForeignKey(Organisation, models.PROTECT, related_name="assignments", verbose_name="кому")
    due_on = models.DateField("срок")
    done_on = models.DateField("исполнено", null=True, blank=True)
    result = models.TextField("результат", blank=True)
    accepted_on = models.DateField("принято", null=True, editable=False)
    remark = models.TextField("замечание секретаря", blank=True, editable=False)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "поручение"
        verbose_name_plural = "поручения"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_on=None) | Q(done_on__isnull=False), name="accepted_assignment_is_done"
            )
        ]
        indexes = [
            # assignments overdue, by agency
            models.Index(fields=["executor", "done_on", "due_on"], name="assignment_executor"),
            # the register by term; a council's assignments due in a period
            models.Index(fields=["due_on", "id"], name="assignment_due"),
        ]

    def __str__(self):
        return f"Поручение № {self.pk}"

    def get_absolute_url(self):
        return reverse("councils:assignment-detail", args=[self.pk])

    @property
    def state(self) -> tuple[str, str]:
        """(word, tone) for lists and pages."""
        if self.accepted_on:
            return ("исполнено", "good") if self.done_on <= self.due_on else ("исполнено с опозданием", "done")
        if self.done_on:
            return "отчёт у секретаря", "work"
        if self.due_on < timezone.localdate():
            return "просрочено", "bad"
        return ("возвращено", "warn") if self.remark else ("в работе", "plan")

    @classmethod
    def give(cls, item, *, by, text, executor, due_on):
        """Assign a task by the council while its meeting runs; the agency sees it as due."""
        if item.meeting is None:
            raise Refused("Поручение даётся на заседании, пока оно идёт.")
        with transaction.atomic():
            meeting = item.meeting.lock_running("Поручение даётся на заседании, пока оно идёт.")
            if due_on < meeting.held_on:
                raise Refused("Срок поручения раньше дня заседания.")
            assignment = cls.objects.create(item=item, text=text, executor=executor, due_on=due_on)
            assignment._log("given", by=by, day=due_on)
            assignment._owe()
        return assignment

    def return_to(self, meeting, *, by):
        """Put the overdue assignment onto the agenda of `meeting` as a question of its own (domain.md §2).

        What the system has put into the queue about it already is taken up.
        """
        asked = self.item.case.agenda_items.waiting().filter(question=Question.OTHER).first()
        if asked is not None:
            if asked.cause == Cause.ASSIGNMENT and asked.state == AgendaItem.State.QUEUED:
                asked.put_on(meeting, meeting.next_position())
            return
        AgendaItem.objects.create(
            council=meeting.council,
            meeting=meeting,
            position=meeting.next_position(),
            state=AgendaItem.State.SCHEDULED,
            case=self.item.case,
            question=Question.OTHER,
            summary=self.overdue_words,
            proposed_by=by,
        )

    @property
    def overdue_words(self) -> str:
        """What the council is told of it."""
        return (
            f"Не исполнено поручение № {self.pk}: {self.text}. Исполнитель: {self.executor}, "
            f"срок был {self.due_on:%d.%m.%Y}."
        )

    def _take_back_question(self):
        """It is done: what the system has put into the queue about it is asked no more, unless another one is late."""
        case = self.item.case_id
        if not Assignment.objects.filter(item__case=case).overdue(timezone.localdate()).exists():
            for asked in AgendaItem.objects.queued().filter(case=case, cause=Cause.ASSIGNMENT):
                asked.withdraw()

    def report(self, *, by, done_on, result, file=None):
        """The agency reports the assignment done, and the secretary looks at it; `file` as `attach` takes it.

        What the council's secretary writes down himself is accepted with that.
        """
        with transaction.atomic():
            row = self._locked()
            if row.done_on is not None:
                raise Refused("Поручение уже исполнено.")
            if done_on > timezone.localdate():
                raise Refused("Дата исполнения ещё не наступила.")
            if done_on < row.item.meeting.held_on:
                raise Refused("Дата исполнения раньше дня, когда поручение дано.")
            self.done_on, self.result, self.remark = done_on, result, ""
            self.save(update_fields=["done_on", "result", "remark"])
            self._log("reported", by=by, day=done_on, text=result, file=file)
            close_obligations(self, duties.ASSIGNMENT, on=done_on)
            self._take_back_question()
            if by.may(Perm.MEETING_RUN):
                self._take(by)
            else:
                self._ask_secretary()

    def accept(self, *, by):
        """The secretary is content with the report: the assignment leaves control."""
        with transaction.atomic():
            self._check_reported()
            self._take(by)
            close_obligations(self, duties.ASSIGNMENT_ACCEPT)

    def send_back(self, *, by, remark):
        """The secretary returns the report with a remark: the assignment is due again, its term is the same."""
        if not remark.strip():
            raise Refused("Напишите исполнителю, чего не хватает.")
        with transaction.atomic():
            self.due_on = self._check_reported().due_on
            self.done_on, self.remark = None, remark.strip()
            self.save(update_fields=["done_on", "remark"])
            self._log("returned", by=by, text=self.remark)
            close_obligations(self, duties.ASSIGNMENT_ACCEPT)
            self._owe()

    def prolong(self, *, by, item, due_on):
        """A later term, by the council's decision on `item` while its meeting runs; nothing else moves the term."""
        with transaction.atomic():
            meeting = item.meeting.lock_running("Срок поручения продлевает совет на заседании, пока оно идёт.")
            row = self._locked()
            if item.council_id != row.item.council_id or item.case_id != row.item.case_id:
                raise Refused("Срок продлевает тот совет, который дал поручение, решением по той же семье.")
            if not hasattr(item, "decision"):
                raise Refused("Сначала запишите решение по этому вопросу: срок продлевается решением совета.")
            if row.done_on is not None:
                raise Refused("Поручение уже исполнено: продлевать нечего.")
            if due_on <= max(row.due_on, meeting.held_on):
                raise Refused(f"Новый срок должен быть позже прежнего ({row.due_on:%d.%m.%Y}) и дня заседания.")
            self.due_on = due_on
            self.save(update_fields=["due_on"])
            self._log("prolonged", by=by, day=due_on, item=item)
            self._owe()

    def _take(self, by):
        self.accepted_on = timezone.localdate()
        self.save(update_fields=["accepted_on"])
        self._log("accepted", by=by)

    def _check_reported(self) -> "Assignment":
        row = self._locked()
        if row.done_on is None:
            raise Refused("Исполнитель ещё не отчитался.")
        if row.accepted_on is not None:
            raise Refused("Отчёт уже принят.")
        return row

    def _owe(self):
        """The agency's duty, with its term as it stands."""
        open_obligation(
            duties.ASSIGNMENT,
            self,
            due_on=self.due_on,
            assignee=None,
            organisation=self.executor,
            title=f"{duties.ASSIGNMENT.title} № {self.pk}",
            path=reverse("councils:assignment-report", args=[self.pk]),
        )

    def _ask_secretary(self):
        secretary = secretary_of(self.item.council)
        if secretary is None:
            return
        open_obligation(
            duties.ASSIGNMENT_ACCEPT,
            self,
            due_on=add_working_days(timezone.localdate(), ACCEPT_WORKING_DAYS),
            assignee=secretary,
            organisation=secretary.organisation,
            title=f"{duties.ASSIGNMENT_ACCEPT.title} № {self.pk}",
            path=self.get_absolute_url(),
        )

    def _log(self, kind, *, by, day=None, text="", item=None, file=None):
        attachment = attach(file, by=by) if file else None
        self.events.create(kind=kind, by=by, day=day, text=text, item=item, attachment=attachment)

    def _locked(self) -> "Assignment":
        return Assignment.objects.select_for_update().get(pk=self.pk)


class AssignmentEventQuerySet(AppendOnlyQuerySet, ScopedQuerySet):
    def of_visible(self, user):
        return self.filter(assignment__in=Assignment.objects.visible_to(user))

    for_executor = for_curator = for_head = for_secretary = of_visible


class AssignmentEvent(AppendOnly):
    """What became of an assignment, act by act: the course of its control."""

    class Kind(models.TextChoices):
        GIVEN = "given", "поручено"
        REPORTED = "reported", "исполнитель отчитался"
        RETURNED = "returned", "секретарь вернул отчёт"
        ACCEPTED = "accepted", "секретарь принял отчёт"
        PROLONGED = "prolonged", "совет продлил срок"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="events")
    kind = models.CharField("что", max_length=12, choices=Kind)
    day = models.DateField("дата", null=True)  # given, prolonged: the term; reported: the day it was done
    text = models.TextField("текст", blank=True)
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, related_name="prolongations")
    attachment = models.OneToOneField(Attachment, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("когда", default=timezone.now)

    objects = AssignmentEventQuerySet.as_manager()

    class Meta:
        verbose_name = "ход поручения"
        verbose_name_plural = "ход поручений"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.assignment}: {self.get_kind_display()}"
