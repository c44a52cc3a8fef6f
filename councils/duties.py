"""Kinds of what falls due from councils (domain.md §4)."""

from sopr.obligations.kinds import Kind, declare

ASSIGNMENT = declare(
    Kind("council.assignment", "Исполнить поручение совета", "Отчитаться", deadline="assignment_remind_working_days")
)
BALLOT = declare(Kind("council.ballot", "Проголосовать заочно", "Проголосовать", remind_working_days=(1,)))
