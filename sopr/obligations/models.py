"""What is due, by whom and when: one table for every kind, so that «Мой день» is one list."""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sopr.accounts.policy import Role
from sopr.calendar import is_overdue
from sopr.obligations.kinds import kind_of

# function(user) → ids of the cases whose obligations he answers for beside his own (who stands in for a colleague)
_answered: list[Callable[[object], Iterable[int]]] = []


def add_answered(function) -> None:
    """Declare whose cases' obligations a user answers for too; the apps above know cases."""
    if function not in _answered:
        _answered.append(function)


OF_COUNCIL = (Role.SECRETARY, Role.MEMBER)  # what a council asks of them is done on its pages, which are theirs alone


class ObligationQuerySet(models.QuerySet):
    def open(self):
        """Neither done nor cancelled."""
        return self.filter(closed_at=None)

    def overdue(self, on):
        """Open and due before ``on``: ``sopr.calendar.is_overdue`` in SQL."""
        return self.open().filter(due_on__lt=on)

    def due_by(self, on):
        """Open and due on ``on`` or before, overdue ones included."""
        return self.open().filter(due_on__lte=on)

    def near(self, on):
        """Open and already in the time of its reminders on ``on``, overdue ones included."""
        return self.open().filter(remind_on__lte=on)

    def escalated(self):
        """Open and told to the head of service."""
        return self.open().exclude(escalated_at=None)

    def about(self, subject):
        """Of one model instance."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def of_person(self, user):
        """What this user must do himself: his own, and those of the cases in which he stands in for a colleague."""
        own = Q(assignee=user)
        ids = [pk for function in _answered for pk in function(user)]
        if ids:
            own |= Q(case_id__in=ids, organisation=user.organisation_id)
        return self.filter(own)

    def for_user(self, user):
        """What this user answers for: their own; a head answers for the whole organisation."""
        if user.role == Role.HEAD:
            answered = Q(assignee=user) | Q(organisation=user.organisation_id)
            return self.filter(answered).exclude(assignee__role__in=OF_COUNCIL)
        return self.of_person(user)

    def of_service(self, organisation):
        """What an organisation owes, without what a council asks of its secretary or member who works there."""
        return self.filter(organisation=organisation).exclude(assignee__role__in=OF_COUNCIL)

    def with_people(self):
        """With the assignee and the organisation in the same statement, for lists."""
        return self.select_related("assignee", "organisation")


class Obligation(models.Model):
    """One thing that must be done by a date. Written by ``sopr.obligations.engine`` only."""

    kind = models.CharField("вид", max_length=40)
    subject_type = models.CharField("вид предмета", max_length=60)  # a model's label, «cases.activity»
    subject_id = models.BigIntegerField("номер предмета")
    # For showing beside a case or a family. Plain numbers: this app does not know those models.
    case_id = models.BigIntegerField("номер случая", null=True)
    family_id = models.BigIntegerField("номер семьи", null=True)
    title = models.CharField("что сделать", max_length=200)  # no personal text: it goes to e-mails
    path = models.CharField("страница", max_length=200)  # where it is done
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="+", db_index=False, verbose_name="организация"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="obligations",
        db_index=False,
        verbose_name="исполнитель",
    )
    due_on = models.DateField("срок")
    remind_on = models.DateField("напоминать с")
    opened_at = models.DateTimeField("поставлено", auto_now_add=True)
    done_on = models.DateField("сделано", null=True)  # the day of the act; empty when cancelled
    closed_at = models.DateTimeField("закрыто", null=True)
    escalated_at = models.DateTimeField("сообщено руководителю", null=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = "обязательство"
        verbose_name_plural = "обязательства"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "kind"], condition=Q(closed_at=None), name="obligation_open_once"
            ),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(closed_at__isnull=False), name="obligation_done_is_closed"
            ),
            models.CheckConstraint(condition=Q(remind_on__lte=F("due_on")), name="obligation_reminds_before_due"),
        ]
        indexes = [
            # «Мой день»: a user's open obligations by date.
            models.Index(fields=["assignee", "due_on", "id"], condition=Q(closed_at=None), name="obligation_my_day"),
            # The head's page: the organisation's open obligations by date.
            models.Index(
                fields=["organisation", "due_on", "id"], condition=Q(closed_at=None), name="obligation_organisation"
            ),
            # Deadlines of a case and of a family, on their cards and in their lists.
            models.Index(fields=["case_id", "due_on"], condition=Q(closed_at=None), name="obligation_case"),
            models.Index(fields=["family_id", "due_on"], condition=Q(closed_at=None), name="obligation_family"),
            # The history of one subject; closing looks here too.
            models.Index(fields=["subject_type", "subject_id"], name="obligation_subject"),
            # The nightly sweep: overdue and not yet escalated.
            models.Index(
                fields=["due_on"], condition=Q(closed_at=None, escalated_at=None), name="obligation_to_escalate"
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        return self.closed_at is None

    @property
    def kind_title(self):
        """The kind's title for lists."""
        return kind_of(self.kind).title

    @property
    def act(self):
        """The text of the button that leads to ``path``."""
        return kind_of(self.kind).act

    def is_overdue(self, today):
        """Whether it is open and past its date on ``today``."""
        return self.is_open and is_overdue(self.due_on, today)
