"""Filters of the families list and of the journal of signals."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils import timezone

from families import lists
from families.categories import Category
from families.models import CategoryPeriod, Family, Referral, RegisterEntry
from families.names import normalise, number_key
from families.quality import kept
from families.quality.catalogue import choices
from sopr.accounts.models import District, Municipality
from sopr.accounts.policy import Role
from sopr.web.filters import WordsFilter
from sopr.web.forms import RussianDateInput


class FamilyFilter(django_filters.FilterSet):
    """By facts of the card; those of the case come from above (families.lists.extend). Subqueries, each by an index."""

    q = WordsFilter(label="Фамилия, номер, адрес", method="by_text")
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципалитет", queryset=Municipality.objects.all(), empty_label="любой"
    )
    district = django_filters.ModelChoiceFilter(
        label="Участок", queryset=None, method="by_district", empty_label="любой"
    )
    category = django_filters.ChoiceFilter(
        label="Категория", choices=Category.choices, method="by_category", empty_label="любая"
    )
    sop = django_filters.ChoiceFilter(
        label="Учёт СОП", choices=[("yes", "состоит"), ("no", "не состоит")], method="by_sop", empty_label="не важно"
    )

    class Meta:
        model = Family
        fields = ["q", "municipality", "district", "category", "sop"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["district"].queryset = _districts(self.request.user)
        for name, each in lists.filters_from_above(self.request.user).items():
            each.field_name, each.parent, each.model = name, self, Family
            self.filters[name] = each
        self.filters["problem"] = django_filters.ChoiceFilter(
            "problem", label="Замечания", choices=choices(), method=self.by_problem, empty_label="не важно"
        )

    def by_problem(self, rows, _name, value):
        """What is missing or contradictory: the conditions of the page «Качество данных»."""
        kept.catch_up()
        return kept.with_problem(rows, value, self.request.user.organisation_id)

    def by_text(self, rows, _name, value):
        """Beginning of the surname, any part of the address, or the number."""
        words = normalise(value).split()
        condition = Q()
        for word in words:
            condition &= Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
        return rows.filter(condition | Q(number_key=number_key(value.lstrip("№# ")))) if words else rows

    def by_district(self, rows, _name, value):
        """A district is a village: a colleague must not learn by it where a family in hiding lives (domain.md §5)."""
        rows = rows.filter(district=value)
        return rows if self.request.user.role == Role.HEAD else rows.filter(address_hidden=False)

    def by_category(self, rows, _name, value):
        now = CategoryPeriod.objects.filter(category=value, is_primary=True, until=None)
        return rows.filter(pk__in=now.values("family"))

    def by_sop(self, rows, _name, value):
        kept = RegisterEntry.objects.filter(kind=RegisterEntry.Kind.SOP, removed_on=None)
        return (
            rows.filter(pk__in=kept.values("family")) if value == "yes" else rows.exclude(pk__in=kept.values("family"))
        )


def _districts(user):
    """The districts of the municipality of the user's organisation; of all when it works over the region."""
    organisation = user.organisation
    districts = District.objects.select_related("municipality")
    own = organisation.municipality_id if organisation else None
    return districts.filter(municipality=own) if own else districts


class ReferralFilter(django_filters.FilterSet):
    STATES = [("open", "в работе (новые и проверяемые)"), *Referral.State.choices]

    state = django_filters.ChoiceFilter(label="Состояние", choices=STATES, method="by_state", empty_label="любое")
    since = django_filters.DateFilter(
        label="Поступил с", field_name="received_at", lookup_expr="date__gte", widget=RussianDateInput
    )
    until = django_filters.DateFilter(
        label="по", field_name="received_at", lookup_expr="date__lte", widget=RussianDateInput
    )
    threat = django_filters.BooleanFilter(
        label="Угроза ребёнку", field_name="threat_to_life", method="by_threat", widget=forms.CheckboxInput
    )
    overdue = django_filters.BooleanFilter(label="Просрочены", method="by_overdue", widget=forms.CheckboxInput)

    class Meta:
        model = Referral
        fields = ["state", "since", "until", "threat", "overdue"]

    def by_state(self, rows, _name, value):
        if value == "open":
            return rows.filter(state__in=(Referral.State.NEW, Referral.State.SCREENING))
        return rows.filter(state=value)

    def by_threat(self, rows, _name, value):
        return rows.filter(threat_to_life=True) if value else rows

    def by_overdue(self, rows, _name, value):
        late = {"state": Referral.State.SCREENING, "visited_on": None, "due_on__lt": timezone.localdate()}
        return rows.filter(**late) if value else rows
