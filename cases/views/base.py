"""What the pages of a case share: the road to the row, breadcrumbs, the moment at which they make sense."""

from django.urls import reverse

from cases.models import Case
from cases.reading import family_title
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import ActionPage, FormPage


class CaseTrail:
    """Breadcrumbs and the family's name for a page about a case; `get_case()` says which."""

    def get_case(self):
        return self.object

    def get_breadcrumbs(self):
        case = self.get_case()
        return [
            ("Случаи", reverse("cases:case-list")),
            (f"№\u00a0{case.number}", self.get_case_url()),
            (self.title, None),
        ]

    def get_case_url(self, tab="") -> str:
        url = self.get_case().get_absolute_url()
        return f"{url}?tab={tab}" if tab else url

    def get_back_url(self):
        return self.get_case_url()

    def get_note(self):
        case = self.get_case()
        return f"{family_title(case.family)}, № {case.family.number}; этап «{case.get_stage_display()}»"


class CaseFormPage(CaseTrail, FormPage):
    """An act on a case. `why_not` (of cases.acts) refuses the page at a wrong moment; `tab` is where it returns to."""

    permission = Perm.CASE_WORK
    model = Case
    why_not = None
    tab = ""

    def get_queryset(self):
        rows = super().get_queryset()
        return rows.with_people() if self.model is Case else rows

    def check_moment(self):
        reason = type(self).why_not(self.get_case()) if type(self).why_not else ""
        if reason:
            raise Refused(reason)

    def act(self, form):
        self.perform(form)
        return self.get_case_url(self.tab)

    def perform(self, form):
        """Call the verb."""
        raise NotImplementedError

    def get_context_data(self, **context):
        return super().get_context_data(**({"case": self.get_case(), "family": self.get_case().family} | context))


class NewRowPage(CaseFormPage):
    """Adds a row to a case: two people may add at once, so the case's own version is not asked for."""

    adds_row = True


class CaseActionPage(CaseFormPage, ActionPage):
    """An act on a case that only asks for confirmation."""
