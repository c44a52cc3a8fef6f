"""«Хроника» of a family card: one list of everything, newest first, merged from the apps that know a part of it."""

import datetime
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils import timezone

from families import corrections, hints
from families.categories import Category
from families.models import Family, FamilyEvent, Person

# The filters of the page: code → title.
GROUPS = {
    "contacts": "Контакты",
    "activities": "Мероприятия",
    "decisions": "Решения",
    "papers": "Документы",
    "members": "Состав и уровень",
}

# Each kind of `FamilyEvent`: group, icon, phrase. `{person}` and `{category}` come from the event's refs.
PHRASES = {
    "registered": ("members", "house-heart", "Карточка семьи заведена"),
    "imported": ("members", "download", "Карточка перенесена из прежней системы"),
    "amended": ("members", "pencil", "Карточка уточнена: {fields}"),
    "moved": ("members", "geo-alt", "Семья переехала"),
    "member_added": ("members", "person-plus", "В составе семьи с этого дня: {person}"),
    "member_left": ("members", "person-dash", "Последний день в составе семьи: {person}"),
    "member_elsewhere": ("members", "arrow-left-right", "Включение в состав другой семьи: {person}"),
    "person_amended": ("members", "pencil", "Уточнены данные: {person}"),
    "category_set": ("members", "flag", "Основная категория: {category}"),
    "category_added": ("members", "flag", "Добавлена категория: {category}"),
    "category_ended": ("members", "flag", "Категория больше не действует: {category}"),
    "district_set": ("members", "geo-alt", "Отнесена к участку"),
    "person_distinguished": ("members", "shield-check", "Сверка с похожими людьми, это другой человек: {person}"),
    "distinguished": ("members", "shield-check", "Сверена с похожими семьями: это другая семья"),
    "category_corrected": ("members", "pencil", "Исправлены даты категории: {category}"),
    "member_corrected": ("members", "pencil", "Исправлена запись о составе: {person}"),
    "representative_named": ("members", "person-check", "Законный представитель: {person}"),
    "representative_ended": ("members", "person-dash", "Полномочия представителя закончены: {person}"),
    "health_amended": ("members", "pencil", "Уточнены данные: {person}"),
    "health_corrected": ("members", "pencil", "Уточнены данные: {person}"),
    "names_declined": ("members", "pencil", "Уточнено склонение имени: {person}"),
    "dispatch_opened": ("contacts", "inbox", "Семья обратилась в диспетчерскую"),
    "dispatch_closed": ("contacts", "inbox", "Обращение в диспетчерскую закрыто"),
    "rental_lent": ("papers", "card-checklist", "Семье выдана вещь из пункта проката"),
    "rental_returned": ("papers", "card-checklist", "Семья вернула вещь в пункт проката"),
    "hint_checked": ("members", "check-circle", "Подсказка проверена: {hint}"),
    "register_corrected": ("decisions", "pencil", "Исправлена запись об учёте"),
    "patronage_placed": ("decisions", "flag", "Постановка на межведомственный патронат"),
    "patronage_removed": ("decisions", "flag", "Снятие с межведомственного патроната"),
    "merged": ("members", "link-45deg", "Объединена с карточкой № {family}: всё её содержание перенесено сюда"),
    "merge_undone": ("members", "arrow-counterclockwise", "Объединение отменено: записи вернулись на прежние места"),
    "person_merged": ("members", "link-45deg", "Две записи об одном человеке стали одной: {person}"),
    "split": ("members", "arrow-left-right", "Из семьи выделена семья № {family}: {people}"),
    "split_from": ("members", "arrow-left-right", "Выделена из семьи № {family}: {people}"),
    "match_asked": ("decisions", "shield-check", "Другая организация спросила, та же ли это семья"),
    "match_answered": ("decisions", "shield-check", "На запрос сверки отвечено"),
    "benefit_noted": ("papers", "book", "Записано о мере поддержки"),
    "social_contract": ("papers", "file-earmark-check", "Заключён социальный контракт"),
    "social_contract_ended": ("papers", "file-earmark-text", "Социальный контракт завершён"),
    "informed": ("contacts", "info-circle", "Семье рассказали о мерах помощи"),
    "sop_placed": ("decisions", "flag", "Постановка на учёт СОП"),
    "sop_removed": ("decisions", "flag", "Снятие с учёта СОП"),
}

