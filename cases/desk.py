"""«Мой день» and «Служба»: what is due, in groups, each with its act in one click."""

import datetime
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from cases import duties, reading
from cases.models import Case
from cases.words import OPEN_STAGES
from families.duties import VISIT
from families.models import Family, Referral
from sopr import profile
from sopr.accounts.policy import Role
from sopr.documents.names import Name
from sopr.obligations.models import Obligation

WEEK = datetime.timedelta(days=7)
FAMILIES_SHOWN = 20


@dataclass(frozen=True)
class Group:
    """One group of the day's list: rows for `todo_row`."""

    code: str
    title: str
    rows: list


def groups_of_the_day(user, today: datetime.date) -> list[Group]:
    """Overdue, today, the coming week, and later ones whose reminder has begun; empty groups are left out."""
    obligations = list(Obligation.objects.open().of_person(user).order_by("due_on", "pk"))
    obligations = [row for row in obligations if row.due_on <= today + WEEK or row.remind_on <= today]
    described = describe(obligations, user, today)
    parts = {"overdue": [], "today": [], "week": [], "later": []}
    for obligation, row in zip(obligations, described, strict=True):
        parts[_group_of(obligation, today)].append(row)
    titles = {
        "overdue": "Просрочено",
        "today": "Сегодня",
        "week": "Ближайшая неделя",
        "later": "Пора готовить",
    }
    return [Group(code, titles[code], rows) for code, rows in parts.items() if rows]


def _group_of(obligation, today) -> str:
    if obligation.is_overdue(today):
        return "overdue"
    if obligation.due_on == today:
        return "today"
    return "week" if obligation.due_on <= today + WEEK else "later"


def describe(obligations, user, today) -> list[dict]:
    """Rows for `todo_row`: what, by when, about which family, and the act; six statements however many rows."""
    cases = _cases(obligations, user)
    families = Family.objects.visible_to(user).in_bulk(
        {row.family_id for row in obligations if row.family_id and row.case_id not in cases}
    )
    titles = reading.activity_titles(obligations)
    visits = reading.visits_of(obligations)
    rows = [
        _row(row, cases.get(row.case_id), families.get(row.family_id), today, titles.get(row.pk, ""))
        | _promised(visits.get(row.pk))
        for row in obligations
    ]
    _name_signals(rows, obligations, user)
    return rows


def _promised(visit) -> dict:
    """A planned visit says its hour and what it is for."""
    return {"title": visit.title, "note": visit.purpose} if visit else {}


def _name_signals(rows, obligations, user):
    """A visit is about people of whom only the signal speaks so far: «семья Ермаковых», «Сигнал № 1/2026»."""
    visits = {obligation.subject_id for obligation in obligations if obligation.kind == VISIT.code}
    signals = Referral.objects.visible_to(user).in_bulk(visits)
    for row, obligation in zip(rows, obligations, strict=True):
        signal = signals.get(obligation.subject_id) if obligation.kind == VISIT.code else None
        if signal:
            row |= {"subject": signal.about, "subject_note": str(signal)}


def _cases(obligations, user):
    ids = {row.case_id for row in obligations if row.case_id}
    cases = Case.objects.visible_to(user).filter(pk__in=ids).select_related("family", "curator").with_last_contact()
    for case in cases:
        case.instead_of = instead_of(case, user)
    return {case.pk: case for case in cases}


def instead_of(case, user) -> str:
    """«за Куратову О.Н.» on the desk of a curator who stands in for her; empty on that of anybody else."""
    if user.role != Role.CURATOR or case.curator_id in (None, user.pk):
        return ""
    return f"за {Name(case.curator).short_acc}"


def _row(obligation, case, family, today, activity_title) -> dict:
    family = case.family if case else family
    return {
        "title": obligation.kind_title,
        "note": activity_title or _why(obligation, case),
        "due": obligation.due_on,
        "subject": f"{reading.family_title(family)}, № {family.number}" if family else _about(obligation),
        "url": case.get_absolute_url() if case else _path_of(obligation),
        "level": case.level if case else "",
        "level_title": case.get_level_display() if case else "",
        "subject_note": case.get_stage_display() if case else "",
        "instead_of": case.instead_of if case else "",
        "act_title": obligation.act,
        "act_url": _act_url(obligation),
        "quiet": obligation.due_on > today,
    }


def _about(obligation) -> str:
    """What the title of an obligation says beside its kind: «запись № 5/2026», «№ 1»."""
    return obligation.title.removeprefix(obligation.kind_title).lstrip(" :") or obligation.title


def _act_url(obligation) -> str:
    if obligation.kind == duties.LEVEL_TERM.code:
        return reverse("councils:item-propose", args=[obligation.case_id])
    return _path_of(obligation)


def _path_of(obligation) -> str:
    """What another service owes is done on the executor's own pages: nobody else can open them."""
    return "" if obligation.kind in duties.OF_AGENCIES else obligation.path


def _why(obligation, case) -> str:
    """The norm behind the term: «Кризисный уровень: раз в 2 нед.; был 05.11.2026»."""
    level = profile.current().levels.get(case.level) if case else None
    name = case.get_level_display().capitalize() if level else ""
    if level and obligation.kind == duties.CONTACT.code:
        last = f"; был {timezone.localdate(case.last_contact_at):%d.%m.%Y}" if case.last_contact_at else "; ещё не было"
        return f"{name} уровень: раз в {level.contact}{last}"
    if level and obligation.kind == duties.REVIEW.code:
        return f"{name} уровень: раз в {level.review}"
    if case and case.level_term_on and obligation.kind == duties.LEVEL_TERM.code:
        return f"Уровень действует до {case.level_term_on:%d.%m.%Y}"
    if case and obligation.kind == duties.ASSESSMENT.code:
        return f"Случай открыт {case.opened_on:%d.%m.%Y}"
    return ""


def families_of_curator(user, today) -> list[Case]:
    """The curator's open cases, the nearest term first, with what the table shows."""
    own = Case.objects.visible_to(user).filter(stage__in=OPEN_STAGES)
    cases = own.with_people().with_last_contact().with_next_due()
    rows = sorted(cases, key=lambda case: (case.next_due_on or datetime.date.max, case.pk))
    for case in rows:
        case.instead_of = instead_of(case, user)
        case.left = case.days_of_level_left(today)
        case.term_days = _term_days(case)
        case.contact_on = timezone.localdate(case.last_contact_at) if case.last_contact_at else None
        case.days_since_contact = (today - case.contact_on).days if case.contact_on else None
    return rows


def _term_days(case) -> int:
    """Length of the level's longest term in days, for the bar; 0 without a level."""
    return profile.current().levels[case.level].months * 30 if case.level else 0


def count_by_level(cases) -> list[dict]:
    """Parts for the `stack` tag: how many cases are on each level, lightest first."""
    levels = profile.current().levels.values()
    counts = [(level.code, level.title, sum(case.level == level.code for case in cases)) for level in levels]
    return [{"tone": code, "code": code, "title": title, "value": number} for code, title, number in counts]
