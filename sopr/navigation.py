"""What the frame of every page shows: the menu of each role (at most seven entries), the bell, the search."""

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils import timezone

from sopr import profile
from sopr.accounts.policy import Perm, Role
from sopr.obligations.models import Obligation


@dataclass(frozen=True)
class MenuItem:
    """One entry of the left menu; `active` when the current page belongs to it."""

    title: str
    view: str
    icon: str
    belongs: tuple[str, ...] = ()
    url: str = ""
    active: bool = False
    count: int | None = None
    module: str = ""  # of the regional profile: without it the region has no such entry


_FAMILIES = MenuItem("Семьи", "families:family-list", "family", ("families:", "exchange:export", "cases:rental"))
_REFERRALS = MenuItem(
    "Сигналы", "families:referral-list", "signal", ("families:referral", "cases:dispatch", "cases:newborn")
)
_CASES = MenuItem("Случаи", "cases:case-list", "case", ("cases:",))
_SERVICES = MenuItem(
    "Занятия",
    "cases:service-list",
    "calendar-event",
    ("cases:service-", "cases:group-", "cases:session-", "cases:attendance-", "cases:enrolment-", "cases:consultation-",
     "cases:route-", "cases:step-"),
    module="services",
)  # fmt: skip
_REPORTS = MenuItem("Отчёты", "reports:report-list", "report", ("reports:report", "reports:packet", "reports:names"))
_FACTS = MenuItem("Сведения", "reports:fact-list", "facts", ("reports:fact",))
_PLANS = MenuItem("План и факт", "reports:plan-fact", "graph-up", ("reports:plan",), module="plan_targets")
_MEETINGS = MenuItem(
    "Заседания",
    "councils:meeting-list",
    "meeting",
    (
        "councils:meeting",
        "councils:minutes",
        "councils:absentee",
        "councils:ballot",
        "councils:agenda",
        "councils:pack",
        "councils:invitation",
    ),
)
_ASSIGNMENTS = MenuItem("Поручения", "councils:assignment-list", "list-check", ("councils:assignment",))
_CALENDAR = MenuItem("Календарь", "councils:calendar", "calendar-event", ("councils:calendar",))
_OPINIONS = MenuItem("Отзывы", "councils:opinion-list", "queue", ("councils:opinion",))

MENU = {
    Role.CURATOR: [
        MenuItem("Мой день", "cases:my-day", "today", ("cases:my-day", "cases:visit-list", "cases:visit-add")),
        _REFERRALS,
        _FAMILIES,
        _CASES,
        _SERVICES,
    ],
    Role.HEAD: [
        MenuItem(
            "Служба", "cases:service", "today", ("cases:service", "cases:agency", "cases:visit-list", "cases:visit-add")
        ),
        _REFERRALS,
        _FAMILIES,
        _CASES,
        _MEETINGS,
        _REPORTS,
        replace(_FACTS, belongs=(*_FACTS.belongs, *_PLANS.belongs)),
    ],
    Role.SECRETARY: [
        _MEETINGS,
        MenuItem("Очередь вопросов", "councils:item-queue", "queue", ("councils:item", "councils:opinion")),
        _CALENDAR,
        MenuItem(
            "Протоколы",
            "councils:minutes-list",
            "file-earmark-check",
            (
                "councils:minutes-list",
                "councils:minutes-detail",
                "councils:minutes-paper",
                "councils:minutes-scan",
                "councils:correction",
            ),
        ),
        _ASSIGNMENTS,
        MenuItem("Статистика", "councils:council-statistics", "report", ("councils:council-statistics",)),
    ],
    Role.MEMBER: [
        MenuItem("Материалы заседаний", "councils:pack-list", "meeting", ("councils:pack", "councils:invitation")),
        MenuItem("Голосования", "councils:ballot-list", "queue", ("councils:ballot",)),
        _CALENDAR,
        _OPINIONS,
    ],
    Role.EXECUTOR: [
        MenuItem("Мои мероприятия", "cases:activity-list", "today", ("cases:",)),
        MenuItem(
            "Мои группы", "cases:led-list", "calendar-event", ("cases:led-", "cases:attendance-"), module="services"
        ),
        MenuItem("Слово за квартал", "cases:word-list", "report", ("cases:word",)),
        _ASSIGNMENTS,
        _OPINIONS,
    ],
    Role.MINISTRY: [
        MenuItem("Регион", "reports:region", "region", ("reports:region", "reports:selection")),
        _REPORTS,
        _FACTS,
        _PLANS,
        _MEETINGS,
        MenuItem("Исполнители", "cases:agency-list", "building", ("cases:agency",)),
        MenuItem("Ответы семей", "cases:survey-region", "family", ("cases:survey",), module="survey"),
    ],
    Role.DATA_OFFICER: [MenuItem("Журнал доступа", "audit:record-list", "audit", ("audit:",))],
    Role.ADMINISTRATOR: [
        MenuItem("Пользователи", "accounts:user-list", "users", ("accounts:user",)),
        MenuItem("Организации", "accounts:organisation-list", "building", ("accounts:organisation", "accounts:unit")),
        MenuItem("Территории", "accounts:municipality-list", "map", ("accounts:municipality", "accounts:district")),
        MenuItem("Советы", "councils:council-list", "meeting", ("councils:",)),
        MenuItem(
            "Справочники",
            "cases:dictionary-list",
            "facts",
            (
                "cases:dictionary",
                "cases:factor",
                "cases:plantemplate",
                "cases:bonus",
                "cases:benefit",
                "cases:problem-group",
            ),
        ),
        MenuItem("Загрузка реестра", "exchange:import-list", "upload", ("exchange:import",)),
    ],
}
HOME = {role: entries[0].view for role, entries in MENU.items()}


@dataclass
class Frame:
    system_name: str
    ministry: str = ""
    support_phone: str = ""
    role_title: str = ""
    menu: tuple = ()
    search_url: str = ""
    suggest_url: str = ""
    due_count: int = 0
    home_url: str = "/"
    writes_offline: bool = False  # what this role writes down may wait in the browser


def frame(request):
    """Context processor: `frame` for base_page.html."""
    user = getattr(request, "user", None)
    region = profile.current()
    if user is None or not user.is_authenticated:
        return {"frame": Frame(region.system_title, region.ministry.title, region.ministry.phone)}
    return {
        "frame": Frame(
            system_name=region.system_title,
            ministry=region.ministry.title,
            support_phone=region.ministry.phone,
            role_title=user.get_role_display(),
            menu=tuple(_entries(request, user)),
            search_url=reverse("families:family-search") if user.may(Perm.FAMILY_VIEW) else "",
            suggest_url=reverse("families:family-suggest") if user.may(Perm.FAMILY_VIEW) else "",
            writes_offline=user.may(Perm.CASE_WORK),
            due_count=Obligation.objects.open().for_user(user).overdue(timezone.localdate()).count(),
        )
    }


def _entries(request, user):
    """The role's menu with the entry lit that names the current page most precisely."""
    region = profile.current()
    entries = [entry for entry in MENU.get(user.role, []) if not entry.module or region.has(entry.module)]
    here = request.resolver_match.view_name if request.resolver_match else ""
    best = max((len(prefix) for entry in entries for prefix in entry.belongs if here.startswith(prefix)), default=0)
    for entry in entries:
        lit = best and any(here.startswith(prefix) and len(prefix) == best for prefix in entry.belongs)
        yield replace(entry, url=reverse(entry.view), active=bool(lit))
