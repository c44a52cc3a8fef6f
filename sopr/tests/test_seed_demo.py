"""The demo region: everything occurs in it, it keeps the rules, and it is entered once."""

import datetime
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, DateField, DateTimeField, Max
from django.utils import timezone

from cases import composition, reading
from cases.models import (
    Activity,
    AftercareCheck,
    Assessment,
    AttendanceMark,
    Benefit,
    BenefitNote,
    BenefitVersion,
    BonusEntry,
    BonusReward,
    BonusStep,
    Case,
    CaseEvent,
    CaseTransfer,
    Certificate,
    CertificateMark,
    Consultation,
    Contract,
    ContractCopy,
    DispatchRequest,
    DispatchService,
    Enrolment,
    GroupSession,
    IndividualRoute,
    LevelPeriod,
    NewbornRisk,
    PlanTemplate,
    ProgrammeRevision,
    RentalItem,
    RentalLoan,
    Service,
    StandIn,
    TemplateUse,
    Visit,
)
from cases.words import FLOW, ClosureReason, Level, Outcome, Stage
from councils.models import (
    AgendaItem,
    Assignment,
    AssignmentEvent,
    BallotSheet,
    ChairSignature,
    Correction,
    CouncilEvent,
    CouncilMembership,
    Decision,
    Extract,
    Invitation,
    Meeting,
    Minutes,
    Opinion,
    RefusalNotice,
    Scan,
)
from families import hints
from families.categories import Category
from families.chronicle import last_visit
from families.districts import figures
from families.models import (
    ChildEvent,
    DistrictPlace,
    Family,
    FamilyEvent,
    FamilyMembership,
    HealthStatus,
    InformingEvent,
    MatchRequest,
    Merge,
    Person,
    Referral,
    RegisterEntry,
    Representation,
    SocialContract,
)
from families.names import snils_is_valid
from families.quality import kept
from reports import periods
from reports.compute import reporting_organisations
from reports.forms import CATALOGUE
from reports.models import DeclaredFact, OwnForm, PlanTarget, Report
from reports.plan_fact import PlanFact
from reports.targets import forms_with_plans
from sopr.accounts.models import District, Municipality, Organisation, OrganisationKind, User
from sopr.accounts.policy import Role
from sopr.demo import names
from sopr.demo.region import PASSWORD
from sopr.exchange.models import ExchangeJob
from sopr.obligations.models import Obligation
from sopr.web.models import Draft, SavedFilter

FAMILIES = 60
# Terms are set ahead: their dates may lie in the future, everything else has happened.
AHEAD = {
    "AssignmentEvent.day",  # a new term
    "answer_by",
    "ballots_until",
    "not_before",
    "planned_on",
    "copy_due_on",
    "next_on",
    "due_on",
    "until",
    "planned_until",
    "expected_on",
    "valid_until",
    "term_on",
    "level_term_on",
    "remind_on",
    "held_on",
    "expires_at",
    "expire_date",
    "StandIn.since",  # a leave that is planned
    "StandInPeriod.since",
    "Visit.at",
    "Visit.first_at",
}


@pytest.fixture(scope="module")
def region(django_db_setup, django_db_blocker):
    """The region once for the whole module, in a transaction that is rolled back: seeding takes a while."""
    out = StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", families=FAMILIES, stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def values(queryset, field):
    return set(queryset.values_list(field, flat=True))


def test_the_register_went_in_and_out(region):
    jobs = {job.kind: job for job in ExchangeJob.objects.all()}
    assert {kind: job.state for kind, job in jobs.items()} == {"import": "done", "export": "done"}
    assert jobs["export"].file.exists()
    assert {sheet["title"]: sheet["counts"] for sheet in jobs["import"].result["sheets"]} == {
        "Информирование": {"создано": 3}
    }


