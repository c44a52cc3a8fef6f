"""Reviews of a supported case."""

from django.urls import reverse
from django.utils import timezone

from cases import acts, reading
from cases.models import Review
from cases.review_forms import ReviewForm
from cases.views.assessment import level_choices
from cases.views.base import NewRowPage


class ReviewNew(NewRowPage):
    form_class = ReviewForm
    template_name = "cases/review_new.html"
    title = "Промежуточный мониторинг"
    submit_title = "Записать мониторинг"
    success_message = "Мониторинг записан."
    why_not = staticmethod(acts.why_not_review)
    tab = "reviews"

    def get_form_kwargs(self):
        case = self.object
        levels = [pair for pair in level_choices(case) if pair[0] != case.level]
        return {"levels": levels, "initial": {"done_on": timezone.localdate()}}

    def act(self, form):
        review = Review.record(self.object, by=self.request.user, **form.cleaned_data)
        if review.conclusion == Review.Conclusion.CHANGE_LEVEL:
            self.success_message = "Мониторинг записан. Теперь вынесите изменение уровня на совет."
            return reverse("councils:item-propose", args=[self.object.pk])
        if review.conclusion == Review.Conclusion.REMOVE:
            return reverse("cases:closure-new", args=[self.object.pk])
        if review.conclusion == Review.Conclusion.AMEND:
            return self.get_case_url("programme")
        return self.get_case_url(self.tab)

    def get_context_data(self, **context):
        case = self.object
        done, total = reading.progress_of_case(case)
        base = {"done": done, "total": total, "last": case.reviews.first(), "rows": reading.assessment_rows(case)}
        return super().get_context_data(**(base | context))
