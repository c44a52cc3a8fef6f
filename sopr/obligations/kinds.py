"""Kinds of what falls due. The apps above declare theirs when they start; this app knows none of them by name."""

from dataclasses import dataclass
from datetime import date, timedelta

from sopr import profile
from sopr.calendar import add_working_days

_KINDS = {}


@dataclass(frozen=True)
class Kind:
    """What one sort of obligation is called and when people are reminded of it.

    ``title`` names it in lists («Визит по сигналу»), ``act`` is the button that does it («Записать визит»).
    ``remind_days`` and ``remind_working_days`` count back from the due date, in calendar and in working days.
    ``deadline`` names the profile's reminder instead («level_remind_days»): the region sets it.
    ``escalates``: once overdue, the head of service is told.
    """

    code: str
    title: str
    act: str
    remind_days: tuple[int, ...] = ()
    remind_working_days: tuple[int, ...] = ()
    deadline: str = ""
    escalates: bool = True

    def reminders(self, due_on: date) -> list[date]:
        """Return the days on which people are reminded of an obligation due on ``due_on``, in order."""
        calendar, working = self._counts()
        days = {due_on - timedelta(days=count) for count in calendar}
        days |= {add_working_days(due_on, -count) for count in working}
        return sorted(days)

    def _counts(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Days before the due date, calendar and working ones: this kind's own and the profile's."""
        if not self.deadline:
            return self.remind_days, self.remind_working_days
        counts = getattr(profile.current().deadlines, self.deadline)
        counts = counts if isinstance(counts, tuple) else (counts,)
        return ((), counts) if self.deadline.endswith("_working_days") else (counts, ())

    def remind_on(self, due_on: date) -> date:
        """Return the day from which the obligation is shown as near: the first reminder, or the due date itself."""
        return min([*self.reminders(due_on), due_on])


def declare(kind: Kind) -> Kind:
    """Make a kind known; raises ValueError when another kind has its code. Declaring the same again is harmless."""
    known = _KINDS.setdefault(kind.code, kind)
    if known != kind:
        raise ValueError(f"two kinds of obligation have the code «{kind.code}»")
    return kind


def kind_of(code: str) -> Kind:
    """Return the declared kind; raises LookupError for one that nobody declared."""
    try:
        return _KINDS[code]
    except KeyError:
        raise LookupError(f"no kind of obligation «{code}» is declared") from None


def choices() -> list[tuple[str, str]]:
    """Return code and title of every declared kind, by title, for filters."""
    return sorted(((kind.code, kind.title) for kind in _KINDS.values()), key=lambda pair: pair[1])


def silent_kinds() -> list[str]:
    """Return the codes of the kinds that are never escalated to the head."""
    return [kind.code for kind in _KINDS.values() if not kind.escalates]
