"""Omsk, «Семейная диспетчерская» («Лучшие практики», section 1.1.4, rows 4.5, 7 and 8)."""

from reports.forms.base import Form
from reports.indicators import measures as m
from reports.indicators.rows import Average, Breakdown, Counted, Percent

ROWS = (
    Counted(
        "1",
        "Число семей с детьми, включенных в состав целевой группы и получивших помощь",
        "семей",
        measure=m.HELPED,
        bold=True,
    ),
    Counted("2", "Общее число детей в семьях целевой группы", "детей", measure=m.HELPED_CHILDREN),
    Counted("3", "Число семей с детьми, получивших помощь в виде социального сопровождения", "семей", measure=m.SERVED),
    Counted(
        "4",
        "Число семей с детьми, преодолевших ТЖС, снятых с учета в связи с нормализацией ситуации",
        "семей",
        measure=m.OVERCAME,
    ),
    Percent(
        "5",
        "Доля семей, отметивших улучшение ситуации в результате получения помощи, среди получивших помощь",
        "%",
        numerator=m.NOTED_IMPROVEMENT,
        denominator=m.HELPED,
        beside=("ответили", m.RESPONDED),
    ),
    Counted("6", "Семьи, получившие услуги по группам проблем, в том числе:", "семей", measure=m.GROUPED),
    Breakdown(
        "6.1", "по группам проблем", "семей", level=1, measure=m.GROUPED, by="group", page="раздел 1.1.4, строка 4.5"
    ),
    Average(
        "7",
        "Среднее число дней от обращения до первой услуги",
        "дней",
        total=m.DAYS_WAITED,
        number=m.FIRST_SERVED,
    ),
)

FORM = Form(
    code="omsk-dispatch",
    name="«Диспетчерская»",
    title="о работе социальной службы «Семейная диспетчерская»",
    act="практика «Семейная диспетчерская» (Омская область)",
    rows=ROWS,
    page="«Лучшие практики субъектов Российской Федерации», раздел 1.1.4 (с. 18–21), строка 8",
    periodicity=("quarter", "year"),
    trend={m.HELPED: "Семьи, получившие помощь", m.OVERCAME: "Преодолели ТЖС и сняты с учёта"},
    notes=lambda period: [
        "Строка 1: семьи, которым в периоде оказана услуга диспетчерской или которые были на сопровождении.",
        "Строка 2: дети, состоявшие в этих семьях в дни помощи, моложе 18 лет.",
        "Строка 5: анкета без имени считается за одну семью.",
    ],
)
