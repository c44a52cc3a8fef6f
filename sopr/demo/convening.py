"""How meetings to come are convened: repeated, extraordinary, moved, called off; answers, narrowed papers, opinions."""

import datetime
from itertools import cycle

from councils import norm, planning
from councils.models import Invitation, Meeting, Opinion
from sopr.accounts.models import OrganisationKind as Kind
from sopr.demo.timeline import DAY, workday

LINK = "https://telemost.example.ru/j/40112"
ANSWERS = cycle(
    [
        {"answer": "yes"},
        {"answer": "yes"},
        {"answer": "no", "reason": "командировка"},
        {"answer": "yes"},
        {"answer": "substitute", "substitute": "Орлова И.П., главный специалист"},
        None,
    ]
)
ASKED = (
    "Приводят ли детей на осмотры и прививки, выполняют ли назначения?",
    "Состоят ли дети на учёте, приходит ли мать по вызову?",
    "Когда дети были на осмотре в последний раз и что рекомендовано?",
)
ASKED_SCHOOL = "Посещают ли дети занятия, есть ли пропуски без причины в этом полугодии?"
SAID_SCHOOL = "Пропусков без причины нет, на вызовы родители приходят."
SAID = "На осмотр в октябре не пришли, на телефонные звонки мать отвечает."
SAID_ANEW = "Осмотр пройден на этой неделе, рекомендации мать выполняет."


def meetings_to_come(scene, clock, now):
    """At the end of the story: every state of convening, most of it in the first council."""
    place = scene.region.places[0]
    for number, other in enumerate(scene.region.places[1:3]):
        _repeat(scene, other, weekday=number + 1)
    coming = place.council.meetings.filter(state=Meeting.State.PLANNED, held_on__gt=scene.timeline.today)
    meeting = coming.order_by("held_on").first()
    items = list(place.council.agenda_items.queued().filter(by_system=False, not_before=None).order_by("pk")[:4])
    _ask_for_opinions(scene, place, items, clock, now)
    for item in items[:3]:
        item.schedule(meeting, by=place.secretary)
    for item in items[2:3]:
        item.call([place.agencies[Kind.HEALTH]], by=place.secretary)
    for item in items[:1]:
        item.call([place.agencies[Kind.GUARDIANSHIP], place.agencies[Kind.HEALTH]], by=place.secretary)
    _answer(meeting, place)
    _extraordinary(scene, place)
    norm.sweep(scene.timeline.today)


def _repeat(scene, place, weekday):
    """«Каждый второй и четвёртый вторник», two months on."""
    since = scene.timeline.today + DAY
    lines = planning.propose(planning.by_month(since, since + 62 * DAY, weekday, (2, 4)))
    taken = set(place.council.meetings.values_list("held_on", flat=True))
    days = [line.held_on for line in lines if line.held_on not in taken]
    Meeting.plan_series(place.council, by=place.secretary, days=days, starts_at=datetime.time(14, 30))


def _ask_for_opinions(scene, place, items, clock, now):
    """One answered and answered anew, one waited for, one overdue."""
    clinic, school = place.agencies[Kind.HEALTH], place.agencies[Kind.EDUCATION]
    ahead = workday(scene.timeline.today + 6 * DAY)
    clock.move_to(now - 6 * DAY)
    for item, agency, question, due_on in zip(
        items, (clinic, clinic, clinic), ASKED, (ahead, ahead, scene.timeline.today - 2 * DAY), strict=False
    ):
        Opinion.ask(item, by=place.secretary, agency=agency, question=question, due_on=due_on)
    for item in items[:1]:
        asked = Opinion.ask(item, by=place.secretary, agency=school, question=ASKED_SCHOOL, due_on=ahead)
        asked.give(by=scene.region.executors[school.pk], text=SAID_SCHOOL)
        first = Opinion.objects.get(item=item, agency=clinic)
        first.give(by=scene.region.executors[clinic.pk], text=SAID)
        clock.move_to(now - 2 * DAY)
        first.give(by=scene.region.executors[clinic.pk], text=SAID_ANEW)
    clock.move_to(now)


def _answer(meeting, place):
    for member in meeting.council.members_on(meeting.held_on):
        said = next(ANSWERS)
        if said:
            Invitation.reply(meeting, member, by=member.user or place.secretary, **said)


def _extraordinary(scene, place):
    """One extraordinary meeting by video, moved once; one that was called off."""
    today, secretary = scene.timeline.today, place.secretary
    urgent = Meeting.plan(
        place.council, by=secretary, held_on=workday(today + 4 * DAY), starts_at=datetime.time(9), video_link=LINK,
        extraordinary=True, ground="Обращение опеки об угрозе жизни ребёнка.", duration=60,
    )  # fmt: skip
    urgent.move(
        by=secretary, held_on=workday(today + 5 * DAY), starts_at=datetime.time(11), place="Зал заседаний № 2",
        video_link=LINK, despite=True,
    )  # fmt: skip
    called_off = Meeting.plan(
        place.council, by=secretary, held_on=workday(today + 9 * DAY), starts_at=datetime.time(15)
    )
    called_off.cancel(by=secretary, reason="Карантин в здании администрации.")