LEADING = ("split", "split_from")  # events that lead to the other card


@dataclass(frozen=True)
class Entry:
    """One line of the timeline. `group` is a code of GROUPS, `icon` a name of the icon set, `text` a second line."""

    day: datetime.date
    group: str
    icon: str
    title: str
    url: str = ""
    text: str = ""
    who: str = ""
    by_id: int | None = None  # the user who entered it
    entered_at: datetime.datetime | None = None  # when it was entered, not when it happened; None = not kept
    is_new: bool = False  # entered since the reader's last visit

    @property
    def at(self) -> datetime.date:
        """What the `timeline` component sorts and groups by."""
        return self.day


def entries_of(family: Family, organisation_id: int, *, in_full=True) -> list[Entry]:
    """What this app knows: the card's own events, papers and the organisation's own signals.

    In brief (not `in_full`) without what the papers say.
    """
    entries = [*_events(family), *_papers(family), *_referrals(family, organisation_id)]
    return entries if in_full else [replace(entry, text="") for entry in entries]


def _events(family):
    events = list(FamilyEvent.objects.of_card(family).select_related("by"))
    people = Person.objects.in_bulk({pk for event in events for pk in _people_in(event)})
    cards = Family.objects.in_bulk({event.refs["family"] for event in events if "family" in event.refs})
    for event in events:
        group, icon, phrase = PHRASES.get(event.kind, ("members", "info-circle", "Запись в карточке"))
        other = cards.get(event.refs.get("family"))
        named = [people[pk].full_name for pk in _people_in(event) if pk in people]
        title = phrase.format(
            person=named[0] if named else "—",
            people=", ".join(named) or "—",
            family=other.number if other else "—",
            category=_category_title(event.refs.get("category", "")),
            fields=_field_titles(event.refs.get("fields", ())) if event.kind == "amended" else "",
            hint=hints.title_of(event.refs.get("hint", "")),
        )
        url = reverse("families:family-detail", args=[other.pk]) if other and event.kind in LEADING else ""
        told = corrections.describe(event.refs) if "reason" in event.refs else ""
        yield Entry(event.happened_on, group, icon, title, url=url, text=told, **_entered(event.by, event.at))


def _entered(by, at) -> dict:
    return {"who": by.short_name if by else "", "by_id": by.pk if by else None, "entered_at": at}


def _people_in(event) -> list[int]:
    one = [event.refs["person"]] if "person" in event.refs else []
    return one + event.refs.get("people", [])


def _category_title(code) -> str:
    return Category(code).label if code in Category.values else "—"


def _field_titles(names) -> str:
    return ", ".join(str(Family._meta.get_field(name).verbose_name) for name in names)


def _papers(family):
    for application in family.applications.select_related("by", "applicant"):
        yield Entry(
            application.received_on,
            "papers",
            "file-earmark-text",
            f"Заявление о сопровождении, {application.get_capacity_display()}",
            text=application.help_asked,
            **_entered(application.by, application.entered_at),
        )
    taken = {}
    for consent in family.consents.select_related("by", "subject"):
        taken.setdefault((consent.given_on, consent.by), []).append(consent)
        if consent.withdrawn_on:
            yield Entry(
                consent.withdrawn_on, "papers", "file-earmark-check", f"Согласие отозвано: {consent.subject.full_name}"
            )
    for (given_on, by), consents in taken.items():
        names = ", ".join(consent.subject.first_name or consent.subject.last_name for consent in consents)
        title = "Согласия на обработку персональных данных"
        entered_at = max((consent.entered_at for consent in consents if consent.entered_at), default=None)
        yield Entry(given_on, "papers", "file-earmark-check", title, text=names, **_entered(by, entered_at))
    for survey in family.home_surveys.select_related("by"):
        yield Entry(
            survey.done_on,
            "papers",
            "clipboard-check",
            "Акт обследования условий жизни",
            text=survey.conclusion,
            **_entered(survey.by, survey.entered_at),
        )


def _referrals(family, organisation_id):
    for referral in family.referrals.filter(organisation=organisation_id).select_related("registered_by"):
        yield Entry(
            timezone.localdate(referral.received_at),
            "contacts",
            "inbox",
            f"{referral}: {referral.get_channel_display()}",
            **_entered(referral.registered_by, referral.received_at),
        )
