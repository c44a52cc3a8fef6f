"""The log as the officer for personal data reads it."""

from functools import cache

import django_filters
from django import forms
from django.apps import apps
from django.urls import get_resolver

from sopr.accounts.models import Organisation
from sopr.accounts.policy import Perm
from sopr.audit.models import Action, AuditRecord
from sopr.web.filters import WordsFilter
from sopr.web.pages import Empty, ListPage
from sopr.web.tables import Column


class RecordFilter(django_filters.FilterSet):
    action = django_filters.ChoiceFilter(choices=Action.choices, label="Действие", empty_label="все")
    organisation = django_filters.ModelChoiceFilter(
        queryset=Organisation.objects.all(), label="Организация", empty_label="все"
    )
    actor_login = WordsFilter(lookup_expr="exact", label="Логин")
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
        Column("page", "Страница", lambda record: title_of(record.detail.get("page", "")), width=32),
    ]

    def get_queryset(self):
        return AuditRecord.objects.select_related("actor", "organisation")

    def get_ordering(self):
        """`seq` is the primary key, so it alone orders fully."""
        ordering = super().get_ordering()
        return ordering[:1] if ordering[0].lstrip("-") == "seq" else ordering


# Pages whose title depends on what they show, in short. The others are called as their own title says.
TITLES = {
    "cases:agency-activities": "Мероприятия исполнителя",
    "cases:aftercare-print": "Печать плана постсопровождения",
    "cases:benefit-detail": "Мера поддержки",
    "cases:certificate-issue": "Выпуск семейного сертификата",
    "cases:closure-print": "Печать заключения о снятии",
    "cases:contract-copy-print": "Печать письма в опеку",
    "cases:contract-notice": "Печать уведомления о расторжении",
    "cases:refusal-print": "Печать заявления об отказе",
    "cases:review-print": "Печать листа мониторинга",
    "cases:standin-detail": "Замещение куратора",
    "families:social-contract-detail": "Социальный контракт",
    "accounts:district-edit": "Карточка участка в справочнике",
    "accounts:draft-token": "Вход подтверждён заново",
    "accounts:municipality-edit": "Карточка муниципального образования",
    "accounts:organisation-edit": "Карточка организации",
    "accounts:unit-edit": "Подразделение",
    "accounts:user-edit": "Карточка пользователя",
    "cases:activity-detail": "Мероприятие",
    "cases:activity-session-cancel": "Отмена занятия",
    "cases:activity-session-mark": "Явка на занятии",
    "cases:activity-session-move": "Перенос занятия",
    "cases:assessment-detail": "Лист диагностики",
    "cases:attendance-print": "Печать табеля посещаемости",
    "cases:case-detail": "Случай",
    "cases:benefit-family": "Права и льготы семьи",
    "cases:benefit-print": "Печать прав и льгот",
    "cases:bonus-detail": "Баллы семьи",
    "cases:bonus-print": "Печать выписки по баллам",
    "cases:certificate-detail": "Семейный сертификат",
    "cases:certificate-print": "Печать семейного сертификата",
    "cases:contract-print": "Печать договора",
    "cases:group-detail": "Группа занятий",
    "cases:group-new": "Новая группа",
    "cases:dispatch-detail": "Обращение в диспетчерскую",
    "cases:newborn-after": "Анкета «после помощи»",
    "cases:newborn-before": "Анкета «до помощи»",
    "cases:newborn-detail": "Риск отказа от новорождённого",
    "cases:programme-plan": "План мероприятий по трудностям",
    "cases:programme-print": "Печать ИПСС",
    "cases:rental-detail": "Вещь пункта проката",
    "cases:rental-print": "Печать акта проката",
    "cases:request-print": "Печать запроса исполнителю",
    "cases:route-detail": "Индивидуальный маршрут",
    "cases:route-print": "Печать индивидуального маршрута",
    "cases:service-detail": "Услуга",
    "cases:session-new": "Новое занятие",
    "cases:survey-print": "Печать анкеты",
    "cases:transfer-detail": "Передача случая",
    "cases:word-detail": "Слово исполнителя за квартал",
    "councils:absentee-detail": "Заочное голосование",
    "councils:agenda-edit": "Повестка заседания",
    "councils:assignment-detail": "Поручение совета",
    "councils:ballot-scan": "Скан бюллетеня",
    "councils:council-edit": "Состав совета",
    "councils:extract-print": "Выписка из протокола",
    "councils:invitation-file": "Файл календаря",
    "councils:item-decide": "Решение по вопросу",
    "councils:item-dissent": "Особое мнение",
    "councils:item-notes": "Ход обсуждения вопроса",
    "councils:item-propose": "Вынести на совет",
    "councils:item-rearrange": "Порядок вопросов заседания",
    "councils:item-recuse": "Самоотвод члена совета",
    "councils:item-task": "Поручение по вопросу",
    "councils:meeting-detail": "Заседание",
    "councils:meeting-pulse": "Обновление страницы заседания",
    "councils:minutes-detail": "Протокол",
    "councils:minutes-print": "Печать протокола",
    "councils:minutes-read": "Чтение протокола",
    "councils:opinion-file": "Файл отзыва",
    "councils:pack-detail": "Материалы заседания",
    "councils:pack-file": "Файл отзыва в материалах",
    "councils:pack-print": "Печать материалов заседания",
    "councils:refusal-print": "Уведомление об отказе",
    "exchange:export-detail": "Выгрузка реестра",
    "exchange:export-file": "Файл выгрузки реестра",
    "exchange:import-detail": "Загрузка книги реестра",
    "families:district-detail": "Участок",
    "families:district-figure": "Список за числом участка",
    "families:family-detail": "Семья",
    "families:family-duplicates": "Похожие семьи",
    "families:family-suggest": "Поиск по мере ввода",
    "families:match-detail": "Запрос сверки",
    "families:passport-detail": "Паспорт участка",
    "families:passport-figure": "Список за числом паспорта",
    "families:passport-print": "Печать паспорта участка",
    "families:place-delete": "Удаление учреждения или ресурса",
    "families:place-edit": "Учреждение или ресурс участка",
    "families:referral-detail": "Сигнал",
    "families:settlement-delete": "Удаление населённого пункта",
    "families:settlement-edit": "Населённый пункт участка",
    "home": "Главная",
    "login": "Вход",
    "logout": "Выход",
    "reports:fact-history": "История сведений",
    "reports:fact-sheet": "Сведения за период",
    "reports:names-list": "Фамилии за числом отчёта",
    "reports:own-form-detail": "Форма отчёта министерства",
    "reports:own-form-edit": "Строки и графы формы министерства",
    "reports:plan-entry": "Ввод плана",
    "reports:plan-import": "Загрузка плана из Excel",
    "reports:plan-template": "Шаблон плана",
    "reports:packet-detail": "Пакет отчётов",
    "reports:packet-file": "Архив пакета отчётов",
    "reports:packet-list": "Пакеты отчётов",
    "reports:region": "Регион",
    "reports:cell-cut": "Разрез числа отчёта",
    "reports:cell-cut-list": "Список за частью разреза",
    "reports:report-cell": "Список за числом отчёта",
    "reports:report-check": "Список проверки отчёта",
    "reports:report-detail": "Отчёт",
    "reports:report-file": "Файл отчёта",
    "reports:report-published": "Публикуемая версия отчёта",
    "reports:report-published-file": "Файл публикуемой версии отчёта",
    "reports:report-progress": "Ход расчёта отчёта",
}


def title_of(page: str) -> str:
    """What the page of this URL name is called; a page that is no more keeps its name."""
    return TITLES.get(page) or _own_titles(get_resolver()).get(page) or page


@cache
def _own_titles(resolver, namespace="") -> dict[str, str]:
    """{URL name: the title its view declares} of every page."""
    found = {}
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found |= _own_titles(pattern, inner)
        else:
            view = getattr(pattern.callback, "view_class", None)
            found[f"{namespace}{pattern.name}"] = str(getattr(view, "title", ""))
    return found


def _subject(record) -> str:
    """«случай № 12»: the model's own Russian name and the row's number."""
    if not record.subject_type:
        return ""
    try:
        name = apps.get_model(record.subject_type)._meta.verbose_name
    except LookupError:  # a model that is no more
        name = record.subject_type
    return f"{name} №\N{NO-BREAK SPACE}{record.subject_id}"
