"""Kinds of what falls due in casework (domain.md §4)."""

from sopr.obligations.kinds import Kind, declare

ASSESSMENT = declare(Kind("case.assessment", "Подготовить пакет на совет", "Открыть случай", remind_working_days=(3,)))
CONTRACT = declare(Kind("case.contract", "Заключить договор", "Записать договор", remind_working_days=(3,)))
CONTACT = declare(Kind("case.contact", "Связаться с семьёй", "Записать контакт"))
REVIEW = declare(Kind("case.review", "Провести мониторинг", "Провести мониторинг", remind_working_days=(3,)))
LEVEL_TERM = declare(Kind("case.level_term", "Срок уровня: вынести на совет", "Вынести на совет", remind_days=(30, 14)))
AFTERCARE = declare(Kind("case.aftercare", "Проверка постсопровождения", "Записать проверку", remind_days=(7,)))
ACTIVITY_REPORT = declare(
    Kind("activity.report", "Отчитаться о мероприятии", "Отчитаться", remind_working_days=(3,), escalates=False)
)
ACTIVITY_ACCEPT = declare(Kind("activity.accept", "Принять отчёт исполнителя", "Посмотреть отчёт"))

OF_A_CASE = (ASSESSMENT, CONTRACT, CONTACT, REVIEW, LEVEL_TERM, AFTERCARE)
