"""What casework shows on the family card. Every tag takes (family, user) and shows only cases the user may see."""

from django import template
from django.urls import reverse
from django.utils import timezone

from cases import acts, reading, timeline
from cases.activity_words import name_for_agency
from cases.models import Contact, DispatchRequest, NewbornRisk
from cases.words import OPEN_STAGES, Stage
from families.chronicle import lay_out
from families.keepers import keeps
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.web.marks import state_label
from sopr.web.templatetags.ui import stack

register = template.Library()

CONTACTS_SHOWN = 100


def _current(family, user):
    """(current case or None, all cases visible); the family page asks several times, so it is kept on the family."""
    kept = getattr(family, "_cases_seen", None)
    if kept is None or kept[0] != user.pk:
        seen = reading.cases_of_family(family, user) if user.may(Perm.CASE_VIEW) else []
        kept = family._cases_seen = (user.pk, seen)
    cases = kept[1]
    return (cases[0] if cases else None), cases


@register.inclusion_tag("cases/_header_facts.html")
def family_header_facts(family, user):
    """Cells of the facts strip: level and its end, case, curator, last contact, nearest term."""
    case, cases = _current(family, user)
    today = timezone.localdate()
    return {
        "case": case,
        "cases": cases,
        "today": today,
        "left": case.days_of_level_left(today) if case else None,
        "contact_norm": _contact_norm(case),
        "standing_in": reading.standing_in(case) if case else None,
        "colleague": None if case and case.stage in OPEN_STAGES else reading.colleague_on(family, user),
    }


def _contact_norm(case):
    level = profile.current().levels.get(case.level) if case and case.level else None
    return str(level.contact) if level else ""


@register.inclusion_tag("cases/_family_actions.html")
def family_actions(family, user):
    """Buttons of the card: write down a contact, open a case."""
    case, _cases = _current(family, user)
    may_work = user.may(Perm.CASE_WORK)
    going_on = case is not None and case.stage not in (Stage.CLOSED, Stage.REFUSED)
    may_open = may_work and not going_on and keeps(user, family)
    return {"family": family, "case": case if going_on else None, "may_work": may_work, "may_open": may_open}


# What a region's practice lets one begin from a family's card: module, title, page.
PRACTICES = [
    ("legal_navigator", "Права и льготы", "cases:benefit-family"),
    ("dispatch", "Обращение в диспетчерскую", "cases:dispatch-new"),
    ("newborn", "Риск отказа от новорождённого", "cases:newborn-start"),
    ("rental", "Выдать вещь из проката", "cases:rental-lend"),
]
FOR_KEEPERS = ("legal_navigator", "newborn")


@register.inclusion_tag("cases/_family_practices.html")
def family_practices(family, user):
    """Lines of the card's menu: what the region's practices begin from here."""
    region = profile.current()
    keeper = any(map(region.has, FOR_KEEPERS)) and keeps(user, family)
    begun = [
        (title, name)
        for module, title, name in PRACTICES
        if region.has(module) and user.may(Perm.CASE_WORK) and (keeper or module not in FOR_KEEPERS)
    ]
    return {"practices": [(title, reverse(name, args=[family.pk])) for title, name in begun]}


@register.inclusion_tag("cases/_referral_practices.html")
def referral_practices(referral, user):
    """What the region's practices make of a signal whose family is known."""
    region, risk, request = profile.current(), None, None
    dispatch = region.has("dispatch") and referral.family_id is not None
    if dispatch:
        request = DispatchRequest.objects.visible_to(user).filter(referral=referral).first()
    newborn = region.has("newborn") and referral.family_id is not None and user.may(Perm.HEALTH_VIEW)
    if newborn:
        risk = NewbornRisk.objects.visible_to(user).filter(referral=referral).first()
    return {"referral": referral, "newborn": newborn, "risk": risk, "dispatch": dispatch, "request": request}


@register.inclusion_tag("cases/_family_support.html")
def family_support(family, user):
    """Tab «Сопровождение»: the current case, its programmes, earlier cases."""
    case, cases = _current(family, user)
    return {
        "family": family,
        "user": user,
        "case": case,
        "earlier": cases[1:],
        "may_work": user.may(Perm.CASE_WORK),
        "may_open": user.may(Perm.CASE_WORK) and keeps(user, family),
        "colleague": reading.colleague_on(family, user),
    } | (reading.programme_context(case, user) if case else {})


