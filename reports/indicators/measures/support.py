"""Measures of support itself: families, people, levels, who supports, councils, answers."""

from reports.indicators.measures.base import Measure
from reports.indicators.sources import support as sources


def _case(name, title, where, **more):
    return Measure(name, title, sources.CASES, where, by_category=True, **({"pick": "accepted_last"} | more))


_CLOSED = "r.closed_on BETWEEN c.since AND c.until"

ON_SUPPORT = _case(
    "on_support",
    "семьи, принятые не позже дня и не снятые к нему",
    "r.accepted_on <= c.day AND (r.closed_on IS NULL OR r.closed_on > c.day)",
    stock=True,
)
COHORT = _case(
    "cohort",
    "семьи, бывшие на сопровождении к началу первого года",
    "r.accepted_on <= c.cohort AND (r.closed_on IS NULL OR r.closed_on > c.cohort)",
)
SERVED = _case(
    "served",
    "семьи, случай которых длился хотя бы день периода",
    "r.accepted_on <= c.until AND (r.closed_on IS NULL OR r.closed_on >= c.since)",
)
ACCEPTED = _case(
    "accepted",
    "семьи, принятые в периоде (переданные внутри региона регион не считает)",
    "r.accepted_on BETWEEN c.since AND c.until",
    regional="NOT r.came",
)
ACCEPTED_BY_CONTRACT = _case(
    "accepted_by_contract",
    "семьи, принятые в периоде на основании социального контракта",
    "r.accepted_on BETWEEN c.since AND c.until AND r.ground = 'social_contract'",
    regional="NOT r.came",
)
REMOVED = _case(
    "removed",
    "семьи, снятые в периоде (переданные внутри региона регион не считает)",
    _CLOSED,
    pick="closed_last",
    regional="NOT r.gone",
)
REMOVED_OVERCAME = _case(
    "removed_overcame",
    "из снятых: с результатом «преодолела ТЖС»",
    f"{_CLOSED} AND r.outcome = 'overcame'",
    pick="closed_last",
    regional="NOT r.gone",
)
_CLOSED_IN_YEAR = "r.closed_on BETWEEN c.year AND c.until"
REMOVED_IN_YEAR = _case(
    "removed_in_year",
    "семьи, снятые с начала года",
    _CLOSED_IN_YEAR,
    pick="closed_last",
    regional="NOT r.gone",
)
BETTER_IN_YEAR = _case(
    "better_in_year",
    "семьи, снятые с начала года с результатом «преодолела ТЖС» или «улучшение»",
    f"{_CLOSED_IN_YEAR} AND r.outcome IN ('overcame', 'improved')",
    pick="closed_last",
    regional="NOT r.gone",
)
OVERCAME = _case(
    "overcame",
    "семьи, снятые в периоде с результатом «преодолела ТЖС»",
    f"{_CLOSED} AND r.outcome = 'overcame'",
    pick="closed_last",
)
IMPROVED = _case(
    "improved",
    "семьи, снятые в периоде с результатом «улучшение»",
    f"{_CLOSED} AND r.outcome = 'improved'",
    pick="closed_last",
)

ENDED_GOALS = _case(
    "ended_goals",
    "семьи, снятые в периоде с причиной «цели достигнуты»",
    f"{_CLOSED} AND r.reason = 'goals_reached'",
    pick="closed_last",
)
SELF_SUFFICIENT = _case(
    "self_sufficient",
    "семьи, снятые в периоде с причиной «самообеспечение»",
    f"{_CLOSED} AND r.reason = 'self_sufficient'",
    pick="closed_last",
)
BETTER = _case(
    "better",
    "семьи, снятые в периоде с результатом «преодолела ТЖС» или «улучшение»",
    f"{_CLOSED} AND r.outcome IN ('overcame', 'improved')",
    pick="closed_last",
)
SERVED_IN_YEAR = _case(
    "served_in_year",
    "семьи, случай которых длился хотя бы день с 1 января по конец периода",
    "r.accepted_on <= c.until AND (r.closed_on IS NULL OR r.closed_on >= c.year)",
)

_COVERED = "(r.since IS NULL OR r.since <= {0}) AND (r.until IS NULL OR r.until >= {0})"
PEOPLE_ON_SUPPORT = Measure(
    "people_on_support",
    "люди, которых в этот день охватывают случаи семей на сопровождении",
    sources.CASE_PEOPLE,
    f"{ON_SUPPORT.where} AND {_COVERED.format('c.day')}",
    stock=True,
)
PEOPLE_ACCEPTED = Measure(
    "people_accepted",
    "люди, которых случай охватывал в день принятия",
    sources.CASE_PEOPLE,
    f"{ACCEPTED.where} AND {_COVERED.format('r.accepted_on')}",
    regional="NOT r.came",
)
PEOPLE_REMOVED = Measure(
    "people_removed",
    "люди, которых случай охватывал в день снятия",
    sources.CASE_PEOPLE,
    f"{_CLOSED} AND {_COVERED.format('r.closed_on')}",
    regional="NOT r.gone",
)


def _change(name, title, was="", became="", **more):
    where = sources.LEVEL_CHANGES.relevant
    if was:
        where += f" AND r.was = '{was}' AND r.became = '{became}'"
    return Measure(name, title, sources.LEVEL_CHANGES, where, **more)


