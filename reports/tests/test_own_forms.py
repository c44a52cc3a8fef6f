"""Свои формы through HTTP: what they are made of, the editor, what it refuses."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports import engine, periods
from reports.compute import compute
from reports.forms import Column
from reports.indicators.measures import MEASURES
from reports.models import OwnForm, OwnFormVersion
from reports.own_forms import COLUMNS, CUTS, catalogue, columns_of, cut_choices, make_form, offered, problem_of
from reports.own_inputs import RowSheet
from reports.tests.own import NEW, ROWS, begin, make_cases, posted, write
from reports.views.cells import LISTS
from sopr.web.models import Draft


@pytest.fixture
def cases(world):
    return make_cases(world)


@pytest.fixture
def minister(client, world):
    client.force_login(world.minister)
    return client


# -- what may be chosen ------------------------------------------------------------------------------------------------


def test_every_measure_offered_stands_under_a_heading_with_its_definition():
    choices = [choice for found in catalogue().values() for choice in found if choice.kind == "measure"]
    assert sorted(choice.code for choice in choices) == sorted(offered())
    assert all(choice.title and choice.text.startswith(choice.text[:1].upper()) for choice in choices)
    assert {measure.source.model for measure in offered().values()} <= set(LISTS)
    assert {"days_waited", "informed", "cohort"}.isdisjoint(offered())


def test_a_row_is_divided_only_as_the_engine_can(db):
    column = Column.of(periods.parse("2025Q2"))
    for measure in offered().values():
        allowed = [by for by, _title in cut_choices(measure)]
        assert allowed == [by for by in CUTS if by in engine.cuts_of(measure)]
        for by in allowed:
            engine.count([measure], [column], by=by)
        for by in set(CUTS) - set(allowed):
            assert problem_of({"kind": "measure", "what": measure.name, "by": by})


def test_each_measure_and_each_cut_make_a_form_that_counts(world, cases):
    """One form of all measures, divided every way there is: the list of each cell is as long as its number."""
    for by in ("", *CUTS):
        rows = [
            {"kind": "measure", "what": name, "by": by}
            for name, measure in offered().items()
            if not by or by in engine.cuts_of(measure)
        ]
        form = make_form("own-1", "own-1/1", {"columns": list(COLUMNS), "rows": rows}, name="Все", title="", act="")
        snapshot, lists = compute(form, periods.parse("2025Q2"))
        for cell in snapshot["cells"]:
            if not cell["measure"]:
                continue
            row = form.row(cell["row"])
            found = lists.get(f"{cell['measure']}/{cell['column']}", {})
            wanted = getattr(row, "categories", ())
            number = sum(len(ids) for part, ids in found.items() if not wanted or part in wanted)
            assert number == (cell["numerator"] if cell["kind"] == "text" else cell["value"]), (row.title, cell)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (
            "2025Q2",
            ["year-start", "start", "2024", "2024Q2", "2025Q1", "2025Q2", "2024-01..2024-06", "2025-01..2025-06"],
        ),
        ("2025Q1", ["year-start", "start", "2024", "2024Q1", "2024Q4", "2025Q1", "2024-01..2024-03", "2025-01..2025-03"]),
        ("2025-03", ["year-start", "start", "2024", "2024-03", "2025-02", "2025-03", "2024-01..2024-03", "2025-01..2025-03"]),
        ("2025", ["year-start", "start", "2024", "2025"]),
        ("2024-02-26..2024-03-03", None),
        ("2023..2024", None),
        ("2024-01..2024-06", None),
    ],
)  # fmt: skip
def test_columns_of_a_period(text, codes):
    found = columns_of(COLUMNS, periods.parse(text))
    assert len({column.code for column in found}) == len(found)
    assert any((c.since, c.until) == (periods.parse(text).since, periods.parse(text).until) for c in found)
    if codes:
        assert [column.code for column in found] == codes
    assert columns_of(["period"], periods.parse("2025"))[0].code == "2025"


def test_the_same_days_a_year_before_a_leap_day():
    assert periods.parse("2024-02-29..2024-02-29").year_ago().text == "2023-02-28..2023-02-28"
    assert periods.parse("2025Q4").year_ago().text == "2024Q4"
    assert periods.parse("2025-12").year_ago().text == "2024-12"
    assert periods.parse("2023..2024").year_ago().text == "2021..2022"


# -- the editor --------------------------------------------------------------------------------------------------------


def test_an_empty_form_says_what_to_do(minister, world):
    form = begin(minister)
    url = f"/reports/own/{form.pk}/edit/"
    assert "Строк пока нет" in minister.get(url).content.decode()
    shown = minister.post(url, posted([], op="preview")).content.decode()
    assert "Добавьте показатель из каталога, и здесь появятся его числа." in shown
    assert minister.get(f"/reports/own/{form.pk}/publish/").status_code == 409
    assert "В форме нет строк" in minister.get(f"/reports/own/{form.pk}/").content.decode()


def test_rows_are_added_moved_and_dropped_and_nothing_typed_is_lost(minister, world):
    form = begin(minister)
    url, rows = f"/reports/own/{form.pk}/edit/", []
    page = minister.get(url)
    key = {"draft_key": page.context["draft_key"], "notes": "Примечание, которое ещё не сохранено."}

    def press(op, rows):
        answer = minister.post(url, posted(rows, **key, op=op))
        assert answer.status_code == 200
        assert answer.context["form"]["notes"].value() == key["notes"]
        assert not answer.context["form"].errors
        return [row.row for row in answer.context["rows"].forms]

    rows = press("add:measure:on_support", rows)
    rows = press("add:percent:", rows)
    rows[0]["title"] = "Свой заголовок"
    rows = press("add:fact:editions", rows)
    assert [row["kind"] for row in rows] == ["measure", "percent", "fact"]
    shown = minister.get(url).content.decode()
    assert re.search(r'<select name="rows-0-by".*?по муниципалитетам', shown, re.DOTALL)
    assert re.search(r'<select name="rows-1-of".*?</optgroup>', shown, re.DOTALL)
    rows = press("up:1", rows)
    assert [row["kind"] for row in rows] == ["percent", "measure", "fact"]
    assert rows[1]["title"] == "Свой заголовок"
    rows = press("down:1", rows)
    assert [row["kind"] for row in rows] == ["percent", "fact", "measure"]
    assert press("up:0", rows) == press("down:2", rows) == rows
    rows = press("drop:0", rows)
    assert [row["kind"] for row in rows] == ["fact", "measure"]
    for wrong in ("add:nothing:x", "up:99", "drop:-1", "drop:x", "", "add"):
        assert press(wrong, rows) == rows
    assert Draft.objects.get(user_id=world.minister.pk).data["rows-1-title"] == ["Свой заголовок"]
    again = minister.get(url)
    assert [row.row["what"] for row in again.context["rows"].forms] == ["editions", "on_support"]
    assert OwnFormVersion.objects.get(form=form).rows == []


def test_a_sheet_of_rows_takes_what_no_browser_sends():
    for total in ("", "-1", "x", "99999999", "1e3"):
        sheet = RowSheet({"rows-TOTAL_FORMS": total})
        assert len(sheet.rows) <= 60


def test_the_preview_is_the_engines_own_figures(minister, cases, world):
    form = begin(minister)
    rows = [*ROWS, {"kind": "percent", "what": "overcame", "of": ""}]
    answer = minister.post(
        f"/reports/own/{form.pk}/edit/", posted(rows, op="preview", columns=["start", "previous", "since_january"])
    )
    shown = answer.context["preview"]
    now = periods.containing(timezone.localdate(), "quarter")
    assert (shown["period"], shown["columns"][2].code) == (now, now.text)
    figures = engine.count([MEASURES[name] for name in ("on_support", "removed", "served")], shown["columns"])
    by_row = {row.code: found for row, found in shown["rows"]}
    for place, column in enumerate(shown["columns"]):
        counted = figures.count(engine.REGION, column.code, MEASURES["on_support"])
        assert by_row["1"][place].value == counted
        if column.has_flows:
            assert by_row["2"][place].value == figures.count(engine.REGION, column.code, MEASURES["removed"])
    assert by_row["1"][2].value == 3
    assert by_row["4.1"][2].text == "Район: 3"
    assert by_row["2"][0].text == "×"
    text = answer.content.decode()
    assert "Снято за период" in text
    assert "Не показаны строки, где не всё выбрано: 6." in text
    assert OwnFormVersion.objects.get(form=form).rows == []


def test_the_page_of_the_editor_asks_as_much_of_one_row_as_of_fifty(minister, world):
    form = begin(minister)
    url, numbers = f"/reports/own/{form.pk}/edit/", []
    for many in (1, 50):
        write(minister, form, [ROWS[1]] * many)
        with CaptureQueriesContext(connection) as asked:
            minister.get(url)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{}], "Обязательное поле"),
        ([{"kind": "measure", "what": "nothing"}], "Такого показателя в каталоге нет"),
        ([{"kind": "other", "what": "on_support"}], "Такого показателя в каталоге нет"),
        ([{"kind": "measure", "what": "days_waited"}], "Такого показателя в каталоге нет"),
        ([{"kind": "fact", "what": "nothing"}], "Такого показателя в каталоге нет"),
        ([{"kind": "percent", "what": "removed", "of": "removed"}], "всегда 100"),
        ([{"kind": "percent", "what": "removed", "of": ""}], "выберите, что делится"),
        ([{"kind": "measure", "what": "specialists", "by": "level"}], "На такие части этот показатель не делится"),
        ([ROWS[1]] * 61, "60"),
    ],
)
def test_wrong_rows_come_back_as_they_were_typed(minister, world, rows, said):
    form = begin(minister)
    answer = minister.post(f"/reports/own/{form.pk}/edit/", posted(rows, notes="Набранное остаётся"))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert said in text
    assert "Набранное остаётся" in text
    assert OwnFormVersion.objects.get(form=form).rows == []


def test_rows_left_as_they_were_are_kept(minister, world):
    form = begin(minister)
    url = f"/reports/own/{form.pk}/edit/"
    write(minister, form, ROWS)
    before = OwnFormVersion.objects.get(form=form).rows
    write(minister, form, ROWS, notes="Только примечание")
    version = OwnFormVersion.objects.get(form=form)
    assert (version.rows, version.notes) == (before, "Только примечание")
    assert [row["what"] for row in before] == [row["what"] for row in ROWS]
    assert len(minister.post(url, posted(ROWS, op="preview")).context["preview"]["rows"]) == 18
    assert minister.post(url, posted([{}], op="preview")).status_code == 200


def test_wrong_heads(minister, world):
    assert minister.post(NEW, {"name": "«»", "kind": "quarter"}).status_code == 422
    assert minister.post(NEW, {"name": "Форма", "kind": "week"}).status_code == 422
    assert not OwnForm.objects.exists()
    form = begin(minister, "  «Ранняя   помощь» ")
    assert form.name == "Ранняя помощь"
    url = f"/reports/own/{form.pk}/edit/"
    for head in ({"columns": ["nothing"]}, {"decimals": "7"}, {"kind": "decade"}, {"name": ""}, {"name": "а" * 61}):
        assert minister.post(url, posted(ROWS, **head)).status_code == 422, head


def test_two_who_write_one_draft_are_told(minister, world):
    form = begin(minister)
    url = f"/reports/own/{form.pk}/edit/"
    version = minister.get(url).context["version"]
    write(minister, form, ROWS[:1])
    answer = minister.post(url, posted(ROWS[1:2], version=version, name="Другое название"))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "запись изменил другой сотрудник" in text
    assert "Другое название" in text
    assert OwnFormVersion.objects.get(form=form).rows[0]["what"] == "on_support"
