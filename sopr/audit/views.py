"""The log as the officer for personal data reads it."""

import django_filters
from django import forms

from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm
from sopr.audit.models import Action, AuditRecord
from sopr.web.pages import Empty, ListPage
from sopr.web.tables import Column


class RecordFilter(django_filters.FilterSet):
    action = django_filters.ChoiceFilter(choices=Action.choices, label="Действие")
    organisation = django_filters.ModelChoiceFilter(queryset=Organisation.objects.all(), label="Организация")
    actor_login = django_filters.CharFilter(lookup_expr="exact", label="Логин")
    since = django_filters.DateFilter(
        field_name="at", lookup_expr="date__gte", label="С", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        field_name="at", lookup_expr="date__lte", label="По", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = AuditRecord
        fields = ["action", "organisation", "actor_login"]


class RecordList(ListPage):
    """Who read, changed, printed, exported or was refused what."""

    permission = Perm.AUDIT_VIEW
    title = "Журнал доступа"
    note = "Записи связаны цепочкой: изменить или удалить их незаметно нельзя."
    model = AuditRecord
    filterset_class = RecordFilter
    default_sort = "-seq"
    export_name = "audit"
    empty = Empty("Записей не найдено", "Измените условия отбора.")
    columns = [
        Column("seq", "№", kind="number", sort="seq", width=10),
        Column("at", "Когда", kind="datetime", sort="at"),
        Column("actor", "Кто", lambda record: record.actor.full_name if record.actor else record.actor_login, width=36),
        Column("role", "Роль", lambda record: record.actor.get_role_display() if record.actor else "", width=24),
        Column("organisation", "Организация", width=40),
        Column("action", "Действие", "get_action_display"),
        Column("subject", "Предмет", lambda record: _subject(record)),
        Column("page", "Страница", lambda record: record.detail.get("page", ""), width=32),
    ]

    def get_queryset(self):
        return AuditRecord.objects.select_related("actor", "organisation")

    def get_ordering(self):
        """`seq` is the primary key, so it alone orders fully."""
        ordering = super().get_ordering()
        return ordering[:1] if ordering[0].lstrip("-") == "seq" else ordering


SUBJECTS = {
    "families.family": "семья",
    "families.person": "человек",
    "families.referral": "сигнал",
    "cases.case": "случай",
    "cases.activity": "мероприятие",
    "councils.meeting": "заседание",
    "councils.agendaitem": "вопрос повестки",
    "reports.report": "отчёт",
}


def _subject(record) -> str:
    if not record.subject_type:
        return ""
    return f"{SUBJECTS.get(record.subject_type, record.subject_type)} {record.subject_id}"
