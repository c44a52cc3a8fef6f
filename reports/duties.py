"""What falls due in reporting: a head declares facts and signs reports, the ministry consolidates and sees who is late.

Terms are the profile's `report_due_organisation` and `report_due_region`, days of the month after the period.
"""

import datetime
from collections import Counter

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from reports import forms, periods
from sopr import profile
from sopr.accounts.models import Organisation, User
from sopr.accounts.policy import Role
from sopr.calendar import add_months, is_overdue
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation
from sopr.obligations.kinds import Kind, declare

SIGN = declare(Kind("reports.sign", "Подписать отчёты", "Открыть отчёт", remind_days=(7, 1)))
DECLARE = declare(Kind("reports.declare", "Внести сведения за период", "Внести сведения", remind_days=(7, 1)))
FIX = declare(Kind("reports.fix", "Исправить отчёт", "Открыть отчёт", remind_days=(1,)))
CONSOLIDATE = declare(
    Kind("reports.consolidate", "Утвердить сводный отчёт", "Открыть отчёты", remind_days=(7, 1), escalates=False)
)
LATE = declare(Kind("reports.late", "Не представили отчёты", "Кто не представил", escalates=False))
SIGNED = ("submitted", "approved")
TITLE = 200  # letters of an obligation's title
FIX_WORKING_DAYS = 3  # to correct a returned or reopened report once its own term is over: as for a referral's visit


def last_quarter() -> periods.Period:
    """The last quarter that has ended."""
    return last_ended("quarter")


def last_ended(kind: str) -> periods.Period:
    """The last month, quarter or year that has ended."""
    return periods.containing(timezone.localdate(), kind).previous()


def due_now() -> list[tuple[forms.Form, periods.Period]]:
    """What is owed now: each form for the last ended period of its kind.

    A form of the catalogue is owed by quarter, or by month where it knows no quarter; the ministry's own by its kind.
    """
    found = []
    for period in map(last_ended, ("quarter", "month", "year")):
        due = forms.of_this_region(period.kind, period.since)
        found += [(form, period) for form in due if form.own or period.kind == _owed_by(form)]
    return found


def _owed_by(form) -> str:
    """The kind of periods a form of the catalogue is owed for; its others are made when somebody asks."""
    return next((kind for kind in ("quarter", "month") if kind in form.periodicity), "")


def is_owed_now(report) -> bool:
    """Whether the duty to sign speaks of this report."""
    return (report.form, report.period) in {(form.code, period.text) for form, period in due_now()}


def _at(due) -> Q:
    """Reports of these forms, each for its period."""
    found = Q(pk__in=())
    for form, period in due:
        found |= Q(form=form.code, period=period.text)
    return found


def term_of(until, *, regional) -> datetime.date:
    """The day a report for a period that ends on `until` is due: which day of the month after, the profile says."""
    deadlines = profile.current().deadlines
    day = deadlines.report_due_region if regional else deadlines.report_due_organisation
    return add_months(until.replace(day=1), 1).replace(day=day)


def open_drafts(due) -> list[Organisation]:
    """Have a draft of every report that is owed: an empty one shows who has not begun. Returns who owes any."""
    from reports.compute import reporting_organisations  # which reads reports, whose verbs call this module
    from reports.models import Report

    spans = dict.fromkeys(period for _form, period in due)
    owing = {period: list(reporting_organisations(period.since, period.until)) for period in spans}
    there = set(Report.objects.filter(_at(due)).values_list("form", "period", "scope"))
    made = [
        Report(
            form=form.code,
            own_version_id=form.own,
            period=period.text,
            since=period.since,
            until=period.until,
            organisation=organisation,
            scope=organisation.pk,
        )
        for form, period in due
        for organisation in owing[period]
        if (form.code, period.text, organisation.pk) not in there
    ]
    Report.objects.bulk_create(made, ignore_conflicts=True)
    return list(dict.fromkeys(each for organisations in owing.values() for each in organisations))


def keep_own_duties(organisation, due=None):
    """Bring in line what the head of an organisation has to do about what is owed now (`due`): declare and sign.

    An organisation owes what it has a draft of. Safe to call at any time and any number of times.
    """
    waiting = _waiting(organisation, due_now() if due is None else due)
    head = _head_of(organisation) if waiting else None
    _keep_signing_duty(organisation, head, waiting)
    _keep_declaring_duty(organisation, head, [(form, period) for form, period, _report in waiting])


def _waiting(organisation, due) -> list[tuple]:
    """(form, period, report) of what is not signed yet or was returned, in the order of `due`."""
    from reports.models import Report  # its verbs call this

    own = Report.objects.filter(_at(due), organisation=organisation).latest().without_contents()
    left = {(report.form, report.period): report for report in own if report.state not in SIGNED}
    placed = [(form, period, left.get((form.code, period.text))) for form, period in due]
    return [each for each in placed if each[2] is not None]


