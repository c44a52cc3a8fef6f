"""docs/indicators.md is what the catalogue says; the catalogue is whole."""

from django.conf import settings

from reports import catalogue, engine, forms
from reports.indicators.facts import BY_CODE, resolve_fact_code
from reports.indicators.measures import MEASURES


def test_the_document_says_what_the_catalogue_says():
    text = (settings.BASE_DIR / "docs" / "indicators.md").read_text(encoding="utf-8")
    assert text == catalogue.with_forms(text), "manage.py write_docs"
    assert text.index("## Понятия") < text.index(catalogue.BEGINNING) < text.index("`tver-resolution`")


def test_every_measure_is_counted_under_its_name_and_for_some_form():
    used = {measure for form in forms.CATALOGUE.values() for measure in form.measures}
    assert set(MEASURES.values()) - used == {MEASURES["people_on_support"]}
    assert all(MEASURES[measure.name] is measure for measure in used)
    assert set(engine.cuts_of(MEASURES["overcame"])) == {"municipality", "council", "category", "level"}


def test_every_fact_stands_where_it_says():
    for fact in BY_CODE.values():
        for form, row in fact.places:
            assert forms.find(form).row(row).fact is fact
            assert resolve_fact_code(f"{form}:{row}") == fact.code


def test_a_bare_number_means_the_region_s_own_form(settings):
    settings.SOPR_REGION = "novgorod"
    assert resolve_fact_code("8") == "services"
    settings.SOPR_REGION = "tatarstan"
    assert resolve_fact_code("8") == "editions"
