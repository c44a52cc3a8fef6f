"""The administrator's dictionary of problem groups of the single window."""

from django.db.models import Count
from django.urls import reverse

from cases.dispatch_forms import ProblemGroupForm
from cases.models import ProblemGroup
from cases.views.dispatch import MODULE
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, Empty, FormPage, ListPage
from sopr.web.tables import Column


class ProblemGroupList(ListPage):
    module = MODULE
    permission = Perm.ACCOUNT_MANAGE
    model = ProblemGroup
    title = "Группы проблем"
    note = "Справочник диспетчерской: по ним группируют обратившиеся семьи"
    default_sort = "title"
    export_name = "gruppy-problem"
    columns = [
        Column("title", "Группа", sort="title", width=44),
        Column("services", "Обычные услуги", lambda row: "; ".join(row.services), width=60),
        Column("open_requests", "Обращений", kind="number", sort="open_requests", width=12),
        Column("is_active", "Используется", lambda row: "да" if row.is_active else "нет", width=14),
    ]
    empty = Empty("Групп пока нет", "Добавьте первую: без неё диспетчер не сгруппирует обращения.", "new/", "Добавить")

    def get_queryset(self):
        return ProblemGroup.objects.annotate(open_requests=Count("requests"))

    def get_main_action(self):
        return Action("Добавить группу", reverse("cases:problem-group-new"), "plus-lg")

    def get_row_url(self, row):
        return reverse("cases:problem-group-edit", args=[row.pk])

    def get_context_data(self, **context):
        return super().get_context_data(found="группа,группы,групп", **context)


class ProblemGroupNew(FormPage):
    module = MODULE
    permission = Perm.ACCOUNT_MANAGE
    model = ProblemGroup
    form_class = ProblemGroupForm
    title = "Новая группа проблем"
    submit_title = "Добавить"
    success_message = "Группа добавлена."

    def get_queryset(self):
        return ProblemGroup.objects.all()

    def get_breadcrumbs(self):
        return [("Группы проблем", reverse("cases:problem-group-list")), (self.title, None)]

    def act(self, form):
        form.save()
        return reverse("cases:problem-group-list")


class ProblemGroupEdit(ProblemGroupNew):
    """A group that is used no more is switched off, never deleted: requests point at it."""

    title = "Группа проблем"
    submit_title = "Сохранить"
    success_message = "Сохранено."

    def get_form_kwargs(self):
        return {"instance": ProblemGroup.objects.get(pk=self.object.pk)}
