"""Whose decision a paper of a case cites: «координационного совета», «КДНиЗП». The app of councils above tells."""

from sopr import profile

_tellers = []  # function(id of a decision) → profile.CouncilKind or None


def add_teller(teller) -> None:
    """Declare who knows which kind of council made a decision."""
    if teller not in _tellers:
        _tellers.append(teller)


def council_gen(decision: int | None) -> str:
    """The council that made `decision`, in the genitive within a sentence; councils in general when nobody knows."""
    for tell in _tellers if decision else ():
        kind = tell(decision)
        if kind is not None:
            return kind.said_genitive
    return profile.current().council_title.said_genitive
