"""What reports show on the pages of lower apps."""

from collections import Counter
from operator import attrgetter

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from reports import dashboards, duties, periods
from reports.models import PlanTarget, Report
from reports.plan_fact import PlanFact
from reports.targets import forms_with_plans
from sopr import profile
from sopr.accounts.policy import Perm

register = template.Library()

_CONTROLS = {"select": "form-select form-select-sm", "checkbox": "form-check-input"}


@register.simple_tag
def sheet_field(field):
    """A field in a cell of a sheet: its label is spoken, its errors stand under it."""
    if not field:
        return ""
    css = _CONTROLS.get(getattr(field.field.widget, "input_type", ""), "form-control form-control-sm")
    attrs = {"class": f"{css} is-invalid" if field.errors else css, "aria-label": field.label}
    errors = format_html_join("", '<span class="form-error">{}</span>', ((error,) for error in field.errors))
    return format_html("{}{}", field.as_widget(attrs=attrs), errors)


@register.inclusion_tag("reports/_owed.html")
def owed_reports(user):
    """What the head's organisation owes now: state and term of each form for its last ended period."""
    if not user.may(Perm.REPORT_SIGN):
        return {"rows": []}
    due = duties.due_now()
    spans = {period.text for _form, period in due}
    own = Report.objects.visible_to(user).latest().without_contents().filter(period__in=spans)
    found = {(report.form, report.period): report for report in own}
    return {
        "rows": [
            {
                "form": form,
                "period": period,
                "report": found.get((form.code, period.text)),
                "due_on": duties.term_of(period.until, regional=False),
            }
            for form, period in due
        ]
    }


PLAN_TONES = (("good", "выполняются", "good"), ("warn", "под угрозой", "warn"), ("over", "не выполняются", "bad"))
WORST_SHOWN = 3


@register.inclusion_tag("reports/_plan.html")
def plan_and_fact(user):
    """This year's plan: how many targets stand how, and those furthest behind; nothing where there is no plan."""
    if not profile.current().has("plan_targets"):
        return {}
    today = timezone.localdate()
    year, known = periods.year(today.year), forms_with_plans()
    codes = set(PlanTarget.objects.visible_to(user).current().filter(period=year.text).values_list("form", flat=True))
    form = next((form for form in known if form.code in codes), None)
    if form is None:
        return {}
    lines = PlanFact(form, year, today, user).get_lines()
    counted = Counter(line.tone for line in lines)
    behind = sorted((line for line in lines if line.tone == "over"), key=attrgetter("behind"), reverse=True)
    return {
        "year": year,
        "parts": [
            {"title": title, "value": counted[tone], "tone": colour}
            for tone, title, colour in PLAN_TONES
            if counted[tone]
        ],
        "worst": behind[:WORST_SHOWN],
        "url": f"{reverse('reports:plan-fact')}?form={form.code}&period={year.text}",
    }


@register.inclusion_tag("reports/_course.html")
def service_course(user):
    """The head's organisation over eight quarters, as the ministry sees it; a worker counts it anew each hour."""
    if not user.may(Perm.REPORT_SIGN) or user.organisation_id is None:
        return {"quarter": None}
    quarter = periods.containing(timezone.localdate(), "quarter")
    kept = dashboards.kept_figures(quarter)
    if kept is None:
        return {"quarter": quarter}
    figures, counted_at = kept
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
