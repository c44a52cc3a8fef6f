"""What falls due in reporting: a head signs the quarter's reports, the ministry consolidates and knows who is late.

Terms are the profile's `report_due_organisation` and `report_due_region`, days of the month after the quarter.
"""

import datetime

from django.urls import reverse
from django.utils import timezone

from reports import forms, periods
from sopr import profile
from sopr.accounts.models import User
from sopr.accounts.policy import Role
from sopr.calendar import add_months, is_overdue
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation
from sopr.obligations.kinds import Kind, declare

SIGN = declare(Kind("reports.sign", "Подписать квартальный отчёт", "Открыть отчёт", remind_days=(7, 1)))
FIX = declare(Kind("reports.fix", "Исправить отчёт", "Открыть отчёт", remind_days=(1,)))
CONSOLIDATE = declare(
    Kind("reports.consolidate", "Утвердить сводный отчёт", "Открыть отчёты", remind_days=(7, 1), escalates=False)
)
LATE = declare(Kind("reports.late", "Не представили отчёты", "Кто не представил", escalates=False))
SIGNED = ("submitted", "approved")
TITLE = 200  # letters of an obligation's title
FIX_WORKING_DAYS = 3  # to correct a returned or reopened report once its own term is over: as for a referral's visit


def last_quarter() -> periods.Period:
    """The last quarter that has ended: the one reports are due for."""
    return last_ended("quarter")


def last_ended(kind: str) -> periods.Period:
    """The last month, quarter or year that has ended."""
    return periods.containing(timezone.localdate(), kind).previous()


def forms_due() -> list[forms.Form]:
    """The region's forms that are due for the last ended quarter."""
    return forms.of_this_region("quarter", last_quarter().since)


def due_now() -> list[tuple[forms.Form, periods.Period]]:
    """What an organisation owes: the region's forms for the last ended quarter, the ministry's own for their period."""
    own = [(form, period) for period in map(last_ended, ("month", "year")) for form in _own_due(period)]
    return [*((form, last_quarter()) for form in forms_due()), *own]


def _own_due(period) -> list[forms.Form]:
    return [form for form in forms.of_this_region(period.kind, period.since) if form.own]


def is_owed_now(report) -> bool:
    """Whether the duty to sign speaks of this report."""
    if report.period == last_quarter().text:
        return True
    place = report.form, report.period
    return report.own_version_id is not None and place in {(form.code, period.text) for form, period in due_now()}


def term_of(until, *, regional) -> datetime.date:
    """The day a report for a period that ends on `until` is due: which day of the month after, the profile says."""
    deadlines = profile.current().deadlines
    day = deadlines.report_due_region if regional else deadlines.report_due_organisation
    return add_months(until.replace(day=1), 1).replace(day=day)


def open_drafts(organisations):
    """Have a draft of every report that is owed now: an empty one shows who has not begun."""
    from reports.models import Report  # its verbs call this module

    due = due_now()
    known = Report.objects.filter(period__in={period.text for _form, period in due})
    there = set(known.values_list("form", "period", "scope"))
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
        for organisation in organisations
        for form, period in due
        if (form.code, period.text, organisation.pk) not in there
    ]
    Report.objects.bulk_create(made, ignore_conflicts=True)


def keep_signing_duty(organisation):
    """Bring the organisation's duty to sign in line with its reports of what is owed now.

    One duty names every form that is not signed yet or was returned; with none left it is done. It stands with the
    head of the organisation. Safe to call at any time and any number of times.
    """
    from reports.models import Report  # its verbs call this

    due = due_now()
    own = Report.objects.filter(organisation=organisation, period__in={period.text for _form, period in due})
    reports = {(report.form, report.period): report for report in own.latest().without_contents()}
    states = {place: report.state for place, report in reports.items()}
    waiting = [(form, period) for form, period in due if states.get((form.code, period.text)) not in SIGNED]
    if not waiting:
        close_obligations(organisation, SIGN)
        return
    form, period = waiting[0]
    first = reports.get((form.code, period.text))
    open_obligation(
        SIGN,
        organisation,
        due_on=min(term_of(each.until, regional=False) for _form, each in waiting),
        organisation=organisation,
        assignee=_head_of(organisation),
        title=_title(_named(waiting)),
        path=first.get_absolute_url()
        if first
        else f"{reverse('reports:report-build')}?form={form.code}&period={period.text}",
    )


def _named(waiting) -> str:
    """«IV кв. 2025: «Индикаторы», «Мониторинг»; ноябрь 2025 года: «Кадры»»."""
    by_period = {}
    for form, period in waiting:
        by_period.setdefault(period.short, []).append(form.name)
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


def keep_ministry_duties():
    """Bring in line what the ministry has to do for the last ended quarter: consolidate, and see who is late.

    The day after the organisations' term one duty counts those without a signed report; it goes when all have signed.
    """
    from reports.models import Report  # its verbs call this

    people = User.objects.filter(role=Role.MINISTRY, is_active=True, organisation__isnull=False)
    officer = people.select_related("organisation").order_by("pk").first()
    if officer is None:
        return
    quarter, ministry, today = last_quarter(), officer.organisation, timezone.localdate()
    term, reports = term_of(quarter.until, regional=True), reverse("reports:report-list")
    approved = Report.objects.filter(period=quarter.text, scope=0, state="approved").values_list("form", flat=True)
    left = [form.name for form in forms_due() if form.code not in set(approved)]
    if left:
        _ministry_duty(CONSOLIDATE, officer, term, f"{quarter.short}: {', '.join(left)}", reports)
    else:
        close_obligations(ministry, CONSOLIDATE)
    late = Report.objects.filter(period=quarter.text).not_handed_in(today)
    is_over = is_overdue(term_of(quarter.until, regional=False), today)
    number = late.order_by().values("organisation").distinct().count() if is_over else 0
    if number:
        path = f"{reports}?state=late&period={quarter.text}"
        _ministry_duty(LATE, officer, term, f"{quarter.short}: организаций — {number}", path)
    else:
        cancel_obligations(ministry, LATE)


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
