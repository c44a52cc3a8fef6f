"""Filters of the families list and of the journal of signals."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils import timezone

from families.categories import Category
from families.models import Family, Referral, RegisterEntry
from families.names import normalise, number_key
from sopr.accounts.models import Municipality
from sopr.web.forms import RussianDateInput


class FamilyFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Фамилия, номер, адрес", method="by_text")
    municipality = django_filters.ModelChoiceFilter(
        label="Муниципальное образование", queryset=Municipality.objects.all(), empty_label="любое"
    )
    category = django_filters.ChoiceFilter(
        label="Основная категория", choices=Category.choices, method="by_category", empty_label="любая"
    )
    sop = django_filters.ChoiceFilter(
        label="Учёт СОП", choices=[("yes", "состоит"), ("no", "не состоит")], method="by_sop", empty_label="не важно"
    )

    class Meta:
        model = Family
        fields = ["q", "municipality", "category", "sop"]

    def by_text(self, rows, _name, value):
        """Beginning of the surname, any part of the address, or the number."""
        words = normalise(value).split()
        condition = Q()
        for word in words:
            condition &= Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
        return rows.filter(condition | Q(number_key=number_key(value.lstrip("№# ")))) if words else rows

    def by_category(self, rows, _name, value):
        return rows.filter(
            category_periods__category=value, category_periods__is_primary=True, category_periods__until=None
        )

    def by_sop(self, rows, _name, value):
        kept = RegisterEntry.objects.filter(kind=RegisterEntry.Kind.SOP, removed_on=None).values("family")
        return rows.filter(pk__in=kept) if value == "yes" else rows.exclude(pk__in=kept)


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
