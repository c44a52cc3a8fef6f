"""What the dictionaries of casework hold when a region begins: data beside this file, loaded once, the region's after.

A row is known by its code or its title. Loading adds the rows that are not there yet and touches no other, so what a
region has reworded or retired stays as it is. Migrations load with their own (historical) models; `sync_dictionaries`
loads what a later version of the product brings.
"""

import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent


def load_factors(model) -> int:
    """Add the missing factors of assessments to `model`; returns how many were added."""
    rows = [
        {"code": f"{kind}-{code}", "kind": kind, "title": title}
        for kind, titles in _read("factors").items()
        for code, title in titles.items()
    ]
    return _add(model, rows, same=("kind", "title"))


def load_plan_templates(model) -> int:
    """Add the missing templates of activities to `model`; returns how many were added."""
    rows = []
    for goal in _read("plan_templates")["goals"]:
        shared = {name: goal[name] for name in ("domain", "problem", "goal", "criterion")}
        for activity in goal["activities"]:
            row = {"within_days": activity["within"], "agency_kind": activity["agency"]}
            rows.append(shared | row | {key: activity[key] for key in activity if key not in ("within", "agency")})
    return _add(model, rows)


def load_problem_groups(model) -> int:
    """Add the missing groups of problems to `model`, known by their titles; returns how many were added."""
    there = set(model.objects.values_list("title", flat=True))
    new = {title: usual for title, usual in _read("problem_groups").items() if title not in there}
    model.objects.bulk_create(model(title=title, usual_services="\n".join(usual)) for title, usual in new.items())
    return len(new)


def _read(name) -> dict:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _add(model, rows, same=()) -> int:
    """`same` names the columns by which a row of the region's own is known to say the same already."""
    codes = set(model.objects.exclude(code=None).values_list("code", flat=True))
    said = set(model.objects.values_list(*same)) if same else set()
    new = [row for row in rows if row["code"] not in codes and tuple(row[name] for name in same) not in said]
    model.objects.bulk_create(model(**row) for row in new)
    return len(new)
