"""Which cells of a consolidated report are not published: one rule for all of them.

A cell tells numbers: a count one, a share its numerator and denominator, a pair both. Numbers are tied by relations:
sub-rows and what they leave of their total, a quarter within the months since January, start + accepted − removed =
end. A number from 1 to `LEAST` − 1 of families or people is secret, and so is such a rest that no cell shows. Every
cell that tells a secret number is hidden; while a secret one could still be computed from what is shown, the smallest
number beside it becomes secret too. What a longer column has over the quarter stands in an earlier report: it is taken
to be shown there, but for what the same rule hid.
"""

import datetime
import re
from fractions import Fraction
from itertools import zip_longest

from reports.indicators import measures as m
from reports.indicators.rows import Average, Change, Counted, Declared, Pair, Percent

LEAST = 5  # families or people: fewer are hidden (domain.md §5, small cells) [choice]
OF_PEOPLE = ("семей", "человек", "детей", "%")
DAY = datetime.timedelta(days=1)
EARLIER = "earlier"


def hidden_cells(report) -> set[tuple[str, str]]:
    """(row, column) of every cell of a computed report that its published version hides."""
    numbers = Numbers(report)
    numbers.settle([each for each in numbers.relations if all(map(is_earlier, each))], is_earlier)
    numbers.settle(numbers.relations, lambda number: not is_earlier(number))
    return {key for key in numbers.hidden if key[0] != EARLIER}