def test_every_stage_level_outcome_and_category_occurs(region):
    assert values(Case.objects, "stage") == set(Stage.values)
    assert values(Case.objects.exclude(level=""), "level") == set(Level.values)
    assert values(Case.objects.exclude(outcome=""), "outcome") == set(Outcome.values)
    assert values(Case.objects, "primary_category") == set(Category.values)
    assert len(values(Case.objects, "closure_reason") & set(ClosureReason.values)) >= 5
    assert values(Referral.objects, "state") == set(Referral.State.values)
    assert Referral.objects.filter(threat_to_life=True).exists()
    assert values(Activity.objects, "state") == set(Activity.State.values)
    assert values(Activity.objects.filter(state="not_done"), "not_done_reason") == set(Activity.NotDoneReason.values)
    # a question of the system is withdrawn, or merged, in a region large enough to have a second one
    large = {AgendaItem.State.WITHDRAWN, AgendaItem.State.MERGED}
    assert values(AgendaItem.objects, "state") >= set(AgendaItem.State.values) - large
    assert values(Meeting.objects, "state") == set(Meeting.State.values)
    assert Meeting.objects.filter(had_quorum=False).exists()
    assert Case.objects.exclude(previous=None).exists()


def test_papers_of_councils_occur_in_every_state(region):
    minutes = Minutes.objects.filter(meeting__imported=False)
    assert minutes.awaiting_chair().exists() and values(ChairSignature.objects, "on_paper") == {True, False}
    assert Correction.objects.exclude(signature=None).exists()
    assert Scan.objects.filter(item=None).exists()
    assert RefusalNotice.objects.exclude(handed_on=None).exists()
    assert values(AssignmentEvent.objects, "kind") >= {"given", "reported", "returned", "accepted"}
    assert Assignment.objects.accepted().exists()
    assert set(Extract.objects.values_list("item", flat=True)) == set(
        AgendaItem.objects.filter(meeting__minutes__in=minutes, decision__isnull=False).values_list("pk", flat=True)
    )


def test_certificates_occur_in_every_state(region):
    head = User.objects.get(username="head")
    mine = Certificate.objects.visible_to(head).select_related("revision")
    assert {row.state[0] for row in mine} >= {"у семьи", "ждёт вручения", "завершён", "отозван"}
    assert any(row.is_outdated for row in Certificate.objects.in_force().select_related("revision"))
    assert values(Certificate.objects, "withdrawal") >= {"", "amended", "damaged", "ended"}
    assert CertificateMark.objects.exclude(step="").exists()
    numbers = sorted(mine.filter(year=timezone.localdate().year).values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1)), "numbers run without gaps"


def test_points_are_given_spent_and_taken_back(region):
    assert values(BonusEntry.objects, "kind") >= {"award", "spending", "reversal"}
    for model in (BonusStep, BonusReward):
        assert model.objects.exclude(retired_on=None).exists() and model.objects.in_use().exists()
    assert BonusStep.objects.exclude(organisation=None).exists()
    for case in Case.objects.exclude(bonus_account=None).select_related("bonus_account"):
        assert sum(case.bonus_entries.values_list("points", flat=True)) == case.bonus_account.balance


def test_rights_are_known_amended_ended_and_noted(region):
    assert values(BenefitNote.objects, "state") == set(BenefitNote.State.values)
    assert BenefitVersion.objects.filter(confirmed=True).exists()
    assert BenefitVersion.objects.exclude(until=None).exists()
    assert Benefit.objects.exclude(organisation=None).exists() and Benefit.objects.exclude(code=None).count() >= 25


def test_visits_are_promised_held_moved_cancelled_and_one_family_is_not_reached(region):
    curator = User.objects.get(username="curator")
    assert values(Visit.objects.of_curator(curator), "state") == set(Visit.State.values)
    assert Visit.objects.planned().exclude(first_at=None).exists()
    assert Visit.objects.planned().exclude(caution="").exists()
    assert len(reading.unreached_cases(User.objects.get(username="head"))) == 1


