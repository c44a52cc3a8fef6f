"""Random records of every practice put straight into the tables, for the test that compares engine and oracle."""

import datetime
import random

from cases.models import (
    Activity,
    AttendanceMark,
    Case,
    CaseMember,
    Consultation,
    DispatchRequest,
    DispatchService,
    Enrolment,
    GroupSession,
    IndividualRoute,
    LevelPeriod,
    NearPerson,
    NewbornHelp,
    NewbornQuestionnaire,
    NewbornRisk,
    ProblemGroup,
    RentalItem,
    RentalLoan,
    Service,
    ServiceGroup,
    Survey,
)
from cases.words import Level, Outcome
from conftest import make_organisation, make_user
from councils.models import AgendaItem, Council, Meeting
from families.categories import Category
from families.models import ChildEvent, FamilyMembership, InformingEvent, Person, RegisterEntry, SocialContract
from reports.tests.generated import a_case, make_families, make_region, save_cases
from sopr.accounts.models import Municipality, Organisation, OrganisationKind, StaffRecord, Unit
from sopr.accounts.policy import Role

D = datetime.date
DAY = datetime.timedelta(days=1)
FAMILIES, ORGANISATIONS = 5, 3
GROUNDS = ["social_contract", "appeal"]
REASONS = ["goals_reached", "self_sufficient", "transferred", "moved"]
# What refers to others comes first.
CHANGING = (
    AttendanceMark, Enrolment, GroupSession, Consultation, IndividualRoute, RentalLoan, RentalItem, NewbornQuestionnaire,
    NewbornHelp, NearPerson, NewbornRisk, DispatchService, DispatchRequest, Survey, Activity, AgendaItem, Meeting,
    RegisterEntry, ChildEvent, InformingEvent, SocialContract, CaseMember, LevelPeriod,
)  # fmt: skip


def make_world():
    """What stays while the casework changes: organisations, services, specialists, agencies, families, councils."""
    w = type("World", (), {})()
    w.organisations = make_region(ORGANISATIONS)
    w.place = Municipality.objects.get(code="R")
    w.other_place = Municipality.objects.create(code="R2", name="Другой район")
    Organisation.objects.filter(pk=w.organisations[2].pk).update(municipality=w.other_place)
    w.agencies = [
        make_organisation("N1", "Помощь", OrganisationKind.NGO),
        make_organisation("N2", "Клиника", OrganisationKind.HEALTH),
        w.organisations[1],
    ]
    w.families = make_families(FAMILIES - 1) + make_families(1, w.other_place)
    for family in w.families[1:]:
        family.holders.add(*w.organisations[: family.pk % 2 + 1])
    kinds = ("coordination", "district_commission", "juvenile_commission")
    w.councils = [
        Council.objects.create(
            code=f"K{n}", name=f"Совет {n}", municipality=place, kind=kind, order_on=D(2016, 12, 31) if n % 2 else None
        )
        for n, (kind, place) in enumerate(
            zip([*kinds, kinds[0]], [w.place, w.place, w.place, w.other_place], strict=True)
        )
    ]
    w.curator = make_user(Role.CURATOR, w.organisations[0])
    w.curator.staff_records.update(since=D(2016, 12, 31), until=D(2017, 3, 31))
    StaffRecord.objects.create(user=w.curator, organisation=w.organisations[1], role="curator", since=D(2017, 1, 1))
    make_user(Role.HEAD, w.organisations[0])
    for organisation, since, until in zip(
        w.organisations, [D(2014, 1, 1), D(2017, 1, 1), D(2016, 1, 1)], [None, None, D(2016, 12, 30)], strict=True
    ):
        Unit.objects.create(organisation=organisation, name="Служба", supports_families=True, since=since, until=until)
        Unit.objects.create(organisation=organisation, name="Склад", since=D(2010, 1, 1))
    Unit.objects.create(organisation=w.organisations[0], name="Вторая", supports_families=True, since=D(2017, 4, 1))
    w.people = [_people(family, number) for number, family in enumerate(w.families)]
    w.groups = [ProblemGroup.objects.create(title=title) for title in ("Жильё", "Работа")]
    kinds = ("club", "trip", "consultation", "parent_school", "foster_school", "other")
    w.services = [
        Service.objects.create(organisation=organisation, title=kind, kind=kind)
        for organisation, kind in zip(w.organisations * 2, kinds, strict=True)
    ]
    w.lessons = [ServiceGroup.objects.create(service=each, title="Группа", since=D(2010, 1, 1)) for each in w.services]
    return w


