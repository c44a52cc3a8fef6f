"""Вопрос повестки: proposed by the curator, scheduled by the secretary, decided by the council."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases.models import Case, ProgrammeRevision
from cases.models.querysets import worked_by
from cases.words import Level, Stage
from councils.models.calling import Called, CalledQuerySet
from councils.models.council import Council
from councils.models.discussion import Discussed
from councils.models.meeting import Meeting
from councils.models.membership import CouncilMembership
from councils.models.questions import OF_TERM, WITH_PROGRAMME, check_new_level, check_question
from councils.models.queue import InQueue
from councils.words import Cause, Question, Verdict
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.errors import Refused
from sopr.web.models import Versioned


class AgendaItemQuerySet(CalledQuerySet):
    def for_secretary(self, user):
        return self.filter(council__in=Council.objects.for_secretary(user))

    def for_curator(self, user):
        return self.filter(worked_by(user, "case"), case__organisation=user.organisation_id)

    def for_head(self, user):
        return self.filter(case__organisation=user.organisation_id)

    def queued(self):
        return self.filter(state=AgendaItem.State.QUEUED)

    def ready(self, today):
        """Of the queue: what the secretary has not put off to a later day."""
        return self.queued().filter(Q(not_before=None) | Q(not_before__lte=today))

    def about_term(self):
        """What the system has put because the level's term comes near."""
        return self.filter(by_system=True, cause=Cause.TERM)

    def waiting(self):
        """Put to a council and not decided yet."""
        return self.filter(state__in=(AgendaItem.State.QUEUED, AgendaItem.State.SCHEDULED))

    def in_the_way(self):
        """What no other question may stand beside: not what the system has put and no meeting has taken up yet."""
        return self.waiting().exclude(by_system=True, state=AgendaItem.State.QUEUED)


