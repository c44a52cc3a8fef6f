"""The minutes of a meeting as plain data: printed as a draft, and frozen word for word when signed."""

import datetime
import re
from collections import defaultdict

from councils import wording
from councils.models import Assignment, Attendance, CouncilMembership
from sopr.documents.names import Name

Role = CouncilMembership.Role
SPEECH = re.compile(r"^(?P<who>[А-ЯЁ][^:]{1,60}?)\s*(?::|\s[–—-]\s)\s*(?P<text>.+)$")
POINT = re.compile(r"^\d+(?:\.\d+)*[.)]\s+")


def describe_meeting(meeting) -> dict:
    """Everything the printed minutes say, as strings, numbers and ISO dates (keys: templates/documents/minutes.html).

    Reads the meeting as it stands; the number comes with the signature.
    """
    rows = list(meeting.attendances.select_related("membership__organisation"))
    items = list(_items(meeting))
    failed, urgent = failed_votes(meeting), urgencies(meeting)
    put_off = list(meeting.postponements.select_related("item__case__family", "item__case__curator"))
    agenda = [describe_item(meeting, item, rows, failed, urgent) for item in items]
    agenda += [_put_off(note, failed, urgent) for note in put_off]
    agenda.sort(key=lambda point: point["n"])
    members = [row.membership for row in rows] or list(meeting.council.members_on(meeting.held_on))
    return {
        "council": describe_council(meeting.council),
        "organisation": {"full": meeting.council.name, "short": meeting.council.name},
        "number": None,
        "held_on": meeting.held_on.isoformat(),
        "place": meeting.place or meeting.council.municipality.name,
        "next_at": _next_at(meeting),
        "chair": describe_name(_chair(meeting, rows, members)),
        "recesses": [recess.describe() for recess in meeting.recesses.all()],
        "continues_on": meeting.continues.held_on.isoformat() if meeting.continues_id else "",
        "secretary": describe_name(_secretary(rows, members)),
        "absentee": meeting.is_absentee,
        "members": [_member(meeting, row) for row in rows if row.membership.role != Role.INVITED],
        **_away(rows),
        "quorum": _quorum(meeting, rows, agenda),
        "previous_tasks": _previous_tasks(meeting),
        "items": agenda,
        "assignments": [line for item in items for line in _tasks(item)],
    }


def _away(rows) -> dict:
    """Who of the members was not there, with an excuse and without; and who was invited and came."""
    seated = [row for row in rows if row.membership.role != Role.INVITED]
    there = [row.membership for row in rows if row.state == Attendance.State.PRESENT]
    came = [membership for membership in there if membership.role == Role.INVITED]
    return {
        "absent": [str(row.membership) for row in seated if row.state == Attendance.State.ABSENT],
        "excused": [str(row.membership) for row in seated if row.state == Attendance.State.EXCUSED],
        "invited": [", ".join(filter(None, [str(guest), guest.post, str(guest.organisation)])) for guest in came],
    }


def _tasks(item) -> list[dict]:
    """What was given on the question, and the terms the council made longer there."""
    given = [(task, task.text) for task in item.assignments.all()]
    given += [
        (row.assignment, f"{row.assignment.text} (срок поручения № {row.assignment_id} продлён)")
        for row in item.prolongations.all()
    ]
    return [
        {
            "decision": str(item.position),
            "text": text,
            "executor": str(task.executor),
            "due_on": task.due_on.isoformat(),
        }
        for task, text in given
    ]


def describe_council(council) -> dict:
    """How the council is called at the head of its papers."""
    return {
        "body": council.municipality.name,
        "title": council.name,
        "title_gen": council.rules.said_genitive,
    }


def failed_votes(meeting) -> dict:
    """{item id: [votes without a majority]} of the meeting."""
    found = defaultdict(list)
    for vote in meeting.failed_votes.all():
        found[vote.item_id].append(vote.describe())
    return found


