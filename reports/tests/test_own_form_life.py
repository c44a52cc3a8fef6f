"""Свои формы through HTTP: published, reported on, signed, printed; editions by day, and who owes them."""

import datetime
import io
import re

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from families.categories import Category
from reports import duties, forms, packing, periods, runs, tasks
from reports.compute import compute
from reports.models import OwnForm, OwnFormVersion, Packet, Report, ReportRun
from reports.targets import forms_with_plans
from reports.tests.own import NEW, ROWS, begin, cells, computed, made, make_cases, posted, publish, write
from sopr.errors import Refused
from sopr.obligations.models import Obligation

D = datetime.date


@pytest.fixture
def own_folder(settings, tmp_path):
    settings.SOPR_VAR = tmp_path


@pytest.fixture
def cases(world):
    return make_cases(world)


@pytest.fixture
def minister(client, world):
    client.force_login(world.minister)
    return client


# -- published: a form like any other ----------------------------------------------------------------------------------


def test_a_form_is_built_published_reported_on_signed_and_printed(
    minister, client, world, cases, own_folder, django_capture_on_commit_callbacks
):
    form = made(minister, columns=["year_ago", "since_january"], title="о ранней помощи", notes="Первое\n\nВторое")
    client.force_login(world.head)
    page = client.get(reverse("reports:report-build"))
    assert (form.code, "«Ранняя помощь»: форма министерства, редакция 1, действует с 01.01.2025") in page.context[
        "form"
    ].fields["form"].choices
    with django_capture_on_commit_callbacks():
        client.post(reverse("reports:report-build"), {"form": form.code, "period": "2025Q2", "other": "2025Q2"})
    assert runs.work(ReportRun.objects.get().pk)
    report = Report.objects.get(form=form.code)
    assert (report.organisation, report.own_version.label) == (world.centre, f"{form.code}/1")
    assert report.snapshot["definitions_version"] == f"{form.code}/1"
    assert report.snapshot["notes"] == ["Первое", "Второе"]
    found = cells(report)
    assert found["1", "2025Q2"]["value"] == 2
    assert found["1.4", "2025Q2"]["value"] == 2
    assert (found["2", "2025Q2"]["value"], found["2", "2024Q2"]["value"]) == (2, 0)
    assert (found["3", "2025Q2"]["text"], found["3", "2025-01..2025-06"]["text"]) == ("100,0", "100,0")
    assert found["4.1", "2025Q2"]["text"] == "Район: 4"
    assert found["5", "2025Q2"]["text"] == "–"
    text = client.get(report.get_absolute_url()).content.decode()
    links = re.findall(r'class="cell-link" href="([^"]+)"[^>]*>([^<]+)</a>', text)
    assert len(links) > 20
    for url, shown in links:
        cell = client.get(url).context
        wanted = cell["cell"]["value"] if cell["cell"]["numerator"] is None else cell["cell"]["numerator"]
        assert cell["total"] == len(cell["table"].rows) == wanted, (url, shown)
    for check in report.checked("warn"):
        report.check_words.create(check_code=check["code"], found=check["title"], text="Проверено", by=world.head)
    assert client.post(reverse("reports:report-sign", args=[report.pk])).status_code == 302
    for kind in ("xlsx", "pdf", "csv", "json"):
        answer = client.get(reverse("reports:report-file", args=[report.pk, kind]))
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert len(content) > 500
        if kind == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(content))
            said = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None]
            assert any("Снято за период" in value for value in said)
            assert book.properties.subject == "о ранней помощи"
    client.force_login(world.minister)
    region = client.get(f"/reports/?form={form.code}")
    assert [row.cells[1].value for row in region.context["table"].rows] == ["«Ранняя помощь»"]
    whole = computed(form, "2025Q2")
    assert cells(whole)["1", "2025Q2"]["value"] == 3
    assert cells(whole)["4.1", "2025Q2"]["text"] == "Район: 6"
    assert whole.snapshot["coverage"]["submitted"] == 1
    assert client.get(reverse("reports:report-published", args=[whole.pk])).status_code == 200


