"""Диагностика: writing one down, reading it beside an earlier one, on paper."""

from django.urls import reverse
from django.utils import timezone

from cases import acts, levels_rule, reading
from cases.assessment_forms import AssessmentForm
from cases.comparison import compare
from cases.documents import ASSESSMENT
from cases.models import Assessment, Factor
from cases.views.base import CaseTrail, NewRowPage
from cases.words import SCORE_MEANINGS, Stage
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.web.pages import Action, DetailPage


def level_choices(case) -> list[tuple[str, str]]:
    """Levels of the region; those of entry only while the case has none yet."""
    levels = profile.current().levels.values()
    return [(level.code, level.title) for level in levels if not level.entry_only or case.level in ("", level.code)]


class AssessmentNew(NewRowPage):
    form_class = AssessmentForm
    template_name = "cases/assessment_new.html"
    title = "Диагностика"
    submit_title = "Записать диагностику"
    success_message = "Диагностика записана."
    why_not = staticmethod(acts.why_not_assess)

    def get_form_kwargs(self):
        first = self.object.assessments.prefetch_related("scores").order_by("done_on", "pk").first()
        scores = {score.domain: score.score for score in first.scores.all()} if first else {}
        initial = {"proposed_level": self.object.level} if self.object.level else {}
        return {
            "first": scores,
            "levels": level_choices(self.object),
            "propose": lambda given: Assessment.propose_level(self.object, given),
            "factors": Factor.objects.in_use(),
            "initial": initial,
        }

    def _is_fresh(self, form) -> bool:
        """A level that the form only suggests goes back to the curator as a question, not as an error."""
        return not form.suggestion and super()._is_fresh(form)

    def act(self, form):
        data = form.cleaned_data
        assessment = Assessment.record(
            self.object,
            by=self.request.user,
            done_on=data["done_on"],
            scores=form.scores,
            evidence=form.evidence,
            proposed_level=data["proposed_level"],
            level_reason=data["level_reason"],
            reasons=data["reasons"],
            resources=data["resources"],
            factors=[*data["risk_factors"], *data["resource_factors"]],
        )
        if self.object.stage == Stage.ASSESSMENT and not self.object.programmes.exists():
            return reverse("cases:programme-new", args=[self.object.pk])
        return self.get_case_url() if self.object.assessments.count() == 1 else assessment.get_absolute_url()

    def get_context_data(self, **context):
        first = self.object.assessments.order_by("done_on", "pk").first()
        base = {
            "meanings": list(enumerate(SCORE_MEANINGS)),
            "first": first,
            "today": timezone.localdate(),
            "rows": reading.assessment_rows(self.object) if first else [],
            "rules": levels_rule.explain(),
        }
        return super().get_context_data(**(base | context))


class _AssessmentPage(CaseTrail, DetailPage):
    permission = Perm.CASE_VIEW
    model = Assessment

    def get_queryset(self):
        return (
            Assessment.objects.visible_to(self.request.user)
            .select_related("case__family", "case__curator", "case__organisation", "by")
            .prefetch_related("scores", "factors")
        )

    def get_case(self):
        return self.object.case

    def get_earlier(self):
        """Assessments of the case before this one, the first first."""
        every = self.get_case().assessments.prefetch_related("scores").order_by("done_on", "pk")
        before = []
        for assessment in every:
            if assessment.pk == self.object.pk:
                break
            before.append(assessment)
        return before

    def choose_earlier(self, earlier):
        """The earlier assessment asked for, the first of the case unless another is; None for the first itself."""
        asked = self.request.GET.get("with", "")
        return next((row for row in earlier if str(row.pk) == asked), earlier[0] if earlier else None)


class AssessmentDetail(_AssessmentPage):
    """One assessment beside an earlier one: picture, table, factors, the level and the rule that proposed it."""

    template_name = "cases/assessment_detail.html"
    title = "Диагностика"

    def get_title(self):
        return str(self.object)

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs()[:-1], (str(self.object), None)]

    def get_actions(self):
        asked = self.request.GET.urlencode()
        url = reverse("cases:assessment-print", args=[self.object.pk])
        return [Action("Печать", f"{url}?{asked}" if asked else url, "printer")]

    def get_context_data(self, **context):
        every = list(self.get_case().assessments.order_by("done_on", "pk"))
        factors = list(self.object.factors.all())
        earlier = self.get_earlier()
        base = {
            "comparison": compare(self.object, self.choose_earlier(earlier)),
            "every": every,
            "earlier": earlier,
            "risks": [factor for factor in factors if factor.kind == Factor.Kind.RISK],
            "strengths": [factor for factor in factors if factor.kind == Factor.Kind.RESOURCE],
            "rules": levels_rule.explain(),
            "case": self.get_case(),
        }
        return super().get_context_data(**(base | context))


class AssessmentPrint(_AssessmentPage):
    """The same on paper."""

    title = "Печать диагностики"
    audit_read = ""

    def show(self, status=200, **context):
        earlier = self.choose_earlier(self.get_earlier())
        return pdf_response(ASSESSMENT, self.object, by=self.request.user, earlier=earlier)
