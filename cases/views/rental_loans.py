"""Пункт проката: the journal of loans, handing over, return, a longer term, the printed act."""

import django_filters
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from cases.documents import RENTAL_ACT
from cases.models import RentalItem, RentalLoan
from cases.models.rental import USUAL_MONTHS
from cases.period_filters import since_filter, until_filter
from cases.rental_forms import LendForm, ProlongForm, ReturnForm
from cases.views.rental import RentalTrail
from families.models import Family, Person
from sopr.calendar import add_months
from sopr.documents.pdf import pdf_response
from sopr.errors import Refused
from sopr.web.pages import DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column


class RentalLoanFilter(django_filters.FilterSet):
    STATES = [("open", "не возвращены"), ("late", "просрочены"), ("back", "возвращены")]

    state = django_filters.ChoiceFilter(label="Показать", choices=STATES, method="by_state", empty_label="все")
    since = since_filter("Выданы с", "since")
    until = until_filter("по", "since")
    kind = django_filters.ChoiceFilter(
        label="Вид вещи", field_name="item__kind", choices=RentalItem.Kind, empty_label="любой"
    )

    class Meta:
        model = RentalLoan
        fields = ["state", "kind"]

    def by_state(self, rows, _name, value):
        if value == "late":
            return rows.overdue(timezone.localdate())
        return rows.open() if value == "open" else rows.exclude(returned_on=None)


class RentalLoanList(RentalTrail, ListPage):
    """The journal of loans."""

    model = RentalLoan
    filterset_class = RentalLoanFilter
    title = "Журнал выдачи"
    default_sort = "-since"
    export_name = "zhurnal-prokata"
    columns = [
        Column("number", "Выдача", lambda row: f"{row.number}/{row.year}", url=RentalLoan.get_absolute_url, width=12),
        Column("since", "Выдана", kind="date", sort="since", width=14),
        Column(
            "item",
            "Вещь",
            lambda row: row.item.get_kind_display(),
            note=lambda row: f"инв. № {row.item.inventory_number}",
            note_title="Инв. №",
            width=24,
        ),
        Column("family", "Семья", "family.surname", note=lambda row: f"№ {row.family.number}", width=24),
        Column("person", "Кому", "person.short_name", width=22),
        Column("due_on", "Вернуть до", lambda row: None if row.returned_on else row.due_on, kind="due", width=16,
               sort="due_on", export=lambda row: row.due_on),
        Column("returned_on", "Возвращена", kind="date", sort="returned_on", width=14,
               note=lambda row: row.get_condition_back_display(), note_title="Исправность при возврате"),
    ]  # fmt: skip
    empty = Empty("Выдач пока нет", "Вещь выдают с её страницы или с карточки семьи.")

    def get_item(self):
        return None

    def get_queryset(self):
        return super().get_queryset().select_related("item", "family", "person")

    def get_context_data(self, **context):
        return super().get_context_data(found="выдача,выдачи,выдач", **context)


class RentalLend(RentalTrail, FormPage):
    """Hand an item over to somebody of the family."""

    model = Family
    form_class = LendForm
    title = "Выдать вещь"
    submit_title = "Выдать"
    adds_row = True

    def get_item(self):
        return None

    def get_back_url(self):
        return reverse("families:family-detail", args=[self.object.pk])

    def get_note(self):
        return str(self.object)

    def get_form_kwargs(self):
        today, user = timezone.localdate(), self.request.user
        members = self.object.members_on(today)
        adults = [row.person_id for row in members if (row.person.age or 18) >= 14]
        items = RentalItem.objects.visible_to(user).available().exclude(condition="broken")
        asked = self.request.GET.get("item", "")
        return {
            "items": items,
            "people": Person.objects.filter(pk__in=adults),
            "initial": {
                "item": asked if asked.isdecimal() else None,
                "person": adults[0] if len(adults) == 1 else None,
                "due_on": add_months(today, USUAL_MONTHS),
            },
        }

    def act(self, form):
        data = dict(form.cleaned_data)
        loan = data.pop("item").lend(by=self.request.user, family=self.object, **data)
        self.success_message = format_html(
            'Вещь выдана. <a href="{}">Распечатайте акт</a> и подпишите его с семьёй.',
            reverse("cases:rental-print", args=[loan.pk]),
        )
        return loan.get_absolute_url()


class RentalLoanPage(RentalTrail, FormPage):
    """An act on one loan."""

    model = RentalLoan

    def get_queryset(self):
        return super().get_queryset().select_related("item__organisation", "family", "person", "by")

    def get_item(self):
        return self.object.item

    def get_back_url(self):
        return self.object.get_absolute_url()

    def get_note(self):
        loan = self.object
        return f"{loan.item}, {loan.family.surname}, вернуть до {loan.due_on:%d.%m.%Y}"

    def check_moment(self):
        if self.object.returned_on is not None:
            raise Refused(f"Возврат этой вещи уже записан: {self.object.returned_on:%d.%m.%Y}.")

    def act(self, form):
        self.perform(form)
        return self.object.get_absolute_url()


class RentalReturn(RentalLoanPage):
    title = "Возврат вещи"
    submit_title = "Принять"
    success_message = "Возврат записан."
    form_class = ReturnForm

    def perform(self, form):
        self.object.give_back(by=self.request.user, **form.cleaned_data)


class RentalProlong(RentalLoanPage):
    title = "Продлить срок"
    submit_title = "Продлить"
    success_message = "Новый срок записан."
    form_class = ProlongForm

    def get_form_kwargs(self):
        return {"initial": {"due_on": add_months(max(self.object.due_on, timezone.localdate()), 1)}}

    def perform(self, form):
        self.object.prolong(by=self.request.user, **form.cleaned_data)


class RentalPrint(RentalTrail, DetailPage):
    """The act of handing over, with the lines for the return, as a PDF."""

    model = RentalLoan
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().select_related("item__organisation", "family", "person", "by")

    def show(self, status=200, **context):
        return pdf_response(RENTAL_ACT, self.object, by=self.request.user)
