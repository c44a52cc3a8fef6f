"""Reviews of a supported case: held, printed."""

from django.urls import reverse
from django.utils import timezone

from cases import acts, progress, reading
from cases.documents import REVIEW
from cases.models import ProgrammeRevision, Review
from cases.models.review import latest_next
from cases.review_forms import ReviewForm
from cases.views.assessment import level_choices
from cases.views.base import NewRowPage
from sopr.accounts.policy import Perm
from sopr.documents.pdf import pdf_response
from sopr.web.later import SentLater
from sopr.web.pages import DetailPage


class ReviewNew(SentLater, NewRowPage):
    """What was done and what changed is drafted from the data; the conclusion leads straight to the council."""

    form_class = ReviewForm
    template_name = "cases/review_new.html"
    title = "Промежуточный мониторинг"
    submit_title = "Записать мониторинг"
    success_message = "Мониторинг записан."
    why_not = staticmethod(acts.why_not_review)
    tab = "reviews"

    def get_form_kwargs(self):
        case, today = self.object, timezone.localdate()
        levels = [pair for pair in level_choices(case) if pair[0] != case.level]
        return {
            "levels": levels,
            "initial": {
                "done_on": today,
                "progress": progress.progress_in_words(case, today),
                "changes": progress.changes_in_words(case, today),
                "next_on": latest_next(case, today),
            },
        }

    def act(self, form):
        review = Review.record(self.object, by=self.request.user, **form.cleaned_data)
        return self.goes_to(review)

    def goes_to(self, review) -> str:
        """Where the conclusion is carried out: the council's question, or the paper it needs first."""
        if review.conclusion == Review.Conclusion.CHANGE_LEVEL:
            self.success_message = "Мониторинг записан. Теперь вынесите изменение уровня на совет."
            return reverse("councils:item-propose", args=[self.object.pk])
        if review.conclusion == Review.Conclusion.REMOVE:
            self.success_message = "Мониторинг записан. Теперь подготовьте заключение о снятии."
            return reverse("cases:closure-new", args=[self.object.pk])
        if review.conclusion == Review.Conclusion.AMEND:
            return self._way_to_amend()
        return self.get_case_url(self.tab)

    def _way_to_amend(self) -> str:
        if self.object.draft_revisions().exists():
            self.success_message = "Мониторинг записан. Проект новой редакции есть: вынесите его на совет."
            return reverse("councils:item-propose", args=[self.object.pk])
        self.success_message = "Мониторинг записан. Теперь составьте новую редакцию ИПСС и вынесите её на совет."
        approved = ProgrammeRevision.objects.filter(
            programme__case=self.object, state=ProgrammeRevision.State.APPROVED
        ).values_list("pk", flat=True)
        if len(approved) == 1:
            return reverse("cases:programme-amend", args=[approved[0]])
        return self.get_case_url("programme")

    def get_context_data(self, **context):
        case, today = self.object, timezone.localdate()
        change = progress.change_of_risk(case, today)
        base = {
            "made": progress.activities_of(case, today),
            "last": case.reviews.first(),
            "rows": reading.assessment_rows(case),
            "change": change,
            "latest_next": latest_next(case, today),
        }
        return super().get_context_data(**(base | context))


class ReviewPrint(DetailPage):
    """The sheet of the review, for the case's file and for the council."""

    permission = Perm.CASE_VIEW
    model = Review
    audit_read = ""

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related("case__family", "case__organisation", "case__curator", "assessment", "by")
        )

    def show(self, status=200, **context):
        return pdf_response(REVIEW, self.object, by=self.request.user)
