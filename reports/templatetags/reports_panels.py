"""What reports show on the pages of lower apps."""

from django import template
from django.utils import timezone

from reports import forms, periods
from reports.models import Report
from sopr.accounts.policy import Perm

register = template.Library()


@register.inclusion_tag("reports/_quarter.html")
def quarter_reports(user):
    """The last ended quarter's reports of the head's organisation: state and term of each form due for it."""
    if not user.may(Perm.REPORT_SIGN):
        return {"rows": []}
    quarter = periods.containing(timezone.localdate(), "quarter").previous()
    own = Report.objects.visible_to(user).latest().without_contents().filter(period=quarter.text)
    found = {report.form: report for report in own}
    return {
        "quarter": quarter,
        "rows": [
            {"form": form, "report": found.get(form.code), "due_on": _due_on(form, quarter, user)}
            for form in forms.of_this_region(quarter.kind)
        ],
    }


def _due_on(form, quarter, user):
    return Report(form=form.code, period=quarter.text, until=quarter.until, organisation=user.organisation).due_on
