"""The rule that proposes a level: each line of the table, its order, its thresholds from the profile."""

import dataclasses

import pytest

from cases import levels_rule
from cases.words import Domain
from sopr import profile

NONE = dict.fromkeys(Domain.values, 0)


@pytest.mark.parametrize(
    ("scores", "level", "words"),
    [
        ({"housing": 4}, "emergency", "оценка 4 хотя бы в одной сфере (жильё и быт – 4)"),
        ({"safety": 3}, "emergency", "безопасность детей – оценка 3 и выше (безопасность детей – 3)"),
        ({"safety": 3, "law": 4}, "emergency", "оценка 4 хотя бы в одной сфере (документы и права – 4)"),
        ({"income": 3, "law": 1}, "crisis", "оценка 3 и выше хотя бы в одной сфере (доход и занятость – 3)"),
        ({"income": 2, "law": 2, "housing": 2}, "basic", "трудности есть, но тяжёлых нет"),
        ({"safety": 2}, "basic", "трудности есть, но тяжёлых нет"),
        ({}, "basic", "трудностей не осталось: обсудите снятие с сопровождения"),
    ],
)
def test_the_first_line_that_fires_proposes(scores, level, words):
    proposal = levels_rule.propose(NONE | scores)
    assert (proposal.level, proposal.reason) == (level, words)


def test_many_lesser_troubles_at_once_are_a_crisis():
    proposal = levels_rule.propose(NONE | {"income": 2, "law": 2, "housing": 2, "relations": 2})
    assert proposal.level == "crisis"
    assert proposal.reason.startswith("оценка 2 и выше сразу в нескольких сферах (от 4) (жильё и быт – 2, доход")


def test_a_newly_placed_child_enters_unless_something_is_grave():
    assert levels_rule.propose(NONE | {"relations": 2}, newly_placed=True).level == "adaptation"
    assert levels_rule.propose(NONE | {"relations": 3}, newly_placed=True).level == "crisis"


def test_a_domain_without_a_score_says_nothing():
    assert levels_rule.propose(dict.fromkeys(Domain.values)).level == "basic"


def test_thresholds_are_the_profiles(monkeypatch):
    milder = dataclasses.replace(
        profile.current(), level_rule=profile.LevelRule(emergency_at=4, safety_emergency_at=4, crisis_at=4)
    )
    monkeypatch.setattr(profile, "current", lambda: milder)
    assert levels_rule.propose(NONE | {"safety": 3}).level == "basic"
    assert ("emergency", "безопасность детей – оценка 4") in levels_rule.explain()
