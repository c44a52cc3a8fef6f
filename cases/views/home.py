"""First pages: «Мой день» of a curator, «Служба» of a head."""

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cases import desk, reading
from cases.models import Case, StandIn
from cases.words import OPEN_STAGES, Level, Stage
from families.models import Referral
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.obligations.models import Obligation
from sopr.web.pages import Action, Page

OVERDUE_SHOWN = 50
REFERRALS_SHOWN = 20


class MyDay(Page):
    """What I must do now; my families by the nearest term."""

    permission = Perm.CASE_WORK
    template_name = "cases/my_day.html"
    title = "Мой день"
    audit_read = "search"

    def get_main_action(self):
        return Action("Записать контакт", reverse("cases:contact-log"))

    def get_actions(self):
        return [Action("Маршрут дня", reverse("cases:visit-list"), "geo-alt")]

    def get_context_data(self, **context):
        user, today = self.request.user, timezone.localdate()
        groups = desk.groups_of_the_day(user, today)
        families = desk.families_of_curator(user, today)
        stand_ins = list(StandIn.objects.visible_to(user).on(today).with_people().order_by("until", "pk"))
        base = {
            "today": today,
            "stands_in": [row for row in stand_ins if row.user_id == user.pk],
            "away": [row for row in stand_ins if row.curator_id == user.pk],
            "groups": groups,
            "counts": {group.code: len(group.rows) for group in groups},
            "families": families[: desk.FAMILIES_SHOWN],
            "families_total": len(families),
            "levels": desk.count_by_level(families),
            "hinted": [case.family_id for case in families],
            "own_cases": [[case.pk, case.number] for case in families],
        }
        return super().get_context_data(**(base | context))


class Service(Page):
    """The head's page: what waits to be given, who carries what, what is overdue."""

    permission = Perm.CASE_ASSIGN
    template_name = "cases/service.html"
    title = "Служба"
    audit_read = "search"

    def get_actions(self):
        return [
            Action("Маршруты кураторов", reverse("cases:visit-list"), "geo-alt"),
            Action("Исполнители", reverse("cases:agency-list")),
            Action("Слово исполнителей", reverse("cases:word-list")),
        ]

    def get_context_data(self, **context):
        user, today = self.request.user, timezone.localdate()
        of_service = Obligation.objects.open().of_service(user.organisation_id).with_people()
        # What nobody is named for, the head does: an answer to another organisation, a report to sign.
        own = list(of_service.filter(Q(assignee=None) | Q(assignee=user)).order_by("due_on", "pk")[:OVERDUE_SHOWN])
        overdue = of_service.overdue(today).exclude(assignee=None).exclude(assignee=user)
        late = list(overdue.order_by("assignee", "due_on", "pk")[:OVERDUE_SHOWN])
        rows = desk.describe(late, user, today)
        waiting = Referral.objects.visible_to(user).filter(state=Referral.State.NEW)
        open_cases = Case.objects.visible_to(user).filter(stage__in=OPEN_STAGES)
        loads = reading.load_of_curators(user.organisation_id)
        base = {
            "today": today,
            "referrals": list(waiting.order_by("-threat_to_life", "received_at", "pk")[:REFERRALS_SHOWN]),
            "loads": loads,
            "hinted": list(
                Case.objects.visible_to(user).filter(stage__in=OPEN_STAGES).values_list("family", flat=True)
            ),
            "heaviest": max((load.weight for load in loads), default=0),
            "level_list": [
                {"code": level.code, "label": Level(level.code).label, "rank": level.rank}
                for level in profile.current().levels.values()
            ],
            "own": desk.describe(own, user, today),
            "overdue": [(obligation.assignee, row) for obligation, row in zip(late, rows, strict=True)],
            "overdue_total": overdue.count(),
            "open_total": open_cases.count(),
            "suspended_total": open_cases.filter(stage=Stage.SUSPENDED).count(),
        }
        return super().get_context_data(**(base | context))
