"""Families and people of a file like those the register has under other numbers: to be looked at before loading.

Candidates come by indexed columns, a batch at a time: the same birth date with the same beginning of the name, the same
address. So the number of queries grows with the batches and no query with the size of the register.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models.functions import Substr

from families.finding.likeness import similarity
from families.models import Family, FamilyMembership, Person
from families.names import address_key, normalise
from sopr.exchange.sheets import BY_TITLE

MOST_SHOWN = 200
ALIKE = 0.75  # two slips in a surname or a first name; «Илья» and «Иван», twins, are below
HEAD = 3  # letters by which the database narrows names


@dataclass
class Likes:
    """What was found: the first ones and the count of all."""

    found: list[dict] = field(default_factory=list)
    total: int = 0

    def add(self, **like):
        self.total += 1
        if len(self.found) < MOST_SHOWN:
            self.found.append(like)

    def look(self, stage, sheets, meter):
        """Compare what the file would create with the register."""
        for title, look in (("Семьи", self._families), ("Люди", self._people)):
            if BY_TITLE[title] in sheets:
                for batch in stage.batches(BY_TITLE[title]):
                    look(batch)
                    meter.say("Поиск похожих", len(batch), len(batch))

    def _families(self, batch):
        known = _known(Family, {row["Номер семьи"] for _n, row in batch})
        typed = defaultdict(list)
        for n, row in batch:
            key = address_key(row.get("Адрес", ""))
            if row["Номер семьи"] not in known and any(sign.isdigit() for sign in key):
                typed[key].append((n, row))
        if not typed:
            return
        candidates = Family.objects.live().filter(address_key__in=typed).prefetch_related("holders")
        pairs = [
            (n, row, family)
            for family in candidates.only("number", "surname", "address_key").order_by("pk")
            for n, row in typed[family.address_key]
            if similarity(normalise(row["Фамилия семьи"]), normalise(family.surname)) >= ALIKE
        ]
        for n, row, family in sorted(pairs, key=lambda pair: pair[0]):
            self.add(
                sheet="Семьи",
                n=n,
                number=row["Номер семьи"],
                other=f"семья № {family.number}",
                organisations=[str(holder) for holder in family.holders.all()],
                why="тот же адрес, похожая фамилия",
            )

    def _people(self, batch):
        known = _known(Person, {row["Номер человека"] for _n, row in batch})
        typed = defaultdict(list)
        for n, row in batch:
            name = normalise(f"{row['Фамилия']} {row.get('Имя', '')} {row.get('Отчество', '')}")
            if row["Номер человека"] not in known and row.get("Дата рождения") and row.get("Имя"):
                typed[row["Дата рождения"], name[:HEAD]].append((n, row))
        if not typed:
            return
        candidates = (
            Person.objects.live()
            .filter(birth_on__in={day for day, _head in typed})
            .annotate(head=Substr("search_name", 1, HEAD))
            .filter(head__in={head for _day, head in typed})
            .values_list("pk", "number", "last_name", "first_name", "birth_on", "head")
        )
        pairs = [
            (n, row, pk, number)
            for pk, number, last_name, first_name, day, head in candidates
            for n, row in typed.get((day, head), ())
            if _alike(row, last_name, first_name)
        ]
        self._add_people(pairs)

    def _add_people(self, pairs):
        homes = defaultdict(list)
        if len(self.found) < MOST_SHOWN:
            memberships = FamilyMembership.objects.filter(person__in={pk for _n, _row, pk, _number in pairs})
            for membership in memberships.select_related("family").prefetch_related("family__holders"):
                homes[membership.person_id] += [str(holder) for holder in membership.family.holders.all()]
        for n, row, pk, number in sorted(pairs, key=lambda pair: pair[0]):
            self.add(
                sheet="Люди",
                n=n,
                number=row["Номер человека"],
                other=f"человек № {number}",
                organisations=sorted(set(homes[pk])),
                why="та же дата рождения, похожие фамилия и имя",
            )


def _alike(row, last_name, first_name) -> bool:
    ours = [normalise(row["Фамилия"]), normalise(row["Имя"])]
    theirs = [normalise(last_name), normalise(first_name)]
    return all(similarity(one, other) >= ALIKE for one, other in zip(ours, theirs, strict=True))


def _known(model, numbers) -> set:
    return set(model.objects.filter(number__in=numbers).values_list("number", flat=True))
