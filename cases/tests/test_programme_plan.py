"""The plan of activities is formed from the difficulties: what is offered, to whom, by when; nothing twice."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import plan_forming
from cases.models import Assessment, PlanTemplate, Programme, TemplateUse
from cases.words import Domain
from conftest import make_organisation
from sopr.accounts.models import OrganisationKind
from sopr.calendar import add_working_days
from sopr.errors import Refused
from sopr.tests.casework import add_pack, hold_council

TODAY = timezone.localdate


@pytest.fixture
def draft(world, case):
    """A draft without goals; education 3, income 2."""
    revision = add_pack(world, case)
    for goal in revision.goals.all():
        goal.drop(by=world.curator)
    return revision


def lines_of(revision, domain):
    offers = {offer.code: offer for offer in plan_forming.offer(revision)}
    return {line.template.code: line for line in offers[domain].lines}


def take(revision, *codes):
    lines = {line.template.code: line for offer in plan_forming.offer(revision) for line in offer.lines}
    return [(lines[code], lines[code].agencies[0]) for code in codes]


def titles(revision):
    return set(revision.activities().values_list("title", flat=True))


def test_all_ten_domains_have_templates_of_their_own(db):
    rows = PlanTemplate.objects.all()
    assert {row.domain for row in rows} == set(Domain.values)
    for domain in Domain.values:
        always = [row for row in rows if row.domain == domain and row.fits(1, "basic", [])]
        assert always, f"{domain}: a slight difficulty gets nothing"
    for row in rows:
        row.full_clean(exclude=["code"])


def test_only_the_domains_in_need_are_offered_the_worst_first(world, draft):
    assert [offer.code for offer in plan_forming.offer(draft)] == ["education", "income"]


def test_score_level_and_category_decide_what_is_offered(world, draft):
    found = lines_of(draft, "education")
    assert {"education-plan", "education-lessons", "education-visit"} <= set(found)  # score 3
    assert "education-kindergarten" in found  # a single parent
    assert "education-speech" not in found  # no child with a disability
    income = lines_of(draft, "income")
    assert "income-training" in income and "income-food" not in income  # from 3, crisis and emergency
    scores = dict.fromkeys(Domain.values, 0) | {"income": 3}
    Assessment.record(draft.case, by=world.curator, done_on=TODAY(), scores=scores, proposed_level="crisis")
    assert "income-food" in lines_of(draft, "income")
    draft.change(by=world.curator, since=draft.since, until=draft.until, level="basic")
    assert "income-food" not in lines_of(draft, "income")


def test_the_agency_is_found_by_kind_in_the_familys_municipality(world, draft):
    make_organisation("A9", "А школа далеко", OrganisationKind.EDUCATION, world.south)
    line = lines_of(draft, "education")["education-lessons"]
    assert line.agencies[0] == world.school and line.agency_is_near
    vacancies = lines_of(draft, "income")["income-vacancies"]
    assert vacancies.agencies == [world.centre] and not vacancies.agency_is_near  # no employment service anywhere
    far = make_organisation("A8", "Центр занятости", OrganisationKind.EMPLOYMENT, world.south)
    assert lines_of(draft, "income")["income-vacancies"].agencies[0] == far
    benefits = lines_of(draft, "income")["income-benefits"]
    assert benefits.agencies[0] == world.centre  # social help is the service's own


def test_terms_are_working_days_from_the_start_of_the_programme_and_never_past_its_end(world, draft):
    assert lines_of(draft, "education")["education-plan"].due_on == add_working_days(TODAY(), 5)
    start = TODAY() + datetime.timedelta(days=10)
    draft.change(by=world.curator, since=start, until=start + datetime.timedelta(days=20), level="crisis")
    found = lines_of(draft, "education")
    assert found["education-plan"].due_on == add_working_days(start, 5)
    assert (found["education-lessons"].due_on, found["education-lessons"].cut) == (draft.until, True)


def test_one_act_adds_goals_and_activities_once(world, draft):
    chosen = take(draft, "education-plan", "education-lessons", "income-benefits")
    assert plan_forming.form_plan(draft, by=world.curator, chosen=chosen) == 3
    assert [goal.domain for goal in draft.goals.all()] == ["education", "income"]
    assert titles(draft) == {
        "Индивидуальный план учёбы и беседа с родителями",
        "Дополнительные занятия с учителем",
        "Помощь в оформлении единого пособия и других выплат",
    }
    lessons = draft.activities().get(title="Дополнительные занятия с учителем")
    assert (lessons.repeats, lessons.times) == ("weekly", 8)
    goal = draft.goals.first()
    assert goal.criterion == "Пропусков без причины нет, четверть закончена без двоек"
    assert set(TemplateUse.objects.values_list("template__code", flat=True)) == {
        "education-plan", "education-lessons", "income-benefits",
    }  # fmt: skip
    with pytest.raises(Refused, match="Добавлять нечего"):
        plan_forming.form_plan(draft, by=world.curator, chosen=chosen)
    assert draft.activities().count() == 3


def test_what_stands_there_is_not_offered_however_reworded(world, draft):
    plan_forming.form_plan(draft, by=world.curator, chosen=take(draft, "education-plan"))
    draft.activities().update(title="План учёбы Ильи")
    assert "education-plan" not in lines_of(draft, "education")
    draft.activities().get().goal.add_activity(
        by=world.curator, kind="social", title="кружок или секция по интересам ребёнка.", agency=world.school,
        due_on=draft.until,
    )  # fmt: skip
    assert "education-hobby" not in lines_of(draft, "education")  # written by hand in the same words


def test_activities_join_the_goal_the_curator_wrote_himself(world, draft):
    own = draft.add_goal(by=world.curator, domain="income", problem="Долг", text="Своя цель", criterion="Есть справка")
    plan_forming.form_plan(draft, by=world.curator, chosen=take(draft, "income-benefits", "income-vacancies"))
    assert draft.goals.count() == 1 and own.activities.count() == 2


def test_an_amendment_knows_what_came_along_and_what_was_done_before(world, case):
    revision = add_pack(world, case)
    plan_forming.form_plan(revision, by=world.curator, chosen=take(revision, "education-plan", "income-benefits"))
    hold_council(world, case, "recognise", level="crisis")
    done = case.activities.get(title__startswith="Индивидуальный план")
    done.record_result(by=world.curator, done_on=TODAY(), result="Составлен")
    new = case.programmes.get().amend(by=world.curator)
    assert "income-benefits" not in lines_of(new, "income")
    assert lines_of(new, "education")["education-plan"].elsewhere == f"уже исполнено {TODAY():%d.%m.%Y}"


def test_what_another_members_programme_has_is_offered_but_not_ticked(world, case, settings):
    settings.SOPR_REGION = "model"
    revision = add_pack(world, case)
    revision.goals.all().delete()
    plan_forming.form_plan(revision, by=world.curator, chosen=take(revision, "education-plan"))
    child = case.members.last().person
    until = TODAY() + datetime.timedelta(days=90)
    other = Programme.start(case, by=world.curator, since=TODAY(), until=until, level="crisis", person=child)
    line = lines_of(other, "education")["education-plan"]
    assert line.elsewhere == "есть в программе: вся семья"
    plan_forming.form_plan(other, by=world.curator, chosen=[(line, line.agencies[0])])
    assert other.activities().get().person == child


def test_an_organisations_own_template_is_offered_to_it_alone_and_a_retired_one_to_nobody(world, draft):
    PlanTemplate.objects.create(
        organisation=world.centre, domain="income", problem="-", goal="-", criterion="-", title="Свой клуб",
        kind="social", agency_kind="social", within_days=5,
    )  # fmt: skip
    alien = PlanTemplate.objects.create(
        organisation=world.other_centre, domain="income", problem="-", goal="-", criterion="-", title="Чужой клуб",
        kind="social", agency_kind="social", within_days=5,
    )  # fmt: skip
    PlanTemplate.objects.get(code="income-benefits").retire(by=world.administrator)
    offered = [line.template for offer in plan_forming.offer(draft) for line in offer.lines]
    assert "Свой клуб" in {row.title for row in offered} and alien not in offered
    assert "income-benefits" not in {row.code for row in offered}


def test_the_page_previews_and_the_act_adds_what_is_ticked(world, draft, enter):
    browser = enter(world.curator)
    edit = browser.get("cases:programme-edit", draft.pk).content.decode()
    assert reverse("cases:programme-plan", args=[draft.pk]) in edit
    text = browser.get("cases:programme-plan", draft.pk).content.decode()
    assert "Дополнительные занятия с учителем" in text and "раз в неделю, 8 раз" in text and "Школа № 7" in text
    template = PlanTemplate.objects.get(code="education-plan")
    data = {f"agency_{row.pk}": "" for row in PlanTemplate.objects.all()}
    lines = [line for offer in plan_forming.offer(draft) for line in offer.lines]
    data = {f"agency_{line.template.pk}": line.agencies[0].pk for line in lines}
    data |= {f"take_{template.pk}": "on", f"agency_{template.pk}": world.centre.pk}
    answer = browser.post("cases:programme-plan", draft.pk, **data)
    assert answer.url == reverse("cases:programme-edit", args=[draft.pk])
    assert draft.activities().get().agency == world.centre
    assert draft.case.events.filter(kind="plan_formed").get().refs == {"revision": draft.pk, "activities": 1}


def test_nothing_ticked_is_refused_and_a_forged_agency_too(world, draft, enter):
    browser = enter(world.curator)
    lines = [line for offer in plan_forming.offer(draft) for line in offer.lines]
    data = {f"agency_{line.template.pk}": line.agencies[0].pk for line in lines}
    answer = browser.post("cases:programme-plan", draft.pk, **data)
    assert answer.status_code == 422 and "Добавлять нечего" in answer.content.decode()
    first = lines[0].template.pk
    forged = data | {f"take_{first}": "on", f"agency_{first}": world.ministry.pk}
    assert browser.post("cases:programme-plan", draft.pk, **forged).status_code == 422
    assert not draft.activities().exists()


def test_an_approved_revision_and_a_case_without_an_assessment_answer_409(world, active, enter):
    answer = enter(world.curator).get("cases:programme-plan", active.programmes.get().approved.pk)
    assert answer.status_code == 409
    draft = active.programmes.get().amend(by=world.curator)
    active.assessments.get().scores.all().delete()
    active.assessments.all().delete()
    answer = enter(world.curator).get("cases:programme-plan", draft.pk)
    assert answer.status_code == 409 and "Сначала проведите диагностику" in answer.content.decode()


def test_where_the_region_has_no_such_module_there_is_no_page_and_no_button(world, draft, enter, settings):
    settings.SOPR_REGION = "primorye"
    browser = enter(world.curator)
    assert browser.get("cases:programme-plan", draft.pk).status_code == 404
    assert "Сформировать план" not in browser.get("cases:programme-edit", draft.pk).content.decode()
    assert enter(world.head).get("cases:plantemplate-list").status_code == 404
    assert "Шаблоны мероприятий" not in enter(world.head).get("cases:case-list").content.decode()
    with pytest.raises(Refused, match="составляют вручную"):
        plan_forming.form_plan(draft, by=world.curator, chosen=[])


def test_the_preview_takes_the_same_statements_with_many_templates_and_activities(
    world, draft, enter, django_assert_num_queries
):
    browser = enter(world.curator)
    browser.get("cases:programme-plan", draft.pk)
    with CaptureQueriesContext(connection) as few:
        browser.get("cases:programme-plan", draft.pk)
    plan_forming.form_plan(draft, by=world.curator, chosen=take(draft, "education-plan", "income-benefits"))
    PlanTemplate.objects.bulk_create(
        PlanTemplate(
            domain="income", problem="-", goal=f"Цель {number}", criterion="-", title=f"Дело {number}", kind="social",
            agency_kind="health", within_days=5,
        )
        for number in range(40)
    )  # fmt: skip
    with django_assert_num_queries(len(few)):
        browser.get("cases:programme-plan", draft.pk)
