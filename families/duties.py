"""Kinds of what falls due about a signal (domain.md §4)."""

from sopr.obligations.kinds import Kind, declare

VISIT = declare(Kind("referral.visit", "Посетить семью по сигналу", "Записать визит", deadline="visit_remind_days"))
