"""What a snapshot keeps besides its cells, for files and pictures: which rows add up."""

from reports.indicators.rows import Counted
from reports.indicators.sources import CATEGORIES


def of(form, main, organisation=None) -> dict:
    """Keys of the snapshot: `sums` {row: [the sub-rows that add up to it]}."""
    return {"sums": sums_of(form)}


def sums_of(form) -> dict[str, list[str]]:
    """Totals whose sub-rows share out every category once: only these are sums, «of them» is not."""
    found = {}
    for row in form.rows:
        parts = [part for part in form.rows if part.code.startswith(f"{row.code}.")]
        if not isinstance(row, Counted) or not parts or not all(_is_part(part, row) for part in parts):
            continue
        shared = [category for part in parts for category in part.categories]
        if sorted(shared) == sorted(CATEGORIES):
            found[row.code] = [part.code for part in parts]
    return found


def _is_part(part, row) -> bool:
    return isinstance(part, Counted) and part.measure == row.measure and not row.categories
