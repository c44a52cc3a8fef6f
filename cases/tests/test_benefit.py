"""«Правовой навигатор семьи»: what fits a family on a day and why, dated versions, notes, the sheet for the family."""

import datetime
import re
import subprocess

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.benefits import facts_of, load_federal, navigate, why
from cases.models import Benefit, BenefitNote, BenefitVersion
from cases.models.benefit import WHOM
from families.models import HealthStatus
from families.models.family import new_person
from sopr.audit.models import AuditRecord
from sopr.errors import Refused
from sopr.tests.casework import make_family

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)
OLD = datetime.date(2020, 1, 1)


def add(world, by=None, **fields):
    values = {
        "since": OLD,
        "title": "Обеды школьникам",
        "norm": "Закон Республики № 1, статья 2",
        "gives": "Обед каждый день.",
        "terms": "Ученикам.",
        "apply_at": "Школа",
        "level": "regional",
    } | fields
    return Benefit.add(by=by or world.administrator, **values)


@pytest.fixture
def family(world):
    return make_family(world)


def titles(family, user, day=None):
    return [match.version.title for match in navigate(family, user, day or TODAY())[1]]


def text_of(pdf):
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


# -- matching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, "положено каждой семье"),
        ({"whom": ["single_parent", "large"]}, "семья с одним родителем"),
        ({"whom": ["large"]}, None),
        ({"child_from": 10}, "ребёнку 10 лет"),
        ({"child_from": 11}, None),
        ({"child_under": 11}, "ребёнку 10 лет"),
        ({"child_under": 10}, None),
        ({"children_min": 1}, "детей в семье: 1"),
        ({"children_min": 2}, None),
        ({"whom": ["single_parent"], "child_under": 3}, None),
        ({"whom": ["on_sop"]}, None),
        ({"whom": ["has_disabled_child"]}, None),
    ],
)
def test_a_measure_fits_by_category_and_age(world, family, conditions, fits):
    child = family.memberships.get(relation="child").person
    child.birth_on = TODAY().replace(year=TODAY().year - 10, day=1)
    child.save()
    benefit = add(world, **conditions)
    reasons = why(benefit.last, facts_of(family, TODAY()))
    assert (reasons and reasons[0].replace("\xa0", " ")) == fits


def test_health_and_registers_count_on_their_days(world, family):
    mother = family.memberships.get(relation="mother").person
    child = family.memberships.get(relation="child").person
    began = TODAY() - 30 * DAY
    HealthStatus.establish(
        child, family, by=world.curator, kind="disability", detail="child", since=began, until=TODAY() - DAY
    )
    HealthStatus.establish(child, family, by=world.curator, kind="ovz", detail="speech", since=began)
    HealthStatus.establish(mother, family, by=world.curator, kind="disability", detail="group_3", since=TODAY())
    family.place_on_sop(by=world.curator, placed_on=began)
    family.remove_from_sop(by=world.curator, removed_on=TODAY())
    now, before = facts_of(family, TODAY()), facts_of(family, TODAY() - DAY)
    assert {"has_disabled_adult", "has_child_with_ovz"} <= now.codes
    assert not {"has_disabled_child", "on_sop"} & now.codes
    assert {"has_disabled_child", "on_sop"} <= before.codes and "has_disabled_adult" not in before.codes
    assert now.health and not facts_of(family, began - DAY).health


def test_three_children_make_a_family_large_whatever_its_category(world, family):
    for number in range(2):
        child = new_person(by=world.curator, last_name="Ковалёв", first_name=f"Пётр{number}", sex="m", birth_on=OLD)
        family.add_member(child, by=world.curator, relation="child", since=OLD)
    assert "large" in facts_of(family, TODAY()).codes


def test_on_another_day_another_version(world, family):
    benefit = add(world)
    benefit.revise(by=world.administrator, since=TODAY(), **_content(benefit) | {"title": "Обеды и завтраки"})
    assert titles(family, world.curator) == ["Обеды и завтраки"]
    assert titles(family, world.curator, TODAY() - DAY) == ["Обеды школьникам"]
    assert titles(family, world.curator, OLD - DAY) == []


def _content(benefit):
    return {name: getattr(benefit.last, name) for name in BenefitVersion.CONTENT}


# -- versions --------------------------------------------------------------------------------------------------------


