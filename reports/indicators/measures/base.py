"""What is counted: each condition named once, shared by the number and by the list behind it (indicators.md)."""

from dataclasses import dataclass

from reports.indicators.sources import Source


@dataclass(frozen=True)
class Measure:
    """Distinct subjects of a source that meet `where` in a column.

    `where` speaks of r (a row of the source) and c (a column: `day` of stocks, `since`–`until` of flows, `year` the
    first of January before them, `cohort` the day a programme of years began with); `regional` is added when the
    whole region is counted. A stock is as of a day, a flow over a period. `pick` says which of a subject's rows gives
    its category; `by_category` whether it has one. `weight` names the column of the source that is added up instead
    of counting subjects as one each. `less_is_better`: support should make it fall, so its plan is «не больше».
    """

    name: str
    title: str
    source: Source
    where: str
    stock: bool = False
    pick: str = "latest"
    by_category: bool = False
    regional: str = ""
    weight: str = ""
    less_is_better: bool = False

    def condition(self, for_region: bool) -> str:
        """The SQL condition, for one organisation's rows or for the region's."""
        return f"({self.where}) AND ({self.regional})" if for_region and self.regional else f"({self.where})"
