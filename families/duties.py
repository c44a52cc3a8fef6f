"""Kinds of what falls due about a signal (domain.md §4) and about a question between organisations (decisions.md)."""

from sopr.obligations.kinds import Kind, declare

VISIT = declare(Kind("referral.visit", "Посетить семью по сигналу", "Записать визит", deadline="visit_remind_days"))
ASSIGN_AT_ONCE = declare(Kind("referral.assign", "Назначить куратора по срочному сигналу", "Назначить куратора"))
MATCH_ANSWER = declare(Kind("match.answer", "Ответить на запрос сверки", "Ответить"))
MATCH_READ = declare(Kind("match.read", "Прочитать ответ на запрос сверки", "Прочитать", escalates=False))
SOCIAL_CONTRACT = declare(
    Kind(
        "family.social_contract", "Заканчивается социальный контракт", "Записать результат", deadline="term_remind_days"
    )
)
