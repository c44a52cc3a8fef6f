"""The dictionary of templates: the administrator keeps the region's, a head those of his organisation."""

import pytest

from cases.dictionaries import load_plan_templates
from cases.models import PlanTemplate

FIELDS = {
    "domain": "income",
    "problem": "Нет работы",
    "goal": "Найти работу",
    "criterion": "Договор",
    "title": "Клуб ищущих работу",
    "kind": "social",
    "agency_kind": "employment",
    "within_days": "15",
    "repeats": "weekly",
    "times": "4",
    "score_from": "2",
    "levels": ["crisis"],
    "categories": ["large"],
}


def test_loading_again_adds_nothing_and_overwrites_nothing(db):
    row = PlanTemplate.objects.first()
    row.title = "Слова региона"
    row.save()
    PlanTemplate.objects.last().delete()
    assert load_plan_templates(PlanTemplate) == 1 and load_plan_templates(PlanTemplate) == 0
    row.refresh_from_db()
    assert row.title == "Слова региона"


@pytest.mark.parametrize(("role", "own"), [("administrator", False), ("head", True)])
def test_each_adds_edits_and_retires_his_own(world, enter, role, own):
    user = getattr(world, role)
    browser = enter(user)
    assert browser.post("cases:plantemplate-new", **FIELDS).status_code == 302
    row = PlanTemplate.objects.get(title="Клуб ищущих работу")
    assert row.organisation_id == (world.centre.pk if own else None)
    assert (row.repetition, row.levels, row.categories) == ("раз в неделю, 4 раз", ["crisis"], ["large"])
    assert row.condition.startswith("оценка от 2; кризисный; ")
    browser.post("cases:plantemplate-edit", row.pk, **FIELDS | {"repeats": "", "times": "9", "levels": []})
    row.refresh_from_db()
    assert (row.repeats, row.times, row.levels) == ("", None, [])
    browser.post("cases:plantemplate-retire", row.pk)
    row.refresh_from_db()
    assert row.retired_on
    assert "Вернуть в справочник" in browser.get("cases:plantemplate-edit", row.pk).content.decode()
    browser.post("cases:plantemplate-retire", row.pk)
    row.refresh_from_db()
    assert row.retired_on is None


def test_a_head_reads_the_regions_templates_and_changes_none_of_them(world, enter):
    browser = enter(world.head)
    regional = PlanTemplate.objects.get(code="income-benefits")
    text = browser.client.get("/cases/templates/", {"domain": "income"}).content.decode()
    assert regional.title in text and f"/cases/templates/{regional.pk}/edit/" not in text
    assert browser.get("cases:plantemplate-edit", regional.pk).status_code == 404
    assert (
        f"/cases/templates/{regional.pk}/edit/"
        in enter(world.administrator).client.get("/cases/templates/", {"domain": "income"}).content.decode()
    )


def test_another_organisations_template_does_not_exist(world, enter):
    row = PlanTemplate.objects.create(
        organisation=world.centre, domain="income", problem="-", goal="-", criterion="-", title="Свой клуб",
        kind="social", agency_kind="social", within_days=5,
    )  # fmt: skip
    assert enter(world.other_head).get("cases:plantemplate-edit", row.pk).status_code == 404
    assert "Свой клуб" not in enter(world.other_head).get("cases:plantemplate-list").content.decode()
    assert enter(world.administrator).get("cases:plantemplate-edit", row.pk).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"times": ""}, "Укажите, сколько раз повторяется"),
        ({"score_from": "5"}, "меньше либо равно 4"),
        ({"within_days": "0"}, "больше либо равно 1"),
        ({"agency_kind": "ministry"}, "Выберите корректный вариант"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(world, enter, wrong, words):
    answer = enter(world.administrator).post("cases:plantemplate-new", **FIELDS | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_the_list_goes_to_excel(world, enter):
    answer = enter(world.head).get("cases:plantemplate-list", **{"as": "xlsx"})
    assert answer.status_code == 200 and "spreadsheet" in answer["Content-Type"]


def test_a_curator_has_no_business_here(world, enter):
    assert enter(world.curator).get("cases:plantemplate-list").status_code == 403