@register.inclusion_tag("cases/_family_contacts.html")
def family_contacts(family, user):
    """Tab «Контакты»: contacts of the cases the user may see, newest first."""
    case, cases = _current(family, user)
    contacts = Contact.objects.filter(case__in=[row.pk for row in cases]).select_related("by", "case")
    shown = list(contacts.prefetch_related("people")[:CONTACTS_SHOWN])
    return {
        "contacts": shown,
        "total": contacts.count() if len(shown) == CONTACTS_SHOWN else len(shown),
        "case": case,
        "reason": acts.why_not_contact(case) if case else "",
        "planned": list(case.visits.planned()) if case else [],
        "may_work": user.may(Perm.CASE_WORK),
    }


@register.inclusion_tag("families/timeline_panel.html")
def family_timeline(family, user, entries, asked):
    """The card's timeline: `entries` merged with those of the cases the user may see, as `asked` for."""
    _case, cases = _current(family, user)
    return lay_out([*entries, *timeline.entries_of(cases)], asked) | {"family": family}


@register.inclusion_tag("families/timeline_sheet.html")
def family_timeline_sheet(family, user, entries, asked):
    """The same entries for paper."""
    _case, cases = _current(family, user)
    return lay_out([*entries, *timeline.entries_of(cases)], asked)


@register.filter
def days_left(case):
    """Days until the case's level ends."""
    return case.days_of_level_left(timezone.localdate())


ACTIVITY_TONES = {
    "planned": "plan",
    "accepted": "work",
    "declined": "bad",
    "reported": "wait",
    "done": "done",
    "not_done": "off",
    "handed_on": "off",
    "replaced": "off",
}
ACTIVITY_WORDS = {
    "planned": "запланировано",
    "accepted": "в работе",
    "declined": "исполнитель отклонил",
    "reported": "отчёт ждёт Вас",
    "done": "выполнено",
    "not_done": "не выполнено",
    "handed_on": "передано другому исполнителю",
    "replaced": "в новой редакции",
}


@register.simple_tag
def activity_state(activity):
    """The state of an activity as its curator reads it; `overdue` is set by whoever read the activity."""
    if getattr(activity, "overdue", False):
        return state_label("просрочено", "over")
    return state_label(ACTIVITY_WORDS[activity.state], ACTIVITY_TONES[activity.state])


@register.filter
def for_agency(person):
    """«Илья К.»: a person as an agency reads him."""
    return name_for_agency(person)


GOAL_WORDS = {"added": "добавлена", "removed": "исключена", "changed": "изменена", "same": "цель прежняя"}
DIFFERENCE_TONES = {"added": "good", "removed": "warn", "changed": "work", "same": "off", "finished": "off"}


@register.simple_tag
def difference_state(pair, noun):
    """What became of a goal or an activity between two revisions, as «мероприятие добавлено», «цель изменена»."""
    words = pair.words
    if noun == "цель":
        words = GOAL_WORDS[pair.kind]
    return state_label(words if pair.kind in ("same", "finished") else f"{noun} {words}", DIFFERENCE_TONES[pair.kind])


@register.simple_tag
def programme_stack(progress):
    """The bar of a programme's progress."""
    tones = {
        "done": "accent",
        "wait": "crisis",
        "work": "soft",
        "over": "emergency",
        "back": "emergency",
        "off": "mute",
    }
    return stack([{"value": n, "tone": tones[tone], "title": title} for tone, title, n in progress.parts])


@register.inclusion_tag("components/todo_row.html")
def todo_row_to(item, url):
    """`todo_row` whose act leads to `url`: a page of an app above this one, named by the template."""
    return {"item": item | {"act_url": url}}


@register.simple_tag
def load_of(load, level):
    """How many cases of a level a curator keeps."""
    return load.by_level.get(level, 0)


@register.inclusion_tag("cases/_unreached.html")
def unreached_families(user):
    """Families that could not be reached several times in a row, for «Мой день» and «Служба»."""
    return {"rows": reading.unreached_cases(user)}
