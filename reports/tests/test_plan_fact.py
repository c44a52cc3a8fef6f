"""Plan targets through HTTP: entered, replaced by a new order, brought from Excel, set against the facts."""

import datetime
import io
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from families.models import ChildEvent
from reports import forms, periods
from reports.compute import compute
from reports.forms import Column
from reports.models import PlanTarget, Report
from reports.pictures import pictures_of
from reports.plan_fact import PlanFact
from reports.targets import Targets, plannable
from reports.tests.generated import a_case, make_families, save_cases
from sopr import profile
from sopr.tests.test_drafts import fields
from sopr.web.models import Draft

D = datetime.date
FORM = forms.find("tatarstan-414")
YEAR, QUARTER = periods.year(2025), periods.parse("2025Q2")
ASKED = "?form=tatarstan-414&period=2025"
ENTRY, FACT = f"/reports/plans/entry/{ASKED}", f"/reports/plans/{ASKED}"
ORDER = {"order_number": "15-пр", "order_on": "2025-01-20"}


@pytest.fixture(autouse=True)
def region(settings):
    settings.SOPR_REGION = "model"
    assert profile.current().has("plan_targets")


@pytest.fixture
def cases(world):
    """Six families of the centre, two of them out by success; two families of the other centre."""
    families = make_families(8)
    return save_cases(
        [
            a_case(
                family,
                world.centre if n < 6 else world.other_centre,
                D(2025, 1, 10),
                D(2025, 5, 5) if n < 2 else None,
                **({"outcome": "overcame"} if n < 2 else {}),
            )
            for n, family in enumerate(families)
        ]
    )


@pytest.fixture
def minister(client, world):
    client.force_login(world.minister)
    return client


def order(values, period=YEAR, by=None, **more):
    typed = {"order_number": "15-пр", "order_on": D(2025, 1, 20)} | more
    return PlanTarget.set_by_order(FORM, period, values, by=by, **typed)


def current() -> dict:
    return {(t.scope, t.row): t.value for t in PlanTarget.objects.current()}


def send(client, url=ENTRY, **typed):
    return client.post(url, fields(client.get(url), **(ORDER | typed)))


def test_a_plan_is_typed_by_an_order_and_a_later_order_replaces_it(minister, world):
    one, two = f"plan-{world.centre.pk}-1", f"plan-{world.other_centre.pk}-1"
    assert send(minister, **{one: "10", two: "4"}).status_code == 302
    answer = send(minister, **{one: "12", two: "4", "order_number": "99-пр", "order_on": "2025-06-01"})
    assert answer.status_code == 302
    assert current() == {(world.centre.pk, "1"): 12, (world.other_centre.pk, "1"): 4}
    history = PlanTarget.objects.filter(organisation=world.centre).order_by("pk")
    assert [(t.value, t.order_number, t.withdrawn_by) for t in history] == [
        (10, "15-пр", world.minister),
        (12, "99-пр", None),
    ]
    assert PlanTarget.objects.filter(organisation=world.other_centre).count() == 1  # the same value keeps its order
    text = minister.get(reverse("reports:plan-list")).content.decode()
    assert "№ 99-пр от 01.06.2025" in text
    assert "№ 15-пр от 20.01.2025" in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"value": "много"}, "нужно число"),
        ({"value": "-3"}, "не может быть отрицательным"),
        ({"value": "1,255"}, "не больше двух знаков"),
        ({"value": "5", "order_number": ""}, "Обязательное поле"),
        ({"value": "5", "order_on": "2099-01-01"}, "ещё не наступила"),
    ],
)
def test_a_mistake_is_explained_and_the_table_is_kept(minister, world, typed, said):
    typed = {f"plan-{world.centre.pk}-1": typed["value"], f"plan-{world.centre.pk}-10": "77"} | typed
    answer = send(minister, **typed)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert 'value="77"' in text
    assert not PlanTarget.objects.exists()
    assert minister.get(ENTRY).context["draft"]


def book(minister):
    """The template as it comes, and its sheet."""
    answer = minister.get(f"/reports/plans/template/{ASKED}")
    found = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return found, found.active


