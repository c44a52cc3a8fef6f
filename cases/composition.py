"""A case outlives a birth, a death and a move: what changed in the family since, and what is to be done about it.

A hint changes nothing by itself (as in families.hints): the curator covers or uncovers the person, or says «учтено»;
that answer is an event of the case and holds for this very fact.
"""

import datetime
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from cases import acts
from cases.models.history import BY_DEFAULT, CaseEvent
from cases.words import CaseForm
from families.models import Consent, FamilyEvent, FamilyMembership
from sopr.accounts.models import Municipality
from sopr.calendar import add_months
from sopr.errors import Refused

CHILD = FamilyMembership.Relation.CHILD


@dataclass(frozen=True)
class Change:
    """One thing that changed. `fact` names it exactly: code, ids, dates; `acts` are (title, url), the main first."""

    fact: str
    on: datetime.date
    title: str
    what_to_do: str
    acts: list = field(default_factory=list)


def changes_of(case) -> list[Change]:
    """What changed in the family since the case was opened and nobody has dealt with, the latest first."""
    if acts.why_not_change_cover(case):
        return []
    today = timezone.localdate()
    memberships = list(case.family.memberships.select_related("person"))
    covered = {row.person_id: row for row in case.members.now()}
    present = {row.person_id for row in memberships if _valid(row, today)}
    found = [
        *_joined(case, memberships, covered, today),
        *_left(case, memberships, covered, present),
        *_moved(case),
    ]
    checked = set(CaseEvent.objects.filter(case=case, kind="composition_checked").values_list("refs__hint", flat=True))
    return sorted(
        (change for change in found if change.fact not in checked), key=lambda change: change.on, reverse=True
    )


def check(case, fact, *, by):
    """Note that `by` has dealt with the change; raises Refused when there is no such change (any more)."""
    with transaction.atomic():
        type(case).objects.select_for_update().get(pk=case.pk)
        if fact not in {change.fact for change in changes_of(case)}:
            raise Refused("Этой подсказки уже нет: её рассмотрел другой сотрудник или данные изменились.")
        case.log("composition_checked", by=by, hint=fact)


def people_to_cover(case, day):
    """Memberships of those in the family on `day` whom the case does not cover."""
    return case.family.members_on(day).exclude(person__in=case.members.now().values("person"))


def _valid(row, day) -> bool:
    return (row.since is None or row.since <= day) and (row.until is None or row.until >= day)


def _joined(case, memberships, covered, today):
    """A child or a representative who came into the family after a group case was opened, most often a newborn."""
    if case.form == CaseForm.INDIVIDUAL:
        return
    wanted = set(case.family.memberships.filter(BY_DEFAULT).values_list("pk", flat=True))
    consented = set(
        Consent.objects.filter(family=case.family_id, operator=case.organisation_id, withdrawn_on=None).values_list(
            "subject", flat=True
        )
    )
    for row in memberships:
        came_later = row.since is not None and row.since > case.opened_on
        if row.pk not in wanted or not came_later or not _valid(row, today) or row.person_id in covered:
            continue
        name = row.person.first_name or row.person.last_name
        born = row.relation == CHILD and row.person.birth_on and row.person.birth_on > add_months(today, -12)
        title = f"Родился ребёнок: {name}" if born else f"В семье теперь {name}, {row.get_relation_display()}"
        steps = [("Охватить случаем", reverse("cases:member-cover", args=[case.pk]))]
        if row.person_id not in consented:
            steps.append(("Согласие", reverse("families:consent-new", args=[case.family_id])))
        if not acts.why_not_assess(case):
            steps.append(("Диагностика", reverse("cases:assessment-new", args=[case.pk])))
        todo = "Решите, охватывает ли его случай. Возьмите согласие, проведите диагностику, дополните ИПСС через совет."
        yield Change(f"joined:{row.pk}", row.since, f"{title}, с {row.since:%d.%m.%Y}", todo, steps)


def _left(case, memberships, covered, present):
    """Somebody the case covers is no longer in the family."""
    for person, member in covered.items():
        own = [row for row in memberships if row.person_id == person]
        if person in present or not own:
            continue
        row = max(own, key=lambda each: each.until or datetime.date.min)
        if row.until is None:
            continue
        why = f" ({row.get_left_because_display()})" if row.left_because else ""
        others = [each for each in memberships if each.person_id in covered and each.person_id in present]
        todo, steps = _after_leaving(case, row, others)
        steps.insert(0, ("Закончить охват", reverse("cases:member-end", args=[member.pk])))
        title = f"{row.person.full_name}: выбыл из семьи {row.until:%d.%m.%Y}{why}"
        if row.person.sex == "f":
            title = title.replace("выбыл ", "выбыла ")
        yield Change(f"left:{row.pk}:{row.until}", row.until, title, todo, steps)


def _after_leaving(case, row, others):
    """What the leaving of this person asks for, by who is left."""
    children = [each for each in others if each.relation == CHILD]
    adults = [each for each in others if each.relation != CHILD]
    members = f"{reverse('families:family-detail', args=[case.family_id])}?tab=members"
    if not children:
        todo = "Детей, которых охватывает случай, в семье не осталось: решите, снимать ли её с сопровождения."
        if acts.why_not_prepare_closure(case):
            return todo, []
        return todo, [("Заключение о снятии", reverse("cases:closure-new", args=[case.pk]))]
    if not adults:
        todo = "У детей не осталось законного представителя: известите опеку и укажите нового."
        return todo, [("Состав семьи", members)]
    return "Закончите охват; если мероприятия ИПСС были для этого человека, измените программу через совет.", []


def _moved(case):
    """The family moved to another municipality of the region while the case goes on."""
    moves = FamilyEvent.objects.of_card(case.family).filter(kind="moved", happened_on__gte=case.opened_on)
    moves = [move for move in moves if move.refs.get("to") != move.refs.get("from")]
    names = Municipality.objects.in_bulk({move.refs.get("to") for move in moves})
    for move in moves:
        place = names.get(move.refs.get("to"))
        todo = (
            "Случай остаётся у Вас, пока его не принял другой. Предложите передачу организации по новому месту или "
            "оставьте, если будете ездить к семье. Участок укажите заново."
        )
        steps = [("Предложить передачу", reverse("cases:transfer-offer", args=[case.pk]))]
        steps.append(("Карточка семьи", reverse("families:family-edit", args=[case.family_id])))
        where = place.name if place else "другое муниципальное образование"
        title = f"Семья переехала {move.happened_on:%d.%m.%Y}: {where}"
        yield Change(f"moved:{move.pk}", move.happened_on, title, todo, steps)
