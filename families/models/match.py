"""«Запрос сверки»: is the family you serve the one I am about to enter? (decisions.md)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from families import duties
from families.models.family import Family
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import add_working_days
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation

ANSWER_WORKING_DAYS = 1  # somebody waits with a half-filled card [choice]
READ_WORKING_DAYS = 1


class MatchRequestQuerySet(ScopedQuerySet):
    """Roads: who asked, and the heads of both organisations."""

    def for_curator(self, user):
        return self.filter(asked_by=user)

    def for_head(self, user):
        return self.filter(Q(organisation=user.organisation_id) | Q(asked_from=user.organisation_id))

    def open(self):
        return self.filter(answer="")

    def with_sides(self):
        """With the people and organisations of both sides in the same statement, for lists."""
        return self.select_related("organisation", "asked_from", "asked_by", "answered_by")


class MatchRequest(models.Model):
    """One question to the head of the organisation that serves a family; no field of that family is shown."""

    class Answer(models.TextChoices):
        SAME = "same", "та же семья"
        DIFFERENT = "different", "другая семья"

    family = models.ForeignKey(Family, models.PROTECT, related_name="match_requests", verbose_name="о карточке")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кого спросили")
    asked_from = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто спросил")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="сотрудник")
    asked_at = models.DateTimeField("когда", default=timezone.now)
    about = models.TextField("о ком вопрос")
    reason = models.TextField("зачем нужна сверка")
    answer = models.CharField("ответ", max_length=12, choices=Answer, blank=True)
    remark = models.TextField("пояснение", blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("когда ответили", null=True)

    objects = MatchRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "запрос сверки"
        verbose_name_plural = "запросы сверки"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="match_answer_has_moment",
            ),
            models.UniqueConstraint(
                fields=["family", "organisation", "asked_by"], condition=Q(answer=""), name="one_open_match_per_asker"
            ),
        ]
        indexes = [
            # the list of questions: newest first, of either side
            models.Index(fields=["organisation", "-asked_at", "-id"], name="match_answering"),
            models.Index(fields=["asked_from", "-asked_at", "-id"], name="match_asking"),
        ]

    def __str__(self):
        return f"Запрос сверки № {self.pk}"

    def get_absolute_url(self):
        return reverse("families:match-detail", args=[self.pk])

    @classmethod
    def ask(cls, family, *, by, organisation, about, reason) -> "MatchRequest":
        """Ask the head of `organisation`, which holds `family`, whether the people described in `about` are it.

        An answer falls due in one working day. Raises Refused for a card the asker's organisation holds itself, for an
        organisation that does not hold it, and while the same person's question about it waits.
        """
        holders = set(family.holders.values_list("pk", flat=True))
        if by.organisation_id in holders:
            raise Refused("Карточку ведёт Ваша организация: найдите её в поиске и откройте.")
        if organisation.pk not in holders:
            raise Refused("Эта организация больше не ведёт карточку. Повторите поиск похожих семей.")
        with transaction.atomic():
            if cls.objects.open().filter(family=family, organisation=organisation, asked_by=by).exists():
                raise Refused("Вы уже спросили об этой семье. Дождитесь ответа или позвоните в организацию.")
            asked = cls.objects.create(
                family=family,
                organisation=organisation,
                asked_from=by.organisation,
                asked_by=by,
                about=about,
                reason=reason,
            )
            family.log("match_asked", by=by, request=asked.pk, organisation=by.organisation_id)
            open_obligation(
                duties.MATCH_ANSWER,
                asked,
                due_on=add_working_days(timezone.localdate(), ANSWER_WORKING_DAYS),
                organisation=organisation,
                title=f"{duties.MATCH_ANSWER.title} № {asked.pk}",
                path=asked.get_absolute_url(),
                family_id=family.pk,
            )
        return asked

    def reply(self, *, by, answer, remark=""):
        """Say whether it is the same family; the asker is told to read it. Raises Refused when already answered."""
        if by.organisation_id != self.organisation_id:
            raise Refused("На запрос отвечает организация, которая ведёт карточку семьи.")
        with transaction.atomic():
            row = MatchRequest.objects.select_for_update().get(pk=self.pk)
            if row.answer:
                raise Refused(f"На запрос уже ответили: {row.get_answer_display()}.")
            self.answer, self.remark, self.answered_by, self.answered_at = answer, remark, by, timezone.now()
            self.save(update_fields=["answer", "remark", "answered_by", "answered_at"])
            self.family.log("match_answered", by=by, request=self.pk, answer=answer)
            close_obligations(self, duties.MATCH_ANSWER)
            open_obligation(
                duties.MATCH_READ,
                self,
                due_on=add_working_days(timezone.localdate(), READ_WORKING_DAYS),
                organisation=self.asked_from,
                assignee=self.asked_by,
                title=f"{duties.MATCH_READ.title} № {self.pk}",
                path=self.get_absolute_url(),
            )

    def note_read(self, *, by):
        """The asker has seen the answer: nothing more is due."""
        if self.answer and by.pk == self.asked_by_id:
            close_obligations(self, duties.MATCH_READ)
