"""Календарь: a month of the councils' meetings, as far as the reader may know of them."""

import datetime

from django.urls import reverse
from django.utils import timezone

from councils import planning
from councils.models import Council, Meeting
from sopr.accounts.policy import Perm, Role
from sopr.calendar import add_months
from sopr.web.pages import Action, Page

TONES = {"planned": "plan", "running": "work", "signed": "done", "cancelled": "off"}


class CalendarMonth(Page):
    """One month, «?month=2026-11»; with several councils one can be chosen, «&council=3»."""

    permission = Perm.CALENDAR_VIEW
    title = "Календарь заседаний"
    template_name = "councils/calendar.html"
    audit_read = ""  # days and places only
    weekdays = [("Пн", "понедельник"), ("Вт", "вторник"), ("Ср", "среда"), ("Чт", "четверг"), ("Пт", "пятница"),
                ("Сб", "суббота"), ("Вс", "воскресенье")]  # fmt: skip

    @property
    def first(self) -> datetime.date:
        """The first day of the month asked for; of today's month when the address makes no sense."""
        try:
            return datetime.datetime.strptime(self.request.GET.get("month", ""), "%Y-%m").date()
        except ValueError:
            return timezone.localdate().replace(day=1)

    def get_main_action(self):
        if not self.request.user.may(Perm.MEETING_RUN):
            return None
        return Action("Назначить заседание", reverse("councils:meeting-new"), "plus-lg")

    def get_actions(self):
        if not self.request.user.may(Perm.MEETING_RUN):
            return []
        return [Action("Повторяющиеся заседания", reverse("councils:meeting-series"))]

    def get_context_data(self, **context):
        first, today = self.first, timezone.localdate()
        since, until = planning.grid_bounds(first)
        mine = Meeting.objects.in_calendar(self.request.user)
        councils = Council.objects.filter(pk__in=mine.values("council")).order_by("name", "pk")
        chosen = self._chosen(councils)
        meetings = mine.filter(held_on__range=(since, until))
        if chosen:
            meetings = meetings.filter(council=chosen)
        meetings = list(
            meetings.select_related("council").order_by("held_on", "starts_at", "pk")
        )  # fmt: skip
        for meeting in meetings:
            meeting.tone, meeting.url = TONES[meeting.state], self._url_of(meeting)
        shown = {
            "first": first,
            "weeks": planning.month_grid(first, meetings, today),
            "is_empty": not any(first <= m.held_on < add_months(first, 1) for m in meetings),
            "councils": councils,
            "chosen": chosen,
            "earlier": self._address(add_months(first, -1), chosen),
            "later": self._address(add_months(first, 1), chosen),
            "now": self._address(today, chosen),
            "is_now": (first.year, first.month) == (today.year, today.month),
        }
        return super().get_context_data(**(shown | context))

    def _chosen(self, councils):
        asked = self.request.GET.get("council", "")
        return councils.filter(pk=asked).first() if asked.isdecimal() else None

    @staticmethod
    def _address(month, chosen) -> str:
        return f"?month={month:%Y-%m}" + (f"&council={chosen.pk}" if chosen else "")

    def _url_of(self, meeting) -> str:
        """Where the reader may go on from a meeting; nowhere for who sees only that it is held."""
        user = self.request.user
        if user.may(Perm.MEETING_RUN):
            return meeting.get_absolute_url()
        if user.role == Role.MEMBER and meeting.pk in self._open_packs:
            return reverse("councils:pack-detail", args=[meeting.pk])
        return ""

    @property
    def _open_packs(self) -> set:
        if "_packs" not in self.__dict__:
            self.__dict__["_packs"] = set(Meeting.objects.called(self.request.user).values_list("pk", flat=True))
        return self.__dict__["_packs"]
