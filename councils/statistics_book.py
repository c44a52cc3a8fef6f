"""Statistics of councils as a workbook: one sheet a table, a native chart beside the first."""

import tempfile

import xlsxwriter

from councils.words import Verdict

VERDICTS = {Verdict.GRANTED: "Как предложено", Verdict.REFUSED: "Отказано", Verdict.RETURNED: "Возвращено"}
FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}


def write(statistics, *, title, note):
    """The workbook as an open file, rewound to its start."""
    file = tempfile.TemporaryFile()
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title})
    writer = _Book(book, title, note)
    writer.sheet("Итоги", ["Показатель", "Значение"], totals(statistics), widths=(64, 14))
    months = [(f"{month:%m.%Y}", held) for month, held in statistics.by_month]
    sheet = writer.sheet("По месяцам", ["Месяц", "Проведено заседаний"], months, widths=(16, 22))
    writer.chart(sheet, "По месяцам", len(months))
    decisions = [(title, total, *verdicts) for title, *verdicts, total in statistics.decisions]
    writer.sheet("Решения", ["Вопрос", "Всего", *VERDICTS.values()], decisions, widths=(40, 12, 18, 14, 14))
    attendance = [
        (row["title"], row["expected"], row["came"], row["excused"], row["share"]) for row in statistics.attendance
    ]
    writer.sheet("Явка", ["Ведомство", "Ожидались", "Присутствовали", "Уважительная причина", "Явка, %"], attendance)
    tasks = [(row["title"], row["due"], row["judged"], row["in_time"], row["share"]) for row in statistics.assignments]
    writer.sheet("Поручения", ["Исполнитель", "Срок в периоде", "Оценено", "В срок", "В срок, %"], tasks)
    book.close()
    file.seek(0)
    return file


def totals(statistics) -> list[tuple]:
    """The main figures in words, for the page's table and for the first sheet."""
    tasks = statistics.assignments_total
    rows = [("Заседания: протокол подписан, кворум был", statistics.meetings)]
    if statistics.norm:
        rows += [
            ("Норма заседаний за начавшиеся месяцы", statistics.norm),
            ("Норма выполнена, %", statistics.norm_share),
        ]
    return [
        *rows,
        ("Заседания без кворума", statistics.without_quorum),
        ("Отменённые заседания", statistics.cancelled),
        ("Вопросы, по которым приняты решения", statistics.items),
        ("Вопросов на одно заседание", statistics.per_meeting),
        ("Семьи, о которых решали", statistics.families),
        ("Дней от вынесения вопроса до решения, в среднем", statistics.average_days),
        ("Поручения со сроком в периоде", tasks["due"]),
        ("Из оценённых исполнены в срок, %", tasks["share"]),
    ]


class _Book:
    def __init__(self, book, title, note):
        self.book, self.title, self.note = book, title, note
        self.text = book.add_format(FONT | {"text_wrap": True})
        self.bold = book.add_format(FONT | {"bold": True, "font_size": 13})
        self.head = book.add_format(FONT | {"bold": True, "border": 1, "text_wrap": True, "align": "center"})
        self.cell = book.add_format(FONT | {"border": 1, "text_wrap": True})
        self.number = book.add_format(FONT | {"border": 1, "num_format": "# ##0.##"})
        self.whole = book.add_format(FONT | {"border": 1, "num_format": "# ##0"})

    def sheet(self, name, heads, rows, widths=(46, 16, 18, 22, 12)):
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, self.title, self.bold)
        sheet.write_string(1, 0, self.note, self.book.add_format(FONT))
        for place, head in enumerate(heads):
            sheet.set_column(place, place, widths[place])
            sheet.write_string(3, place, head, self.head)
        for number, row in enumerate(rows, 4):
            for place, value in enumerate(row):
                self._write(sheet, number, place, value)
        sheet.freeze_panes(4, 0)
        sheet.repeat_rows(3)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _write(self, sheet, row, place, value):
        if value is None:
            sheet.write_string(row, place, "–", self.cell)
        elif isinstance(value, int | float):
            sheet.write_number(row, place, value, self.whole if isinstance(value, int) else self.number)
        else:
            sheet.write_string(row, place, str(value), self.cell)

    def chart(self, sheet, name, count):
        if not count:
            return
        chart = self.book.add_chart({"type": "column"})
        chart.add_series(
            {
                "name": "Проведено заседаний",
                "categories": [name, 4, 0, 3 + count, 0],
                "values": [name, 4, 1, 3 + count, 1],
            }
        )
        chart.set_title({"name": "Заседания по месяцам"})
        chart.set_legend({"none": True})
        chart.set_y_axis({"min": 0, "major_unit": 1})
        sheet.insert_chart("D4", chart)
