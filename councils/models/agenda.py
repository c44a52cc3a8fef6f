"""Вопрос повестки: proposed by the curator, scheduled by the secretary, decided by the council."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases.models import Case, ProgrammeRevision
from cases.models.querysets import worked_by
from cases.words import Level, Stage
from councils.models.calling import Called, CalledQuerySet
from councils.models.council import Council, CouncilMembership
from councils.models.meeting import Meeting
from councils.words import Question, Verdict
from sopr import profile
from sopr.accounts.policy import Role
from sopr.errors import Refused
from sopr.web.models import Versioned

OF_TERM = (Question.LEVEL, Question.PROLONG, Question.REMOVE)  # each answers a level whose term ends
WITH_PROGRAMME = (Question.RECOGNISE, Question.PROGRAMME, Question.LEVEL, Question.PROLONG)


class AgendaItemQuerySet(CalledQuerySet):
    def for_secretary(self, user):
        return self.filter(council__in=Council.objects.for_secretary(user))

    def for_curator(self, user):
        return self.filter(worked_by(user, "case"), case__organisation=user.organisation_id)

    def for_head(self, user):
        return self.filter(case__organisation=user.organisation_id)

    def queued(self):
        return self.filter(state=AgendaItem.State.QUEUED)

    def waiting(self):
        """Put to a council and not decided yet."""
        return self.filter(state__in=(AgendaItem.State.QUEUED, AgendaItem.State.SCHEDULED))

    def in_the_way(self):
        """What no other question may stand beside: not what the system has put and no meeting has taken up yet."""
        return self.waiting().exclude(by_system=True, state=AgendaItem.State.QUEUED)


class AgendaItem(Called, Versioned):
    class State(models.TextChoices):
        QUEUED = "queued", "в очереди"
        SCHEDULED = "scheduled", "в повестке"
        DECIDED = "decided", "решён"
        RETURNED = "returned", "возвращён"
        WITHDRAWN = "withdrawn", "снят"

    council = models.ForeignKey(Council, models.PROTECT, related_name="agenda_items", verbose_name="совет")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    position = models.PositiveSmallIntegerField("номер вопроса", default=0)
    case = models.ForeignKey(Case, models.PROTECT, related_name="agenda_items")
    question = models.CharField("вопрос", max_length=12, choices=Question)
    level = models.CharField("предлагаемый уровень", max_length=12, choices=Level, blank=True)
    revisions = models.ManyToManyField(ProgrammeRevision, blank=True, related_name="agenda_items")
    summary = models.TextField("коротко о семье для совета", blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.QUEUED, editable=False)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_system = models.BooleanField("вынесен системой", default=False, db_default=False, editable=False)
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    remark = models.TextField("замечание секретаря", blank=True, editable=False)
    heard = models.TextField("слушали", blank=True)
    spoke = models.TextField("выступили", blank=True)
    draft = models.TextField("проект решения", blank=True)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = "вопрос повестки"
        verbose_name_plural = "вопросы повестки"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "question"],
                condition=Q(state__in=("queued", "scheduled")),
                name="one_open_question_per_case",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("scheduled", "decided")) | Q(meeting__isnull=False),
                name="scheduled_item_has_meeting",
            ),
        ]
        # the secretary's queue; a meeting's agenda
        indexes = [models.Index(fields=["council", "state", "proposed_at"], name="item_queue")]

    def __str__(self):
        return f"{self.get_question_display()}: {self.case}"

    @property
    def proposer(self) -> str:
        """Who put the question, for lists."""
        return "система: подходит срок уровня" if self.by_system else str(self.proposed_by or "–")

    @classmethod
    def propose(cls, case, *, by, council, question, level="", summary=""):
        """Put a question about `case` into the council's queue, with the draft revisions it asks to approve.

        «Признать нуждающейся» moves the case to stage «на совете» and needs the whole pack; the others need a case
        on support. Raises Refused with what is missing.
        """
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            if cls.objects.filter(case=case).in_the_way().exists():
                raise Refused(
                    "По этому случаю вопрос уже вынесен на совет. Дождитесь решения или попросите вернуть его."
                )
            _check_question(case, question, level)
            if question in OF_TERM:
                for item in cls.objects.filter(case=case, by_system=True).waiting():
                    item.withdraw()
            if question == Question.RECOGNISE:
                case.put_to_council(by=by)
            item = cls.objects.create(
                council=council, case=case, question=question, level=level, summary=summary, proposed_by=by
            )
            if question in WITH_PROGRAMME:
                item.revisions.set(case.draft_revisions())
            case.log("proposed", by=by, item=item.pk, question=question)
        return item

    def schedule(self, meeting, *, by):
        """The secretary takes the item onto the agenda of a meeting of the same council."""
        if meeting.council_id != self.council_id:
            raise Refused("Вопрос вынесен на другой совет.")
        with transaction.atomic():
            row_of_meeting = meeting.locked()
            if not row_of_meeting.is_open:
                raise Refused(f"{meeting}: {row_of_meeting.get_state_display()}, изменить повестку нельзя.")
            row = self._locked()
            if row.state != self.State.QUEUED:
                raise Refused(f"Вопрос уже {row.get_state_display()}.")
            self.meeting, self.position, self.state = meeting, meeting.next_position(), self.State.SCHEDULED
            self.save(update_fields=["meeting", "position", "state"])

    def return_with_remark(self, *, by, remark):
        """Back to the curator, who is told what to mend; at a running meeting the council decides that itself."""
        if not remark.strip():
            raise Refused("Напишите куратору, что нужно исправить.")
        with transaction.atomic():
            meeting = self.meeting.locked() if self.meeting_id else None
            row = self._locked()
            if row.state not in (self.State.QUEUED, self.State.SCHEDULED):
                raise Refused(f"Вопрос уже {row.get_state_display()}.")
            if meeting is not None and meeting.state != Meeting.State.PLANNED:
                raise Refused("Заседание идёт: верните вопрос на доработку решением совета или отложите его.")
            self.state, self.remark, self.meeting, self.position = self.State.RETURNED, remark, None, 0
            self.save(update_fields=["state", "remark", "meeting", "position"])
            if meeting is not None:
                meeting.close_gaps()
            in_council = Case.objects.filter(pk=self.case_id, stage=Stage.COUNCIL).exists()
            if self.question == Question.RECOGNISE and in_council:  # not of a family that has refused meanwhile
                self.case.return_to_assessment(by=by)
            else:
                self.case.log("returned", by=by, item=self.pk)

    def withdraw(self):
        """What the system has put is not asked any more: the level has changed, or a person puts his own question.

        A meeting that is running has it before it and decides it.
        """
        with transaction.atomic():
            meeting = self.meeting.locked() if self.meeting_id else None
            row = self._locked()
            if not row.by_system or row.state not in (self.State.QUEUED, self.State.SCHEDULED):
                raise Refused("Снять можно вопрос, который вынесла система и который ещё не решён.")
            if meeting is not None and meeting.state != Meeting.State.PLANNED:
                return
            self.state, self.meeting, self.position = self.State.WITHDRAWN, None, 0
            self.save(update_fields=["state", "meeting", "position"])
            if meeting is not None:
                meeting.close_gaps()
            self.case.log("term_withdrawn", item=self.pk)

    def postpone(self, *, by, reason=""):
        """Off this agenda and back into the queue; a running meeting keeps a note of it for the minutes."""
        if self.meeting_id is None:
            raise Refused("Отложить можно вопрос, который стоит в повестке.")
        with transaction.atomic():
            meeting = self.meeting.locked()
            if self._locked().state != self.State.SCHEDULED:
                raise Refused("Отложить можно вопрос, который стоит в повестке.")
            if meeting.state == Meeting.State.RUNNING:
                quorum = meeting.quorum_for(self)
                meeting.postponements.create(
                    item=self,
                    position=self.position,
                    reason=reason,
                    present=quorum.present,
                    members=quorum.members,
                    had_quorum=quorum.reached,
                    missing=[str(agency) for agency in quorum.missing_agencies],
                    by=by,
                )
            self.recusals.all().delete()
            self.meeting, self.position, self.state = None, 0, self.State.QUEUED
            self.save(update_fields=["meeting", "position", "state"])
            meeting.close_gaps()

    def note_down(self, *, by, heard, spoke, draft, version=None):
        """Keep what the secretary types while the question is discussed: a draft, not a decision.

        `version` is the one the text was opened on; raises Refused when another window has written since.
        """
        with transaction.atomic():
            self._lock_under_discussion()
            row = self._locked()
            typed = (heard, spoke, draft)
            if typed == (row.heard, row.spoke, row.draft):
                return
            if version is not None and version != row.version:
                raise Refused(
                    "Этот вопрос уже записан в другом окне. Скопируйте свой текст и обновите страницу, чтобы сверить."
                )
            self.heard, self.spoke, self.draft = typed
            self.version = row.version
            self.save(update_fields=["heard", "spoke", "draft"])

    def recuse(self, membership, *, by, reason=""):
        """A member declares self-recusal: he is not present for this item (decisions.md, «Quorum base»)."""
        with transaction.atomic():
            meeting = self._lock_under_discussion()
            if not meeting.attendances.filter(membership=membership).exists():
                raise Refused("Самоотвод заявляет член совета, который входит в его состав на день заседания.")
            return self.recusals.update_or_create(membership=membership, defaults={"reason": reason})[0]

    def cancel_recusal(self, membership, *, by):
        """The self-recusal was written down by mistake."""
        with transaction.atomic():
            self._lock_under_discussion()
            self.recusals.filter(membership=membership).delete()

    def decide(self, *, by, verdict, text, level="", votes_for=0, votes_against=0, abstained=0, curator=None):
        """Record the council's decision and perform the case's verb; one transaction, one decision.

        Raises Refused without a quorum for this item, with votes that do not add up to those present, when the
        decision has no majority, without its text, or when it is decided already.
        """
        if not text.strip():
            raise Refused("Запишите текст решения.")
        if min(votes_for, votes_against, abstained) < 0:
            raise Refused("Число голосов не бывает отрицательным.")
        with transaction.atomic():
            meeting = self._lock_under_discussion()
            row = self._locked()
            quorum = meeting.quorum_for(row)
            if not quorum.reached:
                raise Refused(quorum.reason + " Без кворума решение не принимается.")
            votes = votes_for + votes_against + abstained
            if votes != quorum.present:
                raise Refused(f"Голоса не сходятся: всего {votes}, а голосуют {quorum.present}.")
            if votes_for * 2 <= quorum.present:
                raise Refused("За решение не проголосовало большинство присутствующих: оно не принято.")
            decision = self.decisions().create(
                item=self,
                question=Question.REFUSE if verdict == Verdict.REFUSED else self.question,
                verdict=verdict,
                text=text.strip(),
                level=self._level_decided(verdict, level),
                curator=self._curator_decided(verdict, curator),
                decided_on=meeting.held_on,
                votes_for=votes_for,
                votes_against=votes_against,
                abstained=abstained,
                present=quorum.present,
                members=quorum.members,
                by=by,
            )
            decision.revisions.set(self.revisions.all())
            self.state = self.State.DECIDED
            self.save(update_fields=["state"])
            decision.perform(by=by)
        return decision

    def decisions(self):
        from councils.models.decision import Decision  # a decision stands on its item

        return Decision.objects

    def _level_decided(self, verdict, level) -> str:
        if verdict != Verdict.GRANTED:
            return ""
        if self.question == Question.PROLONG:
            return self.case.level
        if self.question not in (Question.RECOGNISE, Question.LEVEL):
            return ""
        level = level or self.level
        if self.question == Question.LEVEL:
            _check_new_level(self.case, level)
        return level

    def _curator_decided(self, verdict, curator):
        """Who keeps the case; only «признать нуждающейся» names a curator anew."""
        if self.question != Question.RECOGNISE or verdict != Verdict.GRANTED:
            return self.case.curator
        curator = curator or self.case.curator
        if curator is None:
            raise Refused("Назначьте куратора: без него семья на сопровождение не принимается.")
        if (
            curator.organisation_id != self.case.organisation_id
            or curator.role != Role.CURATOR
            or not curator.is_active
        ):
            raise Refused("Куратором может быть только действующий куратор организации, которая ведёт случай.")
        return curator

    def _lock_under_discussion(self) -> Meeting:
        """Lock the running meeting, then the item; raises Refused when it is not open for discussion now."""
        if self.meeting_id is None:
            raise Refused("Вопрос не стоит в повестке заседания.")
        meeting = self.meeting.lock_running("Решение принимается по вопросу повестки, пока заседание идёт.")
        row = self._locked()
        if row.state != self.State.SCHEDULED or row.meeting_id != meeting.pk:
            raise Refused(f"Вопрос уже {row.get_state_display()}: по нему больше ничего не записывается.")
        return meeting

    def _locked(self) -> "AgendaItem":
        return AgendaItem.objects.select_for_update().get(pk=self.pk)


def _check_question(case, question, level):
    supported = case.stage in (Stage.ACTIVE, Stage.SUSPENDED)
    if question == Question.REFUSE:
        raise Refused("Отказ — это решение совета, а не вопрос к нему. Вынесите вопрос «признать нуждающейся».")
    if question == Question.RECOGNISE:
        if case.stage != Stage.ASSESSMENT:
            raise Refused("Признать нуждающейся можно семью, случай которой на этапе диагностики.")
        if not level:
            raise Refused("Укажите предлагаемый уровень сопровождения.")
        return
    if not supported and question != Question.OTHER:
        raise Refused("Этот вопрос выносится по семье, которая уже на сопровождении.")
    if question == Question.LEVEL:
        _check_new_level(case, level)
    if question == Question.PROGRAMME and not case.draft_revisions().exists():
        raise Refused("Нет новой редакции ИПСС: сначала составьте её.")
    if question in WITH_PROGRAMME:
        _check_drafts(case)
    if question == Question.REMOVE and not hasattr(case, "closure"):
        raise Refused("Сначала подготовьте заключение о снятии.")


def _check_new_level(case, level):
    if level in ("", case.level):
        raise Refused("Выберите новый уровень, отличный от нынешнего.")
    if profile.current().levels[level].entry_only:
        raise Refused(f"Уровень «{Level(level).label}» устанавливается только при принятии на сопровождение.")


def _check_drafts(case):
    """A new revision goes to the council whole: every goal with its activity."""
    for revision in case.draft_revisions().prefetch_related("goals__activities"):
        goals = list(revision.goals.all())
        if not goals or any(not goal.activities.all() for goal in goals):
            raise Refused(
                f"{revision}: у каждой цели должно быть мероприятие. Дополните проект, затем вынесите вопрос на совет."
            )


class Recusal(models.Model):
    """Самоотвод: the member does not count as present for this item."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="recusals")
    membership = models.ForeignKey(CouncilMembership, models.PROTECT, related_name="+")
    reason = models.CharField("причина", max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "membership"], name="one_recusal_per_item")]

    def __str__(self):
        return f"Самоотвод: {self.membership}"


class Postponement(models.Model):
    """Вопрос отложен на этом заседании: the minutes say so, although the item is back in the queue."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="postponements")
    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="postponements")
    position = models.PositiveSmallIntegerField("номер вопроса")
    reason = models.TextField("почему", blank=True)
    present = models.PositiveSmallIntegerField(default=0)
    members = models.PositiveSmallIntegerField(default=0)
    had_quorum = models.BooleanField(default=True)
    missing = models.JSONField("каких ведомств не было", default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "отложенный вопрос"
        verbose_name_plural = "отложенные вопросы"
        ordering = ["position", "pk"]

    def __str__(self):
        return f"Вопрос {self.position} отложен"
