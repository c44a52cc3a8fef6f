"""«Качество данных»: families with something missing or contradictory, each line opening where it is mended."""

from collections import Counter
from functools import cached_property

import django_filters
from django.urls import reverse

from families import lists
from families.keepers import kept_by
from families.models import Family
from families.quality import catalogue, kept
from sopr.accounts.models import User
from sopr.accounts.policy import Perm, Role
from sopr.web.pages import Empty, ListPage
from sopr.web.tables import Column


class QualityFilter(django_filters.FilterSet):
    problem = django_filters.ChoiceFilter(label="Замечание", choices=[], method="by_problem", empty_label="любое")

    class Meta:
        model = Family
        fields = ["problem"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["problem"].extra["choices"] = catalogue.choices()[1:]
        above = lists.filters_from_above(self.request.user)
        if self.request.user.role == Role.HEAD and "curator" in above:
            above["curator"].field_name, above["curator"].model = "curator", Family
            self.filters["curator"] = above["curator"]

    def by_problem(self, rows, _name, value):
        return kept.with_problem(rows, value, self.request.user.organisation_id)


class Quality(ListPage):
    """Of the families the reader works with: a curator's own, for the head the organisation's."""

    permission = Perm.FAMILY_VIEW
    model = Family
    title = "Качество данных"
    menu = "families"
    template_name = "families/quality.html"
    filterset_class = QualityFilter
    default_sort = "search_text"
    export_name = "zamechaniya"
    empty = Empty("Замечаний нет", "Во всех карточках, с которыми Вы работаете, есть нужные сведения.")

    @cached_property
    def is_behind(self) -> bool:
        """Whether what is shown is older than the last changes: the worker is still checking."""
        return not kept.catch_up()

    @cached_property
    def columns(self):
        curator = [column for column in lists.columns_from_above() if column.key == "curator"]
        return [
            lists.NUMBER,
            lists.SURNAME,
            Column(
                "problems",
                "Что исправить",
                "problems",
                kind="links",
                export=lambda family: "; ".join(title for title, _url in family.problems),
                width=60,
            ),
            *curator,
        ]

    @cached_property
    def families(self):
        """All the families the page speaks of, with and without problems."""
        return Family.objects.visible_to(self.request.user).filter(kept_by(self.request.user))

    def get_queryset(self):
        return lists.with_list_facts(self.families)

    def filtered(self):
        self.is_behind  # noqa: B018 — the check catches up before anything is read
        rows = super().filtered()
        return rows if self._asked("problem") else kept.with_problem(rows, "any", self.request.user.organisation_id)

    def _asked(self, name):
        self.filter.form.is_valid()
        return self.filter.form.cleaned_data.get(name)

    def decorate(self, rows):
        rows = lists.decorate(rows, self.request.user)
        kept.name_problems(rows, self.request.user.organisation_id)
        return rows

    def get_breadcrumbs(self):
        return [("Семьи", reverse("families:family-list")), ("Качество данных", None)]

    @cached_property
    def counted(self):
        """Families by problem, for each curator of the organisation."""
        user = self.request.user
        keeper = lists.curator_of_family(user.organisation_id) if user.role == Role.HEAD else None
        return kept.count_problems(self.families, user.organisation_id, keeper)

    def get_context_data(self, **context):
        counts = sum(self.counted.values(), Counter())
        asked = self._asked("problem")
        found = [
            {
                "title": problem.title,
                "url": self.url_with(problem=problem.code),
                "count": counts[problem.code],
                "active": problem.code == asked,
            }
            for problem in catalogue.problems()
            if counts[problem.code]
        ]
        found.sort(key=lambda line: -line["count"])
        extra = {
            "counts": counts,
            "found_problems": found,
            "curators": self.count_by_curator(),
            "found": WORDS,
            "checked_on": kept.checked_on() if self.is_behind else None,
            "is_behind": self.is_behind,
        }
        return super().get_context_data(**(extra | context))

    def count_by_curator(self) -> list[dict]:
        """For the head: each curator's families and those with a problem, most problems first."""
        if self.request.user.role != Role.HEAD:
            return []
        people = User.objects.in_bulk([pk for pk in self.counted if pk])
        asked = self._asked("curator")
        lines = [
            {
                "name": people[pk].short_name if pk else "без куратора",
                "url": self.url_with(curator=pk) if pk and people[pk].is_active else "",
                "families": counts["all"],
                "wrong": counts["any"],
                "active": bool(pk) and asked is not None and asked.pk == pk,
            }
            for pk, counts in self.counted.items()
        ]
        return sorted(lines, key=lambda line: (-line["wrong"], line["name"]))


WORDS = "семья,семьи,семей"
