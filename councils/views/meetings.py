"""«Заседания»: the secretary's home, and the life of a meeting before it runs."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from councils import norm
from councils.models import AgendaItem, Assignment, Council, Meeting, Minutes, Opinion
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, Empty, ListPage
from sopr.web.tables import Column

TONES = {"planned": "plan", "running": "work", "signed": "done", "cancelled": "off"}


class MeetingList(ListPage):
    """Meetings of the councils; for the secretary with the queue, what waits for a signature and what is overdue."""

    permission = Perm.COUNCIL_VIEW
    model = Meeting
    title = "Заседания"
    template_name = "councils/meeting_list.html"
    default_sort = "-held_on"
    columns = [
        Column("held_on", "Дата", "held_on", kind="date", sort="held_on"),
        Column("council", "Совет", "council", sort="council__name", note=lambda m: "внеочередное" * m.extraordinary),
        Column("items", "Вопросов", "item_count", kind="number", sort="item_count"),
        Column("decided", "Решено", "decided_count", kind="number"),
        Column("minutes", "Протокол", lambda m: f"№ {m.minutes.number}" if hasattr(m, "minutes") else ""),
        Column("state", "Состояние", "get_state_display", kind="state", sort="state", tone=lambda m: TONES[m.state]),
    ]

    @property
    def runs(self) -> bool:
        return self.request.user.may(Perm.MEETING_RUN)

    @property
    def empty(self):
        if self.runs:
            return Empty("Заседаний ещё не было", "Назначьте первое.", reverse("councils:meeting-new"), "Назначить")
        return Empty("Заседаний ещё не было", "Их назначает секретарь совета.")

    def get_main_action(self):
        return Action("Назначить заседание", reverse("councils:meeting-new")) if self.runs else None

    def get_actions(self):
        actions = [Action("Календарь", reverse("councils:calendar"), "calendar-event")]
        if self.runs:
            actions.append(Action("Повторяющиеся заседания", reverse("councils:meeting-series")))
            return [*actions, Action("Заочное голосование", reverse("councils:absentee-new"))]
        if self.request.user.may(Perm.PACK_VIEW):  # a head who sits in a council himself
            actions.append(Action("Материалы заседаний", reverse("councils:pack-list")))
        pages = (("Протоколы", "minutes-list"), ("Поручения", "assignment-list"), ("Статистика", "council-statistics"))
        return actions + [Action(title, reverse(f"councils:{page}")) for title, page in pages]

    def get_queryset(self):
        decided = Count("agenda_items", filter=Q(agenda_items__state="decided"))
        meetings = super().get_queryset().select_related("council", "minutes").defer("minutes__content")
        return meetings.annotate(item_count=Count("agenda_items"), decided_count=decided)

    def get_row_url(self, row):
        return row.get_absolute_url() if self.runs else ""

    def get_context_data(self, **context):
        extra = self._desk() if self.runs else {}
        return super().get_context_data(**(extra | context))

    def _desk(self):
        """What lies on the secretary's desk today."""
        user, today = self.request.user, timezone.localdate()
        meetings = self.get_queryset()
        items = AgendaItem.objects.visible_to(user).ready(today)
        tasks = Assignment.objects.visible_to(user).overdue(today).select_related("executor", "item__council")
        late = Opinion.objects.visible_to(user).waiting().filter(due_on__lt=today)
        late = late.select_related("agency", "item__meeting", "item__case__family")
        return {
            "queue": items.select_related("case__family", "case__organisation").order_by("proposed_at", "pk")[:10],
            "queue_total": items.count(),
            "coming": meetings.filter(state=Meeting.State.PLANNED).order_by("held_on", "starts_at", "pk")[:5],
            "to_sign": meetings.to_sign().order_by("held_on", "pk")[:10],
            "awaited": _awaited(user),
            "reported": Assignment.objects.visible_to(user)
            .reported()
            .select_related("executor")
            .order_by("done_on", "pk")[:10],
            "overdue": tasks.order_by("due_on", "pk")[:10],
            "overdue_total": tasks.count(),
            "late_opinions": late.order_by("due_on", "pk")[:10],
            "norms": norm.months(Council.objects.visible_to(user), today),
        }


def _awaited(user):
    """Minutes of the secretary's councils that wait for who presided."""
    rows = Minutes.objects.visible_to(user).awaiting_chair().select_related("meeting", "council", "presided__user")
    return rows.defer("content").order_by("meeting__held_on", "pk")[:10]


class _MeetingAct(ActionPage):
    permission = Perm.MEETING_RUN
    model = Meeting

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), self.object.get_absolute_url())]


class MeetingStart(_MeetingAct):
    title = "Открыть заседание"
    submit_title = "Открыть заседание"

    def check_moment(self):
        if self.object.state != Meeting.State.PLANNED:
            raise Refused("Открыть можно только запланированное заседание.")
        if self.object.held_on > timezone.localdate():
            raise Refused(f"Заседание назначено на {self.object.held_on:%d.%m.%Y}: открыть его раньше нельзя.")

    def get_question(self):
        return f"Открыть заседание {self.object.held_on:%d.%m.%Y}?"

    def get_consequences(self):
        return [
            "Состав совета на этот день попадёт в список явки.",
            "Просроченные поручения станут вопросами повестки.",
            "Отменить заседание будет нельзя.",
        ]

    def act(self, form):
        self.object.start(by=self.request.user)
        return self.object.get_absolute_url()