def urgencies(meeting) -> dict:
    """{item id: why and by whose consent it was added on the spot}."""
    return {row.item_id: row.describe() for row in meeting.urgencies.all()}


def describe_item(meeting, item, rows, failed, urgent) -> dict:
    """One question with what was heard, said, decided and how it was voted.

    `failed`, `urgent`: of the whole meeting, as `failed_votes` and `urgencies` give them.
    """
    decision = getattr(item, "decision", None)
    recusals = list(item.recusals.all())
    quorum = meeting.count_quorum(rows, item.position, {recusal.membership_id for recusal in recusals})
    speaker = item.case.curator or item.proposed_by
    described = {
        "n": item.position,
        "about": wording.about(item),
        "taking_part": decision.present if decision else quorum.present,
        "of": decision.members if decision else quorum.members,
        "quorum": bool(decision) or quorum.reached,
        "mandatory_ok": bool(decision) or not quorum.missing_agencies,
        "missing": [] if decision else [str(agency) for agency in quorum.missing_agencies],
        "recused": [{"short": str(recusal.membership), "reason": recusal.reason} for recusal in recusals],
        "heard": {
            "speaker_acc": Name(speaker).short_acc if speaker else "",
            "text": item.heard.strip() or _lower_first(wording.about(item)),
        },
        "spoke": speeches(item.spoke),
        "decisions": [],
        "votes": None,
        "failed": failed.get(item.pk, []),
        "urgent": urgent.get(item.pk),
        "dissents": [{"short": str(row.membership), "text": row.text} for row in item.dissents.all()],
        "chair": "",
    }
    if meeting.is_absentee:
        described["heard"] = None  # nobody is heard: the members vote by ballots
    described["percent"] = _percent(described["taking_part"], described["of"])
    if decision:
        described |= {
            "decisions": [
                {"n": f"{item.position}.{number}", "text": text} for number, text in enumerate(points(decision.text), 1)
            ],
            "votes": decision.describe_votes() | {"casting": decision.by_casting_vote},
            "adopted": True,
            "chair": _other_chair(meeting, decision, rows),
        }
    return described


def speeches(text: str) -> list[dict]:
    """«Климов Р.С.: учителя довольны» line by line; a line without a speaker goes on with the one before."""
    said = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        match = SPEECH.match(line)
        if match:
            said.append({"short": match["who"].strip(), "text": match["text"]})
        elif said:
            said[-1]["text"] += " " + line
        else:
            said.append({"short": "Члены совета", "text": line})
    return said


def points(text: str) -> list[str]:
    """The numbered points of a decision without their numbers."""
    return [POINT.sub("", line.strip()) for line in text.splitlines() if line.strip()]


def describe_name(membership) -> dict:
    """A member's name in the forms the documents print; empty forms when there is nobody."""
    if membership is None:
        return {"short": "", "sign": "", "full": "", "sex": "", "post": ""}
    name = Name(membership, post=membership.post)
    return {"short": name.short, "sign": name.sign, "full": name.full, "sex": name.sex, "post": name.post}


def revive(content: dict) -> dict:
    """The stored content with its ISO dates as dates, for the template."""
    return {key: _revived(key, value) for key, value in content.items()}


def _revived(key, value):
    if isinstance(value, list):
        return [revive(row) if isinstance(row, dict) else row for row in value]
    if isinstance(value, dict):
        return revive(value)
    if value and key.endswith("_on"):
        return datetime.date.fromisoformat(value)
    if value and key == "next_at":
        return datetime.datetime.fromisoformat(value)
    return value


def _items(meeting):
    return meeting.agenda_items.select_related(
        "case__family", "case__curator", "proposed_by", "decision__chaired_by", "annuls__item__meeting__minutes"
    ).prefetch_related(
        "recusals__membership", "assignments__executor", "dissents__membership", "prolongations__assignment__executor"
    )


def _other_chair(meeting, decision, rows) -> str:
    """Who presided over this question, when it was not the one who presided over the meeting."""
    chair = decision.chaired_by
    return str(chair) if chair is not None and chair != meeting.presiding(rows) else ""


