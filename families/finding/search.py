"""The search box: families by number, people, birth date, СНИЛС, telephone or address, best first.

What the reader may see comes with links; a family of another organisation only as «served, by whom», and only when the
words identify it (so that nobody leafs through the region's families by surname). Numbers given by the apps above
(cases) are looked up by a declared road: `add_road(function)` in the app's `ready()`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils import timezone

from families.finding.closeness import slips_allowed, slips_to_begin
from families.finding.query import in_russian_layout, read_query
from families.models import Family, FamilyMembership, Person
from families.names import address_key, normalise, number_key
from sopr.accounts.models import Organisation, User

SHOWN = 50
CANDIDATES = 300  # rows of one query, the likeliest first
GUESSES = 2000  # rows compared letter by letter when nothing matches as typed
ORGANISATIONS = 10

# function(user, number) → {family id: what bears the number, or "" when the user may not see it}
Road = Callable[[User, str], dict[int, str]]
_roads: list[Road] = []


def add_road(road: Road) -> None:
    """Declare further numbers by which a family is found."""
    if road not in _roads:
        _roads.append(road)


@dataclass
class Member:
    """A person who answered, and whether he has left the family since."""

    person: Person
    former: bool


@dataclass
class Found:
    """One family of the reader, with the people and the facts that answered."""

    family: Family
    rank: int = 0
    people: list[Member] = field(default_factory=list)
    why: str = ""

    def raise_to(self, rank, why=""):
        """Keep the best of the ranks, with its reason."""
        if rank > self.rank:
            self.rank, self.why = rank, why


@dataclass
class Results:
    found: list[Found] = field(default_factory=list)
    elsewhere: list[Organisation] = field(default_factory=list)  # that serve a family like the one asked for
    more: bool = False
    guessed: bool = False  # nothing matched as typed: these are like it
    identifies: bool = False

    def __len__(self):
        return len(self.found) + len(self.elsewhere)


def find_families(user, text: str, shown: int = SHOWN) -> Results:
    """Families that answer `text`: the user's own with links, others as organisations only."""
    results = _find(user, read_query(text), shown)
    if not results and in_russian_layout(text):
        results = _find(user, read_query(in_russian_layout(text)), shown)
    return results


def _find(user, query, shown):
    if not query:
        return Results()
    own = Family.objects.visible_to(user)
    found: dict[int, Found] = {}
    numbered = _add_numbered(found, query, user, own)
    _add_people(found, query, own)
    _add_cards(found, query, own)
    others = _others(query, own, numbered)
    guessed = bool(query.words) and not found and not others
    if guessed:
        _add_guesses(found, query, own)
    if guessed and not found and query.identifies and query.birth_on:
        others = _others(query, own, _alike_elsewhere(query))
    ranked = sorted(found.values(), key=lambda entry: (-entry.rank, entry.family.search_text, entry.family.pk))
    return Results(ranked[:shown], others, len(ranked) > shown, guessed, query.identifies)


# -- numbers -----------------------------------------------------------------------------------------------------------


def _add_numbered(found, query, user, own) -> set[int]:
    """Families by number; returns ids of all that bear it, seen or not. A merged card leads to the one that stands."""
    if not query.number:
        return set()
    key = number_key(query.number)
    ranked = {}
    for family in Family.objects.filter(number_key=key).select_related("merged_into__merged_into"):
        standing = family
        while standing.merged_into_id:
            standing = standing.merged_into
        ranked[standing.pk] = (100, "номер") if standing == family else (99, f"бывший № {family.number}")
    for road in _roads:
        for family_id, words in road(user, query.number).items():
            ranked.setdefault(family_id, (95, words or "номер случая"))
    for family in own.filter(pk__in=ranked).select_related("municipality") if ranked else ():
        found.setdefault(family.pk, Found(family)).raise_to(*ranked[family.pk])
    return set(ranked)


# -- people ------------------------------------------------------------------------------------------------------------


def _people_condition(query, like=False) -> Q | None:
    """The condition on a person, or None when the words say nothing of people."""
    if query.snils or query.phone:
        known = Q(person__phone=query.phone)
        return known | Q(person__snils=query.snils) if query.snils else known
    if not query.words and not query.has_birth:
        return None
    condition = Q(person__merged_into=None)
    if query.words:
        has, alike = Q(person__search_name__has_words=query.words), Q(person__search_name__like_words=query.words)
        condition &= alike if like else has
    if query.birth_on:
        condition &= Q(person__birth_on=query.birth_on)
    elif query.birth_year:
        condition &= Q(person__birth_on__year=query.birth_year)
    return condition


def _memberships(condition, own):
    """Members, present and former, of the reader's families."""
    return FamilyMembership.objects.filter(condition, family__in=own.order_by())


def _read(ids):
    """Members by id, with what a result shows. The choice before it sorts and compares narrow rows."""
    rows = FamilyMembership.objects.filter(pk__in=ids).select_related("person", "family__municipality")
    return rows.order_by("pk") if ids else ()


