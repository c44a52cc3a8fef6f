"""Tatarstan, order of 19 July 2016 № 414, table VII: indicators of the complex of measures."""

from reports.forms.base import Column, Form
from reports.indicators import facts
from reports.indicators import measures as m
from reports.indicators.rows import Counted, Declared, Percent, by_category

# The nine lines of the table; the last takes every category that has no line of its own.
TYPES = (
    ("замещающих семей (включая приемные)", ("foster",)),
    ("семей, воспитывающих детей-инвалидов", ("disabled_child",)),
    (
        "семей, воспитывающих детей с ограниченными возможностями здоровья в возрасте до 3 лет",
        ("child_under_3_with_ovz",),
    ),
    ("многодетных семей", ("large",)),
    ("матерей с новорожденными детьми, имеющих намерение отказаться от ребенка", ("newborn_refusal_risk",)),
    ("семей с одним родителем, воспитывающих несовершеннолетних детей", ("single_parent",)),
    ("семей, воспитывающих детей, вступивших в конфликт с законом", ("child_in_conflict_with_law",)),
    ("семей с несовершеннолетними родителями (родителем)", ("underage_parents",)),
    ("другие типы семей", ("low_income", "refugees", "social_contract", "other")),
)


def by_fact(code, otherwise=None) -> Declared:
    """The row of a fact that organisations declare."""
    fact = facts.BY_CODE[code]
    return Declared(fact.row, fact.title, fact.unit, declares=fact, otherwise=otherwise)


def computed(code, measure) -> Counted:
    fact = facts.BY_CODE[code]
    return Counted(fact.row, fact.title, fact.unit, measure=measure)


def share(code, numerator, denominator, beside=None) -> Percent:
    fact = facts.BY_CODE[code]
    return Percent(fact.row, fact.title, fact.unit, numerator=numerator, denominator=denominator, beside=beside)


ROWS = (
    Counted(
        "1",
        "Численность семей с детьми, находящихся на социальном сопровождении, в том числе:",
        "семей",
        bold=True,
        measure=m.ON_SUPPORT,
    ),
    *by_category("1", m.ON_SUPPORT, "семей", TYPES),
    by_fact("services", computed("services", m.SERVICES)),
    by_fact("specialists", computed("specialists", m.SPECIALISTS)),
    by_fact("trained_specialists"),
    by_fact("data_banks"),
    by_fact("ngos", computed("ngos", m.NGOS)),
    by_fact("volunteers"),
    by_fact("editions"),
    by_fact("satisfaction", share("satisfaction", m.SATISFIED, m.SERVED, ("ответили", m.RESPONDED))),
    Counted(
        "10",
        "Численность семей с детьми, преодолевших трудную жизненную ситуацию посредством социального сопровождения, "
        "в том числе:",
        "семей",
        bold=True,
        measure=m.OVERCAME,
    ),
    *by_category("10", m.OVERCAME, "семей", TYPES),
    Percent(
        "11",
        "Доля семей с детьми, преодолевших трудную жизненную ситуацию, с учетом помощи по социальному сопровождению, "
        "от общего количества семей с детьми, получивших такую помощь",
        "%",
        numerator=m.OVERCAME,
        denominator=m.SERVED,
        cohort=m.COHORT,
    ),
    by_fact("positive_rehabilitation", share("positive_rehabilitation", m.PATRONAGE_POSITIVE, m.PATRONAGE_REMOVED)),
)


def columns(period):
    """Years: the start, each year, the end. A quarter: itself and the months since January. Else the period alone."""
    if period.kind in ("year", "years"):
        cohort = period.eve
        years = [Column.of(each, cohort=cohort, group="Значение", mark=each.text) for each in period.years]
        start = Column("start", "к началу", day=cohort, group="Значение", mark="начало")
        end = Column.of(period, "по окончании", code="end", cohort=cohort, group="Значение")
        return [start, *years, end]
    if period.kind == "quarter":
        cumulative = period.months_since_january
        return [
            Column.of(period, period.short),
            Column.of(cumulative, f"{period.until.month} мес. {period.until.year}"),
        ]
    return [Column.of(period)]


def notes(period):
    """What the base of row 11 is in this report, and how the columns are to be read."""
    if period.kind in ("year", "years"):
        return [f"Строка 11: доля от семей, бывших на сопровождении к {period.eve:%d.%m.%Y}."]
    return ["Строка 11: доля от семей, которые были на сопровождении хотя бы день периода."]


FORM = Form(
    code="tatarstan-414",
    name="«Индикаторы»",
    title="о значениях индикаторов (показателей) оценки эффективности социального сопровождения семей с детьми, "
    "нуждающихся в социальной помощи",
    act="приказ Министерства труда, занятости и социальной защиты Республики Татарстан от 19.07.2016 № 414, раздел VII",
    rows=ROWS,
    page="раздел VII, таблица",
    columns=columns,
    notes=notes,
    trend={m.ON_SUPPORT: "Семьи на сопровождении", m.OVERCAME: "Преодолели трудную жизненную ситуацию"},
)
