"""JSON, for checks and for exchange: exactly the shape of exchange.md."""

import json

CELL_KEYS = ("row", "column", "kind", "value", "numerator", "denominator")


def render(snapshot: dict) -> bytes:
    """The snapshot's figures as UTF-8 JSON."""
    content = {key: snapshot[key] for key in ("form", "period", "scope", "profile", "computed_at")}
    content["cells"] = [{key: cell[key] for key in CELL_KEYS} for cell in snapshot["cells"]]
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
