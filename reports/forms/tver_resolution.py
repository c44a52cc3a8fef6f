"""Tver, the resolution of the seminar: what support should make grow and what it should make fall."""

from reports.forms.base import Form
from reports.indicators import facts
from reports.indicators import measures as m
from reports.indicators.rows import Counted, Percent, declared

FACTS = facts.BY_CODE
GROWTH = "Должно расти"
DECLINE = "Должно уменьшаться"
SURVEY = "Повышение уровня доступности поддержки и информированности"

ROWS = (
    Counted(
        "1",
        "Численность семей с детьми, получивших помощь в форме социального сопровождения",
        "семей",
        measure=m.SERVED,
        group=GROWTH,
    ),
    Counted(
        "2",
        "Численность семей, решивших существовавшие проблемы по итогам выполнения программ социального сопровождения",
        "семей",
        measure=m.ENDED_GOALS,
        group=GROWTH,
    ),
    Counted(
        "3",
        "Численность семей, переведенных с экстренного на кризисный уровень",
        "семей",
        measure=m.EMERGENCY_TO_CRISIS,
        group=GROWTH,
    ),
    Counted(
        "4",
        "Численность семей, переведенных с кризисного на базовый (профилактический) уровень",
        "семей",
        measure=m.CRISIS_TO_BASIC,
        group=GROWTH,
    ),
    Counted("5", "Численность семей, вышедших на самообеспечение", "семей", measure=m.SELF_SUFFICIENT, group=GROWTH),
    Counted(
        "6",
        "Численность семей, снятых с сопровождения в связи с улучшением ситуации в семье",
        "семей",
        measure=m.BETTER,
        group=GROWTH,
    ),
    declared(
        FACTS["refusals"], Counted("7", "Количество отказов от детей", "отказов", measure=m.REFUSALS, group=DECLINE)
    ),
    declared(
        FACTS["deprivations"],
        Counted("8", "Количество лишений родительских прав", "случаев", measure=m.DEPRIVATIONS, group=DECLINE),
    ),
    declared(
        FACTS["returns"],
        Counted("9", "Количество возвратов детей из замещающих семей", "возвратов", measure=m.RETURNS, group=DECLINE),
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
