"""The first page: each role goes to its own."""

from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from sopr.accounts.policy import Perm
from sopr.navigation import HOME
from sopr.web.pages import Page


class Home(Page):
    """Leads to the home page of the role."""

    permission = Perm.HOME
    audit_read = ""

    def get(self, request, *args, **kwargs):
        return HttpResponseRedirect(reverse(HOME[request.user.role]))


class Health(View):
    """What a monitor asks: the web answers and the database does too."""

    def get(self, request):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return HttpResponse("ok", content_type="text/plain")
