"""How councils meet: planned ahead, agenda from the queue, attendance, decisions, minutes, tasks reported."""

import datetime

from councils.models import Assignment, Attendance, Meeting
from councils.words import Question, Verdict
from sopr.audit.models import Action
from sopr.demo import phrases
from sopr.demo.minutes import looked_at, prolonged, refusals_are_told, signing
from sopr.demo.texts import TEXTS
from sopr.demo.timeline import DAY, moment, workday

PLANNED_AHEAD = 26 * DAY
AGENDA_AHEAD = 2 * DAY
OPEN_TASKS = 20 * DAY
START = datetime.time(10, 0)
Presence = Attendance.State


def calendar_of(index: int, since, today) -> list:
    """Days of a council's meetings, one beyond today at least. The first council meets today and every fortnight."""
    step = (14, 21, 21, 28, 28, 28)[index]
    first = today - (index * 4 % step) * DAY
    days = {first} if index == 0 else {workday(first)}
    back, ahead = first - step * DAY, first + step * DAY
    while back > since + 21 * DAY:
        days.add(workday(back))
        back -= step * DAY
    days.update(workday(ahead + n * step * DAY) for n in range(2))
    return sorted(days)


def season(scene, place, days):
    """A council's whole history, one meeting after another, as lives of their own."""
    for number, held_on in enumerate(days):
        scene.timeline.follow(sitting(scene, place, held_on, number))


def sitting(scene, place, held_on, number):
    """One meeting from its planning to its signed minutes."""
    council, secretary = place.council, place.secretary
    ahead = held_on >= scene.timeline.today or number % 13 == 5
    yield moment(workday(max(held_on - PLANNED_AHEAD, scene.since)), 11) if ahead else _before(held_on)
    queue = council.agenda_items.queued().order_by("proposed_at")
    if not ahead and not queue.exists():
        return  # nothing to hear: no meeting is called
    meeting = Meeting.plan(council, by=secretary, held_on=held_on, starts_at=START)
    if ahead:
        yield _before(held_on)
    taken = list(queue[:9])
    urgent = taken.pop() if number % 5 == 2 and len(taken) > 1 and not ahead else None
    for item in taken:
        item.schedule(meeting, by=secretary)
    yield moment(held_on, 10)
    if not meeting.agenda_items.exists():
        meeting.cancel(by=secretary, reason="Вопросов для рассмотрения нет.")
        return
    meeting.start(by=secretary)
    _take_attendance(scene, meeting, number, today=held_on == scene.timeline.today)
    if urgent is not None:
        _add_urgent(meeting, urgent, secretary)
    broken = number % 6 == 4 and held_on != scene.timeline.today
    if broken:
        meeting.take_recess(by=secretary, until=datetime.time(11))
    yield moment(held_on, 11)
    if broken:
        meeting.resume(by=secretary)
    long = number % 8 == 5 and len(taken) > 2 and held_on != scene.timeline.today
    _decide_all(scene, meeting, most=1 if held_on == scene.timeline.today else len(taken) - 1 if long else None)
    if number % 4 == 1:
        _dissent(meeting, secretary)
    if long:
        _go_on_another_day(scene, meeting, workday(held_on + 2 * DAY), number)
    yield from _signed(scene, meeting, number)


def continuation(scene, meeting, number):
    """The same meeting on another day: what was left is decided then."""
    secretary = scene.secretary(meeting)
    yield moment(meeting.held_on, 14)
    meeting.refresh_from_db()
    meeting.start(by=secretary)
    _take_attendance(scene, meeting, number, today=meeting.held_on == scene.timeline.today)
    _decide_all(scene, meeting)
    yield from _signed(scene, meeting, number)


def _go_on_another_day(scene, meeting, held_on, number):
    if (
        meeting.agenda_items.filter(state="scheduled").exists()
        and not meeting.council.meetings.filter(held_on=held_on).exists()
    ):
        following = meeting.adjourn(by=scene.secretary(meeting), held_on=held_on, starts_at=datetime.time(14))
        scene.timeline.follow(continuation(scene, following, number))


def _signed(scene, meeting, number):
    """The working day after: minutes, and what follows from them."""
    secretary = scene.secretary(meeting)
    yield moment(workday(meeting.held_on + DAY), 12)
    meeting.refresh_from_db()
    minutes = meeting.sign_minutes(by=secretary)
    scene.note(secretary, Action.CHANGE, minutes)
    scene.timeline.follow(signing(scene, minutes, number))
    scene.timeline.follow(refusals_are_told(scene, minutes))
    _ask_to_annul(scene, meeting)


def _before(held_on):
    """When the agenda is made: two days before the meeting, on a working day."""
    day = held_on - AGENDA_AHEAD
    while workday(day) != day:
        day -= DAY
    return moment(day, 15)


def _take_attendance(scene, meeting, number, today):
    """Who is away or sends a substitute is marked first, all others at once; now and then the quorum fails."""
    rng, secretary = scene.rng, scene.secretary(meeting)
    empty = not today and number % 17 == 11  # more than half away
    required = {agency.pk for agency in meeting.required_agencies}
    for seat, row in enumerate(meeting.attendances.select_related("membership")):
        row.meeting = meeting
        if empty and seat > 2:
            row.mark(by=secretary, state=Presence.EXCUSED)
        elif row.membership.organisation_id in required or seat < 3:
            continue
        elif rng.random() < 0.1 or (today and seat == 8):
            row.mark(by=secretary, state=Presence.EXCUSED)
        elif rng.random() < 0.06:
            row.mark(by=secretary, state=Presence.PRESENT, substitute="заместитель по доверенности")
    meeting.mark_all_present(by=secretary)


