"""The shape of a domain's texts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A thing to do: kind of help, title, kind of the agency that does it, what came of it (variants)."""

    kind: str
    title: str
    agency: str
    results: tuple[str, ...]


@dataclass(frozen=True)
class GoalText:
    problem: str
    goal: str
    criterion: str
    wording: str  # the same in the family's own words
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class DomainTexts:
    signals: tuple[str, ...]
    evidence: tuple[str, ...]  # of a grave trouble, of a lesser one, of none
    goals: tuple[GoalText, ...]
    notes: tuple[str, ...]
    reason: str
    task: str  # what a council may charge an agency with
