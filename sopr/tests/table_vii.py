"""A workbook that gives back the published table VII of Tatarstan's order 414: a closed cohort of 1,500 families."""

import csv
import datetime
from itertools import count
from pathlib import Path

import xlsxwriter

from families.categories import Category

PUBLISHED = Path(__file__).with_name("data") / "tatarstan_414.csv"
CATEGORIES = [
    Category.FOSTER,
    Category.DISABLED_CHILD,
    Category.CHILD_UNDER_3_WITH_OVZ,
    Category.LARGE,
    Category.NEWBORN_REFUSAL_RISK,
    Category.SINGLE_PARENT,
    Category.CHILD_IN_CONFLICT_WITH_LAW,
    Category.UNDERAGE_PARENTS,
    Category.OTHER,
]
OTHERS = [Category.OTHER, Category.LOW_INCOME, Category.REFUGEES, Category.SOCIAL_CONTRACT]
COLUMNS = ("start", "2016", "2017", "end")
DECLARED = ("2", "3", "4", "5", "6", "7", "8", "12")
ORGANISATIONS = 5
SATISFIED_IN_2016 = 750  # of 1,500 served
SATISFIED_IN_2017 = 960  # of 1,200 served; together all 1,500


def read_published() -> dict[tuple[str, str], str]:
    """{(row, column): the printed text}; an empty text is no data."""
    with PUBLISHED.open(encoding="utf-8") as file:
        return {(line["row"], name): line[name] for line in csv.DictReader(file) for name in COLUMNS}


def build_workbook(path, *, declared=True):
    """Write the cohort: per category as many families as published at the start, leaving in 2016 and 2017."""
    published = read_published()
    book = xlsxwriter.Workbook(path, {"constant_memory": False})
    sheets = {}

    def write(sheet, heads, *rows):
        if sheet not in sheets:
            sheets[sheet] = (book.add_worksheet(sheet), count(1))
            sheets[sheet][0].write_row(0, 0, heads)
        for row in rows:
            n = next(sheets[sheet][1])
            for column, value in enumerate(row):
                if isinstance(value, datetime.date):
                    sheets[sheet][0].write_string(n, column, value.isoformat())
                elif value is not None:
                    sheets[sheet][0].write(n, column, value)

    write("Муниципальные образования", ["Код", "Наименование"], ["16", "Казань"])
    organisations = [f"Ц{number}" for number in range(1, ORGANISATIONS + 1)]
    for code in organisations:
        write(
            "Организации",
            ["Код", "Наименование", "Вид", "Код МО"],
            [code, f"Центр «Семья» {code}", "социальное обслуживание", "16"],
        )
    cases = list(_cohort(published))
    for number, (category, closed) in enumerate(cases, start=1):
        organisation = organisations[number % ORGANISATIONS]
        write(
            "Семьи",
            ["Номер семьи", "Фамилия семьи", "Код МО", "Адрес"],
            [number, f"Семья{number}", "16", f"ул. Баумана, {number}"],
        )
        write(
            "Случаи",
            ["Номер случая", "Номер семьи", "Код организации", "Основная категория", "Дата принятия", "Дата снятия",
             "Результат", "Причина снятия"],
            [number, number, organisation, category, datetime.date(2015, 1 + number % 12, 1 + number % 28), closed,
             "преодолела ТЖС" if closed else None, "цели достигнуты" if closed else None],
        )  # fmt: skip
    for number, day in _satisfied(cases):
        write("Анкеты", ["Номер случая", "Дата", "Доволен помощью"], [number, day, "да"])
    if declared:
        for row in DECLARED:
            for name, period in zip(COLUMNS, ("2015", "2016", "2017", "2016..2017"), strict=True):
                if published[row, name]:
                    write(
                        "Сведения организаций",
                        ["Код организации", "Показатель", "Период", "Значение", "Основание"],
                        ["Ц1", f"tatarstan-414:{row}", period, published[row, name], "приказ № 414"],
                    )
    book.close()


def _cohort(published):
    """Yield (category, date of removal or None) for every family, so that each published number comes back."""
    for index, category in enumerate(CATEGORIES, start=1):
        start, left_2016, left_2017 = (
            int(published[f"{row}.{index}", name]) for row, name in [("1", "start"), ("10", "2016"), ("10", "2017")]
        )
        for number in range(start):
            named = OTHERS[number % 4] if category == Category.OTHER else category
            if number < left_2016:
                yield named, datetime.date(2016, 1 + number % 12, 1 + number % 28)
            elif number < left_2016 + left_2017:
                yield named, datetime.date(2017, 1 + number % 12, 1 + number % 28)
            else:
                yield named, None


def _satisfied(cases):
    """Half of those served in 2016 and 80 % of those served in 2017 are satisfied; over both years, all are."""
    left_2016 = [n for n, (_c, closed) in enumerate(cases, start=1) if closed and closed.year == 2016]
    stayed = [n for n in range(1, len(cases) + 1) if n not in set(left_2016)]
    first = left_2016 + stayed[: SATISFIED_IN_2016 - len(left_2016)]
    for number in first:
        closed = cases[number - 1][1]
        yield number, closed if closed and closed.year == 2016 else datetime.date(2016, 12, 1)
    rest = [n for n in stayed if n not in set(first)]
    again = stayed[: SATISFIED_IN_2017 - len(rest)]
    for number in rest + again:
        yield number, datetime.date(2017, 1, 1)
