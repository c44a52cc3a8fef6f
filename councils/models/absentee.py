"""Заочное голосование: a meeting held by correspondence, where the regulation allows it.

A member's ballot sheet, once handed in, is his presence: agenda, quorum, decisions and minutes then work as they do in
a room. Source: issue of councils; the term and the paper form are ours [choice].
"""

import datetime

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from councils import duties, wording
from councils.models.attendance import Attendance
from councils.models.membership import CouncilMembership
from sopr.audit.append_only import AppendOnly
from sopr.errors import Refused
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation

COUNTED_AS = {"for": "votes_for", "against": "votes_against", "abstained": "abstained"}  # Ballot.Choice
NO_VOTES = dict.fromkeys(COUNTED_AS.values(), 0)
LAST_MINUTE = datetime.time(23, 59)  # ballots are taken until the end of the last day


def own_sheets(user):
    """Sheets of the votes by correspondence to which the user is called while he still sits, until they are signed."""
    today = timezone.localdate()
    sits = CouncilMembership.objects.valid_on(today).filter(pk=OuterRef("membership"), user=user, votes=True)
    running = Attendance.objects.filter(meeting__form="absentee", meeting__state="running")
    return running.filter(Exists(sits)).select_related("meeting__council", "membership", "sheet")


class ByCorrespondence:
    """The part of a Meeting that is held by correspondence."""

    @property
    def is_absentee(self) -> bool:
        return self.form == self.Form.ABSENTEE

    @classmethod
    def plan_absentee(cls, council, *, by, until):
        """Plan a vote by correspondence with ballots taken up to the day `until`, included.

        Raises Refused where the council's regulation does not allow it, and for a day that is not yet to come.
        """
        if not council.absentee:
            raise Refused("Регламент этого совета не допускает заочного голосования.")
        if until <= timezone.localdate():
            raise Refused("Дайте членам совета время: последний день приёма бюллетеней — не раньше завтрашнего.")
        return cls.objects.create(
            council=council, form=cls.Form.ABSENTEE, held_on=until, ballots_until=until, starts_at=LAST_MINUTE
        )

    def send_ballots(self, *, by):
        """Everyone who votes as of today gets a sheet; what is voted on does not change from now on.

        Raises Refused with an empty agenda, while a question has no draft decision, without anybody who votes, and
        when the last day is over.
        """
        with transaction.atomic():
            row = self.locked()
            if not row.is_absentee or row.state != self.State.PLANNED:
                raise Refused("Разослать бюллетени можно один раз, пока голосование запланировано.")
            today = timezone.localdate()
            if row.ballots_until < today:
                raise Refused("Последний день приёма бюллетеней прошёл. Отмените голосование и назначьте новое.")
            self._settle_drafts()
            members = list(self.council.members_on(today))
            if not any(member.votes for member in members):
                raise Refused("В составе совета сегодня никто не голосует. Внесите членов совета.")
            sheets = [Attendance.objects.create(meeting=self, membership=member) for member in members]
            self.state = self.State.RUNNING
            self.save(update_fields=["state"])
            for sheet in sheets:
                if sheet.membership.votes and sheet.membership.user:
                    self._ask(sheet)

    def _settle_drafts(self):
        items = list(self.agenda_items.select_related("case__family", "case__closure", "case__curator"))
        if not items:
            raise Refused("В повестке нет вопросов. Возьмите их из очереди.")
        for item in items:
            if not item.draft.strip():
                item.draft = wording.draft_decision(item, None)
                if not item.draft.strip():
                    raise Refused(f"Вопрос {item.position}: напишите проект решения, за него будут голосовать.")
                item.save(update_fields=["draft"])

    def _ask(self, sheet):
        user = sheet.membership.user
        open_obligation(
            duties.BALLOT,
            sheet,
            due_on=self.ballots_until,
            assignee=user,
            organisation=user.organisation or sheet.membership.organisation,
            title=f"{duties.BALLOT.title} № {self.pk}",
            path=reverse("councils:ballot", args=[sheet.pk]),
        )

    def waiting_sheets(self):
        """Sheets of those who vote and have not answered."""
        voting = self.attendances.filter(membership__votes=True)
        return voting.filter(sheet__isnull=True).select_related("membership__organisation")

    @property
    def is_voting_over(self) -> bool:
        """The last day has passed, or everybody has voted."""
        return self.ballots_until < timezone.localdate() or not self.waiting_sheets().exists()

    def tally(self, *, by):
        """Count the ballots: what has a quorum and the majority is decided, the rest goes back into the queue.

        A decision is performed like any other. Raises Refused while ballots are still taken.
        """
        with transaction.atomic():
            row = self.lock_running("Итоги подводят по голосованию, которое идёт.")
            if not row.is_absentee:
                raise Refused("Это очное заседание: голоса записывают по каждому вопросу.")
            if not row.is_voting_over:
                waiting = row.waiting_sheets().count()
                raise Refused(
                    f"Приём бюллетеней идёт по {row.ballots_until:%d.%m.%Y}, не проголосовали: {waiting}. Итоги "
                    "подводят после этого дня или когда проголосуют все."
                )
            self.held_on = min(row.held_on, timezone.localdate())
            self.save(update_fields=["held_on"])
            for item in self.agenda_items.filter(state="scheduled").select_related("case__curator"):
                item.meeting = self
                self._count(item, by)
            for sheet in self.attendances.all():
                cancel_obligations(sheet)

    def _count(self, item, by):
        votes, quorum = self.votes_on(item), self.quorum_for(item)
        reason = quorum.reason.replace("присутствуют", "проголосовали")
        if not reason and votes["votes_for"] * 2 <= quorum.present:
            reason = (
                f"решение не принято: за – {votes['votes_for']}, против – {votes['votes_against']}, "
                f"воздержались – {votes['abstained']}"
            )
        if not reason:
            try:
                with transaction.atomic():
                    item.decide(by=by, verdict="granted", text=item.draft, level=item.level, **votes)
                return
            except Refused as refused:  # the case has changed while the sheets were out
                item.refresh_from_db()
                item.meeting = self
                reason = str(refused)
        item.postpone(by=by, reason=f"Заочное голосование: {reason}")

    def roll_of(self, item) -> dict:
        """{membership: how he voted on `item`}, for a council that votes by name; who recused himself is left out."""
        ballots = Ballot.objects.filter(sheet__attendance__meeting=self, item=item).exclude(choice="recused")
        return dict(ballots.values_list("sheet__attendance__membership", "choice"))

    def votes_on(self, item) -> dict:
        """{votes_for, votes_against, abstained} by the sheets handed in."""
        return self.votes().get(item.pk, NO_VOTES)

    def votes(self) -> dict:
        """{id of the item: {votes_for, votes_against, abstained}} of the whole agenda, in one query."""
        ballots = Ballot.objects.filter(sheet__attendance__meeting=self).order_by().values("item", "choice")
        found = {}
        for row in ballots.annotate(count=models.Count("pk")):
            votes = found.setdefault(row["item"], dict(NO_VOTES))
            if row["choice"] in COUNTED_AS:
                votes[COUNTED_AS[row["choice"]]] = row["count"]
        return found

    def check_counted(self, item, votes):
        """A question voted on by correspondence is decided by its ballots and by nothing else."""
        if not self.is_voting_over:
            raise Refused(f"Идёт заочное голосование: бюллетени принимаются по {self.ballots_until:%d.%m.%Y}.")
        if votes != tuple(self.votes_on(item).values()):
            raise Refused("По этому вопросу голосовали заочно: голоса считаются по бюллетеням.")


