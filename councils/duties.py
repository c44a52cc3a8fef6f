"""Kinds of what falls due from councils (domain.md §4)."""

from sopr.obligations.kinds import Kind, declare

ASSIGNMENT = declare(
    Kind("council.assignment", "Исполнить поручение совета", "Отчитаться", deadline="assignment_remind_working_days")
)
OPINION = declare(Kind("council.opinion", "Дать отзыв к заседанию совета", "Ответить", remind_working_days=(3,)))
# On the 15th when no meeting was held, on the 20th when fewer than the norm: opened on that day, shown at once.
NORM = declare(Kind("council.norm", "Провести заседание по норме месяца", "Назначить", remind_days=(31,)))
