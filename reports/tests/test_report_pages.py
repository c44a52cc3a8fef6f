"""Pages of reports through HTTP: made, watched, read, signed, sent back; strangers and wrong moments turned away."""

import datetime
import json
import re

import pytest
from django.urls import reverse

from cases.models import Case
from families.categories import Category
from reports import forms, periods, runs
from reports.models import DeclaredFact, QuarterFigures, Report, ReportRun
from reports.tests.generated import a_case, make_families, save_cases
from sopr.audit.models import AuditRecord

D = datetime.date
FORM = forms.find("tatarstan-414")
QUARTER = periods.parse("2025Q2")


@pytest.fixture
def own_folder(settings, tmp_path):
    settings.SOPR_VAR = tmp_path


@pytest.fixture
def cases(world):
    families = make_families(6)
    return save_cases(
        [
            a_case(
                family,
                world.centre if n < 4 else world.other_centre,
                D(2025, 1, 10),
                D(2025, 5, 5) if n % 2 else None,
                primary_category=Category.LARGE if n < 3 else Category.FOSTER,
            )
            for n, family in enumerate(families)
        ]
    )


def build(client, user, django_capture_on_commit_callbacks, period="2025Q2", **more):
    """Ask for a report as `user`, run what was queued, return the report."""
    client.force_login(user)
    with django_capture_on_commit_callbacks():
        answer = client.post(reverse("reports:report-build"), {"form": "tatarstan-414", "period": period, **more})
    assert answer.status_code == 302, answer.context["form"].errors
    run = ReportRun.objects.order_by("-pk").first()
    assert answer["Location"] == reverse("reports:report-progress", args=[run.pk])
    assert runs.work(run.pk)
    return Report.objects.get(pk=run.report_id)


@pytest.fixture
def report(client, world, cases, own_folder, django_capture_on_commit_callbacks):
    return build(client, world.head, django_capture_on_commit_callbacks)


def test_a_head_builds_the_report_of_his_organisation(report, world, client):
    assert report.organisation == world.centre
    page = client.get(report.get_absolute_url())
    assert page.status_code == 200
    text = page.content.decode()
    assert "Отчёт за II квартал 2025 года" in text
    assert "Баланс сходится" in text
    assert reverse("reports:report-cell", args=[report.pk, "1.4", "2025Q2"]) in text


def test_the_ministry_builds_the_consolidated_one(client, world, cases, own_folder, django_capture_on_commit_callbacks):
    report = build(client, world.minister, django_capture_on_commit_callbacks)
    assert report.organisation is None
    assert "Отчёты представили 0 из 2" in client.get(report.get_absolute_url()).content.decode()


def test_every_number_opens_a_list_of_that_length(report, client):
    text = client.get(report.get_absolute_url()).content.decode()
    links = re.findall(r'class="cell-link" href="([^"]+)"[^>]*>([^<]+)</a>', text)
    assert len(links) > 40
    for url, shown in links:
        page = client.get(url)
        assert page.status_code == 200
        if "%" not in shown:
            assert page.context["total"] == len(page.context["table"].rows) == int(shown)
        else:
            assert page.context["total"] == page.context["cell"]["numerator"]


def test_a_head_goes_on_to_the_case_and_the_ministry_does_not(report, client, world, cases):
    url = reverse("reports:report-cell", args=[report.pk, "1", "2025Q2"])
    assert cases[0].get_absolute_url() in client.get(url).content.decode()
    client.force_login(world.minister)
    page = client.get(url).content.decode()
    assert cases[0].number in page
    assert cases[0].get_absolute_url() not in page
    assert "Ковалёвы" not in page


def test_a_list_goes_to_excel_with_an_audit_record(report, client):
    url = reverse("reports:report-cell", args=[report.pk, "1", "2025Q2"])
    answer = client.get(f"{url}?as=xlsx")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert AuditRecord.objects.filter(action="export").exists()


@pytest.mark.parametrize("kind", ["xlsx", "pdf", "json"])
def test_files_come_from_the_run_and_after_signing_anew(report, client, world, kind):
    url = reverse("reports:report-file", args=[report.pk, kind])
    first = b"".join(client.get(url).streaming_content)
    run = ReportRun.objects.get(report=report)
    assert first == (run.folder / run.files[kind].rpartition("/")[2]).read_bytes()
    client.post(reverse("reports:report-sign", args=[report.pk]))
    answer = client.get(url)
    assert not answer.streaming
    assert "attachment" in answer["Content-Disposition"]
    if kind == "json":
        assert json.loads(answer.content)["cells"] == json.loads(first)["cells"]


