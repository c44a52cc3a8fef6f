"""Диагностика: ten scores, the rule proposes a level, the curator decides."""

import pytest
from django.utils import timezone

from cases.models import Assessment
from cases.words import Domain


def answers(level="crisis", **scores):
    given = {f"score_{code}": scores.get(code, 0) for code in Domain.values}
    return given | {"done_on": timezone.localdate().isoformat(), "proposed_level": level}


@pytest.mark.parametrize(("worst", "level"), [(4, "emergency"), (3, "crisis"), (2, "basic"), (1, "basic")])
def test_rule_proposes_by_the_worst_score(worst, level):
    assert Assessment.suggest_level({"housing": 0, "safety": worst, "income": 1}) == level


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
        "cases:assessment-new", case.pk, **answers("basic", safety=4, education=2), evidence_safety="Печь"
    )
    assessment = Assessment.objects.get()
    assert answer.url.endswith("/programmes/new/")
    assert assessment.proposed_level == "basic"
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
