"""The search box of the top bar: as one types by POST; on Enter words by POST into the session, results by GET."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from families.finding.search import find_families
from sopr.accounts.policy import Perm
from sopr.web.pages import Page, record

KEPT = "family_search"
LONGEST = 100  # characters
SUGGESTED = 8
SHORTEST = 2  # characters from which the list under the box answers


def typed_in(request) -> str:
    return request.POST.get("q", "").strip()[:LONGEST]


class FamilySearch(Page):
    permission = Perm.FAMILY_VIEW
    title = "Поиск"
    template_name = "families/family_search.html"

    def post(self, request, *args, **kwargs):
        request.session[KEPT] = typed_in(request)
        return HttpResponseRedirect(reverse("families:family-search"))

    def get(self, request, *args, **kwargs):
        query = request.session.get(KEPT, "")
        results = find_families(request.user, query)
        if query:
            record_search(self, results)
        return self.show(query=query, results=results)


class FamilySuggest(Page):
    """The list under the search box while one types: by POST, no name is in an address; every answer is logged."""

    permission = Perm.FAMILY_VIEW
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        query = typed_in(request)
        if len(query) < SHORTEST:
            return HttpResponse()
        results = find_families(request.user, query, shown=SUGGESTED)
        record_search(self, results)
        return render(request, "families/family_suggest.html", {"results": results})


def record_search(page, results):
    """Log that the page answered and how much, never the words: a search word is personal data."""
    found = {"page": page.page_name, "found": len(results.found), "elsewhere": len(results.elsewhere)}
    record(page.request.user, "search", detail=found)
