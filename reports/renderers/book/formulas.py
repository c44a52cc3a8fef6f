"""Formulas of the official table, each written only where its value is ours to the last digit.

Totals are sums of their sub-rows; shares, pairs and plan columns are worked out of numbers kept beside the table.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from xlsxwriter.utility import xl_rowcol_to_cell

from reports.renderers.book.base import pair_text

MOST_DECIMALS = 3
MODES = {"ROUND": ROUND_HALF_UP, "TRUNC": ROUND_DOWN}


@dataclass(frozen=True)
class Rounding:
    """How the report's shares were rounded."""

    function: str
    decimals: int

    def value(self, numerator, denominator):
        exact = Decimal(numerator) * 100 / Decimal(denominator)
        return exact.quantize(Decimal(1).scaleb(-self.decimals), rounding=MODES[self.function])

    def formula(self, numerator: str, denominator: str) -> str:
        """Scaled to whole numbers first, so that binary fractions cannot tip the rounding."""
        scale = 10**self.decimals
        whole = f"{self.function}({100 * scale}*{numerator}/{denominator},0)"
        return f"={whole}/{scale}" if self.decimals else f"={whole}"


ROUNDINGS = [Rounding(function, decimals) for decimals in range(MOST_DECIMALS) for function in MODES]


class Formulas:
    """What stands where on a sheet, and the formula of each cell that has one."""

    def __init__(self, snapshot, *, first_row, first_column):
        self.snapshot, self.first_column = snapshot, first_column
        self.rows = {row["code"]: first_row + index for index, row in enumerate(snapshot["rows"])}
        self.columns = {column["code"]: first_column + index for index, column in enumerate(snapshot["columns"])}
        self.cells = {(cell["row"], cell["column"]): cell for cell in snapshot["cells"]}
        self.sums = snapshot.get("sums", {})
        self.roundings = self._roundings()
        # Two columns beside the table, after one left free, for each column that has a share or a pair.
        beside = [code for code in self.columns if any(self.parts(self.cells[row, code]) for row in self.rows)]
        start = first_column + len(self.columns) + 1
        self.beside = {code: start + 2 * index for index, code in enumerate(beside)}

    @staticmethod
    def parts(cell) -> tuple | None:
        """The two numbers a cell is made of: numerator and denominator, families and persons."""
        if cell["kind"] == "pair" and None not in cell["value"]:
            return tuple(cell["value"])
        if cell["kind"] == "percent" and cell["denominator"]:
            return cell["numerator"], cell["denominator"]
        return None

    def of(self, cell) -> str:
        """The formula of a cell, empty when its value stands by itself."""
        if cell["row"] in self.sums and cell["kind"] == "number":
            return self._sum(cell)
        if self.parts(cell) is None:
            return ""
        row, column = self.rows[cell["row"]], self.beside[cell["column"]]
        first, second = xl_rowcol_to_cell(row, column), xl_rowcol_to_cell(row, column + 1)
        if cell["kind"] == "pair":
            return f'={first}&"/"&{second}'
        rounding = next((each for each in self.roundings if self._holds(each, cell)), None)
        return rounding.formula(first, second) if rounding else ""

    @staticmethod
    def value(cell):
        """What the formula gives."""
        return pair_text(cell["value"]) if cell["kind"] == "pair" else cell["value"]

    def _sum(self, cell) -> str:
        parts = [self.cells[code, cell["column"]] for code in self.sums[cell["row"]]]
        if any(part["kind"] != "number" for part in parts) or sum(p["value"] for p in parts) != cell["value"]:
            return ""
        places = [self.rows[part["row"]] for part in parts]
        column = self.columns[cell["column"]]
        ends = (xl_rowcol_to_cell(row, column) for row in (places[0], places[-1]))
        return f"=SUM({':'.join(ends)})"

    @staticmethod
    def _holds(rounding, cell) -> bool:
        return rounding.value(cell["numerator"], cell["denominator"]) == Decimal(str(cell["value"]))

    def _roundings(self) -> list[Rounding]:
        """The way of rounding that gives every share of the report comes first: a form rounds in one way."""
        shares = [cell for cell in self.cells.values() if cell["kind"] == "percent" and cell["denominator"]]
        return sorted(ROUNDINGS, key=lambda each: -sum(self._holds(each, cell) for cell in shares))
