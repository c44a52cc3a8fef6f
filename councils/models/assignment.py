"""Поручение совета: becomes an obligation with a due date; an overdue one returns to the next agenda."""

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from councils import duties
from councils.models.agenda import AgendaItem
from councils.models.council import Council
from councils.words import Cause, Question
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation
from sopr.web.models import Versioned


class AssignmentQuerySet(ScopedQuerySet):
    def of_organisation(self, user):
        return self.filter(executor=user.organisation_id)

    for_executor = for_curator = for_head = of_organisation

    def for_secretary(self, user):
        return self.filter(item__council__in=Council.objects.for_secretary(user))

    def open(self):
        return self.filter(done_on=None)

    def overdue(self, on):
        """Not done, and the term is over as of `on`."""
        return self.open().filter(due_on__lt=on)


class Assignment(Versioned):
    """Поручение совета: an obligation of an agency with a date."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="assignments")
    text = models.TextField("что сделать")
    executor = models.ForeignKey(Organisation, models.PROTECT, related_name="assignments", verbose_name="кому")
    due_on = models.DateField("срок")
    done_on = models.DateField("исполнено", null=True, blank=True)
    result = models.TextField("результат", blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "поручение"
        verbose_name_plural = "поручения"
        ordering = ["due_on", "pk"]
        # assignments overdue, by agency
        indexes = [models.Index(fields=["executor", "done_on", "due_on"], name="assignment_executor")]

    def __str__(self):
        return f"Поручение № {self.pk}"

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
            open_obligation(
                duties.ASSIGNMENT,
                assignment,
                due_on=due_on,
                assignee=None,
                organisation=executor,
                title=f"{duties.ASSIGNMENT.title} № {assignment.pk}",
                path=reverse("councils:assignment-report", args=[assignment.pk]),
            )
        return assignment

    def return_to(self, meeting, *, by):
        """Put the overdue assignment onto the agenda of `meeting` as a question of its own (domain.md §2).

        What the system has put into the queue about it already is taken up.
        """
        asked = self.item.case.agenda_items.waiting().filter(question=Question.OTHER).first()
        if asked is not None:
            if asked.cause == Cause.ASSIGNMENT and asked.state == AgendaItem.State.QUEUED:
                asked.schedule(meeting, by=by)
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

    def report(self, *, by, done_on, result):
        """The agency reports the assignment done."""
        with transaction.atomic():
            row = Assignment.objects.select_for_update().get(pk=self.pk)
            if row.done_on is not None:
                raise Refused("Поручение уже исполнено.")
            if done_on > timezone.localdate():
                raise Refused("Дата исполнения ещё не наступила.")
            if done_on < row.item.meeting.held_on:
                raise Refused("Дата исполнения раньше дня, когда поручение дано.")
            self.done_on, self.result = done_on, result
            self.save(update_fields=["done_on", "result"])
            close_obligations(self, on=done_on)
            self._take_back_question()

    def _take_back_question(self):
        """It is done: what the system has put into the queue about it is asked no more, unless another one is late."""
        case = self.item.case_id
        if not Assignment.objects.filter(item__case=case).overdue(timezone.localdate()).exists():
            for asked in AgendaItem.objects.queued().filter(case=case, cause=Cause.ASSIGNMENT):
                asked.withdraw()
