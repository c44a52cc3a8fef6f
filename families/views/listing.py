"""«Семьи»: the organisation's register."""

from functools import cached_property

from django.urls import reverse

from families import lists
from families.filters import FamilyFilter
from families.models import Family
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.web.pages import Action, Empty, ListPage


class FamilyList(ListPage):
    """Every sort left here has an index with the id (families.models.family); see test_family_list."""

    permission = Perm.FAMILY_VIEW
    model = Family
    title = "Семьи"
    menu = "families"
    filterset_class = FamilyFilter
    default_sort = "search_text"
    export_name = "semyi"
    empty = Empty(
        "Семей пока нет",
        "Карточка семьи заводится по сигналу или по обращению семьи.",
        "/families/new/",
        "Завести карточку",
    )

    @cached_property
    def columns(self):
        return lists.columns()

    def get_note(self):
        return str(self.request.user.organisation)

    def get_queryset(self):
        return lists.with_list_facts(super().get_queryset())

    def decorate(self, rows):
        return lists.decorate(rows, self.request.user)

    def get_main_action(self):
        return Action("Новая семья", reverse("families:family-new"), "plus-lg")

    def get_actions(self):
        actions = [Action("Качество данных", reverse("families:quality"))]
        if profile.current().has("district_passport"):
            actions.append(Action("Участки", reverse("families:district-list"), "map"))
        if profile.current().has("rental"):
            actions.append(Action("Пункт проката", reverse("cases:rental-list"), rare=True))
        if profile.current().has("social_contract"):
            actions.append(Action("Социальные контракты", reverse("families:social-contract-list"), rare=True))
            actions.append(Action("Информирование семей", reverse("families:informing-list"), rare=True))
        actions.append(Action("Запросы сверки", reverse("families:match-list"), rare=True))
        if self.request.user.may(Perm.REGISTER_EXPORT):
            actions.append(Action("Выгрузка реестра", reverse("exchange:export-list"), rare=True))
        if self.request.user.may(Perm.FAMILY_MERGE):
            actions.append(Action("Объединения", reverse("families:merge-list"), rare=True))
        return actions

    def get_context_data(self, **context):
        return super().get_context_data(found="семья,семьи,семей", **context)