def test_the_region_has_its_size(region):
    assert Municipality.objects.count() == 6
    kinds = Organisation.objects.exclude(kind=OrganisationKind.MINISTRY)
    assert kinds.filter(kind=OrganisationKind.SOCIAL).count() == 12
    assert kinds.exclude(kind=OrganisationKind.SOCIAL).count() == 20
    assert Family.objects.live().count() == FAMILIES + 1 + NewbornRisk.objects.count()  # one parted; who expect a child


def test_a_family_entered_twice_is_merged_and_one_that_parted_is_split(region):
    head = User.objects.get(username="head")
    merge = Merge.objects.get(part_of=None)
    assert merge.kept_family in Family.objects.visible_to(head) and not merge.why_not_undo()
    assert merge.parts.count() == merge.kept_family.members_on(timezone.localdate()).count()
    split = FamilyEvent.objects.get(kind="split")
    both = FamilyMembership.objects.filter(person__in=split.refs["people"], until=None, relation="child")
    assert set(both.values_list("family", flat=True)) == {split.family_id, split.refs["family"]}


def test_names_agree_with_sex_and_family(region):
    forms = names.surnames()
    men, women = {form.man for form in forms}, {form.woman for form in forms}
    fathers = names.FATHERS.values()
    for person in Person.objects.all():
        assert person.last_name in (men if person.sex == "m" else women), person.full_name
        assert person.patronymic in {pair[person.sex == "f"] for pair in fathers}, person.full_name
        assert not person.snils or snils_is_valid(person.snils)
    for family in Family.objects.live():
        form = next(form for form in forms if form.family == family.surname)
        adults = family.memberships.filter(relation__in=("mother", "father", "foster_parent", "guardian"))
        assert {row.person.last_name for row in adults.select_related("person")} <= {form.man, form.woman}


def test_children_are_younger_than_their_parents(region):
    for family in Family.objects.live().filter(newborn_risks=None):
        rows = list(family.memberships.select_related("person"))
        children = [row.person.birth_on for row in rows if row.relation == FamilyMembership.Relation.CHILD]
        parents = [row.person.birth_on for row in rows if row.relation in ("mother", "father")]
        assert children
        assert all((min(children) - born).days > 15 * 365 for born in parents), family


def test_nothing_lies_in_the_future(region):
    now = timezone.now()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            named = {field.name, f"{model.__name__}.{field.name}"}
            if isinstance(field, DateField) and not named & AHEAD:
                latest = model.objects.aggregate(latest=Max(field.name))["latest"]
                limit = now if isinstance(field, DateTimeField) else timezone.localdate()
                assert latest is None or latest <= limit, (model, field.name, latest)


def test_history_covers_eight_quarters(region):
    first = Case.objects.order_by("accepted_on").exclude(accepted_on=None).first().accepted_on
    assert first < timezone.localdate() - datetime.timedelta(days=600)
    assert LevelPeriod.objects.filter(since__gte=timezone.localdate() - datetime.timedelta(days=40)).exists()


def test_each_case_went_the_way_the_flow_allows(region):
    """The stages written in the events follow one another by FLOW and end at the stage the case has."""
    for case in Case.objects.prefetch_related("events"):
        stage = Stage.ASSESSMENT
        moved = CaseEvent.objects.filter(case=case, refs__has_key="stage").order_by("pk")
        for event in moved:
            following = Stage(event.refs["stage"])
            assert following in FLOW[stage] or event.kind in ("opened", "transferred_in"), (case, stage, following)
            stage = following
        assert stage == case.stage


def test_active_cases_rest_on_decisions(region):
    accepted = Case.objects.exclude(accepted_on=None).filter(came_by=None)  # a transfer rests on the former's decision
    assert accepted.exists()
    for case in accepted:
        assert Decision.objects.filter(
            item__case=case, question="recognise", verdict="granted", decided_on=case.accepted_on
        ).exists()


