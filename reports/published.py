"""The version of a consolidated report that may be published: numbers small enough to name a family are not shown."""

LEAST = 5  # families or people: fewer are hidden (domain.md §5, small cells) [choice]
HIDDEN = "менее 5"
OF_PEOPLE = ("семей", "человек", "%")


def hidden_cells(snapshot) -> set[tuple[str, str]]:
    """(row, column) of every cell to hide: the small ones, and beside a single hidden part one more.

    Otherwise the hidden part could be had by taking the others from the total.
    """
    counted = {row["code"] for row in snapshot["rows"] if any(word in row["unit"] for word in OF_PEOPLE)}
    of_people = [cell for cell in snapshot["cells"] if cell["row"] in counted and cell["origin"] != "plan"]
    cells = {(cell["row"], cell["column"]): cell for cell in of_people}
    hidden = {key for key, cell in cells.items() if 0 < _least(cell) < LEAST}
    for parts in _parts(snapshot["rows"]):
        for column in snapshot["columns"]:
            own = [(code, column["code"]) for code in parts if (code, column["code"]) in cells]
            shown = [key for key in own if key not in hidden and _least(cells[key]) > 0]
            if len(own) - len([key for key in own if key not in hidden]) == 1 and shown:
                hidden.add(min(shown, key=lambda key: _least(cells[key])))
    return hidden


def _least(cell) -> int:
    """The smallest number the cell tells; 0 when it tells none."""
    if cell["kind"] == "percent":
        left_over = (cell["denominator"] or 0) - (cell["numerator"] or 0)
        numbers = [cell["numerator"], left_over]
    elif cell["kind"] == "pair":
        numbers = cell["value"]
    else:
        numbers = [cell["value"]] if cell["kind"] == "number" else []
    return min((number for number in numbers if number), default=0)


def _parts(rows) -> list[list[str]]:
    """The codes of the sub-rows of each row that has any."""
    parts = {}
    for row in rows:
        if row["level"]:
            parts.setdefault(row["code"].rpartition(".")[0], []).append(row["code"])
    return list(parts.values())
