"""What the page of a running meeting shows, in a number of queries that does not depend on agenda and membership."""

import json
from dataclasses import dataclass, field

from django.utils.functional import cached_property

from councils import brief, minutes, wording
from councils.models import AgendaItem, Assignment, Attendance
from councils.words import Question, Verdict
from sopr.accounts.models import Organisation, OrganisationKind, User
from sopr.accounts.policy import Role
from sopr.documents.names import by_sex

State = AgendaItem.State
DONE = {Verdict.GRANTED: "решено", Verdict.REFUSED: "отказано", Verdict.RETURNED: "возвращено"}
WIDTH = 320  # of the quorum's bar, in its own units


@dataclass
class AgendaRow:
    """One line of the agenda on the left."""

    item: AgendaItem
    note: str
    tone: str = ""
    current: bool = False


@dataclass
class MemberRow:
    """One line of the attendance on the right."""

    attendance: Attendance
    here: bool
    note: str
    recused: bool = False
    presides: bool = False


@dataclass
class Board:
    meeting: object
    wanted: int | None = None  # id of the item asked for
    typed_roll: dict = field(default_factory=dict)  # a roll call that came back with an error
    in_form: bool = False  # shown within the form of a question that was under discussion when it was opened

    @cached_property
    def items(self) -> list:
        return list(
            self.meeting.agenda_items.select_related(
                "case__family",
                "case__organisation",
                "case__curator",
                "case__closure",
                "proposed_by",
                "typed_by",
                "decision__curator",
                "decision__chaired_by",
                "decision__annulled_by__item__meeting",
                "annuls__item__meeting",
            ).prefetch_related(
                "recusals__membership",
                "assignments__executor",
                "dissents__membership",
                "revisions__programme__person",
            )
        )

    @cached_property
    def selected(self):
        """The item asked for; else the first that waits; else the first."""
        by_id = {item.pk: item for item in self.items}
        waiting = [item for item in self.items if item.state == State.SCHEDULED]
        return by_id.get(self.wanted) or next(iter(waiting or self.items), None)

    @property
    def at(self) -> int:
        """The position at which someone who comes or goes now does so."""
        if self.selected is not None and self.selected.state == State.SCHEDULED:
            return self.selected.position
        waiting = [item.position for item in self.items if item.state == State.SCHEDULED]
        return min(waiting, default=max((item.position for item in self.items), default=0) + 1)

    @property
    def following(self):
        """The next item that waits after the selected one; else the first one that waits."""
        waiting = [item for item in self.items if item.state == State.SCHEDULED and item != self.selected]
        later = [item for item in waiting if item.position > self.selected.position]
        return next(iter(later or waiting), None)

    @cached_property
    def attendances(self) -> list:
        return list(self.meeting.attendances.select_related("membership__organisation"))

    @property
    def unmarked(self) -> bool:
        """Somebody is neither here nor excused yet."""
        return any(row.state == Attendance.State.ABSENT for row in self.attendances)

    @cached_property
    def recused(self) -> set:
        return {recusal.membership_id for recusal in self.selected.recusals.all()} if self.selected else set()

    @cached_property
    def quorum(self):
        position = self.selected.position if self.selected else 1
        return self.meeting.count_quorum(self.attendances, position, self.recused)

    @cached_property
    def voters(self) -> list:
        """Attendances of those who vote on the selected question."""
        return self.meeting.taking_part(self.attendances, self.selected.position if self.selected else 1, self.recused)

    @cached_property
    def chair(self):
        """Who presides now, over the selected question; None when he is to be chosen."""
        return self.meeting.presiding(self.voters)

    def may_preside(self) -> list:
        """Who can be chosen to preside when neither chair nor deputy is there."""
        return [row.membership for row in self.voters if row.membership.role != "secretary"]

    @cached_property
    def recess(self):
        return self.meeting.recess() if self.is_running else None

    @cached_property
    def failed(self) -> dict:
        return minutes.failed_votes(self.meeting)

    @cached_property
    def urgent(self) -> dict:
        return minutes.urgencies(self.meeting)

    @property
    def roll(self) -> list:
        """[(attendance, vote)] of a roll call: for, unless typed otherwise."""
        return [(row, self.typed_roll.get(row.membership_id, "for")) for row in self.voters]

    @property
    def votes_key(self) -> str:
        """Changes when those who vote do."""
        return f"{self.quorum.present}:{','.join(str(row.membership_id) for row in self.voters)}"

    @property
    def base(self) -> str:
        """The texts as the page was opened on them, for the script that keeps what is typed."""
        item = self.selected
        return json.dumps({"heard": item.heard, "spoke": item.spoke, "draft": self.draft}, ensure_ascii=False)

    @property
    def failed_here(self) -> list:
        return self.failed.get(self.selected.pk, [])

    @property
    def urgent_here(self):
        return self.urgent.get(self.selected.pk)

    @cached_property
    def executors(self) -> list:
        """Agencies that can be given a task: of the council's municipality, and those above municipalities."""
        return list(executors_of(self.meeting.council))

    @cached_property
    def order(self) -> dict:
        """Which ways the selected question may move among those that wait."""
        waiting = [item for item in self.items if item.state == State.SCHEDULED]
        place = waiting.index(self.selected)
        return {"up": place > 0, "down": place < len(waiting) - 1, "first": place > 1}

    @cached_property
    def brief(self):
        return brief.briefs([self.selected])[self.selected.pk] if self.selected else None

    @property
    def decided(self) -> int:
        return sum(item.state == State.DECIDED for item in self.items)

    @cached_property
    def open_questions(self) -> list:
        return self.meeting.open_questions()

    @property
    def is_running(self) -> bool:
        return self.meeting.state == self.meeting.State.RUNNING

    @property
    def under_discussion(self) -> bool:
        return self.is_running and self.selected is not None and self.selected.state == State.SCHEDULED

    def agenda(self) -> list[AgendaRow]:
        return [AgendaRow(item, *self._state_of(item), current=item == self.selected) for item in self.items]

    @property
    def previous(self):
        """The question before the selected one, whatever its state, for going back by keyboard."""
        place = self.items.index(self.selected)
        return self.items[place - 1] if place else None

    def _state_of(self, item):
        if item.state == State.DECIDED:
            return f"{DONE[item.decision.verdict]}, за {item.decision.votes_for}", "done"
        if item == self.selected and self.is_running:
            return "обсуждается", ""
        if self.is_running and item.pk in self.failed:
            return "решение не принято", "warn"
        quorum = self.meeting.count_quorum(
            self.attendances, item.position, {recusal.membership_id for recusal in item.recusals.all()}
        )
        return ("ждёт, нет кворума" if self.is_running and not quorum.reached else "ждёт"), ""

    def members(self) -> list[MemberRow]:
        at = self.selected.position if self.selected else 1
        return [
            MemberRow(row, row.in_room_at(at), _presence(row, at), row.membership_id in self.recused,
                      self.chair is not None and row.membership_id == self.chair.pk)
            for row in self.attendances
        ]  # fmt: skip

    def may_recuse(self) -> list:
        at = self.selected.position
        return [
            row.membership
            for row in self.attendances
            if row.in_room_at(at) and row.membership.votes and row.membership_id not in self.recused
        ]

    def bar(self) -> dict:
        """The quorum's bar: rectangles (x, width, class) for those who vote, are recused, are out; `mark` = needed."""
        total = self.quorum.members or 1
        step = WIDTH / total
        votes, recused = self.quorum.present, len(self.recused)
        kinds = ["on"] * votes + ["self"] * recused
        kinds += ["off"] * (total - len(kinds))
        return {
            "width": WIDTH,
            "mark": round(min(self.quorum.needed, total) * step, 1),
            "parts": [(round(index * step, 1), round(step - 2, 1), kind) for index, kind in enumerate(kinds[:total])],
        }

    @cached_property
    def draft(self) -> str:
        """The decision's text to begin with: what was typed, else the prepared wording."""
        return self.selected.draft or wording.draft_decision(self.selected, self.meeting.held_on)

    def curators(self):
        return User.objects.filter(
            organisation=self.selected.case.organisation_id, role=Role.CURATOR, is_active=True
        ).order_by("last_name", "first_name", "pk")

    @property
    def asks_level(self) -> bool:
        return self.selected.question in (Question.RECOGNISE, Question.LEVEL)

    @property
    def asks_curator(self) -> bool:
        return self.selected.question == Question.RECOGNISE

    def preview(self) -> dict:
        """The selected question as the minutes will print it."""
        return minutes.describe_item(self.meeting, self.selected, self.attendances, self.failed, self.urgent)

    @property
    def may_prolong(self) -> bool:
        """Whether the council has assignments about this family that are not done: a decision may prolong them."""
        given = Assignment.objects.open().filter(
            item__council=self.meeting.council_id, item__case=self.selected.case_id
        )
        return given.exists()

    def put_off(self):
        return self.meeting.postponements.select_related("item__case__family")

    def overdue(self):
        """Assignments of the council not done in time: they come onto the agenda when the meeting opens."""
        tasks = Assignment.objects.filter(item__council=self.meeting.council_id).overdue(self.meeting.held_on)
        return tasks.select_related("executor", "item__case")


def executors_of(council):
    """Agencies that a council may give a task to."""
    agencies = Organisation.objects.exclude(kind=OrganisationKind.MINISTRY)
    own = agencies.filter(municipality=council.municipality_id) | agencies.filter(municipality=None)
    return own.order_by("name", "pk")


def _presence(row, at) -> str:
    def word(masculine, feminine):
        return by_sex(row.membership, masculine, feminine, masculine)

    if row.state == Attendance.State.EXCUSED:
        return word("предупредил", "предупредила")
    if row.state == Attendance.State.ABSENT:
        return ""
    if row.from_item and at < row.from_item:
        return f"{word('пришёл', 'пришла')} на вопрос {row.from_item}"
    if row.until_item and at > row.until_item:
        return f"{word('ушёл', 'ушла')} после вопроса {row.until_item}"
    if at in row.missed:
        return word("выходил", "выходила")
    return f"с вопроса {row.from_item}" if row.from_item and row.from_item > 1 else ""