def bring(minister, found):
    file = io.BytesIO()
    found.save(file)
    upload = SimpleUploadedFile("план.xlsx", file.getvalue())
    return minister.post(f"/reports/plans/import/{ASKED}", {"file": upload})


def test_a_template_comes_back_as_changes_to_look_at_first(minister, world):
    order({(world.centre.pk, "1"): Decimal(10), (world.centre.pk, "10"): Decimal(3)})
    found, sheet = book(minister)
    assert [cell.value for cell in sheet[3]][:4] == ["Код организации", "Организация", "1", "2"]
    line = next(row for row in sheet.iter_rows(min_row=5) if row[0].value == world.centre.code)
    assert line[2].value == 10
    line[2].value = 25
    answer = bring(minister, found)
    assert answer["Location"] == ENTRY
    assert current()[world.centre.pk, "1"] == 10  # nothing is written yet
    page = minister.get(ENTRY)
    assert [(c["title"], c["cell"]["was"], c["cell"]["now"]) for c in page.context["changes"]] == [
        (str(world.centre), "10", "25")
    ]
    form = page.context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | ORDER
    assert minister.post(ENTRY, fields(page, **typed)).status_code == 302
    assert current() == {(world.centre.pk, "1"): 25, (world.centre.pk, "10"): 3}
    assert not Draft.objects.exists()


def test_errors_of_a_file_name_the_cell(minister, world):
    found, sheet = book(minister)
    sheet["C6"], sheet["D6"], sheet["A7"], sheet["C7"] = "сто", -1, "НЕТ", 5
    answer = bring(minister, found)
    assert answer.status_code == 422
    said = answer.content.decode()
    for part in ("Ячейка C6: «сто» — нужно число", "Ячейка D6", "Ячейка A7: организации с кодом «НЕТ» нет"):
        assert part in said
    sheet["B2"] = "2024"
    assert "Это не шаблон" in bring(minister, found).content.decode()
    fake = SimpleUploadedFile("план.xlsx", b"PK not a workbook")
    answer = minister.post(f"/reports/plans/import/{ASKED}", {"file": fake})
    assert "не является книгой Excel" in answer.content.decode()
    assert not Draft.objects.exists()


def lines(user, today, period=YEAR):
    found = PlanFact(FORM, period, today, user).get_lines()
    return {(line.organisation, line.row.code): line for line in found}


def test_arithmetic_of_plan_and_fact(world, cases):
    order(
        {
            (world.centre.pk, "1"): Decimal(4),
            (world.centre.pk, "10"): Decimal(8),
            (world.other_centre.pk, "1"): Decimal(3),
        }
    )
    order({(world.other_centre.pk, "11"): Decimal(50)})
    day = D(2025, 6, 30)
    found = lines(world.minister, day)
    stock, flow = found[world.centre, "1"], found[world.centre, "10"]
    assert (stock.fact, stock.deviation, stock.percent, stock.forecast, stock.tone) == (4, 0, 100, 4, "good")
    assert (flow.fact, flow.deviation, flow.percent) == (2, -6, 25)
    assert flow.forecast == round(2 * 365 / 181)
    assert (flow.tone, flow.word) == ("over", "отстаёт")
    assert (found[world.other_centre, "1"].fact, found[world.other_centre, "1"].tone) == (2, "over")
    region = found[None, "1"]
    assert (region.plan, region.fact, region.percent, region.tone) == (7, 6, 86, "over")
    assert (None, "11") not in found  # shares are not added up
    over = lines(world.minister, D(2026, 2, 1))[world.centre, "10"]
    assert (over.forecast, over.word) == (2, "не выполнен")
    early = lines(world.minister, D(2024, 12, 1))[world.centre, "1"]
    assert (early.fact, early.percent, early.word) == (None, None, "период не начался")


@pytest.mark.parametrize(
    ("plan", "tone"), [(4, "good"), (Decimal("4.4"), "warn"), (Decimal("4.5"), "over"), (0, "good")]
)
def test_borders_of_the_colours(world, cases, plan, tone):
    order({(world.centre.pk, "1"): Decimal(plan)})
    assert lines(world.minister, D(2025, 6, 30))[world.centre, "1"].tone == tone


