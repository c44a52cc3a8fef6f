"""Merging two cards of one family, or two records of one human being, and undoing it (issue 3, «Merge»).

One transaction; both rows locked in the order of their keys, so that two heads who merge at once follow one another.
History is appended and stays where it was written: the kept card shows it too. Signed minutes and frozen reports are
not touched; a list behind a frozen figure finds the row that stands for a removed one by `twins_of`.
"""

from django.apps import apps
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from families.finding.sameness import Grade, Typed, compare
from families.merging.journal import Remove, read_back, write_down
from families.merging.plan import Plan, make_plan
from families.models import Family, FamilyMembership, Merge, Person
from sopr.accounts.policy import Perm
from sopr.errors import Refused


def preview(kept, absorbed, *, by, values=None) -> Plan:
    """What a merge of two families, or of two people, would do: its steps, differences, blockers. Writes nothing.

    Raises Refused when `by` may not merge these two at all.
    """
    _check_pair(kept, absorbed, by)
    return make_plan(kept, absorbed, values)


def merge_families(kept, absorbed, *, by, reason, values=None, same_people=()) -> Merge:
    """`absorbed` was the same family as `kept`: everything goes to `kept`, the number of `absorbed` leads there.

    `values` is {field: «kept», «absorbed» or «both»} where the cards differ; `same_people` are pairs (kept person,
    absorbed person) of one human being entered in both cards, merged along. Raises Refused when it cannot be done,
    with what to do about it.
    """
    with transaction.atomic():
        merge = _merge(kept, absorbed, by=by, reason=reason, values=values)
        kept.log("merged", by=by, merge=merge.pk, family=absorbed.pk)
        for one, other in same_people:
            merge_people(one, other, by=by, reason=reason, part_of=merge)
    return merge


def merge_people(kept, absorbed, *, by, reason, values=None, part_of=None) -> Merge:
    """`absorbed` was the same human being as `kept`; the same rules as for families. Raises Refused."""
    with transaction.atomic():
        merge = _merge(kept, absorbed, by=by, reason=reason, values=values, part_of=part_of)
        for family in _families_of(kept):
            family.log("person_merged", by=by, merge=merge.pk, person=kept.pk, absorbed=absorbed.pk)
    return merge


def undo_merge(merge: Merge, *, by) -> list[str]:
    """Put back what the merge moved; returns titles of values that were edited since and stay as they are.

    Each row returns if it still stands where the merge put it; what was added afterwards stays with the kept card.
    Raises Refused after thirty days, when the kept card was merged further, or when a rule of the database forbids a
    row to return: the sentence says which.
    """
    if not by.may(Perm.FAMILY_MERGE) or merge.organisation_id != by.organisation_id:
        raise Refused("Отменить объединение может руководитель службы, где оно сделано.")
    with transaction.atomic():
        locked = Merge.objects.select_for_update().get(pk=merge.pk)
        kept, absorbed = _lock(locked.kept, locked.absorbed)
        reason = locked.why_not_undo()
        if reason:
            raise Refused(reason)
        stayed = []
        for row in (locked, merge):
            row.undone_at, row.undone_by = timezone.now(), by
        locked.save(update_fields=["undone_at", "undone_by"])
        for part in locked.parts.standing().order_by("-pk"):
            stayed += undo_merge(part, by=by)
        absorbed.merged_into = None
        absorbed.save(update_fields=["merged_into"])
        for step in reversed(read_back(locked.journal)):
            stayed += _take_back(step)
        for family in [kept, absorbed] if locked.is_of_families else _families_of(kept):
            family.log("merge_undone", by=by, merge=merge.pk)
    return stayed


def merged_with(family) -> list[Merge]:
    """Merges into this card that can still be undone, newest first: the card shows them."""
    return list(Merge.objects.undoable().filter(kept_family=family).select_related("absorbed_family", "by"))


def twins_of(label: str, pks) -> dict[int, int]:
    """{removed row: the row that stands for it} for rows of a model that merges took out as standing twice.

    `label` is the model's («families.registerentry»). Frozen lists keep ids of rows removed later.
    """
    twins = {}
    for merge in Merge.objects.standing().order_by("pk"):
        for step in read_back(merge.journal):
            if isinstance(step, Remove) and step.model == label:
                twins[step.pk] = step.twin
    found = {}
    for pk in pks:
        standing = pk
        while standing in twins:
            standing = twins[standing]
        if standing != pk:
            found[pk] = standing
    return found


