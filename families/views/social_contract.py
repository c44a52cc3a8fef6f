"""Social contracts of families and informing about them, in a region that has the module «Социальный контракт»."""

import django_filters
from django.urls import reverse
from django.utils import timezone

from families.forms.social_contract import EndSocialContractForm, InformingForm, SocialContractForm
from families.keepers import keeps
from families.models import Family, InformingEvent, SocialContract
from families.views.base import FamilyPartPage
from families.views.family import KeptFamilyPage, family_crumbs, family_url
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.forms import RussianDateInput
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

CONTRACTS = ("Социальные контракты", "families:social-contract-list")
INFORMING = ("Информирование семей", "families:informing-list")


class SocialContractModule:
    """Pages of a region that works with social contracts; elsewhere they do not exist."""

    module = "social_contract"
    menu = "families"


class SocialContractFilter(django_filters.FilterSet):
    STATES = [
        ("going_on", "действуют"),
        ("late", "срок прошёл, результата нет"),
        ("improved", "положение улучшилось"),
        ("terminated", "расторгнуты"),
    ]

    state = django_filters.ChoiceFilter(label="Отбор", choices=STATES, method="filter_state", empty_label="все")
    since = django_filters.DateFilter(
        label="Заключены с", field_name="signed_on", lookup_expr="gte", widget=RussianDateInput
    )

    class Meta:
        model = SocialContract
        fields = ["state", "since"]

    def filter_state(self, rows, _name, value):
        if value == "going_on":
            return rows.going_on()
        if value == "late":
            return rows.going_on().filter(until__lt=timezone.localdate())
        if value == "improved":
            return rows.filter(improved=True)
        return rows.filter(ending=SocialContract.Ending.TERMINATED)


def state_of(row) -> str:
    """The state in words: of an imported contract only the result is known."""
    if row.ended_on:
        return row.get_ending_display()
    if row.improved is not None:
        return "завершён"
    return "срок прошёл" if row.until and row.until < timezone.localdate() else "действует"


IMPROVED = {True: "да", False: "нет", None: "–"}


class SocialContractList(SocialContractModule, ListPage):
    permission = Perm.FAMILY_VIEW
    model = SocialContract
    filterset_class = SocialContractFilter
    title = CONTRACTS[0]
    export_name = "sotsialnye-kontrakty"
    default_sort = "-signed_on"
    empty = Empty("Социальных контрактов нет", "Контракт записывают с карточки семьи, вкладка «Документы».")
    columns = [
        Column(
            "signed_on", "Заключён", "signed_on", "date", "signed_on", url=SocialContract.get_absolute_url, width=14
        ),
        Column(
            "family",
            "Семья",
            lambda row: row.family.surname,
            sort="family__search_text",
            note=lambda row: f"№ {row.family.number}",
            width=24,
        ),
        Column("directions", "Направления", lambda row: "; ".join(row.direction_titles) or "–", width=36),
        Column("until", "Действует до", "until", "date", "until", width=14),
        Column("state", "Состояние", state_of, width=18),
        Column("improved", "Улучшилось", lambda row: IMPROVED[row.improved], sort="improved", width=14),
    ]

    def get_queryset(self):
        return super().get_queryset().select_related("family")

    def get_actions(self):
        return [Action(INFORMING[0], reverse(INFORMING[1]))]

    def get_context_data(self, **context):
        return super().get_context_data(found="контракт,контракта,контрактов", **context)


class SocialContractNew(SocialContractModule, KeptFamilyPage):
    title = "Социальный контракт"
    form_class = SocialContractForm
    adds_row = True
    submit_title = "Записать контракт"
    success_message = "Социальный контракт записан."

    def check_moment(self):
        super().check_moment()
        going_on = self.object.social_contracts.going_on().exclude(until=None).first()
        if going_on is not None:
            raise Refused(f"{going_on} ещё не завершён. Сначала запишите его результат.")

    def act(self, form):
        return SocialContract.conclude(self.object, by=self.request.user, **form.cleaned_data).get_absolute_url()


