"""Пункт проката: the items, who has them, and the acts between."""

import django_filters
from django.urls import reverse
from django.utils import timezone

from cases.models import RentalItem
from cases.rental_forms import (
    FindFamilyForm,
    RentalItemForm,
    RepairedForm,
    RepairForm,
    WriteOffForm,
)
from families.models import Family
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

State = RentalItem.State
TONES = {State.AVAILABLE: "good", State.ON_LOAN: "work", State.REPAIR: "warn", State.WRITTEN_OFF: "off"}
MODULE = "rental"


class RentalTrail:
    """Breadcrumbs and the module of every page of the rental point."""

    module = MODULE
    permission = Perm.CASE_WORK
    menu = "families"

    def get_item(self):
        return self.object

    def get_breadcrumbs(self):
        crumbs = [("Пункт проката", reverse("cases:rental-list"))]
        item = self.get_item()
        if item is not None:
            crumbs.append((f"Инв. №\u00a0{item.inventory_number}", item.get_absolute_url()))
        return [*crumbs, (self.get_title(), None)]


class RentalItemFilter(django_filters.FilterSet):
    STATES = [("late", "не вернули в срок"), *State.choices]

    state = django_filters.ChoiceFilter(label="Состояние", choices=STATES, method="by_state", empty_label="любое")
    kind = django_filters.ChoiceFilter(label="Вид", choices=RentalItem.Kind, empty_label="любой")

    class Meta:
        model = RentalItem
        fields = ["state", "kind"]

    def by_state(self, rows, _name, value):
        return rows.filter(loan_due_on__lt=timezone.localdate()) if value == "late" else rows.filter(state=value)


def _due(item):
    return item.loan_due_on if item.state == State.ON_LOAN else None


class RentalList(RentalTrail, ListPage):
    """What there is in the rental point, and with whom it is now."""

    model = RentalItem
    filterset_class = RentalItemFilter
    title = "Пункт проката"
    note = "Детские вещи, которые выдаются семьям на время и бесплатно"
    default_sort = "inventory_number"
    export_name = "prokat"
    columns = [
        Column(
            "number", "Инв. №", "inventory_number", sort="inventory_number", url=RentalItem.get_absolute_url, width=14
        ),
        Column("kind", "Вид", "get_kind_display", sort="kind", width=22),
        Column("title", "Название", "title", note=lambda item: item.note, note_title="Комплект", width=32),
        Column("state", "Состояние", "get_state_display", kind="state", tone=lambda item: TONES[item.state], width=16),
        Column("family", "У кого", "loan_family", width=24),
        Column("due_on", "Вернуть до", _due, kind="due", sort="loan_due_on", width=16),
        Column("condition", "Исправность", "get_condition_display", width=24),
        Column("acquired_on", "Поступила", kind="date", sort="acquired_on", width=14, optional=True),
    ]
    empty = Empty("Вещей пока нет", "Внесите коляски, кроватки и другое, что выдаёте семьям.", "new/", "Внести вещь")

    def get_breadcrumbs(self):
        return []

    def get_queryset(self):
        return super().get_queryset().with_loan()

    def get_main_action(self):
        return Action("Внести вещь", reverse("cases:rental-new"), "plus-lg")

    def get_actions(self):
        return [Action("Журнал выдачи", reverse("cases:rental-loan-list"))]

    def get_context_data(self, **context):
        return super().get_context_data(found="вещь,вещи,вещей", **context)


class RentalNew(RentalTrail, FormPage):
    model = RentalItem
    form_class = RentalItemForm
    title = "Новая вещь"
    submit_title = "Внести"
    success_message = "Вещь внесена."
    adds_row = True

    def act(self, form):
        return RentalItem.enter(by=self.request.user, **form.cleaned_data).get_absolute_url()


