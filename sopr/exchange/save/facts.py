"""Facts that reports count: contracts, informing, events, registers, declared values."""

from collections import defaultdict

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
    """Events have no number: the batch holds those that the register does not have as often as the file."""
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    families = ids(Family, "number", column(batch, "Номер семьи"))
    people = ids(Person, "number", column(batch, "Номер человека"))
    ChildEvent.objects.bulk_create(
        ChildEvent(
            municipality_id=municipalities[row["Код МО"]],
            happened_on=row["Дата"],
            kind=row["Вид"],
            family_id=families.get(row.get("Номер семьи")),
            person_id=people.get(row.get("Номер человека")),
            confirmed=row.get("Подтверждено", False),
        )
        for _n, row in batch
    )


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
    entries = defaultdict(list)
    for _n, row in batch:
        fact = read_fact(row["Показатель"], row["Период"], row["Значение"])
        organisation = organisations[row["Код организации"]]
        declared = DeclaredFact.objects.current().filter(
            organisation=organisation, indicator=fact.indicator, since=fact.period.since, until=fact.period.until
        )
        known = declared.first()
        if known is not None and known.value == fact.value:
            continue
        entry = {"indicator": fact.indicator, "period": fact.period, "value": row["Значение"]}
        entries[organisation].append(entry | {"basis": row.get("Основание", "")})
    for organisation, of_one in entries.items():
        DeclaredFact.declare_all(organisation, of_one)
