"""No cell that a published report hides can be computed from what it shows: on random tables, by a rank of our own."""

import io
import itertools
import json
import re

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import engine, extras, files, forms, periods, verifying
from reports.cells import Filler
from reports.hiding import DAY, EARLIER, LEAST, Numbers, hidden_cells, is_earlier
from reports.indicators.rows import Breakdown, Counted
from reports.indicators.sources import CATEGORIES
from reports.models import PublishedVersion, Report
from reports.models.report import checksum_of
from reports.published import HIDDEN, hand_out, publish
from reports.renderers import passport
from reports.tests.test_report_outputs import text_of

FORM, QUARTER = forms.find("tatarstan-414"), periods.parse("2025Q2")
NOW, SINCE_JANUARY = (column.code for column in FORM.columns(QUARTER))
TYPES = range(1, 10)
PRIME = 2**31 - 1
PERIODS = {"month": "2025-05", "quarter": "2025Q2", "year": "2025", "days": "2025-03-03..2025-05-11"}
FEW = st.one_of(st.just(0), st.integers(0, 7), st.integers(0, 60))


def table(on_support, before, now, others):
    """A report whose categories have these families: on support, overcame before the quarter and in it."""
    numbers = {}
    for place, family_type in enumerate(TYPES):
        numbers[f"1.{family_type}", NOW] = numbers[f"1.{family_type}", SINCE_JANUARY] = on_support[place]
        numbers[f"10.{family_type}", NOW] = now[place]
        numbers[f"10.{family_type}", SINCE_JANUARY] = before[place] + now[place]
    for column in (NOW, SINCE_JANUARY):
        for row in ("1", "10"):
            numbers[row, column] = sum(numbers[f"{row}.{each}", column] for each in TYPES)
    cells = [cell(row, column, "number", number) for (row, column), number in numbers.items()]
    for column in (NOW, SINCE_JANUARY):
        counted = numbers["10", column]
        if others is not None and counted + others:
            cells.append(cell("11", column, "percent", 50, counted, counted + others))
    shown = {code for code, _column in numbers} | {"11"}
    made = Report(form=FORM.code, period=QUARTER.text, since=QUARTER.since, until=QUARTER.until)
    made.snapshot = {
        "columns": [
            {"code": c.code, "title": c.title, "group": c.group, "shows": c.shows} for c in FORM.columns(QUARTER)
        ],
        "main_column": NOW,
        "rows": [{"code": r.code, "unit": r.unit, "level": r.level} for r in FORM.rows if r.code in shown],
        "cells": cells,
        "sums": {row: [f"{row}.{each}" for each in TYPES] for row in ("1", "10")},
    }
    return made, numbers


def cell(row, column, kind, value, numerator=None, denominator=None):
    told = {"value": value, "numerator": numerator, "denominator": denominator}
    return {"row": row, "column": column, "kind": kind, "origin": "casework", "text": str(value), "note": ""} | told


def equations(unknown):
    """What a reader knows of hidden cells: sums, a stock in two columns, and the quarter before from its own report."""
    for column in (NOW, SINCE_JANUARY):
        for row in ("1", "10"):
            yield {(row, column): 1} | {(f"{row}.{each}", column): PRIME - 1 for each in TYPES}
    yield {("10", "before"): 1} | {(f"10.{each}", "before"): PRIME - 1 for each in TYPES}
    for row in ("1", "10", *(f"{row}.{each}" for row in ("1", "10") for each in TYPES)):
        if row.startswith("10") and (row, "before") in unknown:
            yield {(row, SINCE_JANUARY): 1, (row, NOW): PRIME - 1, (row, "before"): PRIME - 1}
        else:
            yield {(row, SINCE_JANUARY): 1, (row, NOW): PRIME - 1}


