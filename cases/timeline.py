"""A case's part of the family's timeline: its events and contacts as entries of families.timeline."""

import datetime

from django.utils import timezone

from cases.models import Activity, CaseEvent, Contact, ServiceGroup
from cases.words import Level, Outcome
from families.models import Person
from families.timeline import Entry

# Each kind of `CaseEvent`: group, icon, phrase. What is shown by another row (a contact) stands for itself.
PHRASES = {
    "opened": ("papers", "file-earmark-plus", "Открыт случай {case}"),
    "imported": ("papers", "download", "Случай {case} перенесён из прежней системы"),
    "curator_assigned": ("members", "person-check", "Назначен куратор"),
    "stand_in_named": ("members", "person-check", "Назначено замещение куратора"),
    "stand_in_ended": ("members", "person-check", "Замещение куратора завершено раньше"),
    "assessed": ("papers", "clipboard-check", "Проведена диагностика"),
    "programme_drafted": ("papers", "pencil", "Составлен проект ИПСС"),
    "plan_formed": ("papers", "list-check", "План мероприятий сформирован по трудностям"),
    "programme_approved": ("decisions", "check-circle", "Совет утвердил новую редакцию ИПСС"),
    "proposed": ("decisions", "send", "Вопрос вынесен на совет"),
    "term_proposed": ("decisions", "hourglass-split", "Подходит срок уровня: система вынесла вопрос на совет"),
    "term_withdrawn": ("decisions", "arrow-return-left", "Вопрос, вынесенный системой, снят"),
    "accepted": ("decisions", "check-circle", "Совет принял семью на сопровождение"),
    "refused": ("decisions", "x-circle", "Совет не признал семью нуждающейся"),
    "decision_annulled": ("decisions", "x-circle", "Совет отменил прежнее решение"),
    "returned": ("decisions", "arrow-return-left", "Случай возвращён на диагностику"),
    "refusal_handed": ("papers", "send", "Заявителю вручено уведомление об отказе"),
    "minutes_signed": ("decisions", "file-earmark-check", "Подписан протокол заседания совета"),
    "level_changed": ("decisions", "bar-chart", "Совет изменил уровень: {level}"),
    "prolonged": ("decisions", "arrow-repeat", "Совет продлил уровень: {level}"),
    "contract_signed": ("papers", "file-earmark-check", "Заключён договор о сопровождении"),
    "contract_terminated": ("papers", "file-earmark-text", "Договор о сопровождении расторгнут"),
    "contract_copied": ("papers", "send", "Копия договора передана в опеку"),
    "reviewed": ("papers", "clipboard-data", "Проведён мониторинг"),
    "closure_prepared": ("papers", "file-earmark-text", "Подготовлено заключение о снятии: {outcome}"),
    "removed": ("decisions", "flag", "Совет снял семью с сопровождения"),
    "family_refused": ("decisions", "flag", "Семья отказалась от сопровождения"),
    "suspended": ("decisions", "pause-circle", "Сопровождение приостановлено"),
    "resumed": ("decisions", "play-circle", "Сопровождение возобновлено"),
    "member_covered": ("members", "person-plus", "Случай охватывает с этого дня: {person}"),
    "member_uncovered": ("members", "person-dash", "Последний день, когда случай охватывал: {person}"),
    "composition_checked": ("members", "check-circle", "Изменение состава семьи рассмотрено"),
    "survey_invited": ("papers", "chat-left-text", "Семье выдана анкета"),
    "enrolled": ("activities", "person-check", "Запись на занятия: {group}"),
    "queued": ("activities", "hourglass-split", "В листе ожидания на занятия: {group}"),
    "unenrolled": ("activities", "slash-circle", "Занятия окончены: {group}"),
    "consulted": ("contacts", "chat-left-text", "Консультация родителей"),
    "route_begun": ("papers", "flag", "Составлен индивидуальный маршрут"),
    "route_finished": ("papers", "check-circle-fill", "Индивидуальный маршрут пройден"),
    "route_broken": ("papers", "slash-circle", "Индивидуальный маршрут прерван"),
    "study_entered": ("papers", "check-circle", "Несовершеннолетний поступил учиться"),
    "transfer_offered": ("decisions", "send", "Передача случая предложена другой организации"),
    "transfer_declined": ("decisions", "x-circle", "Другая организация не приняла случай"),
    "transfer_withdrawn": ("decisions", "arrow-return-left", "Предложение о передаче отозвано"),
    "transferred_out": ("decisions", "arrow-left-right", "Случай {case} передан в другую организацию"),
    "transferred_in": ("decisions", "arrow-left-right", "Случай {case} принят из другой организации"),
    "dispatch_linked": ("papers", "inbox", "Семья передана на сопровождение из диспетчерской"),
    "newborn_linked": ("papers", "link-45deg", "Случай связан с записью раздела «Под крылом аиста»"),
    "certificate_issued": ("papers", "file-earmark-plus", "Выписан семейный сертификат"),
    "certificate_handed": ("papers", "house-heart", "Семейный сертификат вручён семье"),
    "certificate_marked": ("contacts", "check2-square", "Отметка в семейном сертификате: встретились, шаг сделан"),
    "certificate_unmarked": ("papers", "arrow-counterclockwise", "Снята ошибочная отметка в семейном сертификате"),
    "certificate_withdrawn": ("papers", "slash-circle", "Семейный сертификат отозван"),
    "bonus_awarded": ("papers", "plus-lg", "Начислены баллы бонусной программы"),
    "bonus_spent": ("papers", "cash-coin", "Потрачены баллы бонусной программы"),
    "bonus_cancelled": ("papers", "arrow-counterclockwise", "Отменена запись бонусной программы"),
    "aftercare_check": ("contacts", "clipboard-check", "Проверка постсопровождения"),
    "aftercare_finished": ("decisions", "flag", "Постсопровождение завершено"),
    "aftercare_interrupted": ("decisions", "arrow-return-left", "Постсопровождение прервано: семья вернулась"),
    "visit_planned": ("contacts", "calendar-event", "Назначена встреча на {on}"),
    "visit_moved": ("contacts", "arrow-repeat", "Встреча перенесена на {on}"),
    "visit_cancelled": ("contacts", "x-circle", "Встреча отменена"),
    "activity_planned": ("activities", "arrow-return-left", "Отчёт возвращён исполнителю: {activity}"),
    "activity_returned": ("activities", "arrow-return-left", "Отчёт возвращён исполнителю: {activity}"),
    "activity_accepted": ("activities", "check-lg", "Исполнитель принял в работу: {activity}"),
    "activity_declined": ("activities", "x-circle", "Исполнитель отклонил: {activity}"),
    "activity_handed_on": ("activities", "arrow-left-right", "Передано другому исполнителю: {activity}"),
    "activity_requested": ("activities", "send", "Исполнителю направлен запрос: {activity}"),
    "sessions_planned": ("activities", "clock", "Расставлены даты занятий: {activity}"),
    "session_marked": ("activities", "people", "Занятие, отмечена явка: {activity}"),
    "clarification_asked": ("activities", "chat-left-text", "Задан вопрос по мероприятию: {activity}"),
    "clarification_answered": ("activities", "chat-left-text", "Получен ответ по мероприятию: {activity}"),
    "word_said": ("activities", "file-earmark-text", "Исполнитель написал слово за квартал"),
    "word_accepted": ("activities", "check-circle", "Слово исполнителя за квартал принято"),
    "word_returned": ("activities", "arrow-return-left", "Слово за квартал возвращено исполнителю"),
    "activity_reported": ("activities", "hourglass-split", "Исполнитель отчитался: {activity}"),
    "activity_done": ("activities", "check-circle-fill", "Выполнено: {activity}"),
    "activity_not_done": ("activities", "slash-circle", "Не выполнено: {activity}"),
}
SHOWN_OTHERWISE = ("contact", "put_to_council")  # by the contact itself; by «Вопрос вынесен на совет»
CONTACT_ICONS = {"visit": "house", "office": "people", "phone": "telephone", "message": "chat-left-text"}


