"""What a review, a conclusion and their papers say of a case: its activities and the change of risk."""

from dataclasses import dataclass

from cases.models import Activity
from cases.words import Domain

NAMED = 6  # activities listed by name in a draft; the rest are counted


@dataclass(frozen=True)
class Done:
    """Counted activities by what became of them, as of a day."""

    done: list
    overdue: list
    not_done: list
    total: int

    @property
    def going_on(self) -> int:
        return self.total - len(self.done) - len(self.overdue) - len(self.not_done)


def activities_of(case, day) -> Done:
    """What became of the activities of the case's approved programmes by `day`; one statement."""
    rows = list(case.activities.counted().order_by("due_on", "pk"))
    return Done(
        done=[row for row in rows if row.state == Activity.State.DONE],
        overdue=[row for row in rows if row.is_overdue(day)],
        not_done=[row for row in rows if row.state == Activity.State.NOT_DONE],
        total=len(rows),
    )


def progress_in_words(case, day) -> str:
    """A draft of «что сделано по программе» for the review of `day`: the curator completes it."""
    found = activities_of(case, day)
    if not found.total:
        return ""
    last = case.reviews.filter(done_on__lt=day).first()
    lines = [f"Выполнено {len(found.done)} из {found.total} мероприятий."]
    recent = [row for row in found.done if last is None or (row.done_on and row.done_on > last.done_on)]
    since = f"С прошлого мониторинга ({last.done_on:%d.%m.%Y}) выполнено" if last else "Выполнено"
    lines += _listed(since, recent, lambda row: row.title)
    lines += _listed("Просрочено", found.overdue, lambda row: f"{row.title} (срок {row.due_on:%d.%m.%Y})")
    lines += _listed("Не выполнено", found.not_done, _not_done)
    return "\n".join(lines)


def _not_done(row) -> str:
    return f"{row.title} ({row.get_not_done_reason_display()})" if row.not_done_reason else row.title


def _listed(title, rows, told):
    if not rows:
        return []
    named = "; ".join(told(row) for row in rows[:NAMED])
    more = f" и ещё {len(rows) - NAMED}" if len(rows) > NAMED else ""
    return [f"{title}: {named}{more}."]


@dataclass(frozen=True)
class Change:
    """Two assessments side by side."""

    first: object
    last: object
    rows: list  # (title of the domain, score then, score now), domains with a difficulty then or now

    @property
    def repeated(self) -> bool:
        return self.first.pk != self.last.pk

    @property
    def sums(self) -> tuple[int, int]:
        return sum(row[1] or 0 for row in self.rows), sum(row[2] or 0 for row in self.rows)


def change_of_risk(case, day) -> Change | None:
    """The first assessment of the case beside the last one by `day`; None without any."""
    assessments = list(case.assessments.filter(done_on__lte=day).prefetch_related("scores").order_by("done_on", "pk"))
    if not assessments:
        return None
    then, now = ({score.domain: score.score for score in row.scores.all()} for row in (assessments[0], assessments[-1]))
    rows = [(Domain(code).label, then.get(code), now.get(code)) for code in Domain.values]
    return Change(assessments[0], assessments[-1], [row for row in rows if row[1] or row[2]])


def changes_in_words(case, day) -> str:
    """A draft of «что изменилось» from the assessments; empty until the assessment is repeated."""
    change = change_of_risk(case, day)
    if change is None or not change.repeated:
        return ""
    then, now = change.sums
    lines = [
        f"Сумма оценок трудностей: {change.first.done_on:%d.%m.%Y} — {then}, {change.last.done_on:%d.%m.%Y} — {now}."
    ]
    for title, better in (("Стало лучше", True), ("Стало хуже", False)):
        told = [f"{name} (с {was or 0} до {now})" for name, was, now in change.rows if _moved(was, now, better)]
        if told:
            lines.append(f"{title}: {', '.join(told)}.")
    return "\n".join(lines)


def _moved(was, now, better) -> bool:
    was, now = was or 0, now or 0
    return now < was if better else now > was