class BallotSheet(AppendOnly):
    """Бюллетень: one member's votes on the whole agenda, in the system or on paper; handed in once."""

    attendance = models.OneToOneField(Attendance, models.PROTECT, related_name="sheet")
    handed_at = models.DateTimeField("поступил", default=timezone.now)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="кто внёс")
    signed_on = models.DateField("дата на бумажном бюллетене", null=True, blank=True)
    scan = models.ForeignKey("documents.Attachment", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "бюллетень"
        verbose_name_plural = "бюллетени"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signed_on=None, scan=None) | models.Q(signed_on__isnull=False, scan__isnull=False),
                name="paper_ballot_has_date_and_scan",
            )
        ]

    def __str__(self):
        return f"Бюллетень № {self.pk}"

    @classmethod
    def hand_in(cls, attendance, *, by, choices, signed_on=None, scan=None) -> "BallotSheet":
        """Write down the votes {id of the item: choice} of one member: his own, or the secretary's from a paper.

        A paper is entered with the day on it and its `scan`. A self-recusal takes the member out of that question.
        Raises Refused twice, after the last day, for another's sheet and while a question has no answer.
        """
        with transaction.atomic():
            meeting = attendance.meeting.lock_running("Голосование не идёт: бюллетень не принимается.")
            _check_taken(meeting, attendance)
            paper = signed_on is not None
            if not paper and attendance.membership.user_id != by.pk:
                raise Refused("В системе каждый голосует сам. Бумажный бюллетень вносит секретарь: с датой и сканом.")
            if paper and scan is None:
                raise Refused("Приложите скан бумажного бюллетеня.")
            if paper and not signed_on <= timezone.localdate():
                raise Refused("Дата на бюллетене ещё не наступила.")
            items = {item.pk: item for item in meeting.agenda_items.filter(state="scheduled")}
            if set(items) != set(choices) or not set(choices.values()) <= set(Ballot.Choice.values):
                raise Refused("Ответьте на каждый вопрос.")
            sheet = cls.objects.create(attendance=attendance, by=by, signed_on=signed_on, scan=scan)
            Ballot.objects.bulk_create(
                Ballot(sheet=sheet, item=items[pk], choice=choice) for pk, choice in choices.items()
            )
            for pk, choice in choices.items():
                if choice == Ballot.Choice.RECUSED:
                    items[pk].recusals.create(membership=attendance.membership, reason="заявлен в бюллетене")
            attendance.state = Attendance.State.PRESENT
            attendance.save(update_fields=["state"])
            close_obligations(attendance)
        return sheet


def _check_taken(meeting, attendance):
    if not meeting.is_absentee:
        raise Refused("Это очное заседание: бюллетеней нет.")
    if meeting.ballots_until < timezone.localdate():
        raise Refused(f"Приём бюллетеней закончился {meeting.ballots_until:%d.%m.%Y}.")
    if not attendance.membership.votes:
        raise Refused("Этот человек в составе без права голоса.")
    if BallotSheet.objects.filter(attendance=attendance).exists():
        raise Refused("Бюллетень уже принят. Изменить его нельзя.")


class Ballot(AppendOnly):
    """Голос по одному вопросу."""

    class Choice(models.TextChoices):
        FOR = "for", "за"
        AGAINST = "against", "против"
        ABSTAINED = "abstained", "воздерживаюсь"
        RECUSED = "recused", "заявляю самоотвод"

    sheet = models.ForeignKey(BallotSheet, models.PROTECT, related_name="ballots")
    item = models.ForeignKey("councils.AgendaItem", models.PROTECT, related_name="ballots")
    choice = models.CharField("голос", max_length=12, choices=Choice)

    class Meta:
        verbose_name = "голос"
        verbose_name_plural = "голоса"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["sheet", "item"], name="one_ballot_per_question")]

    def __str__(self):
        return self.get_choice_display()
