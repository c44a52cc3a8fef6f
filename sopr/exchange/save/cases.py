"""Cases as history: curators, covered people, categories, levels, activities, surveys."""

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from cases.models import Activity, Case, CaseMember, CuratorAssignment, LevelPeriod, Survey
from cases.words import CaseForm, Ground, Stage
from families.models import CategoryPeriod, Family, FamilyMembership, Person
from sopr import profile
from sopr.accounts.models import Organisation, User
from sopr.exchange.compare import read_reason
from sopr.exchange.save.merge import by_code, column, ids, is_ours, merge


def save_cases(batch):
    """Cases as history: accepted, perhaps closed; the family's card is held by the organisation from then on."""
    families = ids(Family, "number", column(batch, "Номер семьи"))
    organisations = ids(Organisation, "code", column(batch, "Код организации"))
    curators = ids(User, "username", column(batch, "Логин куратора"))
    by_contract = profile.current().accepted_on_rule == "contract"
    known = by_code(Case, "number", column(batch, "Номер случая"))
    wanted = {}
    for _n, row in batch:
        if not is_ours(known.get(row["Номер случая"])):
            continue
        closed = row.get("Дата снятия")
        accepted = row.get("Дата договора") if by_contract and row.get("Дата договора") else row["Дата принятия"]
        wanted[row["Номер случая"]] = {
            "number": row["Номер случая"],
            "family_id": families[row["Номер семьи"]],
            "organisation_id": organisations[row["Код организации"]],
            "primary_category": row["Основная категория"],
            "ground": row.get("Основание", Ground.OTHER),
            "form": row.get("Форма", CaseForm.GROUP),
            "stage": Stage.CLOSED if closed else Stage.ACTIVE,
            "opened_on": min(accepted, row["Дата принятия"]),
            "accepted_on": accepted,
            "contracted_on": row.get("Дата договора"),
            "closed_on": closed,
            "outcome": row.get("Результат", ""),
            "closure_reason": row.get("Причина снятия", ""),
            "curator_id": curators.get(row.get("Логин куратора")),
            "imported": True,
        } | ({"level": "", "level_term_on": None} if closed else {})
    cases = merge(Case, known, wanted)
    saved = [cases[number] for number in wanted]
    holders = Family.holders.through
    holders.objects.bulk_create(
        [holders(family_id=case.family_id, organisation_id=case.organisation_id) for case in saved],
        ignore_conflicts=True,
    )
    _save_curators(saved)
    _cover_people(saved)
    _save_categories(saved)


def _save_curators(cases):
    known = {a.case_id: a for a in CuratorAssignment.objects.filter(case__in=cases)}
    wanted = {
        case.pk: {"case_id": case.pk, "user_id": case.curator_id, "since": case.accepted_on, "until": case.closed_on}
        for case in cases
        if case.curator_id
    }
    merge(CuratorAssignment, known, wanted)


def _cover_people(cases):
    """Children and their representatives who were members of the family during the case (decisions.md)."""
    covered = [FamilyMembership.Relation.CHILD, *FamilyMembership.REPRESENTATIVES]
    memberships = {}
    found = FamilyMembership.objects.filter(family__in={case.family_id for case in cases}, relation__in=covered)
    for membership in found:
        memberships.setdefault(membership.family_id, []).append(membership)
    CaseMember.objects.bulk_create(
        [
            CaseMember(case=case, person_id=person)
            for case in cases
            for person in {
                m.person_id
                for m in memberships.get(case.family_id, ())
                if (m.until is None or m.until >= case.accepted_on)
                and (m.since is None or case.closed_on is None or m.since <= case.closed_on)
            }
        ],
        ignore_conflicts=True,
    )


def _save_categories(cases):
    """A family without a primary category takes that of its case accepted last."""
    last = {}
    for case in sorted(cases, key=lambda case: (case.accepted_on, case.number_key)):
        last[case.family_id] = case
    has = set(CategoryPeriod.objects.filter(family__in=last, is_primary=True).values_list("family_id", flat=True))
    CategoryPeriod.objects.bulk_create(
        CategoryPeriod(family_id=pk, category=case.primary_category, is_primary=True, since=case.accepted_on)
        for pk, case in last.items()
        if pk not in has
    )


def save_levels(batch):
    cases = by_code(Case, "number", column(batch, "Номер случая"))
    existing = {(level.case_id, level.since): level for level in LevelPeriod.objects.filter(case__in=cases.values())}
    wanted = {}
    for _n, row in batch:
        case = cases[row["Номер случая"]]
        if not case.imported:
            continue
        wanted[(case.pk, row["С"])] = {
            "case_id": case.pk,
            "level": row["Уровень"],
            "since": row["С"],
            "until": row.get("По") or case.closed_on,
            "term_on": profile.current().levels[row["Уровень"]].ends_on(row["С"]),
        }
    merge(LevelPeriod, existing, wanted)
    current = LevelPeriod.objects.filter(case=OuterRef("pk"), until=None)
    ours = [case.pk for case in cases.values() if case.imported]
    Case.objects.filter(pk__in=ours, closed_on=None).update(
        level=Coalesce(Subquery(current.values("level")), Value("")), level_term_on=Subquery(current.values("term_on"))
    )


def save_activities(batch):
    cases = by_code(Case, "number", column(batch, "Номер случая"))
    people = ids(Person, "number", column(batch, "Номер человека"))
    agencies = ids(Organisation, "code", column(batch, "Код исполнителя"))
    existing = {
        (a.case_id, a.person_id, a.kind, a.title, a.agency_id, a.due_on): a
        for a in Activity.objects.filter(case__in=cases.values(), goal=None)
    }
    wanted = {}
    for _n, row in batch:
        case = cases[row["Номер случая"]]
        if not case.imported:
            continue
        reason, result = read_reason(row)
        key = {
            "case_id": case.pk,
            "person_id": people.get(row.get("Номер человека")),
            "kind": row["Вид помощи"],
            "title": row["Наименование"],
            "agency_id": agencies[row["Код исполнителя"]],
            "due_on": row["Срок"],
        }
        state = Activity.State.DONE if row.get("Исполнено") else Activity.State.NOT_DONE if reason else None
        wanted[tuple(key.values())] = key | {
            "state": state or Activity.State.PLANNED,
            "done_on": row.get("Исполнено"),
            "result": result,
            "not_done_reason": reason,
        }
    merge(Activity, existing, wanted)


def save_surveys(batch):
    cases = by_code(Case, "number", column(batch, "Номер случая"))
    existing = {(s.case_id, s.answered_on): s for s in Survey.objects.filter(case__in=cases.values())}
    wanted = {}
    for _n, row in batch:
        case = cases[row["Номер случая"]]
        if not case.imported and (case.pk, row["Дата"]) in existing:
            continue
        wanted[(case.pk, row["Дата"])] = {
            "case_id": case.pk,
            "organisation_id": case.organisation_id,
            "answered_on": row["Дата"],
            "satisfied": row["Доволен помощью"],
            "improvement_noted": row.get("Отмечает улучшение"),
        }
    merge(Survey, existing, wanted)