def test_the_balance_of_sums_is_checked_and_the_charts_are_of_its_first_rows(minister, cases, world):
    report = computed(made(minister), "2025Q2", world.centre)
    assert report.snapshot["sums"]["1"] == [f"1.{number}" for number in range(1, len(Category.values) + 1)]
    assert [line["measure"] for line in report.snapshot["trend"]] == ["on_support", "removed"]
    assert {check["code"]: check["tone"] for check in report.checked()}["sums"] == "ok"


def test_a_packet_has_it_and_the_command_builds_it(minister, cases, world, own_folder, tmp_path):
    form = made(minister)
    packet = Packet.ask(forms.find(form.code, periods.parse("2025Q2")), periods.parse("2025Q2"), by=world.minister)
    assert packing.work(packet.pk)
    assert {part.report.organisation for part in packet.parts.all()} == {None, world.centre, world.other_centre}
    assert all(part.report.own_version_id for part in packet.parts.all())
    minister.get("/reports/packets/")
    call_command("build_report", form.code, "2025Q2", out=tmp_path / "own.xlsx")
    assert openpyxl.load_workbook(tmp_path / "own.xlsx").sheetnames
    with pytest.raises(CommandError, match="действует с 01.01.2025"):
        call_command("build_report", form.code, "2024Q2", out=tmp_path / "own.json")


# -- editions ----------------------------------------------------------------------------------------------------------


def revise(client, form, rows, **head):
    assert client.post(f"/reports/own/{form.pk}/revise/").status_code == 302
    write(client, form, rows, **head)


def test_a_later_edition_leaves_what_is_signed_and_its_repeat_to_the_old_one(minister, client, world, cases):
    form = made(minister)
    signed = computed(form, "2025Q2", world.centre)
    for check in signed.checked("warn"):
        signed.check_words.create(check_code=check["code"], found=check["title"], text="Проверено", by=world.head)
    signed.sign(by=world.head)
    draft = computed(form, "2025Q3", world.centre)
    revise(minister, form, [{"kind": "measure", "what": "accepted"}], name="Помощь")
    assert signed.definition.name == "«Ранняя помощь»"
    refused = publish(minister, form, "2025-06-30")
    assert "За II квартал 2025 года отчёт по этой форме уже подписан" in refused.content.decode()
    assert publish(minister, form, "2025-01-01").status_code == 422
    assert publish(minister, form, "2025-07-01").status_code == 302
    signed, draft = Report.objects.get(pk=signed.pk), Report.objects.get(pk=draft.pk)
    assert signed.snapshot["definitions_version"] == signed.definition.version == f"{form.code}/1"
    assert (draft.own_version.number, draft.checksum, draft.snapshot) == (2, "", None)
    signed.send_back(by=world.minister, remark="Уточните.")
    again = signed.correct(by=world.head)
    again.store(*compute(again.definition, again.span, world.centre))
    assert (again.own_version.number, again.changes) == (1, [])
    assert len(again.snapshot["rows"]) == len(signed.snapshot["rows"])
    later = computed(form, "2025Q3", world.centre)
    assert [row["code"] for row in later.snapshot["rows"]] == ["1"]
    assert later.snapshot["definitions_version"] == f"{form.code}/2"
    assert not [check for check in later.checked() if check["code"] == "signed"]
    assert forms.find(form.code, periods.parse("2025")).version == f"{form.code}/1"
    assert forms.find(form.code).name == "«Помощь»"
    page = minister.get(f"/reports/own/{form.pk}/").content.decode()
    assert page.index("Редакция 2") < page.index("Редакция 1")


