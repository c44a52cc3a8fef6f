"""Families and their people."""

from families.models import Family, FamilyMembership, Person
from sopr.accounts.models import Municipality
from sopr.exchange.save.merge import by_code, column, ids, is_ours, merge


def save_families(batch):
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    existing = by_code(Family, "number", column(batch, "Номер семьи"))
    wanted = {
        row["Номер семьи"]: {
            "number": row["Номер семьи"],
            "surname": row["Фамилия семьи"],
            "municipality_id": municipalities[row["Код МО"]],
            "address": row.get("Адрес", ""),
            "imported": True,
        }
        for _n, row in batch
        if is_ours(existing.get(row["Номер семьи"]))
    }
    for number, values in wanted.items():
        if number in existing and existing[number].address_hidden:
            del values["address"]  # nobody gave the file the right to it
    merge(Family, existing, wanted)


SEX_BY_RELATION = {"mother": "f", "father": "m"}


def save_people(batch):
    families = by_code(Family, "number", column(batch, "Номер семьи"))
    known = by_code(Person, "number", column(batch, "Номер человека"))
    people = {}
    for _n, row in batch:
        if not is_ours(known.get(row["Номер человека"])):
            continue
        values = {
            "number": row["Номер человека"],
            "last_name": row["Фамилия"],
            "first_name": row.get("Имя", ""),
            "patronymic": row.get("Отчество", ""),
            "birth_on": row.get("Дата рождения"),
            "snils": row.get("СНИЛС", ""),
            "imported": True,
        }
        if row["Номер человека"] not in known:
            values["sex"] = SEX_BY_RELATION.get(row["Кем приходится"], "")
        people[row["Номер человека"]] = values
    saved = merge(Person, known, people)
    existing = {
        (m.family_id, m.person_id, m.since): m for m in FamilyMembership.objects.filter(family__in=families.values())
    }
    wanted = {}
    for _n, row in batch:
        family = families[row["Номер семьи"]]
        values = {
            "family_id": family.pk,
            "person_id": saved[row["Номер человека"]].pk,
            "relation": row["Кем приходится"],
            "is_representative": row["Кем приходится"] in FamilyMembership.REPRESENTATIVES,
            "since": row.get("С"),
            "until": row.get("По"),
        }
        key = (values["family_id"], values["person_id"], values["since"])
        if is_ours(family) or key not in existing:
            wanted[key] = values
    merge(FamilyMembership, existing, wanted)