def _people(family, number):
    """A mother and two children: one grows up about a border day, born on 29 February among them; one comes and goes."""
    births = [D(1998, 12, 31), D(2000, 2, 29), D(1999, 2, 28), D(1999, 4, 1), None]
    stays = [
        (None, None),
        (D(2016, 2, 29), None),
        (None, D(2016, 12, 31)),
        (D(2017, 4, 1), D(2017, 4, 1)),
        (None, None),
    ]
    people = [
        Person.objects.create(number=f"P{number}-{who}", last_name="Ковалёв", birth_on=birth, sex=sex)
        for who, birth, sex in ((0, D(1980, 5, 5), "f"), (1, births[number], "m"), (2, births[-1 - number], ""))
    ]
    for person, relation, (since, until) in zip(
        people, ("mother", "child", "child"), ((None, None), stays[number], stays[-1 - number]), strict=True
    ):
        FamilyMembership.objects.create(family=family, person=person, relation=relation, since=since, until=until)
    return people


def put(w, drawn_cases, records):
    """Replace the casework by what was drawn."""
    for model in CHANGING:
        model.objects.all()._raw_delete(using="default")
    Case.objects.update(transferred_from=None)
    Case.objects.all()._raw_delete(using="default")
    cases, open_pairs = [], set()
    for index, drawn in enumerate(drawn_cases):
        pair = drawn["family"], drawn["organisation"]
        first, last = sorted(drawn["days"])
        is_open = drawn["is_open"] and pair not in open_pairs
        if is_open:
            open_pairs.add(pair)
        cases.append(
            a_case(
                w.families[drawn["family"]],
                w.organisations[drawn["organisation"]],
                first if drawn["accepted"] else None,
                None if is_open else last,
                outcome=drawn["outcome"],
                primary_category=drawn["category"],
                ground=drawn["ground"],
                closure_reason="" if is_open else drawn["reason"],
                number=f"{drawn['digits']}-{index}",
            )
        )
    cases = save_cases(cases)
    levels, members = [], []
    for case, drawn in zip(cases, drawn_cases, strict=True):
        if drawn["came"]:
            Case.objects.filter(pk=case.pk).update(transferred_from=cases[0])
        levels += _levels(case, sorted(drawn["days"])[0], drawn["levels"])
        for person, (since, until) in zip(w.people[drawn["family"]], drawn["covers"], strict=False):
            if since and until and until < since:
                since, until = until, since
            members.append(CaseMember(case=case, person=person, since=since, until=until))
    LevelPeriod.objects.bulk_create(levels)
    CaseMember.objects.bulk_create(members)
    for number, record in enumerate(records):
        put_record(w, cases[record["case"] % len(cases)], number, record)


def put_richly(w, days):
    """Casework about these days in which every measure counts something and every cut of it has parts."""
    luck = random.Random(414)
    cases = [
        {
            "family": n % FAMILIES,
            "organisation": luck.randrange(ORGANISATIONS),
            "days": (luck.choice(days), luck.choice(days)),
            "is_open": n % 3 == 0,
            "outcome": luck.choice(Outcome.values),
            "category": luck.choice(Category.values),
            "ground": luck.choice(GROUNDS),
            "reason": luck.choice(REASONS),
            "came": n % 7 == 0,
            "digits": luck.randrange(120),
            "accepted": n % 9 > 0,
            "levels": [
                (level, luck.choice([1, 90, 400]), n % 2 and k) for k, level in enumerate(luck.choices(LEVELS, k=4))
            ],
            "covers": [(luck.choice([None, *days]), luck.choice([None, *days])) for _person in range(3)],
        }
        for n in range(30)
    ]
    records = [
        {
            "case": luck.randrange(30),
            "which": n % 3,
            "day": luck.choice(days),
            "later": luck.choice(days),
            "yes": luck.random() < 0.6,
            "counts": luck.random() < 0.8,
            "named": luck.random() < 0.7,
        }
        for n in range(60)
    ]
    put(w, cases, records)


def _levels(case, since, drawn):
    """Level periods one after another; a change follows at once or, where `gap`, a day later."""
    periods = []
    for level, length, gap in drawn:
        periods.append(LevelPeriod(case=case, level=level, since=since, until=since + (length - 1) * DAY))
        since += (length + gap) * DAY
    if periods and case.closed_on is None:
        periods[-1].until = None
    return periods


