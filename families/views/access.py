"""«Доступ»: who looked at a card and when, in words; and why a colleague may not change it."""

from dataclasses import dataclass

from django.db.models import Q

from families.models import HealthStatus, Representation
from sopr.accounts.models import User
from sopr.audit.models import Action, AuditRecord

NOT_KEEPER = (
    "С этой семьёй работает другой куратор. Изменить карточку может он или руководитель службы; "
    "если семью передали Вам, попросите руководителя закрепить её за Вами."
)
SHOWN = 50

# Words for the pages that are about a family; others are named by the kind of the act.
PAGES = {
    "families:family-detail": "просмотр карточки",
    "families:family-new": "карточка заведена",
    "families:family-edit": "изменение карточки",
    "families:member-add": "новый человек в составе",
    "families:member-end": "выбытие из семьи",
    "families:person-edit": "изменение данных человека",
    "families:category-set": "категория семьи",
    "families:category-end": "снятие категории",
    "families:family-merge": "поиск карточки для объединения",
    "families:family-merge-confirm": "объединение карточек",
    "families:family-split": "раздел семьи",
    "families:person-merge": "поиск записи для объединения",
    "families:person-merge-confirm": "объединение записей об одном человеке",
    "families:merge-undo": "отмена объединения",
    "families:category-edit": "исправление категории",
    "families:family-names": "склонение фамилии",
    "families:health-add": "инвалидность или ОВЗ",
    "families:health-edit": "исправление инвалидности или ОВЗ",
    "families:health-end": "конец инвалидности или ОВЗ",
    "families:hint-check": "проверка подсказки",
    "families:member-edit": "исправление состава",
    "families:person-detail": "просмотр данных человека",
    "families:person-names": "склонение имени",
    "families:register-edit": "исправление учёта",
    "families:register-place": "постановка на учёт",
    "families:register-remove": "снятие с учёта",
    "families:representation-add": "законный представитель",
    "families:representation-end": "конец полномочий представителя",
    "families:timeline-print": "хроника",
    "families:family-print": "паспорт семьи",
    "families:application-new": "заявление",
    "families:consent-new": "согласия",
    "families:home-survey-new": "акт обследования",
    "families:match-new": "запрос сверки другой организации",
    "families:match-answer": "ответ на запрос сверки",
}


PRINTED = {"passport": "паспорт семьи"}


@dataclass(frozen=True)
class Look:
    """One line of «Доступ»."""

    at: object
    who: str
    role: str
    organisation: str
    what: str


def records_about(family, only_actor=None):
    """Records of the audit log about the card, the people in it and the parts of it, newest first.

    Looks at people and parts count from the organisations that hold the card: the same person may be in a family of
    another one, whose work is not shown here.
    """
    cards = [family.pk, *family.merged.values_list("pk", flat=True)]  # looks at the cards merged into it are its own
    about = Q(subject_type=family._meta.label_lower, subject_id__in=cards)
    memberships = dict(family.memberships.values_list("pk", "person"))
    parts = {
        "families.person": set(memberships.values()),
        "families.familymembership": set(memberships),
        "families.categoryperiod": family.category_periods.values("pk"),
        "families.registerentry": family.register_entries.values("pk"),
        "families.healthstatus": HealthStatus.objects.filter(person__in=set(memberships.values())).values("pk"),
        "families.representation": Representation.objects.filter(membership__in=set(memberships)).values("pk"),
    }
    own = Q(organisation__in=[holder.pk for holder in family.holders.all()])
    for label, ids in parts.items():
        about |= own & Q(subject_type=label, subject_id__in=ids)
    rows = AuditRecord.objects.filter(about)
    if only_actor is not None:
        rows = rows.filter(actor=only_actor)
    return rows.select_related("actor", "organisation").order_by("-seq")


def look(row) -> Look:
    """One record of the log as a line of «Доступ»."""
    return Look(
        at=row.at,
        who=row.actor.short_name if row.actor else "система",
        role=row.actor.get_role_display() if row.actor else "",
        organisation=str(row.organisation or ""),
        what=_what(row) + _shown(row),
    )


def actors_of(family):
    """Who has a record about the card itself, by name."""
    ids = AuditRecord.objects.filter(subject_type=family._meta.label_lower, subject_id=family.pk)
    return User.objects.filter(pk__in=ids.values("actor")).order_by("last_name", "first_name", "pk")


# Protected parts of a page, as its record in the log names them.
REVEALED = {"health": "показаны сведения о здоровье", "address": "показан скрытый адрес"}


def _shown(row) -> str:
    shown = [REVEALED[code] for code in row.detail.get("shown", ()) if code in REVEALED]
    return f" ({', '.join(shown)})" if shown else ""


def _what(row) -> str:
    words = PAGES.get(row.detail.get("page", ""), "")
    if row.action == Action.READ:
        return words if words.startswith("просмотр") or not words else f"просмотр формы «{words}»"
    if row.action == Action.PRINT:
        return f"печать: {PRINTED.get(row.detail.get('document', ''), words or 'документ')}"
    if row.action == Action.REFUSE:
        return f"отказано: {words or 'действие было невозможно'}"
    return f"записано: {words}" if words else Action(row.action).label
