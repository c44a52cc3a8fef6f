import django_filters
from django.db.models import Q

from sopr.accounts.models import District, Municipality, Organisation, OrganisationKind, User
from sopr.accounts.policy import Role
from sopr.web.filters import WordsFilter


class UserFilter(django_filters.FilterSet):
    role = django_filters.ChoiceFilter(choices=Role.choices, label="Роль", empty_label="все")
    organisation = django_filters.ModelChoiceFilter(
        queryset=Organisation.objects.all(), label="Организация", empty_label="все"
    )
    is_active = django_filters.ChoiceFilter(
        choices=[("True", "открыт"), ("False", "закрыт")], label="Доступ", empty_label="любой"
    )

    class Meta:
        model = User
        fields = ["role", "organisation", "is_active"]


class OrganisationFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=OrganisationKind.choices, label="Вид", empty_label="все")
    text = WordsFilter(method="by_text", label="Код или часть наименования")

    class Meta:
        model = Organisation
        fields = ["kind"]

    def by_text(self, rows, _name, value):
        return rows.filter(Q(code__iexact=value) | Q(name__contains=value) | Q(short_name__contains=value))


class DistrictFilter(django_filters.FilterSet):
    municipality = django_filters.ModelChoiceFilter(
        queryset=Municipality.objects.all(), label="Муниципальное образование", empty_label="все"
    )
    state = django_filters.ChoiceFilter(
        choices=[("open", "действуют"), ("closed", "закрыты")], method="by_state", label="Состояние", empty_label="все"
    )

    class Meta:
        model = District
        fields = ["municipality", "state"]

    def by_state(self, rows, _name, value):
        return rows.filter(closed_on__isnull=value == "open")
