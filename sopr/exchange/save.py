"""Saving checked rows: batch by batch, matched by their numbers, changing only what differs."""

from collections import Counter

from cases.models import Activity, Case, CaseMember, CuratorAssignment, LevelPeriod, Survey
from cases.words import CaseForm, Ground, Stage
from councils.models import AgendaItem, Council, Decision, Meeting, Minutes
from councils.words import Question, Verdict
from families.models import (
    CategoryPeriod,
    ChildEvent,
    Family,
    FamilyMembership,
    InformingEvent,
    Person,
    RegisterEntry,
    SocialContract,
)
from reports.models import DeclaredFact
from sopr import profile
from sopr.accounts.models import Municipality, Organisation, StaffRecord, User
from sopr.exchange.facts import read_fact


def merge(model, existing, wanted, counts):
    """Create or update instances: `existing` {key: instance}, `wanted` {key: values}; counts created and updated.

    Returns {key: instance} for all of `wanted`.
    """
    new, changed, fields = {}, [], set()
    for key, values in wanted.items():
        instance = existing.get(key)
        if instance is None:
            new[key] = model(**values)
            continue
        differing = [name for name, value in values.items() if getattr(instance, name) != value]
        if differing:
            for name in differing:
                setattr(instance, name, values[name])
            changed.append(instance)
            fields.update(differing)
    for instance in [*new.values(), *changed]:
        if hasattr(instance, "fill_keys"):
            fields.update(instance.fill_keys())
    if changed:  # first: a period must end before the next one may begin
        model.objects.bulk_update(changed, fields, batch_size=200)
    model.objects.bulk_create(new.values())
    counts["создано"] += len(new)
    counts["изменено"] += len(changed)
    counts["без изменений"] += len(wanted) - len(new) - len(changed)
    return existing | new


def by_code(model, field, values) -> dict:
    """{number: instance} of the rows whose `field` is among `values`."""
    return {getattr(row, field): row for row in model.objects.filter(**{f"{field}__in": set(values)})}


def ids(model, field, values) -> dict:
    """{number: id}, for references."""
    return dict(model.objects.filter(**{f"{field}__in": set(filter(None, values))}).values_list(field, "id"))


def column(batch, title) -> list:
    return [row[title] for _n, row in batch if row.get(title)]


def save_municipalities(batch, counts):
    wanted = {row["Код"]: {"code": row["Код"], "name": row["Наименование"]} for _n, row in batch}
    merge(Municipality, by_code(Municipality, "code", wanted), wanted, counts)


def save_organisations(batch, counts):
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    wanted = {
        row["Код"]: {
            "code": row["Код"],
            "name": row["Наименование"],
            "kind": row["Вид"],
            "municipality_id": municipalities.get(row.get("Код МО")),
        }
        for _n, row in batch
    }
    merge(Organisation, by_code(Organisation, "code", wanted), wanted, counts)


def save_specialists(batch, counts):
    """Accounts without a password (the administrator gives one) and the periods of work."""
    organisations = ids(Organisation, "code", column(batch, "Код организации"))
    latest = {}
    for _n, row in sorted(batch, key=lambda pair: pair[1]["С"]):
        latest[row["Логин"]] = {
            "username": row["Логин"],
            "last_name": row["Фамилия"],
            "first_name": row["Имя"],
            "patronymic": row.get("Отчество", ""),
            "organisation_id": organisations[row["Код организации"]],
            "role": row["Роль"],
        }
    known = by_code(User, "username", latest)
    for login, values in latest.items():
        if login not in known:
            values["password"] = "!"  # noqa: S105 — Django's mark of an unusable password
    users = merge(User, known, {login: v for login, v in latest.items() if login not in known}, Counter())
    existing = {
        (record.user_id, record.organisation_id, record.role, record.since): record
        for record in StaffRecord.objects.filter(user__in=[users[login].pk for login in latest])
    }
    wanted = {}
    for _n, row in batch:
        values = {
            "user_id": users[row["Логин"]].pk,
            "organisation_id": organisations[row["Код организации"]],
            "role": row["Роль"],
            "since": row["С"],
            "until": row.get("По"),
        }
        wanted[(values["user_id"], values["organisation_id"], values["role"], values["since"])] = values
    merge(StaffRecord, existing, wanted, counts)


