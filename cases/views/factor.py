"""Факторы диагностики: the list that assessments choose from, kept by the region's administrator."""

from copy import copy

from django.urls import reverse

from cases.assessment_forms import FactorForm
from cases.models import Factor
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, ActionPage, Empty, FormPage, ListPage
from sopr.web.tables import Column


class FactorList(ListPage):
    permission = Perm.ACCOUNT_MANAGE
    model = Factor
    title = "Факторы диагностики"
    note = "Что куратор может отметить в диагностике. Ненужный фактор снимается, а в прежних диагностиках остаётся."
    default_sort = "kind"
    empty = Empty("Факторов пока нет", "Добавьте первый: куратор сможет отметить его в диагностике.")
    columns = [
        Column("title", "Фактор", sort="title", width=60),
        Column("kind", "Вид", "get_kind_display", sort="kind", width=20),
        Column(
            "retired_on",
            "Предлагается",
            lambda factor: f"снят {factor.retired_on:%d.%m.%Y}" if factor.retired_on else "да",
            tone=lambda factor: "muted" if factor.retired_on else "",
            sort="retired_on",
        ),
    ]

    def get_queryset(self):
        return Factor.objects.all()

    def get_main_action(self):
        return Action("Добавить фактор", reverse("cases:factor-new"), "plus-lg")

    def get_actions(self):
        if not profile.current().has("activity_plan"):
            return []
        return [Action("Шаблоны мероприятий", reverse("cases:plantemplate-list"))]

    def get_row_url(self, row):
        return reverse("cases:factor-edit", args=[row.pk])


class _FactorPage(FormPage):
    permission = Perm.ACCOUNT_MANAGE
    model = Factor
    form_class = FactorForm

    def get_queryset(self):
        return Factor.objects.all()

    def get_breadcrumbs(self):
        return [("Факторы диагностики", reverse("cases:factor-list")), (self.get_title(), None)]

    def act(self, form):
        form.save()
        return reverse("cases:factor-list")


class FactorNew(_FactorPage):
    title = "Новый фактор"
    submit_title = "Добавить"
    success_message = "Фактор добавлен: его можно отметить в диагностике."


class FactorEdit(_FactorPage):
    title = "Фактор"
    success_message = "Сохранено."

    def get_form_kwargs(self):
        return {"instance": copy(self.object)}

    def get_actions(self):
        title = "Вернуть в список" if self.object.retired_on else "Больше не предлагать"
        return [Action(title, reverse("cases:factor-retire", args=[self.object.pk]))]


class FactorRetire(_FactorPage, ActionPage):
    """Offer the factor no more, or offer it again."""

    title = "Снять фактор"
    form_class = ActionPage.form_class

    def get_title(self):
        return "Вернуть фактор" if self.object.retired_on else self.title

    def get_question(self):
        if self.object.retired_on:
            return f"Снова предлагать фактор «{self.object}» в диагностике?"
        return f"Больше не предлагать фактор «{self.object}» в новых диагностиках?"

    def get_consequences(self):
        return [] if self.object.retired_on else ["В прежних диагностиках он останется."]

    def act(self, form):
        if self.object.retired_on:
            self.object.bring_back()
        else:
            self.object.retire()
        return reverse("cases:factor-list")
