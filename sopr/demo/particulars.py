"""What a card says of its people beyond names: schooling and work, representatives by documents, health by terms.

All chance here comes from a generator of its own, so that the stories told before go on as they were.
"""

import random

from families.models import Family, FamilyMembership, HealthStatus, Person
from families.models.family import new_person
from sopr.accounts.models import User
from sopr.audit.log import record
from sopr.audit.models import Action
from sopr.calendar import add_months
from sopr.demo import names
from sopr.demo.timeline import DAY, moment, workday
from sopr.documents import names as grammar

Relation = FamilyMembership.Relation
# Marks of stories whose cards want a review just now: see families.hints.
TO_REVIEW = ("turns_18", "turns_3", "grew_large", "no_longer_large", "consent_ends", "trustee_ends", "status_ends")
BENEFITS = (
    "единое пособие на детей",
    "субсидия на оплату жилья; бесплатное питание в школе",
    "ежемесячная выплата из материнского капитала",
    "пособие по уходу за ребёнком до полутора лет; льготы по оплате детского сада",
    "мер поддержки не получает, документы собирает с куратором",
)


def age_for_review(home, marks, today):
    """Give the children of a household the ages of which the mark speaks, as of today."""
    children = sorted((row for row in home.members if row.relation == Relation.CHILD), key=lambda row: row.birth_on)
    if "turns_18" in marks or "no_longer_large" in marks:
        born = add_months(today + (12 if "turns_18" in marks else -20) * DAY, -12 * 18)
        _born(children[0], born)
        for parent in home.members:
            if parent.relation in (Relation.MOTHER, Relation.FATHER):
                parent.birth_on = min(parent.birth_on, add_months(born, -12 * 22))
    if "turns_3" in marks:
        _born(children[-1], add_months(today + 15 * DAY, -12 * 3))
    if "no_longer_large" in marks:
        for extra in children[3:]:
            home.members.remove(extra)


def _born(member, day):
    member.birth_on = member.since = day


def fields_of(member, rng) -> dict:
    """Schooling and work as the fields of a person, from what the household says in words."""
    said = member.occupation
    if said == "дома":
        return {"employment": Person.Employment.AT_HOME}
    if said == "детский сад":
        return {"employment": Person.Employment.KINDERGARTEN, "education": Person.Education.PRESCHOOL}
    if said.startswith(("школа", "колледж")):
        grade = int("".join(sign for sign in said if sign.isdigit()) or 10)
        level = Person.Education.PRIMARY if grade > 4 else Person.Education.PRESCHOOL
        level = Person.Education.BASIC if grade > 9 else level
        return {"employment": Person.Employment.STUDIES, "education": level, "occupation": said}
    education = rng.choice((Person.Education.VOCATIONAL, Person.Education.SECONDARY, Person.Education.HIGHER))
    for words, employment in (
        ("в отпуске", Person.Employment.PARENTAL_LEAVE),
        ("ухаживает", Person.Employment.CARES),
        ("ищет работу", Person.Employment.UNEMPLOYED),
    ):
        if words in said:
            return {"employment": employment, "education": education}
    return {"employment": Person.Employment.WORKS, "education": education, "occupation": said}


def particulars(life):
    """Enter after the card: who represents by what document, health by terms, benefits, a name declined by hand."""
    rng = random.Random(life.plot.number)
    marks, family = life.plot.marks, life.family
    for membership in family.memberships.filter(is_representative=True).select_related("person"):
        _represent(life, membership, rng, "trustee_ends" in marks)
    for membership in family.memberships.filter(relation=Relation.CHILD).select_related("person"):
        _status(life, membership.person, rng)
    family.amend(by=life.curator, benefits=rng.choice(BENEFITS))
    if "grew_large" in marks:
        _third_child(life)
    if life.plot.number == 1:
        person = life.family.memberships.filter(is_representative=True).first().person
        instrumental = grammar.machine_form(person, "ins").replace("ой ", "ою ", 1)
        family.decline_person(person, by=life.curator, forms={"ins": instrumental})
    if life.plot.number == 2:
        person = family.memberships.filter(relation=Relation.CHILD).select_related("person").first().person
        family.amend_person(person, by=life.curator, lives_at="общежитие колледжа", registered_at=family.address)


def _represent(life, membership, rng, ends):
    day = life.scene.day
    if membership.relation in (Relation.MOTHER, Relation.FATHER):
        membership.represent(
            by=life.curator, ground="parents", document_name="свидетельство о рождении ребёнка",
            document_number=f"I-ЛЕ № {rng.randrange(500000, 899999)}", since=day,
        )  # fmt: skip
    elif membership.relation in (Relation.GUARDIAN, Relation.FOSTER_PARENT):
        foster = membership.relation == Relation.FOSTER_PARENT
        membership.represent(
            by=life.curator, ground="foster_family" if foster else "guardianship", since=day,
            document_name="договор о приёмной семье" if foster else "акт органа опеки",
            document_number=str(rng.randrange(12, 480)), document_on=day - rng.randrange(20, 60) * DAY,
            until=life.scene.timeline.today + 21 * DAY if ends else None,
        )  # fmt: skip


def _status(life, person, rng):
    """What the words about health say as a status with a term."""
    day, until = life.scene.day, add_months(life.scene.day, 36)
    if "status_ends" in life.plot.marks:
        until = life.scene.timeline.today + 18 * DAY
    if person.health.startswith("ребёнок-инвалид"):
        HealthStatus.establish(
            person, life.family, by=life.curator, kind="disability", detail="child", since=day, until=until,
            document=f"справка МСЭ-2023 № {rng.randrange(1000, 9999)}",
        )  # fmt: skip
    elif person.health.startswith("задержка психоречевого"):
        HealthStatus.establish(
            person, life.family, by=life.curator, kind="ovz", detail="delay", since=day, until=add_months(day, 24),
            document=f"заключение ПМПК № {rng.randrange(100, 999)}",
        )  # fmt: skip


def newborn(life):
    """A daughter is born to the family some days before the day of the story; she is entered into the card."""
    born_on = life.scene.day - 4 * DAY
    return _daughter(life, "Вера", born_on, born_on)


def _daughter(life, first_name, born_on, since):
    """A girl of the family's surname and of the elder children's father."""
    family = life.family
    last = family.memberships.filter(relation=Relation.CHILD).order_by("person__birth_on").last().person
    woman = family.memberships.filter(person__sex="f").first()
    fathers = [pair for pair in names.FATHERS.values() if last.patronymic in pair]
    baby = new_person(
        by=life.curator, last_name=woman.person.last_name if woman else last.last_name, first_name=first_name,
        patronymic=fathers[0][1] if fathers else "", sex="f", birth_on=born_on, employment=Person.Employment.AT_HOME,
    )  # fmt: skip
    family.add_member(baby, by=life.curator, relation=Relation.CHILD, since=since)
    return baby


def _third_child(life):
    """Children are born until there are three of them; the category is left for the curator to review."""
    day = life.scene.day
    rows = life.family.memberships.filter(relation=Relation.CHILD)
    for first_name in ("Мирослава", "Ульяна", "Агата")[: max(0, 3 - rows.count())]:
        _daughter(life, first_name, day - 40 * DAY, day)


def curator_looks(scene):
    """The demo curator opens the cards a few days ago: what others have entered since is new to him."""
    yield moment(workday(scene.timeline.today - 6 * DAY), 9)
    curator = User.objects.get(username="curator")
    for family in Family.objects.filter(cases__curator=curator).distinct():
        record(curator, Action.READ, family, detail={"page": "families:family-detail"})
