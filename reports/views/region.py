"""Регион: the ministry's quarter at a glance."""

from functools import cached_property

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from cases.models import LevelPeriod
from cases.words import Level
from reports import dashboards, duties, engine, forms, periods
from reports.compute import main_column, reporting_organisations
from reports.dashboards import MEASURES
from reports.indicators import measures as m
from reports.indicators.rows import Counted, Percent
from reports.models import Report
from reports.views.making import TONES
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, Page

State = Report.State


class Region(Page):
    """Who has submitted, five figures with their course over eight quarters, the organisations, the levels."""

    permission = Perm.REPORT_REVIEW
    template_name = "reports/region.html"

    @cached_property
    def quarter(self) -> periods.Period:
        """The quarter asked for, else the last one that has ended; in a region by months that of the last one."""
        last = duties.last_quarter()
        if not forms.of_this_region("quarter", last.since):
            last = periods.containing(duties.last_ended("month").since, "quarter")
        try:
            asked = periods.parse(self.request.GET.get("quarter", ""))
        except periods.PeriodError:
            return last
        return asked if asked.kind == "quarter" and asked.since <= timezone.localdate() else last

    @property
    def is_over(self) -> bool:
        """Whether the form's period has ended: before that nobody is late with a report."""
        return self.period.until < timezone.localdate()

    @property
    def period(self) -> periods.Period:
        """What the chosen form is handed in for."""
        return self.get_period(self.form)

    def get_period(self, form) -> periods.Period:
        """The quarter; of a form by months the quarter's last ended month, else its running one."""
        if "quarter" in form.periodicity or "month" not in form.periodicity:
            return self.quarter
        today = timezone.localdate()
        month = periods.containing(min(self.quarter.until, today), "month")
        return month.previous() if month.until >= today and month.since > self.quarter.since else month

    @cached_property
    def known(self) -> list[forms.Form]:
        return [form for form in self.used if "quarter" in form.periodicity] or self.used

    @cached_property
    def used(self) -> list[forms.Form]:
        """Every form of the region in force in the quarter."""
        return forms.of_this_region(on=self.quarter.since)

    @cached_property
    def form(self) -> forms.Form:
        """The form asked for, else the region's first: states of reports are of one form."""
        return next((form for form in self.known if form.code == self.request.GET.get("form")), self.known[0])

    @cached_property
    def reports(self) -> dict[tuple[str, int], Report]:
        """The last revisions of the reports due, by form and organisation id; 0 is the consolidated one."""
        spans = {form.code: self.get_period(form).text for form in self.used}
        found = Report.objects.visible_to(self.request.user).latest().without_contents()
        return {
            (report.form, report.scope): report
            for report in found.filter(period__in=set(spans.values()))
            if report.period == spans.get(report.form)
        }

    @property
    def consolidated(self) -> Report | None:
        return self.reports.get((self.form.code, 0))

    @cached_property
    def figures(self) -> engine.Figures:
        return dashboards.figures_of(self.quarter)[0]

    @cached_property
    def course(self) -> list[dict]:
        return dashboards.course(self.figures, self.quarter, engine.REGION)

    def get_title(self):
        return f"{profile.current().title}, {self.quarter.title}"

    def get_note(self):
        due = duties.term_of(self.period.until, regional=True)
        month = "" if self.period == self.quarter else f" за {self.period.title}"
        return f"Форма {self.form.name}. Сводный отчёт{month} — до {due:%d.%m.%Y}."

    def get_main_action(self):
        if self.consolidated:
            return Action("Сводный отчёт", self.consolidated.get_absolute_url(), "clipboard-data")
        return Action("Составить сводный отчёт", self.get_build_url(self.form), "plus-lg")

    def get_actions(self):
        return [Action("Выборка", reverse("reports:selection"), "funnel")]

    def get_build_url(self, form) -> str:
        return f"{reverse('reports:report-build')}?form={form.code}&period={self.get_period(form).text}"

    def get_context_data(self, **context):
        organisations = self.get_organisations()
        kpis = self.get_kpis()
        return super().get_context_data(
            **(
                {
                    "quarter": self.quarter,
                    "form": self.form,
                    "forms": self.known,
                    "form_chips": self.get_form_chips(),
                    "earlier": self.quarter.previous(),
                    "later": self.get_later(),
                    "kpis": kpis,
                    "unbuilt": any(kpi.get("unbuilt") for kpi in kpis),
                    "organisations": organisations,
                    "total": self.get_row(engine.REGION),
                    "sum_on_support": sum(row["on_support"] for row in organisations),
                    "handed_in": self.get_handed_in(organisations),
                    "levels": self.get_levels(),
                    "course": self.course,
                }
                | context
            )
        )

    def get_form_chips(self):
        return [
            (form.name, f"?quarter={self.quarter.text}&form={form.code}", None, form == self.form)
            for form in self.known
        ]

    def get_later(self):
        later = self.quarter.following()
        return later if later.since <= timezone.localdate() else None

    def get_kpis(self) -> list[dict]:
        """Five figures: now, the change to the quarter before, the course of two years."""
        labels = [quarter["mark"] for quarter in self.course]

        def course(measure):
            return [quarter[measure.name] for quarter in self.course]

        served = course(m.SERVED)
        overcame = course(m.OVERCAME)
        shares = [self.form.percent(n, of) if of else None for n, of in zip(overcame, served, strict=True)]
        words = "семья,семьи,семей"
        found = [
            ("На сопровождении", m.ON_SUPPORT, course(m.ON_SUPPORT), "line"),
            ("Приняты за квартал", m.ACCEPTED, course(m.ACCEPTED), "columns"),
            ("Сняты за квартал", m.REMOVED, course(m.REMOVED), "columns"),
            ("Преодолели ТЖС", m.OVERCAME, overcame, "columns"),
        ]
        kpis = [
            {
                "title": title,
                "value": values[-1],
                "words": words,
                "change": values[-1] - values[-2],
                "values": values,
                "labels": labels,
                "kind": kind,
                **self.get_list_link(Counted, measure),
            }
            for title, measure, values, kind in found
        ]
        kpis.append(
            {
                "title": "Доля преодолевших",
                "value": shares[-1],
                "share": True,
                "note": f"{overcame[-1]} из {served[-1]} семей",
                "values": shares,
                "labels": labels,
                "kind": "line",
                **self.get_list_link(Percent, m.OVERCAME),
            }
        )
        return kpis

    def get_list_link(self, kind, measure) -> dict:
        """Where a figure leads: the list behind the row that counts it, or the page that makes such a report.

        The chosen form is asked first, then the region's others; nowhere when no form has the row.
        """
        build = None
        for form in (self.form, *(each for each in self.used if each.code != self.form.code)):
            row = next((row for row in form.rows if _counts(row, kind, measure)), None)
            if row is None:
                continue
            report = self.reports.get((form.code, 0))
            if report is not None and report.checksum:
                period = self.get_period(form)
                column = main_column(form.columns(period), period)
                url = reverse("reports:report-cell", args=[report.pk, row.code, column.code])
                day = timezone.localtime(report.computed_at)
                return {"url": url, "leads": f"Список из отчёта {form.name}, рассчитанного {day:%d.%m.%Y}"}
            build = build or {
                "url": report.get_absolute_url() if report else self.get_build_url(form),
                "leads": f"Чтобы открыть список, составьте сводный отчёт {form.name}",
                "unbuilt": True,
            }
        return build or {"url": "", "leads": ""}

    def get_row(self, scope) -> dict:
        column = f"trend:{self.quarter.text}"
        return {measure.name: self.figures.count(scope, column, measure) for measure in MEASURES}

    def get_organisations(self) -> list[dict]:
        """Organisations that owe a report, with their own figures and where their report is."""
        rows = []
        for organisation in reporting_organisations(self.period.since, self.period.until):
            report = self.reports.get((self.form.code, organisation.pk))
            state = report.state if report else ""
            rows.append(
                {
                    "organisation": organisation,
                    "report": report,
                    "state": report.state_title if report else "нет отчёта",
                    "tone": TONES.get(state, "bad" if self.is_over else "plan"),
                    "waits": state == State.SUBMITTED,
                    "returned": state == State.RETURNED,
                    "missing": state in ("", State.DRAFT),
                    "unsigned": state in ("", State.DRAFT, State.RETURNED),
                    **self.get_row(organisation.pk),
                }
            )
        return rows

    def get_handed_in(self, organisations) -> dict:
        """How many reports are where, as parts of one bar; and who is waited for."""
        states = [row["report"].state if row["report"] else "" for row in organisations]
        parts = [
            ("утверждены", states.count(State.APPROVED), "accent"),
            ("на проверке", states.count(State.SUBMITTED), "soft"),
            ("возвращены", states.count(State.RETURNED), "warn"),
            ("не представлены", states.count("") + states.count(State.DRAFT), "bad" if self.is_over else "soft"),
        ]
        return {
            "parts": [{"title": title, "value": number, "tone": tone} for title, number, tone in parts if number],
            "of": len(organisations),
            "waits": [row for row in organisations if row["waits"]],
            "returned": [row for row in organisations if row["returned"]],
            "missing": [row for row in organisations if row["missing"]] if self.is_over else [],
        }

    def get_levels(self) -> list[dict]:
        """Families on support at the quarter's end by level; a family once a level."""
        day = self.quarter.until
        counted = (
            LevelPeriod.objects.filter(since__lte=day)
            .filter(Q(until=None) | Q(until__gte=day))
            .filter(case__accepted_on__lte=day)
            .filter(Q(case__closed_on=None) | Q(case__closed_on__gt=day))
            .order_by()
            .values("level")
            .annotate(families=Count("case__family", distinct=True))
        )
        families = {row["level"]: row["families"] for row in counted}
        return [
            {"code": code, "title": Level(code).label, "value": families.get(code, 0), "tone": str(code)}
            for code in (Level.EMERGENCY, Level.CRISIS, Level.BASIC, Level.ADAPTATION)
        ]


def _counts(row, kind, measure) -> bool:
    """Whether a row of this kind counts the measure as a whole, not of some categories."""
    return isinstance(row, kind) and row.measure == measure and not getattr(row, "categories", ())
