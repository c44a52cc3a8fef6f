"""What falls due in reporting: a head signs the quarter's reports (the profile's `report_due_organisation`)."""

from django.urls import reverse
from django.utils import timezone

from reports import forms, periods
from sopr.accounts.models import User
from sopr.accounts.policy import Role
from sopr.obligations.engine import close_obligations, open_obligation
from sopr.obligations.kinds import Kind, declare

SIGN = declare(Kind("reports.sign", "Подписать квартальный отчёт", "Открыть отчёт", remind_days=(7,)))
SIGNED = ("submitted", "approved")


def last_quarter() -> periods.Period:
    """The last quarter that has ended: the one reports are due for."""
    return periods.containing(timezone.localdate(), "quarter").previous()


def keep_signing_duty(organisation):
    """Bring the organisation's duty to sign in line with its reports of the last ended quarter.

    One duty names every form of the region that is not signed yet or was returned; with none left it is done. It
    stands with the head of the organisation. Safe to call at any time and any number of times.
    """
    from reports.models import Report  # its verbs call this

    quarter = last_quarter()
    own = Report.objects.filter(organisation=organisation, period=quarter.text).latest().without_contents()
    reports = {report.form: report for report in own}
    waiting = [
        form
        for form in forms.of_this_region("quarter")
        if form.code not in reports or reports[form.code].state not in SIGNED
    ]
    if not waiting:
        close_obligations(organisation, SIGN)
        return
    first = waiting[0]
    due = Report(form=first.code, period=quarter.text, until=quarter.until, organisation=organisation).due_on
    open_obligation(
        SIGN,
        organisation,
        due_on=due,
        organisation=organisation,
        assignee=User.objects.filter(role=Role.HEAD, organisation=organisation, is_active=True).order_by("pk").first(),
        title=f"{quarter.short}: {', '.join(form.name for form in waiting)}",
        path=reports[first.code].get_absolute_url()
        if first.code in reports
        else f"{reverse('reports:report-build')}?form={first.code}&period={quarter.text}",
    )