def test_a_version_is_never_overwritten(world, enter):
    benefit = add(world)
    browser = enter(world.administrator)
    data = {name: value for name, value in _content(benefit).items() if value not in (None, [])}
    early = browser.post("cases:benefit-revise", benefit.pk, **data | {"since": OLD.isoformat()})
    assert "прежнюю не переписывают" in early.content.decode()
    answer = browser.post(
        "cases:benefit-revise",
        benefit.pk,
        **data | {"since": TODAY().isoformat(), "norm": "Новый закон", "whom": ["large"]},
    )
    assert answer.status_code == 302
    old, new = benefit.versions.order_by("since")
    assert (old.norm, old.until, new.norm, new.whom) == (
        "Закон Республики № 1, статья 2",
        TODAY() - DAY,
        "Новый закон",
        ["large"],
    )
    page = browser.get("cases:benefit-detail", benefit.pk).content.decode()
    assert "Новый закон" in page and "Закон Республики № 1, статья 2" in page
    with pytest.raises(IntegrityError), transaction.atomic():
        BenefitVersion.objects.filter(pk=old.pk).update(until=TODAY())
    with pytest.raises(IntegrityError), transaction.atomic():
        BenefitVersion.objects.filter(pk=old.pk).update(until=OLD - DAY)


def test_a_measure_ends_and_is_confirmed(world, family, enter):
    benefit = add(world)
    browser = enter(world.administrator)
    assert "проверьте у юриста" in browser.get("cases:benefit-detail", benefit.pk).content.decode()
    browser.post("cases:benefit-confirm", benefit.pk)
    assert benefit.last.confirmed_by == world.administrator
    assert browser.get("cases:benefit-confirm", benefit.pk).status_code == 409
    with pytest.raises(Refused, match="раньше мера не кончается"):
        benefit.end(by=world.administrator, until=OLD - DAY)
    browser.post("cases:benefit-end", benefit.pk, until=(TODAY() - DAY).isoformat())
    assert titles(family, world.curator) == []
    with pytest.raises(Refused, match="уже прекращается"):
        benefit.end(by=world.administrator, until=TODAY())
    with pytest.raises(Refused, match="проверять нечего"):
        benefit.confirm(by=world.administrator)


def test_the_set_of_federal_measures_is_entered_once_and_unconfirmed(world, family, enter):
    head, browser = enter(world.head), enter(world.administrator)
    assert head.get("cases:benefit-load").status_code == 409
    assert browser.post("cases:benefit-load").status_code == 302
    number = Benefit.objects.count()
    assert number >= 25 and not BenefitVersion.objects.filter(confirmed=True).exists()
    assert load_federal(by=world.administrator) == 0 and Benefit.objects.count() == number
    for version in BenefitVersion.objects.all():
        assert set(version.whom) <= set(WHOM)
        assert re.search(r"\d{2}\.\d{2}\.\d{4} № |№ \d+-ФЗ|кодекс", version.norm, re.IGNORECASE), version.norm
        assert version.since <= TODAY() and version.level == "federal"
    found = titles(family, world.curator)
    assert "Алименты на ребёнка" in found and "Права беженцев" not in found
    page = browser.get("cases:benefit-list", whom="refugees").content.decode()
    assert "Права беженцев" in page and "Алименты на ребёнка" not in page and "Единое пособие" in page
    assert "Алименты" in browser.get("cases:benefit-list", state="unconfirmed", level="federal").content.decode()
    assert browser.get("cases:benefit-list", **{"as": "xlsx"}).status_code == 200


def test_each_keeps_the_measures_of_one_s_own(world, enter):
    region, own = add(world), add(world, by=world.head, title="Обеды района")
    assert (region.organisation, own.organisation) == (None, world.centre)
    head, administrator = enter(world.head), enter(world.administrator)
    for page in ("revise", "end", "confirm"):
        assert head.get(f"cases:benefit-{page}", region.pk).status_code == 404
        assert administrator.get(f"cases:benefit-{page}", own.pk).status_code == 404
    assert head.get("cases:benefit-detail", region.pk).status_code == 200
    assert "Новая редакция" not in head.get("cases:benefit-detail", region.pk).content.decode()
    assert "Обеды района" not in enter(world.other_curator).get("cases:benefit-list").content.decode()
    wrong = head.post(
        "cases:benefit-new", since=OLD.isoformat(), title="Мера", level="local", norm="н", gives="г", terms="т",
        apply_at="к", child_from="7", child_under="7",
    )  # fmt: skip
    assert "должно быть больше" in wrong.content.decode()


# -- a family's rights -------------------------------------------------------------------------------------------------


