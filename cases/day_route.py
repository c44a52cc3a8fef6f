"""The route of a day: where a curator goes, in what order, and what to remember at each door."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils import timezone

from cases import reading
from cases.models import Contact, Visit
from families.keepers import kept_by
from families.models import Family, FamilyMembership
from families.names import address_key, number_key
from sopr.accounts.policy import Perm

THREAT_DAYS = 90  # how long a threat that was noted is said at the door [choice]
DAYS_AHEAD = 14  # the days named beside the route
ADULT = 18
LAST = 1_000_000  # a stop without a place of its own comes after those set by hand


@dataclass
class Stop:
    """One visit as the route shows it; `address` is empty where it may not be seen, `hidden`: it is a secret."""

    visit: Visit
    address: str
    hidden: bool = False
    phone: str = ""
    adult: str = ""
    children: list = field(default_factory=list)
    cautions: list = field(default_factory=list)

    @property
    def family(self) -> Family:
        return self.visit.case.family

    @property
    def place(self) -> str:
        """Municipality and district, for those who sort their way."""
        district = self.family.district
        return ", ".join(filter(None, [self.family.municipality.name, district.name if district else ""]))


def visits_of_day(curator, day: datetime.date, user):
    """Everything planned by or for `curator` on `day` that `user` may see, with what the route shows."""
    rows = Visit.objects.visible_to(user).of_curator(curator).on(day)
    return rows.select_related("case__family__municipality", "case__family__district", "contact")


def stops_of_day(visits, day: datetime.date, user) -> list[Stop]:
    """The route: home visits by municipality, district and address, or in the order set by hand.

    Addresses hidden for safety are shown only to who works with the family. A constant number of statements.
    """
    families = {visit.case.family_id: visit.case.family for visit in visits}
    shown = _with_address_open(families, user)
    members = _members(families, day)
    threats, attempts = _threats(visits), reading.attempts_by_case([visit.case_id for visit in visits])
    stops = []
    for visit in visits:
        family = visit.case.family
        is_open = not family.address_hidden or family.pk in shown
        stop = Stop(visit, family.address if is_open else "", hidden=family.address_hidden, phone=family.phone)
        _name_people(stop, members.get(family.pk, []), day)
        stop.cautions = _cautions(visit, threats.get(visit.case_id), attempts.get(visit.case_id))
        stops.append(stop)
    return sorted(stops, key=_order)


def _order(stop):
    district = stop.family.district
    return (
        stop.visit.place_in_route or LAST,
        stop.family.municipality.name,
        district.name if district else "",
        number_key(address_key(stop.address)),
        stop.visit.at,
        stop.visit.pk,
    )


def _with_address_open(families, user) -> set[int]:
    """Families whose hidden address is open to `user`: those he works with (domain.md §5)."""
    hidden = [pk for pk, family in families.items() if family.address_hidden]
    if not hidden or not user.may(Perm.HIDDEN_ADDRESS_VIEW):
        return set()
    seen = Family.objects.visible_to(user).filter(kept_by(user), pk__in=hidden)
    return set(seen.values_list("pk", flat=True))


def _members(families, day) -> dict[int, list]:
    rows = FamilyMembership.objects.filter(family__in=families).valid_on(day).select_related("person")
    found = {}
    for row in rows.order_by("-is_representative", "person__birth_on", "pk"):
        found.setdefault(row.family_id, []).append(row)
    return found


def _name_people(stop, members, day):
    """Who opens the door, and the children by age, the eldest first."""
    adults = [row for row in members if row.relation in FamilyMembership.REPRESENTATIVES]
    if adults:
        stop.adult = adults[0].person.full_name
        stop.phone = stop.phone or adults[0].person.phone
    for row in members:
        age = row.person.age_on(day)
        if row.relation == FamilyMembership.Relation.CHILD and (age is None or age < ADULT):
            stop.children.append((row.person.first_name or row.person.last_name, age))


def _threats(visits) -> dict[int, datetime.datetime]:
    """{case: when a threat to a child was last noted}, not long ago."""
    since = timezone.now() - datetime.timedelta(days=THREAT_DAYS)
    noted = Contact.objects.filter(case__in=[visit.case_id for visit in visits], threat=True, at__gte=since)
    return dict(noted.order_by("at").values_list("case", "at"))


def _cautions(visit, threat, attempts) -> list[str]:
    found = [visit.caution] if visit.caution else []
    if threat:
        found.append(f"угроза ребёнку отмечена {timezone.localtime(threat):%d.%m.%Y}")
    if attempts and attempts.number >= reading.ATTEMPTS_TO_TELL:
        found.append(f"не застали {attempts.number} раза подряд" if attempts.number < 5 else "давно не застают")
    return found


def caution_of(case) -> str:
    """What the last plan said to remember at the door: the next one begins with it."""
    return case.visits.exclude(caution="").order_by("-at", "-pk").values_list("caution", flat=True).first() or ""


def first_with_visits(curators, day):
    """The curator whose route the head sees first: one who has somewhere to go on `day`."""
    busy = Visit.objects.planned().on(day).filter(case__curator__in=curators).values("case__curator")
    return curators.filter(pk__in=busy).first()


def days_ahead(curator, user) -> list[tuple[datetime.date, int]]:
    """(day, planned visits) of the coming days that have any."""
    today = timezone.localdate()
    until = today + datetime.timedelta(days=DAYS_AHEAD)
    planned = Visit.objects.visible_to(user).of_curator(curator).planned().filter(at__date__range=(today, until))
    return list(planned.order_by("at__date").values_list("at__date").annotate(number=Count("pk")))


def moved(stops, pk: int, step: int) -> list[Visit]:
    """The visits of `stops` with one of them a step up (-1) or down (+1)."""
    visits = [stop.visit for stop in stops]
    here = next((place for place, visit in enumerate(visits) if visit.pk == pk), None)
    if here is not None and 0 <= here + step < len(visits):
        visits.insert(here + step, visits.pop(here))
    return visits
