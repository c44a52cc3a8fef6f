"""The sheets beside the table: contents, organisations, pictures with native charts, definitions."""

from xlsxwriter.utility import xl_range_abs

from reports.pictures import Kind, pictures_of
from reports.renderers.book.base import NUMBER, decimals_of, fit_row, link, print_whole, write_plain

TITLE = {"bold": True, "font_size": 14}
LINK = {"font_color": "#0B5D63", "underline": 1}
COLOURS = ("#0B5D63", "#D98E3B", "#8FB8BB", "#9A5B8C", "#6B7A80", "#C9B458")
CHARTS = {
    Kind.LINE: {"type": "line"},
    Kind.COLUMNS: {"type": "column"},
    Kind.BARS: {"type": "bar"},
    Kind.FLOW: {"type": "bar", "subtype": "stacked"},
}
LABEL = 34  # width of the labels of a picture's table
ORGANISATIONS_HEAD = 3
PAGE_ROWS = 40  # of a printed sheet that lies on its side
CHART_ROWS = 17  # as many rows as a chart is high


def contents(book, name, parts):
    """What the book holds, each line a link, and where the figures come from."""
    sheet = book.sheet(name, widths=(6, 40, 34, 28, 16, 18), mark=f"Отчётов в книге: {len(parts)}", landscape=True)
    sheet.write_string(0, 0, "Содержание", book.format(**TITLE))
    sheet.write_string(1, 0, parts[0].whose, book.format(bold=True))
    sheet.write_string(2, 0, parts[0].report.span.title, book.format())
    for index, head in enumerate(("№", "Лист", "Отчёт", "Номер", "Состояние", "Рассчитан")):
        sheet.write_string(4, index, head, book.format(bold=True, border=1, align="center"))
    row = 4
    for number, part in enumerate(parts, start=1):
        row += 1
        sheet.write_number(row, 0, number, book.format(border=1))
        sheet.write_url(row, 1, link(part.table), book.format(border=1, **LINK), part.table)
        for index, text in enumerate((part.form.name, part.numbered, part.state, part.computed_at), start=2):
            sheet.write_string(row, index, text, book.format(border=1, text_wrap=True))
        for annex, title in part.annexes:
            row += 1
            sheet.write_blank(row, 0, None, book.format(border=1))
            sheet.write_url(row, 1, link(annex), book.format(border=1, indent=1, **LINK), annex)
            sheet.write_string(row, 2, title, book.format(border=1))
    print_whole(sheet, row, 5)


def organisations(book, part):
    """Each organisation's values, one block for each column of the report."""
    snapshot = part.report.snapshot
    rows = snapshot["rows"]
    widths = (10, 40, *[7] * len(rows))
    sheet = book.sheet(part.organisations, widths=widths, landscape=True, mark=part.mark)
    sheet.write_string(0, 0, "Значения по организациям", book.format(**TITLE))
    sheet.write_string(1, 0, "Регион посчитан без повторов и не равен сумме строк.", book.format(italic=True))
    for place, text in enumerate(["Код", "Организация", *(row["code"] for row in rows)]):
        sheet.write_string(ORGANISATIONS_HEAD, place, text, book.format(bold=True, border=1, align="center"))
    at, breaks = ORGANISATIONS_HEAD, []
    for index, column in enumerate(snapshot["columns"]):
        at += 1
        breaks.append(at)
        title = f"{column['group']}: {column['title']}" if column["group"] else column["title"]
        sheet.merge_range(at, 0, at, 1 + len(rows), title, book.format(bold=True, border=1, bg_color="#ECECEC"))
        for organisation in snapshot["organisations"]:
            at += 1
            fit_row(sheet, at, (organisation["name"], 40))
            sheet.write_string(at, 0, organisation["code"], book.format(border=1))
            sheet.write_string(at, 1, organisation["name"], book.format(border=1, text_wrap=True))
            for place, row in enumerate(rows, start=2):
                write_plain(book, sheet, at, place, organisation["values"][row["code"]][index], border=1)
    sheet.set_h_pagebreaks(breaks[1:])
    sheet.freeze_panes(ORGANISATIONS_HEAD + 1, 2)
    print_whole(sheet, at, 1 + len(rows), repeat=(ORGANISATIONS_HEAD, ORGANISATIONS_HEAD))