def rank(rows) -> int:
    """Of rows {unknown: coefficient}, by elimination modulo a prime."""
    found = 0
    rows = [dict(row) for row in rows if row]
    while rows:
        first = rows.pop()
        if not first:
            continue
        found += 1
        pivot, lead = next(iter(first.items()))
        inverse, left = pow(lead, -1, PRIME), []
        for row in rows:
            times = row.get(pivot, 0) * inverse % PRIME
            less = {key: (row.get(key, 0) - times * first.get(key, 0)) % PRIME for key in row.keys() | first.keys()}
            left.append({key: number for key, number in less.items() if number})
        rows = left
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(FEW, min_size=9, max_size=9),
    st.lists(FEW, min_size=9, max_size=9),
    st.lists(FEW, min_size=9, max_size=9),
    st.integers(0, 40),
)
def test_no_hidden_cell_can_be_computed(on_support, before, now, others):
    made, numbers = table(on_support, before, now, others)
    hidden = hidden_cells(made)
    shares = {cell["column"]: cell for cell in made.snapshot["cells"] if cell["row"] == "11"}
    told = {("10", column) for column in shares if ("11", column) not in hidden}
    small = {key for key, number in numbers.items() if 0 < number < LEAST}
    assert small <= hidden
    assert not told & small, "a share does not tell the number that is hidden in its row"
    unknown = hidden - told - {("11", column) for column in shares}
    earlier = hidden_cells(table([0] * 9, [0] * 9, before, None)[0])
    was = {row for row, column in earlier if column == NOW}
    unknown |= {(row, "before") for row in was}
    known = [{key: sign for key, sign in row.items() if key in unknown} for row in equations(unknown)]
    whole = rank(known)
    for key in small:
        assert rank([*known, {key: 1}]) == whole + 1, f"{key} can be computed"


def test_a_large_table_stays_as_it_is():
    made, _numbers = table([20] * 9, [30] * 9, [10] * 9, 50)
    assert hidden_cells(made) == set()


def test_the_last_part_of_a_total_takes_the_smallest_beside_it():
    made, _numbers = table([3, 6, 12, *[20] * 6], [0] * 9, [0] * 9, 0)
    assert hidden_cells(made) == {(row, column) for row in ("1.1", "1.2") for column in (NOW, SINCE_JANUARY)}


def test_two_small_parts_that_are_few_together_take_a_third():
    made, _numbers = table([1, 2, 12, *[20] * 6], [0] * 9, [0] * 9, 0)
    assert {row for row, _column in hidden_cells(made)} == {"1.1", "1.2", "1.3"}


def test_five_hidden_ones_of_a_shown_five_are_not_left_to_be_guessed():
    made, _numbers = table([1, 1, 1, 1, 1, 12, 20, 20, 20], [0] * 9, [0] * 9, 0)
    assert ("1.6", NOW) in hidden_cells(made)


def test_a_quarter_before_of_a_few_families_is_not_left_to_be_subtracted():
    made, _numbers = table([20] * 9, [3, *[20] * 8], [30] * 9, 50)
    hidden = hidden_cells(made)
    assert hidden & {("10.1", NOW), ("10.1", SINCE_JANUARY)}
    assert len({row for row, _column in hidden}) == 2, "and one more, because of the total"


def test_what_nothing_can_cover_takes_its_row_and_then_the_breakdown_with_it():
    """A number that follows from a published one alone: rather no row at all than one that gives it away."""
    made, _numbers = table([20] * 9, [30] * 9, [3, *[40] * 8], None)
    numbers = Numbers(made)
    published = ("elsewhere", f"{EARLIER} {NOW}")
    [secret] = numbers.tells["10.1", NOW]
    numbers.values[published] = numbers.values[secret]
    numbers.tells[EARLIER, published] = [published]
    numbers.relations = [{secret: 1, published: -1}]
    assert ("10.1", SINCE_JANUARY) not in numbers.hidden
    assert numbers.give_up([secret], lambda number: not is_earlier(number))
    assert {key for key in numbers.hidden if key[0] != EARLIER} == {("10.1", NOW), ("10.1", SINCE_JANUARY)}
    numbers.settle(numbers.relations, lambda number: not is_earlier(number))
    rows = {row for row, _column in numbers.hidden}
    assert rows == {"10", *(f"10.{each}" for each in TYPES)}
    assert all((row, column) in numbers.hidden for row in rows for column in (NOW, SINCE_JANUARY))


# -- every form of the catalogue ---------------------------------------------------------------------------------------


class _Nobody:
    """No organisation declared anything."""

    def has(self, fact):
        return False

    def value(self, fact, scope, column):
        return None


