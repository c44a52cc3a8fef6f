"""Facts that reports count: contracts, informing, events, registers, declared values."""

from collections import Counter

from django.db.models import Q

from families.models import ChildEvent, Family, InformingEvent, Person, RegisterEntry, SocialContract
from reports.models import DeclaredFact
from sopr.accounts.models import Municipality, Organisation
from sopr.exchange.facts import read_fact
from sopr.exchange.save.merge import by_code, column, ids, merge


def save_social_contracts(batch):
    families = ids(Family, "number", column(batch, "Номер семьи"))
    existing = {(c.family_id, c.signed_on): c for c in SocialContract.objects.filter(family__in=families.values())}
    wanted = {
        (families[row["Номер семьи"]], row["Дата"]): {
            "family_id": families[row["Номер семьи"]],
            "signed_on": row["Дата"],
            "improved": row.get("Положение улучшилось"),
        }
        for _n, row in batch
    }
    merge(SocialContract, existing, wanted)


def save_informing(batch):
    families = ids(Family, "number", column(batch, "Номер семьи"))
    existing = {
        (e.family_id, e.informed_on, e.topic): e
        for e in InformingEvent.objects.filter(
            Q(family=None) | Q(family__in=families.values()), informed_on__in=set(column(batch, "Дата"))
        )
    }
    wanted = {}
    for _n, row in batch:
        family = families.get(row.get("Номер семьи"))
        wanted[(family, row["Дата"], row["Тема"])] = {
            "family_id": family,
            "informed_on": row["Дата"],
            "topic": row["Тема"],
            "families_count": row.get("Число семей", 1),
        }
    merge(InformingEvent, existing, wanted)


def save_child_events(batch):
    """Events have no number: equal ones are matched by how many there are, so a second import adds none."""
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    families = ids(Family, "number", column(batch, "Номер семьи"))
    people = ids(Person, "number", column(batch, "Номер человека"))
    fields = ("municipality_id", "happened_on", "kind", "family_id", "person_id", "confirmed")
    have = Counter(
        ChildEvent.objects.filter(
            happened_on__in=set(column(batch, "Дата")), municipality__in=municipalities.values()
        ).values_list(*fields)
    )
    new = []
    for _n, row in batch:
        values = (
            municipalities[row["Код МО"]],
            row["Дата"],
            row["Вид"],
            families.get(row.get("Номер семьи")),
            people.get(row.get("Номер человека")),
            row.get("Подтверждено", False),
        )
        if have[values] > 0:
            have[values] -= 1
        else:
            new.append(ChildEvent(**dict(zip(fields, values, strict=True))))
    ChildEvent.objects.bulk_create(new)


def save_register_entries(batch):
    families = ids(Family, "number", column(batch, "Номер семьи"))
    existing = {
        (e.family_id, e.kind, e.placed_on): e for e in RegisterEntry.objects.filter(family__in=families.values())
    }
    wanted = {
        (families[row["Номер семьи"]], row["Вид"], row["Постановка"]): {
            "family_id": families[row["Номер семьи"]],
            "kind": row["Вид"],
            "placed_on": row["Постановка"],
            "removed_on": row.get("Снятие"),
            "positive_rehabilitation": row.get("Положительная реабилитация"),
        }
        for _n, row in batch
    }
    merge(RegisterEntry, existing, wanted)


def save_facts(batch):
    """Declared values; a value that differs from the one in force corrects it, and the former is kept withdrawn."""
    organisations = by_code(Organisation, "code", column(batch, "Код организации"))
    for _n, row in batch:
        fact = read_fact(row["Показатель"], row["Период"], row["Значение"])
        organisation = organisations[row["Код организации"]]
        declared = DeclaredFact.objects.current().filter(
            organisation=organisation, indicator=fact.indicator, since=fact.period.since, until=fact.period.until
        )
        known = declared.first()
        if known is not None and known.value == fact.value:
            continue
        DeclaredFact.declare(organisation, fact.indicator, fact.period, row["Значение"], basis=row.get("Основание", ""))
