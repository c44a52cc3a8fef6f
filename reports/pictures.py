"""Pictures of a report, from its snapshot alone: each with its table and its words, for page, PDF and Excel alike."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    LINE = "line"
    COLUMNS = "columns"
    BARS = "bars"
    STACKED = "stacked"
    HEAT = "heat"  # a shaded table: it is its own picture


@dataclass(frozen=True)
class Series:
    """One line or colour: its title and a value for each label, None where unknown."""

    title: str
    values: tuple


@dataclass(frozen=True)
class Picture:
    """A picture: `labels` along its axis (called `axis`), `series` of values; `description` says what it shows."""

    kind: Kind
    title: str
    axis: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    description: str

    @property
    def rows(self) -> list[tuple[str, list]]:
        """The table of the picture: (label, values of each series)."""
        return [(label, [each.values[index] for each in self.series]) for index, label in enumerate(self.labels)]


def pictures_of(snapshot: dict) -> list[Picture]:
    """Every picture the snapshot has figures for, in the order they are shown."""
    makers = (_structure, _trends)
    return [picture for make in makers for picture in make(snapshot)]


def _trends(snapshot):
    for line in snapshot["trend"]:
        if line["labels"]:
            yield Picture(
                Kind.LINE if line["stock"] else Kind.COLUMNS,
                line["title"],
                "Период",
                tuple(line["labels"]),
                (Series(line["title"], tuple(line["values"])),),
                _course(line["labels"], line["values"]),
            )


def _course(labels, values) -> str:
    first, last = values[0], values[-1]
    if len(values) == 1 or first == last:
        return f"{labels[-1]}: {last}."
    way = "больше" if last > first else "меньше"
    return f"{labels[0]}: {first}; {labels[-1]}: {last}, на {abs(last - first)} {way}."


def _structure(snapshot):
    """Lying bars of the sub-rows of each sum that has families in it."""
    columns = [column["code"] for column in snapshot["columns"]]
    main = columns.index(snapshot["main_column"])
    titles = {row["code"]: row["title"] for row in snapshot["rows"]}
    cells = {(cell["row"], cell["column"]): cell for cell in snapshot["cells"]}
    for total, parts in snapshot.get("sums", {}).items():
        values = tuple(cells[part, columns[main]]["value"] or 0 for part in parts)
        if not any(values):
            continue
        whole = sum(values)
        largest = max(range(len(parts)), key=values.__getitem__)
        title = titles[total].removesuffix(", в том числе:")
        yield Picture(
            Kind.BARS,
            f"{title}: структура",
            "Тип семьи",
            tuple(titles[part] for part in parts),
            (Series(snapshot["columns"][main]["title"], values),),
            f"Всего {whole}; больше всего: {titles[parts[largest]]}, {values[largest]}.",
        )