def filled(form, period, draw):
    """A report of a form with random figures: flows add up over days, a day's stock is one number in all columns."""
    columns = form.columns(period)
    borders = sorted({day for c in columns if c.has_flows for day in (c.since, c.until + DAY)})
    drawn, figures = {}, engine.Figures()

    def number(*key):
        return drawn.setdefault(key, draw.choice((0, 0, 1, 2, 3, 4, 5, 6, 9, 20, 40)))

    def count(measure, column, part):
        if measure.stock:
            return number(measure.name, part, column.day)
        days = [day for day in borders if column.since <= day <= column.until] if column.has_flows else []
        return sum(number(measure.name, part, day) for day in days)

    def parts(measure, column, names):
        counted = {part: count(measure, column, part) for part in names}
        return {part: each for part, each in counted.items() if each}

    for column in columns:
        for measure in form.measures:
            figures.counts[engine.REGION, column.code, measure.name] = parts(measure, column, CATEGORIES)
    titles = {1: "консультация", 2: "сопровождение", 3: "обучение"}
    cut = engine.Figures(
        {
            (engine.REGION, column.code, row.measure.name): parts(row.measure, column, titles)
            for row in form.rows
            if isinstance(row, Breakdown)
            for column in columns
        }
    )
    by = {row.by: (cut, titles) for row in form.rows if isinstance(row, Breakdown)}
    cells = Filler(form, columns, figures, _Nobody(), parts=by).cells(engine.REGION)
    made = Report(form=form.code, period=period.text, since=period.since, until=period.until)
    made.snapshot = {
        "columns": [{"code": c.code, "title": c.title, "group": c.group, "shows": c.shows} for c in columns],
        "main_column": columns[-1].code,
        "rows": [{"code": r.code, "unit": r.unit, "level": r.level} for r in form.rows],
        "cells": [each.as_dict() for each in cells],
        "sums": extras.sums_of(form),
        "definitions": [],
        "notes": [],
    }
    return made


def told_by(cell) -> list[int]:
    """The numbers of people or families that stand in a cell, by its kind alone."""
    if cell["kind"] == "text":
        return [int(part) for part in re.findall(r": (\d+)", cell["value"].replace("\u00a0", ""))]
    if cell["denominator"] is not None:
        return [cell["numerator"], cell["denominator"]]
    return cell["value"] if cell["kind"] == "pair" else [cell["value"]] if cell["kind"] == "number" else []


def ties(made):
    """What a reader may subtract within the form: sub-rows from totals, a day's stock in one column from another."""
    cells = {(c["row"], c["column"]): c for c in made.snapshot["cells"]}
    columns = made.definition.columns(made.span)
    for total, parts in made.snapshot["sums"].items():
        for column in columns:
            if cells[total, column.code]["kind"] == "number":
                yield {(total, column.code): 1} | {(part, column.code): PRIME - 1 for part in parts}
    for row in made.definition.rows:
        for one, other in itertools.combinations(columns, 2):
            both = cells[row.code, one.code], cells[row.code, other.code]
            if isinstance(row, Counted) and row.measure.stock and one.day == other.day:
                if all(each["kind"] == "number" for each in both):
                    yield {(row.code, one.code): 1, (row.code, other.code): PRIME - 1}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(forms.CATALOGUE)).flatmap(
        lambda code: st.tuples(st.just(code), st.sampled_from(forms.CATALOGUE[code].periodicity))
    ),
    st.randoms(use_true_random=False),
)
def test_no_form_shows_a_small_number_or_lets_it_be_subtracted(which, draw):
    code, kind = which
    made = filled(forms.CATALOGUE[code], periods.parse(PERIODS[kind]), draw)
    hidden = hidden_cells(made)
    units = {row["code"]: row["unit"] for row in made.snapshot["rows"]}
    small = set()
    for each in made.snapshot["cells"]:
        of_people = any(word in units[each["row"]] for word in ("семей", "человек", "детей", "%"))
        if of_people and any(0 < number < LEAST for number in told_by(each)):
            small.add((each["row"], each["column"]))
    assert small <= hidden
    version = {(c["row"], c["column"]): c for c in publish(made).snapshot["cells"]}
    assert all(version[key]["value"] is None and version[key]["numerator"] is None for key in hidden)
    known = [{key: sign for key, sign in row.items() if key in hidden} for row in ties(made)]
    whole = rank(known)
    for key in small & {key for row in known for key in row}:
        assert rank([*known, {key: 1}]) == whole + 1, f"{code} {key} can be computed"