class Numbers:
    """What the cells of a report tell, and how the numbers are tied.

    A number is known by (what, column): `what` a measure with its categories, so that two rows that show the same
    number hide it together; else the row and the place within its cell.
    """

    def __init__(self, report):
        self.snapshot, self.form = report.snapshot, report.definition
        self.columns = {c.code: c for c in self.form.columns(report.span) if c.shows == "fact"}
        self.fact_of = _facts(self.snapshot["columns"])
        self.values, self.people, self.stocks = {}, set(), set()
        self.relations = []
        self.tells = {}  # (row, column) of a cell: the numbers it tells
        self._read()
        self.secret = {each for each in self.people if 0 < self.values[each] < LEAST}
        self._tie_shares()
        self._tie_columns()
        self._tie_rows()
        self._tie_balance()

    @property
    def hidden(self) -> set:
        return {key for key, told in self.tells.items() if self.secret.intersection(told)}

    @property
    def known(self) -> set:
        hidden = self.hidden
        return {number for key, told in self.tells.items() if key not in hidden for number in told}

    def settle(self, relations, may_hide):
        """Hide until these relations give no secret away; `may_hide` says which numbers can be chosen for it."""
        while exposed := self.exposed(relations):
            if not self.cover(exposed, may_hide) and not self.give_up(exposed, may_hide):
                break  # nothing is shown beside them any more

    def exposed(self, relations) -> list:
        """Secret numbers that what is shown gives away, and one of each relation whose hidden ones add up to few."""
        known = self.known
        open_ones = [{n: sign for n, sign in each.items() if n not in known} for each in relations]
        found = sorted(determined(open_ones) & self.secret, key=str)
        for unknown in open_ones:
            # Whoever takes each hidden one for at least 1 has all of them when they add up to as many as they are.
            few = sum(self.values[each] for each in unknown) < max(LEAST, len(unknown) + 1)
            if few and len(set(unknown.values())) == 1 and self.secret.intersection(unknown):
                found.append(min(unknown, key=str))
        return found

    def cover(self, exposed, may_hide) -> bool:
        """Make secret the smallest shown number beside one of these, of what is hidden elsewhere first; False: none."""
        known = set(filter(may_hide, self.known))
        unknown = set(self.values) - self.known
        beside = known & self._tied(set(exposed)) or known & self._tied(unknown)
        already = {each[0] for each in self.secret if is_earlier(each) or may_hide(each)}
        if beside:
            self.secret.add(
                min(beside, key=lambda n: (not self.values[n], n[0] not in already, self.values[n], str(n)))
            )
        return bool(beside)

    def give_up(self, exposed, may_hide) -> bool:
        """Nothing can cover these: hide the rows that tell them whole, then the totals and sub-rows of those too."""
        about = set(exposed) | self._tied(set(exposed))
        rows = {row for (row, _column), told in self.tells.items() if about.intersection(told)}
        heads = {row.partition(".")[0] for row in rows}
        for chosen in (lambda row: row in rows, lambda row: row.partition(".")[0] in heads):
            found = {n for (row, _column), told in self.tells.items() if chosen(row) for n in told}
            fresh = found & set(filter(may_hide, self.known))
            self.secret |= fresh
            if fresh:
                return True
        return False

    def _tied(self, numbers) -> set:
        """The numbers of every relation that has one of these."""
        return {each for relation in self.relations if numbers.intersection(relation) for each in relation}

    def at(self, row, column) -> list:
        """The numbers of a count or a pair; none of another kind of cell."""
        return self.counts.get((row, column), [])

    def _read(self):
        units = {row["code"]: row["unit"] for row in self.snapshot["rows"]}
        shows = {column["code"]: column.get("shows", "fact") for column in self.snapshot["columns"]}
        cells = {(cell["row"], cell["column"]): cell for cell in self.snapshot["cells"]}
        self.counts = {}
        for (code, column), cell in cells.items():
            fact = cells.get((code, self.fact_of[column]), cell)
            told = {} if cell["kind"] == "none" or shows[column] == "plan" else self._told(fact)
            self.tells[code, column] = list(told)
            self.values |= told
            if any(word in units[code] for word in OF_PEOPLE) or isinstance(self._row(cell), Average):
                self.people |= set(told)
            if shows[column] == "fact" and (cell["kind"] == "pair" or _is_count(cell)):
                self.counts[code, column] = list(told)

    def _told(self, cell) -> dict:
        """The numbers that a cell with a fact tells: {(what, column): number}."""
        code, column = cell["row"], cell["column"]
        if cell["kind"] == "text":
            parts = re.findall(r": ([\d\u00a0]+)(?:;|$)", cell["value"])
            return {(f"{code}/{n}", column): int(part.replace("\u00a0", "")) for n, part in enumerate(parts)}
        numbers = cell["value"] if cell["kind"] == "pair" else [cell["value"]] if _is_count(cell) else []
        if cell["denominator"] is not None:
            numbers = [cell["numerator"], cell["denominator"]]
        told = {}
        for place, (number, counted) in enumerate(zip_longest(numbers, self._counted(cell)[: len(numbers)])):
            measure, categories = counted or (None, ())
            what = (measure.name, categories) if measure else f"{code}/{place}"
            told[what, column] = number
            if measure.stock if measure else getattr(self._row(cell), "stock", False):
                self.stocks.add(what)
        return {name: number for name, number in told.items() if number is not None}

    def _row(self, cell):
        row = next((row for row in self.form.rows if row.code == cell["row"]), None)
        if isinstance(row, Declared):
            return row.otherwise if cell["origin"] == "casework" else None
        return row

    def _counted(self, cell) -> list:
        """(measure, categories) of each number of a cell; a number without a measure of its own has none."""
        match row := self._row(cell):
            case Counted():
                return [(row.measure, row.categories)]
            case Pair():
                return [(row.measure, ()), (row.people, ())]
            case Percent():
                column = self.columns.get(cell["column"])
                base = row.cohort if row.cohort and column and column.cohort else row.denominator
                return [(row.numerator, ()), (base, ())]
            case Average():
                return [(row.total, ()), None if row.monthly else (row.number, ())]
            case Change():
                return [(row.measure, ()), None]
        return []

    def _tie(self, signs, earlier=""):
        """Numbers that add up to a rest: nothing, a few, or one that stands in the column `earlier` elsewhere."""
        rest = sum(sign * self.values[number] for number, sign in signs.items())
        if rest < 0 or len(signs) < 2:
            return  # counted in several parts at once: nothing exact follows
        few = 0 < rest < LEAST and self.people.issuperset(signs)
        if rest and (few or earlier):
            what = next(iter(signs))[0] if earlier else f"rest {len(self.values)}"
            number = what, earlier
            self.values[number] = rest
            if few:
                self.secret.add(number)
            if earlier:
                self._stands_earlier(number, next(iter(signs)))
            signs = signs | {number: -1}
        elif rest:
            return
        self.relations.append(signs)

    def _stands_earlier(self, number, longer):
        """A rest as a cell of an earlier report, in the rows in which the longer column has its number."""
        self.tells[EARLIER, number] = [number]
        for (row, column), told in list(self.counts.items()):
            if column == longer[1] and longer in told:
                kept = self.counts.setdefault((row, number[1]), [None] * len(told))
                kept[told.index(longer)] = number

    def _tie_shares(self):
        """Those who are not in the numerator are a number too."""
        for cell in self.snapshot["cells"]:
            if isinstance(self._row(cell), Percent) and cell["kind"] == "percent" and cell["column"] in self.columns:
                counted, base = self.tells[cell["row"], cell["column"]] if cell["denominator"] else (None, None)
                if base:
                    self._tie({base: 1, counted: -1})

    def _tie_rows(self):
        parts = {}
        for row in self.snapshot["rows"]:
            if row["level"]:
                parts.setdefault(row["code"].rpartition(".")[0], []).append(row["code"])
        for total, codes in (parts | self.snapshot.get("sums", {})).items():
            for column in dict.fromkeys(column for _row, column in self.counts):
                for place, whole in enumerate(self.at(total, column)):
                    own = [self.at(code, column)[place] for code in codes if len(self.at(code, column)) > place]
                    if whole:
                        self._tie({whole: 1} | {part: -1 for part in own if part not in (whole, None)})

    def _tie_columns(self):
        """What a longer column has over the shorter ones within it stands in the reports before this one."""
        by_what = {}
        for what, column in self.values:
            if column in self.columns:
                by_what.setdefault(what, []).append(self.columns[column])
        for what, columns in by_what.items():
            for outer in columns:
                if what in self.stocks:
                    for same in columns:
                        if same.day == outer.day and same.code > outer.code:
                            self._tie({(what, outer.code): 1, (what, same.code): -1})
                    continue
                inner = _within(outer, columns)
                self._tie(
                    {(what, outer.code): 1} | {(what, each.code): -1 for each in inner}, f"{EARLIER} {outer.code}"
                )

    def _tie_balance(self):
        """end − accepted + removed = start, which stands in this report or in the one before."""
        end, came, went = m.ON_SUPPORT.name, m.ACCEPTED.name, m.REMOVED.name
        for (what, code), _value in list(self.values.items()):
            column = self.columns.get(code)
            if not isinstance(what, tuple) or what[0] != end or column is None or not column.has_flows:
                continue
            signs = {(what, code): 1, ((came, what[1]), code): -1, ((went, what[1]), code): 1}
            starts = [(what, c.code) for c in self.columns.values() if c.day == column.since - DAY]
            start = [each for each in starts if each in self.values][:1]
            if all(number in self.values for number in signs):
                self._tie(signs | dict.fromkeys(start, -1), "" if start else f"{EARLIER} start {code}")


