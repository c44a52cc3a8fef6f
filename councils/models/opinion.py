"""Отзыв ведомства к вопросу повестки: asked before the meeting with a date, answered until the meeting opens."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from councils import duties
from councils.models.agenda import AgendaItem
from councils.models.council import Council
from councils.models.meeting import Meeting
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly
from sopr.calendar import is_overdue
from sopr.documents.models import Attachment
from sopr.errors import Refused
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation
from sopr.obligations.models import Obligation
from sopr.web.models import Versioned

OPEN = (AgendaItem.State.QUEUED, AgendaItem.State.SCHEDULED)


class OpinionQuerySet(ScopedQuerySet):
    def for_secretary(self, user):
        return self.filter(item__council__in=Council.objects.for_secretary(user))

    def asked_from(self, user):
        """Of the user's own agency."""
        return self.filter(agency=user.organisation_id)

    for_executor = for_head = asked_from

    def for_member(self, user):
        """His own agency's, and those at the questions he is called to (the pack shows both)."""
        called = AgendaItem.objects.called(user).filter(meeting__in=Meeting.objects.called(user))
        return self.filter(Q(agency=user.organisation_id) | Q(item__in=called))

    def answerable(self):
        """The meeting has not opened: the agency may still answer, or answer anew."""
        return self.filter(item__state__in=OPEN).filter(
            Q(item__meeting=None) | Q(item__meeting__state=Meeting.State.PLANNED)
        )

    def waiting(self):
        """Asked, not answered, and still wanted."""
        return self.answerable().filter(~Exists(OpinionAnswer.objects.filter(opinion=OuterRef("pk"))))

    def for_reading(self):
        """With agency and answers in a fixed number of queries."""
        return self.select_related("agency", "item__meeting").prefetch_related("answers__attachment", "answers__by")


class Opinion(Versioned):
    """Запрос отзыва. What the agency says stands in `answers`, the last one is the opinion."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="opinions", verbose_name="вопрос")
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="ведомство")
    question = models.TextField("о чём спрашиваем")
    due_on = models.DateField("ответить до")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("запрошен", default=timezone.now, editable=False)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "отзыв"
        verbose_name_plural = "отзывы"
        ordering = ["due_on", "pk"]
        constraints = [
            # also finds the opinions of an item
            models.UniqueConstraint(fields=["item", "agency"], name="one_opinion_of_agency_per_item")
        ]
        # an agency's own list, the nearest date first
        indexes = [models.Index(fields=["agency", "due_on", "id"], name="opinion_agency_due")]

    def __str__(self):
        return f"Отзыв № {self.pk}"

    def get_absolute_url(self):
        return reverse("councils:opinion-give", args=[self.pk])

    @classmethod
    def ask(cls, item, *, by, agency, question, due_on):
        """Ask an agency about the item; it answers until the meeting opens, and sees the date among its duties."""
        if not question.strip():
            raise Refused("Напишите, что нужно узнать у ведомства.")
        if due_on < timezone.localdate():
            raise Refused("Срок отзыва уже прошёл: укажите день не раньше сегодняшнего.")
        with transaction.atomic():
            _lock_open(item)
            if item.meeting_id and due_on > item.meeting.held_on:
                raise Refused(f"Заседание {item.meeting.held_on:%d.%m.%Y}: отзыв нужен не позже этого дня.")
            if cls.objects.filter(item=item, agency=agency).exists():
                raise Refused(f"{agency}: отзыв по этому вопросу уже запрошен.")
            opinion = cls.objects.create(
                item=item, agency=agency, question=question.strip(), due_on=due_on, asked_by=by
            )
            opinion._open_duty()
        return opinion

    def give(self, *, by, text, attachment=None):
        """The agency answers, or answers anew: the earlier answer is kept beside. Until the meeting opens."""
        if not text.strip():
            raise Refused("Напишите отзыв: файл только дополняет его.")
        with transaction.atomic():
            _lock_open(self.item)
            answer = self.answers.create(text=text.strip(), attachment=attachment, by=by)
            self.save(update_fields=[])
            close_obligations(self)
        return answer

    def bring_forward(self, day):
        """The meeting is sooner than the opinion was due."""
        self.due_on = day
        self.save(update_fields=["due_on"])
        self._open_duty()

    @classmethod
    def stop_waiting(cls, items):
        """The meeting of these items opens: what has not been answered is not asked any more."""
        for opinion in cls.objects.filter(item__in=items):
            cancel_obligations(opinion)

    @classmethod
    def forget_stale(cls):
        """Daily: nobody waits for the opinion at a question that was decided, returned or withdrawn meanwhile."""
        open_ids = Obligation.objects.open().filter(kind=duties.OPINION.code).values("subject_id")
        asked = cls.objects.filter(pk__in=open_ids)
        for opinion in asked.exclude(pk__in=cls.objects.answerable().values("pk")):
            cancel_obligations(opinion)

    def _open_duty(self):
        open_obligation(
            duties.OPINION,
            self,
            due_on=self.due_on,
            organisation=self.agency,
            title=f"{duties.OPINION.title} № {self.pk}",
            path=self.get_absolute_url(),
        )

    @property
    def latest(self):
        """The opinion itself: the last answer; None while the agency is silent."""
        return max(self.answers.all(), key=lambda answer: answer.pk, default=None)

    @property
    def earlier(self) -> list:
        """Answers that a later one replaced, the newest first."""
        return sorted(self.answers.all(), key=lambda answer: -answer.pk)[1:]

    @property
    def is_open(self) -> bool:
        """Whether the agency may answer now."""
        meeting = self.item.meeting
        return self.item.state in OPEN and (meeting is None or meeting.state == Meeting.State.PLANNED)

    @property
    def state(self) -> tuple[str, str]:
        """In words, with the tone of `state_label`."""
        if self.latest is not None:
            return "отзыв дан", "done"
        if not self.is_open:
            return "не получен", "off"
        if is_overdue(self.due_on, timezone.localdate()):
            return "просрочен", "over"
        return "ждём ответа", "wait"


def _lock_open(item):
    """Lock the meeting, then the item; raises Refused once the meeting has opened or the question is gone."""
    meeting = item.meeting.locked() if item.meeting_id else None
    row = AgendaItem.objects.select_for_update().get(pk=item.pk)
    if row.meeting_id != item.meeting_id:
        raise Refused("Вопрос только что перенесли. Обновите страницу и повторите.")
    if row.state not in OPEN or (meeting is not None and meeting.state != Meeting.State.PLANNED):
        raise Refused("Заседание по этому вопросу уже открыто или вопрос снят: отзыв больше не принимается.")


class OpinionAnswer(AppendOnly):
    """What the agency wrote at one time; a change of mind is a new row."""

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="answers")
    text = models.TextField("отзыв")
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("когда", default=timezone.now)

    class Meta:
        verbose_name = "ответ ведомства"
        verbose_name_plural = "ответы ведомств"
        ordering = ["pk"]

    def __str__(self):
        return f"Ответ № {self.pk}"
