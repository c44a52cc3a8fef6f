"""Services of the demo centre: clubs with attendance, a full group, schools of parents, trips, routes of minors."""

import datetime

from django.utils import timezone

from cases.models import Case, Consultation, Enrolment, GroupSession, IndividualRoute, Service, ServiceGroup
from cases.models.session import Cell, mark_attendance
from cases.words import SUPPORTED_STAGES
from sopr.calendar import add_months
from sopr.demo.timeline import DAY

Kind, ForWhom = Service.Kind, Service.ForWhom
# title, kind, for whom, what about, group, places, place, [(weekday, hour)]
CLUBS = (
    ("Робототехника", Kind.CLUB, ForWhom.MINORS, "Конструирование и простые программы.", "Старшая", 4,
     "Кабинет робототехники", [(1, 16), (3, 16)]),
    ("Туристический клуб", Kind.CLUB, ForWhom.MINORS, "Походы выходного дня, узлы, первая помощь.", "Первый отряд", 12,
     "Спортивная площадка", [(5, 11)]),
    ("Детское радио", Kind.CLUB, ForWhom.MINORS, "Выпуски новостей центра.", "Эфир", 8, "Кабинет радиовещания", [(2, 15)]),
    ("Профориентационная площадка", Kind.CLUB, ForWhom.MINORS, "Профессиональные пробы, экскурсии.", "Выпускники", 10,
     "Специализированный класс", [(4, 15)]),
    ("Родительский всеобуч", Kind.PARENT_SCHOOL, ForWhom.PARENTS, "Возраст ребёнка, границы, поддержка.",
     "Осенний поток", 15, "Актовый зал", [(2, 18)]),
    ("Школа приёмных родителей", Kind.FOSTER_SCHOOL, ForWhom.FOSTER, "Подготовка и поддержка замещающих семей.",
     "Группа кандидатов", 10, "Кабинет 3", [(5, 10)]),
)  # fmt: skip
# led by the demo executor, who has the last week's dates still to mark
LED = (
    "Адаптивная физкультура", Kind.CLUB, ForWhom.MINORS, "Занятия с инструктором поликлиники.", "Младшая", 6,
    "Зал лечебной физкультуры поликлиники", [(0, 15), (3, 15)],
)  # fmt: skip
HELD_MONTHS = 2  # whole months before this one, attended and marked
# what a child's marks repeat: mostly there
HABITS = (
    ("present", "present", "present", "excused"),
    ("present", "absent", "present", "present"),
    ("present", "present"),
    ("absent", "present", "excused", "present", "present"),
)
GOALS = (
    ("Любит чинить технику, хорошо считает", "Выбрать рабочую профессию и поступить в колледж"),
    ("Снимает видео, уверенно говорит", "Найти дело по душе и бросить прогулы"),
    ("Занимается спортом, ответственный", "Научиться планировать свой день"),
)


def services(scene):
    """The last act of the history, told of the families that the demo centre supports now."""
    centre, today = scene.region.places[0].centres[0], scene.day
    curator = scene.region.curators[centre.pk][0]
    cases = list(
        Case.objects.filter(organisation=centre, stage__in=SUPPORTED_STAGES).select_related("family").order_by("pk")
    )
    begun = add_months(today.replace(day=1), -HELD_MONTHS)
    groups = [_club(curator, begun, *row) for row in CLUBS]
    led = _club(curator, begun, *LED, leader=scene.region.users["executor"])
    children, adults = _people(cases, today, minors=True), _people(cases, today, minors=False)
    for place, group in enumerate(groups):
        people = children if group.service.for_whom == ForWhom.MINORS else adults
        _fill(group, people[place:] + people[:place], curator, begun)
        _attend(group, curator, begun, today)
    _fill(led, children[::-1], curator, begun)
    _attend(led, led.leader, begun, today - 7 * DAY)
    _leave_and_wait(groups[0], curator, today)
    _changes(groups[1], curator, today)
    _brigade(cases, curator, begun, today)
    _routes(children, groups, curator, today)
    _consultations(cases, curator, today)
    _retired(curator, begun)


def _club(curator, begun, title, kind, for_whom, about, name, places, place, hours, leader=None):
    service = Service.add(by=curator, title=title, kind=kind, for_whom=for_whom, about=about, places=places)
    group = ServiceGroup.start(
        service, by=curator, title=name, leader=leader or curator, places=places, place=place, since=begun
    )
    slots = [{"weekday": day, "starts_at": datetime.time(hour), "minutes": 90} for day, hour in hours]
    group.set_schedule(by=curator, since=begun, slots=slots)
    for month in range(HELD_MONTHS + 1):
        GroupSession.generate(group, add_months(begun, month), by=curator)
    return group


def _people(cases, today, *, minors):
    """(case, person) of those whom the cases cover: the older first among minors."""
    found = []
    for case in cases:
        for member in case.family.members_on(today):
            person = member.person
            if person.age is not None and (7 <= person.age < 18 if minors else person.age >= 18):
                found.append((case, person))
    return sorted(found, key=lambda pair: (pair[1].birth_on, pair[1].pk))


def _fill(group, people, curator, begun):
    """Two more than there are places: they wait."""
    wanted = min(group.places + 2, 8)
    for case, person in people[:wanted]:
        Enrolment.enrol(group, case.family, by=curator, person=person, since=begun)


