"""Novgorod, quarterly plan and fact per organisation («Лучшие практики», section 1.1.2, rows 22, 23 and 25)."""

from dataclasses import replace

from reports.forms.base import Form, one_column_each, with_plan
from reports.indicators import facts
from reports.indicators import measures as m
from reports.indicators.rows import Average, Counted, Percent, declared

FACTS = facts.BY_CODE
SUPPORT, INFRASTRUCTURE, MEETINGS = "Сопровождение семей", "Инфраструктура", "Работа рабочих групп"
MEETINGS_NORM = 2  # row 25: «заседания которой проводятся не менее 2 раз в месяц»

ROWS = (
    Counted(
        "1",
        "Численность семей с детьми, находящихся на социальном сопровождении",
        "семей",
        measure=m.ON_SUPPORT,
        group=SUPPORT,
    ),
    Counted(
        "2",
        "Численность семей с детьми, преодолевших трудную жизненную ситуацию, с учетом помощи по "
        "социальному сопровождению",
        "семей",
        measure=m.OVERCAME,
        group=SUPPORT,
    ),
    Percent(
        "3",
        "Доля семей с детьми, преодолевших трудную жизненную ситуацию, от общего количества семей с детьми, получивших "
        "такую помощь",
        "%",
        numerator=m.OVERCAME,
        denominator=m.SERVED,
        group=SUPPORT,
    ),
    Counted("4", "Семей на социальном сопровождении с начала года", "семей", measure=m.SERVED_IN_YEAR, group=SUPPORT),
    declared(
        FACTS["support_units"],
        Counted("5", "Службы социального сопровождения", "служб", measure=m.UNITS, group=INFRASTRUCTURE),
    ),
    declared(
        FACTS["working_groups"],
        Counted("6", "Межведомственные рабочие группы", "групп", measure=m.WORKING_GROUPS, group=INFRASTRUCTURE),
    ),
    declared(
        FACTS["district_commissions"],
        Counted(
            "7", "Участковые социальные комиссии", "комиссий", measure=m.DISTRICT_COMMISSIONS, group=INFRASTRUCTURE
        ),
    ),
    declared(
        FACTS["services"],
        Counted("8", "Учреждения социального обслуживания", "учреждений", measure=m.SERVICES, group=INFRASTRUCTURE),
    ),
    Average(
        "9",
        "Заседаний на одну рабочую группу в месяц",
        "заседаний",
        total=m.GROUP_MEETINGS,
        number=m.WORKING_GROUPS,
        monthly=True,
        norm=(MEETINGS_NORM, "в месяц"),
        group=MEETINGS,
    ),
)


def columns(period):
    """Plan, fact, deviation and percent of the plan: for one period under these names, for years under each year."""
    shown = with_plan(one_column_each(period))
    if len({column.fact for column in shown}) > 1:
        return shown
    return [replace(column, code=column.shows, fact="fact") for column in shown]


FORM = Form(
    code="novgorod-plan",
    name="«План и факт»",
    title="о выполнении плановых показателей социального сопровождения семей с детьми",
    act="модельная программа социального сопровождения семей с детьми в Новгородской области, индикаторы оценки "
    "эффективности",
    rows=ROWS,
    page="«Лучшие практики субъектов Российской Федерации», раздел 1.1.2 (с. 7–12), строки 22, 23 и 25",
    columns=columns,
    periodicity=("quarter",),
    trend={m.ON_SUPPORT: "Семьи на сопровождении", m.OVERCAME: "Преодолели трудную жизненную ситуацию"},
    notes=lambda period: [
        "План — из годового приказа; отклонение — факт минус план, у долей в процентных пунктах.",
        "Строка 3: к семьям, случай которых длился хотя бы день периода. Строка 9: норма — не "
        "менее двух заседаний в месяц.",
    ],
)
