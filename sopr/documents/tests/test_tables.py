"""How a report's table of values is laid onto sheets."""

from sopr.documents.tables import LANDSCAPE, PORTRAIT, TITLE, lay_out


def rows(*values):
    return [{"code": "1.1", "title": "Семьи", "unit": "семей", "values": list(values)}]


def test_four_columns_of_values_stand_on_a_portrait_sheet_under_a_common_head():
    columns = [
        {"title": title, "group": "Значение"}
        for title in ("к началу реализации", "2016 год", "2017 год", "по окончании")
    ]
    (sheet,) = lay_out(columns, rows("1 500", "1 200", "150", "150"))
    assert not sheet.landscape and not sheet.dense
    assert sheet.numbers == (1, 2, 3, 4, 5, 6, 7)
    assert [(head.title, head.columns) for head in sheet.top] == [("Значение", 4)]
    assert [head.title for head in sheet.bottom] == ["к началу реализации", "2016 год", "2017 год", "по окончании"]
    assert sum(width for width in sheet.widths if width) <= PORTRAIT - TITLE


def test_over_eight_columns_the_sheet_turns():
    five = lay_out([f"{i}" for i in range(5)], rows(*"12345"))
    six = lay_out([f"{i}" for i in range(6)], rows(*"123456"))
    assert [sheet.landscape for sheet in five + six] == [False, True]


def test_too_many_columns_go_onto_several_tables_each_with_the_titles():
    columns = [f"Показатель {i}" for i in range(30)]
    sheets = lay_out(columns, rows(*(f"{i} 000 / {i} 000" for i in range(30))))
    assert len(sheets) > 1 and all(sheet.landscape and sheet.dense for sheet in sheets)
    assert [value for sheet in sheets for value in sheet.rows[0]["values"]] == [f"{i} 000 / {i} 000" for i in range(30)]
    assert [number for sheet in sheets for number in sheet.numbers[3:]] == list(range(4, 34))
    for sheet in sheets:
        assert sum(width for width in sheet.widths if width) <= LANDSCAPE - TITLE + 1
        assert sheet.rows[0]["title"] == "Семьи"


def test_columns_that_nobody_fills_are_left_out():
    (sheet,) = lay_out(["2021"], [{"title": "Принято", "values": ["–"]}])
    assert (sheet.has_code, sheet.has_unit, sheet.numbers) == (False, False, (1, 2))


def test_columns_outside_a_group_reach_through_both_rows_of_the_head():
    (sheet,) = lay_out([{"title": "I", "group": "2020"}, {"title": "II", "group": "2020"}, "итог"], rows("1", "2", "3"))
    assert [(head.title, head.columns, head.rows) for head in sheet.top] == [("2020", 2, 1), ("итог", 1, 2)]
    assert [head.title for head in sheet.bottom] == ["I", "II"]


def test_a_form_without_columns_or_rows_still_lays_out():
    (sheet,) = lay_out([], [])
    assert sheet.widths == (None,)