def pairs_of_people(kept: Family, absorbed: Family) -> list[tuple[Person, Person, bool]]:
    """People of the two cards who may be one: (of the kept, of the absorbed, sure), each at most once.

    Sure means the surest grade of the duplicate check, which twins and namesakes never reach (finding/sameness.py).
    """
    ours, theirs = (
        [
            row.person
            for row in FamilyMembership.objects.filter(family=family)
            .select_related("person")
            .order_by("person", "pk")
            .distinct()
        ]
        for family in (kept, absorbed)
    )
    shared = {person.pk for person in ours} & {person.pk for person in theirs}
    ranked = []
    for one in {person.pk: person for person in ours if person.pk not in shared}.values():
        for other in {person.pk: person for person in theirs if person.pk not in shared}.values():
            grade, _facts = compare(typed_like(one), other)
            if grade is not None and grade >= Grade.NEAR:
                ranked.append((grade, one, other))
    pairs, taken = [], set()
    for grade, one, other in sorted(ranked, key=lambda row: (-row[0], row[1].pk, row[2].pk)):
        if not {one.pk, other.pk} & taken:
            taken |= {one.pk, other.pk}
            pairs.append((one, other, grade == Grade.STRONG))
    return pairs


def typed_like(person: Person) -> Typed:
    """A stored person as the duplicate check takes him."""
    return Typed(person.last_name, person.first_name, person.patronymic, person.birth_on, person.snils, person.phone)


# -- inside ------------------------------------------------------------------------------------------------------------


def _merge(kept, absorbed, *, by, reason, values, part_of=None) -> Merge:
    _lock(kept, absorbed)
    for row in (kept, absorbed):
        if part_of is None:
            row.lock_unchanged()
        row.refresh_from_db()
    _check_pair(kept, absorbed, by)
    plan = make_plan(kept, absorbed, values)
    if plan.blockers:
        raise Refused(plan.refusal())
    merge = Merge.objects.create(
        organisation=by.organisation, by=by, reason=reason, part_of=part_of, **_sides(kept, absorbed)
    )
    try:
        with transaction.atomic():
            for step in plan.steps:
                step.do()
    except IntegrityError as failure:
        raise Refused(
            "Объединить не удалось: записи двух карточек не могут стоять рядом. Обновите страницу и посмотрите, что "
            "мешает; если причина не видна, сообщите администратору."
        ) from failure
    absorbed.refresh_from_db()
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    merge.journal = write_down(plan.steps)
    merge.save(update_fields=["journal"])
    kept.refresh_from_db()
    return merge


def _sides(kept, absorbed) -> dict:
    kind = "family" if isinstance(kept, Family) else "person"
    return {f"kept_{kind}": kept, f"absorbed_{kind}": absorbed}


def _check_pair(kept, absorbed, by):
    if not by.may(Perm.FAMILY_MERGE):
        raise Refused("Объединяет карточки руководитель службы: передайте ему номера двух карточек.")
    if kept.pk == absorbed.pk:
        raise Refused("Выбрана та же самая запись. Укажите другую, которую нужно объединить с этой.")
    for row in (kept, absorbed):
        if row.merged_into_id:
            raise Refused(f"Запись № {row.number} уже объединена с № {row.merged_into.number}. Откройте ту запись.")
    if type(kept).objects.visible_to(by).filter(pk__in=[kept.pk, absorbed.pk]).count() < 2:
        raise Refused("Объединить можно только записи своей организации.")


def _lock(kept, absorbed):
    """Lock both rows in the order of their keys; returns them as they are now."""
    rows = type(kept)._base_manager.select_for_update().filter(pk__in=[kept.pk, absorbed.pk]).order_by("pk")
    found = {row.pk: row for row in rows}
    return found[kept.pk], found[absorbed.pk]


def _take_back(step) -> list[str]:
    try:
        with transaction.atomic():
            return step.undo()
    except DatabaseError as failure:
        raise Refused(
            f"Отменить объединение нельзя: {_what(step)} не может вернуться на прежнее место, потому что с тех пор "
            "там появилась такая же запись. Исправьте или завершите её и повторите."
        ) from failure


def _what(step) -> str:
    return f"«{apps.get_model(step.model)._meta.verbose_name}»"


def _families_of(person):
    """Cards in which the person is now: their history tells of the merge."""
    today = timezone.localdate()
    return Family.objects.live().filter(
        pk__in=FamilyMembership.objects.valid_on(today).filter(person=person).values("family")
    )
