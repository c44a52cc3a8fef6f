"""«Что сделать сейчас»: the next acts of a case by its stage, and the steps of its path."""

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cases import duties, lacks
from cases.models import IndividualRoute
from cases.reading import activity_titles, visits_of
from cases.words import Stage
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.obligations.models import Obligation

# The path as people see it; a suspended case stands where support stands.
PATH = [
    (Stage.ASSESSMENT, "Диагностика"),
    (Stage.COUNCIL, "Совет"),
    (Stage.ACTIVE, "Сопровождение"),
    (Stage.AFTERCARE, "Постсопровождение"),
    (Stage.CLOSED, "Завершён"),
]
PACK = {
    "survey": ("Обследовать условия жизни", "Составить акт"),
    "assessment": ("Провести диагностику", "Провести диагностику"),
    "programme": ("Составить проект ИПСС", "Составить ИПСС"),
    "goals": ("Дополнить проект ИПСС", "Открыть проект"),
}


def stage_steps(case) -> list[dict]:
    """Items of the `steps` tag: what is behind, where the case stands, what lies ahead."""
    stage = Stage.ACTIVE if case.stage == Stage.SUSPENDED else case.stage
    if stage == Stage.REFUSED:
        return [
            {"title": "Диагностика", "state": "done"},
            {"title": "Совет", "state": "done"},
            {"title": "Отказано", "state": "current", "tone": "warn"},
        ]
    order = [code for code, _title in PATH]
    here = order.index(stage)
    steps = []
    for number, (code, title) in enumerate(PATH):
        if code == Stage.AFTERCARE and stage == Stage.CLOSED and not case.aftercare_checks.exists():
            continue
        state = "done" if number < here or stage == Stage.CLOSED else "current" if number == here else "todo"
        steps.append({"title": title, "state": state, "note": _note(case, code)})
    return steps


def _note(case, code) -> str:
    if code == Stage.ASSESSMENT:
        return f"открыт {case.opened_on:%d.%m.%Y}"
    if code == Stage.ACTIVE and case.stage == Stage.SUSPENDED:
        return f"приостановлено с {case.suspended_on:%d.%m.%Y}"
    if code == Stage.ACTIVE and case.accepted_on:
        return f"с {case.accepted_on:%d.%m.%Y}"
    if code == Stage.CLOSED and case.closed_on and case.stage == Stage.CLOSED:
        return f"снят {case.closed_on:%d.%m.%Y}"
    return ""


def next_steps(case, user) -> list[dict]:
    """Rows for `todo_row`, the most urgent first; `propose` marks the one that leads to the council."""
    if case.stage == Stage.ASSESSMENT:
        return _pack_steps(case)
    obligations = list(_obligations(case))
    notes = activity_titles(obligations)
    visits = visits_of(obligations)
    steps = [
        _step_of(obligation, notes.get(obligation.pk, ""), visits.get(obligation.pk)) for obligation in obligations
    ]
    steps = _papers_after_transfer(case) + steps + _routes_after_transfer(case)
    if case.stage == Stage.SUSPENDED and user.may(Perm.CASE_SUSPEND):
        steps.append(
            {
                "title": "Возобновить сопровождение",
                "note": "Когда семья снова доступна",
                "act_title": "Возобновить",
                "act_url": reverse("cases:case-resume", args=[case.pk]),
            }
        )
    if case.stage == Stage.AFTERCARE and not case.aftercare_checks.filter(done_on=None).exists():
        steps = [
            {
                "title": "Завершить постсопровождение",
                "note": "Все проверки записаны",
                "act_title": "Завершить",
                "act_url": reverse("cases:aftercare-finish", args=[case.pk]),
            }
        ]
    return steps


# What the family signs anew for the organisation that took the case over: code of the lack → page, title, button.
PAPERS = {
    "application": ("families:application-new", "Взять заявление для Вашей организации", "Записать заявление"),
    "consent": ("families:consent-new", "Взять согласия для Вашей организации", "Записать согласия"),
}


def _papers_after_transfer(case) -> list[dict]:
    if case.transferred_from_id is None or case.stage != Stage.ACTIVE:
        return []
    lacking = lacks.for_opening(case.family, case.organisation)
    return [
        {
            "title": title,
            "note": "Случай принят из другой организации",
            "due": None,
            "act_title": act,
            "act_url": reverse(page, args=[case.family_id]),
        }
        for code, (page, title, act) in PAPERS.items()
        if code in lacking
    ]


def _routes_after_transfer(case) -> list[dict]:
    """Routes of minors that ended with the former organisation: each is drawn up here, by the services there are."""
    if not profile.current().has("services") or case.stage != Stage.ACTIVE:
        return []
    return [
        {
            "title": "Составить индивидуальный маршрут заново",
            "note": f"{route.person.short_name}: маршрут прежней организации прерван передачей",
            "due": None,
            "act_title": "Составить",
            "act_url": f"{reverse('cases:route-new', args=[case.pk])}?after={route.pk}",
        }
        for route in IndividualRoute.objects.left_by_transfer(case).select_related("person")
    ]


def _obligations(case):
    rows = Obligation.objects.open().filter(case_id=case.pk, organisation=case.organisation_id)
    far = Q(kind__in=duties.ENDINGS, remind_on__gt=timezone.localdate())
    return rows.exclude(far).order_by("due_on", "pk")


def _step_of(obligation, note, visit=None) -> dict:
    return {
        "title": visit.title if visit else obligation.kind_title,
        "note": visit.purpose if visit else note,
        "due": obligation.due_on,
        "act_title": obligation.act,
        "act_url": obligation.path,
        "propose": obligation.kind == duties.LEVEL_TERM.code,
    }


def _pack_steps(case) -> list[dict]:
    """What the pack for the council lacks, in the order in which it is made."""
    lacking = lacks.for_council(case)
    due = _obligations(case).filter(kind=duties.ASSESSMENT.code).values_list("due_on", flat=True).first()
    if not lacking:
        return [
            {
                "title": "Вынести на совет",
                "note": "Пакет документов собран",
                "due": due,
                "propose": True,
                "act_title": "Вынести на совет",
                "act_url": "",
            }
        ]
    draft = case.draft_revisions().first()
    urls = {
        "survey": lambda: reverse("families:home-survey-new", args=[case.family_id]),
        "assessment": lambda: reverse("cases:assessment-new", args=[case.pk]),
        "programme": lambda: reverse("cases:programme-new", args=[case.pk]),
        "goals": lambda: reverse("cases:programme-edit", args=[draft.pk]),
    }
    steps = []
    for code, phrases in lacking.items():
        title, act = PACK[code]
        waits = code == "programme" and "assessment" in lacking
        steps.append(
            {
                "title": title,
                "note": "Сначала проведите диагностику" if waits else _sentence(phrases),
                "due": due,
                "act_title": act,
                "act_url": "" if waits else urls[code](),
            }
        )
    return steps


def _sentence(phrases) -> str:
    text = "; ".join(phrases)
    return text[:1].upper() + text[1:]
