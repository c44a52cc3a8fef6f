"""«Под крылом аиста» in the demo centre: paths at the beginning, in work and with each outcome."""

from cases.models import NearPerson, NewbornHelp, NewbornQuestionnaire, NewbornRisk, RentalItem
from families.models import Family, FamilyMembership
from families.models.family import new_person
from sopr.demo import names
from sopr.demo.timeline import DAY

# family, surname, name, patronymic, days since the signal, days to the birth (negative: born), how it goes on
WOMEN = (
    ("Галимовы", "Галимова", "Алсу", "Олеговна", 0, -1, ""),
    ("Юдины", "Юдина", "Вера", "Олеговна", 16, 20, "in_work"),
    ("Сафины", "Сафина", "Динара", "Андреевна", 90, -60, "prevented"),
    ("Беловы", "Белова", "Кристина", "Андреевна", 120, -100, "refused"),
    ("Валеевы", "Валеева", "Лейла", "Андреевна", 70, -20, "doubt"),
)
HARD = {
    "intention": "refuse",
    "reasons": ["means", "partner", "inability"],
    "doubt": 4,
    "support": 0,
    "care": 1,
    "means": 0,
}
BETTER = {"intention": "keep", "reasons": ["means"], "doubt": 1, "support": 3, "care": 4, "means": 2}
TORN = {"intention": "doubt", "reasons": ["partner", "inability"], "doubt": 3, "support": 2, "care": 2, "means": 1}
AFTER = {"prevented": BETTER, "doubt": TORN}


def newborn_paths(scene):
    """The last act of the history: families registered for it, so that no other life is touched."""
    place = scene.region.places[0]
    curator = scene.region.curators[place.centres[0].pk][0]
    for title, surname, name, patronymic, ago, birth, fate in WOMEN:
        family, woman = _register(scene, place, curator, title, (surname, name, patronymic))
        born = birth < 0
        day = scene.day + birth * DAY
        risk = NewbornRisk.start(
            family, by=curator, keeper=curator, woman=woman, group="with_newborn" if born else "pregnant",
            signalled_on=scene.day - ago * DAY, expected_on=None if born else day, born_on=day if born else None,
            circumstances="Роддом сообщил: женщина говорит, что не готова растить ребёнка одна.",
        )  # fmt: skip
        if fate:
            _help(risk, curator, scene.day - ago * DAY, fate)


def _register(scene, place, curator, title, name):
    family = Family.register(
        by=curator, surname=title, municipality=place.municipality, address=f"{place.settlements[0]}, ул. Садовая, д. 9",
        phone=names.phone(scene.rng),
    )  # fmt: skip
    woman = new_person(
        by=curator, last_name=name[0], first_name=name[1], patronymic=name[2], sex="f",
        birth_on=scene.day.replace(year=scene.day.year - 22, day=1), phone=names.phone(scene.rng),
    )  # fmt: skip
    family.add_member(
        woman, by=curator, relation=FamilyMembership.Relation.MOTHER, since=family.registered_on, is_representative=True
    )
    return family, woman


def _help(risk, curator, since, fate):
    """From the first talk on the day of the signal to the outcome ten days later, where there is one."""
    NewbornQuestionnaire.fill(risk, by=curator, moment="before", filled_on=since, **HARD)
    near = NearPerson.add(
        risk, by=curator, full_name=f"{risk.woman.last_name} Нина Павловна", relation="mother",
        attitude="against" if fate == "refused" else "supports", agreed=fate != "refused",
        help="" if fate == "refused" else "примет дочь с ребёнком жить к себе",
    )  # fmt: skip
    NewbornHelp.give(risk, by=curator, kind="psychologist", held_on=since + DAY, note="договорились о второй встрече")
    NewbornHelp.give(risk, by=curator, kind="meeting", held_on=since + 2 * DAY, near=near)
    NewbornHelp.give(risk, by=curator, kind="training", held_on=since + 5 * DAY)
    if fate in AFTER:
        NewbornQuestionnaire.fill(risk, by=curator, moment="after", filled_on=since + 9 * DAY, **AFTER[fate])
    if fate != "in_work":
        risk.conclude(by=curator, outcome=fate, day=since + 10 * DAY, note="по итогам бесед с женщиной и её близкими")
    item = RentalItem.objects.filter(organisation=risk.organisation, loans=None).available().first()
    if fate == "prevented" and item is not None:
        item.lend(by=curator, family=risk.family, person=risk.woman, since=since + 12 * DAY, due_on=since + 200 * DAY)
