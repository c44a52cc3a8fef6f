"""Printed documents of families: the passport of the family (domain.md §3, «Family card»)."""

import datetime

from django.utils import timezone

from families.keepers import keeps, may_see
from families.models import HealthStatus
from sopr.accounts.policy import Perm
from sopr.documents.names import sign
from sopr.documents.registry import Document, register


def organisation_context(organisation) -> dict:
    """Organisation → the head of a printed document."""
    names = ("founder", "address", "phone", "email", "inn", "ogrn")
    rest = {name: getattr(organisation, name) for name in names}
    return {"full": organisation.name, "short": str(organisation)} | rest


def revealed(family, reader) -> list[str]:
    """Protected parts that a passport printed by `reader` shows: codes for the access log."""
    parts = ["address"] if family.address_hidden and may_see(reader, family, Perm.HIDDEN_ADDRESS_VIEW) else []
    return parts + (["health"] if may_see(reader, family, Perm.HEALTH_VIEW) else [])


def passport_context(family, reader) -> dict:
    """Family → context of documents/passport.html, with what `reader` may see and nothing more."""
    today = timezone.localdate()
    keeper = keeps(reader, family)
    health = may_see(reader, family, Perm.HEALTH_VIEW)
    open_address = not family.address_hidden or may_see(reader, family, Perm.HIDDEN_ADDRESS_VIEW)
    memberships = list(family.memberships.select_related("person").prefetch_related("representations__child"))
    survey = family.home_surveys.order_by("-done_on", "-pk").first() if keeper else None
    return {
        "organisation": organisation_context(reader.organisation),
        "status": "",
        "number": family.number,
        "family": family.surname,
        "family_gen": family.surname_in("gen"),
        "today": today,
        "facts": [
            ("Муниципальное образование", family.municipality.name),
            ("Участок", family.district.name if family.district else ""),
            ("Адрес", family.address if open_address else "скрыт для безопасности"),
            ("Телефон", family.phone),
            ("Карточка заведена", f"{family.registered_on:%d.%m.%Y}"),
        ],
        "members": _members([row for row in memberships if row.until is None or row.until >= today], health, today),
        "former": [row for row in memberships if row.until is not None and row.until < today],
        "health": health,
        "categories": list(family.category_periods.order_by("-is_primary", "-since", "pk")),
        "registers": list(family.register_entries.all()),
        "keeper": keeper,
        "income": _money(survey.income_per_head) if survey else None,
        "income_on": survey.done_on if survey else None,
        "benefits": family.benefits.strip() if keeper else "",
        "circumstances": family.circumstances.strip() if keeper else "",
        "printed_by": {
            "sign": sign(reader),
            "full": reader.full_name,
            "post": reader.post or reader.get_role_display(),
        },
        "printed_at": timezone.localtime(),
    }


def _members(memberships, health, today) -> list[dict]:
    """Adults first, as in every paper of the family."""
    rows = sorted(memberships, key=lambda row: (row.person.birth_on or datetime.date.max, row.pk))
    statuses = {}
    if health:
        people = [row.person_id for row in rows]
        for status in HealthStatus.objects.valid_on(today).filter(person__in=people):
            statuses.setdefault(status.person_id, []).append(_status(status))
    return [
        {
            "full": row.person.full_name,
            "born_on": row.person.birth_on,
            "relation": row.get_relation_display(),
            "represents": _represents(row, today),
            "education": row.person.get_education_display(),
            "work": ", ".join(filter(None, (row.person.get_employment_display(), row.person.occupation))),
            "health": "; ".join([*statuses.get(row.person_id, []), row.person.health.strip()]).strip("; "),
        }
        for row in rows
    ]


def _money(amount):
    """Roubles without «,00»."""
    return int(amount) if amount is not None and amount == int(amount) else amount


def _status(status) -> str:
    term = f"до {status.until:%d.%m.%Y}" if status.until else "бессрочно"
    return f"{status.get_detail_display()} ({status.get_kind_display()}), {term}"


def _represents(row, today) -> str:
    if not row.is_representative:
        return ""
    valid = [one for one in row.representations.all() if one.until is None or one.until >= today]
    grounds = "; ".join(dict.fromkeys(f"{one.get_ground_display()}, {one.document}" for one in valid))
    return f"законный представитель{': ' if grounds else ''}{grounds}"


PASSPORT = register(
    Document(
        code="passport",
        title="Паспорт семьи",
        template="documents/passport.html",
        context=passport_context,
        long=True,
        file_name=lambda family: f"pasport-semi-{family.pk}",
    )
)
