"""Entering a family into the register: the card, its people, the primary category, in one transaction."""

from dataclasses import dataclass, field

from django.db import models, transaction

from families.finding.sameness import SAME_NAME, Typed, name_likeness
from families.models import Family, Person
from families.models.family import new_person
from sopr.errors import Refused


class Difference(models.TextChoices):
    """Why a family that looks like another is not the same: kept as a code, never as text."""

    DOCUMENTS = "documents", "сверено по документам: это другие люди"
    BIRTH_DATE = "birth_date", "однофамильцы: другие даты рождения"
    ADDRESS = "address", "по этому адресу живёт и другая семья"
    RELATIVES = "relatives", "родственники, живут отдельной семьёй"
    MOVED = "moved", "ребёнок или взрослый перешёл в эту семью"


class PersonDifference(models.TextChoices):
    """Why a person who looks like another is not the same: kept as a code, never as text."""

    DOCUMENTS = "documents", "сверено по документам: это другой человек"
    BIRTH_DATE = "birth_date", "однофамилец: другая дата рождения"
    TWIN = "twin", "близнец или другой брат, сестра"
    RELATIVE = "relative", "родственник с тем же именем: отец и сын, дед и внук"
    SNILS = "snils", "у них разные СНИЛС"


@dataclass
class NewMember:
    """One person of the family being registered. `person` holds model fields of `Person`."""

    person: dict
    relation: str
    is_representative: bool = False
    since: object = None


@dataclass
class Registration:
    """What `register_family` needs. `alike` are families the curator saw and called different, for `difference`."""

    family: dict
    members: list[NewMember]
    category: str
    category_ground: str = ""
    referral: object = None
    alike: list[Family] = field(default_factory=list)
    difference: str = ""


def register_family(registration: Registration, *, by) -> Family:
    """Enter the family with its people and primary category; link the signal it came from.

    Raises Refused when families alike were found and the curator has not said why this is another one (domain.md §5),
    or when a СНИЛС belongs to somebody with another name.
    """
    if registration.alike and not registration.difference:
        raise Refused(
            "Похоже, эта семья уже есть в системе. Откройте найденную карточку или подтвердите, что это другая "
            "семья, и укажите, чем она отличается."
        )
    with transaction.atomic():
        family = Family.register(by=by, **registration.family)
        for member in registration.members:
            person = find_or_enter(member.person, by=by)
            include(
                family,
                person,
                by=by,
                relation=member.relation,
                since=member.since,
                is_representative=member.is_representative,
            )
        family.set_primary_category(registration.category, by=by, ground=registration.category_ground)
        if registration.alike:
            ids = [like.pk for like in registration.alike]
            family.log("distinguished", by=by, families=ids, reason=registration.difference)
        if registration.referral is not None:
            registration.referral.link_family(family, by=by)
    return family


def find_or_enter(fields: dict, *, by) -> Person:
    """The person who bears this СНИЛС, else a new one. Raises Refused when the name or birth date disagrees."""
    snils = fields.get("snils", "")
    known = Person.objects.filter(snils=snils).select_related("merged_into").first() if snils else None
    if known is None:
        return new_person(by=by, **fields)
    known = known.merged_into or known
    typed = Typed(fields["last_name"], fields.get("first_name", ""), fields.get("patronymic", ""))
    birth_on = fields.get("birth_on")
    if name_likeness(typed, known) < SAME_NAME or (birth_on and known.birth_on and birth_on != known.birth_on):
        raise Refused(
            f"СНИЛС, указанный для человека «{typed.last_name} {typed.first_name}», уже записан у другого человека. "
            "Сверьте номер, имя и дату рождения с документом."
        )
    return known


def enter_member(family: Family, fields: dict, *, by, people=(), families=(), difference="", **membership):
    """Enter a new person and make him a member; `membership` is what `include` takes.

    `people` of own families and `families` of others are what the curator saw as alike. Raises Refused when there are
    such and he has not said why this is another person (domain.md §5); a known СНИЛС needs no answer.
    """
    with transaction.atomic():
        known = bool(fields.get("snils")) and Person.objects.filter(snils=fields["snils"]).exists()
        alike = bool(people or families) and not known
        if alike and not difference:
            raise Refused(
                "Похоже, этот человек уже есть в системе. Выберите его в списке или укажите, почему это другой человек."
            )
        person = find_or_enter(fields, by=by)
        entered = include(family, person, by=by, **membership)
        if alike:
            family.log(
                "person_distinguished",
                by=by,
                person=person.pk,
                people=[row.pk for row in people],
                families=[row.pk for row in families],
                reason=difference,
            )
    return entered


def include(family: Family, person: Person, *, by, relation, since=None, is_representative=False, ground=""):
    """Make `person` a member; the families he is a member of elsewhere see it in their own history."""
    membership = family.add_member(
        person, by=by, relation=relation, since=since, is_representative=is_representative, ground=ground
    )
    for other in Family.objects.filter(memberships__person=person, memberships__until=None).exclude(pk=family.pk):
        other.log("member_elsewhere", by=by, happened_on=membership.since, person=person.pk)
    return membership