def test_the_demo_logins_have_work_to_show(region):
    today = timezone.localdate()
    curator = User.objects.get(username="curator")
    assert {case.level for case in curator.cases.filter(stage="active")} >= {"emergency", "crisis", "basic"}
    assert curator.cases.filter(stage="active", level_term_on__lte=today + datetime.timedelta(days=14)).exists()
    assert Obligation.objects.open().overdue(today).filter(assignee=curator).exists()
    assert Activity.objects.filter(case__curator=curator, state="reported").exists()
    assert AgendaItem.objects.queued().filter(case__curator=curator).exists()
    executor = User.objects.get(username="executor")
    assert Activity.objects.visible_to(executor).filter(state="planned").exists()
    secretary = User.objects.get(username="secretary")
    meeting = Meeting.objects.visible_to(secretary).get(held_on=today)
    assert meeting.state == "running"
    assert meeting.agenda_items.filter(state="scheduled").exists()
    assert Meeting.objects.visible_to(secretary).filter(held_on__gt=today, state="planned").exists()
    head = User.objects.get(username="head")
    assert Referral.objects.visible_to(head).filter(state="new").count() >= 3
    member = User.objects.get(username="member")
    assert Meeting.objects.visible_to(member).filter(held_on=today).exists()


def test_every_kind_of_hint_waits_for_the_demo_curator(region):
    curator, today = User.objects.get(username="curator"), timezone.localdate()
    families = curator.cases.exclude(stage="closed").values_list("family", flat=True)
    found = hints.hints_of(families, curator.organisation_id, today, with_health=True)
    assert {hint.fact.split(":")[0] for hint in found} == set(hints.TITLES)
    assert {"gained", "lost"} <= {hint.fact.split(":")[1] for hint in found if hint.fact.startswith("large")}


def test_what_follows_support_has_every_outcome(region):
    assert values(AftercareCheck.objects, "outcome") == {"", *AftercareCheck.Outcome.values}
    relapsed = Case.objects.filter(aftercare_checks__outcome="relapse")
    assert relapsed.filter(stage="aftercare", curator__username="curator").exists()
    assert Case.objects.filter(previous__in=relapsed).exists()
    assert values(Contract.objects, "termination_reason") >= {"", "goals", "family", "moved", "replaced"}
    assert ContractCopy.objects.exists()
    assert values(SocialContract.objects, "ending") == {"", *SocialContract.Ending.values}
    assert values(SocialContract.objects, "improved") == {True, False, None}
    assert InformingEvent.objects.filter(family=None).exists()


def test_changed_families_wait_for_the_demo_curator(region):
    cases = Case.objects.filter(curator__username="curator").open()
    found = {change.fact.split(":")[0] for case in cases for change in composition.changes_of(case)}
    assert found == {"joined", "left", "moved"}
    assert CaseEvent.objects.filter(kind="member_covered").exists()
    assert FamilyMembership.objects.filter(left_because="death").exists()


def test_something_is_new_to_the_demo_curator_on_a_card(region):
    curator = User.objects.get(username="curator")
    visits = {case: last_visit(case.family, curator) for case in curator.cases.select_related("family")}
    new = [case for case, at in visits.items() if at and case.events.filter(at__gt=at).exclude(by=curator).exists()]
    assert new


def test_particulars_of_people_occur(region):
    assert values(HealthStatus.objects, "kind") == {"disability", "ovz"}
    assert values(Representation.objects, "ground") >= {"parents", "foster_family", "guardianship"}
    assert values(RegisterEntry.objects, "kind") == {"sop", "patronage"}
    assert RegisterEntry.objects.filter(positive_rehabilitation=True).exists()
    assert Person.objects.exclude(name_forms={}).exists()
    assert values(Person.objects, "employment") >= {"at_home", "kindergarten", "studies", "works", "unemployed"}


