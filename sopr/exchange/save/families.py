"""Families and their people."""

from collections import Counter

from families.models import Family, FamilyMembership, Person
from sopr.accounts.models import Municipality
from sopr.exchange.save.merge import by_code, column, ids, is_ours, merge


def save_families(batch, counts):
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
    merge(Family, existing, wanted, counts)
    counts["без изменений"] += len(batch) - len(wanted)


SEX_BY_RELATION = {"mother": "f", "father": "m"}


def save_people(batch, counts):
    families = ids(Family, "number", column(batch, "Номер семьи"))
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
    saved = merge(Person, known, people, Counter())
    existing = {
        (m.family_id, m.person_id, m.since): m for m in FamilyMembership.objects.filter(family__in=families.values())
    }
    wanted = {}
    for _n, row in batch:
        values = {
            "family_id": families[row["Номер семьи"]],
            "person_id": saved[row["Номер человека"]].pk,
            "relation": row["Кем приходится"],
            "is_representative": row["Кем приходится"] in FamilyMembership.REPRESENTATIVES,
            "since": row.get("С"),
            "until": row.get("По"),
        }
        wanted[(values["family_id"], values["person_id"], values["since"])] = values
    merge(FamilyMembership, existing, wanted, counts)