def _add_people(found, query, own):
    condition = _people_condition(query)
    if condition is None:
        return
    chosen = _memberships(condition, own).order_by(*_likeliest(query)).values_list("pk", flat=True)[:CANDIDATES]
    for membership in _read(list(chosen)):
        rank, why = _person_rank(query, membership.person)
        _add_member(found, membership, rank, why)


def _likeliest(query):
    """The order in which the database cuts off: those who bear the first word as surname, then whose begins with it."""
    if not query.words:
        return ["family__search_text", "pk"]
    first = query.words[0]
    whole = Case(
        When(person__search_name__startswith=f"{first} ", then=Value(0)),
        When(person__search_name__startswith=first, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return [whole, "family__search_text", "pk"]


def _add_member(found, membership, rank, why=""):
    former = membership.until is not None and membership.until < timezone.localdate()
    entry = found.setdefault(membership.family_id, Found(membership.family))
    entry.raise_to(rank - 5 * former, why)
    known = next((member for member in entry.people if member.person == membership.person), None)
    if known is None:
        entry.people.append(Member(membership.person, former))
    else:
        known.former = known.former and former


def _person_rank(query, person) -> tuple[int, str]:
    if query.snils and person.snils == query.snils:
        return 90, "СНИЛС"
    if query.phone and person.phone == query.phone:
        return 85, "телефон"
    if query.words and sorted(query.words) == sorted(person.search_name.split()):
        return 80, ""
    if query.words and set(normalise(person.last_name).split()) <= set(query.words):
        return 70, ""
    return 50, ""


# -- the card itself ---------------------------------------------------------------------------------------------------


def _add_cards(found, query, own):
    """Families by telephone, surname and address."""
    words = address_key(" ".join(query.words)).split() or query.words
    condition = Q(phone=query.phone) if query.phone else Q(search_text__has_words=words)
    if not query.phone and (not words or query.has_birth):
        return
    cards = own.filter(condition).select_related("municipality").order_by("search_text", "pk")[:CANDIDATES]
    for family in cards:
        found.setdefault(family.pk, Found(family)).raise_to(*_card_rank(query, words, family))


def _card_rank(query, words, family) -> tuple[int, str]:
    if query.phone:
        return 85, "телефон"
    if normalise(family.surname) == " ".join(query.words):
        return 75, ""
    if family.search_text.startswith(words[0]):
        return 60, ""
    return (45 if set(words) <= set(family.search_text.split()) else 40), "адрес"


# -- slips of the pen --------------------------------------------------------------------------------------------------


def _add_guesses(found, query, own):
    """People and cards like the words typed: found by pieces of the words, compared letter by letter."""
    people = _memberships(_people_condition(query, like=True), own).order_by()
    wrong = _nearest(query.words, people.values_list("pk", "person__search_name")[:GUESSES])
    for membership in _read(list(wrong)):
        _add_member(found, membership, 39 - wrong[membership.pk])
    if query.has_birth:
        return
    words = address_key(" ".join(query.words)).split() or query.words
    cards = own.filter(search_text__like_words=words).order_by().values_list("pk", "search_text")
    wrong = _nearest(words, cards[:GUESSES])
    for family in own.filter(pk__in=wrong).select_related("municipality") if wrong else ():
        found.setdefault(family.pk, Found(family)).raise_to(38 - wrong[family.pk])


def _nearest(words, rows) -> dict[int, int]:
    """{id: slips} of the rows (id, text) nearest to the words, as many as are shown at most."""
    wrong = {pk: slips for pk, text in rows if (slips := _slips(words, text)) is not None}
    return dict(sorted(wrong.items(), key=lambda item: item[1])[:CANDIDATES])


def _slips(words, text) -> int | None:
    """Slips in all between the words typed and the nearest words of the text; None when some word is not there."""
    left, total = text.split(), 0
    for word in words:
        wrong, nearest = min(((slips_to_begin(word, other), other) for other in left), default=(99, ""))
        if wrong > slips_allowed(word):
            return None
        left.remove(nearest)
        total += wrong
    return total


# -- other organisations -----------------------------------------------------------------------------------------------


def _others(query, own, numbered) -> list[Organisation]:
    """Organisations that hold a family the words identify and that the reader may not see."""
    ids = set(numbered)
    if query.identifies:
        ids.update(_present(_people_condition(query)).values_list("family", flat=True)[:CANDIDATES])
    if query.phone:
        ids.update(Family.objects.live().filter(phone=query.phone).order_by().values_list("pk", flat=True)[:CANDIDATES])
    if not ids:
        return []
    others = Family.objects.live().filter(pk__in=ids).exclude(pk__in=own.filter(pk__in=ids).order_by().values("pk"))
    return list(Organisation.objects.filter(families__in=others.order_by()).distinct()[:ORGANISATIONS])


def _alike_elsewhere(query) -> set[int]:
    """Families of people born on the very day whose names are like those typed."""
    people = _present(_people_condition(query, like=True)).select_related("person")[:CANDIDATES]
    return {row.family_id for row in people if _slips(query.words, row.person.search_name) is not None}


def _present(condition):
    """Who is in a family today: a family is served with the people who are in it."""
    return FamilyMembership.objects.valid_on(timezone.localdate()).filter(condition).order_by()
