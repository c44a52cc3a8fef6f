"""«Качество данных»: each problem is found where it is, only there, and leads where it is mended."""

import datetime
import io

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse_lazy
from django.utils import timezone

from families.models import CardProblem, Family, FamilyMembership, Person, UncheckedCard
from families.models.family import new_person
from families.quality import catalogue, kept
from families.tasks import check_cards
from sopr.audit.models import Action, AuditRecord
from sopr.tests.casework import activate, make_family, make_referral, open_case

QUALITY = reverse_lazy("families:quality")
LIST = reverse_lazy("families:family-list")
Relation = FamilyMembership.Relation
SNILS = iter(["11223344595", "08765430300", "16711100000"])


def make_whole(world, surname="Целыевы", by=None, **fields):
    """A family in which nothing is missing."""
    family = make_family(world, by=by, surname=surname, phone="+7 900 100-20-30", **fields)
    for index, person in enumerate(Person.objects.filter(memberships__family=family).order_by("pk")):
        Person.objects.filter(pk=person.pk).update(snils=f"{family.pk:06d}{index:05d}")
    return family


def problems_of(family, organisation):
    kept.catch_up()
    own = Family.objects.filter(pk=family.pk)
    codes = [problem.code for problem in catalogue.problems()]
    return {code for code in codes if kept.with_problem(own, code, organisation.pk).exists()}


def add(world, family, relation, years=30, **fields):
    born = timezone.localdate() - datetime.timedelta(days=int(365.25 * years) + 1) if years is not None else None
    values = {"last_name": "Добавлена", "first_name": "Вера", "birth_on": born} | fields
    person = new_person(by=world.curator, **values)
    Person.objects.filter(pk=person.pk).update(snils=f"9{person.pk:010d}")
    return family.add_member(person, by=world.curator, relation=relation, since=born)


def child_of(family):
    return family.memberships.get(relation="child")


def no_category(world, family):
    family.category_periods.all().delete()


def nobody(world, family):
    day = timezone.localdate() - datetime.timedelta(days=1)
    family.memberships.update(until=day)


def no_child(world, family):
    family.memberships.filter(relation="child").delete()


def grown_up(world, family):
    Person.objects.filter(pk=child_of(family).person_id).update(birth_on=datetime.date(2000, 1, 1))


def child_without_birth(world, family):
    Person.objects.filter(pk=child_of(family).person_id).update(birth_on=None)


def without_snils(world, family):
    Person.objects.filter(pk=child_of(family).person_id).update(snils="")


def no_document(world, family):
    add(world, family, Relation.GUARDIAN)


def no_address(world, family):
    Family.objects.filter(pk=family.pk).update(address="")


def no_phone(world, family):
    Family.objects.filter(pk=family.pk).update(phone="")


def before_birth(world, family):
    family.memberships.filter(relation="child").update(since=datetime.date(2010, 1, 1))


def in_two_families(world, family):
    other = make_whole(world, "Другие", by=world.other_curator)
    other.memberships.create(person=child_of(family).person, relation="child")


def category(code):
    def set_category(world, family):
        family.category_periods.update(category=code)

    return set_category


def single_with_both(world, family):
    add(world, family, Relation.FATHER)


def sop_without_case(world, family):
    family.place_on_sop(by=world.curator, placed_on=datetime.date(2026, 1, 12))


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda world, family: None, set()),
        (no_category, {"no_category"}),
        (nobody, {"nobody"}),
        (no_child, {"no_child"}),
        (grown_up, {"no_child"}),
        (child_without_birth, {"child_without_birth"}),
        (without_snils, {"without_snils"}),
        (no_document, {"no_document"}),
        (no_address, {"no_address"}),
        (no_phone, {"no_phone"}),
        (before_birth, {"before_birth"}),
        (in_two_families, {"in_two_families"}),
        (category("large"), {"large_with_few"}),
        (single_with_both, {"single_with_both"}),
        (category("child_under_3_with_ovz"), {"no_infant"}),
        (category("underage_parents"), {"no_underage_parent"}),
        (category("foster"), {"no_substitute_parent"}),
        (sop_without_case, {"sop_without_case"}),
    ],
)
def test_a_problem_is_found_where_it_is_and_nowhere_else(world, client, spoil, expected):
    whole = make_whole(world)
    family = make_whole(world, "Щукины")
    spoil(world, family)
    assert problems_of(family, world.centre) == expected
    assert problems_of(whole, world.centre) == set()
    client.force_login(world.head)
    page = client.get(QUALITY)
    assert page.status_code == 200
    assert [row.object.pk for row in page.context["table"].rows] == [family.pk] * bool(expected)
    counts = page.context["counts"]
    assert counts["all"] == 2 and counts["any"] == bool(expected)
    assert {code for code, number in counts.items() if number} - {"all", "any"} == expected
    for code in expected:
        assert page.context["table"].rows[0].object.problems
        for _title, url in page.context["table"].rows[0].object.problems:
            assert client.get(url).status_code == 200, url
        for address in (f"{QUALITY}?problem={code}", f"{LIST}?problem={code}", f"{LIST}?problem=any"):
            assert [row.object.pk for row in client.get(address).context["table"].rows] == [family.pk]


