"""«Правовой навигатор семьи»: what a family is entitled to on a day, what became of each measure, the sheet for it."""

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from cases.benefit_forms import BenefitNoteForm, OnDayForm
from cases.benefits import navigate
from cases.documents import BENEFITS
from cases.models import Benefit, BenefitNote
from families.keepers import keeps
from families.models import Family
from families.views.access import NOT_KEEPER
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.audit.models import Action as Act
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, FormPage


class FamilyRights:
    """What the pages of a family's rights share: they say why a measure fits, so only its keepers open them."""

    permission = Perm.FAMILY_VIEW
    module = "legal_navigator"
    model = Family
    menu = "families"
    title = "Права и льготы"

    def check_keeper(self):
        if not keeps(self.request.user, self.object):
            raise Refused(NOT_KEEPER)

    @cached_property
    def day(self):
        """The day asked for, today if none."""
        form = OnDayForm(self.request.GET)
        return (form.is_valid() and form.cleaned_data["on"]) or timezone.localdate()

    @cached_property
    def navigated(self):
        return navigate(self.object, self.request.user, self.day)

    def note_read(self):
        """The log keeps that the page rests on records of health, where there are any."""
        shown = ["health"] if self.navigated[0].health else []
        record(self.request.user, Act.READ, self.object, detail={"page": self.page_name, "shown": shown})

    def get_breadcrumbs(self):
        family = self.object
        return [
            ("Семьи", reverse("families:family-list")),
            (f"№\u00a0{family.number}", reverse("families:family-detail", args=[family.pk])),
            (self.title, None),
        ]

    def get_note(self):
        return f"Семья {self.object.surname_in('gen')}, № {self.object.number}"


class BenefitFamily(FamilyRights, DetailPage):
    """Measures that fit the family, why, and what became of each."""

    template_name = "cases/benefit_family.html"

    def get(self, request, *args, **kwargs):
        self.check_keeper()
        self.note_read()
        return self.show()

    def get_main_action(self):
        url = reverse("cases:benefit-print", args=[self.object.pk])
        return Action("Печать для семьи", f"{url}?on={self.day.isoformat()}", "printer")

    def get_actions(self):
        return [Action("Справочник мер", reverse("cases:benefit-list"), rare=True)]

    def get_refusal_context(self, refused):
        return {"view": self, "page_title": self.title, "reason": str(refused), "back_url": self.get_back_url()}

    def get_context_data(self, **context):
        _facts, matches = self.navigated
        base = {
            "family": self.object,
            "on": self.day,
            "form": OnDayForm(initial={"on": self.day}),
            "matches": matches,
            "today": timezone.localdate(),
            "received": sum(1 for match in matches if match.note and match.note.state == BenefitNote.State.RECEIVES),
            "may_note": self.request.user.may(Perm.FAMILY_EDIT),
        }
        return super().get_context_data(**(base | context))


class BenefitPrint(FamilyRights, DetailPage):
    """The same for the family, in plain words."""

    def get(self, request, *args, **kwargs):
        self.check_keeper()
        self.note_read()
        return pdf_response(BENEFITS, self.object, by=request.user, user=request.user, day=self.day)

    get_refusal_context = BenefitFamily.get_refusal_context


class BenefitNoteNew(FamilyRights, FormPage):
    """What became of one measure: told, applied for, received, refused."""

    permission = Perm.FAMILY_EDIT
    form_class = BenefitNoteForm
    template_name = "cases/benefit_note.html"
    submit_title = "Записать"
    success_message = "Записано."
    adds_row = True

    @cached_property
    def benefit(self):
        found = Benefit.objects.visible_to(self.request.user).filter(pk=self.kwargs["benefit"]).first()
        if found is None:
            raise Http404
        return found

    def check_moment(self):
        self.benefit  # noqa: B018 — found or 404 before anything else
        self.check_keeper()

    def get_title(self):
        return self.version.title

    @cached_property
    def version(self):
        return self.benefit.version_on(timezone.localdate()) or self.benefit.last

    def get_back_url(self):
        return reverse("cases:benefit-family", args=[self.object.pk])

    def act(self, form):
        BenefitNote.write(self.object, self.benefit, by=self.request.user, **form.cleaned_data)
        return self.get_back_url()

    def get_context_data(self, **context):
        notes = self.object.benefit_notes.filter(benefit=self.benefit).select_related("by")
        return super().get_context_data(**({"benefit_version": self.version, "notes": list(notes)} | context))
