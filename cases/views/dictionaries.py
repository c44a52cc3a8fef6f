"""Dictionaries that the administrator and heads fill in: which of them the region has, and the points of families."""

from django.db.models import Count
from django.urls import reverse

from cases.bonus_forms import BonusRewardForm, BonusStepForm
from cases.models import BonusReward, BonusStep
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, Empty, FormPage, ListPage, Page
from sopr.web.tables import Column

# Module of the profile (empty: everywhere), who may open it, title, what it is for, page.
DICTIONARIES = [
    (
        "",
        Perm.ACCOUNT_MANAGE,
        "Факторы риска и ресурсы",
        "Что куратор отмечает в диагностике.",
        "cases:factor-list",
    ),
    (
        "activity_plan",
        Perm.DICTIONARY_EDIT,
        "Шаблоны плана мероприятий",
        "Из чего по трудностям семьи складывается план: цель, мероприятие, кто исполняет и за сколько дней.",
        "cases:plantemplate-list",
    ),
    (
        "dispatch",
        Perm.ACCOUNT_MANAGE,
        "Группы проблем",
        "По чему диспетчер разделяет обращения семей.",
        "cases:problem-group-list",
    ),
    (
        "bonus",
        Perm.DICTIONARY_VIEW,
        "Шаги бонусной программы",
        "За что семье начисляют баллы: один раз, каждый раз или не чаще, чем столько-то в месяц.",
        "cases:bonus-step-list",
    ),
    (
        "bonus",
        Perm.DICTIONARY_VIEW,
        "Поощрения бонусной программы",
        "На что семья тратит баллы и сколько это стоит.",
        "cases:bonus-reward-list",
    ),
    (
        "legal_navigator",
        Perm.DICTIONARY_VIEW,
        "Меры поддержки и права семей",
        "Что положено семьям по закону: норма, документы, куда обращаться, с какого дня.",
        "cases:benefit-list",
    ),
]


class DictionaryList(Page):
    """The dictionaries of the modules that the region has on."""

    permission = Perm.DICTIONARY_VIEW
    title = "Справочники"
    note = "Строки всего региона ведёт администратор, строки своей организации — руководитель службы"
    template_name = "cases/dictionary_list.html"
    audit_read = ""

    def get_context_data(self, **context):
        region, user = profile.current(), self.request.user
        shown = [
            (title, text, reverse(name))
            for module, perm, title, text, name in DICTIONARIES
            if user.may(perm) and (not module or region.has(module))
        ]
        return super().get_context_data(**({"dictionaries": shown} | context))


class DictionaryTrail:
    """Breadcrumbs of a dictionary's pages; `list_page` and `list_title` name the list."""

    list_page = ""
    list_title = ""

    def get_breadcrumbs(self):
        crumbs = [("Справочники", reverse("cases:dictionary-list"))]
        if not isinstance(self, ListPage):
            crumbs.append((self.list_title, reverse(self.list_page)))
        return [*crumbs, (self.title, None)]


class PointsList(DictionaryTrail, ListPage):
    """Lines of a dictionary of points: the region's and one's own."""

    permission = Perm.DICTIONARY_VIEW
    module = "bonus"
    default_sort = "title"
    page_name_new = ""
    page_name_edit = ""
    columns = [
        Column("title", "Название", sort="title", width=50),
        Column("points", "Баллы", kind="number", sort="points", width=10),
        Column("owner", "Чья строка", width=30),
        Column("used", "Записей", kind="number", sort="used", width=12),
        Column("state", "Состояние", lambda row: row.state[0], kind="state", tone=lambda row: row.state[1], width=18),
    ]

    def get_queryset(self):
        user = self.request.user
        self.own = set(self.model.objects.editable_by(user).values_list("pk", flat=True))
        return super().get_queryset().select_related("organisation").annotate(used=Count("entries"))

    def get_row_url(self, row):
        return reverse(self.page_name_edit, args=[row.pk]) if row.pk in self.own else ""

    def get_main_action(self):
        if not self.request.user.may(Perm.DICTIONARY_EDIT):
            return None
        return Action("Добавить строку", reverse(self.page_name_new), "plus-lg")

    def get_context_data(self, **context):
        return super().get_context_data(**({"found": "строка,строки,строк"} | context))


