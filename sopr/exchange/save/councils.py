"""Councils, meetings held, questions decided."""

from collections import Counter

from django.db.models import Count

from cases.models import Case
from councils.models import AgendaItem, Council, Decision, Meeting, Minutes
from councils.words import Question, Verdict
from sopr.accounts.models import Municipality
from sopr.exchange.papers import Papers
from sopr.exchange.save.merge import by_code, column, ids, merge


def save_councils(batch):
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    wanted = {
        row["Код"]: {
            "code": row["Код"],
            "name": row["Наименование"],
            "municipality_id": municipalities[row["Код МО"]],
        }
        for _n, row in batch
    }
    merge(Council, by_code(Council, "code", wanted), wanted)


def save_meetings(batch):
    """Meetings held, with their signed minutes; minutes already in the register stay as they are."""
    councils = ids(Council, "code", column(batch, "Код совета"))
    papers = Papers(batch)
    new = [row for _n, row in batch if papers.find(row["Код совета"], row["Номер протокола"], row["Дата"].year) is None]
    meetings = Meeting.objects.bulk_create(
        Meeting(
            council_id=councils[row["Код совета"]],
            held_on=row["Дата"],
            state=Meeting.State.SIGNED,
            had_quorum=row["Кворум"],
            imported=True,
        )
        for row in new
    )
    Minutes.objects.bulk_create(
        Minutes(meeting=meeting, council_id=meeting.council_id, number=row["Номер протокола"], year=row["Дата"].year)
        for meeting, row in zip(meetings, new, strict=True)
    )


def save_questions(batch):
    """Questions decided at those meetings, each with its decision; signed minutes of the system are not added to."""
    cases = ids(Case, "number", column(batch, "Номер случая"))
    papers = Papers(batch)
    meetings = {
        (row["Код совета"], row["Номер протокола"]): papers.find(row["Код совета"], row["Номер протокола"]).meeting
        for _n, row in batch
    }
    there = AgendaItem.objects.filter(meeting__in=meetings.values()).order_by()
    known = set(there.filter(case__in=cases.values()).values_list("meeting_id", "case_id", "question"))
    last = Counter(dict(there.values_list("meeting_id").annotate(Count("pk"))))
    items = []
    for _n, row in batch:
        meeting = meetings[(row["Код совета"], row["Номер протокола"])]
        if not meeting.imported or (meeting.pk, cases[row["Номер случая"]], row["Решение"]) in known:
            continue
        last[meeting.pk] += 1
        items.append(
            AgendaItem(
                council_id=meeting.council_id,
                meeting=meeting,
                position=last[meeting.pk],
                case_id=cases[row["Номер случая"]],
                question=row["Решение"],
                state=AgendaItem.State.DECIDED,
            )
        )
    AgendaItem.objects.bulk_create(items)
    Decision.objects.bulk_create(
        Decision(
            item=item,
            question=item.question,
            verdict=Verdict.REFUSED if item.question == Question.REFUSE else Verdict.GRANTED,
            text=Question(item.question).label,
            decided_on=item.meeting.held_on,
        )
        for item in items
    )