class SocialContractDetail(SocialContractModule, DetailPage):
    permission = Perm.FAMILY_VIEW
    model = SocialContract
    template_name = "families/social_contract_detail.html"

    def get_queryset(self):
        return super().get_queryset().select_related("family", "organisation", "by")

    def get_title(self):
        number = f" №\u00a0{self.object.number}" if self.object.number else ""
        return f"Социальный контракт{number} от {self.object.signed_on:%d.%m.%Y}"

    def get_breadcrumbs(self):
        return [*family_crumbs(self.object.family), ("Социальный контракт", None)]

    def get_main_action(self):
        contract = self.object
        if contract.ended_on or not keeps(self.request.user, contract.family):
            return None
        return Action("Записать результат", reverse("families:social-contract-end", args=[contract.pk]))

    def get_context_data(self, **context):
        contract = self.object
        base = {
            "contract": contract,
            "family": contract.family,
            "keeps": keeps(self.request.user, contract.family),
            "state": state_of(contract),
            "today": timezone.localdate(),
        }
        return super().get_context_data(**(base | context))


class SocialContractEnd(SocialContractModule, FamilyPartPage):
    model = SocialContract
    title = "Результат социального контракта"
    form_class = EndSocialContractForm
    submit_title = "Записать результат"
    success_message = "Результат контракта записан."

    def check_moment(self):
        super().check_moment()
        if self.object.ended_on is not None:
            raise Refused("Завершение этого контракта уже записано.")

    def act(self, form):
        self.object.end(by=self.request.user, **form.cleaned_data)
        return family_url(self.family, "papers")


class InformingFilter(django_filters.FilterSet):
    since = django_filters.DateFilter(label="С", field_name="informed_on", lookup_expr="gte", widget=RussianDateInput)
    until = django_filters.DateFilter(label="По", field_name="informed_on", lookup_expr="lte", widget=RussianDateInput)

    class Meta:
        model = InformingEvent
        fields = ["since", "until"]


class InformingList(SocialContractModule, ListPage):
    permission = Perm.FAMILY_VIEW
    model = InformingEvent
    filterset_class = InformingFilter
    title = INFORMING[0]
    note = "Кому и о каких мерах помощи рассказали. По этим записям отчёты считают проинформированные семьи."
    export_name = "informirovanie"
    default_sort = "-informed_on"
    empty = Empty(
        "Записей пока нет",
        "Запишите, скольким семьям рассказали о мерах помощи.",
        "/families/informing/new/",
        "Записать",
    )
    columns = [
        Column("informed_on", "Дата", "informed_on", "date", "informed_on", width=14),
        Column("topic", "О чём рассказали", "topic", sort="topic", width=44),
        Column("families_count", "Семей", "families_count", "number", "families_count", width=10),
        Column(
            "family",
            "Семья",
            lambda row: row.family.surname if row.family else "–",
            note=lambda row: f"№ {row.family.number}" if row.family else "",
            url=lambda row: family_url(row.family) if row.family else "",
            width=24,
        ),
        Column("by", "Кто записал", lambda row: row.by.short_name if row.by else "–", width=20),
    ]

    def get_queryset(self):
        return super().get_queryset().select_related("family", "by")

    def get_main_action(self):
        if not self.request.user.may(Perm.FAMILY_EDIT):
            return None
        return Action("Записать информирование", reverse("families:informing-new"), "plus-lg")

    def get_actions(self):
        return [Action(CONTRACTS[0], reverse(CONTRACTS[1]))]

    def get_context_data(self, **context):
        return super().get_context_data(found="запись,записи,записей", **context)


class InformingNew(SocialContractModule, FormPage):
    permission = Perm.FAMILY_EDIT
    form_class = InformingForm
    title = "Записать информирование"
    submit_title = "Записать"
    success_message = "Записано."

    def get_breadcrumbs(self):
        return [(INFORMING[0], reverse(INFORMING[1])), (self.title, None)]

    def get_form_kwargs(self):
        return {
            "families": Family.objects.visible_to(self.request.user),
            "initial": {"number": self.request.GET.get("number", "")},
        }

    def act(self, form):
        data = form.cleaned_data
        InformingEvent.record(
            by=self.request.user,
            informed_on=data["informed_on"],
            topic=data["topic"],
            families_count=data.get("families_count") or 1,
            family=data.get("family"),
        )
        return reverse(INFORMING[1])
