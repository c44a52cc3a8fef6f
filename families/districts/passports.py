"""What a district's passport says: counted and frozen here, and laid out the same way for page, paper and Excel."""

import datetime
from dataclasses import dataclass, field

from families.districts import figures
from sopr import profile


def describe(district, on: datetime.date, values: dict[str, int], previous=None) -> dict:
    """Everything shown about `district` at the day `on`, as plain data; `previous` is the passport before it."""
    walk = district.walks.valid_on(on).select_related("organisation", "specialist").first()
    return {
        "on": on.isoformat(),
        "district": district.name,
        "municipality": district.municipality.name,
        "boundaries": district.boundaries,
        "organisation": str(walk.organisation) if walk else "",
        "specialist": walk.specialist.full_name if walk and walk.specialist else "",
        "settlements": list(district.settlements.values("name", "households", "population")),
        "places": [
            {
                "kind": place.get_kind_display(),
                "resource": place.is_resource,
                "name": place.name,
                "address": place.address,
                "phone": place.phone,
                "note": place.note,
            }
            for place in in_order(district.places.all())
        ],
        "figures": [
            {
                "code": figure.code,
                "section": figure.section,
                "title": figure.title,
                "unit": figure.unit,
                "value": values[figure.code],
                "definition": figure.definition,
                "level": figure.level,
            }
            for figure in figures.figures()
            if values[figure.code] or not figure.optional
        ],
        "previous": _values_of(previous),
        "profile": profile.current().version,
    }


def in_order(places) -> list:
    """Places by kind in the order of the kinds: institutions, then resources."""
    kinds = list(places.model.Kind)
    return sorted(places, key=lambda place: (kinds.index(place.kind), place.name, place.pk))


def freeze(district, on: datetime.date, previous=None) -> tuple[dict, dict]:
    """Content and counted ids of a passport. A number is the length of the list kept with it, so they never differ."""
    counted = {
        figure.code: sorted(figure.subjects(district.pk, on).values_list("pk", flat=True))
        for figure in figures.figures()
    }
    values = {code: len(ids) for code, ids in counted.items()}
    return describe(district, on, values, previous), counted


def count_now(district, on: datetime.date, previous=None) -> dict:
    """The same for a page that is not frozen, in one statement for each source."""
    return describe(district, on, figures.count(district.pk, on), previous)


def _values_of(passport) -> dict:
    if passport is None:
        return {}
    return {
        "on": passport.on.isoformat(),
        "values": {row["code"]: row["value"] for row in passport.content["figures"]},
    }


@dataclass(frozen=True)
class Number:
    """A number with its list, and what it was in the previous passport (None: there was no such number)."""

    code: str
    value: int
    before: int | None
    definition: str
    url: str = ""

    @property
    def change(self) -> int | None:
        return None if self.before is None else self.value - self.before


@dataclass
class Line:
    """A row of a section: one number, or two (primary category, and all who bear it)."""

    title: str
    level: int
    unit: str
    number: Number
    also: Number | None = None


@dataclass
class Section:
    code: str
    title: str
    lines: list[Line] = field(default_factory=list)

    @property
    def paired(self) -> bool:
        return any(line.also for line in self.lines)


def sections(content: dict, url_of=None) -> list[Section]:
    """Sections of the content in order, those without lines left out; `url_of(code)` leads to the list."""
    before = content["previous"].get("values", {}) if content["previous"] else None
    found = {code: Section(code, title) for code, title in figures.SECTIONS.items()}
    for row in content["figures"]:
        number = Number(
            row["code"],
            row["value"],
            None if before is None else before.get(row["code"]),
            row["definition"],
            url_of(row["code"]) if url_of else "",
        )
        lines = found[row["section"]].lines
        if row["code"].startswith(figures.BEARS) and lines and lines[-1].title == row["title"]:
            lines[-1].also = number
        else:
            lines.append(Line(row["title"], row["level"], row["unit"], number))
    return [section for section in found.values() if section.lines]


def value(content: dict, code: str) -> int | None:
    """One number of the content; None when it is not there."""
    return next((row["value"] for row in content["figures"] if row["code"] == code), None)


def totals(content: dict) -> dict[str, int | None]:
    """Households and people of all settlements; None when nobody has entered any."""
    return {
        name: sum(known) if (known := [row[name] for row in content["settlements"] if row[name] is not None]) else None
        for name in ("households", "population")
    }
