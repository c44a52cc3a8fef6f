"""Диагностика: ten scores, the rule proposes a level, the curator decides."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Assessment, Factor
from cases.words import Domain
from families.categories import Category
from sopr.errors import Refused


def answers(level="crisis", **scores):
    given = {f"score_{code}": scores.get(code, 0) for code in Domain.values}
    return given | {"done_on": timezone.localdate().isoformat(), "proposed_level": level}


def words_of(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def test_without_a_level_the_rule_marks_one_and_the_curator_confirms(world, case, enter):
    browser = enter(world.curator)
    answer = browser.post("cases:assessment-new", case.pk, **answers("", safety=4))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "по правилу предлагается уровень «экстренный»" in text
    assert "Подтвердите уровень" in text and "Исправьте ошибку" not in text
    assert 'value="emergency"' in text.split("checked")[-2].rsplit("<input", 1)[-1]
    assert not Assessment.objects.exists()


def test_curator_may_choose_another_level(world, case, enter):
    answer = enter(world.curator).post(
        "cases:assessment-new",
        case.pk,
        **answers("basic", safety=4, education=2),
        evidence_safety="Печь",
        level_reason="Ребёнок уже у бабушки",
    )
    assessment = Assessment.objects.get()
    assert answer.url.endswith("/programmes/new/")
    assert (assessment.proposed_level, assessment.rule_level) == ("basic", "emergency")
    assert assessment.rule == "оценка 4 хотя бы в одной сфере (безопасность детей – 4)"
    assert assessment.departs and assessment.level_reason == "Ребёнок уже у бабушки"
    assert assessment.problem_domains() == ["safety", "education"]
    assert assessment.scores.get(domain="safety").evidence == "Печь"
    case.refresh_from_db()
    assert case.level == ""  # no level without a decision


def test_missing_score_is_named_and_nothing_typed_is_lost(world, case, enter):
    data = answers("crisis", safety=3) | {"evidence_income": "Справка о доходах"}
    del data["score_income"]
    answer = enter(world.curator).post("cases:assessment-new", case.pk, **data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Поставьте оценку от 0 до 4" in text and "Справка о доходах" in text


def test_all_zero_is_refused(world, case, enter):
    answer = enter(world.curator).post("cases:assessment-new", case.pk, **answers("basic"))
    assert answer.status_code == 422
    assert "нужна хотя бы одна" in answer.content.decode()


def test_repeated_one_stands_beside_the_first(world, active, enter):
    browser = enter(world.curator)
    assert "(было 3)" in browser.get("cases:assessment-new", active.pk).content.decode()
    assert browser.post("cases:assessment-new", active.pk, **answers("basic", education=1)).status_code == 302
    assert active.assessments.count() == 2
    active.refresh_from_db()
    assert active.level == "crisis"


def test_departing_from_the_rule_needs_a_reason_on_the_page_and_in_the_verb(world, case, enter):
    answer = enter(world.curator).post("cases:assessment-new", case.pk, **answers("basic", safety=3))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Вы предлагаете другой уровень, а по правилу предлагается уровень «экстренный»" in text
    assert "безопасность детей – оценка 3 и выше" in text
    scores = dict.fromkeys(Domain.values, 0) | {"safety": 3}
    with pytest.raises(Refused, match="напишите почему"):
        Assessment.record(case, by=world.curator, done_on=timezone.localdate(), scores=scores, proposed_level="basic")
    assert not Assessment.objects.exists()


def test_a_reason_is_kept_only_where_the_curator_departs(world, case):
    scores = dict.fromkeys(Domain.values, 0) | {"income": 3}
    row = Assessment.record(
        case, by=world.curator, done_on=timezone.localdate(), scores=scores, proposed_level="crisis", level_reason="x"
    )
    assert not row.departs and row.level_reason == ""


def test_factors_are_chosen_from_the_regions_list_and_stay_when_retired(world, case, enter):
    risk, resource = Factor.objects.filter(kind="risk").first(), Factor.objects.filter(kind="resource").first()
    browser = enter(world.curator)
    browser.post(
        "cases:assessment-new",
        case.pk,
        **answers("crisis", income=3),
        risk_factors=risk.pk,
        resource_factors=resource.pk,
    )
    assessment = Assessment.objects.get()
    assert set(assessment.factors.all()) == {risk, resource}
    risk.retire()
    assert risk.title not in browser.get("cases:assessment-new", case.pk).content.decode()
    assert risk.title in browser.get("cases:assessment-detail", assessment.pk).content.decode()
    chosen = browser.post("cases:assessment-new", case.pk, **answers("crisis", income=3), risk_factors=risk.pk)
    assert chosen.status_code == 422  # a retired one cannot be chosen anew


def test_the_repeated_one_is_read_beside_the_first_or_another_with_the_change_in_words(world, active, enter):
    browser = enter(world.curator)
    first = active.assessments.get()
    again = browser.post("cases:assessment-new", active.pk, **answers("crisis", education=1, income=3, housing=2))
    second = active.assessments.last()
    assert again.url == second.get_absolute_url()
    text = words_of(browser.get("cases:assessment-detail", second.pk))
    assert "Было 5 баллов из 40, стало 6: легче стало в 1 сфере, тяжелее в 2 сферах." in text
    assert "легче на 2" in text and "тяжелее на 1" in text and "без изменений" in text
    assert "обучение и развитие детей: было 3, стало 1".capitalize() in text  # the picture in words
    browser.post("cases:assessment-new", active.pk, **answers("basic", education=1))
    third = active.assessments.last()
    shown = browser.client.get(third.get_absolute_url(), {"with": second.pk})
    shown = words_of(shown)
    assert "Было 6 баллов из 40, стало 1" in shown and f"?with={first.pk}" in shown
    alone = words_of(browser.get("cases:assessment-detail", first.pk))
    assert "5 баллов из 40: трудности в 2 сферах." in alone and "Изменение" not in alone


def test_print_is_a_pdf_with_a_neutral_name(world, active, enter):
    assessment = active.assessments.get()
    answer = enter(world.curator).get("cases:assessment-print", assessment.pk)
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert f"diagnostika-{assessment.pk}.pdf" in answer["Content-Disposition"]


def test_reading_takes_the_same_number_of_statements_after_two_and_after_six(
    world, active, enter, django_assert_num_queries
):
    browser = enter(world.curator)

    def again():
        scores = dict.fromkeys(Domain.values, 0) | {"income": 3}
        return Assessment.record(
            active, by=world.curator, done_on=timezone.localdate(), scores=scores, proposed_level="crisis"
        )

    second = again()
    browser.get("cases:assessment-detail", second.pk)
    with CaptureQueriesContext(connection) as few:
        browser.get("cases:assessment-detail", second.pk)
    last = [again() for _ in range(4)][-1]
    with django_assert_num_queries(len(few)):
        browser.get("cases:assessment-detail", last.pk)


def test_the_level_of_entry_is_proposed_for_a_substitute_family_without_grave_trouble(world, case):
    case.primary_category = Category.FOSTER
    scores = dict.fromkeys(Domain.values, 0) | {"relations": 2}
    assert Assessment.propose_level(case, scores).level == "adaptation"
    assert Assessment.propose_level(case, scores | {"relations": 3}).level == "crisis"
    case.level = "basic"
    assert Assessment.propose_level(case, scores).level == "basic"


def test_adaptation_is_for_entry_only(world, active, enter):
    answer = enter(world.curator).post("cases:assessment-new", active.pk, **answers("adaptation", education=1))
    assert answer.status_code == 422


def test_finished_case_answers_409(world, active, enter):
    active.close_at_familys_wish(by=world.curator, day=active.accepted_on, outcome="unchanged")
    answer = enter(world.curator).get("cases:assessment-new", active.pk)
    assert answer.status_code == 409
    assert "Случай завершён" in answer.content.decode()


def test_strangers(world, case, enter):
    assert enter(world.colleague).get("cases:assessment-new", case.pk).status_code == 404
    assert enter(world.secretary).get("cases:assessment-new", case.pk).status_code == 403


def test_another_curators_assessment_does_not_exist(world, active, enter):
    for page in ("cases:assessment-detail", "cases:assessment-print"):
        assert enter(world.colleague).get(page, active.assessments.get().pk).status_code == 404