class PointsEditPage(DictionaryTrail, FormPage):
    """A line of one's own: the region's for its administrator, the organisation's for its head."""

    permission = Perm.DICTIONARY_EDIT
    module = "bonus"

    def get_queryset(self):
        return self.model.objects.editable_by(self.request.user)

    def get_form(self, data=None, files=None):
        initial = {name: getattr(self.object, name) for name in self.form_class.Meta.fields} if self.object else {}
        return self.form_class(data, initial=initial)

    def goes_to(self) -> str:
        return reverse(self.list_page)


class PointsNew(PointsEditPage):
    submit_title = "Добавить"
    success_message = "Строка добавлена."

    def act(self, form):
        self.model.add(by=self.request.user, **form.cleaned_data)
        return self.goes_to()


class PointsEdit(PointsEditPage):
    title = "Строка справочника"
    success_message = "Строка изменена."

    def get_title(self):
        return self.object.title

    def get_note(self):
        used = self.object.entries.count()
        return "По этой строке баллы уже записаны: её можно только вывести из употребления." if used else ""

    def get_actions(self):
        page = "restore" if self.object.retired_on else "retire"
        title = "Вернуть в употребление" if self.object.retired_on else "Вывести из употребления"
        return [Action(title, reverse(f"{self.list_page.removesuffix('list')}{page}", args=[self.object.pk]))]

    def act(self, form):
        self.object.change(by=self.request.user, **form.cleaned_data)
        return self.goes_to()


class PointsRetire(PointsEditPage, ActionPage):
    title = "Вывести из употребления"
    submit_title = "Вывести"
    success_message = "Строка выведена из употребления."
    form_class = ActionPage.form_class
    template_name = ActionPage.template_name

    def get_form(self, data=None, files=None):
        return self.form_class(data)

    def check_moment(self):
        if self.object.retired_on:
            raise Refused("Строка уже выведена из употребления.")

    def get_question(self):
        return f"Вывести из употребления «{self.object.title}»?"

    def get_consequences(self):
        return ["Выбрать её больше не получится.", "Всё, что уже записано по ней, останется в выписках семей."]

    def act(self, form):
        self.object.retire(by=self.request.user)
        return self.goes_to()


class PointsRestore(PointsRetire):
    title = "Вернуть в употребление"
    submit_title = "Вернуть"
    success_message = "Строка снова в употреблении."

    def check_moment(self):
        if self.object.retired_on is None:
            raise Refused("Строка и так в употреблении.")

    def get_question(self):
        return f"Вернуть в употребление «{self.object.title}»?"

    def get_consequences(self):
        return ["Её снова можно будет выбрать."]

    def act(self, form):
        self.object.restore(by=self.request.user)
        return self.goes_to()


class OfSteps:
    model = BonusStep
    list_page, list_title = "cases:bonus-step-list", "Шаги бонусной программы"
    page_name_new, page_name_edit = "cases:bonus-step-new", "cases:bonus-step-edit"


class OfRewards:
    model = BonusReward
    list_page, list_title = "cases:bonus-reward-list", "Поощрения бонусной программы"
    page_name_new, page_name_edit = "cases:bonus-reward-new", "cases:bonus-reward-edit"


class StepList(OfSteps, PointsList):
    title = "Шаги бонусной программы"
    columns = [*PointsList.columns[:2], Column("how_often", "Как часто", width=20), *PointsList.columns[2:]]
    empty = Empty("Шагов пока нет", "Добавьте шаги, которые делает сама семья: за них она получит баллы.")


class StepNew(OfSteps, PointsNew):
    title = "Новый шаг"
    form_class = BonusStepForm


class StepEdit(OfSteps, PointsEdit):
    form_class = BonusStepForm


class StepRetire(OfSteps, PointsRetire):
    pass


class StepRestore(OfSteps, PointsRestore):
    pass


class RewardList(OfRewards, PointsList):
    title = "Поощрения бонусной программы"
    empty = Empty("Поощрений пока нет", "Добавьте то, на что семья может потратить баллы.")


class RewardNew(OfRewards, PointsNew):
    title = "Новое поощрение"
    form_class = BonusRewardForm


class RewardEdit(OfRewards, PointsEdit):
    form_class = BonusRewardForm


class RewardRetire(OfRewards, PointsRetire):
    pass


class RewardRestore(OfRewards, PointsRestore):
    pass