@pytest.mark.parametrize(
    ("children", "born", "found"), [(3, 5, False), (2, 5, True), (3, 18.1, True), (3, 17.9, False), (3, None, False)]
)
def test_a_large_family_has_three_children_under_eighteen(world, children, born, found):
    family = make_whole(world)
    family.category_periods.update(category="large")
    for _number in range(children - 1):
        add(world, family, Relation.CHILD, years=born)
    assert ("large_with_few" in problems_of(family, world.centre)) is found


def test_a_guardians_document_mends(world):
    family = make_whole(world)
    guardian = add(world, family, Relation.GUARDIAN)
    assert "no_document" in problems_of(family, world.centre)
    guardian.represent(by=world.curator, ground="guardianship", document_name="постановление")
    assert "no_document" not in problems_of(family, world.centre)


def test_support_without_consent_is_the_supporting_organisations_problem(world):
    family = make_whole(world)
    activate(world, open_case(world, family=family))
    family.holders.add(world.other_centre)
    assert problems_of(family, world.centre) == set()
    family.consents.update(withdrawn_on=timezone.localdate())
    assert problems_of(family, world.centre) == {"without_consent"}
    assert problems_of(family, world.other_centre) == set()


def test_a_curator_mends_what_she_keeps_and_the_head_sees_who_keeps_what(world, client):
    own, colleagues = make_family(world, surname="Свои"), make_family(world, by=world.colleague, surname="Коллегины")
    checked = make_family(world, by=world.colleague, surname="Проверяемые")
    signal = make_referral(world)
    signal.assign(by=world.head, curator=world.curator)
    signal.link_family(checked, by=world.curator)
    open_case(world, by=world.colleague, family=colleagues)
    make_family(world, by=world.other_curator, surname="Чужие")
    seen = {
        world.curator: {own, checked},
        world.colleague: {colleagues},
        world.head: {own, checked, colleagues},
    }
    for user, families in seen.items():
        client.force_login(user)
        page = client.get(QUALITY)
        assert {row.object for row in page.context["table"].rows} == families, user
        assert page.context["counts"]["all"] == len(families)
        assert bool(page.context["curators"]) == (user == world.head)
    lines = {line["name"]: (line["wrong"], line["families"]) for line in page.context["curators"]}
    assert lines == {world.colleague.short_name: (1, 1), "без куратора": (2, 2)}
    only = client.get(QUALITY, {"curator": world.colleague.pk})
    assert {row.object for row in only.context["table"].rows} == {colleagues}
    client.force_login(world.curator)
    assert {row.object for row in client.get(QUALITY, {"curator": world.colleague.pk}).context["table"].rows} == {
        own,
        checked,
    }


def test_a_merged_card_is_nobodys_problem(world, client):
    family, gone = make_family(world), make_family(world, surname="Прежние")
    Family.objects.filter(pk=gone.pk).update(merged_into=family)
    client.force_login(world.head)
    assert [row.object for row in client.get(QUALITY).context["table"].rows] == [family]


def test_the_spreadsheet_names_what_to_mend_and_the_log_how_many(world, client):
    family = make_whole(world, "Щукины")
    without_snils(world, family)
    no_address(world, family)
    client.force_login(world.curator)
    got = client.get(QUALITY, {"as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(got.streaming_content))).active
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert f"нет адреса; {child_of(family).person.short_name}: нет СНИЛС" in cells
    assert AuditRecord.objects.get(action=Action.EXPORT).detail["rows"] == 1


def test_it_costs_the_same_for_three_and_for_sixty(world, client):
    client.force_login(world.head)

    def count(url):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    for _number in range(3):
        open_case(world)
    urls = [str(QUALITY), f"{QUALITY}?problem=without_snils", f"{LIST}?problem=any"]
    for url in urls:
        count(url)
    few = [count(url) for url in urls]
    for number in range(57):
        make_family(world, surname=f"Другие{number}")
    kept.catch_up()  # who reads first after a change checks the changed cards, in batches
    assert [count(url) for url in urls] == few


def test_the_check_keeps_up_with_every_change_whoever_writes(world):
    """Cards of a large register wait for the worker; a small number of changes is checked by who reads."""
    family = make_whole(world)
    assert kept.catch_up() and not CardProblem.objects.exists()
    Person.objects.filter(memberships__family=family).update(snils="")
    assert UncheckedCard.objects.filter(family_id=family.pk).exists()
    assert kept.catch_up() and not UncheckedCard.objects.exists()
    assert {row.code for row in CardProblem.objects.filter(family=family)} == {"without_snils"}
    family.holders.set([world.other_centre])
    kept.catch_up()
    assert {row.organisation for row in CardProblem.objects.all()} == {world.other_centre}


def test_a_new_day_checks_every_card(world):
    family = make_whole(world)
    kept.catch_up()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=366 * 18), tick=False):
        kept.catch_up()
        assert "no_child" in {row.code for row in CardProblem.objects.filter(family=family)}


def test_a_large_register_on_a_new_day_shows_the_last_check_and_says_so(world, client, monkeypatch):
    family = make_whole(world)
    without_snils(world, family)
    client.force_login(world.head)
    monkeypatch.setattr(kept, "INLINE", 0)
    assert "ещё не закончена" in client.get(QUALITY).content.decode()
    check_cards()
    page = client.get(QUALITY)
    assert "не закончена" not in page.content.decode()
    assert [row.object for row in page.context["table"].rows] == [family]


def test_what_waits_on_a_new_day_is_checked_once(world):
    make_whole(world)
    assert UncheckedCard.objects.exists()  # the card is new, and so is the day
    kept.check_all()
    assert not UncheckedCard.objects.exists()