def entries_of(cases) -> list[Entry]:
    """What is known about these cases, a constant number of statements for all of them."""
    by_id = {case.pk: case for case in cases}
    if not by_id:
        return []
    return [*_contacts(by_id), *_events(by_id)]


def _contacts(by_id):
    noted = CaseEvent.objects.filter(case__in=by_id, kind="contact").values_list("refs", "at")
    entered = {refs.get("contact"): at for refs, at in noted}
    for contact in Contact.objects.filter(case__in=by_id).select_related("by"):
        yield Entry(
            timezone.localdate(contact.at),
            "contacts",
            CONTACT_ICONS.get(contact.kind, "telephone"),
            contact.get_kind_display().capitalize() + (": угроза ребёнку, извещены" if contact.threat else ""),
            text=contact.summary,
            who=contact.by.short_name,
            by_id=contact.by_id,
            entered_at=entered.get(contact.pk),
        )


def _day_of(event) -> str:
    """The day a meeting is promised for."""
    return f"{datetime.date.fromisoformat(event.refs['on']):%d.%m.%Y}" if "on" in event.refs else ""


def _events(by_id):
    events = CaseEvent.objects.filter(case__in=by_id).exclude(kind__in=SHOWN_OTHERWISE).select_related("by")
    events = list(events)
    activities = Activity.objects.in_bulk({event.refs["activity"] for event in events if "activity" in event.refs})
    groups = ServiceGroup.objects.select_related("service").in_bulk(
        {event.refs["group"] for event in events if "group" in event.refs}
    )
    people = Person.objects.in_bulk({event.refs["person"] for event in events if "person" in event.refs})
    for event in events:
        case = by_id[event.case_id]
        group, icon, phrase = PHRASES.get(event.kind, ("papers", "info-circle", "Запись в случае {case}"))
        activity = activities.get(event.refs.get("activity"))
        title = phrase.format(
            case=f"№\u00a0{case.number}",
            level=dict(Level.choices).get(event.refs.get("level"), "—"),
            outcome=dict(Outcome.choices).get(event.refs.get("outcome"), "—"),
            activity=activity.title if activity else "мероприятие",
            group=groups.get(event.refs.get("group"), "группа"),
            person=people[event.refs["person"]].full_name if event.refs.get("person") in people else "—",
            on=_day_of(event),
        )
        yield Entry(
            event.happened_on,
            group,
            icon,
            title,
            url=case.get_absolute_url(),
            who=event.by.short_name if event.by else "",
            by_id=event.by_id,
            entered_at=event.at,
        )
