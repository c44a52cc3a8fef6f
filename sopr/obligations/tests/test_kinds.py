"""Kinds are declared once, and know when to remind."""

from dataclasses import replace
from datetime import date

import pytest

from sopr import profile
from sopr.obligations.kinds import Kind, choices, declare, kind_of
from sopr.obligations.tests.conftest import REVIEW, VISIT


def test_a_code_belongs_to_one_kind():
    declare(Kind("test-visit", "Визит по сигналу", "Записать визит", remind_days=(1,)))
    with pytest.raises(ValueError, match="test-visit"):
        declare(Kind("test-visit", "Другое", "Сделать"))
    assert kind_of("test-visit") == VISIT


def test_an_undeclared_kind_is_a_mistake_of_the_caller():
    with pytest.raises(LookupError, match="nothing-such"):
        kind_of("nothing-such")


def test_kinds_are_offered_by_their_titles():
    assert [title for _code, title in choices()] == [
        "Визит по сигналу",
        "Промежуточный мониторинг",
        "Слово исполнителя",
    ]


def test_reminders_count_back_in_calendar_or_working_days():
    assert VISIT.reminders(date(2026, 11, 25)) == [date(2026, 11, 24)]
    assert REVIEW.reminders(date(2026, 5, 12)) == [date(2026, 5, 6)]
    term = Kind("term", "Срок уровня", "Предложить вопрос", remind_days=(14, 30))
    assert term.reminders(date(2026, 12, 31)) == [date(2026, 12, 1), date(2026, 12, 17)]
    assert term.remind_on(date(2026, 12, 31)) == date(2026, 12, 1)
    assert Kind("bare", "Без напоминаний", "Сделать").remind_on(date(2026, 12, 31)) == date(2026, 12, 31)


def test_the_region_s_profile_says_when_to_remind(monkeypatch):
    level = Kind("level", "Срок уровня", "Вынести на совет", deadline="level_remind_days")
    review = Kind("review", "Мониторинг", "Провести", deadline="review_remind_working_days")
    assert level.reminders(date(2026, 12, 31)) == [date(2026, 12, 1), date(2026, 12, 17)]
    assert review.remind_on(date(2026, 5, 12)) == date(2026, 5, 6)
    deadlines = replace(profile.current().deadlines, level_remind_days=(5,), review_remind_working_days=1)
    changed = replace(profile.current(), deadlines=deadlines)
    monkeypatch.setattr(profile, "current", lambda: changed)
    assert level.reminders(date(2026, 12, 31)) == [date(2026, 12, 26)]
    assert review.remind_on(date(2026, 5, 12)) == date(2026, 5, 8)
