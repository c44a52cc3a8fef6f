"""The passport as a workbook: figures, settlements, institutions and resources, each on its sheet."""

import tempfile

import xlsxwriter

from families.districts import passports
from sopr.web.xlsx import write_cell

WIDTHS = (30, 52, 14, 14, 14, 14, 70)
FIGURES = ("Раздел", "Показатель", "Единица", "На дату", "Прежде", "Изменение", "Как посчитано")
SETTLEMENTS = ("Населённый пункт", "Домохозяйств", "Жителей")
PLACES = ("Вид", "Наименование", "Адрес", "Телефон", "Чем помогает")


def write(passport):
    """Write the workbook of `passport` to an open temporary file, rewound to its start."""
    content = passport.content
    file = tempfile.TemporaryFile()
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    title = f"Социальный паспорт: {content['district']}, {content['municipality']}, на {passport.on:%d.%m.%Y}"
    book.set_properties({"title": title})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "number": book.add_format({"num_format": "# ##0"}),
        "date": book.add_format({"num_format": "dd.mm.yyyy"}),
    }
    _sheet(book, formats, "Показатели", title, FIGURES, _figures(content))
    settlements = [(row["name"], row["households"], row["population"]) for row in content["settlements"]]
    _sheet(book, formats, "Населённые пункты", title, SETTLEMENTS, settlements)
    places = [[row[key] for key in ("kind", "name", "address", "phone", "note")] for row in content["places"]]
    _sheet(book, formats, "Учреждения и ресурсы", title, PLACES, places)
    book.close()
    file.seek(0)
    return file


def _figures(content):
    for section in passports.sections(content):
        for line in section.lines:
            yield _row(section.title, line.title, line.unit, line.number)
            if line.also:
                yield _row(section.title, f"{line.title}: все с этой категорией", line.unit, line.also)


def _row(section, title, unit, number):
    return section, title, unit, number.value, number.before, number.change, number.definition


def _sheet(book, formats, name, title, heads, rows):
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, title, formats["title"])
    for index, head in enumerate(heads):
        sheet.set_column(index, index, WIDTHS[index] if len(heads) == len(WIDTHS) else 34)
        sheet.write_string(2, index, head, formats["head"])
    for line, row in enumerate(rows, start=3):
        for index, value in enumerate(row):
            write_cell(sheet, line, index, value, formats)
    sheet.freeze_panes(3, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
