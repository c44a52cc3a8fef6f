"""What opens without a connection: a page that holds nobody's data, and the service worker that keeps it.

Both are public and the same for everybody: the browser fetches them when it likes, signed in or not. Whatever the page
shows of a person, static/js/offline.js finds in that person's own browser.
"""

import hashlib
import re

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from cases.contact_forms import ContactForm
from sopr import profile
from sopr.navigation import Frame
from sopr.web.pages import Page

ASSET = re.compile(rf'(?:href|src)="({re.escape(settings.STATIC_URL)}[^"]+)"')


def draw_shell() -> str:
    """The page «Без связи»: made without the request, so that no name, token or number can get into it."""
    region = profile.current()
    frame = Frame(region.system_title, region.ministry.title, region.ministry.phone)
    return render_to_string("cases/offline.html", {"frame": frame, "form": ContactForm(auto_id="id_%s")})


class Offline(Page):
    """«Записать контакт без связи», and what waits to be sent."""

    public = True
    kept_by_browser = True
    audit_read = ""

    def show(self, status=200, **context):
        return HttpResponse(draw_shell())


class ServiceWorker(Page):
    """The script that answers for the network when there is none; lies at the root because its reach is its folder."""

    public = True
    kept_by_browser = True
    audit_read = ""

    def show(self, status=200, **context):
        shell = draw_shell()
        assets = sorted(set(ASSET.findall(shell)))
        version = hashlib.sha256(shell.encode()).hexdigest()[:16]
        script = render_to_string(
            "sw.js",
            {
                "version": version,
                "offline": reverse("offline"),
                "assets": assets,
                "static": settings.STATIC_URL,
            },
        )
        return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})
