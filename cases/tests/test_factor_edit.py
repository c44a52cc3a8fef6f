"""The list of factors: comes with the product, then belongs to the region's administrator."""

import pytest
from django.core.management import call_command

from cases.dictionaries import load_factors
from cases.models import Factor


def test_the_product_brings_a_list_and_loading_again_adds_nothing(db):
    assert Factor.objects.filter(kind="risk").count() >= 10 and Factor.objects.filter(kind="resource").count() >= 10
    assert load_factors(Factor) == 0


def test_what_the_region_reworded_or_retired_stays_and_a_missing_one_comes(db):
    reworded, retired, gone = Factor.objects.all()[:3]
    reworded.title = "свои слова"
    reworded.save()
    retired.retire()
    gone.delete()
    call_command("sync_dictionaries")
    assert Factor.objects.filter(code=gone.code).exists()
    reworded.refresh_from_db()
    retired.refresh_from_db()
    assert reworded.title == "свои слова" and retired.retired_on


def test_administrator_adds_edits_retires_and_brings_back(world, enter):
    browser = enter(world.administrator)
    assert browser.post("cases:factor-new", kind="risk", title="частые переезды").status_code == 302
    factor = Factor.objects.get(title="частые переезды")
    browser.post("cases:factor-edit", factor.pk, kind="risk", title="частые переезды семьи")
    factor.refresh_from_db()
    assert factor.title == "частые переезды семьи" and factor.code is None
    assert "Больше не предлагать" in browser.get("cases:factor-edit", factor.pk).content.decode()
    browser.post("cases:factor-retire", factor.pk)
    assert factor not in Factor.objects.in_use()
    assert "снят " in browser.get("cases:factor-list").content.decode()
    browser.post("cases:factor-retire", factor.pk)
    assert factor in Factor.objects.in_use()


def test_the_same_factor_twice_is_refused(world, enter):
    known = Factor.objects.filter(kind="risk").first()
    answer = enter(world.administrator).post("cases:factor-new", kind="risk", title=known.title)
    assert answer.status_code == 422
    assert "Такой фактор уже есть" in answer.content.decode()


@pytest.mark.parametrize("role", ["curator", "head"])
def test_only_the_administrator_keeps_the_list(world, enter, role):
    assert enter(getattr(world, role)).get("cases:factor-list").status_code == 403