def _keep_signing_duty(organisation, head, waiting):
    """One duty names every form that is not signed yet or was returned; with none left it is done."""
    if not waiting:
        close_obligations(organisation, SIGN)
        return
    open_obligation(
        SIGN,
        organisation,
        due_on=min(term_of(period.until, regional=False) for _form, period, _report in waiting),
        organisation=organisation,
        assignee=head,
        title=_title(_named((period, form.name) for form, period, _report in waiting)),
        path=waiting[0][2].get_absolute_url(),
    )


def _keep_declaring_duty(organisation, head, waiting):
    """One duty names every fact that the unsigned reports lack; with none left it is done.

    What a signed report lacks is not asked for any more: it stays without data.
    """
    from reports.declared import facts_missing, sheet_url  # which read the facts whose verbs call this

    if not waiting:
        cancel_obligations(organisation, DECLARE)
        return
    missing = facts_missing(organisation, waiting)
    if not missing:
        close_obligations(organisation, DECLARE)
        return
    open_obligation(
        DECLARE,
        organisation,
        due_on=min(term_of(period.until, regional=False) for period, _fact in missing),
        organisation=organisation,
        assignee=head,
        title=_title(_named((period, fact.short) for period, fact in missing)),
        path=sheet_url(missing[0][0], organisation),
    )


def _named(found) -> str:
    """«IV кв. 2025: «Индикаторы», «Мониторинг»; ноябрь 2025 года: «Кадры»», from (period, name)."""
    by_period = {}
    for period, name in found:
        by_period.setdefault(period.short, []).append(name)
    return "; ".join(f"{period}: {', '.join(names)}" for period, names in by_period.items())


def ask_to_fix(report):
    """A returned report of an earlier quarter, or a reopened one, is to be corrected by its head."""
    if report.reopened_at is None and is_owed_now(report):
        return  # the duty to sign what is owed now says so already
    open_obligation(
        FIX,
        report,
        due_on=report.fix_by,
        organisation=report.organisation,
        assignee=_head_of(report.organisation),
        title=f"{report.definition.name}, {report.span.short}: представить новую редакцию",
        path=report.get_absolute_url(),
    )


def fixed(report):
    """A signed revision does what was asked about the one before it."""
    if report.previous_id:
        close_obligations(report.previous, FIX)


def keep_ministry_duties(due=None):
    """Bring in line what the ministry has to do about what is owed now (`due`): consolidate, and see who is late.

    The day after the organisations' term one duty counts those without a signed report; it goes when all have signed.
    """
    people = User.objects.filter(role=Role.MINISTRY, is_active=True, organisation__isnull=False)
    officer = people.select_related("organisation").order_by("pk").first()
    if officer is None:
        return
    due = due_now() if due is None else due
    _keep_consolidating_duty(officer, due)
    _keep_late_duty(officer, due)


def _keep_consolidating_duty(officer, due):
    from reports.models import Report

    approved = Report.objects.filter(_at(due), scope=0, state="approved").values_list("form", "period")
    done = set(approved)
    left = [(period, form.name) for form, period in due if (form.code, period.text) not in done]
    if not left:
        close_obligations(officer.organisation, CONSOLIDATE)
        return
    term = min(term_of(period.until, regional=True) for period, _name in left)
    _ministry_duty(CONSOLIDATE, officer, term, _named(left), reverse("reports:report-list"))


def _keep_late_duty(officer, due):
    from reports.models import Report

    today = timezone.localdate()
    over = [each for each in due if is_overdue(term_of(each[1].until, regional=False), today)]
    late = Report.objects.filter(_at(over)).not_handed_in(today).order_by().values_list("period", "scope").distinct()
    numbers = Counter(period for period, _scope in late)
    spans = [period for period in dict.fromkeys(period for _form, period in over) if numbers[period.text]]
    if not spans:
        cancel_obligations(officer.organisation, LATE)
        return
    path = f"{reverse('reports:report-list')}?state=late"
    if len(spans) == 1:
        path += f"&period={spans[0].text}"
    told = "; ".join(f"{period.short}: организаций — {numbers[period.text]}" for period in spans)
    _ministry_duty(LATE, officer, min(term_of(period.until, regional=True) for period in spans), told, path)


def _ministry_duty(kind, officer, due_on, title, path):
    open_obligation(
        kind,
        officer.organisation,
        due_on=due_on,
        organisation=officer.organisation,
        assignee=officer,
        title=_title(title),
        path=path,
    )


def _head_of(organisation):
    return User.objects.filter(role=Role.HEAD, organisation=organisation, is_active=True).order_by("pk").first()


def _title(words) -> str:
    """What an obligation's title holds: nine forms by name are more than that."""
    return words if len(words) <= TITLE else f"{words[: TITLE - 1]}…"
