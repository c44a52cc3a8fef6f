"""Excel: the official layout of the table, real numbers, a native chart, the definitions, each organisation."""

import datetime
import io

import xlsxwriter

from reports.cells import thousands
from reports.forms import CATALOGUE
from reports.periods import parse

PAPER_A4 = 9
PLAIN = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
HEAD_ROW = 4  # rows above it: the report's name, period, organisation, state


def render(report) -> bytes:
    """The workbook of a report, from its snapshot."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    writer = Workbook(book, report)
    writer.main_sheet()
    writer.trend_sheet()
    if report.snapshot["organisations"]:
        writer.organisations_sheet()
    writer.definitions_sheet()
    book.close()
    return target.getvalue()


class Workbook:
    """Sheets of one report; formats are shared."""

    def __init__(self, book, report):
        self.book, self.report, self.snapshot = book, report, report.snapshot
        self.form = CATALOGUE[self.snapshot["form"]]
        self.period = parse(self.snapshot["period"])
        self.cells = {(cell["row"], cell["column"]): cell for cell in self.snapshot["cells"]}
        book.set_properties({"title": f"Отчёт {self.form.name}, {self.period.title}"})
        self.formats = {}

    def format(self, **more):
        """One format per set of properties."""
        key = tuple(sorted(more.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(
                {"font_name": "Times New Roman", "font_size": 11, "valign": "top"} | more
            )
        return self.formats[key]

    def main_sheet(self):
        columns, rows = self.snapshot["columns"], self.snapshot["rows"]
        sheet = self._sheet("Отчёт", 2 + len(columns))
        sheet.set_column(0, 0, 6)
        sheet.set_column(1, 1, 62)
        sheet.set_column(2, 2, 11)
        sheet.set_column(3, 2 + len(columns), 15)
        self._title(sheet)
        head = self.format(bold=True, border=1, text_wrap=True, align="center", valign="vcenter")
        for index, title in enumerate(["№", "Наименование показателя", "Единица", *(c["title"] for c in columns)]):
            sheet.write_string(HEAD_ROW, index, title, head)
        sheet.set_row(HEAD_ROW, 32)
        for number, row in enumerate(rows, start=HEAD_ROW + 1):
            look = {"border": 1, "bold": row["bold"]}
            sheet.write_string(number, 0, row["code"], self.format(**look))
            sheet.write_string(number, 1, row["title"], self.format(text_wrap=True, indent=row["level"], **look))
            sheet.write_string(number, 2, row["unit"], self.format(align="center", **look))
            for index, column in enumerate(columns, start=3):
                self._cell(sheet, number, index, self.cells[row["code"], column["code"]], look)
        last = HEAD_ROW + len(rows)
        sheet.autofilter(HEAD_ROW, 0, last, 2 + len(columns))
        notes = [*self.snapshot["notes"], "Знак «–»: данных нет, это не ноль. Знак «×»: не заполняется."]
        for shift, note in enumerate(notes, start=2):
            sheet.write_string(last + shift, 1, note, self.format(italic=True, font_size=9, text_wrap=True))
        self._print(sheet, last + len(notes) + 2, 2 + len(columns), repeat=HEAD_ROW)
        sheet.freeze_panes(HEAD_ROW + 1, 2)

    def trend_sheet(self):
        series = self.snapshot["trend"]
        sheet = self._sheet("Динамика", 4)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, len(series), 28)
        sheet.write_string(0, 0, "Динамика показателей", self.format(bold=True, font_size=14))
        at = 2
        for line in series:
            sheet.write_string(at, 0, "Период", self.format(bold=True, bottom=1))
            sheet.write_string(at, 1, line["title"], self.format(bold=True, bottom=1, text_wrap=True))
            first = at + 1
            for label, value in zip(line["labels"], line["values"], strict=True):
                at += 1
                sheet.write_string(at, 0, label, self.format())
                sheet.write_number(at, 1, value, self.format(num_format="#,##0"))
            self._chart(sheet, line, first, at)
            at = max(at + 2, first + 16)
        self._print(sheet, at, 12)

    def _chart(self, sheet, line, first, last):
        if not line["labels"]:
            return
        chart = self.book.add_chart({"type": "line" if line["stock"] else "column"})
        chart.add_series(
            {
                "name": line["title"],
                "categories": ["Динамика", first, 0, last, 0],
                "values": ["Динамика", first, 1, last, 1],
                "marker": {"type": "circle", "size": 6} if line["stock"] else {"type": "none"},
                "data_labels": {"value": True},
                "line": {"color": "#0B5D63"} if line["stock"] else {"none": True},
                "fill": {"color": "#0B5D63"},
            }
        )
        chart.set_title({"name": line["title"], "name_font": {"size": 12}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#D5DEE0"}}})
        chart.set_size({"width": 620, "height": 300})
        sheet.insert_chart(first - 1, 3, chart, {"description": line["title"]})

    def organisations_sheet(self):
        rows = self.snapshot["rows"]
        columns = [column["code"] for column in self.snapshot["columns"]]
        main = columns.index(self.snapshot["main_column"])
        sheet = self._sheet("Организации", 2 + len(rows))
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 44)
        sheet.set_column(2, 1 + len(rows), 9)
        title = self.snapshot["columns"][main]["title"]
        sheet.write_string(0, 0, f"Значения по организациям: {title}", self.format(bold=True, font_size=14))
        sheet.write_string(1, 0, "Регион посчитан без повторов и не равен сумме строк.", self.format(italic=True))
        head = self.format(bold=True, border=1, align="center")
        for index, text in enumerate(["Код", "Организация", *(row["code"] for row in rows)]):
            sheet.write_string(3, index, text, head)
        at = 3
        for at, organisation in enumerate(self.snapshot["organisations"], start=4):
            sheet.write_string(at, 0, organisation["code"], self.format(border=1))
            sheet.write_string(at, 1, organisation["name"], self.format(border=1, text_wrap=True))
            for index, row in enumerate(rows, start=2):
                self._value(sheet, at, index, organisation["values"][row["code"]][main], {"border": 1})
        self._print(sheet, at, 1 + len(rows), repeat=3)
        sheet.freeze_panes(4, 2)

    def definitions_sheet(self):
        sheet = self._sheet("Как посчитано", 3)
        for index, width in enumerate((8, 20, 80, 30)):
            sheet.set_column(index, index, width)
        sheet.write_string(0, 0, "Как посчитано", self.format(bold=True, font_size=14))
        for index, text in enumerate(("Строка", "Вид", "Что считается", "n")):
            sheet.write_string(2, index, text, self.format(bold=True, border=1))
        at = 2
        for at, line in enumerate(self.snapshot["definitions"], start=3):
            for index, key in enumerate(("row", "kind", "counts", "n")):
                sheet.write_string(at, index, line[key], self.format(border=1, text_wrap=True))
        passport = (
            ("Профиль региона", self.snapshot["profile_version"]),
            ("Версия определений", self.snapshot["definitions_version"]),
            ("Рассчитано", self.computed_at),
            ("Контрольная сумма SHA-256", self.report.checksum),
        )
        for shift, (name, value) in enumerate(passport, start=2):
            sheet.write_string(at + shift, 0, f"{name}: {value}", self.format(font_size=9))
        self._print(sheet, at + 6, 3, repeat=2)

    @property
    def computed_at(self) -> str:
        return f"{datetime.datetime.fromisoformat(self.snapshot['computed_at']):%d.%m.%Y %H:%M}"

    def _title(self, sheet):
        sheet.write_string(
            0, 0, f"Отчёт {self.form.name} за период: {self.period.title}", self.format(bold=True, font_size=14)
        )
        sheet.write_string(1, 0, self.snapshot["title"], self.format(bold=True))
        sheet.write_string(2, 0, self.form.act, self.format(font_size=9))
        state = f"Редакция {self.report.revision}, {self.report.get_state_display()}"
        state += f"; рассчитан {self.computed_at}"
        sheet.write_string(3, 0, state, self.format(font_size=9))

    def _cell(self, sheet, row, column, cell, look):
        if cell["kind"] == "percent":
            decimals = "." + "0" * len(str(cell["value"]).partition(".")[2]) if isinstance(cell["value"], float) else ""
            sheet.write_number(row, column, cell["value"], self.format(num_format=f'0{decimals}"\u00a0%"', **look))
            if cell["note"]:
                sheet.write_comment(row, column, cell["note"])
        elif cell["kind"] == "none":
            sheet.write_string(row, column, cell["text"], self.format(align="right", **look))
        else:
            self._value(sheet, row, column, cell["value"], look)

    def _value(self, sheet, row, column, value, look):
        if value is None:
            sheet.write_string(row, column, "–", self.format(align="right", **look))
        elif isinstance(value, bool):
            sheet.write_string(row, column, "да" if value else "нет", self.format(align="center", **look))
        elif isinstance(value, str | list):
            text = value if isinstance(value, str) else "/".join(map(thousands, value))
            sheet.write_string(row, column, text, self.format(align="right", text_wrap=True, **look))
        elif isinstance(value, float):
            sheet.write_number(row, column, value, self.format(num_format="#,##0.0", **look))
        else:
            sheet.write_number(row, column, value, self.format(num_format="#,##0", **look))

    def _sheet(self, name, last_column):
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(PAPER_A4)
        if last_column > 6:
            sheet.set_landscape()
        sheet.set_margins(left=0.8, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&L&8" + f"Отчёт № {self.report.number}, {self.checksum}" + "&R&8Страница &P из &N")
        return sheet

    @property
    def checksum(self):
        return self.report.checksum[:8]

    def _print(self, sheet, last_row, last_column, repeat=None):
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, last_row, last_column)
        if repeat is not None:
            sheet.repeat_rows(repeat)
