"""Primorye, quarterly monitoring of the coordination councils' work («Лучшие практики», section 1.1.5)."""

from reports.forms.base import Form
from reports.indicators import measures as m
from reports.indicators.rows import Counted, Percent

ROWS = (
    Counted(
        "1",
        "Проведено заседаний координационных советов (с кворумом и подписанным протоколом)",
        "заседаний",
        measure=m.MEETINGS,
    ),
    Counted(
        "2",
        "Рассмотрено случаев на заседаниях координационных советов",
        "случаев",
        measure=m.ITEMS,
        beside=("семей", m.ITEM_FAMILIES),
    ),
    Counted("3", "Принято семей на социальное сопровождение", "семей", measure=m.ACCEPTED),
    Counted("4", "Снято семей с социального сопровождения, в том числе:", "семей", measure=m.REMOVED, bold=True),
    Counted("4.1", "в связи с преодолением трудной жизненной ситуации", "семей", level=1, measure=m.REMOVED_OVERCAME),
    Counted(
        "5",
        "Принято семей на социальное сопровождение на основании социального контракта",
        "семей",
        measure=m.ACCEPTED_BY_CONTRACT,
    ),
    Percent(
        "6",
        "Доля семей, снятых с сопровождения в связи с улучшением положения, среди снятых с начала года",
        "%",
        numerator=m.BETTER_IN_YEAR,
        denominator=m.REMOVED_IN_YEAR,
    ),
    Percent(
        "7",
        "Удовлетворённость семей социальным сопровождением, доля ответивших на анкету",
        "%",
        numerator=m.SATISFIED,
        denominator=m.RESPONDED,
    ),
)

FORM = Form(
    code="primorye-monitoring",
    name="«Мониторинг»",
    title="о работе по социальному сопровождению семей с детьми",
    act="Модель социального сопровождения семей с детьми в Приморском крае (декабрь 2016 года)",
    rows=ROWS,
    page="«Лучшие практики субъектов Российской Федерации», раздел 1.1.5 (с. 22–28), строки 8, 9 и 11",
    periodicity=("quarter",),
    trend={m.ACCEPTED: "Принято семей на сопровождение", m.REMOVED: "Снято семей с сопровождения"},
    notes=lambda period: [
        "Строка 2: решённые вопросы повестки; рядом число семей без повторов.",
        "Строка 6: результаты «преодолела ТЖС» и «улучшение» среди снятых с начала года.",
    ],
)