class AgendaItem(InQueue, Discussed, Called, Versioned):
    class State(models.TextChoices):
        QUEUED = "queued", "в очереди"
        SCHEDULED = "scheduled", "в повестке"
        DECIDED = "decided", "решён"
        RETURNED = "returned", "возвращён"
        WITHDRAWN = "withdrawn", "снят"
        MERGED = "merged", "объединён"

    council = models.ForeignKey(Council, models.PROTECT, related_name="agenda_items", verbose_name="совет")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    position = models.PositiveSmallIntegerField("номер вопроса", default=0)
    case = models.ForeignKey(Case, models.PROTECT, related_name="agenda_items")
    question = models.CharField("вопрос", max_length=12, choices=Question)
    level = models.CharField("предлагаемый уровень", max_length=12, choices=Level, blank=True)
    to_organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="кому передать"
    )
    revisions = models.ManyToManyField(ProgrammeRevision, blank=True, related_name="agenda_items")
    summary = models.TextField("коротко о семье для совета", blank=True)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.QUEUED, editable=False)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_system = models.BooleanField("вынесен системой", default=False, db_default=False, editable=False)
    cause = models.CharField(
        "почему вынесла система", max_length=12, choices=Cause, blank=True, default="", db_default="", editable=False
    )
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    not_before = models.DateField("отложен до", null=True, blank=True, editable=False)
    put_off_because = models.CharField("почему отложен", max_length=300, blank=True, default="", db_default="")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    also = models.TextField("и ещё", blank=True, default="", db_default="", editable=False)  # questions merged into it
    remark = models.TextField("замечание секретаря", blank=True, editable=False)
    heard = models.TextField("слушали", blank=True)
    spoke = models.TextField("выступили", blank=True)
    draft = models.TextField("проект решения", blank=True)
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    typed_at = models.DateTimeField("когда писали", null=True, editable=False)
    annuls = models.ForeignKey(
        "councils.Decision", models.PROTECT, null=True, blank=True, related_name="questions_to_annul",
        verbose_name="какое решение отменить",
    )  # fmt: skip

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
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False) | ~Q(state="merged") & Q(merged_into=None),
                name="merged_item_has_another",
            ),
            models.CheckConstraint(
                condition=Q(by_system=True) & ~Q(cause="") | Q(by_system=False, cause=""),
                name="system_says_why_it_asks",
            ),
        ]
        # the secretary's queue; a meeting's agenda
        indexes = [models.Index(fields=["council", "state", "proposed_at"], name="item_queue")]

    def __str__(self):
        return f"{self.get_question_display()}: {self.case}"

    @property
    def proposer(self) -> str:
        """Who put the question, for lists."""
        return f"система: {self.get_cause_display()}" if self.by_system else str(self.proposed_by or "–")

    @classmethod
    def propose(cls, case, *, by, council, question, level="", summary="", to_organisation=None):
        """Put a question about `case` into the council's queue, with the draft revisions it asks to approve.

        «Признать нуждающейся» moves the case to stage «на совете» and needs the whole pack; the others need a case
        on support. Raises Refused with what is missing, and for a council that does not decide this (its kind).
        """
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            if cls.objects.filter(case=case).in_the_way().exists():
                raise Refused(
                    "По этому случаю вопрос уже вынесен на совет. Дождитесь решения или попросите вернуть его."
                )
            why_not = council.why_not(question, case.family)
            if why_not:
                raise Refused(why_not)
            check_question(case, question, level, to_organisation)
            if question in OF_TERM:
                for item in cls.objects.filter(case=case).about_term().waiting():
                    item.withdraw()
            if question == Question.RECOGNISE:
                case.put_to_council(by=by)
            item = cls.objects.create(
                council=council, case=case, question=question, level=level, summary=summary, proposed_by=by,
                to_organisation=to_organisation if question == Question.TRANSFER else None,
            )  # fmt: skip
            if question in WITH_PROGRAMME:
                item.revisions.set(case.draft_revisions())
            case.log("proposed", by=by, item=item.pk, question=question)
        return item

    def schedule(self, meeting, *, by):
        """The secretary takes the item onto the agenda of a meeting of the same council."""
        if meeting.council_id != self.council_id:
            raise Refused("Вопрос вынесен на другой совет.")
        why_not = self.council.why_not(self.question, self.case.family)
        if why_not:
            raise Refused(f"{why_not} Верните вопрос куратору с этим замечанием.")
        with transaction.atomic():
            row_of_meeting = meeting.locked()
            if not row_of_meeting.is_open:
                raise Refused(f"{meeting}: {row_of_meeting.get_state_display()}, изменить повестку нельзя.")
            if row_of_meeting.state == Meeting.State.RUNNING:
                if row_of_meeting.is_absentee:
                    raise Refused("Бюллетени заочного голосования уже разосланы: добавить вопрос нельзя.")
                raise Refused(
                    "Заседание уже идёт: срочный вопрос добавляют на его странице, если согласно большинство "
                    "присутствующих."
                )
            self.put_on(meeting, meeting.next_position())

    def put_on(self, meeting, position: int):
        """Take the queued item onto the agenda of `meeting`, whose row is locked."""
        row = self._locked()
        if row.state != self.State.QUEUED:
            raise Refused(f"Вопрос уже {row.get_state_display()}.")
        self.meeting, self.position, self.state = meeting, position, self.State.SCHEDULED
        self.not_before, self.put_off_because = None, ""
        self.save(update_fields=["meeting", "position", "state", "not_before", "put_off_because"])

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
            self.release_merged(by=by, remark=remark)
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
            self.release_merged()
            self.case.log(f"{row.cause}_withdrawn", item=self.pk)

    def postpone(self, *, by, reason=""):
        """Off this agenda and back into the queue; a running meeting keeps a note of it for the minutes."""
        if self.meeting_id is None:
            raise Refused("Отложить можно вопрос, который стоит в повестке.")
        with transaction.atomic():
            meeting = self.meeting.locked()
            if self._locked().state != self.State.SCHEDULED:
                raise Refused("Отложить можно вопрос, который стоит в повестке.")
            if meeting.state == Meeting.State.RUNNING:
                if meeting.is_absentee and not meeting.is_voting_over:
                    raise Refused("Идёт заочное голосование: вопрос откладывают, только подводя его итоги.")
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

    def decide(
        self, *, by, verdict, text, level="", votes_for=0, votes_against=0, abstained=0, roll=None, chair_for=False,
        curator=None,
    ):  # fmt: skip
        """Record the council's decision and perform the case's verb; one transaction, one decision.

        `roll` ({membership id: Vote}) instead of the three totals where the council votes by roll call; `chair_for`:
        the chair was for it, which decides a tie where he has the casting vote. Raises Refused without a quorum for
        this item, during a recess, with votes that do not add up to those present, when the decision has no majority,
        without its text, without somebody who presides, or when it is decided already.
        """
        if not text.strip():
            raise Refused("Запишите текст решения.")
        with transaction.atomic():
            meeting = self._lock_under_discussion(in_person=False)
            meeting.require_no_recess()
            row = self._locked()
            if meeting.is_absentee:
                meeting.check_counted(row, (votes_for, votes_against, abstained))
            quorum = meeting.quorum_for(row)
            if not quorum.reached:
                raise Refused(quorum.reason + " Без кворума решение не принимается.")
            voters = meeting.voters(row)
            chair = meeting.require_chair(voters)
            tally = self.count_votes(
                meeting, voters, votes_for=votes_for, votes_against=votes_against, abstained=abstained, roll=roll,
                chair_for=chair_for, chair=chair,
            )  # fmt: skip
            tally.require_majority()
            decision = self.decisions().create(
                item=self,
                question=Question.REFUSE if verdict == Verdict.REFUSED else self.question,
                verdict=verdict,
                text=text.strip(),
                level=self._level_decided(verdict, level),
                curator=self._curator_decided(verdict, curator),
                decided_on=meeting.held_on,
                members=quorum.members,
                chaired_by=chair,
                by_casting_vote=tally.by_casting_vote,
                annuls=self.annuls if verdict == Verdict.GRANTED else None,
                by=by,
                **tally.as_columns(),
            )
            decision.revisions.set(self.revisions.all())
            self.state = self.State.DECIDED
            self.save(update_fields=["state"])
            decision.perform(by=by)
            self.decide_merged(decision, by=by)
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
            check_new_level(self.case, level)
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

    def _lock_under_discussion(self, in_person=True) -> Meeting:
        """Lock the running meeting, then the item; raises Refused when it is not open for discussion now."""
        if self.meeting_id is None:
            raise Refused("Вопрос не стоит в повестке заседания.")
        meeting = self.meeting.lock_running("Решение принимается по вопросу повестки, пока заседание идёт.")
        if in_person and meeting.is_absentee:
            raise Refused("Идёт заочное голосование: вопрос не обсуждают, за проект голосуют бюллетенями.")
        row = self._locked()
        if row.state != self.State.SCHEDULED or row.meeting_id != meeting.pk:
            raise Refused(f"Вопрос уже {row.get_state_display()}: по нему больше ничего не записывается.")
        return meeting

    def _locked(self) -> "AgendaItem":
        return AgendaItem.objects.select_for_update().get(pk=self.pk)


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