def _put_off(note, failed, urgent) -> dict:
    return {
        "n": note.position,
        "about": wording.about(note.item),
        "taking_part": note.present,
        "of": note.members,
        "percent": _percent(note.present, note.members),
        "quorum": note.had_quorum,
        "mandatory_ok": not note.missing,
        "missing": note.missing,
        "recused": [],
        "heard": None,
        "spoke": [],
        "decisions": [],
        "votes": None,
        "failed": failed.get(note.item_id, []),
        "urgent": urgent.get(note.item_id),
        "dissents": [],
        "chair": "",
        "postponed": "Вопрос отложен" + (f": {_lower_first(note.reason)}" if note.reason else ""),
    }


def _member(meeting, row) -> dict:
    membership, present = row.membership, row.state == Attendance.State.PRESENT
    required = {agency.pk for agency in meeting.required_agencies}
    post = [membership.post, str(membership.organisation)]
    if membership.role != Role.MEMBER:
        post.append(membership.get_role_display())
    if not membership.votes:
        post.append("без права голоса")
    return {
        "short": str(membership),
        "post": ", ".join(filter(None, post)),
        "mandatory": membership.organisation_id in required,
        "presence": {
            "yes": present,
            "since": f"вопроса {row.from_item}" if row.from_item and row.from_item > 1 else "",
            "until": f"конца вопроса {row.until_item}" if row.until_item else "",
            "substitute": row.substitute,
            "reason": "уважительная причина" if row.state == Attendance.State.EXCUSED else "",
        },
    }


def _quorum(meeting, rows, agenda) -> dict:
    """Present at all, and the questions in which fewer took part."""
    present = sum(row.state == Attendance.State.PRESENT and row.membership.votes for row in rows)
    quorum = meeting.count_quorum(rows, 0)
    differently = defaultdict(list)
    for item in agenda:
        if item["taking_part"] != present:
            differently[item["taking_part"]].append(str(item["n"]))
    notes = [
        f"на {'вопросы' if len(numbers) > 1 else 'вопрос'} {', '.join(numbers)} – {count} из {quorum.members}"
        for count, numbers in sorted(differently.items())
    ]
    return {"needed": quorum.needed, "of": quorum.members, "present": present, "note": "; ".join(notes)}


def _chair(meeting, rows, members):
    """Who presided (Sitting.presiding); of a meeting that nobody has come to yet, the chair."""
    chair = meeting.presiding(rows)
    return chair or next((membership for membership in members if membership.role == Role.CHAIR), None)


def _secretary(rows, members):
    there = [row.membership for row in rows if row.state == Attendance.State.PRESENT]
    return next((membership for membership in [*there, *members] if membership.role == Role.SECRETARY), None)


def _next_at(meeting):
    following = (
        meeting.council.meetings.filter(state="planned", form="in_person", held_on__gt=meeting.held_on)
        .order_by("held_on", "starts_at")
        .first()
    )
    if following is None:
        return None
    return datetime.datetime.combine(following.held_on, following.starts_at).isoformat()


def _previous_tasks(meeting):
    """What became of the assignments of the council's last signed meeting; None when it gave none."""
    last = (
        meeting.council.meetings.filter(state="signed", imported=False, held_on__lte=meeting.held_on)
        .exclude(pk=meeting.pk)
        .select_related("minutes")
        .order_by("-held_on", "-pk")
        .first()
    )
    if last is None or not hasattr(last, "minutes"):
        return None
    tasks = list(Assignment.objects.filter(item__meeting=last))
    if not tasks:
        return None
    return {
        "number": last.minutes.number,
        "held_on": last.held_on.isoformat(),
        "given": len(tasks),
        "done": sum(task.accepted_on is not None for task in tasks),
        "overdue": sum(task.done_on is None and task.due_on < meeting.held_on for task in tasks),
    }


def _percent(part, whole) -> int:
    return round(100 * part / whole) if whole else 0


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