def is_earlier(number) -> bool:
    """Whether a number stands in a report before this one."""
    return number[1].startswith(EARLIER)


def determined(relations) -> set:
    """The unknowns that equations {unknown: coefficient} leave one value only: alone in a row of the reduced system."""
    solved = {}
    for relation in relations:
        row = {number: Fraction(sign) for number, sign in relation.items()}
        for number in [each for each in row if each in solved]:
            row = _less(row, row[number], solved[number])
        if not row:
            continue
        pivot = min(row, key=str)
        row = {number: sign / row[pivot] for number, sign in row.items()}
        for number, other in solved.items():
            if pivot in other:
                solved[number] = _less(other, other[pivot], row)
        solved[pivot] = row
    return {pivot for pivot, row in solved.items() if len(row) == 1}


def _less(row, times, other) -> dict:
    less = {number: row.get(number, 0) - times * other.get(number, 0) for number in row.keys() | other.keys()}
    return {number: sign for number, sign in less.items() if sign}


def _is_count(cell) -> bool:
    """A number by itself; an average is worked out of two."""
    return cell["kind"] == "number" and cell["denominator"] is None


def _facts(columns) -> dict:
    """{column: the column with the fact it compares to a plan, itself when it shows a fact or a plan}."""
    by_group = {column["group"]: column["code"] for column in columns if column.get("shows", "fact") == "fact"}
    compared = ("deviation", "percent")
    return {c["code"]: by_group[c["group"]] if c.get("shows") in compared else c["code"] for c in columns}


def _within(outer, columns) -> list:
    """The longest columns inside another, none of them about the same days."""
    taken = []
    for each in sorted(filter(lambda c: c.has_flows, columns), key=lambda c: c.since - c.until):
        shorter = outer.has_flows and outer.since <= each.since and each.until <= outer.until and each != outer
        if shorter and (each.until - each.since < outer.until - outer.since or each.code > outer.code):
            if all(each.since > other.until or each.until < other.since for other in taken):
                taken.append(each)
    return taken
