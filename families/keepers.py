"""Who works with a family: to them alone its protected fields are open and its card is editable (domain.md §5).

A curator works own cases in full and sees the organisation's other families in brief. Cases stand above this app,
so the app that knows them declares a road to its people: `add_road(function)` in its `ready()`.
"""

from collections.abc import Callable, Iterable

from django.db.models import Q

from families.models import Family, FamilyEvent, Referral
from sopr.accounts.models import User
from sopr.accounts.policy import Perm, Role

# function(family_id, organisation_id) → ids of the users who work with the family there
Road = Callable[[int, int], Iterable[int]]
_roads: list[Road] = []
# function(organisation_id, user_id or None for anybody) → rows with a `family` with whom that user works there
Reach = Callable[[int, int | None], object]
_reaches: list[Reach] = []


def add_road(road: Road) -> None:
    """Declare a further way in which people come to work with a family."""
    if road not in _roads:
        _roads.append(road)


def add_reach(reach: Reach) -> None:
    """Declare the same way the other way round: the families somebody works with, for lists."""
    if reach not in _reaches:
        _reaches.append(reach)


def kept_by(user: User) -> Q:
    """The condition on a family visible to `user` that he works with it: `keeps` for a list."""
    if user.role == Role.HEAD:
        return Q()
    if user.role != Role.CURATOR:
        return Q(pk__in=[])
    checked = Referral.objects.filter(organisation=user.organisation_id, state=Referral.State.SCREENING)
    checked = checked.exclude(assigned_to=None).exclude(family=None)
    own = [checked.filter(assigned_to=user), *(reach(user.organisation_id, user.pk) for reach in _reaches)]
    anybodys = [checked, *(reach(user.organisation_id, None) for reach in _reaches)]
    registered = FamilyEvent.objects.filter(kind="registered", by=user)
    absorbed = Family.objects.filter(pk__in=registered.order_by().values("family")).exclude(merged_into=None)
    for rows in anybodys:
        registered = registered.exclude(family__in=rows.order_by().values("family"))
        absorbed = absorbed.exclude(merged_into__in=rows.order_by().values("family"))
    # Sets of ids, not a choice between conditions: the database goes from them to the cards by their key.
    ids = [rows.order_by().values_list("family") for rows in [*own, registered]]
    return Q(pk__in=ids[0].union(*ids[1:], absorbed.order_by().values_list("merged_into")))


def keepers_of(family: Family, organisation_id: int) -> set[int]:
    """Ids of the users who work with `family` in the organisation: the case's curator, the one who checks a signal.

    While there is nobody of these, the one who registered the card.
    """
    checking = Referral.objects.filter(
        family=family, organisation=organisation_id, state=Referral.State.SCREENING
    ).values_list("assigned_to", flat=True)
    found = {user for user in checking if user}
    for road in _roads:
        found.update(road(family.pk, organisation_id))
    if not found:
        found.update(FamilyEvent.objects.of_card(family).filter(kind="registered").values_list("by", flat=True))
    return found


def keeps(user: User, family: Family) -> bool:
    """Whether `user` works with `family`: its keeper, or the head of an organisation that holds its card."""
    if user.role == Role.HEAD:
        return family.holders.filter(pk=user.organisation_id).exists()
    return user.role == Role.CURATOR and user.pk in keepers_of(family, user.organisation_id)


def may_see(user: User, family: Family, perm: Perm) -> bool:
    """Whether a protected field (informant, hidden address, health) of `family` is open to `user`."""
    return user.may(perm) and keeps(user, family)


def may_see_informant(user: User, referral: Referral) -> bool:
    """Whether the informant of `referral` is open to `user`: who checks it, the head, and the writer until assigned."""
    if not user.may(Perm.INFORMANT_VIEW) or referral.organisation_id != user.organisation_id:
        return False
    if user.role == Role.HEAD or referral.assigned_to_id == user.pk:
        return True
    return referral.assigned_to_id is None and referral.registered_by_id == user.pk


def may_see_address_of(user: User, referral: Referral) -> bool:
    """Whether the address in `referral` is open to `user`: it is the family's, once that one is known and hides."""
    family = referral.family
    return family is None or not family.address_hidden or may_see(user, family, Perm.HIDDEN_ADDRESS_VIEW)
