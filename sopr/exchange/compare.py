"""What a file would change: its rows beside the register's, both in the workbook's words. Reads, changes nothing."""

import datetime
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from cases.models import Activity, Case
from cases.words import CaseForm, Ground
from reports.indicators.facts import BY_CODE
from sopr.exchange.columns import Choice, YesNo
from sopr.exchange.facts import read_fact
from sopr.exchange.papers import Papers, paper_number
from sopr.exchange.register import ALL, SOURCES, accepted_by_contract, key_of, values_of
from sopr.exchange.sheets import BY_TITLE


class Fate(StrEnum):
    """What becomes of a row; the words of the summary."""

    CREATED = "создано"
    CHANGED = "изменено"
    UNCHANGED = "без изменений"
    KEPT = "оставлено как есть"  # what the system leads differs from the file: the file does not overrule people


SAMPLES = 5  # rows of each fate that a preview shows
MOST_SHOWN = 120  # characters of one value in a preview


@dataclass
class Outcome:
    """How the rows of one sheet come out: counts by fate and the first rows of each."""

    counts: Counter = field(default_factory=Counter)
    samples: dict[str, list] = field(default_factory=lambda: defaultdict(list))

    def add(self, fate, sheet, n, row, changes=()):
        self.counts[fate.value] += 1
        shown = self.samples[fate.name.lower()]
        if len(shown) >= SAMPLES:
            return
        shown.append(
            {
                "n": n,
                "key": [show(sheet.column(title), row.get(title)) for title in _titles(sheet)],
                "rest": []
                if fate in (Fate.CHANGED, Fate.KEPT)
                else [
                    [column.title, show(column, row[column.title])]
                    for column in sheet.columns
                    if column.title not in _titles(sheet) and row.get(column.title) not in (None, "")
                ],
                "changes": [[title, show(sheet.column(title), old), show(sheet.column(title), new)]
                            for title, old, new in changes],
            }
        )  # fmt: skip


def _titles(sheet):
    return sheet.key or tuple(column.title for column in sheet.columns[:3])


def show(column, value) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime.date):
        return f"{value:%d.%m.%Y}"
    if isinstance(column, YesNo):
        return "да" if value else "нет"
    if isinstance(column, Choice):
        return str(dict(column.choices.choices).get(value, value))
    text = str(value)
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"


class Comparison:
    """Compares batches of the staged rows with the register."""

    def __init__(self, stage, merged):
        self.stage = stage
        self.merged = merged

    def batch(self, sheet, batch, outcome, is_wrong=lambda n: False) -> list:
        """Add the rows of `batch` to `outcome`, those with errors passed over; returns the ones to be created."""
        batch = [(n, row) for n, row in batch if not is_wrong(n)]
        if not batch:
            return []
        expect = EXPECTED.get(sheet.title)
        expected = expect(self, batch) if expect else batch
        if not sheet.key:
            return self._by_count(sheet, expected, outcome)
        source = SOURCES[sheet.title]
        stored = {}
        for instance in source.like(source.rows(), expected):
            values = source.read(instance)
            stored.setdefault(key_of(sheet, values), (values, source.locked(instance)))
        created = []
        for n, row in expected:
            if self.merged.concerns(sheet, row):
                outcome.add(Fate.KEPT, sheet, n, row)
                continue
            known = stored.get(key_of(sheet, row))
            if known is None:
                outcome.add(Fate.CREATED, sheet, n, row)
                created.append((n, row))
                continue
            fate, changes = judge(sheet, row, *known)
            outcome.add(fate, sheet, n, row, changes)
        return created

    def _by_count(self, sheet, batch, outcome):
        """Rows without a key: equal ones are matched by how many there are."""
        source = SOURCES[sheet.title]
        have = Counter(key_of(sheet, source.read(row)) for row in source.like(source.rows(), batch))
        created = []
        for n, row in batch:
            key = key_of(sheet, row)
            there = self.stage.count_equal(sheet, key) <= have[key]
            outcome.add(Fate.UNCHANGED if there else Fate.CREATED, sheet, n, row)
            if not there:
                created.append((n, row))
        return created