def test_the_curator_has_begun_a_form(region):
    draft = Draft.objects.of(User.objects.get(username="curator")).get()
    assert (draft.title, draft.about.split(" № ")[0]) == ("Записать контакт", "Случай")


def test_questions_between_centres_are_answered_and_waiting(region):
    head = User.objects.get(username="head")
    mine = MatchRequest.objects.visible_to(head)
    assert values(mine, "answer") == {"", "same", "different"}
    assert Obligation.objects.open().for_user(head).filter(kind="match.answer").exists()


def test_cases_offered_to_another_organisation_wait_and_are_answered(region):
    assert values(CaseTransfer.objects, "state") >= {"offered", "accepted", "declined"}
    head = User.objects.get(username="head")
    assert Obligation.objects.open().for_user(head).filter(kind="case.transfer").exists()


def test_a_stand_in_is_over_goes_on_and_is_to_come(region):
    today = timezone.localdate()
    states = {row.state_on(today) for row in StandIn.objects.all()}
    assert states == set(StandIn.State.values)
    curator = User.objects.get(username="curator")
    assert StandIn.objects.on(today).filter(user=curator).exists()
    assert Case.objects.visible_to(curator).exclude(curator=curator).exists()


def test_the_system_has_put_a_term_that_is_near_and_one_that_is_reached(region):
    today = timezone.localdate()
    asked = AgendaItem.objects.queued().filter(by_system=True)
    assert asked.filter(case__level_term_on__gt=today).exists()
    assert asked.filter(case__level_term_on__lte=today).exists()


def test_councils_have_every_state_of_a_question_and_of_a_vote_by_correspondence(region):
    today = timezone.localdate()
    items = AgendaItem.objects
    assert values(items, "state") >= {"queued", "scheduled", "decided", "returned", "withdrawn"}
    assert values(items, "cause") >= {"", "term", "relapse"}
    assert items.queued().filter(not_before__gt=today).exclude(put_off_because="").exists()
    assert items.filter(question="transfer", to_organisation__isnull=False).exists()
    votes = Meeting.objects.filter(form="absentee")
    assert values(votes, "state") >= {"running", "signed"}
    assert votes.get(state="signed").minutes.content["absentee"]
    member = User.objects.get(username="member")
    assert Obligation.objects.open().for_user(member).filter(kind="council.ballot").exists()
    assert BallotSheet.objects.filter(scan__isnull=False).exists() and BallotSheet.objects.filter(scan=None).exists()


def test_a_council_has_changed_its_membership_and_its_regulation(region):
    assert values(CouncilEvent.objects, "kind") >= {"amended", "seated", "replaced", "substitute"}
    assert CouncilMembership.objects.filter(role="invited", votes=False).exists()
    assert CouncilMembership.objects.exclude(until=None).exclude(order_number="").exists()
    assert CouncilMembership.objects.exclude(substitute="").exists()


def test_the_rental_point_has_an_item_in_every_state(region):
    assert values(RentalItem.objects, "state") == set(RentalItem.State.values)
    today = timezone.localdate()
    assert RentalLoan.objects.overdue(today).exists() and RentalLoan.objects.exclude(returned_on=None).exists()
    assert RentalLoan.objects.open().filter(due_on__gte=today).exists()


def test_the_single_window_has_a_request_in_every_state(region):
    assert values(DispatchRequest.objects, "state") == set(DispatchRequest.State.values)
    assert values(DispatchRequest.objects.exclude(ground=""), "ground") == set(DispatchRequest.Ground.values)
    assert DispatchService.objects.filter(mobile=True, state="planned").exists()


def test_newborn_paths_have_every_outcome(region):
    assert values(NewbornRisk.objects, "outcome") == {"", *NewbornRisk.Outcome.values}
    assert NewbornRisk.objects.filter(questionnaires__moment="after", near__isnull=False, help__isnull=False).exists()
    assert ChildEvent.objects.filter(newborn_risks__outcome="refused").exists()
    keeper = User.objects.get(username="curator")
    assert Obligation.objects.open().filter(assignee=keeper, kind="newborn.begin").exists()


