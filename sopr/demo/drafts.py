"""A form begun and not sent: what the demo curator finds in «Мои черновики»."""

from django.urls import reverse

from cases.models import Contact
from cases.views.contact import ContactNew
from sopr.accounts.models import User
from sopr.demo.timeline import DAY, moment
from sopr.web.drafts import name_by_number, save_draft

BEGUN = "Мать дома, старший сын в школе. Обсудили запись к врачу: талон обещали дать на"


def begun_forms(scene):
    """Yesterday evening the curator was called away in the middle of writing down a visit."""
    yield moment(scene.timeline.today - DAY, 17)
    curator = User.objects.get(username="curator")
    case = curator.cases.filter(stage="active").order_by("pk").first()
    if case is None:  # a region of a few families
        return
    entry = {
        "page": "cases:contact-new",
        "address": reverse("cases:contact-new", args=[case.pk]),
        "title": ContactNew.title,
        "about": name_by_number(case),
        "data": {"kind": [Contact.Kind.VISIT], "at": [f"{scene.day:%Y-%m-%d}T16:30"], "summary": [BEGUN]},
        "version": "",
        "token": None,
    }
    save_draft(curator.pk, entry)
