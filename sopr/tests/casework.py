"""Builders of casework for tests: each goes through the verbs, as people do."""

import datetime

from django.utils import timezone

from cases.models import Assessment, Case, Programme
from cases.words import Domain, HelpKind, Level
from councils.models import AgendaItem, Council, Meeting
from councils.words import Question, Verdict
from families.categories import Category
from families.models import Family, FamilyMembership, Referral
from families.models.family import new_person

Relation = FamilyMembership.Relation


def make_referral(w, **fields):
    """A new signal in the journal of the curator's organisation."""
    values = {
        "channel": Referral.Channel.AGENCY,
        "about": "семья Ковалёвых",
        "municipality": w.north,
        "substance": "Ребёнок не посещает школу вторую неделю.",
    } | fields
    return Referral.register(by=w.curator, **values)


def make_family(w, by=None, surname="Ковалёвы", category=Category.SINGLE_PARENT, **fields):
    """A registered family: a mother and one child, with a primary category."""
    by = by or w.curator
    family = Family.register(by=by, surname=surname, municipality=w.north, address="ул. Лесная, 4, кв. 7", **fields)
    mother = new_person(
        by=by,
        last_name="Ковалёва",
        first_name="Анна",
        patronymic="Игоревна",
        sex="f",
        birth_on=datetime.date(1991, 4, 12),
    )
    child = new_person(
        by=by,
        last_name="Ковалёв",
        first_name="Илья",
        patronymic="Петрович",
        sex="m",
        birth_on=datetime.date(2016, 9, 3),
    )
    since = datetime.date(2016, 9, 3)
    family.add_member(mother, by=by, relation=Relation.MOTHER, since=since, is_representative=True)
    family.add_member(child, by=by, relation=Relation.CHILD, since=since)
    family.set_primary_category(category, by=by, since=timezone.localdate())
    return family


def add_papers(family, by):
    """Application and consents: what a case cannot be opened without."""
    members = [membership.person for membership in family.members_on(timezone.localdate())]
    adult = next(m.person for m in family.members_on(timezone.localdate()) if m.is_representative)
    family.applications.create(
        organisation=by.organisation, applicant=adult, capacity="parent", help_asked="Устроить ребёнка в школу", by=by
    )
    for person in members:
        family.consents.create(operator=by.organisation, subject=person, given_by=adult, by=by)


def open_case(w, by=None, family=None, **fields):
    """A case at stage «диагностика»."""
    by = by or w.curator
    family = family or make_family(w, by=by)
    add_papers(family, by)
    return Case.open_for(family, by=by, curator=by, **fields)


def add_pack(w, case, level=Level.CRISIS, **goal_texts):
    """Survey of the home, assessment with two problem domains, a programme that answers both.

    `goal_texts` replace what its goals say: once approved they never change.
    """
    by = case.curator
    today = timezone.localdate()
    case.family.home_surveys.create(
        organisation=case.organisation,
        commission="Куратова, участковый",
        housing="2 комнаты, печь",
        children_conditions="Есть кровать и стол",
        conclusion="Нужна помощь",
        by=by,
    )
    scores = dict.fromkeys(Domain.values, 0) | {Domain.EDUCATION: 3, Domain.INCOME: 2}
    Assessment.record(
        case, by=by, done_on=today, scores=scores, proposed_level=level, level_reason="Так решили с семьёй"
    )
    revision = Programme.start(case, by=by, since=today, until=today + datetime.timedelta(days=180), level=level)
    for domain, kind, agency in [
        (Domain.EDUCATION, HelpKind.PEDAGOGICAL, w.school),
        (Domain.INCOME, HelpKind.SOCIAL, w.clinic),
    ]:
        texts = {"problem": "Есть трудность", "text": "Решить её", "criterion": "Решена"} | goal_texts
        goal = revision.add_goal(by=by, domain=domain, **texts)
        goal.add_activity(
            by=by,
            kind=kind,
            title=f"Помощь: {Domain(domain).label}",
            agency=agency,
            due_on=today + datetime.timedelta(days=30),
        )
    return revision


def make_council(w, members=5, **fields):
    """A council of the north with the secretary, the member of guardianship, and others without a login."""
    council = Council.objects.create(
        **(
            {
                "code": f"S{Council.objects.count() + 1}",
                "name": "Координационный совет Северного района",
                "municipality": w.north,
            }
            | fields
        )
    )
    since = datetime.date(2025, 1, 9)
    council.memberships.create(
        last_name="Председателев",
        first_name="Иван",
        patronymic="Ильич",
        sex="m",
        organisation=w.ministry,
        role="chair",
        post="заместитель главы района",
        since=since,
    )
    council.memberships.create(
        user=w.secretary,
        last_name="Секретарёва",
        first_name="Ольга",
        sex="f",
        organisation=w.centre,
        role="secretary",
        since=since,
    )
    council.memberships.create(
        user=w.member,
        last_name="Членова",
        first_name="Ольга",
        sex="f",
        organisation=w.guardianship,
        role="member",
        since=since,
    )
    for number in range(members - 3):
        council.memberships.create(
            last_name=f"Участников{number}",
            first_name="Пётр",
            sex="m",
            organisation=w.school,
            role="member",
            since=since,
        )
    return council


def start_meeting(w, council, *items, absent=0):
    """A running meeting of today with `items` on its agenda and everybody but the last `absent` members present."""
    meeting = Meeting.plan(council, by=w.secretary, held_on=timezone.localdate())
    for item in items:
        item.schedule(meeting, by=w.secretary)
    meeting.start(by=w.secretary)
    rows = list(meeting.attendances.all())
    for row in rows[: len(rows) - absent]:
        row.mark(by=w.secretary, state="present")
    return meeting


def decide(w, item, verdict=Verdict.GRANTED, **fields):
    """All who are present vote for."""
    item.refresh_from_db()
    present = item.meeting.quorum_for(item).present
    return item.decide(by=w.secretary, verdict=verdict, text="Решили единогласно.", votes_for=present, **fields)


def activate(w, case=None, level=Level.CRISIS, council=None, **goal_texts):
    """A case accepted by a council's decision of today."""
    case = case or open_case(w)
    add_pack(w, case, level, **goal_texts)
    council = council or make_council(w)
    item = AgendaItem.propose(case, by=case.curator, council=council, question=Question.RECOGNISE, level=level)
    start_meeting(w, council, item)
    decide(w, item)
    case.refresh_from_db()
    return case


def hold_council(w, case, question, level="", verdict=Verdict.GRANTED):
    """One question about `case` put before a council of its own and decided by all who are present."""
    council = make_council(w)
    item = AgendaItem.propose(case, by=case.curator, council=council, question=question, level=level)
    start_meeting(w, council, item)
    decision = decide(w, item, verdict)
    case.refresh_from_db()
    return decision
