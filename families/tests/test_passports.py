"""The social passport of a district: frozen with its lists, compared with the one before, printed, taken to Excel."""

import datetime
import io
import subprocess

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from families.models import DistrictPassport, DistrictPlace, Family, Settlement
from sopr.accounts.models import District
from sopr.audit.append_only import AppendOnlyError
from sopr.audit.models import Action, AuditRecord
from sopr.errors import Refused
from sopr.tests.casework import make_family

DAY = datetime.timedelta(days=1)
OLD = datetime.date(2026, 1, 1)


@pytest.fixture
def district(world):
    district = District.objects.create(municipality=world.north, name="Участок № 1", boundaries="Берёзовка\nКаменка")
    Settlement.objects.create(district=district, name="с. Берёзовка", households=210, population=640)
    DistrictPlace.objects.create(district=district, kind="school", name="Школа № 3", phone="+7 800 100-00-03")
    DistrictPlace.objects.create(district=district, kind="ngo", name="АНО «Рядом»", note="Вещи детям")
    district.hand_to(world.centre, since=OLD, specialist=world.curator)
    return district


@pytest.fixture
def passport(world, district):
    """One of yesterday, with one family in it."""
    family = make_family(world, district=district)
    Family.objects.filter(pk=family.pk).update(registered_on=OLD)
    return DistrictPassport.draw_up(district, by=world.head, on=timezone.localdate() - DAY, conclusions="Нужен кружок.")


def value(passport, code):
    return next(row["value"] for row in passport.content["figures"] if row["code"] == code)


def open_page(client, name, *args, **query):
    return client.get(reverse(f"families:{name}", args=args), query)


def test_drawing_up_by_the_page(client, world, district):
    make_family(world, district=district)
    client.force_login(world.curator)
    form = open_page(client, "passport-new", district.pk).content.decode()
    assert "Что войдёт в паспорт" in form and "1 населённый пункт" in form.replace("\xa0", " ")
    today = timezone.localdate()
    data = {"on": today, "conclusions": "На участке нет кружка."}
    answer = client.post(reverse("families:passport-new", args=[district.pk]), data)
    passport = DistrictPassport.objects.get()
    assert answer["Location"] == reverse("families:passport-detail", args=[passport.pk])
    assert (passport.by, passport.organisation, passport.on) == (world.curator, world.centre, today)
    page = client.get(answer["Location"]).content.decode()
    for text in ("На участке нет кружка.", "с. Берёзовка", "Школа № 3", "Вещи детям", world.curator.full_name):
        assert text in page
    assert answer["Location"] in open_page(client, "district-detail", district.pk).content.decode()


def test_refusals(client, world, district, passport):
    today = timezone.localdate()
    with pytest.raises(Refused, match="уже составлен"):
        DistrictPassport.draw_up(district, by=world.head, on=passport.on)
    with pytest.raises(Refused, match="будущее посчитать нельзя"):
        DistrictPassport.draw_up(district, by=world.head, on=today + DAY)
    client.force_login(world.head)
    again = client.post(reverse("families:passport-new", args=[district.pk]), {"on": passport.on})
    assert "Укажите другой день" in again.content.decode()
    district.close(on=today - 2 * DAY)
    with pytest.raises(Refused, match="Участок закрыт"):
        DistrictPassport.draw_up(district, by=world.head, on=today)
    assert open_page(client, "passport-new", district.pk).status_code == 409


def test_a_passport_never_changes(passport):
    with pytest.raises(AppendOnlyError):
        passport.save()
    with pytest.raises(AppendOnlyError):
        passport.delete()
    refusal = pytest.raises(DatabaseError, match="only appended")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE families_districtpassport SET conclusions = 'иначе'")