def test_services_have_every_state(region):
    assert values(Service.objects, "kind") >= set(Service.Kind.values) - {"other"}
    assert Service.objects.exclude(retired_on=None).exists()
    assert values(Enrolment.objects, "state") == set(Enrolment.State.values)
    assert values(AttendanceMark.objects, "state") == set(AttendanceMark.State.values)
    assert (
        GroupSession.objects.filter(cancelled=True).exists() and GroupSession.objects.exclude(moved_from=None).exists()
    )
    assert GroupSession.objects.filter(outsiders__gt=0).exists()
    assert values(IndividualRoute.objects, "state") == set(IndividualRoute.State.values)
    assert IndividualRoute.objects.exclude(study_on=None).exists()
    assert values(Consultation.objects, "remote") == {True, False}


def test_districts_can_be_shown(region):
    curator = User.objects.get(username="curator")
    districts = District.objects.visible_to(curator)
    assert districts.count() == 4
    assert all(district.walk.specialist for district in districts)
    assert values(DistrictPlace.objects, "kind") >= {"school", "ngo", "crisis_flat", "volunteers"}
    first = districts.order_by("name").first()
    earlier, frozen = first.passports.order_by("on")
    assert frozen.content["previous"]["on"] == earlier.on.isoformat()
    assert figures.count(first.pk, timezone.localdate())["support"] > 0
    assert figures.count(first.pk, timezone.localdate()) != {
        row["code"]: row["value"] for row in frozen.content["figures"]
    }
    assert Family.objects.visible_to(curator).filter(district=None).exists()
    assert District.objects.exclude(closed_on=None).exists()


def test_lists_have_ready_filters_and_cards_have_what_to_mend(region):
    head = User.objects.get(username="head")
    shared = SavedFilter.objects.for_user(head, "families:family-list").filter(shared=True)
    assert {saved.query for saved in shared} == {"sop=yes&stage=none", "level=crisis"}
    assert SavedFilter.objects.filter(shared=False).exists()
    kept.catch_up()
    counts = kept.count_problems(Family.objects.visible_to(head), head.organisation_id)[None]
    assert 0 < counts["any"] < counts["all"]
    assert counts["without_snils"] and counts["sop_without_case"]


def test_reports_stand_in_every_state(region):
    assert values(Report.objects.exclude(organisation=None), "state") == set(Report.State.values)
    regional = Report.objects.filter(organisation=None)
    assert values(regional, "form") == {*CATALOGUE, OwnForm.objects.earliest("pk").code}
    assert regional.filter(state="approved").exists()
    own = Report.objects.exclude(organisation=None)
    assert own.exclude(nothing="").exists() and own.filter(checksum="").exists()
    assert own.filter(reopened_at__isnull=False, correction=None).exists()
    assert own.filter(revision=2, state="submitted", previous__remarks__answer__gt="").exclude(changes=[]).exists()
    assert own.filter(check_words__text__gt="").exists()
    running = own.filter(until__gte=timezone.localdate()).latest()
    assert any(report.checked("error") for report in running)
    for report in regional.filter(period__regex=r"^\d{4}$"):
        filled = [cell["row"] for cell in report.snapshot["cells"] if cell["value"] not in (None, 0, [0, 0])]
        assert len(filled) > 3, report.form
    assert DeclaredFact.objects.exists()


def test_a_form_of_the_ministry_has_two_editions_and_another_is_begun(region):
    made, begun = OwnForm.objects.order_by("pk")
    assert [version.is_published for version in made.editions] == [True, True]
    assert begun.published is None and begun.draft.rows
    reports = Report.objects.filter(form=made.code)
    assert values(reports.exclude(state="draft"), "own_version__number") == {1, 2}
    assert reports.filter(organisation__isnull=False, state="submitted").exists()
    latest = reports.get(scope=0, own_version__number=2)
    assert len(latest.snapshot["rows"]) > len(reports.get(scope=0, own_version__number=1).snapshot["rows"])


