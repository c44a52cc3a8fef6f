import django_filters
from django.db.models import Q

from sopr.accounts.models import Organisation, OrganisationKind, User
from sopr.accounts.policy import Role


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
    text = django_filters.CharFilter(method="by_text", label="Код или часть наименования")

    class Meta:
        model = Organisation
        fields = ["kind"]

    def by_text(self, rows, _name, value):
        return rows.filter(Q(code__iexact=value) | Q(name__contains=value) | Q(short_name__contains=value))
