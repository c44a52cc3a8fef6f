"""JSON, for checks and for exchange: the shape of exchange.md; a stored report says beside it which one it is."""

import json

CELL_KEYS = ("row", "column", "kind", "value", "numerator", "denominator")


def render(snapshot: dict, passport: str = "") -> bytes:
    """The snapshot's figures as UTF-8 JSON; `passport` is the line of the report they belong to."""
    content = {key: snapshot[key] for key in ("form", "period", "scope", "profile", "computed_at")}
    if passport:
        content["report"] = passport
    content["cells"] = [{key: cell[key] for key in CELL_KEYS} for cell in snapshot["cells"]]
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