@pytest.mark.parametrize("kind", ["json", "csv", "xlsx", "pdf"])
def test_a_published_file_is_known_again_and_a_changed_one_is_not_believed(world, report, kind):
    version = publish(report)
    assert any(each["kind"] == "hidden" for each in version.snapshot["cells"])
    content = files.render(version, kind)
    assert verifying.verify_file(content, world.minister)[0].same is False, "nobody was given such a file"
    hand_out(version, by=world.minister)
    [verdict] = verifying.verify_file(content, world.minister)
    assert verdict.report.snapshot["published"]
    assert (verdict.report.pk, verdict.same, verdict.replaced, verdict.tampered) == (report.pk, True, False, False)
    if kind in ("json", "csv"):
        forged = (
            content.replace(b'"value": null', b'"value": 7', 1)
            if kind == "json"
            else content.replace(HIDDEN.encode(), b"7", 1)
        )
        [verdict] = verifying.verify_file(forged, world.minister)
        assert verdict.tampered
    if kind == "pdf":
        assert verifying.verify_file(content.replace(b"/Type", b"/Typo", 1), world.minister)[0].tampered
    report.snapshot["cells"][0]["value"] += 100
    report.snapshot["cells"][0]["text"] += "0"
    Report.objects.filter(pk=report.pk).update(snapshot=report.snapshot, checksum=checksum_of(report.snapshot))
    [verdict] = verifying.verify_file(content, world.minister)
    assert (verdict.report.pk, verdict.same, verdict.replaced, verdict.tampered) == (report.pk, True, True, False)


def test_the_checksum_on_a_published_print_is_found_and_stays_so(world, report, client):
    client.force_login(world.minister)
    for _time in range(2):
        content = json.loads(client.get(f"/reports/{report.pk}/published/json/").content)
    checksum = passport.read(content["report"]).checksum
    assert checksum != report.checksum
    assert PublishedVersion.objects.filter(checksum=checksum).count() == 1

    def said(user):
        client.force_login(user)
        return client.post("/reports/verify/", {"checksum": checksum[:9].upper()}).content.decode()

    assert "публикуемая версия" in said(world.minister)
    assert "теперь публикуемая версия другая" not in said(world.minister)
    assert "Такого отчёта нет" in said(world.head), "the region's report is not his"
    Report.objects.filter(pk=report.pk).update(snapshot=report.snapshot | {"notes": ["Пересчитан"]})
    assert "теперь публикуемая версия другая" in said(world.minister)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedVersion.objects.update(checksum="0" * 64)


def test_files_show_the_hidden_cells_as_hidden_and_nothing_from_which_to_take_them(report):
    version = publish(report)
    book = openpyxl.load_workbook(io.BytesIO(files.render(version, "xlsx")))
    texts = [str(value) for sheet in book for line in sheet.iter_rows(values_only=True) for value in line]
    hidden = sum(each["kind"] == "hidden" for each in version.snapshot["cells"])
    assert texts.count(HIDDEN) >= hidden
    assert not any("организаци" in name.lower() for name in book.sheetnames)
    assert report.checksum not in " ".join(texts)
    assert report.snapshot["organisations"], "the report itself still has them"


def test_the_published_pdf_says_what_it_is_and_nothing_of_changes(report, tmp_path):
    report.changes = [{"row": "1", "was": "1", "now": "2"}]
    (tmp_path / "public.pdf").write_bytes(files.render(publish(report), "pdf"))
    printed = text_of(tmp_path / "public.pdf")
    assert "за II квартал 2020 года публикуемая версия Форма" in printed
    assert "редакция 1 Снимок данных" in printed, "neither changes nor the word that there are none"


def test_the_ministry_takes_the_files_from_the_page(world, report, client):
    client.force_login(world.minister)
    page = client.get(f"/reports/{report.pk}/published/")
    assert HIDDEN in page.content.decode()
    for kind in ("json", "csv", "xlsx", "pdf"):
        address = f"/reports/{report.pk}/published/{kind}/"
        assert address in page.content.decode()
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer["Content-Disposition"].endswith(f'-public.{kind}"')
    assert client.get(f"/reports/{report.pk}/published/docx/").status_code == 404
    client.force_login(world.head)
    assert client.get(f"/reports/{report.pk}/published/json/").status_code == 403