def save_families(batch, counts):
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    existing = by_code(Family, "number", column(batch, "Номер семьи"))
    wanted = {
        row["Номер семьи"]: {
            "number": row["Номер семьи"],
            "surname": row["Фамилия семьи"],
            "municipality_id": municipalities[row["Код МО"]],
            "address": row.get("Адрес", ""),
            "imported": True,
        }
        for _n, row in batch
        if _is_ours(existing.get(row["Номер семьи"]))
    }
    merge(Family, existing, wanted, counts)
    counts["без изменений"] += len(batch) - len(wanted)


def _is_ours(instance) -> bool:
    """Whether the import may write the row: new, or brought in by an import; live rows are people's work."""
    return instance is None or instance.imported


SEX_BY_RELATION = {"mother": "f", "father": "m"}


def save_people(batch, counts):
    families = ids(Family, "number", column(batch, "Номер семьи"))
    known = by_code(Person, "number", column(batch, "Номер человека"))
    people = {}
    for _n, row in batch:
        if not _is_ours(known.get(row["Номер человека"])):
            continue
        values = {
            "number": row["Номер человека"],
            "last_name": row["Фамилия"],
            "first_name": row.get("Имя", ""),
            "patronymic": row.get("Отчество", ""),
            "birth_on": row.get("Дата рождения"),
            "snils": row.get("СНИЛС", ""),
            "imported": True,
        }
        if row["Номер человека"] not in known:
            values["sex"] = SEX_BY_RELATION.get(row["Кем приходится"], "")
        people[row["Номер человека"]] = values
    saved = merge(Person, known, people, Counter())
    existing = {
        (m.family_id, m.person_id, m.since): m for m in FamilyMembership.objects.filter(family__in=families.values())
    }
    wanted = {}
    for _n, row in batch:
        values = {
            "family_id": families[row["Номер семьи"]],
            "person_id": saved[row["Номер человека"]].pk,
            "relation": row["Кем приходится"],
            "is_representative": row["Кем приходится"] in FamilyMembership.REPRESENTATIVES,
            "since": row.get("С"),
            "until": row.get("По"),
        }
        wanted[(values["family_id"], values["person_id"], values["since"])] = values
    merge(FamilyMembership, existing, wanted, counts)


def save_cases(batch, counts):
    """Cases as history: accepted, perhaps closed; the family's card is held by the organisation from then on."""
    families = ids(Family, "number", column(batch, "Номер семьи"))
    organisations = ids(Organisation, "code", column(batch, "Код организации"))
    curators = ids(User, "username", column(batch, "Логин куратора"))
    by_contract = profile.current().accepted_on_rule == "contract"
    wanted = {}
    for _n, row in batch:
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
    cases = merge(Case, by_code(Case, "number", wanted), wanted, counts)
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
    merge(CuratorAssignment, known, wanted, Counter())


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


def save_levels(batch, counts):
    cases = by_code(Case, "number", column(batch, "Номер случая"))
    existing = {(level.case_id, level.since): level for level in LevelPeriod.objects.filter(case__in=cases.values())}
    wanted = {}
    for _n, row in batch:
        case = cases[row["Номер случая"]]
        wanted[(case.pk, row["С"])] = {
            "case_id": case.pk,
            "level": row["Уровень"],
            "since": row["С"],
            "until": row.get("По") or case.closed_on,
            "term_on": profile.current().levels[row["Уровень"]].ends_on(row["С"]),
        }
    merge(LevelPeriod, existing, wanted, counts)
    changed = []
    for level in LevelPeriod.objects.filter(case__in=cases.values(), until=None).select_related("case"):
        case = level.case
        if (case.level, case.level_term_on) != (level.level, level.term_on):
            case.level, case.level_term_on = level.level, level.term_on
            changed.append(case)
    Case.objects.bulk_update(changed, ["level", "level_term_on"], batch_size=200)


