"""The sheet of one report: the table as the form prints it, with formulas, notes and signatures."""

from reports.renderers.book.base import NO_BREAK, NUMBER, decimals_of, fit_row, link, print_whole, write_plain
from reports.renderers.book.formulas import Formulas

HEAD = 7  # the head's first row; above it: what report this is
VALUES = HEAD + 2  # groups and titles of the columns stand above the first value
FIRST = 3  # the first column of values; before it: number, title, unit
CODE, TITLE, UNIT, VALUE = 7, 62, 11, 15  # widths


def write(book, part):
    """Write the sheet `part.table` of a report."""
    Table(book, part).write()


class Table:
    """Writes one sheet downwards, a row after another."""

    def __init__(self, book, part):
        self.book, self.part, self.snapshot = book, part, part.report.snapshot
        self.columns, self.rows = self.snapshot["columns"], self.snapshot["rows"]
        self.formulas = Formulas(self.snapshot, first_row=VALUES, first_column=FIRST)
        self.last_column = FIRST + len(self.columns) - 1

    def write(self):
        widths = [CODE, TITLE, UNIT, *[VALUE] * len(self.columns), 3, *[11] * (2 * len(self.formulas.beside))]
        landscape = self.last_column > 6
        self.sheet = self.book.sheet(self.part.table, widths=widths, landscape=landscape, mark=self.part.mark)
        self._above()
        self._head()
        number = VALUES
        for row in self.rows:
            number = self.formulas.rows[row["code"]]
            if number - 1 in self.formulas.heads:
                self._group(number - 1)
            self._row(number, row)
        last = self._below(number + 1)
        self.sheet.ignore_errors({"number_stored_as_text": f"A1:A{last + 1}"})
        self.sheet.freeze_panes(VALUES, 2)
        print_whole(self.sheet, last, self.last_column, repeat=(HEAD, VALUES - 1))

    def _text(self, row, column, text, **look):
        self.sheet.write_string(row, column, text, self.book.format(**look))

    def _above(self):
        part = self.part
        self._text(0, 0, f"Отчёт {part.form.name} за период: {part.report.span.title}", bold=True, font_size=14)
        self._text(1, 0, self.snapshot["title"], bold=True)
        self._text(2, 0, part.form.act, font_size=9)
        self._text(3, 0, f"{part.numbered}, {part.state}; рассчитан {part.computed_at}", font_size=9)
        self._text(4, 0, f"Контрольная сумма SHA-256: {part.report.checksum}", font_size=9)
        back = self.book.format(font_size=9, font_color="#0B5D63", underline=1)
        self.sheet.write_url(5, 0, link(part.contents), back, "К содержанию")

    def _head(self):
        open_below = {"bold": True, "align": "center", "left": 1, "right": 1, "top": 1}
        shut = {"bold": True, "align": "center", "left": 1, "right": 1, "bottom": 1, "text_wrap": True}
        groups = ["", "", "", *(column["group"] for column in self.columns)]
        for index in range(FIRST + len(self.columns)):
            if not groups[index]:
                self.sheet.write_blank(HEAD, index, None, self.book.format(**open_below))
        for first, last in _neighbours(groups):
            look = self.book.format(bold=True, align="center", border=1)
            if last > first:
                self.sheet.merge_range(HEAD, first, HEAD, last, groups[first], look)
            else:
                self.sheet.write_string(HEAD, first, groups[first], look)
        heads = ["№", "Наименование показателя", "Единица", *(column["title"] for column in self.columns)]
        self.sheet.set_row(HEAD + 1, 32)
        for index, title in enumerate(heads):
            self.sheet.write_string(HEAD + 1, index, title, self.book.format(valign="vcenter", **_without_top(shut)))
        self._head_beside()

    def _head_beside(self):
        look = {"font_size": 8, "italic": True, "align": "right", "text_wrap": True, "font_color": "#5B6B73"}
        for code, index in self.formulas.beside.items():
            pairs = any(self.formulas.cells[row["code"], code]["kind"] == "pair" for row in self.rows)
            words = ("числитель, семей", "знаменатель, человек") if pairs else ("числитель", "знаменатель")
            for shift, word in enumerate(words):
                self._text(HEAD + 1, index + shift, word, **look)

    def _group(self, number):
        look = self.book.format(border=1, bold=True, bg_color="#ECECEC")
        self.sheet.merge_range(number, 0, number, self.last_column, self.formulas.heads[number], look)

    def _row(self, number, row):
        look = {"border": 1, "bold": row["bold"]}
        fit_row(self.sheet, number, (row["title"], TITLE - 2 * row["level"]), (row["unit"], UNIT))
        self._text(number, 0, row["code"], **look)
        self._text(number, 1, row["title"], text_wrap=True, indent=row["level"], **look)
        self._text(number, 2, row["unit"], align="center", **look)
        for index, column in enumerate(self.columns, start=FIRST):
            self._cell(number, index, self.formulas.cells[row["code"], column["code"]], look)
        for code, index in self.formulas.beside.items():
            beside = self.book.format(font_size=8, font_color="#5B6B73", num_format=NUMBER)
            for shift, value in enumerate(self.formulas.parts(self.formulas.cells[row["code"], code]) or ()):
                self.sheet.write_number(number, index + shift, value, beside)

    def _cell(self, row, column, cell, look):
        formula = self.formulas.of(cell)
        if formula:
            style = self.book.format(**self._number_look(cell), **look)
            self.sheet.write_formula(row, column, formula, style, self.formulas.value(cell))
        elif cell["kind"] in ("none", "hidden"):
            self._text(row, column, cell["text"], align="right", **look)
        elif cell["kind"] == "percent":
            self.sheet.write_number(row, column, cell["value"], self.book.format(**self._number_look(cell), **look))
        else:
            write_plain(self.book, self.sheet, row, column, cell["value"], **look)
        if cell["note"]:
            self.sheet.write_comment(row, column, cell["note"], {"author": "СОПР"})

    @staticmethod
    def _number_look(cell) -> dict:
        if cell["kind"] == "pair":
            return {"align": "right"}
        places = decimals_of(cell["value"])
        return {"num_format": f'0{places}"{NO_BREAK}%"' if cell["kind"] == "percent" else NUMBER + places}

    def _below(self, row) -> int:
        """Notes and signatures; the number of the last row."""
        for note in [*self.snapshot["notes"], "Знак «–»: данных нет, это не ноль. Знак «×»: не заполняется."]:
            row += 1
            fit_row(self.sheet, row, (note, TITLE * 1.2))
            self._text(row, 1, note, italic=True, font_size=9, text_wrap=True)
        for post, sign in self.part.signatures:
            row += 2
            self._text(row, 1, post)
            self.sheet.write_blank(row, 2, None, self.book.format(bottom=1))
            self._text(row, FIRST, sign)
        return row


def _neighbours(groups):
    """(first, last) of each run of neighbours with one group."""
    first = 0
    for index, group in enumerate(groups):
        if index and group != groups[index - 1]:
            first = index
        if group and (index + 1 == len(groups) or groups[index + 1] != group):
            yield first, index


def _without_top(look) -> dict:
    return {key: value for key, value in look.items() if key != "top"}
