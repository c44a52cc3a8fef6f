"""What the check of cards found, kept in a table: lists, filters and counts read it by an index.

A card is checked anew when its facts changed (families.quality.watch), and every card on a new day, since ages and
terms pass. Whoever reads catches up with the changes first, so what is shown is true at that moment.
"""

from collections import Counter, defaultdict
from itertools import islice

from django.db import transaction
from django.db.models import Count, F, IntegerField, Q, Value
from django.utils import timezone

from families.models import CardCheck, CardProblem, Family, FamilyMembership, UncheckedCard
from families.quality.catalogue import Scope, problems

BATCH = 1000  # cards checked in one transaction
INLINE = 3000  # cards that a reader waits for [choice]: about a second; more is left to the worker


def catch_up() -> bool:
    """Check what a reader can wait for; False when so much waits that the worker has to (a large import, a new day)."""
    if checked_on() != timezone.localdate():
        if _count_up_to(Family.objects.live()) > INLINE:
            return False
        check_all()
    waiting = _count_up_to(UncheckedCard.objects.all())
    if 0 < waiting <= INLINE:
        _check_waiting()
    return waiting <= INLINE


def _count_up_to(rows) -> int:
    return rows.order_by()[: INLINE + 1].count()


def keep_up():
    """Check every card on a new day, then those that wait: the worker's whole duty."""
    if checked_on() != timezone.localdate():
        check_all()
    _check_waiting()


def check_all():
    """Check every card of every organisation as of today; what waited for that does not wait any more."""
    for organisation in _holders().order_by("organisation").values_list("organisation", flat=True).distinct():
        ids = _holders().filter(organisation=organisation).order_by("family").values_list("family", flat=True)
        left = ids.iterator(chunk_size=BATCH)
        while batch := list(islice(left, BATCH)):
            with transaction.atomic():
                _lock()
                waiting = list(UncheckedCard.objects.filter(family_id__in=batch).values_list("pk", flat=True))
                _check(organisation, batch, timezone.localdate())
                # another holder's turn comes in this same round; until the round ends the day counts as not checked
                UncheckedCard.objects.filter(pk__in=waiting).delete()
    with transaction.atomic():
        check = _lock()
        check.checked_on = timezone.localdate()
        check.save()


def _holders():
    """Who holds which card: rows (family, organisation)."""
    return Family.holders.through.objects


def checked_on():
    """The day as of which all cards were checked; None before the first time."""
    return CardCheck.objects.values_list("checked_on", flat=True).first()


def _lock() -> CardCheck:
    """Checks follow one another: what is written is never older than what is there."""
    CardCheck.objects.get_or_create(pk=1)
    return CardCheck.objects.select_for_update().get(pk=1)


def _check_waiting():
    while _check_batch():
        pass


def _check_batch() -> bool:
    """Check the next of the cards that wait, those of one holder together; False when there is none."""
    with transaction.atomic():
        _lock()
        first = UncheckedCard.objects.order_by("pk").first()
        if first is None:
            return False
        holder = _holders().filter(family=first.family_id).order_by("organisation").first()
        alike = Q(family_id=first.family_id)
        if holder is not None:
            alike |= Q(family_id__in=_holders().filter(organisation=holder.organisation_id).values("family"))
        rows = dict(UncheckedCard.objects.filter(alike).order_by("pk").values_list("pk", "family_id")[:BATCH])
        for organisation, ids in _by_organisation(set(rows.values())).items():
            _check(organisation, ids, timezone.localdate())
        UncheckedCard.objects.filter(pk__in=rows).delete()
    return True


def _by_organisation(ids) -> dict[int, set[int]]:
    """{organisation: those of the cards `ids` that it holds, or that something is kept of}."""
    found = defaultdict(set)
    for rows in (_holders(), CardProblem.objects):
        for organisation, family in rows.filter(family__in=ids).values_list("organisation", "family"):
            found[organisation].add(family)
    return found


def _check(organisation_id, ids, today):
    """Bring what is kept of these cards for one organisation up to date: a set for each condition, one statement."""
    scope = Scope(today, organisation_id)
    cards = Family.objects.live().filter(pk__in=ids, holders=organisation_id).order_by()
    first, *others = [
        cards.filter(problem.condition(scope)).values_list("pk", Value(problem.code)) for problem in problems()
    ]
    found = set(first.union(*others, all=True))
    noted = {
        (family, code): pk
        for pk, family, code in CardProblem.objects.filter(organisation=organisation_id, family__in=ids).values_list(
            "pk", "family", "code"
        )
    }
    CardProblem.objects.filter(pk__in=[pk for key, pk in noted.items() if key not in found]).delete()
    CardProblem.objects.bulk_create(
        CardProblem(family_id=family, organisation_id=organisation_id, code=code)
        for family, code in sorted(found - set(noted))
    )


# -- reading, after `catch_up` ---------------------------------------------------------------------------------------


def _noted(organisation_id):
    return CardProblem.objects.filter(organisation=organisation_id)


def with_problem(families, code: str, organisation_id):
    """The families that have problem `code`, or any with «any»; all of them for an unknown code."""
    if code != "any" and code not in {problem.code for problem in problems()}:
        return families
    noted = _noted(organisation_id)
    return families.filter(pk__in=(noted if code == "any" else noted.filter(code=code)).values("family"))


def count_problems(families, organisation_id, keeper=None) -> dict[int | None, Counter]:
    """{who works with them: families by the code of the problem, by «all» and «any»}, in three statements.

    `keeper` is an expression for the id of who works with a family; without it all stand under None.
    """
    keeper = Value(None, output_field=IntegerField()) if keeper is None else keeper
    kept = families.order_by().annotate(keeper=keeper).values_list("keeper")
    counts = {who: Counter(all=number) for who, number in kept.annotate(number=Count("pk"))}
    wrong = kept.filter(card_problems__organisation=organisation_id)
    for who, code, number in wrong.annotate(code=F("card_problems__code"), number=Count("pk")).values_list(
        "keeper", "code", "number"
    ):
        counts[who][code] = number
    for who, number in wrong.annotate(number=Count("pk", distinct=True)).values_list("keeper", "number"):
        counts[who]["any"] = number
    return counts


def name_problems(families, organisation_id):
    """Set `problems` of each family shown: [(title with the person's name, address where it is mended)].

    Three statements however many families and problems; which member it is about, the conditions themselves say.
    """
    ids = [family.pk for family in families]
    noted = set(_noted(organisation_id).filter(family__in=ids).values_list("family", "code"))
    wrong = _wrong_members(ids, Scope(timezone.localdate(), organisation_id))
    members = FamilyMembership.objects.filter(pk__in=[pk for pk, _code in wrong]).select_related("person")
    by_family = {}
    for member in members.order_by("pk"):
        by_family.setdefault(member.family_id, []).append(member)
    for family in families:
        family.problems = [
            (problem.title, problem.url_for(family))
            for problem in problems()
            if problem.who is None and (family.pk, problem.code) in noted
        ]
        family.problems += [
            (f"{member.person.short_name}: {problem.title}", problem.url_for(family, member))
            for problem in problems()
            for member in by_family.get(family.pk, ())
            if (member.pk, problem.code) in wrong
        ]


def _wrong_members(family_ids, scope) -> set[tuple[int, str]]:
    """(id of the membership, code) of the problems that are about a member."""
    members = FamilyMembership.objects.filter(family__in=family_ids).order_by()
    first, *others = [
        members.filter(problem.who(scope)).values_list("pk", Value(problem.code))
        for problem in problems()
        if problem.who is not None
    ]
    return set(first.union(*others, all=True))
