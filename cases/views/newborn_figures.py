"""The facts of a period of «Под крылом аиста»: what the report of the practice is fed with."""

from django.urls import reverse

from cases import newborn
from cases.views.newborn import MODULE, TITLE
from cases.views.periods import PeriodPage
from sopr.accounts.policy import Perm


class NewbornFigures(PeriodPage):
    module = MODULE
    permission = Perm.CASE_ASSIGN
    title = "Итоги за период"
    menu = "referrals"
    template_name = "cases/newborn_figures.html"

    def get_breadcrumbs(self):
        return [(TITLE, reverse("cases:newborn-list")), (self.title, None)]

    def count(self, since, until):
        return {"figures": newborn.figures(self.request.user.organisation, since, until)}