def test_declared_facts_are_confirmed_corrected_withdrawn_and_missing(region):
    withdrawn = DeclaredFact.objects.exclude(withdrawn_at=None)
    assert DeclaredFact.objects.exclude(confirms=None).exists()
    assert withdrawn.filter(withdrawn_because="").exists()
    assert withdrawn.exclude(withdrawn_because="").exists()
    quarter = periods.containing(timezone.localdate(), "quarter").previous()
    declared = DeclaredFact.objects.filter(period=quarter.text).values("organisation")
    assert reporting_organisations(quarter.since, quarter.until).exclude(pk__in=declared).exists()
    duty = Obligation.objects.open().get(kind="reports.declare", assignee__username="head")
    assert duty.title == f"{quarter.short}: обученные специалисты"


def test_plans_are_met_and_missed_and_selections_are_kept(region):
    minister, today = User.objects.get(username="ministry"), timezone.localdate()
    lines = PlanFact(forms_with_plans()[0], periods.year(today.year), today, minister).get_lines()
    assert {"good", "over"} <= {line.tone for line in lines}
    assert {"15-пр", "41-пр"} <= values(PlanTarget.objects.all(), "order_number")
    assert PlanTarget.objects.exclude(withdrawn_at=None).exists()
    assert SavedFilter.objects.filter(page="reports:selection", shared=True).count() == 2


def test_meetings_to_come_show_every_state_of_convening(region):
    coming = Meeting.objects.filter(held_on__gt=timezone.localdate())
    assert coming.filter(extraordinary=True).exclude(ground="").exclude(video_link="").filter(sequence=1).exists()
    assert coming.filter(state="cancelled").exclude(cancel_reason="").exists()
    assert coming.filter(starts_at=datetime.time(14, 30)).count() > 2, "repeated"
    assert values(Invitation.objects, "answer") == set(Invitation.Answer.values)
    states = {opinion.state[0] for opinion in Opinion.objects.for_reading()}
    assert states >= {"отзыв дан", "ждём ответа", "просрочен"}
    assert any(opinion.earlier for opinion in Opinion.objects.for_reading())
    assert AgendaItem.objects.exclude(called_agencies=None).exists()


def test_each_role_signs_in_with_the_password_printed(region):
    for login in ("curator", "head", "secretary", "member", "executor", "ministry", "officer", "administrator"):
        assert login in region
        assert User.objects.get(username=login).check_password(PASSWORD)
    assert values(User.objects, "role") == set(Role.values)


def test_a_second_run_changes_nothing(region):
    before = {model: model.objects.count() for model in apps.get_models()}
    out = StringIO()
    call_command("seed_demo", families=FAMILIES, stdout=out)
    assert "данные не изменены" in out.getvalue()
    assert before == {model: model.objects.count() for model in apps.get_models()}


def test_assessments_depart_from_the_rule_repeat_and_name_factors(region):
    departing = [row for row in Assessment.objects.all() if row.departs]
    assert departing and all(row.level_reason for row in departing)
    assert any(row.departs is False and row.rule for row in Assessment.objects.all())
    assert Assessment.objects.filter(factors__kind="risk").filter(factors__kind="resource").exists()
    assert Case.objects.annotate(n=Count("assessments")).filter(n__gte=2, stage="active").exists()


def test_plans_are_formed_from_the_dictionary_which_the_region_has_changed(region):
    assert TemplateUse.objects.filter(activity__state="done").exists()
    assert PlanTemplate.objects.exclude(organisation=None).exists()
    assert PlanTemplate.objects.exclude(retired_on=None).exists()
    assert ProgrammeRevision.objects.filter(state="superseded", programme__revisions__state="approved").exists()
