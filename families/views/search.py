"""The search box of the top bar: words by POST into the session, results by GET."""

from django.http import HttpResponseRedirect
from django.urls import reverse

from families.search import find_families
from sopr.accounts.policy import Perm
from sopr.web.pages import Page, record

KEPT = "family_search"
LONGEST = 100  # characters


class FamilySearch(Page):
    permission = Perm.FAMILY_VIEW
    title = "Поиск"
    template_name = "families/family_search.html"

    def post(self, request, *args, **kwargs):
        request.session[KEPT] = request.POST.get("q", "").strip()[:LONGEST]
        return HttpResponseRedirect(reverse("families:family-search"))

    def get(self, request, *args, **kwargs):
        query = request.session.get(KEPT, "")
        results = find_families(request.user, query)
        if query:
            found = {"page": self.page_name, "found": len(results.found), "elsewhere": len(results.elsewhere)}
            record(request.user, "search", detail=found)
        return self.show(query=query, results=results)
