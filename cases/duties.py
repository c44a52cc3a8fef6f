"""Kinds of what falls due in casework (domain.md §4)."""

from sopr.obligations.kinds import Kind, declare

ASSESSMENT = declare(Kind("case.assessment", "Подготовить пакет на совет", "Открыть случай", remind_working_days=(3,)))
CONTRACT = declare(Kind("case.contract", "Заключить договор", "Записать договор", remind_working_days=(3,)))
CONTRACT_TERM = declare(
    Kind("case.contract_term", "Заканчивается договор", "Новый договор", deadline="term_remind_days")
)
# Days 1 and 2 after the signature where the region gives three (domain.md §4).
GUARDIANSHIP_COPY = declare(
    Kind("case.guardianship_copy", "Передать копию договора в опеку", "Записать передачу", remind_working_days=(2, 1))
)
PROGRAMME_TERM = declare(
    Kind("case.programme_term", "Заканчивается ИПСС", "Открыть программу", deadline="term_remind_days")
)
CONSENT_TERM = declare(
    Kind("case.consent_term", "Заканчиваются согласия", "Записать согласия", deadline="term_remind_days")
)
CONTACT = declare(Kind("case.contact", "Связаться с семьёй", "Записать контакт"))
REVIEW = declare(
    Kind("case.review", "Провести мониторинг", "Провести мониторинг", deadline="review_remind_working_days")
)
LEVEL_TERM = declare(
    Kind("case.level_term", "Срок уровня: вынести на совет", "Вынести на совет", deadline="level_remind_days")
)
# A promise of the curator's own: what the norm asks for is told to the head by CONTACT.
VISIT = declare(Kind("case.visit", "Встреча с семьёй", "Записать контакт", remind_days=(1,), escalates=False))
AFTERCARE = declare(Kind("case.aftercare", "Проверка постсопровождения", "Записать проверку", remind_days=(7,)))
ACTIVITY_REPORT = declare(
    Kind(
        "activity.report",
        "Отчитаться о мероприятии",
        "Отчитаться",
        deadline="activity_remind_working_days",
        escalates=False,
    )
)
ACTIVITY_RECORD = declare(
    Kind(
        "activity.record",
        "Записать результат мероприятия",
        "Записать результат",
        deadline="activity_remind_working_days",
    )
)  # of the service's own organisation: nobody else would report it
ACTIVITY_ACCEPT = declare(Kind("activity.accept", "Принять отчёт исполнителя", "Посмотреть отчёт"))
ACTIVITY_ANSWER = declare(
    Kind("activity.answer", "Принять или отклонить мероприятие", "Ответить", remind_working_days=(1,), escalates=False)
)
ACTIVITY_DECLINED = declare(Kind("activity.declined", "Исполнитель отклонил мероприятие", "Решить"))
CLARIFY_CURATOR = declare(Kind("activity.clarify", "Ответить на вопрос исполнителя", "Ответить"))
CLARIFY_EXECUTOR = declare(
    Kind("activity.clarify_executor", "Ответить на вопрос куратора", "Ответить", escalates=False)
)
WORD = declare(
    Kind(
        "word.say", "Слово исполнителя за квартал", "Написать", deadline="executor_report_remind_days", escalates=False
    )
)
WORD_ACCEPT = declare(Kind("word.accept", "Прочитать слово исполнителя за квартал", "Прочитать"))
CERTIFICATE = declare(Kind("case.certificate", "Перевыпустить семейный сертификат", "Перевыпустить"))
TRANSFER = declare(Kind("case.transfer", "Ответить на передачу случая", "Ответить"))
DISPATCH_GROUP = declare(Kind("dispatch.group", "Определить группу проблем", "Открыть обращение"))
DISPATCH_PICK = declare(Kind("dispatch.pick", "Подобрать услуги семье", "Открыть обращение"))
DISPATCH_SERVICE = declare(
    Kind("dispatch.service", "Оказать услугу по обращению", "Открыть обращение", remind_working_days=(1,))
)
DISPATCH_CLOSE = declare(Kind("dispatch.close", "Согласовать с семьёй, что дальше", "Открыть обращение"))
NEWBORN_BEGIN = declare(Kind("newborn.begin", "Встретиться с женщиной сегодня", "Заполнить анкету"))
NEWBORN_OUTCOME = declare(Kind("newborn.outcome", "Записать исход по женщине", "Открыть запись", remind_days=(7,)))
RENTAL_RETURN = declare(Kind("rental.return", "Вернуть вещь в пункт проката", "Принять обратно", remind_days=(3,)))

OF_ACTIVITIES = (
    ACTIVITY_REPORT.code, ACTIVITY_RECORD.code, ACTIVITY_ACCEPT.code, ACTIVITY_ANSWER.code, ACTIVITY_DECLINED.code,
)  # fmt: skip
OF_QUESTIONS = (CLARIFY_CURATOR.code, CLARIFY_EXECUTOR.code)
OF_AGENCIES = (ACTIVITY_REPORT.code, ACTIVITY_ANSWER.code, CLARIFY_EXECUTOR.code, WORD.code)  # done on pages of theirs
# Papers that run out: spoken of from their first reminder on.
ENDINGS = (CONTRACT_TERM.code, PROGRAMME_TERM.code, CONSENT_TERM.code)
OF_A_CASE = (
    ASSESSMENT,
    CONTRACT,
    CONTRACT_TERM,
    GUARDIANSHIP_COPY,
    PROGRAMME_TERM,
    CONSENT_TERM,
    CONTACT,
    REVIEW,
    LEVEL_TERM,
    CERTIFICATE,
    AFTERCARE,
)
OF_A_REQUEST = (DISPATCH_GROUP, DISPATCH_PICK, DISPATCH_SERVICE, DISPATCH_CLOSE)
