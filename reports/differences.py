"""What changed between two snapshots of one report, cell by cell."""


def differences(old: dict, new: dict) -> list[dict]:
    """Cells that differ: {row, column, was, now}, in the order of the newer one, then those that are gone.

    A share that reads the same but rests on other numbers differs too; then these are shown with it.
    """
    before = {(cell["row"], cell["column"]): cell for cell in old["cells"]}
    after = {(cell["row"], cell["column"]): cell for cell in new["cells"]}
    changed = []
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key), after.get(key)
        if was is None or now is None or _says(was) != _says(now):
            exact = was is not None and now is not None and was["text"] == now["text"]
            changed.append({"row": key[0], "column": key[1], "was": _text(was, exact), "now": _text(now, exact)})
    return changed


def _says(cell) -> tuple:
    return cell["text"], cell["numerator"], cell["denominator"]


def _text(cell, exact) -> str:
    if cell is None:
        return ""
    return f"{cell['text']} ({cell['numerator']} из {cell['denominator']})" if exact else cell["text"]