def test_what_happens_later_changes_neither_numbers_nor_lists(client, world, district, passport):
    assert value(passport, "families") == 1
    family = Family.objects.get()
    family.end_membership(
        family.memberships.get(relation="child"), by=world.curator, until=timezone.localdate() - 2 * DAY
    )
    Settlement.objects.all().delete()
    make_family(world, district=district, surname="Новые")
    Family.objects.filter(pk=family.pk).update(district=None)
    client.force_login(world.curator)
    page = open_page(client, "passport-detail", passport.pk)
    numbers = {
        number.code: number
        for section in page.context["sections"]
        for line in section.lines
        for number in (line.number, line.also)
        if number
    }
    assert "с. Берёзовка" in page.content.decode()
    for code in ("families", "children"):
        assert numbers[code].value == 1
        listed = client.get(numbers[code].url)
        assert listed.context["total"] == 1 and "Новые" not in listed.content.decode()
    assert "Ковалёвы" in client.get(numbers["families"].url).content.decode()


def test_each_number_is_the_length_of_its_kept_list(client, world, district, passport):
    client.force_login(world.head)
    for row in passport.content["figures"]:
        assert row["value"] == len(passport.counted[row["code"]]), row["code"]
        listed = open_page(client, "passport-figure", passport.pk, row["code"])
        assert listed.context["total"] == row["value"], row["code"]


def test_the_next_passport_stands_beside_the_one_before(client, world, district, passport):
    make_family(world, district=district, surname="Новые")
    following = DistrictPassport.draw_up(district, by=world.head, on=timezone.localdate())
    client.force_login(world.head)
    for page in (open_page(client, "passport-detail", following.pk), open_page(client, "district-detail", district.pk)):
        first = page.context["sections"][0].lines[0].number
        if page.context.get("passport"):
            assert (first.value, first.before, first.change) == (2, 1, 1)
        assert f"{passport.on:%d.%m.%Y}" in page.content.decode()
    late = DistrictPassport.draw_up(district, by=world.head, on=OLD)
    assert late.content["previous"] == {}
    following.refresh_from_db()
    assert following.content["previous"]["on"] == passport.on.isoformat()


def test_a_merged_card_stays_in_the_list_and_leads_to_the_one_that_stands_for_it(client, world, passport):
    family = Family.objects.get()
    kept = make_family(world, surname="Главные")
    Family.objects.filter(pk=family.pk).update(merged_into=kept)
    client.force_login(world.head)
    page = open_page(client, "passport-figure", passport.pk, "families").content.decode()
    assert "В списке: 1" in page and f"объединена с № {kept.number}" in page
    assert reverse("families:family-detail", args=[kept.pk]) in page


def test_the_print_says_what_was_frozen_and_is_logged(client, world, passport, tmp_path):
    client.force_login(world.curator)
    answer = open_page(client, "passport-print", passport.pk)
    assert answer["Content-Disposition"].endswith(f'passport-uchastka-{passport.district_id}-{passport.on}.pdf"')
    (tmp_path / "p.pdf").write_bytes(answer.content)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "p.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    for words in ("СОЦИАЛЬНЫЙ ПАСПОРТ УЧАСТКА", "Участок № 1", "Берёзовка", "640", "Школа № 3", "Нужен кружок."):
        assert words in text
    assert "Ковалёв" not in text and "ПРОЕКТ" not in text
    log = AuditRecord.objects.filter(action=Action.PRINT).latest("seq")
    assert (log.subject_id, log.detail["document"]) == (passport.pk, "district_passport")


def test_the_workbook_has_the_same_numbers(client, world, passport):
    client.force_login(world.curator)
    answer = open_page(client, "passport-detail", passport.pk, **{"as": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book["Показатели"].iter_rows(min_row=4, values_only=True))
    assert [row[3] or 0 for row in rows] == [row["value"] for row in passport.content["figures"]]
    assert book["Населённые пункты"]["A4"].value == "с. Берёзовка"
    assert AuditRecord.objects.filter(action=Action.EXPORT, subject_id=passport.pk).exists()
