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
    "families:family-detail": "смотрел карточку",
    "families:family-new": "завёл карточку",
    "families:family-edit": "менял карточку",
    "families:member-add": "добавлял человека в состав",
    "families:member-end": "отмечал выбытие из семьи",
    "families:person-edit": "менял данные человека",
    "families:category-set": "указывал категорию",
    "families:category-end": "снимал категорию",
    "families:register-entry": "отмечал учёт СОП",
    "families:application-new": "записывал заявление",
    "families:consent-new": "записывал согласия",
    "families:home-survey-new": "составлял акт обследования",
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
    rows = AuditRecord.objects.filter(subject_type=family._meta.label_lower, subject_id=family.pk)
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
    page = row.detail.get("page", "")
    if row.action == Action.REFUSE:
        return f"отказано: {PAGES.get(page, 'действие сейчас невозможно')}"
    verb = {Action.READ: "открыл форму: ", Action.CHANGE: ""}.get(row.action, "")
    if page in PAGES:
        return PAGES[page] if page == "families:family-detail" else f"{verb}{PAGES[page]}"
    return Action(row.action).label
