"""Запрос (направление) об исполнении мероприятия: the paper for an agency without a login, and files of a report."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases.models.activity import Activity
from cases.models.querysets import ActivityPartQuerySet
from sopr.calendar import add_working_days
from sopr.documents.models import Attachment
from sopr.documents.numbering import next_number
from sopr.errors import Refused

ANSWER_WORKING_DAYS = 5  # asked of the agency to say whether it takes the activity on [choice]


class ActivityRequest(models.Model):
    """Запрос: numbered per organisation and year, printed, closed by the agency's answer."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="requests")
    number = models.CharField("номер", max_length=20)
    issued_on = models.DateField("дата", default=timezone.localdate)
    answer_by = models.DateField("ответить до")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    answered_on = models.DateField("ответ получен", null=True, blank=True)

    objects = ActivityPartQuerySet.as_manager()

    class Meta:
        verbose_name = "запрос исполнителю"
        verbose_name_plural = "запросы исполнителям"
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["activity"], condition=Q(answered_on=None), name="one_unanswered_request_per_activity"
            )
        ]

    def __str__(self):
        return f"Запрос № {self.number} от {self.issued_on:%d.%m.%Y}"

    @classmethod
    def issue(cls, activity, *, by) -> "ActivityRequest":
        """Number a request for the activity; it is printed, signed and sent outside the system.

        Raises Refused for the service's own activity, for one that is not waited for, and while a request is out.
        """
        reason = why_not_request(activity)
        if reason:
            raise Refused(reason)
        today = timezone.localdate()
        with transaction.atomic():
            Activity.objects.select_for_update(of=("self",)).get(pk=activity.pk)
            if activity.requests.filter(answered_on=None).exists():
                raise Refused("Запрос уже направлен и ждёт ответа. Распечатайте его ещё раз, если нужно.")
            answer_by = add_working_days(today, ANSWER_WORKING_DAYS)
            if activity.due_on > today:
                answer_by = min(answer_by, activity.due_on)
            number = f"{next_number(f'activity_request:{activity.case.organisation_id}', today.year)}/{today.year}"
            row = cls.objects.create(activity=activity, number=number, issued_on=today, answer_by=answer_by, by=by)
            activity.case.log("activity_requested", by=by, activity=activity.pk, request=row.pk)
        return row


def why_not_request(activity) -> str:
    """Why no paper is sent about the activity now."""
    if activity.is_ours:
        return "Это мероприятие исполняет сама служба: запрос не нужен."
    if not activity.is_to_do or activity.case.closed_on is not None:
        return f"Мероприятие сейчас в состоянии «{activity.get_state_display()}»: запрос не нужен."
    if activity.goal_id and activity.goal.revision.state == "draft":
        return "Программа ещё не утверждена советом."
    return ""


class ActivityFile(models.Model):
    """A file beside the report of an activity: the executor's own, or the scan of an agency's answer."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="files")
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="+")

    objects = ActivityPartQuerySet.as_manager()

    class Meta:
        verbose_name = "файл мероприятия"
        verbose_name_plural = "файлы мероприятий"
        ordering = ["pk"]

    def __str__(self):
        return str(self.attachment)