def _decide_all(scene, meeting, most=None):
    """Decide the questions in turn, or the first `most` of them."""
    for item in meeting.agenda_items.select_related("case__curator", "case__organisation").order_by("position")[:most]:
        item.meeting = meeting
        quorum = meeting.quorum_for(item)
        if quorum.reached and item.pk % 23 == 7:
            _find_no_majority(scene, meeting, item, quorum.present)
        if not quorum.reached:
            item.postpone(by=scene.secretary(meeting))
            continue
        _decide(scene, meeting, item, quorum.present)


def _decide(scene, meeting, item, present):
    rng, secretary = scene.rng, scene.secretary(meeting)
    if rng.random() < 0.04:
        _recuse_somebody(scene, meeting, item)
        present = meeting.quorum_for(item).present
    verdict = scene.verdicts.pop(item.pk, Verdict.GRANTED)
    text = rng.choice(_words(item, verdict))
    if rng.random() < 0.4:  # of the others the minutes say only the question and what was decided
        heard, spoke = rng.choice(phrases.HEARD), rng.choice(phrases.SPOKE)
        item.note_down(by=secretary, heard=heard, spoke=spoke, draft=text)
    against = 1 if rng.random() < 0.08 else 0
    abstained = 1 if rng.random() < 0.12 else 0
    _need_chair(meeting, item, secretary)
    item.decide(by=secretary, verdict=verdict, text=text, **_votes(meeting, item, present, against, abstained))
    if item.question in (Question.RECOGNISE, Question.LEVEL, Question.PROLONG) and rng.random() < 0.3:
        scene.timeline.follow(task(scene, item))
    prolonged(item, secretary)
    scene.decided_cases.add(item.case_id)
    scene.decided_items.add(item.pk)
    scene.timeline.decided(item)


def _votes(meeting, item, present, against, abstained) -> dict:
    """As the council votes: by name, or three totals."""
    if not meeting.council.roll_call:
        return {"votes_for": present - against - abstained, "votes_against": against, "abstained": abstained}
    names = [row.membership_id for row in meeting.voters(item)]
    how = ["against"] * against + ["abstained"] * abstained
    return {"roll": dict(zip(names, ["for"] * (present - len(how)) + how, strict=True))}


def _need_chair(meeting, item, secretary):
    """A member is chosen on the spot where neither chair nor deputy takes part."""
    voters = meeting.voters(item)
    if meeting.presiding(voters) is None:
        member = next(row.membership for row in voters if row.membership.role == "member")
        meeting.choose_chair(member, by=secretary)


def _find_no_majority(scene, meeting, item, present):
    """The first draft finds no majority; it is put again."""
    secretary, text = scene.secretary(meeting), _words(item, Verdict.GRANTED)[0]
    _need_chair(meeting, item, secretary)
    item.record_no_majority(by=secretary, text=text, **_votes(meeting, item, present, present - present // 3, 0))


def _add_urgent(meeting, item, secretary):
    rows = list(meeting.attendances.select_related("membership__organisation"))
    quorum = meeting.count_quorum(rows, meeting.next_position())
    if quorum.reached:
        meeting.add_urgent(item, by=secretary, reason=phrases.URGENT, votes_for=quorum.present)


def _dissent(meeting, secretary):
    item = meeting.agenda_items.filter(state="decided").first()
    if item is not None:
        item.meeting = meeting
        item.dissent(meeting.voters(item)[-1].membership, by=secretary, text=phrases.DISSENT)


def _ask_to_annul(scene, meeting):
    """Once: a refusal that the curator asks the next meeting to annul."""
    if scene.annulled:
        return
    item = meeting.agenda_items.filter(decision__verdict=Verdict.REFUSED, question=Question.RECOGNISE).first()
    if item is not None and not item.case.agenda_items.in_the_way().exists():
        scene.annulled = True
        item.ask_to_annul(by=item.case.curator, reason=phrases.ANNUL)


def _words(item, verdict):
    if verdict == Verdict.REFUSED:
        return phrases.REFUSED
    if verdict == Verdict.RETURNED:
        return phrases.SENT_BACK
    return phrases.RECOGNISED if item.question == Question.RECOGNISE else phrases.DECIDED[item.question]


def _recuse_somebody(scene, meeting, item):
    required = {agency.pk for agency in meeting.required_agencies}
    members = [
        row.membership
        for row in meeting.attendances.select_related("membership")
        if row.in_room_at(item.position) and row.membership.organisation_id not in required
    ]
    if len(members) > meeting.attendances.count() // 2 + 2:
        item.recuse(scene.rng.choice(members), by=scene.secretary(meeting), reason=scene.rng.choice(phrases.RECUSALS))


def task(scene, item):
    """A task of the council: given at the meeting, mostly done in time, sometimes late, sometimes not yet."""
    rng = scene.rng
    domain = rng.choice(item.case.assessments.last().problem_domains())
    place = scene.place_of(item.case)
    agency = scene.region.agency(rng.choice(TEXTS[domain].goals).steps[0].agency, place, item.case.organisation)
    due_on = workday(item.meeting.held_on + rng.randint(10, 25) * DAY)
    assignment = Assignment.give(
        item, by=scene.secretary(item.meeting), text=TEXTS[domain].task, executor=agency, due_on=due_on
    )
    late = rng.random() < 0.12
    if due_on > scene.timeline.today - OPEN_TASKS and rng.random() < 0.4:
        return  # nobody has done it yet: overdue, it comes back to the agenda
    yield moment(workday(due_on + (rng.randint(12, 30) if late else -rng.randint(0, 5)) * DAY), 14)
    executor = scene.region.executors.get(agency.pk) or item.case.curator
    assignment.report(by=executor, done_on=scene.day, result=rng.choice(phrases.TASK_RESULTS))
    scene.timeline.follow(looked_at(scene, assignment, scene.secretary(item.meeting)))
