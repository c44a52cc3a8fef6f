"""How far apart two words are, counted in slips of the pen: the same count on both databases.

A search compares thousands of rows that bear the same few hundred words, so the answers are remembered.
"""

from functools import lru_cache

REMEMBERED = 20_000  # pairs of words


def slips_allowed(word: str) -> int:
    """How many slips a word of this length may have and still be taken for another one."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else 2


@lru_cache(REMEMBERED)
def slips(one: str, other: str) -> int:
    """Slips that make `one` into `other`: a wrong, missing or spare letter, two neighbours swapped."""
    return _rows(one, other)[-1]


@lru_cache(REMEMBERED)
def slips_to_begin(beginning: str, word: str) -> int:
    """Slips that make `beginning` into some beginning of `word`: for what is still being typed."""
    return min(_rows(beginning, word))


def _rows(one, other):
    """The last row of the table of distances: from all of `one` to every beginning of `other`."""
    before, row = [], list(range(len(other) + 1))
    for i, sign in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (sign != against))
            if i > 1 and j > 1 and sign == other[j - 2] and one[i - 2] == against:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row