def save_activities(batch, counts):
    cases = ids(Case, "number", column(batch, "Номер случая"))
    people = ids(Person, "number", column(batch, "Номер человека"))
    agencies = ids(Organisation, "code", column(batch, "Код исполнителя"))
    existing = {
        (a.case_id, a.person_id, a.kind, a.title, a.agency_id, a.due_on): a
        for a in Activity.objects.filter(case__in=cases.values(), goal=None)
    }
    reasons = {label: code for code, label in Activity.NotDoneReason.choices}
    wanted = {}
    for _n, row in batch:
        reason = row.get("Причина неисполнения", "")
        key = {
            "case_id": cases[row["Номер случая"]],
            "person_id": people.get(row.get("Номер человека")),
            "kind": row["Вид помощи"],
            "title": row["Наименование"],
            "agency_id": agencies[row["Код исполнителя"]],
            "due_on": row["Срок"],
        }
        result = row.get("Результат", "")
        code = reasons.get(reason.lower(), Activity.NotDoneReason.OTHER) if reason else ""
        if code == Activity.NotDoneReason.OTHER and reason:
            result = f"{result}\n{reason}".strip()
        state = Activity.State.DONE if row.get("Исполнено") else Activity.State.NOT_DONE if reason else None
        wanted[tuple(key.values())] = key | {
            "state": state or Activity.State.PLANNED,
            "done_on": row.get("Исполнено"),
            "result": result,
            "not_done_reason": code,
        }
    merge(Activity, existing, wanted, counts)


def save_councils(batch, counts):
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    wanted = {
        row["Код"]: {
            "code": row["Код"],
            "name": row["Наименование"],
            "municipality_id": municipalities[row["Код МО"]],
        }
        for _n, row in batch
    }
    merge(Council, by_code(Council, "code", wanted), wanted, counts)


def save_meetings(batch, counts):
    """Meetings held, with their signed minutes; minutes already in the register stay as they are."""
    councils = ids(Council, "code", column(batch, "Код совета"))
    known = set(Minutes.objects.filter(council__in=councils.values()).values_list("council_id", "year", "number"))
    new = [
        row for _n, row in batch if (councils[row["Код совета"]], row["Дата"].year, row["Номер протокола"]) not in known
    ]
    meetings = Meeting.objects.bulk_create(
        Meeting(
            council_id=councils[row["Код совета"]],
            held_on=row["Дата"],
            state=Meeting.State.SIGNED,
            had_quorum=row["Кворум"],
            imported=True,
        )
        for row in new
    )
    Minutes.objects.bulk_create(
        Minutes(meeting=meeting, council_id=meeting.council_id, number=row["Номер протокола"], year=row["Дата"].year)
        for meeting, row in zip(meetings, new, strict=True)
    )
    counts["создано"] += len(new)
    counts["без изменений"] += len(batch) - len(new)


def save_questions(batch, counts):
    """Questions decided at those meetings, each with its decision."""
    cases = ids(Case, "number", column(batch, "Номер случая"))
    meetings = {
        (minutes.meeting.council.code, minutes.number): minutes.meeting
        for minutes in Minutes.objects.filter(
            council__code__in=column(batch, "Код совета"),
            number__in=column(batch, "Номер протокола"),
            meeting__imported=True,
        ).select_related("meeting__council")
    }
    known = set(
        AgendaItem.objects.filter(meeting__in=meetings.values()).values_list("meeting_id", "case_id", "question")
    )
    last = Counter(AgendaItem.objects.filter(meeting__in=meetings.values()).values_list("meeting_id", flat=True))
    items = []
    for _n, row in batch:
        meeting = meetings[(row["Код совета"], row["Номер протокола"])]
        if (meeting.pk, cases[row["Номер случая"]], row["Решение"]) in known:
            continue
        last[meeting.pk] += 1
        items.append(
            AgendaItem(
                council_id=meeting.council_id,
                meeting=meeting,
                position=last[meeting.pk],
                case_id=cases[row["Номер случая"]],
                question=row["Решение"],
                state=AgendaItem.State.DECIDED,
            )
        )
    AgendaItem.objects.bulk_create(items)
    Decision.objects.bulk_create(
        Decision(
            item=item,
            question=item.question,
            verdict=Verdict.REFUSED if item.question == Question.REFUSE else Verdict.GRANTED,
            text=Question(item.question).label,
            decided_on=item.meeting.held_on,
        )
        for item in items
    )
    counts["создано"] += len(items)
    counts["без изменений"] += len(batch) - len(items)


def save_surveys(batch, counts):
    cases = by_code(Case, "number", column(batch, "Номер случая"))
    existing = {(s.case_id, s.answered_on): s for s in Survey.objects.filter(case__in=cases.values())}
    wanted = {}
    for _n, row in batch:
        case = cases[row["Номер случая"]]
        wanted[(case.pk, row["Дата"])] = {
            "case_id": case.pk,
            "organisation_id": case.organisation_id,
            "answered_on": row["Дата"],
            "satisfied": row["Доволен помощью"],
            "improvement_noted": row.get("Отмечает улучшение"),
        }
    merge(Survey, existing, wanted, counts)


