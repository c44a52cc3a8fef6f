"""Bashkortostan, «Под крылом аиста» («Лучшие практики», section 1.1.6, rows 7 and 8)."""

from reports.forms.base import Form
from reports.indicators import measures as m
from reports.indicators.rows import Change, Counted, Percent

PAGE = "«Лучшие практики субъектов Российской Федерации», раздел 1.1.6 (с. 29 и далее)"

ROWS = (
    Counted("1", "Женщины, получившие помощь", "женщин", measure=m.WOMEN_HELPED, page=f"{PAGE}, строка 8"),
    Counted(
        "2",
        "Близкое окружение женщин, получившее помощь (родители, братья, сестры, супруги и другие)",
        "человек",
        measure=m.NEAR_HELPED,
        page=f"{PAGE}, строка 8",
    ),
    Counted("3", "Предотвращено отказов", "отказов", measure=m.REFUSALS_PREVENTED, page=f"{PAGE}, строка 8"),
    Change(
        "4",
        "Отказы от новорожденных детей, изменение к прошлому периоду",
        "%",
        measure=m.REFUSALS,
        page=f"{PAGE}, строка 8",
    ),
    Counted("4.1", "отказов в периоде", "отказов", level=1, measure=m.REFUSALS, page=f"{PAGE}, строка 8"),
    Counted("5", "Женщины, воспользовавшиеся пунктом проката", "женщин", measure=m.RENTED, page=f"{PAGE}, строка 8"),
    Percent(
        "6",
        "Доля женщин, еще сомневающихся в рождении или принятии ребенка, среди ответивших после помощи",
        "%",
        numerator=m.STILL_IN_DOUBT,
        denominator=m.ASKED_AFTER,
        less_is_better=True,
        page=f"{PAGE}, строка 7",
    ),
    Counted(
        "7",
        "Будущие мамы, обученные навыкам ухода за новорожденными",
        "женщин",
        measure=m.TRAINED_MOTHERS,
        page=f"{PAGE}, строка 7",
    ),
)

FORM = Form(
    code="bashkortostan-newborn",
    name="«Под крылом аиста»",
    title="о профилактике отказов от новорожденных детей",
    act="практика «Под крылом аиста» (Республика Башкортостан), постановление от 28.10.2021 № 572",
    rows=ROWS,
    page=PAGE,
    periodicity=("quarter", "year"),
    compares=True,
    trend={m.WOMEN_HELPED: "Женщины, получившие помощь", m.REFUSALS: "Отказы от детей"},
    notes=lambda period: [
        "Строка 4: отрицательное число — отказов стало меньше. Прошлый период — такой же по "
        "длине перед этим; для месяцев "
        "с начала года — те же месяцы прошлого года.",
    ],
)
