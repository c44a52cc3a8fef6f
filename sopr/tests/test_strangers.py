"""Another organisation's object does not exist: every page about one thing answers 404 to those it does not belong to."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import (
    ActivityFile,
    ActivityRequest,
    ActivitySession,
    AftercareCheck,
    Benefit,
    BonusEntry,
    BonusReward,
    BonusStep,
    CaseTransfer,
    Certificate,
    Clarification,
    Closure,
    Contract,
    DispatchAttempt,
    DispatchRequest,
    DispatchService,
    Enrolment,
    GroupSession,
    IndividualRoute,
    NearPerson,
    NewbornHelp,
    NewbornQuestionnaire,
    NewbornRisk,
    PlanTemplate,
    ProblemGroup,
    QuarterlyWord,
    RentalItem,
    Review,
    Service,
    ServiceGroup,
    StandIn,
    SurveyInvitation,
    Visit,
)
from conftest import make_user
from councils.models import AgendaItem, Assignment, AssignmentEvent, BallotSheet, Meeting, Opinion, RefusalNotice, Scan
from councils.words import Question
from families.merging.verbs import merge_families
from families.models import DistrictPassport, DistrictPlace, HealthStatus, MatchRequest, Settlement, SocialContract
from reports import forms, periods
from reports.compute import compute
from reports.models import DeclaredFact, Report, ReportRun
from sopr.accounts.models import District
from sopr.documents.models import Attachment
from sopr.exchange.models import ExchangeJob
from sopr.tests.casework import activate, add_pack, make_council, make_family, make_referral, open_case
from sopr.tests.test_access import _patterns, get_resolver, read_table
from sopr.web.models import Draft


@pytest.fixture
def families(world):
    """The family whose case is in work and the one whose case waits for a council."""
    return make_family(world), make_family(world)


@pytest.fixture
def things(world, families):
    """One of each thing of the northern centre and of its council, by the keyword of the URLs."""
    today = timezone.localdate()
    council = make_council(world)
    case = activate(world, open_case(world, family=families[0]), council=council)
    mother = case.family.memberships.get(relation="mother")
    Contract.sign(
        case, by=world.curator, signed_on=today, until=today + datetime.timedelta(days=90), party=mother.person
    )
    waiting = open_case(world, family=families[1])
    add_pack(world, waiting)
    item = AgendaItem.propose(waiting, by=world.curator, council=council, question=Question.RECOGNISE, level="basic")
    decided = case.agenda_items.get()
    signed = decided.meeting.sign_minutes(by=world.secretary)
    meeting = Meeting.plan(council, by=world.secretary, held_on=today, starts_at=datetime.time(16))
    item.schedule(meeting, by=world.secretary)
    meeting.start(by=world.secretary)
    task = Assignment.give(item, by=world.secretary, text="Помочь", executor=world.clinic, due_on=today)
    form, period = forms.find("tatarstan-414"), periods.parse("2025")
    report = Report.open_for(form, period, world.centre)
    report.store(*compute(form, period, world.centre))
    revision = case.programmes.get().revisions.get()
    activity = revision.activities().get(agency=world.clinic)
    file = Attachment.objects.create(path="attachments/x.pdf", kind="pdf", size=1, digest="", by=world.executor)
    more = [
        Attachment.objects.create(path=f"attachments/{n}.pdf", kind="pdf", size=1, digest="", by=world.executor)
        for n in range(3)
    ]
    district = District.objects.create(municipality=world.north, name="Участок № 1")
    child = case.family.memberships.get(relation="child").person
    service = Service.add(by=world.head, title="Кружок", kind="club", for_whom="minors")
    group = ServiceGroup.start(service, by=world.head, title="Младшая")
    route = IndividualRoute.begin(case, by=world.curator, person=child, goal="Найти дело", planned_until=today)
    certificate = Certificate.issue(
        case, by=world.curator, goals=[(revision.goals.first(), "Илья учится")], helpers=[], surname="Ковалёвых",
        names="Анне", agreed_by=mother.person, agreed_on=today,
    )  # fmt: skip
    opinion = Opinion.objects.create(
        item=item, agency=world.clinic, question="Был ли осмотр?", due_on=today, asked_by=world.secretary
    )
    step = BonusStep.add(by=world.head, title="Сходили к врачу", points=5)
    return {
        "service": service,
        "servicegroup": group,
        "groupsession": GroupSession.add(group, by=world.head, held_on=today, starts_at=datetime.time(16)),
        "enrolment": Enrolment.enrol(group, case.family, by=world.curator, person=child),
        "individualroute": route,
        "routestep": route.add_step(by=world.curator, text="Проба"),
        "benefit": Benefit.add(
            by=world.head,
            since=today,
            title="Обеды",
            norm="Решение совета",
            gives="Обеды",
            terms="Всем",
            apply_at="Школа",
        ),
        "bonusstep": step,
        "bonusreward": BonusReward.add(by=world.head, title="Билет в театр", points=3),
        "bonusentry": BonusEntry.award(case, step, by=world.curator, happened_on=today, evidence="видели"),
        "draft": Draft.objects.create(user_id=world.curator.pk, address="/", title="Форма", saved_at=timezone.now()),
        "district": district,
        "settlement": Settlement.objects.create(district=district, name="с. Лесное"),
        "districtplace": DistrictPlace.objects.create(district=district, kind="school", name="Школа"),
        "districtpassport": DistrictPassport.draw_up(district, by=world.head, on=today),
        "family": case.family,
        "person": mother.person,
        "other_family": waiting.family,
        "other_person": waiting.family.memberships.get(relation="mother").person,
        "merge": merge_families(make_family(world), make_family(world), by=world.head, reason="twice"),
        "familymembership": mother,
        "categoryperiod": case.family.category_periods.get(),
        "matchrequest": MatchRequest.objects.create(
            family=case.family,
            organisation=world.centre,
            asked_from=world.clinic,
            asked_by=world.executor,
            about="Ковалёва Анна",
            reason="обратилась к нам",
        ),
        "registerentry": case.family.place_on_sop(by=world.curator, placed_on=today),
        "healthstatus": HealthStatus.objects.create(person=mother.person, kind="ovz", detail="speech", since=today),
        "representation": mother.represent(by=world.curator, ground="parents", document_name="Свидетельство")[0],
        "referral": make_referral(world),
        "socialcontract": SocialContract.conclude(
            case.family,
            by=world.curator,
            signed_on=today,
            until=today + datetime.timedelta(days=90),
            directions=["work"],
        ),
        "case": case,
        "casemember": case.members.first(),
        "casetransfer": CaseTransfer.objects.create(
            case=case, to_organisation=world.clinic, reason="переезд", consented_on=today, offered_by=world.head
        ),
        "user": world.curator,
        "standin": StandIn.name(
            world.curator,
            by=world.head,
            user=world.colleague,
            since=today + datetime.timedelta(days=1),  # today he is nobody to the family
            until=today + datetime.timedelta(days=9),
            reason="leave",
            cases=[case],
        ),
        "surveyinvitation": SurveyInvitation.issue(case, by=world.curator),
        "programmerevision": revision,
        "assessment": case.assessments.get(),
        "plantemplate": PlanTemplate.objects.create(
            organisation=world.centre,
            domain="income",
            problem="-",
            goal="-",
            criterion="-",
            title="Свой клуб",
            kind="social",
            agency_kind="social",
            within_days=5,
        ),
        "goal": revision.goals.first(),
        "activity": activity,
        "activityfile": ActivityFile.objects.create(activity=activity, attachment=file),
        "activityrequest": ActivityRequest.issue(activity, by=world.curator),
        "clarification": Clarification.ask(activity, by=world.executor, question="Когда начать?"),
        "activitysession": ActivitySession.objects.create(activity=activity, planned_on=today),
        "quarterlyword": QuarterlyWord.objects.create(
            agency=world.clinic, case=case, since=today, until=today + datetime.timedelta(days=60)
        ),
        "contract": case.contracts.get(),
        "certificate": certificate,
        "certificatemark": certificate.marks.create(month=today.replace(day=1), met_on=today, by=world.curator),
        "review": Review.record(
            case, by=world.curator, done_on=today, progress="Сделано", changes="Лучше", conclusion="continue"
        ),
        "closure": Closure.prepare(
            case, by=world.curator, outcome="improved", reason="goals_reached", conclusion="Справляются"
        ),
        "aftercarecheck": AftercareCheck.objects.create(case=case, due_on=today),
        **things_of_practices(world, case),
        "visit": Visit.plan(
            case,
            by=world.curator,
            at=timezone.now() + datetime.timedelta(days=1),
            kind="visit",
            purpose="Посмотреть, как дела",
        ),
        "council": council,
        "councilmembership": council.memberships.first(),
        "seat": council.memberships.first(),
        "opinion": opinion,
        "opinionanswer": opinion.answers.create(text="Всё хорошо", attachment=file, by=world.executor),
        "meeting": meeting,
        "agendaitem": item,
        "attendance": meeting.attendances.first(),
        "ballotsheet": BallotSheet.objects.create(attendance=meeting.attendances.first(), by=world.secretary),
        "assignment": task,
        "assignmentevent": AssignmentEvent.objects.create(assignment=task, kind="reported", attachment=more[0]),
        "minutes": signed,
        "correction": signed.correct(by=world.secretary, stood="а", should="б", reason="в"),
        "scan": Scan.objects.create(minutes=signed, item=decided, attachment=more[1]),
        "refusalnotice": RefusalNotice.objects.create(item=decided, number=1, due_on=today, receipt=more[2]),
        "report": report,
        "declaredfact": DeclaredFact.declare(world.centre, "volunteers", period, "3", by=world.head, basis="журнал"),
        "exchangejob": ExchangeJob.objects.create(kind="export", by=world.head, organisation=world.centre),
        "reportrun": ReportRun.objects.create(report=report, by=world.head),
    }


def things_of_practices(w, case):
    """What a region's practices add to the case's family, by the keyword of the URLs."""
    mother, today = case.family.memberships.get(relation="mother").person, timezone.localdate()
    item = RentalItem.enter(by=w.curator, inventory_number="К-1", kind="pram", title="Коляска", acquired_on=today)
    loan = item.lend(by=w.curator, family=case.family, person=mother, since=today, due_on=today)
    risk = NewbornRisk.start(
        case.family,
        by=w.curator,
        woman=mother,
        keeper=w.curator,
        group="pregnant",
        signalled_on=today,
        expected_on=today,
    )
    near = NearPerson.add(risk, by=w.curator, full_name="Ковалёва Мария", relation="mother", help="посидит с ребёнком")
    NewbornQuestionnaire.fill(
        risk, by=w.curator, moment="before", filled_on=today, intention="doubt", doubt=3, support=1, care=2, means=1
    )
    NewbornHelp.give(risk, by=w.curator, kind="training", held_on=today)
    risk.conclude(by=w.curator, outcome="doubt", day=today)
    request = DispatchRequest.open_for(case.family, by=w.curator, appealed_on=today, asked="Нужна помощь")
    request.put_into_group(ProblemGroup.objects.create(title="Нет документов"), by=w.curator, problem="Утерян паспорт")
    service = DispatchService.plan(
        request, by=w.curator, title="Юрист", kind="legal", agency=w.centre, planned_on=today, mobile=True, team="юрист"
    )
    DispatchAttempt.record(request, by=w.curator, made_on=today, how="phone")
    return {
        "rentalitem": item,
        "rentalloan": loan,
        "newbornrisk": risk,
        "nearperson": near,
        "dispatchrequest": request,
        "dispatchservice": service,
    }


def pages_about_one_thing():
    for page, keywords in _patterns(get_resolver()):
        if keywords and read_table()[page] & set(STRANGERS):
            yield page, keywords


STRANGERS = {
    "curator": "other_curator",
    "head": "other_head",
    "executor": "other_executor",
    "secretary": "other_secretary",
    "member": "other_member",
}


def test_another_organisations_things_do_not_exist(client, world, things):
    world.other_member = make_user("member", world.other_centre, last_name="Чужинова")
    seen = 0
    problems = []
    for page, keywords in pages_about_one_thing():
        values = {"row": "1", "column": "2025", "kind": "json", "code": "review", "organisation": world.clinic.pk}
        values |= {"measure": "on_support", "by": "category", "part": "single_parent"}
        values |= {"figure": "load" if "organisation" in keywords else "families"}
        values |= {k: things[k].pk for k in keywords if k in things}
        url = reverse(page, kwargs={keyword: values[keyword] for keyword in keywords})
        for role in read_table()[page] & set(STRANGERS):
            client.force_login(getattr(world, STRANGERS[role]))
            for method in (client.get, client.post):
                seen += 1
                status = method(url).status_code
                if status != 404 and (status, method) != (405, client.post):  # 405: a page that takes no POST
                    problems.append(f"{page} {role} {method.__name__}: {status}")
    assert not problems, problems
    assert seen > 100