class RentalDetail(RentalTrail, DetailPage):
    """One item: where it is now, and everything that happened to it."""

    model = RentalItem
    template_name = "cases/rental_detail.html"

    def get_title(self):
        return f"{self.object.get_kind_display().capitalize()}, инв. №\u00a0{self.object.inventory_number}"

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs()[:-2], (f"Инв. №\u00a0{self.object.inventory_number}", None)]

    def _loan(self):
        return self.object.loans.open().select_related("family", "person", "by").first()

    def get_main_action(self):
        item = self.object
        if item.state == State.ON_LOAN:
            return Action("Принять обратно", reverse("cases:rental-return", args=[self.loan.pk]))
        if item.state == State.REPAIR:
            return Action("Вернулась из ремонта", reverse("cases:rental-repaired", args=[item.pk]))
        if item.state == State.WRITTEN_OFF:
            return None
        return Action("Выдать", reverse("cases:rental-choose", args=[item.pk]), disabled_reason=item.why_not_lend)

    def get_actions(self):
        item = self.object
        if item.state == State.WRITTEN_OFF:
            return []
        actions = [Action("Изменить", reverse("cases:rental-edit", args=[item.pk]))]
        if item.state == State.ON_LOAN:
            actions.append(Action("Продлить", reverse("cases:rental-prolong", args=[self.loan.pk])))
        else:
            if item.state == State.AVAILABLE:
                actions.append(Action("В ремонт", reverse("cases:rental-repair", args=[item.pk])))
            actions.append(Action("Списать", reverse("cases:rental-write-off", args=[item.pk]), rare=True))
        return actions

    def get_context_data(self, **context):
        self.loan = self._loan()
        loans = list(self.object.loans.select_related("family", "person", "by", "returned_to"))
        return super().get_context_data(
            loan=self.loan,
            loans=loans,
            repairs=list(self.object.repairs.all()),
            tone=TONES[self.object.state],
            **context,
        )


class RentalItemPage(RentalTrail, FormPage):
    """An act on one item."""

    model = RentalItem

    def act(self, form):
        self.perform(form)
        return self.object.get_absolute_url()

    def get_back_url(self):
        return self.object.get_absolute_url()

    def get_note(self):
        return f"{self.object}, {self.object.title}"


class RentalEdit(RentalItemPage):
    title = "Изменить сведения о вещи"
    success_message = "Сохранено."
    form_class = RentalItemForm

    def get_form_kwargs(self):
        return {"initial": {name: getattr(self.object, name) for name in RentalItemForm.base_fields}}

    def check_moment(self):
        if self.object.state == State.WRITTEN_OFF:
            raise Refused("Вещь списана: сведения о ней не меняются.")

    def perform(self, form):
        self.object.amend(by=self.request.user, **form.cleaned_data)


class RentalRepair(RentalItemPage):
    title = "Отправить в ремонт"
    submit_title = "Отправить в ремонт"
    success_message = "Записано: вещь в ремонте."
    form_class = RepairForm

    def check_moment(self):
        if self.object.state != State.AVAILABLE:
            raise Refused(f"Вещь сейчас {self.object.get_state_display()}: в ремонт отправить нельзя.")

    def perform(self, form):
        self.object.send_to_repair(by=self.request.user, **form.cleaned_data)


class RentalRepaired(RentalItemPage):
    title = "Возврат из ремонта"
    submit_title = "Записать"
    success_message = "Вещь снова можно выдать."
    form_class = RepairedForm

    def check_moment(self):
        if self.object.state != State.REPAIR:
            raise Refused("Вещь не в ремонте.")

    def perform(self, form):
        self.object.end_repair(by=self.request.user, **form.cleaned_data)


class RentalWriteOff(RentalItemPage):
    title = "Списать вещь"
    submit_title = "Списать"
    success_message = "Вещь списана."
    form_class = WriteOffForm

    def check_moment(self):
        if State.WRITTEN_OFF not in RentalItem.FLOW[self.object.state]:
            raise Refused(f"Вещь сейчас {self.object.get_state_display()}: списать её нельзя.")

    def perform(self, form):
        self.object.write_off(by=self.request.user, **form.cleaned_data)

    def get_context_data(self, **context):
        return super().get_context_data(**({"tone": "danger"} | context))


class RentalChoose(RentalItemPage):
    """To whom: the family by the number of its card; then the form of lending."""

    title = "Кому выдать"
    submit_title = "Дальше"
    form_class = FindFamilyForm
    keeps_draft = False
    adds_row = True

    def check_moment(self):
        if self.object.why_not_lend:
            raise Refused(self.object.why_not_lend)

    def get_form_kwargs(self):
        return {"families": Family.objects.visible_to(self.request.user)}

    def act(self, form):
        return f"{reverse('cases:rental-lend', args=[form.family.pk])}?item={self.object.pk}"
