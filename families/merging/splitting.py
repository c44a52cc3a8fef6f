"""Splitting a family: a divorce, a child who goes to guardians (issue 3, «Split»).

Memberships end the day before and begin on the day, history stays in both cards, each names the other. Cases stay with
the card they were opened for: whom they cover is decided by the council.
"""

import datetime
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from families.models import Family, FamilyMembership
from families.registration import include
from sopr.errors import Refused

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Leaver:
    """A present member and his place in the other family; `stays` = a member of both from now on."""

    membership: FamilyMembership
    relation: str
    is_representative: bool = False
    ground: str = ""
    stays: bool = False


@dataclass
class NewCard:
    """The card to be entered: `family` holds fields of `Family`; `alike` were seen and called different."""

    family: dict
    category: str
    category_ground: str = ""
    alike: list[Family] = field(default_factory=list)
    difference: str = ""


def split_family(family: Family, *, by, leavers, on, to) -> Family:
    """From `on` the `leavers` are members of another family: `to` is an existing `Family` or a `NewCard`.

    Returns the other family. Raises Refused when nobody leaves or nobody stays, for a day in the future or not after
    the day somebody came, and when families alike were found and no difference is named.
    """
    today = timezone.localdate()
    if on > today:
        raise Refused("Дата раздела ещё не наступила. Укажите сегодняшнюю или прошедшую.")
    if isinstance(to, NewCard) and to.alike and not to.difference:
        raise Refused(
            "Похоже, карточка этой семьи уже есть. Выберите её или подтвердите, что это другая семья, и укажите, чем "
            "она отличается."
        )
    with transaction.atomic():
        family.lock()
        _check_leavers(family, leavers, on, today)
        other = _enter(to, by=by, on=on) if isinstance(to, NewCard) else to
        if other.pk == family.pk:
            raise Refused("Выбрана та же самая карточка. Укажите другую или заведите новую.")
        for leaver in leavers:
            if not leaver.stays:
                _leave(family, leaver.membership, by=by, until=on - DAY)
            include(
                other,
                leaver.membership.person,
                by=by,
                relation=leaver.relation,
                since=on,
                is_representative=leaver.is_representative,
                ground=leaver.ground,
            )
        people = [leaver.membership.person_id for leaver in leavers]
        family.log("split", by=by, happened_on=on, family=other.pk, people=people)
        other.log("split_from", by=by, happened_on=on, family=family.pk, people=people)
    return other


def _check_leavers(family, leavers, on, today):
    if not leavers:
        raise Refused("Отметьте, кто уходит в другую семью.")
    for leaver in leavers:
        since = leaver.membership.since
        if since is not None and since >= on and not leaver.stays:
            raise Refused(
                f"{leaver.membership.person.full_name} в этой семье с {since:%d.%m.%Y}: дата раздела должна быть позже."
            )
    gone = {leaver.membership.pk for leaver in leavers if not leaver.stays}
    if not family.memberships.valid_on(today).exclude(pk__in=gone).exists():
        raise Refused("В карточке никого не останется. Если семья переехала или сменила фамилию, исправьте карточку.")


def _leave(family, membership, *, by, until):
    """The membership ends, and what it gave a right to: the person represents nobody in this family any more."""
    for representation in membership.representations.filter(until=None).select_related("membership__family"):
        representation.end(by=by, until=max(until, representation.since))
    family.end_membership(membership, by=by, until=until)


def _enter(card: NewCard, *, by, on) -> Family:
    other = Family.register(by=by, **card.family)
    other.set_primary_category(card.category, by=by, since=on, ground=card.category_ground)
    if card.alike:
        ids = [like.pk for like in card.alike]
        other.log("distinguished", by=by, families=ids, reason=card.difference)
    return other
