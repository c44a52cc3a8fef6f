"""Papers of a family: application, consents, survey of the home."""

from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from families.forms.papers import ApplicationForm, ConsentForm, HomeSurveyForm
from families.models import Application, Consent, HomeSurvey
from families.views.family import KeptFamilyPage
from sopr.errors import Refused


class PaperPage(KeptFamilyPage):
    adds_row = True

    @cached_property
    def members(self):
        return list(self.object.members_on(timezone.localdate()))

    def check_moment(self):
        super().check_moment()
        if not self.members:
            raise Refused("В составе семьи пока никого нет. Сначала добавьте людей, затем оформляйте бумаги.")


class ApplicationNew(PaperPage):
    title = "Заявление семьи"
    success_message = "Заявление записано."

    def get_form(self, data=None, files=None):
        return ApplicationForm(data, members=self.members)

    def act(self, form):
        Application.take(self.object, by=self.request.user, **form.cleaned_data)
        return self.goes_to("papers")


class ConsentNew(PaperPage):
    title = "Согласия на обработку данных"
    success_message = "Согласия записаны."
    form_class = ConsentForm

    def get_form_kwargs(self):
        today = timezone.localdate()
        valid = self.object.consents.filter(operator=self.request.user.organisation_id, withdrawn_on=None)
        valid = valid.filter(Q(until=None) | Q(until__gte=today))
        return {"members": self.members, "consented": set(valid.values_list("subject_id", flat=True))}

    def act(self, form):
        people = {row.person_id: row.person for row in self.members}
        values = form.cleaned_data
        Consent.take(
            self.object,
            by=self.request.user,
            adults=[people[pk] for pk in values.get("adults", ())],
            children=[people[pk] for pk in values.get("children", ())],
            representative=people.get(values.get("representative")),
            given_on=values["given_on"],
            until=values["until"],
            recipients=values["recipients"],
        )
        return self.goes_to("papers")


class HomeSurveyNew(KeptFamilyPage):
    adds_row = True
    title = "Акт обследования условий жизни"
    success_message = "Акт обследования записан."
    form_class = HomeSurveyForm

    def act(self, form):
        HomeSurvey.draw_up(self.object, by=self.request.user, **form.cleaned_data)
        return self.goes_to("papers")
