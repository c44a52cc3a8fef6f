"""Kinds of what falls due from councils (domain.md §4)."""

from sopr.obligations.kinds import Kind, declare

ASSIGNMENT = declare(
    Kind("council.assignment", "Исполнить поручение совета", "Отчитаться", deadline="assignment_remind_working_days")
)
BALLOT = declare(Kind("council.ballot", "Проголосовать заочно", "Проголосовать", remind_working_days=(1,)))
ASSIGNMENT_ACCEPT = declare(
    Kind("council.assignment_accept", "Принять отчёт о поручении", "Посмотреть отчёт", escalates=False)
)
CHAIR_SIGNATURE = declare(
    Kind("council.chair_signature", "Подпись председателя под протоколом", "Открыть протокол", escalates=False)
)
REFUSAL_NOTICE = declare(
    Kind("council.refusal_notice", "Вручить уведомление об отказе", "Записать вручение", remind_working_days=(1,))
)
OPINION = declare(Kind("council.opinion", "Дать отзыв к заседанию совета", "Ответить", remind_working_days=(3,)))
# On the 15th when no meeting was held, on the 20th when fewer than the norm: opened on that day, shown at once.
NORM = declare(Kind("council.norm", "Провести заседание по норме месяца", "Назначить", remind_days=(31,)))