def test_the_page_says_why_and_keeps_what_became_of_a_measure(world, family, enter):
    benefit = add(world, whom=["single_parent"])
    browser = enter(world.curator)
    page = browser.get("cases:benefit-family", family.pk).content.decode()
    assert "Почему показана: семья с одним родителем" in page and "проверьте у юриста" in page
    refused = browser.post(
        "cases:benefit-note", family.pk, benefit.pk, state="refused", happened_on=TODAY().isoformat(), result=""
    )
    assert "почему отказали" in refused.content.decode() and not BenefitNote.objects.exists()
    for state, day, result in [("told", TODAY() - DAY, ""), ("receives", TODAY(), "до 01.09.2027")]:
        answer = browser.post(
            "cases:benefit-note", family.pk, benefit.pk, state=state, happened_on=day.isoformat(), result=result
        )
        assert answer.status_code == 302
    page = browser.get("cases:benefit-family", family.pk).content.decode()
    assert "получает" in page and "до 01.09.2027" in page and "рассказали" in page
    family.set_primary_category("other", by=world.curator, since=TODAY() + DAY)
    match = navigate(family, world.curator, TODAY() + DAY)[1][0]
    assert match.reasons == [] and match.note.state == "receives"  # nothing written down is lost
    assert family.events.filter(kind="benefit_noted").count() == 2
    assert "Записано о мере поддержки" in browser.get("families:family-detail", family.pk).content.decode()


def test_the_sheet_for_the_family_is_plain_and_says_what_is_not_confirmed(world, family, enter):
    told, unwanted = add(world, phone="8 800 100-00-01"), add(world, title="Не нужная мера")
    BenefitNote.write(family, told, by=world.curator, state="receives", happened_on=TODAY(), result="до весны")
    BenefitNote.write(family, unwanted, by=world.curator, state="not_needed", happened_on=TODAY())
    answer = enter(world.curator).get("cases:benefit-print", family.pk)
    text = text_of(answer.content)
    assert "Обеды школьникам*" in text and "до весны" in text and "Основание: Закон Республики" in text
    assert "не проверил юрист" in text and "Не нужная мера" not in text
    assert "семья с одним родителем" not in text and family.number not in text
    told.confirm(by=world.administrator)
    assert "не проверил юрист" not in text_of(enter(world.curator).get("cases:benefit-print", family.pk).content)


def test_only_who_works_with_the_family_reads_its_rights(world, active, enter):
    benefit, family = add(world), active.family
    child = family.memberships.get(relation="child").person
    HealthStatus.establish(child, family, by=world.curator, kind="disability", detail="child", since=TODAY())
    pages = [("benefit-family", family.pk), ("benefit-print", family.pk), ("benefit-note", family.pk, benefit.pk)]
    for page, *ids in pages:
        assert enter(world.colleague).get(f"cases:{page}", *ids).status_code == 409
        assert enter(world.other_head).get(f"cases:{page}", *ids).status_code == 404
        assert enter(world.head).get(f"cases:{page}", *ids).status_code == 200
    read = AuditRecord.objects.filter(detail__page="cases:benefit-family", actor=world.head).latest("pk")
    assert read.detail["shown"] == ["health"]
    enter(world.curator).get("cases:benefit-family", family.pk, on="2020-01-01")
    with pytest.raises(Refused, match="ещё не наступил"):
        BenefitNote.write(family, benefit, by=world.curator, state="told", happened_on=TODAY() + DAY)


def test_no_more_queries_for_more_measures(
    world, family, enter, django_assert_num_queries, django_assert_max_num_queries
):
    browser = enter(world.curator)
    add(world)
    with django_assert_max_num_queries(25) as few:
        browser.get("cases:benefit-family", family.pk)
    load_federal(by=world.administrator)
    with django_assert_num_queries(len(few)):
        browser.get("cases:benefit-family", family.pk)


def test_a_region_without_the_module_has_neither_pages_nor_links(world, family, enter, settings):
    benefit = add(world)
    url = reverse("cases:benefit-family", args=[family.pk])
    assert url in enter(world.curator).get("families:family-detail", family.pk).content.decode()
    settings.SOPR_REGION = "primorye"
    browser = enter(world.head)
    assert {browser.get(f"cases:{page}", family.pk).status_code for page in ("benefit-family", "benefit-print")} == {
        404
    }
    assert {browser.get(f"cases:{page}").status_code for page in ("benefit-list", "benefit-new", "benefit-load")} == {
        404
    }
    assert browser.get("cases:benefit-note", family.pk, benefit.pk).status_code == 404
    assert url not in browser.get("families:family-detail", family.pk).content.decode()