def _attend(group, curator, begun, today):
    enrolments = list(group.enrolments.filter(state="enrolled").order_by("pk"))
    cells = []
    for number, session in enumerate(group.sessions.filter(held_on__lt=today - 2 * DAY).order_by("held_on")):
        for place, row in enumerate(enrolments):
            habit = HABITS[place % len(HABITS)]
            cells.append(Cell(session.pk, row.pk, habit[number % len(habit)], ""))
    mark_attendance(group, cells, by=curator)


def _leave_and_wait(group, curator, today):
    """One has left of his own wish, the first of the queue has his place, another one waits."""
    enrolled = group.enrolments.filter(state="enrolled").order_by("pk")
    if len(enrolled) < 2:
        return
    enrolled[0].leave(by=curator, day=today, reason="own_wish")
    waiting = group.enrolments.waiting().first()
    if waiting is not None:
        waiting.admit(by=curator)


def _changes(group, curator, today):
    """A date moved and a date cancelled, both still ahead or unmarked."""
    free = list(group.sessions.untouched().filter(held_on__gte=today).order_by("held_on"))
    extra = GroupSession.add(group, by=curator, held_on=today, starts_at=datetime.time(9), place="Сбор у центра")
    extra.cancel(by=curator, reason="штормовое предупреждение")
    moved = free[0] if free else GroupSession.add(group, by=curator, held_on=today, starts_at=datetime.time(12))
    moved.change(by=curator, held_on=moved.held_on + DAY)


def _brigade(cases, curator, begun, today):
    service = Service.add(
        by=curator, title="Мобильная бригада", kind=Kind.TRIP, for_whom=ForWhom.FAMILIES,
        about="Консультации и помощь с документами в отдалённых сёлах.",
    )  # fmt: skip
    brigade = ServiceGroup.start(
        service, by=curator, title="Бригада № 1", leader=curator, crew="психолог, юрист, водитель", since=begun
    )
    families = cases[:3]
    for case in families:
        Enrolment.enrol(brigade, case.family, by=curator, since=begun)
    trips = [(begun + 20 * DAY, "с. Лесное, д. Боровая", 9), (begun + 45 * DAY, "п. Заречный", 14)]
    for day, places, outsiders in trips:
        if day > today:
            continue
        trip = GroupSession.add(
            brigade, by=curator, held_on=day, starts_at=datetime.time(9), minutes=300, place=places, outsiders=outsiders
        )
        rows = brigade.enrolments.order_by("pk")
        mark_attendance(brigade, [Cell(trip.pk, row.pk, "present", "") for row in rows], by=curator)
    GroupSession.add(
        brigade, by=curator, held_on=today + 12 * DAY, starts_at=datetime.time(9), minutes=300, place="с. Лесное",
        crew="психолог, врач-нарколог, водитель",
    )  # fmt: skip


def _routes(children, groups, curator, today):
    """A route that goes on, one finished with a place at a college, one broken off."""
    clubs = [group.service for group in groups[:4]]
    started = []
    for case, person in children:
        if len(started) == len(GOALS):
            break
        if not case.members.filter(person=person).exists() or any(route.case == case for route in started):
            continue
        since = max(case.opened_on, today - 60 * DAY)
        interests, goal = GOALS[len(started)]
        route = IndividualRoute.begin(
            case, by=curator, person=person, since=since, planned_until=add_months(since, 6), interests=interests,
            goal=goal, with_parents="Консультации психолога раз в месяц.", services=clubs[len(started) :],
        )  # fmt: skip
        route.add_step(by=curator, text="Диагностика интересов и склонностей", due_on=since + 7 * DAY)
        route.add_step(by=curator, text="Профессиональные пробы", due_on=since + 45 * DAY)
        route.add_step(by=curator, text="Беседа о планах на учёбу", due_on=since + 30 * DAY, for_parents=True)
        started.append(route)
    for route in started:
        first = route.steps.order_by("pk").first()
        first.settle(by=curator, done_on=min(route.since + 6 * DAY, today), result="Интересы выяснены")
    if len(started) > 1:
        finished = started[1]
        for step in finished.steps.filter(done_on=None):
            step.settle(by=curator, done_on=today, result="Прошло хорошо")
        finished.finish(
            by=curator,
            day=today,
            result="Выбрана профессия, навыки общения освоены.",
            recommendations="Поддержать учёбу.",
        )
        finished.enter_study(
            by=curator, study="vocational", study_place="Колледж сервиса, повар-кондитер", study_on=today
        )
    if len(started) > 2:
        step = started[2].steps.filter(done_on=None).first()
        step.settle(by=curator, result="Семья просит не продолжать")
        started[2].break_off(by=curator, day=today, reason="own_wish", result="Посетил несколько занятий.")


def _consultations(cases, curator, today):
    service = Service.add(by=curator, title="Консультация психолога", kind=Kind.CONSULTATION, for_whom=ForWhom.PARENTS)
    for number, case in enumerate(cases[:6]):
        Consultation.record(
            case, by=curator, service=service, done_on=max(case.opened_on, timezone.localdate() - number * 9 * DAY),
            remote=number % 3 == 1, summary="Как договариваться с подростком о правилах; договорились о следующей встрече.",
        )  # fmt: skip


def _retired(curator, begun):
    """A service that is offered no more, with its closed group."""
    service = Service.add(by=curator, title="Столярная мастерская", kind=Kind.CLUB, for_whom=ForWhom.MINORS, places=6)
    group = ServiceGroup.start(service, by=curator, title="Первая", led_by="мастер И. П. Орлов", since=begun)
    group.close(by=curator, day=begun + 10 * DAY)
    service.retire(by=curator)