def test_targets_as_reports_ask_for_them(world):
    order(
        {
            (world.centre.pk, "1"): Decimal(4),
            (world.other_centre.pk, "1"): Decimal(3),
            (world.centre.pk, "10"): Decimal(8),
        }
    )
    order({(world.centre.pk, "10"): Decimal(2)}, QUARTER)
    year, quarter = Column.of(YEAR), Column.of(QUARTER)
    targets = Targets(FORM, [quarter, year])
    assert targets.value("1", world.centre.pk, year) == 4
    assert targets.value("1", world.centre.pk, quarter) == 4  # a stock has to hold the year's target
    assert (targets.value("10", world.centre.pk, quarter), targets.value("10", None, year)) == (2, 8)
    assert targets.value("1", None, year) == 7
    assert targets.value("10", world.other_centre.pk, quarter) is None
    order({(0, "1"): Decimal(6)})
    assert Targets(FORM, [year]).value("1", None, year) == 6


def test_a_head_sees_his_own_and_sets_nothing(client, world, cases):
    order({(0, "1"): Decimal(9), (world.centre.pk, "1"): Decimal(4), (world.other_centre.pk, "1"): Decimal(3)})
    client.force_login(world.head)
    page = client.get(FACT)
    assert [line.organisation for line in page.context["lines"]] == [world.centre]
    assert world.other_centre.name not in page.content.decode()
    for url in (ENTRY, f"/reports/plans/import/{ASKED}", f"/reports/plans/template/{ASKED}"):
        assert client.get(url).status_code == 403
    assert [row.organisation for row in client.get(reverse("reports:plan-list")).context["page_obj"]] == [world.centre]


@time_machine.travel("2025-07-05 12:00", tick=False)
def test_the_page_filters_exports_and_leads_to_the_list(minister, world, cases):
    order(
        {
            (world.centre.pk, "1"): Decimal(4),
            (world.other_centre.pk, "1"): Decimal(3),
            (world.centre.pk, "10"): Decimal(8),
        }
    )
    assert minister.get(f"{FACT}&tone=good").context["total"] == 1
    assert minister.get(f"{FACT}&organisation={world.other_centre.pk}").context["total"] == 1
    assert minister.get(f"{FACT}&row=10").context["total"] == 2
    sheet = openpyxl.load_workbook(
        io.BytesIO(b"".join(minister.get(f"{FACT}&row=10&as=xlsx").streaming_content))
    ).active
    assert [cell.value for cell in sheet[6]][:5] == [
        str(world.centre),
        f"10. {FORM.row('10').title}",
        "семей",
        "не меньше",
        8,
    ]
    report = Report.open_for(FORM, YEAR, world.centre)
    report.store(*compute(FORM, YEAR, world.centre))
    linked = [line.url for line in minister.get(FACT).context["lines"] if line.url]
    assert len(linked) == 2
    assert minister.get(linked[0]).context["total"] == 4


def test_the_page_asks_the_same_number_of_statements_of_any_number_of_targets(
    minister, world, cases, django_assert_max_num_queries
):
    order({(world.centre.pk, "1"): Decimal(4)})
    with django_assert_max_num_queries(30) as few:
        minister.get(FACT)
    order({(each.pk, row): Decimal(5) for each in (world.centre, world.other_centre) for row in ("1", "10")})
    with django_assert_max_num_queries(30) as many:
        minister.get(FACT)
    assert len(many) == len(few)


def test_a_region_without_plans_has_no_such_pages(minister, settings):
    settings.SOPR_REGION = "tatarstan"
    assert minister.get(FACT).status_code == 404


TVER = forms.find("tver-resolution")


def happened(world, number):
    ChildEvent.objects.bulk_create(
        ChildEvent(kind="refusal", municipality=world.centre.municipality, happened_on=D(2025, 3, 1))
        for _event in range(number)
    )


def limit(world, value):
    typed = {"order_number": "15-пр", "order_on": D(2025, 1, 20)}
    PlanTarget.set_by_order(TVER, YEAR, {(world.centre.pk, "7"): Decimal(value)}, **typed)


def judged(world, today):
    [line] = PlanFact(TVER, YEAR, today, world.head).get_lines()
    return line


