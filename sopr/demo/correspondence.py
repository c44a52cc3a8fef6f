"""Councils today: a vote by correspondence that is over and one that goes on; a queue with everything in it."""

import io

from django.utils import timezone
from PIL import Image, ImageDraw

from cases.models import Case
from councils import system_questions
from councils.models import AgendaItem, Ballot, BallotSheet, Meeting
from councils.words import Question
from sopr.demo.timeline import DAY, moment, workday
from sopr.documents.attachments import attach
from sopr.documents.content import read_content

LONG_AGO = 80 * DAY
TRIES = 45  # working days on which a queue is looked into for something to vote on
Choice = Ballot.Choice


def by_correspondence(scene):
    """A vote of some weeks ago: all but one answer, some on paper; decided, signed."""
    place = scene.region.places[0]
    day = workday(scene.timeline.today - LONG_AGO)
    yield moment(day, 9)
    place.council.amend(by=scene.region.users["administrator"], absentee=True)
    for _try in range(TRIES):
        yield moment(day, 16, 40)
        items = list(_to_vote_on(place.council)[:2])
        if items:
            break
        day = workday(day + DAY)
    else:
        return
    meeting = _send(scene, place, items, until=workday(day + 3 * DAY))
    yield moment(workday(day + DAY), 12)
    _answer(meeting, place.secretary, leave_out=1)
    yield moment(workday(meeting.ballots_until + DAY), 11)
    meeting = Meeting.objects.get(pk=meeting.pk)
    meeting.tally(by=place.secretary)
    for item in AgendaItem.objects.filter(meeting=meeting, state=AgendaItem.State.DECIDED):
        scene.decided_cases.add(item.case_id)
        scene.decided_items.add(item.pk)
        scene.timeline.decided(item)
    yield moment(workday(meeting.ballots_until + 2 * DAY), 10)
    Meeting.objects.get(pk=meeting.pk).sign_minutes(by=place.secretary)


def councils_today(scene):
    """The first council now: ballots are out and the demo's member has not voted; its queue holds every kind."""
    place = scene.region.places[0]
    _change_the_membership(scene)
    system_questions.sweep(scene.day)
    _ask_of_every_kind(scene)
    ready = list(_to_vote_on(place.council).filter(by_system=False))  # the system's stay to be seen in the queue
    if len(ready) > 1:
        meeting = _send(scene, place, ready[-1:], until=workday(scene.day + 5 * DAY))
        _answer(meeting, place.secretary, leave_out=6, by_hand=False)


def _to_vote_on(council):
    """Questions of the queue whose decision is prepared by itself."""
    ready = council.agenda_items.ready(timezone.localdate()).exclude(question=Question.OTHER).filter(also="")
    return ready.select_related("case__curator").order_by("proposed_at", "pk")


def _send(scene, place, items, until):
    meeting = Meeting.plan_absentee(place.council, by=place.secretary, until=until)
    for item in items:
        item.schedule(meeting, by=place.secretary)
    meeting.send_ballots(by=place.secretary)
    return meeting


def _answer(meeting, secretary, leave_out, by_hand=True):
    """Whoever signs in votes himself, the rest on paper; the last `leave_out` do not answer."""
    rows = list(meeting.waiting_sheets().select_related("membership__user").order_by("pk"))
    items = list(meeting.agenda_items.values_list("pk", flat=True))
    scan = attach(read_content(_paper()), by=secretary) if by_hand else None
    for number, row in enumerate(rows[: len(rows) - leave_out]):
        user = row.membership.user
        choices = dict.fromkeys(items, Choice.ABSTAINED if number == 2 else Choice.FOR)
        if user is not None and user.username != "member":
            BallotSheet.hand_in(row, by=user, choices=choices)
        elif by_hand:
            BallotSheet.hand_in(row, by=secretary, choices=choices, signed_on=timezone.localdate(), scan=scan)


def _change_the_membership(scene):
    """The last council has got a new membership by a new order; the first one names a substitute and an invited."""
    last, first = scene.region.places[-1].council, scene.region.places[0].council
    admin = scene.region.users["administrator"]
    seats = [
        {
            "user": row.user, "organisation": row.organisation, "role": row.role, "post": row.post, "votes": row.votes,
        } | ({} if row.user else {"last_name": row.last_name, "first_name": row.first_name, "patronymic": row.patronymic})
        for row in last.members_on(scene.day)
    ]  # fmt: skip
    last.replace_members(seats[:-1], by=admin, since=scene.day, order_number="41-р", order_on=scene.day - DAY)
    first.memberships.filter(role="member", until=None).first().name_substitute(by=admin, substitute="Орлова М.Д.")
    police = scene.region.places[0].agencies["police"]
    for login in ("executor", "curator"):  # who works with families sits in a council too
        user = scene.region.users[login]
        first.seat(
            by=admin, user=user, organisation=user.organisation, role="member", since=scene.day, post=user.post,
            order_number="38-р", order_on=scene.day - 2 * DAY,
        )  # fmt: skip
    first.seat(
        by=admin, organisation=police, role="invited", since=scene.day, last_name="Громов", first_name="Степан",
        patronymic="Ильич", post="помощник прокурора района", order_number="38-р", order_on=scene.day - 2 * DAY,
    )  # fmt: skip


def _ask_of_every_kind(scene):
    """One question is put off until a day, one of the system is joined to a person's, who asks for a handing over."""
    place, today = scene.region.places[0], scene.day
    asked = _to_be_joined(today)
    if asked is not None:
        home = next(each for each in scene.region.places if each.council == asked.council)
        keeper = asked.case.organisation_id
        own = AgendaItem.propose(
            asked.case, by=asked.case.curator, council=asked.council, question=Question.TRANSFER,
            to_organisation=next(centre for centre in home.centres if centre.pk != keeper),
            summary="Семья переезжает ближе к другому центру. Просим решить, кому её сопровождать.",
        )  # fmt: skip
        asked.merge_into(own, by=home.secretary)
    else:
        _ask_to_hand_over(place)
    waiting = AgendaItem.objects.queued().filter(also="").order_by("-by_system", "-proposed_at")
    last = waiting.filter(council=place.council).first() or waiting.first()
    if last is not None:
        last.put_off(by=place.secretary, until=workday(today + 9 * DAY), reason="Ждём характеристику из школы.")


def _ask_to_hand_over(place):
    cases = Case.objects.supported().filter(organisation=place.centres[0], curator__isnull=False)
    case = cases.exclude(pk__in=AgendaItem.objects.waiting().values("case")).order_by("pk").first()
    if case is not None:
        AgendaItem.propose(
            case, by=case.curator, council=place.council, question=Question.TRANSFER, summary="Семья переезжает.",
            to_organisation=place.centres[1],
        )  # fmt: skip


def _to_be_joined(today):
    """A question about a term, near or reached, beside which another of that sort stays in some queue; or None."""
    terms = AgendaItem.objects.queued().about_term().filter(case__curator__isnull=False)
    terms = terms.select_related("case__family", "case__curator", "council").order_by("pk")
    for sort in (terms.filter(case__level_term_on__gt=today), terms.filter(case__level_term_on__lte=today)):
        free = [item for item in sort if not item.case.agenda_items.in_the_way().exists()]
        if free and sort.count() > 1:
            return free[0]
    return None


def _paper() -> bytes:
    sheet = Image.new("L", (620, 877), 255)
    ImageDraw.Draw(sheet).rectangle((60, 60, 560, 817), outline=0, width=2)
    target = io.BytesIO()
    sheet.save(target, "PNG")
    return target.getvalue()