def test_sign_return_correct_approve(report, client, world):
    page = client.post(reverse("reports:report-sign", args=[report.pk]), follow=True)
    assert "Представлен" in page.content.decode()
    assert page.content.decode().count("Отчёт уже представлен.") >= 1
    assert "Отчёт уже подписан: " not in page.content.decode()
    assert client.post(reverse("reports:report-sign", args=[report.pk])).status_code == 409
    assert client.get(reverse("reports:report-recompute", args=[report.pk])).status_code == 409
    client.force_login(world.minister)
    back = reverse("reports:report-return", args=[report.pk])
    no_rows = {"cells-TOTAL_FORMS": "0", "cells-INITIAL_FORMS": "0"}
    assert client.post(back, {"remark": ""} | no_rows).status_code == 422
    assert client.post(back, {"remark": "Проверьте строку 10."} | no_rows).status_code == 302
    assert client.post(reverse("reports:report-approve", args=[report.pk])).status_code == 409
    client.force_login(world.head)
    text = client.get(report.get_absolute_url()).content.decode()
    assert "Проверьте строку 10." in text
    answer = client.post(reverse("reports:report-correct", args=[report.pk]))
    second = Report.objects.get(revision=2)
    assert answer["Location"] == second.get_absolute_url()
    assert "Отчёт ещё не рассчитан" in client.get(second.get_absolute_url()).content.decode()
    runs.work(ReportRun.start(second, by=world.head).pk)
    client.post(reverse("reports:report-sign", args=[second.pk]))
    client.force_login(world.minister)
    assert client.post(reverse("reports:report-approve", args=[second.pk])).status_code == 302
    second.refresh_from_db()
    assert second.state == "approved"


def test_another_organisation_s_report_is_not_there(report, client, world):
    client.force_login(world.other_head)
    for name, more in (
        ("report-detail", []),
        ("report-sign", []),
        ("report-recompute", []),
        ("report-correct", []),
        ("report-file", ["pdf"]),
        ("report-cell", ["1", "2025Q2"]),
    ):
        assert client.get(reverse(f"reports:{name}", args=[report.pk, *more])).status_code == 404, name
    run = ReportRun.objects.get(report=report)
    assert client.get(reverse("reports:report-progress", args=[run.pk])).status_code == 404
    assert report not in client.get(reverse("reports:report-list")).context["page_obj"].object_list


@pytest.mark.parametrize("role", ["curator", "secretary", "executor"])
def test_other_roles_are_refused(report, client, world, role):
    client.force_login(world.users[role])
    for url in (report.get_absolute_url(), reverse("reports:report-list"), reverse("reports:region")):
        assert client.get(url).status_code == 403


def test_the_ministry_does_not_recompute_an_organisation_s_report(report, client, world):
    client.force_login(world.minister)
    assert client.post(reverse("reports:report-recompute", args=[report.pk])).status_code == 409
    text = client.get(report.get_absolute_url()).content.decode()
    assert "пересчитывает и исправляет сама организация" in text