def pictures(book, part):
    """Each picture as a table with a native chart beside it; a heat table is shaded in its place."""
    found = pictures_of(part.report.snapshot)
    most = max((len(picture.series) for picture in found), default=1)
    sheet = book.sheet(part.pictures, widths=(LABEL, *[14] * most), landscape=True, mark=part.mark)
    sheet.write_string(0, 0, "Структура и динамика", book.format(**TITLE))
    at, top, breaks = 2, 0, []
    for picture in found:
        if at - top + max(CHART_ROWS, len(picture.labels)) > PAGE_ROWS and at > 2:
            top = at
            breaks.append(at)
        sheet.write_string(at, 0, picture.title, book.format(bold=True))
        sheet.write_string(at + 1, 0, picture.description, book.format(italic=True, font_size=9))
        last = _picture_table(book, sheet, picture, at + 2)
        if picture.kind in CHARTS:
            _chart(book, sheet, part.pictures, picture, at + 2, last, most)
            last = max(last, at + CHART_ROWS)
        elif last > at + 2:
            for column in range(1, len(picture.series) + 1):
                scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#7FB5B8"}
                sheet.conditional_format(at + 3, column, last, column, scale)
        at = last + 2
    sheet.set_h_pagebreaks(breaks)
    print_whole(sheet, at, most + 12)


def _picture_table(book, sheet, picture, at) -> int:
    head = book.format(bold=True, border=1, text_wrap=True, align="center")
    fit_row(sheet, at, *((series.title, 12) for series in picture.series))
    for index, text in enumerate([picture.axis, *(series.title for series in picture.series)]):
        sheet.write_string(at, index, text, head)
    for place, label in enumerate(picture.labels):
        at += 1
        fit_row(sheet, at, (label, LABEL))
        sheet.write_string(at, 0, label, book.format(border=1, text_wrap=True))
        for index, series in enumerate(picture.series, start=1):
            value = series.values[place]
            if value is None:
                sheet.write_string(at, index, "–", book.format(border=1, align="right"))
            else:
                look = book.format(border=1, num_format=NUMBER + decimals_of(value))
                sheet.write_number(at, index, value, look)
    return at


def _chart(book, sheet, name, picture, head, last, most):
    chart = book.workbook.add_chart(CHARTS[picture.kind])
    for index, _series in enumerate(picture.series):
        colour = COLOURS[index % len(COLOURS)]
        drawn = {"line": {"color": colour}} if picture.kind == Kind.LINE else {"fill": {"color": colour}}
        chart.add_series(
            {
                "name": [name, head, index + 1],
                "categories": f"='{name}'!{xl_range_abs(head + 1, 0, last, 0)}",
                "values": f"='{name}'!{xl_range_abs(head + 1, index + 1, last, index + 1)}",
                "marker": {"type": "circle", "size": 6} if picture.kind == Kind.LINE else {"type": "none"},
                "data_labels": {"value": True} if len(picture.series) == 1 else {},
                **drawn,
            }
        )
    chart.set_title({"name": picture.title, "name_font": {"size": 12}})
    chart.set_legend({"none": True} if len(picture.series) == 1 else {"position": "bottom"})
    values = {"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D5DEE0"}}}
    if CHARTS[picture.kind]["type"] == "bar":
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis(values)
    else:
        chart.set_y_axis(values)
    chart.set_size({"width": 620, "height": 320})
    sheet.insert_chart(head, most + 2, chart, {"description": f"{picture.title}. {picture.description}"[:250]})


def definitions(book, part):
    """How each row is counted, and the passport of the figures."""
    snapshot = part.report.snapshot
    sheet = book.sheet(part.definitions, widths=(8, 20, 80, 30), landscape=True, mark=part.mark)
    sheet.write_string(0, 0, "Как посчитано", book.format(**TITLE))
    for index, text in enumerate(("Строка", "Вид", "Что считается", "n")):
        sheet.write_string(2, index, text, book.format(bold=True, border=1))
    at = 2
    for at, line in enumerate(snapshot["definitions"], start=3):
        fit_row(sheet, at, (line["counts"], 80), (line["n"], 30))
        for index, key in enumerate(("row", "kind", "counts", "n")):
            sheet.write_string(at, index, line[key], book.format(border=1, text_wrap=True))
    for shift, (name, value) in enumerate(part.passport, start=2):
        sheet.write_string(at + shift, 0, f"{name}: {value}", book.format(font_size=9))
    print_whole(sheet, at + len(part.passport) + 1, 3, repeat=(2, 2))
