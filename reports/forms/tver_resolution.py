"""Tver, the resolution of the seminar: what support should make grow and what it should make fall."""

from reports.forms.base import Form
from reports.indicators import facts
from reports.indicators import measures as m
from reports.indicators.rows import Counted, Percent, declared

FACTS = facts.BY_CODE
GROWTH = "Увеличение численности семей с детьми"
DECLINE = "Уменьшение количества"
SURVEY = "Повышение уровня доступности поддержки и информированности"

ROWS = (
    Counted("1", "получивших помощь в форме социального сопровождения", "семей", measure=m.SERVED, group=GROWTH),
    Counted(
        "2",
        "решивших существовавшие проблемы по итогам выполнения программ социального сопровождения",
        "семей",
        measure=m.ENDED_GOALS,
        group=GROWTH,
    ),
    Counted(
        "3", "переведенных с экстренного на кризисный уровень", "семей", measure=m.EMERGENCY_TO_CRISIS, group=GROWTH
    ),
    Counted("4", "переведенных с кризисного на базовый уровень", "семей", measure=m.CRISIS_TO_BASIC, group=GROWTH),
    Counted("5", "вышедших на самообеспечение", "семей", measure=m.SELF_SUFFICIENT, group=GROWTH),
    Counted(
        "6",
        "снятых с социального сопровождения в связи с улучшением ситуации в семье",
        "семей",
        measure=m.BETTER,
        group=GROWTH,
    ),
    declared(FACTS["refusals"], Counted("7", "отказов от детей", "отказов", measure=m.REFUSALS, group=DECLINE)),
    declared(
        FACTS["deprivations"],
        Counted("8", "лишения родительских прав", "случаев", measure=m.DEPRIVATIONS, group=DECLINE),
    ),
    declared(
        FACTS["returns"],
        Counted("9", "возвратов детей из замещающих семей", "возвратов", measure=m.RETURNS, group=DECLINE),
    ),
    Percent(
        "10",
        "Доступность помощи и информированность о ней: доля семей, поставивших в анкете 4 или 5",
        "%",
        numerator=m.AWARE,
        denominator=m.RATED,
        group=SURVEY,
    ),
)

FORM = Form(
    code="tver-resolution",
    name="«Динамика»",
    title="о динамике результатов социального сопровождения семей с детьми",
    act="резолюция семинара-совещания Министерства социальной защиты населения Тверской области",
    rows=ROWS,
    page="резолюция, «происходят положительные изменения в части», пункты 1–3",
    periodicity=("quarter",),
    compares=True,
    trend_quarters=8,
    trend={
        m.SERVED: "Получили помощь в форме сопровождения",
        m.ENDED_GOALS: "Решили проблемы по итогам программ",
        m.BETTER: "Сняты в связи с улучшением положения",
        m.REFUSALS: "Отказы от детей",
    },
    notes=lambda period: ["Рядом со значением — прошлый период и изменение. Строки 7–9: по всей территории."],
)
