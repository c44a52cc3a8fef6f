"""Which level of support the scores of an assessment speak for: one table, its thresholds in the profile. [choice]

The sources name the levels and their terms (model programme of the Irkutsk region, section 5) but no scores. The rule
only proposes: the curator decides what he brings to the council, and says why when he departs from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cases.words import Domain, Level
from sopr import profile

Scores = Mapping[str, int | None]


@dataclass(frozen=True)
class Proposal:
    """The proposed level and, in Russian, which line of the table proposed it and by what scores."""

    level: str
    reason: str


@dataclass(frozen=True)
class _Line:
    """A line of the table: the level, the condition in words, and what fires it (codes of domains)."""

    level: str
    condition: Callable
    fired_by: Callable


def _at(scores: Scores, threshold: int) -> list[str]:
    return [code for code in Domain.values if (scores.get(code) or 0) >= threshold]


def _many(scores: Scores, rule) -> list[str]:
    found = _at(scores, rule.crisis_domains_at)
    return found if len(found) >= rule.crisis_domains else []


# The first line that fires proposes; when none does, see `propose`.
TABLE = (
    _Line(
        Level.EMERGENCY,
        lambda rule: f"оценка {_from(rule.emergency_at)} хотя бы в одной сфере",
        lambda scores, rule: _at(scores, rule.emergency_at),
    ),
    _Line(
        Level.EMERGENCY,
        lambda rule: f"безопасность детей – оценка {_from(rule.safety_emergency_at)}",
        lambda scores, rule: [code for code in _at(scores, rule.safety_emergency_at) if code == Domain.SAFETY],
    ),
    _Line(
        Level.CRISIS,
        lambda rule: f"оценка {_from(rule.crisis_at)} хотя бы в одной сфере",
        lambda scores, rule: _at(scores, rule.crisis_at),
    ),
    _Line(
        Level.CRISIS,
        lambda rule: f"оценка {_from(rule.crisis_domains_at)} сразу в нескольких сферах (от {rule.crisis_domains})",
        _many,
    ),
)
NEWLY_PLACED = "ребёнок недавно принят в семью, тяжёлых трудностей нет"
OTHERWISE = "трудности есть, но тяжёлых нет"
NO_TROUBLE = "трудностей не осталось: обсудите снятие с сопровождения"


def propose(scores: Scores, *, newly_placed: bool = False) -> Proposal:
    """The level for `scores` {domain: 0 to 4}; `newly_placed`: a child has just come into the (substitute) family."""
    rule = profile.current().level_rule
    for line in TABLE:
        if codes := line.fired_by(scores, rule):
            found = ", ".join(f"{Domain(code).label} – {scores[code]}" for code in codes)
            return Proposal(line.level, f"{line.condition(rule)} ({found})")
    if newly_placed:
        return Proposal(Level.ADAPTATION, NEWLY_PLACED)
    return Proposal(Level.BASIC, OTHERWISE if any(scores.values()) else NO_TROUBLE)


def explain() -> list[tuple[str, str]]:
    """(level's code, condition in words) of every line, in the order in which they are asked."""
    rule = profile.current().level_rule
    lines = [(line.level, line.condition(rule)) for line in TABLE]
    return [*lines, (Level.ADAPTATION, NEWLY_PLACED), (Level.BASIC, "в остальных случаях")]


def _from(threshold: int) -> str:
    return str(threshold) if threshold == 4 else f"{threshold} и выше"
