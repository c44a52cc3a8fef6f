"""Formulas of the official table, each written only where its value is ours to the last digit.

Totals are sums of their sub-rows; shares, changes, averages and pairs are worked out of the two numbers kept beside
the table; deviation and percent of the plan out of the plan and the fact.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from xlsxwriter.utility import xl_rowcol_to_cell

from reports.renderers.book.base import pair_text

MODES = {"ROUND": ROUND_HALF_UP, "TRUNC": ROUND_DOWN}
DECIMALS = (0, 1, 2)
# How two numbers make a cell: their formula and the same in figures.
SHARE = ("100*{0}/{1}", lambda first, second: first * 100 / second)
CHANGE = ("100*({0}-{1})/{1}", lambda first, second: (first - second) * 100 / second)
AVERAGE = ("{0}/{1}", lambda first, second: first / second)


@dataclass(frozen=True)
class Rounding:
    """How a report rounds."""

    function: str
    decimals: int

    def value(self, way, first, second) -> Decimal:
        exact = way[1](Decimal(str(first)), Decimal(str(second)))
        return exact.quantize(Decimal(1).scaleb(-self.decimals), rounding=MODES[self.function])

    def formula(self, way, first: str, second: str) -> str:
        """Multiplied to whole numbers first, so that binary fractions cannot tip the rounding."""
        scale = 10**self.decimals
        exact = way[0].format(first, second)
        return f"={self.function}({scale}*{exact},0)/{scale}" if self.decimals else f"={self.function}({exact},0)"


ROUNDINGS = [Rounding(function, decimals) for decimals in DECIMALS for function in MODES]


def places(rows, first: int) -> tuple[dict[str, int], dict[int, str]]:
    """Where rows stand on a sheet from its row `first` on: {code: row} and {row: heading} of their groups."""
    found, heads, at, group = {}, {}, first, ""
    for row in rows:
        if row.get("group") and row["group"] != group:
            group = row["group"]
            heads[at] = group
            at += 1
        found[row["code"]] = at
        at += 1
    return found, heads


class Formulas:
    """What stands where on a sheet, and the formula of each cell that has one."""

    def __init__(self, snapshot, *, first_row, first_column):
        self.rows, self.heads = places(snapshot["rows"], first_row)
        self.columns = {column["code"]: first_column + index for index, column in enumerate(snapshot["columns"])}
        self.cells = {(cell["row"], cell["column"]): cell for cell in snapshot["cells"]}
        self.sums = snapshot.get("sums", {})
        self.shows = {column["code"]: column.get("shows", "fact") for column in snapshot["columns"]}
        self.beside_of = {  # the plan and the fact of each column that compares them
            column["code"]: _by_role(snapshot["columns"], column["group"])
            for column in snapshot["columns"]
            if self.shows[column["code"]] in ("deviation", "percent")
        }
        self.roundings = self._roundings()
        # Two columns beside the table, after one left free, for each column that is worked out of two numbers.
        beside = [code for code in self.columns if any(self.parts(self.cells[row, code]) for row in self.rows)]
        start = first_column + len(self.columns) + 1
        self.beside = {code: start + 2 * index for index, code in enumerate(beside)}

    @staticmethod
    def parts(cell) -> tuple | None:
        """The two numbers a cell is made of: numerator and denominator, families and people."""
        if cell["kind"] == "pair" and None not in cell["value"]:
            return tuple(cell["value"])
        if cell["kind"] in ("percent", "number") and cell["denominator"]:
            return cell["numerator"], cell["denominator"]
        return None

    def of(self, cell) -> str:
        """The formula of a cell, empty when its value stands by itself."""
        if cell["kind"] == "number" and cell["row"] in self.sums and self.shows[cell["column"]] == "fact":
            return self._sum(cell)
        if cell["column"] in self.beside_of:
            return self._against_plan(cell)
        parts = self.parts(cell)
        if parts is None:
            return ""
        row, column = self.rows[cell["row"]], self.beside[cell["column"]]
        first, second = xl_rowcol_to_cell(row, column), xl_rowcol_to_cell(row, column + 1)
        if cell["kind"] == "pair":
            return f'={first}&"/"&{second}'
        ways = (SHARE, CHANGE) if cell["kind"] == "percent" else (AVERAGE,)
        return self._worked_out(cell, ways, parts, (first, second))

    @staticmethod
    def value(cell):
        """What the formula gives."""
        return pair_text(cell["value"]) if cell["kind"] == "pair" else cell["value"]

    def _worked_out(self, cell, ways, parts, names) -> str:
        for rounding in self.roundings:
            for way in ways:
                if rounding.value(way, *parts) == Decimal(str(cell["value"])):
                    return rounding.formula(way, *names)
        return ""

    def _sum(self, cell) -> str:
        parts = [self.cells[code, cell["column"]] for code in self.sums[cell["row"]]]
        if any(part["kind"] != "number" for part in parts) or sum(p["value"] for p in parts) != cell["value"]:
            return ""
        places = [self.rows[part["row"]] for part in parts]
        column = self.columns[cell["column"]]
        ends = (xl_rowcol_to_cell(row, column) for row in (places[0], places[-1]))
        return f"=SUM({':'.join(ends)})"

    def _against_plan(self, cell) -> str:
        codes = self.beside_of[cell["column"]]
        plan, fact = (self.cells.get((cell["row"], codes.get(shows))) for shows in ("plan", "fact"))
        if cell["kind"] == "none" or not plan or not fact or not _are_numbers(plan, fact):
            return ""
        row = self.rows[cell["row"]]
        of_plan, of_fact = (xl_rowcol_to_cell(row, self.columns[each["column"]]) for each in (plan, fact))
        if self.shows[cell["column"]] == "percent":
            return self._worked_out(cell, (SHARE,), (fact["value"], plan["value"]), (of_fact, of_plan))
        exact = Decimal(str(fact["value"])) - Decimal(str(plan["value"]))
        return f"=ROUND({of_fact}-{of_plan},3)" if exact == Decimal(str(cell["value"])) else ""

    def _roundings(self) -> list[Rounding]:
        """The way of rounding that gives the most shares of the report comes first: a form rounds in one way."""
        shares = [cell for cell in self.cells.values() if cell["kind"] == "percent" and cell["denominator"]]

        def gives(rounding):
            return sum(
                rounding.value(SHARE, cell["numerator"], cell["denominator"]) == Decimal(str(cell["value"]))
                for cell in shares
            )

        return sorted(ROUNDINGS, key=lambda each: -gives(each))


def _by_role(columns, group) -> dict:
    """{plan, fact …: code} of the columns of one group."""
    return {column.get("shows"): column["code"] for column in columns if column["group"] == group}


def _are_numbers(*cells) -> bool:
    return all(cell["kind"] in ("number", "percent") for cell in cells)
