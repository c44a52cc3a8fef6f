"""Диагностика."""

from django.urls import reverse
from django.utils import timezone

from cases import acts, reading
from cases.forms import SCORE_MEANINGS, AssessmentForm
from cases.models import Assessment
from cases.views.base import NewRowPage
from cases.words import Stage
from sopr import profile


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
        return {"first": scores, "levels": level_choices(self.object), "initial": initial}

    def _is_fresh(self, form) -> bool:
        """A level that the form only suggests goes back to the curator as a question, not as an error."""
        return not form.suggestion and super()._is_fresh(form)

    def act(self, form):
        Assessment.record(
            self.object,
            by=self.request.user,
            done_on=form.cleaned_data["done_on"],
            scores=form.scores,
            evidence=form.evidence,
            proposed_level=form.cleaned_data["proposed_level"],
            reasons=form.cleaned_data["reasons"],
            resources=form.cleaned_data["resources"],
        )
        if self.object.stage == Stage.ASSESSMENT and not self.object.programmes.exists():
            return reverse("cases:programme-new", args=[self.object.pk])
        return self.get_case_url()

    def get_context_data(self, **context):
        first = self.object.assessments.order_by("done_on", "pk").first()
        base = {
            "meanings": list(enumerate(SCORE_MEANINGS)),
            "first": first,
            "today": timezone.localdate(),
            "rows": reading.assessment_rows(self.object) if first else [],
        }
        return super().get_context_data(**(base | context))
