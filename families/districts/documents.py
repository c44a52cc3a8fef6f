"""The printed social passport of a district, from what was frozen with it."""

import datetime
from types import SimpleNamespace

from families.districts import passports
from sopr.documents import names
from sopr.documents.registry import Document, register


def passport_context(passport) -> dict:
    """DistrictPassport → context of documents/district_passport.html."""
    content = passport.content
    previous = content["previous"].get("on") if content["previous"] else None
    return {
        "status": "",
        "organisation": {"full": passport.organisation.name, "short": str(passport.organisation)}
        | {"founder": passport.organisation.founder},
        "on": passport.on,
        "drawn_at": passport.drawn_at,
        "previous_on": datetime.date.fromisoformat(previous) if previous else None,
        "content": content,
        "sections": passports.sections(content),
        "totals": passports.totals(content),
        "institutions": [place for place in content["places"] if not place["resource"]],
        "resources": [place for place in content["places"] if place["resource"]],
        "conclusions": passport.conclusions,
        "definitions": definitions(content),
        "signer": {"post": passport.by.post or passport.by.get_role_display(), "sign": names.sign(passport.by)},
        "head": {
            "post": passport.organisation.director_post or "Руководитель",
            "sign": _sign(passport.organisation.director_name),
        },
    }


def definitions(content) -> list[tuple[str, str]]:
    """(what, how it is counted) without repetitions, in the order of the numbers."""
    found = {}
    for section in passports.sections(content):
        for line in section.lines:
            if section.paired:
                found[line.number.definition] = [f"{section.title}: основная"]
                if line.also:
                    found[line.also.definition] = [f"{section.title}: всего с ней"]
            else:
                found.setdefault(line.number.definition, []).append(line.title)
    return [(", ".join(titles), text) for text, titles in found.items()]


def _sign(full_name) -> str:
    """«П.А. Мартынов» from a name as it is kept: «Мартынов Павел Андреевич»."""
    last, first, patronymic = [*full_name.split(), "", "", ""][:3]
    return names.sign(SimpleNamespace(last_name=last, first_name=first, patronymic=patronymic))


PASSPORT = register(
    Document(
        code="district_passport",
        title="Социальный паспорт участка",
        template="documents/district_passport.html",
        context=passport_context,
        file_name=lambda passport: f"passport-uchastka-{passport.district_id}-{passport.on.isoformat()}",
    )
)