@pytest.mark.parametrize(
    ("facts", "plan", "tone", "word"),
    [
        (10, 10, "good", "в пределах плана"),
        (11, 10, "warn", "немного превышен"),
        (12, 10, "over", "превышен"),
        (21, 19, "over", "превышен"),  # 110,5 %: no rounding down to amber
        (0, 0, "good", "в пределах плана"),
        (1, 0, "over", "превышен"),
    ],
)
def test_borders_of_the_colours_where_less_is_better(world, facts, plan, tone, word):
    happened(world, facts)
    limit(world, plan)
    line = judged(world, D(2026, 2, 1))
    assert (line.fact, line.tone, line.word) == (facts, tone, word)
    assert (line.deviation, line.percent) == (facts - plan, round(facts * 100 / plan) if plan else None)


@pytest.mark.parametrize(
    ("facts", "tone", "word"),
    [(4, "good", "в пределах плана"), (5, "warn", "близко к пределу"), (6, "over", "идёт к превышению")],
)
def test_a_limit_is_judged_by_the_forecast(world, facts, tone, word):
    """Half of the year is over: what has happened goes on as it did."""
    happened(world, facts)
    limit(world, "9.5")
    line = judged(world, D(2025, 6, 30))
    assert (line.forecast, line.tone, line.word) == (round(facts * 365 / 181), tone, word)


def test_a_share_says_itself_which_way_is_better():
    newborn, forms_of_plans = forms.find("bashkortostan-newborn"), [TVER, forms.find("irkutsk-15")]
    assert [row.code for row in newborn.rows if row.less_is_better] == ["4", "4.1", "6"]
    assert [[row.code for row in plannable(form) if row.less_is_better] for form in forms_of_plans] == [
        ["7", "8", "9"],
        ["1.1", "1.2", "1.3", "1.4", "1.5"],
    ]
    assert [row.code for row in forms.find("omsk-dispatch").rows if row.less_is_better] == ["7"]
    assert not any(row.less_is_better for row in FORM.rows)


@time_machine.travel("2025-07-05 12:00", tick=False)
def test_pages_and_files_say_that_the_plan_is_a_limit(minister, world):
    happened(world, 3)
    limit(world, 0)
    asked = "?form=tver-resolution&period=2025"
    page = minister.get(f"/reports/plans/{asked}").content.decode()
    assert "<small>не больше</small> 0" in page
    assert "План «не больше»: зелёный" in page
    assert "<b>не больше</b>" in minister.get(f"/reports/plans/entry/{asked}").content.decode()
    assert "не больше 0" in minister.get(reverse("reports:plan-list")).content.decode()
    exported = b"".join(minister.get(f"/reports/plans/{asked}&as=xlsx").streaming_content)
    line = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(exported)).active[5]]
    assert line[2:7] == ["отказов", "не больше", 0, 3, 3]
    template = b"".join(minister.get(f"/reports/plans/template/{asked}").streaming_content)
    heads = {cell.value for cell in openpyxl.load_workbook(io.BytesIO(template)).active[4]}
    assert "Количество отказов от детей, отказов, не больше" in heads
    assert "строка 7: 3, план не больше 0" in minister.get("/reports/region/").content.decode()


def test_a_report_with_plans_and_its_picture_say_so(world, monkeypatch):
    happened(world, 3)
    limit(world, 2)
    rule = replace(profile.current().form_rule("tver-resolution"), plan=True)
    monkeypatch.setattr(profile.Profile, "form_rule", lambda self, code: rule)
    snapshot, _lists = compute(TVER, YEAR)
    cells = {(cell["row"], cell["column"]): cell for cell in snapshot["cells"]}
    assert (cells["7", "2025:plan"]["text"], cells["7", "2025:plan"]["note"]) == ("2", "не больше")
    assert [cells["7", f"2025:{shows}"]["text"] for shows in ("deviation", "percent")] == ["+1", "150"]
    assert "План «не больше», меньше — лучше: строки 7, 8, 9." in snapshot["notes"]
    picture = next(each for each in pictures_of(snapshot) if each.title.startswith("План и факт"))
    assert picture.series[0].title == "план, не больше"
    assert picture.description == "Организаций с планом: 1; выше плана: 1."