LEVEL_CHANGED = _change("level_changed", "семьи, уровень которых сменился в периоде: новый начался на следующий день")
BASIC_TO_CRISIS = _change(
    "basic_to_crisis", "семьи, переведённые с базового уровня на кризисный", "basic", "crisis", less_is_better=True
)
CRISIS_TO_EMERGENCY = _change(
    "crisis_to_emergency",
    "семьи, переведённые с кризисного уровня на экстренный",
    "crisis",
    "emergency",
    less_is_better=True,
)
EMERGENCY_TO_CRISIS = _change(
    "emergency_to_crisis", "семьи, переведённые с экстренного уровня на кризисный", "emergency", "crisis"
)
CRISIS_TO_BASIC = _change("crisis_to_basic", "семьи, переведённые с кризисного уровня на базовый", "crisis", "basic")

RESPONDED = Measure(
    "responded", "семьи, ответившие на анкету в периоде", sources.SURVEYS, "r.answered_on BETWEEN c.since AND c.until"
)
SATISFIED = Measure(
    "satisfied",
    "семьи, ответившие в анкете, что довольны помощью",
    sources.SURVEYS,
    "r.answered_on BETWEEN c.since AND c.until AND r.satisfied",
)
NOTED_IMPROVEMENT = Measure(
    "noted_improvement",
    "семьи, отметившие в анкете улучшение (каждый ответ без имени — одна семья)",
    sources.SURVEYS,
    "r.answered_on BETWEEN c.since AND c.until AND r.improved",
)
_RATED = "r.answered_on BETWEEN c.since AND c.until AND r.information IS NOT NULL AND r.accessibility IS NOT NULL"
RATED = Measure("rated", "семьи, оценившие в анкете и понятность, и доступность помощи", sources.SURVEYS, _RATED)
AWARE = Measure(
    "aware",
    "семьи, поставившие в анкете и понятности, и доступности помощи 4 или 5",
    sources.SURVEYS,
    f"{_RATED} AND r.information >= 4 AND r.accessibility >= 4",
)
SERVICES = Measure(
    "services",
    "организации, у которых на дату действует служба сопровождения",
    sources.SERVICES,
    sources.SERVICES.relevant,
    stock=True,
)
SPECIALISTS = Measure(
    "specialists",
    "кураторы, работающие на дату (человек, а не должностей)",
    sources.SPECIALISTS,
    sources.SPECIALISTS.relevant,
    stock=True,
)
UNITS = Measure(
    "units",
    "подразделения, которые на дату действуют как служба сопровождения",
    sources.UNITS,
    sources.UNITS.relevant,
    stock=True,
)
NGOS = Measure(
    "ngos",
    "НКО, исполнившие в периоде хотя бы одно мероприятие программ",
    sources.AGENCIES,
    f"{sources.AGENCIES.relevant} AND r.kind = 'ngo'",
)
OTHER_AGENCIES = Measure(
    "other_agencies",
    "организации других ведомств (не социального обслуживания, не НКО), исполнившие в периоде хотя бы мероприятие",
    sources.AGENCIES,
    f"{sources.AGENCIES.relevant} AND r.kind NOT IN ('social', 'ngo', 'ministry')",
)
MEETINGS = Measure(
    "meetings",
    "заседания с кворумом и подписанным протоколом; у организации — те, где решали по её семьям",
    sources.MEETINGS,
    sources.MEETINGS.relevant,
)
ITEMS = Measure("items", "вопросы о семьях, решённые на этих заседаниях", sources.ITEMS, sources.ITEMS.relevant)
ITEM_FAMILIES = Measure(
    "item_families", "семьи, о которых решали на заседаниях", sources.ITEM_FAMILIES, sources.ITEM_FAMILIES.relevant
)


# A kind of council that the profile does not know (any more) counts as the region's main one.
_GROUP = "r.kind NOT IN ('district_commission', 'juvenile_commission')"
WORKING_GROUPS = Measure(
    "working_groups",
    "межведомственные рабочие группы (советы основного вида), созданные к дате; у организации — её муниципалитета",
    sources.COUNCILS,
    f"({sources.COUNCILS.relevant}) AND {_GROUP}",
    stock=True,
)
DISTRICT_COMMISSIONS = Measure(
    "district_commissions",
    "участковые социальные комиссии, созданные к дате; у организации — её муниципалитета",
    sources.COUNCILS,
    f"({sources.COUNCILS.relevant}) AND r.kind = 'district_commission'",
    stock=True,
)
GROUP_MEETINGS = Measure(
    "group_meetings",
    "заседания рабочих групп с кворумом и подписанным протоколом",
    sources.COUNCIL_MEETINGS,
    f"{sources.COUNCIL_MEETINGS.relevant} AND {_GROUP}",
)

ALL = (
    ON_SUPPORT,
    COHORT,
    SERVED,
    SERVED_IN_YEAR,
    ACCEPTED,
    ACCEPTED_BY_CONTRACT,
    REMOVED,
    REMOVED_OVERCAME,
    REMOVED_IN_YEAR,
    BETTER_IN_YEAR,
    OVERCAME,
    IMPROVED,
    BETTER,
    ENDED_GOALS,
    SELF_SUFFICIENT,
    PEOPLE_ON_SUPPORT,
    PEOPLE_ACCEPTED,
    PEOPLE_REMOVED,
    LEVEL_CHANGED,
    BASIC_TO_CRISIS,
    CRISIS_TO_EMERGENCY,
    EMERGENCY_TO_CRISIS,
    CRISIS_TO_BASIC,
    RESPONDED,
    SATISFIED,
    NOTED_IMPROVEMENT,
    RATED,
    AWARE,
    SERVICES,
    UNITS,
    SPECIALISTS,
    NGOS,
    OTHER_AGENCIES,
    MEETINGS,
    ITEMS,
    ITEM_FAMILIES,
    WORKING_GROUPS,
    DISTRICT_COMMISSIONS,
    GROUP_MEETINGS,
)
