"""Districts of an organisation: who sees them, what is entered, families without a district, lists behind numbers."""

import datetime
import io

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from families.models import DistrictPlace, Family, FamilyEvent, HealthStatus, Settlement
from families.models.district import assign_families
from sopr.accounts.models import District
from sopr.audit.models import Action, AuditRecord
from sopr.errors import Refused
from sopr.tests.casework import activate, make_family
from sopr.web.models import ChosenColumns

DAY = datetime.timedelta(days=1)


@pytest.fixture
def district(world):
    return District.objects.create(municipality=world.north, name="Участок № 1")


@pytest.fixture
def curator(client, world):
    client.force_login(world.curator)
    return client


def url(name, *args):
    return reverse(f"families:{name}", args=args)


def page_of(client, *args, **query):
    return client.get(url(*args), query).content.decode()


def test_the_list_names_own_districts_and_the_families_page_leads_to_it(curator, world, district):
    District.objects.create(municipality=world.south, name="Дальний участок")
    District.objects.create(municipality=world.north, name="Закрытый участок", closed_on=timezone.localdate())
    make_family(world, district=district)
    district.hand_to(world.centre, since=timezone.localdate(), specialist=world.curator)
    page = page_of(curator, "district-list")
    assert "Участок № 1" in page and world.curator.short_name in page
    assert "Дальний" not in page and "Закрытый" not in page
    assert url("district-list") in curator.get(url("family-list")).content.decode()


def test_a_region_without_passports_has_no_districts(curator, settings, district):
    settings.SOPR_REGION = "tatarstan"
    assert curator.get(url("district-list")).status_code == 404
    assert curator.get(url("district-detail", district.pk)).status_code == 404
    assert url("district-list") not in curator.get(url("family-list")).content.decode()


def test_boundaries_are_written_and_a_stale_form_overwrites_nothing(curator, district):
    curator.post(url("district-edit", district.pk), {"boundaries": "Берёзовка, Каменка", "version": 1})
    district.refresh_from_db()
    assert district.boundaries == "Берёзовка, Каменка"
    answer = curator.post(url("district-edit", district.pk), {"boundaries": "Иначе", "version": 1})
    district.refresh_from_db()
    assert answer.status_code == 422 and "Иначе" in answer.content.decode()
    assert district.boundaries == "Берёзовка, Каменка"


def test_the_organisation_names_its_specialist_and_not_anothers(curator, world, district):
    today = timezone.localdate()
    data = {"specialist": world.colleague.pk, "since": today}
    curator.post(url("district-walk", district.pk), data)
    assert district.walks.get().specialist == world.colleague
    stranger = curator.post(url("district-walk", district.pk), {"specialist": world.other_curator.pk, "since": today})
    assert stranger.status_code == 422
    district.walks.all().delete()
    district.hand_to(world.other_centre, since=today)
    refused = curator.post(url("district-walk", district.pk), data)
    assert refused.status_code == 409 and "специалиста назначает она" in refused.content.decode()


def test_a_settlement_is_added_changed_and_deleted(curator, district):
    curator.post(url("settlement-new", district.pk), {"name": "с. Берёзовка", "households": 210, "population": 640})
    row = Settlement.objects.get()
    twice = curator.post(url("settlement-new", district.pk), {"name": "с. Берёзовка"})
    assert "уже есть" in twice.content.decode() and Settlement.objects.count() == 1
    curator.post(url("settlement-edit", row.pk), {"name": "с. Берёзовка", "households": 215, "population": 650})
    row.refresh_from_db()
    assert (row.households, row.population) == (215, 650)
    assert "650" in page_of(curator, "district-detail", district.pk)
    assert "Удалить «с. Берёзовка»?" in page_of(curator, "settlement-delete", row.pk)
    curator.post(url("settlement-delete", row.pk))
    assert not Settlement.objects.exists()
    log = AuditRecord.objects.filter(action=Action.CHANGE).latest("seq")
    assert (log.subject_type, log.subject_id) == ("accounts.district", district.pk)


def test_a_place_is_added_changed_and_deleted(curator, district):
    data = {"kind": "school", "name": "Школа № 3", "address": "ул. Школьная, 1", "phone": "8 800 100 00 03"}
    curator.post(url("place-new", district.pk), data)
    row = DistrictPlace.objects.get()
    assert row.phone == "+7 800 100-00-03" and not row.is_resource
    curator.post(url("place-edit", row.pk), data | {"kind": "ngo", "note": "Одежда и обувь детям"})
    row.refresh_from_db()
    assert row.is_resource
    assert "Одежда и обувь детям" in page_of(curator, "district-detail", district.pk)
    curator.post(url("place-delete", row.pk))
    assert not DistrictPlace.objects.exists()


