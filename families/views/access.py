"""«Доступ»: who looked at a card and when, in words; and why a colleague may not change it."""

from dataclasses import dataclass

from sopr.audit.models import Action, AuditRecord

NOT_KEEPER = (
    "С этой семьёй работает другой куратор. Изменить карточку может он или руководитель службы; "
    "если семью передали Вам, попросите руководителя закрепить её за Вами."
)
SHOWN = 100

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
    "families:member-edit": "исправление состава",
    "families:person-detail": "просмотр данных человека",
    "families:person-names": "склонение имени",
    "families:register-edit": "исправление учёта",
    "families:register-place": "постановка на учёт",
    "families:register-remove": "снятие с учёта",
    "families:representation-add": "законный представитель",
    "families:representation-end": "конец полномочий представителя",
    "families:application-new": "заявление",
    "families:consent-new": "согласия",
    "families:home-survey-new": "акт обследования",
    "families:match-new": "запрос сверки другой организации",
    "families:match-answer": "ответ на запрос сверки",
}


@dataclass(frozen=True)
class Look:
    """One line of «Доступ»."""

    at: object
    who: str
    role: str
    organisation: str
    what: str


def readers_of(family) -> list[Look]:
    """The last hundred records of the audit log about the card, newest first."""
    cards = [family.pk, *family.merged.values_list("pk", flat=True)]  # looks at the cards merged into it are its own
    rows = AuditRecord.objects.filter(subject_type=family._meta.label_lower, subject_id__in=cards)
    rows = rows.select_related("actor", "organisation").order_by("-seq")[:SHOWN]
    return [
        Look(
            at=row.at,
            who=row.actor.short_name if row.actor else "система",
            role=row.actor.get_role_display() if row.actor else "",
            organisation=str(row.organisation or ""),
            what=_what(row),
        )
        for row in rows
    ]


def _what(row) -> str:
    words = PAGES.get(row.detail.get("page", ""), "")
    if row.action == Action.READ:
        return words if row.detail.get("page") == "families:family-detail" else f"просмотр формы «{words}»"
    if row.action == Action.REFUSE:
        return f"отказано: {words or 'действие было невозможно'}"
    return f"записано: {words}" if words else Action(row.action).label
