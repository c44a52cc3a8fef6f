"""What is counted: each condition named once, shared by the number and by the list behind it (indicators.md)."""

from dataclasses import dataclass

from reports.indicators import sources
from reports.indicators.sources import Source


@dataclass(frozen=True)
class Measure:
    """Distinct subjects of a source that meet `where` in a column.

    `where` speaks of r (a row of the source) and c (a column: `day` of stocks, `since`–`until` of flows, `year` the
    first of January before them, `cohort` the day a programme of years began with); `regional` is added when the
    whole region is counted. A stock is as of a day, a flow over a period. `pick` says which of a subject's rows gives
    its category; `by_category` whether it has one.
    """

    name: str
    title: str
    source: Source
    where: str
    stock: bool = False
    pick: str = "latest"
    by_category: bool = False
    regional: str = ""

    def condition(self, for_region: bool) -> str:
        """The SQL condition, for one organisation's rows or for the region's."""
        return f"({self.where}) AND ({self.regional})" if for_region and self.regional else f"({self.where})"


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

RESPONDED = Measure(
    "responded", "семьи, ответившие на анкету в периоде", sources.SURVEYS, "r.answered_on BETWEEN c.since AND c.until"
)
SATISFIED = Measure(
    "satisfied",
    "семьи, ответившие в анкете, что довольны помощью",
    sources.SURVEYS,
    "r.answered_on BETWEEN c.since AND c.until AND r.satisfied",
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
NGOS = Measure(
    "ngos",
    "НКО, исполнившие в периоде хотя бы одно мероприятие программ",
    sources.NGO_ACTIVITIES,
    sources.NGO_ACTIVITIES.relevant,
)
PATRONAGE_REMOVED = Measure(
    "patronage_removed",
    "семьи, снятые в периоде с межведомственного патроната",
    sources.PATRONAGE,
    sources.PATRONAGE.relevant,
)
PATRONAGE_POSITIVE = Measure(
    "patronage_positive",
    "семьи, снятые с патроната с положительной реабилитацией",
    sources.PATRONAGE,
    f"{sources.PATRONAGE.relevant} AND r.positive",
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

MEASURES = {
    measure.name: measure
    for measure in (
        ON_SUPPORT,
        COHORT,
        SERVED,
        ACCEPTED,
        ACCEPTED_BY_CONTRACT,
        REMOVED,
        REMOVED_OVERCAME,
        REMOVED_IN_YEAR,
        BETTER_IN_YEAR,
        OVERCAME,
        IMPROVED,
        RESPONDED,
        SATISFIED,
        SERVICES,
        SPECIALISTS,
        NGOS,
        PATRONAGE_REMOVED,
        PATRONAGE_POSITIVE,
        MEETINGS,
        ITEMS,
        ITEM_FAMILIES,
    )
}
