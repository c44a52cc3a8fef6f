"""Вопрос повестки, решение и поручение. A decision performs the case's verb in the same transaction."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, ProgrammeRevision
from cases.words import Level, Stage
from councils import duties
from councils.models.council import Council, CouncilMembership
from councils.models.meeting import Meeting
from councils.words import Question, Verdict
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation
from sopr.web.models import Versioned


class AgendaItemQuerySet(ScopedQuerySet):
    def for_secretary(self, user):
        return self.filter(council__in=Council.objects.for_secretary(user))

    def for_curator(self, user):
        return self.filter(case__organisation=user.organisation_id, case__curator=user)

    def for_head(self, user):
        return self.filter(case__organisation=user.organisation_id)

    def queued(self):
        return self.filter(state=AgendaItem.State.QUEUED)


class AgendaItem(Versioned):
    class State(models.TextChoices):
        QUEUED = "queued", "в очереди"
        SCHEDULED = "scheduled", "в повестке"
        DECIDED = "decided", "решён"
        RETURNED = "returned", "возвращён"

    council = models.ForeignKey(Council, models.PROTECT, related_name="agenda_items")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    position = models.PositiveSmallIntegerField("номер вопроса", default=0)
    case = models.ForeignKey(Case, models.PROTECT, related_name="agenda_items")
    question = models.CharField("вопрос", max_length=12, choices=Question)
    level = models.CharField("предлагаемый уровень", max_length=12, choices=Level, blank=True)
    revisions = models.ManyToManyField(ProgrammeRevision, blank=True, related_name="agenda_items")
    summary = models.TextField("коротко о семье для совета", blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.QUEUED, editable=False)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    remark = models.TextField("замечание секретаря", blank=True, editable=False)
    heard = models.TextField("слушали", blank=True)
    spoke = models.TextField("выступили", blank=True)

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

    @classmethod
    def propose(cls, case, *, by, council, question, level="", summary=""):
        """Put a question about `case` into the council's queue, with the draft revisions it asks to approve.

        «Признать нуждающейся» moves the case to stage «на совете» and needs the whole pack; the others need a case
        on support. Raises Refused with what is missing.
        """
        if cls.objects.filter(case=case, state__in=(cls.State.QUEUED, cls.State.SCHEDULED)).exists():
            raise Refused("По этому случаю вопрос уже вынесен на совет. Дождитесь решения или попросите вернуть его.")
        with transaction.atomic():
            _check_question(case, question, level)
            if question == Question.RECOGNISE:
                case.put_to_council(by=by)
            item = cls.objects.create(
                council=council, case=case, question=question, level=level, summary=summary, proposed_by=by
            )
            if question in (Question.RECOGNISE, Question.PROGRAMME):
                item.revisions.set(case.draft_revisions())
            case.log("proposed", by=by, item=item.pk, question=question)
        return item

    def schedule(self, meeting, *, by):
        """The secretary takes the item onto the agenda of a meeting of the same council."""
        meeting.require_open()
        if meeting.council_id != self.council_id:
            raise Refused("Вопрос вынесен на другой совет.")
        with transaction.atomic():
            row = self._locked()
            if row.state != self.State.QUEUED:
                raise Refused(f"Вопрос уже {row.get_state_display()}.")
            last = meeting.agenda_items.aggregate(last=models.Max("position"))["last"] or 0
            self.meeting, self.position, self.state = meeting, last + 1, self.State.SCHEDULED
            self.save(update_fields=["meeting", "position", "state"])

    def return_with_remark(self, *, by, remark):
        """Back to the curator, who is told what to mend."""
        if not remark.strip():
            raise Refused("Напишите куратору, что нужно исправить.")
        with transaction.atomic():
            row = self._locked()
            if row.state not in (self.State.QUEUED, self.State.SCHEDULED):
                raise Refused(f"Вопрос уже {row.get_state_display()}.")
            self.state, self.remark = self.State.RETURNED, remark
            self.save(update_fields=["state", "remark"])
            if self.question == Question.RECOGNISE:
                self.case.return_to_assessment(by=by)

    def postpone(self, *, by):
        """Off this agenda and back into the queue."""
        with transaction.atomic():
            row = self._locked()
            if row.state != self.State.SCHEDULED:
                raise Refused("Отложить можно вопрос, который стоит в повестке.")
            self.meeting, self.position, self.state = None, 0, self.State.QUEUED
            self.save(update_fields=["meeting", "position", "state"])

    def decide(self, *, by, verdict, text, level="", votes_for=0, votes_against=0, abstained=0, curator=None):
        """Record the council's decision and perform the case's verb; one transaction, one decision.

        Raises Refused without a quorum for this item, with votes that do not add up to those present, when the
        decision has no majority, or when it is decided already.
        """
        with transaction.atomic():
            row = self._locked()
            if row.state != self.State.SCHEDULED or row.meeting.state != Meeting.State.RUNNING:
                raise Refused("Решение принимается по вопросу повестки, пока заседание идёт.")
            quorum = row.meeting.quorum_for(row)
            if not quorum.reached:
                raise Refused(quorum.reason + " Без кворума решение не принимается.")
            if votes_for + votes_against + abstained != quorum.present:
                raise Refused(
                    f"Голоса не сходятся: всего {votes_for + votes_against + abstained}, а голосуют {quorum.present}."
                )
            if votes_for * 2 <= quorum.present:
                raise Refused("За решение не проголосовало большинство присутствующих: оно не принято.")
            decision = Decision.objects.create(
                item=self,
                question=Question.REFUSE if verdict == Verdict.REFUSED else self.question,
                verdict=verdict,
                text=text,
                level=level or self.level,
                curator=curator or self.case.curator,
                decided_on=row.meeting.held_on,
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

    def _locked(self):
        return AgendaItem.objects.select_for_update().get(pk=self.pk)


def _check_question(case, question, level):
    supported = case.stage in (Stage.ACTIVE, Stage.SUSPENDED)
    if question == Question.RECOGNISE:
        if case.stage != Stage.ASSESSMENT:
            raise Refused("Признать нуждающейся можно семью, случай которой на этапе диагностики.")
        if not level:
            raise Refused("Укажите предлагаемый уровень сопровождения.")
        return
    if not supported and question != Question.OTHER:
        raise Refused("Этот вопрос выносится по семье, которая уже на сопровождении.")
    if question == Question.LEVEL and level in ("", case.level):
        raise Refused("Выберите новый уровень, отличный от нынешнего.")
    if question == Question.PROGRAMME and not case.draft_revisions().exists():
        raise Refused("Нет новой редакции ИПСС: сначала составьте её.")
    if question == Question.REMOVE and not hasattr(case, "closure"):
        raise Refused("Сначала подготовьте заключение о снятии.")


class Recusal(models.Model):
    """Самоотвод: the member does not count as present for this item."""

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="recusals")
    membership = models.ForeignKey(CouncilMembership, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "membership"], name="one_recusal_per_item")]

    def __str__(self):
        return f"Самоотвод: {self.membership}"


class Decision(models.Model):
    """Решение по вопросу; written once. `basis` is how every paper cites it."""

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="decision")
    question = models.CharField("решение", max_length=12, choices=Question)
    verdict = models.CharField("итог", max_length=12, choices=Verdict)
    text = models.TextField("текст решения")
    level = models.CharField("уровень", max_length=12, choices=Level, blank=True)
    curator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revisions = models.ManyToManyField(ProgrammeRevision, blank=True, related_name="decisions")
    decided_on = models.DateField("дата")
    votes_for = models.PositiveSmallIntegerField("за", default=0)
    votes_against = models.PositiveSmallIntegerField("против", default=0)
    abstained = models.PositiveSmallIntegerField("воздержались", default=0)
    present = models.PositiveSmallIntegerField(default=0)
    members = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "решение"
        verbose_name_plural = "решения"
        # reports: decisions of a kind in a period
        indexes = [models.Index(fields=["question", "decided_on"], name="decision_question_day")]

    def __str__(self):
        return f"{self.get_question_display()} ({self.decided_on:%d.%m.%Y})"

    @property
    def basis(self) -> str:
        """«решение совета от 12.03.2026, вопрос 2»: what programme, contract and level period cite."""
        return f"решение от {self.decided_on:%d.%m.%Y}, вопрос {self.item.position}"

    def perform(self, *, by):
        """Do to the case what was decided; the case's verbs refuse what its stage does not allow."""
        case = self.item.case
        if self.verdict == Verdict.RETURNED:
            if self.item.question == Question.RECOGNISE:
                case.return_to_assessment(by=by, decision=self)
            return
        if self.verdict == Verdict.REFUSED:
            if self.item.question == Question.RECOGNISE:
                case.refuse(by=by, decision=self, reason=self.text)
            return
        revisions = list(self.revisions.all())
        match self.item.question:
            case Question.RECOGNISE:
                case.accept(by=by, decision=self, level=self.level, curator=self.curator, revisions=revisions)
            case Question.PROGRAMME:
                case.approve_programme(by=by, decision=self, revisions=revisions)
            case Question.LEVEL:
                case.change_level(by=by, decision=self, level=self.level)
            case Question.PROLONG:
                case.prolong(by=by, decision=self)
            case Question.REMOVE:
                closure = case.closure
                case.remove(
                    by=by,
                    decision=self,
                    outcome=closure.outcome,
                    reason=closure.reason,
                    aftercare=closure.aftercare,
                )


class AssignmentQuerySet(ScopedQuerySet):
    def for_executor(self, user):
        return self.filter(executor=user.organisation_id)

    def for_secretary(self, user):
        return self.filter(item__council__in=Council.objects.for_secretary(user))


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
        return self.text

    @classmethod
    def give(cls, item, *, by, text, executor, due_on):
        """Assign a task by the council while its meeting runs; the agency sees it as due."""
        if item.meeting is None or item.meeting.state != Meeting.State.RUNNING:
            raise Refused("Поручение даётся на заседании, пока оно идёт.")
        if due_on < item.meeting.held_on:
            raise Refused("Срок поручения раньше дня заседания.")
        with transaction.atomic():
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

    def report(self, *, by, done_on, result):
        """The agency reports the assignment done."""
        if self.done_on is not None:
            raise Refused("Поручение уже исполнено.")
        if done_on > timezone.localdate():
            raise Refused("Дата исполнения ещё не наступила.")
        with transaction.atomic():
            self.done_on, self.result = done_on, result
            self.save(update_fields=["done_on", "result"])
            close_obligations(self)