def test_what_is_no_cell_or_no_file_is_not_there(report, client):
    for url in (
        reverse("reports:report-cell", args=[report.pk, "99", "2025Q2"]),
        reverse("reports:report-cell", args=[report.pk, "1", "1999"]),
        reverse("reports:report-cell", args=[report.pk, "4", "2025Q2"]),
        reverse("reports:report-file", args=[report.pk, "docx"]),
    ):
        assert client.get(url).status_code == 404, url


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"period": "", "other": ""}, "Выберите период"),
        ({"period": "", "other": "2025Q9"}, "такого квартала"),
        ({"period": "", "other": "2099"}, "ещё не начался"),
        ({"period": "2025Q1", "form": "no-such-form"}, "Выберите корректный вариант"),
    ],
)
def test_a_wrong_choice_is_explained_and_kept(client, world, typed, said):
    client.force_login(world.head)
    answer = client.post(reverse("reports:report-build"), {"form": "tatarstan-414"} | typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert typed.get("other", "") in text
    assert not Report.objects.exists()


def test_progress_survives_a_reload_and_leads_to_the_report(client, world, cases, own_folder):
    client.force_login(world.head)
    client.post(reverse("reports:report-build"), {"form": "tatarstan-414", "period": "2025Q2"})
    run = ReportRun.objects.get()
    url = reverse("reports:report-progress", args=[run.pk])
    for _reload in range(2):
        text = client.get(url).content.decode()
        assert "Расчёт ждёт очереди" in text
        assert 'hx-trigger="every 1s"' in text
        assert 'http-equiv="refresh"' in text
    assert (
        client.post(reverse("reports:report-build"), {"form": "tatarstan-414", "period": "2025Q2"})["Location"] == url
    )
    runs.work(run.pk)
    assert client.get(url)["Location"] == run.report.get_absolute_url()
    assert client.get(url, headers={"HX-Request": "true"})["HX-Redirect"] == run.report.get_absolute_url()


def test_a_failed_run_says_why(client, world, cases):
    client.force_login(world.head)
    report = Report.open_for(FORM, QUARTER, world.centre)
    run = ReportRun.start(report, by=world.head)
    ReportRun.claim(run.pk).fail("Расчёт занял слишком много времени.")
    text = client.get(reverse("reports:report-progress", args=[run.pk])).content.decode()
    assert "Расчёт занял слишком много времени." in text
    assert "Рассчитать снова" in text
    assert "hx-get" not in text  # nothing is asked for any more


def test_facts_are_declared_by_page(client, world):
    client.force_login(world.head)
    url = reverse("reports:fact-new")
    typed = {
        "indicator": "trained_specialists",
        "period": "2025",
        "value": "четыре",
        "basis": "приказ от 01.02.2025 № 3",
        "declared_on": "2025-12-31",
    }
    answer = client.post(url, typed)
    assert answer.status_code == 422
    assert "нужно число" in answer.content.decode()
    assert client.post(url, typed | {"value": "4"}).status_code == 302
    fact = DeclaredFact.objects.get()
    assert (fact.organisation, fact.value, fact.period) == (world.centre, 4, "2025")
    client.post(url, typed | {"value": "5"})
    assert [f.shown for f in DeclaredFact.objects.current()] == ["5"]
    assert DeclaredFact.objects.count() == 2
    assert "приказ от 01.02.2025" in client.get(reverse("reports:fact-list")).content.decode()
    client.force_login(world.other_head)
    assert "приказ от 01.02.2025" not in client.get(reverse("reports:fact-list")).content.decode()


def test_the_ministry_declares_for_any_organisation(client, world):
    client.force_login(world.minister)
    typed = {
        "organisation": world.other_centre.pk,
        "indicator": "data_banks",
        "period": "2025Q1",
        "value": "да",
        "basis": "приказ",
        "declared_on": "2025-04-01",
    }
    assert client.post(reverse("reports:fact-new"), typed).status_code == 302
    assert DeclaredFact.objects.get().organisation == world.other_centre


def test_the_region_at_a_glance(report, client, world):
    client.post(reverse("reports:report-sign", args=[report.pk]))
    client.force_login(world.minister)
    page = client.get(reverse("reports:region"), {"quarter": "2025Q2"})
    text = page.content.decode()
    assert [kpi["value"] for kpi in page.context["kpis"]] == [3, 0, 3, 3, 50]
    rows = {row["organisation"]: row for row in page.context["organisations"]}
    assert (rows[world.centre]["state"], rows[world.other_centre]["state"]) == ("представлен", "нет отчёта")
    assert "ждёт Вашей проверки" in text
    assert client.get(reverse("reports:region"), {"quarter": "чушь"}).status_code == 200


def test_states_on_the_region_page_are_of_the_chosen_form(report, client, world):
    client.post(reverse("reports:report-sign", args=[report.pk]))
    client.force_login(world.minister)
    for form, state in (("tatarstan-414", "представлен"), ("primorye-monitoring", "нет отчёта"), ("no", "представлен")):
        page = client.get(reverse("reports:region"), {"quarter": "2025Q2", "form": form})
        rows = {row["organisation"]: row["state"] for row in page.context["organisations"]}
        assert rows[world.centre] == state, form


def test_figures_of_the_region_lead_to_their_lists(
    client, world, cases, own_folder, django_capture_on_commit_callbacks
):
    client.force_login(world.minister)
    region = f"{reverse('reports:region')}?quarter=2025Q2"
    before = client.get(region)
    assert "Списки за числами откроются" in before.content.decode()
    assert all(kpi["url"].startswith(reverse("reports:report-build")) for kpi in before.context["kpis"])
    for form in ("tatarstan-414", "primorye-monitoring"):
        build(client, world.minister, django_capture_on_commit_callbacks, form=form)
    page = client.get(region)
    assert "Списки за числами откроются" not in page.content.decode()
    for kpi in page.context["kpis"][:4]:
        assert client.get(kpi["url"]).context["total"] == kpi["value"], kpi["title"]
    share = client.get(page.context["kpis"][4]["url"])
    assert f"{share.context['total']} из" in page.context["kpis"][4]["note"]


@pytest.mark.parametrize("page", ["reports:region", "reports:report-list", "detail", "cell"])
def test_pages_ask_the_same_number_of_statements_of_any_casework(
    report, client, world, cases, page, django_assert_max_num_queries
):
    client.force_login(world.minister)
    url = {
        "detail": report.get_absolute_url(),
        "cell": reverse("reports:report-cell", args=[report.pk, "1", "2025Q2"]),
    }.get(page) or f"{reverse(page)}?quarter=2025Q2"
    client.get(url)  # what the engine asks of a source once in its life is asked
    QuarterFigures.objects.all().delete()
    with django_assert_max_num_queries(40) as few:
        client.get(url)
    more = [a_case(family, world.centre, D(2025, 2, 1)) for family in make_families(30)]
    save_cases(more)
    for text in ("2025Q1", "2024Q4", "2024Q3"):
        Report.open_for(FORM, periods.parse(text), world.centre)
    runs.work(ReportRun.start(report, by=world.head).pk)
    QuarterFigures.objects.all().delete()
    with django_assert_max_num_queries(40) as many:
        client.get(url)
    assert len(many) == len(few)
    assert Case.objects.count() == 36