def save_social_contracts(batch, counts):
    families = ids(Family, "number", column(batch, "Номер семьи"))
    existing = {(c.family_id, c.signed_on): c for c in SocialContract.objects.filter(family__in=families.values())}
    wanted = {
        (families[row["Номер семьи"]], row["Дата"]): {
            "family_id": families[row["Номер семьи"]],
            "signed_on": row["Дата"],
            "improved": row.get("Положение улучшилось"),
        }
        for _n, row in batch
    }
    merge(SocialContract, existing, wanted, counts)


def save_informing(batch, counts):
    families = ids(Family, "number", column(batch, "Номер семьи"))
    existing = {
        (e.family_id, e.informed_on, e.topic): e
        for e in InformingEvent.objects.filter(informed_on__in=set(column(batch, "Дата")))
    }
    wanted = {}
    for _n, row in batch:
        family = families.get(row.get("Номер семьи"))
        wanted[(family, row["Дата"], row["Тема"])] = {
            "family_id": family,
            "informed_on": row["Дата"],
            "topic": row["Тема"],
            "families_count": row.get("Число семей", 1),
        }
    merge(InformingEvent, existing, wanted, counts)


def save_child_events(batch, counts):
    """Events have no number: equal ones are matched by how many there are, so a second import adds none."""
    municipalities = ids(Municipality, "code", column(batch, "Код МО"))
    families = ids(Family, "number", column(batch, "Номер семьи"))
    people = ids(Person, "number", column(batch, "Номер человека"))
    fields = ("municipality_id", "happened_on", "kind", "family_id", "person_id", "confirmed")
    have = Counter(ChildEvent.objects.filter(happened_on__in=set(column(batch, "Дата"))).values_list(*fields))
    new = []
    for _n, row in batch:
        values = (
            municipalities[row["Код МО"]],
            row["Дата"],
            row["Вид"],
            families.get(row.get("Номер семьи")),
            people.get(row.get("Номер человека")),
            row.get("Подтверждено", False),
        )
        if have[values] > 0:
            have[values] -= 1
        else:
            new.append(ChildEvent(**dict(zip(fields, values, strict=True))))
    ChildEvent.objects.bulk_create(new)
    counts["создано"] += len(new)
    counts["без изменений"] += len(batch) - len(new)


def save_register_entries(batch, counts):
    families = ids(Family, "number", column(batch, "Номер семьи"))
    existing = {
        (e.family_id, e.kind, e.placed_on): e for e in RegisterEntry.objects.filter(family__in=families.values())
    }
    wanted = {
        (families[row["Номер семьи"]], row["Вид"], row["Постановка"]): {
            "family_id": families[row["Номер семьи"]],
            "kind": row["Вид"],
            "placed_on": row["Постановка"],
            "removed_on": row.get("Снятие"),
            "positive_rehabilitation": row.get("Положительная реабилитация"),
        }
        for _n, row in batch
    }
    merge(RegisterEntry, existing, wanted, counts)


def save_facts(batch, counts):
    """Declared values; a value that differs from the one in force corrects it, and the former is kept withdrawn."""
    organisations = by_code(Organisation, "code", column(batch, "Код организации"))
    for _n, row in batch:
        fact = read_fact(row["Показатель"], row["Период"], row["Значение"])
        organisation = organisations[row["Код организации"]]
        declared = DeclaredFact.objects.current().filter(
            organisation=organisation, indicator=fact.indicator, since=fact.period.since, until=fact.period.until
        )
        known = declared.first()
        if known is not None and known.value == fact.value:
            counts["без изменений"] += 1
            continue
        counts["изменено" if known else "создано"] += 1
        DeclaredFact.declare(organisation, fact.indicator, fact.period, row["Значение"], basis=row.get("Основание", ""))


SAVERS = {
    "Муниципальные образования": save_municipalities,
    "Организации": save_organisations,
    "Специалисты": save_specialists,
    "Семьи": save_families,
    "Люди": save_people,
    "Случаи": save_cases,
    "Уровни": save_levels,
    "Мероприятия": save_activities,
    "Советы": save_councils,
    "Заседания": save_meetings,
    "Вопросы": save_questions,
    "Анкеты": save_surveys,
    "Соцконтракты": save_social_contracts,
    "Информирование": save_informing,
    "События с детьми": save_child_events,
    "Учёт": save_register_entries,
    "Сведения организаций": save_facts,
}