def put_record(w, case, number, record):
    """One row of everything that a figure counts, about the case's family, on the day drawn."""
    day, later, yes, counts = record["day"], record["later"], record["yes"], record["counts"]
    day, later = min(day, later), max(day, later)
    family, organisation, which = case.family, case.organisation, record["which"]
    place = w.organisations.index(organisation)  # each gives two services
    mother, child, other = w.people[w.families.index(family)]
    person = (mother, child, other)[which]
    Survey.objects.create(
        organisation=organisation,
        case=case if record["named"] else None,
        answered_on=day,
        satisfied=yes,
        improvement_noted=(yes, None, counts)[which],
        information=(5, 3, None)[which],
        accessibility=4 if yes else 2,
    )
    Activity.objects.create(
        case=case,
        kind="social",
        title="Помощь",
        agency=w.agencies[which],
        due_on=day,
        state="done" if counts else "planned",
        done_on=day if counts else None,
    )
    RegisterEntry.objects.get_or_create(
        family=family,
        kind="patronage" if counts else "sop",
        placed_on=min(day, D(2014, 1, 1) + number * DAY) if counts else day - number * DAY,
        defaults={"removed_on": later if counts or yes else None, "positive_rehabilitation": yes},
    )
    before = Meeting.objects.order_by("pk").last() if number % 3 == 2 else None
    meeting = Meeting.objects.create(
        council=w.councils[number % 4],
        held_on=day,
        state="signed" if counts else "cancelled",
        had_quorum=yes,
        continues=before,
        **({"form": "absentee", "ballots_until": day} if number % 7 == 6 else {}),
    )
    AgendaItem.objects.create(
        council=meeting.council,
        meeting=meeting,
        case=case,
        question="recognise" if yes else "other",
        state="decided" if record["named"] else "returned",
    )
    event = ChildEvent.objects.create(
        municipality=(w.place, w.other_place)[number % 2],
        happened_on=day,
        kind=("refusal", "cruelty", "cruelty")[which] if counts else ("deprivation", "return", "return")[which],
        family=family if record["named"] else None,
        confirmed=yes,
    )
    wrote = organisation if yes else None
    SocialContract.objects.get_or_create(
        family=family, signed_on=day, defaults={"improved": (True, None, False)[which], "organisation": wrote}
    )
    InformingEvent.objects.create(
        family=family if record["named"] else None,
        informed_on=day,
        topic="Помощь",
        organisation=wrote,
        families_count=1 if record["named"] else number + 2,
    )
    _put_dispatch(w, family, organisation, number, record, day, later)
    risk = NewbornRisk.objects.create(
        organisation=organisation,
        number=number,
        year=2017,
        family=family,
        woman=mother,
        keeper=w.curator,
        group="pregnant",
        signalled_on=day,
        outcome="prevented" if counts else "refused",
        outcome_on=later,
        child_event=event,
    )
    near = NearPerson.objects.create(risk=risk, full_name="Мать", relation="mother")
    for to, kind in ((None, "training" if yes else "meeting"), (near if counts else None, "training")):
        NewbornHelp.objects.create(risk=risk, kind=kind, held_on=day, near=to, by=w.curator)
    NewbornQuestionnaire.objects.create(
        risk=risk,
        moment="after" if counts else "before",
        filled_on=day,
        intention=("doubt", "keep", "doubt")[which],
        doubt=0,
        support=0,
        care=0,
        means=0,
        by=w.curator,
    )
    item = RentalItem.objects.create(
        organisation=organisation, inventory_number=f"I{number}", kind="pram", title="Коляска"
    )
    RentalLoan.objects.create(
        item=item, number=number, year=2017, family=family, person=person, since=day, due_on=later, by=w.curator
    )
    IndividualRoute.objects.create(
        case=case,
        person=person,
        since=day,
        planned_until=later,
        goal="Цель",
        state="finished" if yes else "broken",
        broken_reason="" if yes else "moved",
        ended_on=later,
        study="vocational" if counts else "",
        study_on=later if counts else None,
        by=w.curator,
    )
    lesson = w.lessons[place + 3 * (number % 2)]
    session = GroupSession.objects.create(
        group=lesson,
        held_on=day,
        starts_at=datetime.time(number // 60, number % 60),
        cancelled=not counts,
        cancel_reason="" if counts else "болезнь",
    )
    enrolment = Enrolment.objects.create(
        group=lesson,
        family=family,
        person=person,
        state="left",
        since=day,
        until=later,
        left_reason="moved",
        by=w.curator,
    )
    AttendanceMark.objects.create(
        session=session, enrolment=enrolment, state="present" if record["named"] else "absent", marked_by=w.curator
    )
    Consultation.objects.create(service=w.services[place], case=case, done_on=day, summary="Беседа", by=w.curator)


def _put_dispatch(w, family, organisation, number, record, day, later):
    request = DispatchRequest.objects.create(
        organisation=organisation,
        number=number,
        year=2017,
        family=family,
        appealed_on=day,
        asked="Помощь",
        group=[*w.groups, None][record["which"]],
        state="closed",
        first_service_on=later,
        closed_on=later,
        result="solved",
        ground="silence",
    )
    DispatchService.objects.create(
        request=request,
        title="Услуга",
        kind="social",
        agency=organisation,
        planned_on=later,
        state="given" if record["counts"] else "cancelled",
        given_on=later,
        by=w.curator,
    )


LEVELS = tuple(Level.values)
