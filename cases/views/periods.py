"""A page of facts of a period that the reader chooses; at first the quarter that goes on."""

from django.utils import timezone

from cases.newborn_forms import PeriodForm
from sopr.web.pages import Page


class PeriodPage(Page):
    """`count(since, until)` gives the page its numbers, both days included; without valid days nothing is counted."""

    def count(self, since, until) -> dict:
        raise NotImplementedError

    def get_note(self):
        return str(self.request.user.organisation)

    def get_context_data(self, **context):
        today = timezone.localdate()
        first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        asked = self.request.GET if "since" in self.request.GET else {"since": first, "until": today}
        form = PeriodForm(asked)
        counted = self.count(**form.cleaned_data) if form.is_valid() else {}
        return super().get_context_data(period=form, **counted, **context)