def judge(sheet, row, values, locked) -> tuple[Fate, list]:
    """The fate of a row whose key the register has, with what would change: (column, old, new)."""
    differing = [
        (column.title, values.get(column.title), row.get(column.title))
        for column in sheet.columns
        if column.title not in sheet.key and _plain(values.get(column.title)) != _plain(row.get(column.title))
    ]
    if not differing:
        return Fate.UNCHANGED, []
    free = [] if locked == ALL else [change for change in differing if change[0] not in locked]
    return (Fate.CHANGED, free) if free else (Fate.KEPT, [])


def _plain(value):
    if isinstance(value, str):
        return value.strip() or None
    return value


def expect_cases(batch):
    """Cases with the defaults and dates that the register would keep."""
    expected = []
    for n, row in batch:
        accepted, contract = row["Дата принятия"], row.get("Дата договора")
        if accepted_by_contract(contract):
            accepted = min(accepted, contract)
        defaults = {"Основание": Ground.OTHER.value, "Форма": CaseForm.GROUP.value}
        expected.append((n, defaults | row | {"Дата принятия": accepted}))
    return expected


def _expect_levels(comparison, batch):
    """A level without an end lasts until its case is closed."""
    numbers = list(values_of(batch, "Номер случая"))
    closed = dict(Case.objects.filter(number__in=numbers).values_list("number", "closed_on"))
    staged = comparison.stage.rows_by_number(BY_TITLE["Случаи"], numbers)
    closed |= {number: row.get("Дата снятия") for number, row in staged.items()}
    return [(n, row | {"По": row.get("По") or closed.get(row["Номер случая"])}) for n, row in batch]


REASONS = {label: code for code, label in Activity.NotDoneReason.choices}


def read_reason(row) -> tuple[str, str]:
    """(code of the reason, result): a reason in other words stays readable in the result."""
    reason, result = row.get("Причина неисполнения", ""), row.get("Результат", "")
    if not reason:
        return "", result
    code = REASONS.get(reason.lower(), "")
    if not code:
        result = f"{result}\n{reason}".strip()
    return code or Activity.NotDoneReason.OTHER.value, result


def _expect_activities(comparison, batch):
    expected = []
    for n, row in batch:
        code, result = read_reason(row)
        label = Activity.NotDoneReason(code).label if code else ""
        expected.append((n, row | {"Причина неисполнения": label, "Результат": result}))
    return expected


def _expect_meetings(comparison, batch):
    papers = Papers(batch)
    expected = []
    for n, row in batch:
        minutes = papers.find(row["Код совета"], row["Номер протокола"], row["Дата"].year)
        expected.append((n, row | {"Номер протокола": paper_number(minutes)} if minutes else row))
    return expected


def _expect_questions(comparison, batch):
    papers = Papers(batch)
    expected = []
    for n, row in batch:
        minutes = papers.find(row["Код совета"], row["Номер протокола"])
        expected.append((n, row | {"Номер протокола": paper_number(minutes)} if minutes else row))
    return expected


def _expect_informing(comparison, batch):
    return [(n, {"Число семей": 1} | row) for n, row in batch]


def _expect_events(comparison, batch):
    return [(n, {"Подтверждено": False} | row) for n, row in batch]


def _expect_facts(comparison, batch):
    expected = []
    for n, row in batch:
        fact = read_fact(row["Показатель"], row["Период"], row["Значение"])
        value = BY_CODE[fact.indicator].show(fact.value)
        expected.append((n, row | {"Показатель": fact.indicator, "Период": fact.period.text, "Значение": value}))
    return expected


# What a row comes to in the register's words: defaults, numbers and titles as they are stored.
EXPECTED = {
    "Случаи": lambda comparison, batch: expect_cases(batch),
    "Уровни": _expect_levels,
    "Мероприятия": _expect_activities,
    "Заседания": _expect_meetings,
    "Вопросы": _expect_questions,
    "Информирование": _expect_informing,
    "События с детьми": _expect_events,
    "Сведения организаций": _expect_facts,
}