def test_figures_counted_while_an_edition_was_published_are_not_kept(minister, world, cases):
    form, period = made(minister), periods.parse("2025Q3")
    report = Report.open_for(forms.find(form.code, period), period, world.centre)
    late = compute(report.definition, period, world.centre)
    revise(minister, form, ROWS[:1])
    assert publish(minister, form, "2025-07-01").status_code == 302
    with pytest.raises(Refused, match="новая редакция формы"):
        report.store(*late)
    assert Report.objects.get(pk=report.pk).checksum == ""


def test_a_published_edition_never_changes(minister, world):
    form = made(minister)
    version = form.published
    with pytest.raises(Refused, match="не меняется"):
        version.rewrite(name="Другое")
    for write_it in (
        lambda: OwnFormVersion.objects.filter(pk=version.pk).update(name="Другое"),
        lambda: OwnFormVersion.objects.filter(pk=version.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write_it()
    assert minister.get(f"/reports/own/{form.pk}/edit/").status_code == 409
    assert minister.post(f"/reports/own/{form.pk}/edit/", posted(ROWS)).status_code == 409
    assert publish(minister, form, "2026-01-01").status_code == 409
    minister.post(f"/reports/own/{form.pk}/revise/")
    assert minister.post(f"/reports/own/{form.pk}/revise/").status_code == 409
    for day in ("", "31.02.2026", "1066-10-14"):
        assert publish(minister, form, day).status_code == 422
    assert publish(minister, form, "2026-01-01", owed="maybe").status_code == 422


def test_before_its_day_there_are_no_reports(minister, world, cases):
    form = made(minister, since="2025-04-01")
    with pytest.raises(Refused, match="действует с 01.04.2025"):
        forms.find(form.code, periods.parse("2025Q1"))
    answer = minister.post(reverse("reports:report-build"), {"form": form.code, "period": "", "other": "2025Q1"})
    assert "действует с 01.04.2025" in answer.content.decode()
    for code in ("own-0", "own-999", "own-x", "own-", "own-٣"):
        with pytest.raises(Refused, match="нет"):
            forms.find(code)


def test_drafts_are_deleted_with_a_question(minister, world):
    form = begin(minister)
    url = f"/reports/own/{form.pk}/delete/"
    assert "удалится совсем" in minister.get(url).content.decode()
    assert minister.post(url)["Location"] == "/reports/own/"
    assert not OwnForm.objects.filter(pk=form.pk).exists()
    form = made(minister)
    assert minister.get(f"/reports/own/{form.pk}/delete/").status_code == 409
    minister.post(f"/reports/own/{form.pk}/revise/")
    minister.post(f"/reports/own/{form.pk}/delete/")
    assert [version.number for version in form.versions.all()] == [1]


# -- who owes it -------------------------------------------------------------------------------------------------------


def last_quarter_start():
    return str(duties.last_quarter().since)


def test_organisations_owe_what_is_published_so_until_it_is_retired(minister, client, world, own_folder):
    form = made(minister, since=last_quarter_start())
    tasks.sweep_signing()
    quarter = duties.last_quarter()
    owed = Report.objects.filter(form=form.code)
    assert {report.organisation for report in owed} == {world.centre, world.other_centre}
    assert {(report.period, report.own_version.label) for report in owed} == {(quarter.text, f"{form.code}/1")}
    client.force_login(world.head)
    assert "Ранняя помощь" in client.get("/", follow=True).content.decode()
    client.force_login(world.minister)
    late = Report.objects.not_handed_in(timezone.localdate() + datetime.timedelta(days=30))
    assert late.filter(form=form.code).count() == 2
    assert "Ранняя помощь" in minister.get(f"/reports/region/?form={form.code}").content.decode()
    assert minister.post(f"/reports/own/{form.pk}/retire/").status_code == 302
    assert late.filter(form=form.code).count() == 0
    assert not any(report.is_late for report in owed.all())
    assert form.code not in [each.code for each in forms.of_this_region()]
    assert "Ранняя помощь" in dict(forms.choices())[form.code]
    assert minister.post(f"/reports/own/{form.pk}/retire/").status_code == 409
    assert minister.post(f"/reports/own/{form.pk}/restore/").status_code == 302
    assert minister.post(f"/reports/own/{form.pk}/restore/").status_code == 409
    assert form.code in [each.code for each in forms.of_this_region("quarter", quarter.since)]


@pytest.mark.parametrize("kind", ["month", "year"])
def test_what_is_owed_by_month_or_year_is_asked_for_until_signed(minister, world, kind, settings):
    settings.SOPR_REGION = "primorye"
    period = duties.last_ended(kind)
    form = made(minister, since=str(period.since), kind=kind)
    tasks.sweep_signing()
    mine = Report.objects.get(form=form.code, organisation=world.centre)
    assert (mine.period, mine.own_version.label) == (period.text, f"{form.code}/1")
    duty = Obligation.objects.get(kind="reports.sign", organisation=world.centre, closed_at=None)
    assert f"{period.short}: «Ранняя помощь»" in duty.title
    computed(form, period.text, world.centre).sign(by=world.head)
    assert "Ранняя помощь" not in Obligation.objects.get(pk=duty.pk).title
    signed = Report.objects.get(pk=mine.pk)
    signed.send_back(by=world.minister, remark="Уточните.")
    assert "Ранняя помощь" in Obligation.objects.get(pk=duty.pk).title
    assert not Obligation.objects.filter(kind="reports.fix").exists()


def test_a_form_of_the_ministry_alone_is_owed_by_nobody(minister, client, world):
    form = made(minister, since=last_quarter_start(), owed="no")
    tasks.sweep_signing()
    assert not Report.objects.filter(form=form.code).exists()
    assert form.code not in [each.code for each in forms.of_this_region("quarter", duties.last_quarter().since)]
    assert form.code in [code for code, _name in _build_choices(client, world.minister)]
    assert form.code not in [code for code, _name in _build_choices(client, world.head)]


def _build_choices(client, user):
    client.force_login(user)
    return client.get(reverse("reports:report-build")).context["form"].fields["form"].choices


def test_plans_are_not_set_for_rows_that_each_edition_numbers_anew(minister, world):
    form = made(minister)
    assert form.code not in [each.code for each in forms_with_plans()]


def test_lists_ask_as_much_of_one_report_as_of_ten(minister, world, cases):
    numbers = []
    for number in range(2):
        for _form in range(1 + 4 * number):
            form = made(minister, rows=ROWS[:2])
            computed(form, "2025Q2", world.centre)
        for url in ("/reports/", "/reports/own/", "/reports/book/?period=2025Q2"):
            with CaptureQueriesContext(connection) as asked:
                minister.get(url)
            numbers.append(len(asked))
    assert numbers[:3] == numbers[3:]


def test_only_the_ministry_makes_forms(client, world, minister):
    form = made(minister)
    pages = [NEW, "/reports/own/", *(f"/reports/own/{form.pk}/{page}" for page in ("", "edit/", "publish/", "retire/"))]
    for role, user in world.users.items():
        client.force_login(user)
        wanted = {200, 409} if role == "ministry" else {403}
        assert {client.get(page).status_code for page in pages} <= wanted, role
    assert "Свои формы" not in _page(client, world.head)
    assert "Свои формы" in _page(client, world.minister)


def _page(client, user):
    client.force_login(user)
    return client.get("/reports/").content.decode()


def test_a_correction_is_on_the_edition_of_its_report(minister, world, cases):
    form = made(minister)
    report = computed(form, "2025Q2")
    report.approve(by=world.minister)
    Case.objects.filter(pk=cases[0].pk).update(closed_on=D(2025, 6, 1), outcome="overcame", stage="closed")
    again = report.correct(by=world.minister, reason="Сверка")
    again.store(*compute(again.definition, again.span))
    assert {(change["row"], change["was"], change["now"]) for change in again.changes} >= {("2", "3", "4")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(own_version=None)