def test_where_a_crisis_flat_is_nobody_writes_down(curator, district):
    data = {"kind": "crisis_flat", "name": "Квартира временного проживания", "address": "ул. Тайная, 5"}
    answer = curator.post(url("place-new", district.pk), data)
    assert "Уберите адрес" in answer.content.decode() and not DistrictPlace.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        DistrictPlace.objects.create(district=district, **data)
    curator.post(url("place-new", district.pk), data | {"address": ""})
    assert DistrictPlace.objects.get().address == ""


# --- Families without a district -----------------------------------------------------------------------------------


def test_ticked_families_go_to_the_district_with_an_event_each(curator, world, district):
    ones = [make_family(world, surname=f"Семья{number}") for number in range(3)]
    left = make_family(world, surname="Оставшиеся")
    answer = curator.post(url("district-assign", district.pk), {"families": [family.pk for family in ones]})
    assert answer["Location"] == url("district-assign", district.pk)
    assert set(Family.objects.filter(district=district)) == set(ones)
    events = FamilyEvent.objects.filter(kind="district_set")
    assert {event.family_id for event in events} == {family.pk for family in ones}
    assert {event.by for event in events} == {world.curator}
    assert events.first().refs == {"district": district.pk, "was": None}
    page = page_of(curator, "district-assign", district.pk)
    assert left.surname in page and "Семья1" not in page
    assert "Отнесена к участку" in curator.get(reverse("families:family-detail", args=[ones[0].pk])).content.decode()


def test_an_open_card_form_notices_the_assignment(world, district):
    family = make_family(world)
    opened = Family.objects.get(pk=family.pk)
    assign_families(district, [family.pk], by=world.curator)
    with pytest.raises(Refused, match="изменил другой сотрудник"):
        opened.amend(by=world.curator, phone="+7 912 345-67-89")


def test_the_list_is_searched_by_street_and_shows_own_families_only(curator, world, district):
    far = make_family(world, surname="Дальние")
    Family.objects.filter(pk=far.pk).update(address="с. Каменка, ул. Речная, 3")
    far.refresh_from_db()
    far.save()
    make_family(world, surname="Лесные")
    make_family(world, by=world.other_curator, surname="Чужие")
    make_family(world, surname="Скрытые", address_hidden=True)
    page = page_of(curator, "district-assign", district.pk)
    assert "Дальние" in page and "Лесные" in page and "Чужие" not in page and "Скрытые" not in page
    answer = curator.post(url("district-assign", district.pk), {"act": "find", "words": "речная"})
    assert "речная" not in answer["Location"]
    page = curator.get(answer["Location"]).content.decode()
    assert "Дальние" in page and "Лесные" not in page
    curator.force_login(world.head)
    assert "Скрытые" in page_of(curator, "district-assign", district.pk)


def test_families_of_a_closed_district_wait_for_another(curator, world, district):
    closed = District.objects.create(municipality=world.north, name="Старый")
    family = make_family(world, district=closed)
    assert "Ковалёвы" not in page_of(curator, "district-assign", district.pk)
    closed.close(on=timezone.localdate())
    assert "закрытый участок «Старый»" in page_of(curator, "district-assign", district.pk)
    curator.post(url("district-assign", district.pk), {"families": [family.pk]})
    assert Family.objects.get(pk=family.pk).district == district
    assert FamilyEvent.objects.get(kind="district_set").refs["was"] == closed.pk


def test_refusals_of_the_assignment(curator, world, district):
    family = make_family(world)
    southern = Family.register(by=world.curator, surname="Южные", municipality=world.south)
    with pytest.raises(Refused, match="в другом муниципальном образовании"):
        assign_families(district, [family.pk, southern.pk], by=world.curator)
    assert not FamilyEvent.objects.filter(kind="district_set").exists()
    nothing = curator.post(url("district-assign", district.pk), {})
    assert "Отметьте хотя бы одну" in nothing.content.decode()
    other = make_family(world, by=world.other_curator)
    wrong = curator.post(url("district-assign", district.pk), {"families": [other.pk]})
    assert wrong.status_code == 422 and Family.objects.get(pk=other.pk).district is None
    district.close(on=timezone.localdate())
    assert curator.get(url("district-assign", district.pk)).status_code == 409
    with pytest.raises(Refused, match="Участок закрыт"):
        assign_families(district, [family.pk], by=world.curator)


