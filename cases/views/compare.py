"""Две редакции ИПСС рядом: what was added, excluded, changed, in words; for the screen and for paper."""

from django.urls import reverse

from cases import revision_diff
from cases.models import ProgrammeRevision
from cases.views.programme import RevisionTrail
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import DetailPage


class ProgrammeCompare(RevisionTrail, DetailPage):
    """This revision beside another of the same programme: the one before it unless `with` names another."""

    permission = Perm.CASE_VIEW
    model = ProgrammeRevision
    template_name = "cases/programme_compare.html"
    title = "Сравнение редакций ИПСС"

    def get_queryset(self):
        return ProgrammeRevision.objects.visible_to(self.request.user).for_reading()

    def get_title(self):
        return f"ИПСС № {self.object.programme.number}: что изменилось"

    def get_breadcrumbs(self):
        *before, _own = super().get_breadcrumbs()
        own = reverse("cases:programme-detail", args=[self.object.pk])
        return [*before, (str(self.object), own), ("Сравнение редакций", None)]

    def get(self, request, *args, **kwargs):
        """Refused where there is nothing to compare with."""
        if not self.object.programme.revisions.exclude(pk=self.object.pk).exists():
            raise Refused("У этой программы одна редакция: сравнивать не с чем.")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **context):
        if "reason" in context:  # the page that says why not
            return super().get_context_data(**context)
        revisions = list(self.object.programme.revisions.for_reading().order_by("number"))
        others = [row for row in revisions if row.pk != self.object.pk]
        asked = self.request.GET.get("with", "")
        earlier = [row for row in others if row.number < self.object.number]
        chosen = next((row for row in others if str(row.number) == asked), (earlier or others)[-1])
        this = next(row for row in revisions if row.pk == self.object.pk)
        old, new = sorted((chosen, this), key=lambda row: row.number)
        base = {
            "difference": revision_diff.compare(old, new, revisions),
            "others": others,
            "chosen": chosen,
            "case": self.get_case(),
        }
        return super().get_context_data(**(base | context))
