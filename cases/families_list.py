"""What the list of families shows and filters by of cases: level, stage, curator, nearest term (families/lists.py)."""

from dataclasses import dataclass

import django_filters
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from cases.models import Case
from cases.models.querysets import worked_by
from cases.models.standin import stood_in_by
from cases.words import OPEN_STAGES, Level, Stage
from sopr import profile
from sopr.accounts.models import User
from sopr.accounts.policy import Role
from sopr.web.tables import Column
from sopr.web.words import counted

GOING_ON = (*OPEN_STAGES, Stage.AFTERCARE)
DAYS = "день,дня,дней"


@dataclass(frozen=True)
class Named:
    """What stands in the column of levels: a level, or the stage of a case that has none yet."""

    code: str
    title: str


NO_CASE = Named("none", "нет случая")


def going_on(organisation_id):
    """The organisation's cases that are not over; a family has at most one open one among them."""
    return Case.objects.filter(organisation=organisation_id, stage__in=GOING_ON)


def decorate(families, user):
    """Set `case_now` of each family: its case in the reader's organisation, or None; two statements.

    A curator sees of a colleague's case only who keeps it: `seen` is false, and the list shows nothing more.
    """
    found = {}
    cases = going_on(user.organisation_id).filter(family__in=[family.pk for family in families])
    cases = cases.select_related("curator").with_last_contact().with_next_due()
    stood_in = set(stood_in_by(user.pk))
    for case in cases.order_by("opened_on", "pk"):
        case.seen = user.role == Role.HEAD or case.curator_id == user.pk or case.pk in stood_in
        if case.stage != Stage.AFTERCARE or case.family_id not in found:  # an open case before one that is over
            found[case.family_id] = case
    for family in families:
        family.case_now = found.get(family.pk)


def curator(organisation_id):
    """The curator of a family's case in the organisation: of the open one before one in aftercare."""
    cases = going_on(organisation_id).filter(family=OuterRef("pk")).exclude(curator=None)
    return Subquery(cases.order_by("closed_on", "-opened_on", "-pk").values("curator")[:1])


# -- columns -----------------------------------------------------------------------------------------------------------


def _seen(family):
    return family.case_now if family.case_now is not None and family.case_now.seen else None


def _level(family) -> Named | None:
    case = family.case_now
    if case is None:
        return NO_CASE
    if not case.seen:
        return None
    return Named(case.level, case.get_level_display()) if case.level else Named(case.stage, case.get_stage_display())


def _level_title(family) -> str:
    level = _level(family)
    return level.title if level else ""


def _term_on(family):
    return _seen(family).level_term_on if _seen(family) else None


def _left(family) -> str:
    case = _seen(family)
    left = case.days_of_level_left(timezone.localdate()) if case else None
    if left is None:
        return ""
    return counted(left, DAYS) if left >= 0 else f"истёк {counted(-left, DAYS)} назад"


def _left_tone(family) -> str:
    left = (_term_on(family) - timezone.localdate()).days if _term_on(family) else 99
    return "overdue" if left < 0 else "soon" if left <= 30 else ""


def _contact_on(family):
    case = _seen(family)
    return timezone.localdate(case.last_contact_at) if case and case.last_contact_at else None


def _contact(family) -> str:
    day = _contact_on(family)
    ago = (timezone.localdate() - day).days if day else None
    return "" if ago is None else "сегодня" if ago == 0 else f"{counted(ago, DAYS)} назад"


def _contact_tone(family) -> str:
    """Red when the level's norm of contacts has run out (domain.md §2)."""
    case, day = _seen(family), _contact_on(family)
    if not day or not case.level or case.stage == Stage.SUSPENDED:
        return ""
    norm = profile.current().levels[case.level].contact
    return "overdue" if norm.after(day) < timezone.localdate() else ""


def _on(day) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _due_on(family):
    return _seen(family).next_due_on if _seen(family) else None


COLUMNS = (
    Column("level", "Уровень", _level, kind="level", export=_level_title, width=18),
    Column(
        "left",
        "До конца уровня",
        _left,
        tone=_left_tone,
        note=lambda family: f"до {_on(_term_on(family))}" if _term_on(family) else "",
        export=_term_on,
        css="nowrap",
        width=14,
    ),
    Column(
        "contact",
        "Контакт",
        _contact,
        tone=_contact_tone,
        note=lambda family: _on(_contact_on(family)),
        export=_contact_on,
        css="nowrap",
        width=14,
    ),
    Column(
        "due",
        "Ближайший срок",
        _due_on,
        kind="due",
        note=lambda family: _seen(family).next_due_title if _due_on(family) else "",
        note_title="Что сделать",
        width=18,
    ),
    Column(
        "curator",
        "Куратор",
        lambda family: family.case_now.curator.short_name if family.case_now and family.case_now.curator else None,
        width=22,
    ),
)


# -- filters -----------------------------------------------------------------------------------------------------------

NONE, ENDED = "none", "ended"
STAGES = [
    (NONE, "нет случая"),
    *((stage.value, stage.label) for stage in GOING_ON),
    (ENDED, "были случаи, все завершены"),
]


def filters(user) -> dict:
    """Filters by the case, by name. Of a colleague's case a curator may know who keeps it, not its level or stage."""
    here = going_on(user.organisation_id)
    seen = here if user.role == Role.HEAD else here.filter(worked_by(user))

    def by_level(rows, _name, value):
        return rows.filter(pk__in=seen.filter(level=value).values("family"))

    def by_curator(rows, _name, value):
        return rows.filter(pk__in=here.filter(curator=value).values("family"))

    def by_stage(rows, _name, value):
        if value == NONE:
            return rows.filter(~Exists(here.filter(family=OuterRef("pk"))))
        if value == ENDED:
            ended = Case.objects.filter(organisation=user.organisation_id).exclude(stage__in=GOING_ON)
            return rows.filter(~Exists(here.filter(family=OuterRef("pk"))), pk__in=ended.values("family"))
        return rows.filter(pk__in=seen.filter(stage=value).values("family"))

    curators = User.objects.filter(organisation=user.organisation_id, role=Role.CURATOR, is_active=True)
    return {
        "level": django_filters.ChoiceFilter(
            label="Уровень", choices=Level.choices, method=by_level, empty_label="любой"
        ),
        "stage": django_filters.ChoiceFilter(label="Случай", choices=STAGES, method=by_stage, empty_label="любой"),
        "curator": django_filters.ModelChoiceFilter(
            label="Куратор", queryset=curators, method=by_curator, empty_label="любой"
        ),
    }
