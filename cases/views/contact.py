"""Contacts with the family: from the case, from its card and from «Мой день»."""

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from cases import acts, reading
from cases.contact_forms import ContactForm, ContactOfCaseForm, cases_to_choose, title_of_case
from cases.models import Activity, Case, Contact, Visit
from cases.views.base import NewRowPage
from cases.views.programme import people_of
from cases.words import OPEN_STAGES, Stage
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.calendar import is_overdue
from sopr.web.later import SentLater
from sopr.web.pages import FormPage


class RecordsContact:
    """Calls the verbs for a cleaned form of a contact, and says what may be done next."""

    form_class = ContactForm
    template_name = "cases/contact_new.html"
    title = "Записать контакт"
    submit_title = "Записать контакт"
    success_message = "Контакт записан."

    def record_contact(self, case, form):
        data = {
            key: value for key, value in form.cleaned_data.items() if key not in ("case", "next_at", "next_purpose")
        }
        contact = Contact.record(case, by=self.request.user, **data)
        following = form.get_next()
        if following:
            visit = Visit.plan(case, by=self.request.user, **following)
            self.success_message = (
                f"Контакт записан. Следующая встреча – {timezone.localtime(visit.at):%d.%m.%Y %H:%M}."
            )
        elif contact.kind == Contact.Kind.ATTEMPT:
            self.success_message = format_html(
                'Попытка записана. <a href="{}?again=1">Запланируйте следующую</a>, пока помните.',
                reverse("cases:visit-plan", args=[case.pk]),
            )


class ContactNew(SentLater, RecordsContact, NewRowPage):
    """Three fields: how, when, what was seen; the rest only when there is something to add."""

    why_not = staticmethod(acts.why_not_contact)
    tab = "contacts"

    def get_form_kwargs(self):
        visits = self.object.visits.planned()
        asked = self.request.GET.get("visit", "")
        due = visits.filter(at__date__lte=timezone.localdate()).first()
        chosen = visits.filter(pk=asked).first() if asked.isdecimal() else due
        return {
            "people": people_of(self.object),
            "visits": visits,
            "initial": {
                "at": timezone.localtime().replace(second=0),
                "visit": chosen,
                "kind": chosen.kind if chosen else Contact.Kind.VISIT,
            },
        }

    def perform(self, form):
        self.record_contact(self.object, form)

    def get_context_data(self, **context):
        case, today = self.object, timezone.localdate()
        activities = case.activities.counted().filter(state__in=Activity.TO_DO_STATES).select_related("person")[:5]
        level = profile.current().levels.get(case.level)
        base = {
            "last": case.contacts.select_related("by").first(),
            "reached": case.contacts.exclude(kind=Contact.Kind.ATTEMPT).first(),
            "norm": str(level.contact) if level else "",
            "next_on": level.contact.after(today) if level and case.stage == Stage.ACTIVE else None,
            "fulfils": reading.contact_due(case),
            "visits": list(case.visits.planned()),
            "attempts": reading.attempts_in_a_row(case),
            "remember": [(activity, is_overdue(activity.due_on, today)) for activity in activities],
        }
        return super().get_context_data(**(base | context))


class ContactLog(SentLater, RecordsContact, FormPage):
    """«Записать контакт» from «Мой день»: the family is chosen on the form itself."""

    permission = Perm.CASE_WORK
    form_class = ContactOfCaseForm

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def get_back_url(self):
        return "/"

    def get_form_kwargs(self):
        own = Case.objects.visible_to(self.request.user).filter(stage__in=(*OPEN_STAGES, Stage.AFTERCARE))
        return {
            "cases": cases_to_choose(own),
            "title_of": title_of_case,
            "initial": {"at": timezone.localtime().replace(second=0)},
        }

    def act(self, form):
        self.record_contact(form.cleaned_data["case"], form)
        return "/"

    def get_context_data(self, **context):
        return super().get_context_data(**({"version": None} | context))
