"""What reports show on the pages of lower apps."""

from django import template
from django.utils import timezone

from reports import dashboards, forms, periods
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


@register.inclusion_tag("reports/_course.html")
def service_course(user):
    """The head's organisation over eight quarters, as the ministry sees it; counted anew within the hour."""
    if not user.may(Perm.REPORT_SIGN) or user.organisation_id is None:
        return {"course": []}
    quarter = periods.containing(timezone.localdate(), "quarter")
    figures, counted_at = dashboards.figures_of(quarter, good_for=dashboards.HOUR)
    course = dashboards.course(figures, quarter, user.organisation_id)
    marks = ",".join(each["mark"] for each in course)
    lines = [
        {"title": title, "value": course[-1][name], "values": [each[name] for each in course], "kind": kind}
        for title, name, kind in COURSE
    ]
    return {"course": lines, "quarter": quarter, "marks": marks, "counted_at": counted_at}


COURSE = (
    ("На сопровождении", "on_support", "line"),
    ("Приняты за квартал", "accepted", "columns"),
    ("Сняты за квартал", "removed", "columns"),
    ("Преодолели ТЖС", "overcame", "columns"),
)
