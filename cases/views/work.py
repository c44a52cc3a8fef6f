"""Contacts with the family: from the case and from «Мой день»."""

from django.urls import reverse
from django.utils import timezone

from cases import acts
from cases.forms import ContactForm, ContactOfCaseForm
from cases.models import Activity, Case, Contact
from cases.views.base import NewRowPage
from cases.views.programme import people_of
from cases.words import OPEN_STAGES, Stage
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.calendar import is_overdue
from sopr.web.pages import FormPage


class ContactNew(NewRowPage):
    """Three fields: how, when, what was seen; the rest only when there is something to add."""

    form_class = ContactForm
    template_name = "cases/contact_new.html"
    title = "Записать контакт"
    submit_title = "Записать контакт"
    success_message = "Контакт записан."
    why_not = staticmethod(acts.why_not_contact)
    tab = "contacts"

    def get_form_kwargs(self):
        return {"people": people_of(self.object), "initial": {"at": timezone.localtime().replace(second=0)}}

    def perform(self, form):
        data = form.cleaned_data
        Contact.record(self.object, by=self.request.user, **data)

    def get_context_data(self, **context):
        case, today = self.object, timezone.localdate()
        activities = case.activities.counted().filter(state__in=Activity.TO_DO_STATES).select_related("person")[:5]
        level = profile.current().levels.get(case.level)
        base = {
            "last": case.contacts.select_related("by").first(),
            "norm": str(level.contact) if level else "",
            "next_on": level.contact.after(today) if level else None,
            "remember": [(activity, is_overdue(activity.due_on, today)) for activity in activities],
        }
        return super().get_context_data(**(base | context))


class ContactLog(FormPage):
    """«Записать контакт» from «Мой день»: the family is chosen on the form itself."""

    permission = Perm.CASE_WORK
    form_class = ContactOfCaseForm
    template_name = "cases/contact_new.html"
    title = "Записать контакт"
    submit_title = "Записать контакт"
    success_message = "Контакт записан."

    def get_breadcrumbs(self):
        return [("Случаи", reverse("cases:case-list")), (self.title, None)]

    def get_back_url(self):
        return "/"

    def get_form_kwargs(self):
        own = Case.objects.visible_to(self.request.user).filter(stage__in=(*OPEN_STAGES, Stage.AFTERCARE))
        return {
            "cases": own.select_related("family").order_by("family__surname", "pk"),
            "title_of": lambda case: f"{case.family.surname}, № {case.family.number}",
            "initial": {"at": timezone.localtime().replace(second=0)},
        }

    def act(self, form):
        data = dict(form.cleaned_data)
        case = data.pop("case")
        Contact.record(case, by=self.request.user, **data)
        return "/"

    def get_context_data(self, **context):
        return super().get_context_data(**({"version": None} | context))
