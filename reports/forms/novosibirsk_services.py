"""Novosibirsk, monthly monitoring of services for minors («Лучшие практики», section 1.1.3, rows 4.5, 7 and 9)."""

from reports.forms.base import Form
from reports.indicators import measures as m
from reports.indicators.rows import Breakdown, Counted

NORM = (40, "в год")
KINDS = (
    ("club", "кружки и занятия"),
    ("parent_school", "родительский всеобуч"),
    ("foster_school", "школа приёмных родителей"),
    ("trip", "выезды мобильной бригады"),
    ("other", "иные услуги"),
)

ROWS = (
    Counted("1", "Несовершеннолетние, участвующие в программе", "человек", measure=m.MINORS, norm=NORM),
    Counted("2", "Посещения сервисов, в том числе:", "посещений", measure=m.VISITS, bold=True),
    *(
        Counted(f"2.{number}", title, "посещений", level=1, measure=m.VISITS_OF[kind])
        for number, (kind, title) in enumerate(KINDS, start=1)
    ),
    Breakdown("2.6", "по каждому сервису", "посещений", level=1, measure=m.VISITS, by="service"),
    Counted("3", "Индивидуальные консультации родителей", "консультаций", measure=m.CONSULTATIONS),
    Counted("4", "Несовершеннолетние, зачисленные на профессиональную или иную учебу", "человек", measure=m.ENROLLED),
    Counted("5", "Пройдено индивидуальных маршрутов", "маршрутов", measure=m.ROUTES_FINISHED),
)

FORM = Form(
    code="novosibirsk-services",
    name="«Сервисы»",
    title="о посещении социальных сервисов несовершеннолетними",
    act="практика Новосибирской области: ежемесячный мониторинг активности посещения сервисов",
    rows=ROWS,
    page="«Лучшие практики субъектов Российской Федерации», раздел 1.1.3 (с. 13–17), строки 4.5, 7 и 9",
    periodicity=("month",),
    trend={m.MINORS: "Несовершеннолетние в программе", m.VISITS: "Посещения сервисов"},
    notes=lambda period: [
        "Строка 1: норма — 40 несовершеннолетних в год. Строка 2: отметки «был» на занятиях, которые состоялись.",
    ],
)
