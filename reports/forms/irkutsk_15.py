"""Irkutsk, model programme of 26 July 2016 № 43-рзп, section 15: four tables of indicators over three years."""

from reports import periods
from reports.forms.base import Column, Form
from reports.indicators import facts
from reports.indicators import measures as m
from reports.indicators.rows import Counted, Declared, Pair, declared
from sopr import profile

FACTS = facts.BY_CODE
YEARS = 3
TABLES = (
    "Изменения в сфере детского и семейного неблагополучия",
    "Изменения в жизнедеятельности семей, нуждающихся в социальном сопровождении и получивших такую помощь",
    "Изменения в инфраструктуре организаций, участвующих в социальном сопровождении",
    "Изменения в кадровом обеспечении социального сопровождения семей с детьми",
)


def look(code) -> dict:
    """Under which table the row stands and where the document has it: «2.2.1» is line 2.1 of table 2."""
    table, _dot, line = code.partition(".")
    title = TABLES[int(table) - 1]
    return {"group": title, "page": f"раздел 15, таблица «{title}», строка {line}"}


def known(code, fact, title, unit, measure) -> Declared:
    """What is counted from casework while no organisation has declared it."""
    return declared(FACTS[fact], Counted(code, title, unit, measure=measure, **look(code)))


def told(code, fact, title="") -> Declared:
    """What only organisations know; `title` where this form calls it otherwise than the form that the fact is of."""
    fact = FACTS[fact]
    return Declared(code, title or fact.title, fact.unit, declares=fact, **look(code))


def moved(code, title, measure) -> Counted:
    return Counted(code, title, "семей", level=1, measure=measure, **look(code))


ROWS = (
    known("1.1", "refusals", "Количество отказов от детей", "отказов", m.REFUSALS),
    known("1.2", "deprivations", "Количество лишения родительских прав", "случаев", m.DEPRIVATIONS),
    known(
        "1.3", "in_sop", "Количество семей в социально опасном положении, состоящих на учете", "семей", measure=m.IN_SOP
    ),
    known(
        "1.4",
        "violence",
        "Количество семей, в которых имели место насилие, жестокое обращение, нарушения прав и "
        "законных интересов детей",
        "семей",
        m.VIOLENCE,
    ),
    known("1.5", "returns", "Количество возвратов детей из замещающих семей", "возвратов", m.RETURNS),
    Pair(
        "2.1",
        "Количество семей/человек, принятых на социальное сопровождение",
        "семей/человек",
        measure=m.ACCEPTED,
        people=m.PEOPLE_ACCEPTED,
        **look("2.1"),
    ),
    Counted(
        "2.2",
        "Количество семей, переведенных на другой уровень социального сопровождения, из них:",
        "семей",
        bold=True,
        measure=m.LEVEL_CHANGED,
        **look("2.2"),
    ),
    moved(
        "2.2.1",
        "семей, в которых ситуация ухудшилась, переведенных с профилактического уровня в категорию ТЖС",
        m.BASIC_TO_CRISIS,
    ),
    moved(
        "2.2.2",
        "семей, в которых ситуация ухудшилась, переведенных из категории ТЖС в категорию СОП",
        m.CRISIS_TO_EMERGENCY,
    ),
    moved(
        "2.2.3",
        "семей, в которых ситуация улучшилась, переведенных из категории СОП в категорию ТЖС",
        m.EMERGENCY_TO_CRISIS,
    ),
    moved(
        "2.2.4",
        "семей, в которых ситуация улучшилась, переведенных из категории ТЖС на профилактический уровень",
        m.CRISIS_TO_BASIC,
    ),
    Pair(
        "2.3",
        "Количество семей/человек, снятых с социального сопровождения",
        "семей/человек",
        measure=m.REMOVED,
        people=m.PEOPLE_REMOVED,
        **look("2.3"),
    ),
    known(
        "3.1",
        "services",
        "Количество организаций социального обслуживания, осуществляющих социальное сопровождение семей с детьми",
        "организаций",
        m.SERVICES,
    ),
    known(
        "3.2",
        "other_agencies",
        "Количество организаций других ведомств, задействованных в социальном сопровождении",
        "организаций",
        m.OTHER_AGENCIES,
    ),
    known(
        "3.3",
        "support_units",
        "Количество структурных подразделений организаций социального обслуживания, основным направлением деятельности "
        "которых является социальное сопровождение семей с детьми",
        "подразделений",
        m.UNITS,
    ),
    known(
        "3.4",
        "ngos",
        "Количество социально ориентированных некоммерческих организаций, участвующих в социальном сопровождении",
        "организаций",
        m.NGOS,
    ),
    told("4.1", "profile_training"),
    told("4.2", "advanced_courses"),
    told("4.3", "internships"),
    told("4.4", "contest_winners"),
    told(
        "4.5",
        "volunteers",
        "Количество добровольцев, обученных и привлеченных к социальному сопровождению семей с детьми",
    ),
)


def columns(period):
    """The years of the period; for one year it and the two before; any other period alone."""
    if period.kind == "year":
        last = period.since.year
        return [Column.of(periods.year(number)) for number in range(last - YEARS + 1, last + 1)]
    if period.kind == "years":
        return [Column.of(each) for each in period.years]
    return [Column.of(period)]


def notes(period):
    """How levels are called here, and what need not add up."""
    named = [level for level in profile.current().levels.values() if level.reported_as]
    mapping = ", ".join(f"{level.title.lower()} уровень — {level.reported_as}" for level in named)
    return [
        "Строки 2.2.1–2.2.4: "
        + (mapping or "базовый уровень — профилактический, кризисный — ТЖС, экстренный — СОП")
        + "; семья может стоять в двух строках, поэтому их сумма не равна строке 2.2.",
        "Строки 2.1 и 2.3: человек — кого случай охватывал в день принятия и в день снятия.",
        "Таблица 1: события и учёт всей территории, а не только семей на сопровождении.",
    ]


FORM = Form(
    code="irkutsk-15",
    name="«Целевые индикаторы»",
    title="об основных целевых индикаторах и показателях результатов социального сопровождения семей с детьми",
    act="Модельная программа социального сопровождения семей с детьми на территории Иркутской области (распоряжение от "
    "26.07.2016 № 43-рзп), раздел 15",
    rows=ROWS,
    page="раздел 15",
    columns=columns,
    notes=notes,
    trend={m.ACCEPTED: "Принято семей на сопровождение", m.LEVEL_CHANGED: "Переведено на другой уровень"},
    periodicity=("quarter", "year"),
)