def test_a_closed_district_is_no_longer_offered_in_the_card(curator, world, district):
    family = make_family(world)
    form_url = reverse("families:family-edit", args=[family.pk])
    assert "Участок № 1" in curator.get(form_url).content.decode()
    district.close(on=timezone.localdate())
    assert "Участок № 1" not in curator.get(form_url).content.decode()
    Family.objects.filter(pk=family.pk).update(district=district)
    assert "Участок № 1" in curator.get(form_url).content.decode()


# --- Numbers and their lists -----------------------------------------------------------------------------------------


def test_the_figures_of_a_chosen_day(curator, world, district):
    case = activate(world)
    Family.objects.filter(pk=case.family_id).update(district=district, registered_on=timezone.localdate() - 30 * DAY)
    page = curator.get(url("district-detail", district.pk))
    facts = {fact["label"]: fact["value"] for fact in page.context["facts"]}
    assert (facts["Семей на учёте"], facts["Детей до 18 лет"], facts["На сопровождении"]) == (1, 1, 1)
    before = curator.get(url("district-detail", district.pk), {"on": timezone.localdate() - 10 * DAY})
    facts = {fact["label"]: fact["value"] for fact in before.context["facts"]}
    assert (facts["Семей на учёте"], facts["На сопровождении"]) == (1, 0)
    for nonsense in ("2026-02-31", "завтра", timezone.localdate() + DAY):
        answer = curator.get(url("district-detail", district.pk), {"on": nonsense})
        assert answer.context["day"] == timezone.localdate()


def test_the_list_of_families_names_own_ones_only(curator, world, district):
    make_family(world, district=district)
    foreign = make_family(world, by=world.other_curator, surname="Чужие", district=district)
    page = page_of(curator, "district-figure", district.pk, "families")
    assert "В списке: 2" in page and "Ковалёвы" in page and "ул. Лесная" in page
    assert "Чужие" not in page and world.other_centre.phone in page
    assert url("family-detail", foreign.pk) not in page
    children = page_of(curator, "district-figure", district.pk, "children")
    assert "В списке: 2" in children and children.count("Ковалёв Илья") == 1
    assert curator.get(url("district-figure", district.pk, "nothing")).status_code == 404


def test_a_hidden_address_is_not_betrayed_by_its_district(curator, world, district):
    family = make_family(world, surname="Скрытые", district=district, address_hidden=True)
    for figure in ("families", "primary-single_parent", "children"):
        page = page_of(curator, "district-figure", district.pk, figure)
        assert "В списке: 1" in page and "Карточка закрыта" in page
        for secret in ("Скрытые", "Лесная", "Ковалёв", url("family-detail", family.pk)):
            assert secret not in page
    curator.force_login(world.head)
    assert "Скрытые" in page_of(curator, "district-figure", district.pk, "families")


def test_the_list_of_families_does_not_betray_it_either(curator, world, district):
    make_family(world, surname="Скрытые", district=district, address_hidden=True)
    make_family(world, surname="Открытые", district=district)
    found = curator.get(url("family-list"), {"district": district.pk}).content.decode()
    assert "Открытые" in found and "Скрытые" not in found
    ChosenColumns.choose(world.curator, "families:family-list", ["surname", "district"])
    answer = curator.get(url("family-list"), {"as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Скрытые" in cells and cells.count("адрес скрыт") == 1 and cells.count(district.name) == 1
    curator.force_login(world.head)
    assert "Скрытые" in curator.get(url("family-list"), {"district": district.pk}).content.decode()


def test_a_list_that_tells_of_health_names_nobody_to_a_curator(curator, world, district):
    family = make_family(world, district=district)
    child = family.memberships.get(relation="child").person
    HealthStatus.objects.create(person=child, kind="disability", detail="child", since=datetime.date(2020, 1, 1))
    page = page_of(curator, "district-figure", district.pk, "children-disabled")
    assert "В списке: 1" in page and "Ковалёв" not in page and family.number not in page.split("<main")[1]
    curator.force_login(world.head)
    assert "Ковалёв Илья Петрович" in page_of(curator, "district-figure", district.pk, "children-disabled")


def test_the_spreadsheet_of_a_list_has_its_rows_and_is_logged(curator, world, district):
    make_family(world, district=district)
    make_family(world, by=world.other_curator, surname="Чужие", district=district)
    answer = curator.get(url("district-figure", district.pk, "families"), {"as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = [cell.value for row in sheet.iter_rows(min_row=5) for cell in row]
    assert "Ковалёвы" in cells and "Чужие" not in cells and sheet.max_row == 6
    log = AuditRecord.objects.get(action=Action.EXPORT)
    assert (log.subject_id, log.detail["figure"]) == (district.pk, "families")
