"""A new family: search before create."""

from functools import cached_property

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from families.finding.likeness import find_like
from families.finding.sameness import Typed
from families.forms.family import NewFamilyForm, people_formset
from families.models import Family, Referral
from families.registration import NewMember, Registration, register_family
from families.views.family import family_url
from sopr.accounts.policy import Perm
from sopr.web.pages import FormPage, Page, record


def likenesses(form, people, by):
    """Families like what the two valid or half-filled forms say; the fields with errors are left out."""
    form.is_valid(), people.is_valid()
    typed = [
        Typed(
            **{name: row.cleaned_data.get(name) or "" for name in ("last_name", "first_name", "patronymic", "snils")},
            birth_on=row.cleaned_data.get("birth_on"),
        )
        for row in people.forms
        if getattr(row, "cleaned_data", None) and not row.cleaned_data.get("DELETE")
    ]
    card = form.cleaned_data
    return find_like(
        by=by,
        people=typed,
        surname=card.get("surname", ""),
        address=card.get("address", ""),
        phone=card.get("phone", ""),
    )


class FamilyNew(FormPage):
    permission = Perm.FAMILY_EDIT
    model = Family
    menu = "families"
    title = "Новая семья"
    template_name = "families/family_new.html"
    form_class = NewFamilyForm
    submit_title = "Завести карточку"
    success_message = "Карточка семьи заведена."

    @cached_property
    def referral(self):
        """The signal the family comes from: its id is in the address, nothing else is."""
        asked = self.request.GET.get("referral", "")
        if not asked:
            return None
        found = Referral.objects.visible_to(self.request.user).filter(pk=asked).first() if asked.isdecimal() else None
        if found is None:
            raise Http404
        return found

    def get_breadcrumbs(self):
        if self.referral:
            return [
                ("Сигналы", reverse("families:referral-list")),
                (f"№ {self.referral.number}/{self.referral.year}", self.referral.get_absolute_url()),
                ("Новая семья", None),
            ]
        return [("Семьи", reverse("families:family-list")), ("Новая семья", None)]

    def get_note(self):
        start = f"По сигналу № {self.referral.number}/{self.referral.year}. " if self.referral else ""
        return start + "Пока Вы печатаете, система ищет этих людей во всём регионе."

    def get_form(self, data=None, files=None):
        initial = {"municipality": self.request.user.organisation.municipality_id}
        if self.referral:
            initial = {"municipality": self.referral.municipality_id, "address": self.referral.address}
        return NewFamilyForm(data, initial=initial)

    def get_formsets(self, data=None, files=None):
        return {"people": people_formset(data)}

    @cached_property
    def likes(self):
        if self.request.method != "POST":
            return []
        return likenesses(self.get_form(self.request.POST), people_formset(self.request.POST), self.request.user)

    def act(self, form):
        family = register_family(
            Registration(
                family=form.card(),
                members=[
                    NewMember(row.person(), row.cleaned_data["relation"], row.cleaned_data["is_representative"])
                    for row in self.formsets["people"].filled()
                ],
                category=form.cleaned_data["category"],
                category_ground=form.cleaned_data["category_ground"],
                referral=self.referral,
                alike=[like.family for like in self.likes if like.must_answer],
                difference=form.answer,
            ),
            by=self.request.user,
        )
        self.object = family
        return family_url(family)

    def get_context_data(self, **context):
        return super().get_context_data(
            **({"likes": self.likes, "must_answer": any(like.must_answer for like in self.likes)} | context)
        )


class FamilyDuplicates(Page):
    """The panel of families alike, asked while the form is being filled; by POST, so that no name is in an address."""

    permission = Perm.FAMILY_EDIT
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        form = NewFamilyForm(request.POST)
        likes = likenesses(form, people_formset(request.POST), request.user)
        record(request.user, "search", detail={"page": self.page_name, "found": len(likes)})
        must_answer = any(like.must_answer for like in likes)
        context = {"likes": likes, "form": form, "must_answer": must_answer, "asked": True}
        return render(request, "families/duplicates.html", context)
