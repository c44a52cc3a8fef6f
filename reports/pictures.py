"""Pictures of a report, from its snapshot alone: each with its table and its words, for page, PDF and Excel alike."""

import base64
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from reports.cells import AT_MOST


class Kind(StrEnum):
    LINE = "line"
    COLUMNS = "columns"
    BARS = "bars"
    FLOW = "flow"  # from each label to each series
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

    @cached_property
    def svg(self) -> str:
        """The drawing; empty where the shaded table is the picture."""
        from reports.drawing import draw  # pygal takes its time to load: only where something is drawn

        return draw(self)

    @cached_property
    def source(self) -> str:
        """The drawing as the address of an image, for pages: within the image its styles are its own affair."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}" if self.svg else ""

    @property
    def shaded(self) -> list[tuple[str, list[tuple]]]:
        """The rows of a heat table: (label, [(value, shade 0–4 within its column)])."""
        most = [max((value or 0 for value in series.values), default=0) for series in self.series]
        return [
            (label, [(value, _shade(value, top)) for value, top in zip(values, most, strict=True)])
            for label, values in self.rows
        ]

    @property
    def rows(self) -> list[tuple[str, list]]:
        """The table of the picture: (label, values of each series)."""
        return [(label, [each.values[index] for each in self.series]) for index, label in enumerate(self.labels)]


def pictures_of(snapshot: dict) -> list[Picture]:
    """Every picture the snapshot has figures for, in the order they are shown."""
    makers = (_trends, _structure, _levels, _moves, _plan, _territory)
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


def _shade(value, most) -> int:
    return -(-4 * value // most) if value and most else 0


def _levels(snapshot):
    levels = snapshot.get("levels", [])
    if not levels:
        return
    values = tuple(level["value"] for level in levels)
    largest = max(levels, key=lambda level: level["value"])
    yield Picture(
        Kind.BARS,
        "Семьи на сопровождении по уровням",
        "Уровень",
        tuple(level["title"] for level in levels),
        (Series("на последний день", values),),
        f"Больше всего на уровне «{largest['title']}»: {largest['value']}.",
    )


def _moves(snapshot):
    """From which level families went to which: bands between the levels left and the levels come to."""
    moves = snapshot.get("moves", [])
    if not moves:
        return
    before = list(dict.fromkeys(move["from"] for move in moves))
    after = list(dict.fromkeys(move["to"] for move in moves))
    number = {(move["from"], move["to"]): move["value"] for move in moves}
    yield Picture(
        Kind.FLOW,
        "Переходы между уровнями",
        "С уровня",
        tuple(before),
        tuple(Series(f"на {to}", tuple(number.get((each, to), 0) for each in before)) for to in after),
        "; ".join(f"{move['from']} → {move['to']}: {move['value']}" for move in moves) + ".",
    )


def _plan(snapshot):
    """Plan and fact of each organisation: of the first row of numbers that has a plan."""
    places = {(column.get("shows"), column["group"]): index for index, column in enumerate(snapshot["columns"])}
    group = next((group for shows, group in places if shows == "plan"), None)
    if group is None or not snapshot["organisations"]:
        return
    plan, fact = places["plan", group], places["fact", group]
    for row in snapshot["rows"]:
        found = [
            (each["name"], each["values"][row["code"]][plan], each["values"][row["code"]][fact])
            for each in snapshot["organisations"]
        ]
        known = [each for each in found if isinstance(each[1], int | float) and isinstance(each[2], int | float)]
        if known:
            names, plans, facts = zip(*known, strict=True)
            at_most = row.get("less_is_better", False)
            missed = sum(done > wanted if at_most else done < wanted for _name, wanted, done in known)
            yield Picture(
                Kind.BARS,
                f"План и факт по организациям: {row['title'][0].lower()}{row['title'][1:]}",
                "Организация",
                names,
                (Series(f"план, {AT_MOST}" if at_most else "план", plans), Series("факт", facts)),
                f"Организаций с планом: {len(known)}; {'выше' if at_most else 'ниже'} плана: {missed}.",
            )
            return


def _territory(snapshot):
    territory = snapshot.get("territory")
    if not territory or len(territory["rows"]) < 2:
        return
    largest = max(territory["rows"], key=lambda row: row["values"][0])
    yield Picture(
        Kind.HEAT,
        "Показатели по муниципальным образованиям",
        "Муниципальное образование",
        tuple(row["title"] for row in territory["rows"]),
        tuple(
            Series(title, tuple(row["values"][index] for row in territory["rows"]))
            for index, title in enumerate(territory["columns"])
        ),
        f"По месту жительства семей. Больше всего на сопровождении: {largest['title']}, {largest['values'][0]}.",
    )
