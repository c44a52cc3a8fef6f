"""Уточнение: a dated question about an activity between its executor and the curator, one open at a time."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases import duties
from cases.models.activity import Activity
from cases.models.querysets import ActivityPartQuerySet
from sopr.accounts.models import User
from sopr.accounts.policy import Role
from sopr.calendar import add_working_days
from sopr.errors import Refused
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation

ANSWER_WORKING_DAYS = 3  # for the other side to answer [choice]


class Clarification(models.Model):
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="clarifications")
    to_curator = models.BooleanField("вопрос куратору")  # else the curator asks the executor
    question = models.TextField("вопрос")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("задан", default=timezone.now)
    answer = models.TextField("ответ", blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField("закрыт", null=True)  # answered, or needless: the activity has ended

    objects = ActivityPartQuerySet.as_manager()

    class Meta:
        verbose_name = "уточнение"
        verbose_name_plural = "уточнения"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["activity"], condition=Q(closed_at=None), name="one_open_clarification_per_activity"
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(closed_at__isnull=False, answered_by__isnull=False),
                name="clarification_answer_has_author",
            ),
        ]

    def __str__(self):
        return f"Уточнение от {timezone.localdate(self.asked_at):%d.%m.%Y}"

    @classmethod
    def ask(cls, activity, *, by, question) -> "Clarification":
        """Ask the other side about an open activity; it answers within three working days.

        Raises Refused while another question waits, for an ended activity, and where there is nobody to ask: the
        service's own activity, or an agency nobody of which signs in.
        """
        if not question.strip():
            raise Refused("Напишите вопрос.")
        to_curator = by.role == Role.EXECUTOR
        with transaction.atomic():
            row = Activity.objects.select_for_update(of=("self",)).select_related("case", "agency").get(pk=activity.pk)
            reason = why_not_ask(row)
            if reason:
                raise Refused(reason)
            clarification = cls.objects.create(activity=activity, to_curator=to_curator, question=question, asked_by=by)
            row.case.log("clarification_asked", by=by, activity=activity.pk, clarification=clarification.pk)
            clarification.open_duty(row)
        return clarification

    def reply(self, *, by, text):
        """The other side answers; raises Refused for who asked himself and for a question that is closed."""
        if not text.strip():
            raise Refused("Напишите ответ.")
        if (by.role == Role.EXECUTOR) == self.to_curator:
            raise Refused("Этот вопрос задала Ваша сторона. Ответит другая.")
        with transaction.atomic():
            if Clarification.objects.select_for_update().get(pk=self.pk).closed_at is not None:
                raise Refused("Этот вопрос уже закрыт.")
            self.answer, self.answered_by, self.closed_at = text, by, timezone.now()
            self.save(update_fields=["answer", "answered_by", "closed_at"])
            self.activity.case.log("clarification_answered", by=by, activity=self.activity_id, clarification=self.pk)
            close_obligations(self)

    def drop(self):
        """Close it unanswered: the activity it asks about has ended."""
        self.closed_at = timezone.now()
        self.save(update_fields=["closed_at"])
        cancel_obligations(self)

    def open_duty(self, activity):
        """The other side owes an answer: the curator of the case, or the agency."""
        case = activity.case
        duty = duties.CLARIFY_CURATOR if self.to_curator else duties.CLARIFY_EXECUTOR
        where = {"assignee": case.curator, "organisation": case.organisation, "case_id": case.pk,
                 "family_id": case.family_id} if self.to_curator else {"organisation": activity.agency}  # fmt: skip
        open_obligation(
            duty,
            self,
            due_on=add_working_days(timezone.localdate(), ANSWER_WORKING_DAYS),
            title=f"{duty.title}: мероприятие № {activity.pk}",
            path=activity.get_absolute_url(),
            **where,
        )


def why_not_ask(activity) -> str:
    """Why no question may be asked about the activity now."""
    if activity.state not in Activity.OPEN_STATES or activity.case.closed_on is not None:
        return "Мероприятие завершено: вопрос задавать поздно."
    if activity.is_ours:
        return "Это мероприятие исполняет сама служба."
    if not has_login(activity.agency_id):
        return "У исполнителя нет входа в систему: позвоните или направьте запрос на бумаге."
    if activity.clarifications.filter(closed_at=None).exists():
        return "Один вопрос уже ждёт ответа. Следующий можно задать после него."
    return ""


def has_login(agency_id: int) -> bool:
    """Whether anybody of the agency signs in as an executor."""
    return User.objects.filter(organisation=agency_id, role=Role.EXECUTOR, is_active=True).exists()
