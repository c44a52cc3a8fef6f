"""What changed between two snapshots of one report, cell by cell; also where a number stayed and its list did not."""


def differences(old: dict, new: dict, before: dict, after: dict, categories) -> list[dict]:
    """Cells that differ: {row, column, was, now}, in the order of the newer one, then those that are gone.

    `before` and `after` are the ids behind the snapshots (`ReportList.ids`), `categories(row code)` those a row counts
    alone. A share that reads the same but rests on other numbers differs too; then these are shown with it. So does a
    number of others than before: then how many came and went.
    """
    cells_before = {(cell["row"], cell["column"]): cell for cell in old["cells"]}
    cells_after = {(cell["row"], cell["column"]): cell for cell in new["cells"]}
    changed = []
    for key in [*cells_after, *(key for key in cells_before if key not in cells_after)]:
        was, now = cells_before.get(key), cells_after.get(key)
        if was is None or now is None or _says(was) != _says(now):
            exact = was is not None and now is not None and was["text"] == now["text"]
            changed.append({"row": key[0], "column": key[1], "was": _text(was, exact), "now": _text(now, exact)})
            continue
        chosen = categories(key[0])
        moved = _moved(_listed(was, before, chosen), _listed(now, after, chosen))
        if moved:
            changed.append({"row": key[0], "column": key[1], "was": was["text"], "now": f"{now['text']} ({moved})"})
    return changed


def _listed(cell, ids, categories) -> set:
    by_category = ids.get(f"{cell['measure']}/{cell['column']}", {})
    return {pk for category, found in by_category.items() if not categories or category in categories for pk in found}


def _moved(was, now) -> str:
    """«в списке: +1 −2»."""
    signs = [f"{sign}{number}" for sign, number in (("+", len(now - was)), ("−", len(was - now))) if number]
    return f"в списке: {' '.join(signs)}" if signs else ""


def _says(cell) -> tuple:
    return cell["text"], cell["numerator"], cell["denominator"]


def _text(cell, exact) -> str:
    if cell is None:
        return ""
    return f"{cell['text']} ({cell['numerator']} из {cell['denominator']})" if exact else cell["text"]
