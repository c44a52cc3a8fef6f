"""Where figures come from: one SELECT per table of casework, the same on PostgreSQL and SQLite.

A source yields rows with `organisation_id` (whose figure it is; empty = the region's only), `subject` (what is counted
once), `id` (the row a list shows) and what its measures ask about. `picks` are numbers that grow with preference:
of several rows of one subject the one with the greatest is taken, and it can be read back from the number (`unpack`).

In the text of a source {binary} stands for the collation that compares numbers by code points, {eve:x} for the day
before x, {ymd:x} for the day x as a number (20211231) and {days:x|y} for the days from y to x.
"""

from reports.indicators.sources.base import (
    CATEGORIES,
    CATEGORY_ROOM,
    CUT_ROOM,
    CUTS,
    LEVELS,
    Source,
    decode,
    unpack,
)

__all__ = ["CATEGORIES", "CATEGORY_ROOM", "CUTS", "CUT_ROOM", "LEVELS", "Source", "decode", "unpack"]
