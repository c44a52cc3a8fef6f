"""Статистика советов: a period of one council, or of all that the reader sees; the same as a workbook."""

from functools import cached_property

from django.utils import timezone

from councils import statistics, statistics_book
from councils.models import Council
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.policy import Perm
from sopr.web import xlsx
from sopr.web.pages import Action, Page, record


class CouncilStatistics(Page):
    permission = Perm.COUNCIL_VIEW
    title = "Статистика советов"
    template_name = "councils/statistics.html"

    def get_breadcrumbs(self):
        return crumbs(MEETINGS)

    @cached_property
    def councils(self) -> list:
        return list(Council.objects.visible_to(self.request.user).order_by("name", "pk"))

    @cached_property
    def council(self):
        """The council asked for; None: all that the reader sees."""
        asked = self.request.GET.get("council", "")
        return next((council for council in self.councils if str(council.pk) == asked), None)

    @cached_property
    def period(self) -> statistics.Period:
        return statistics.find_period(self.request.GET.get("period", ""), timezone.localdate())

    @cached_property
    def counted(self) -> statistics.Statistics:
        chosen = [self.council] if self.council else self.councils
        return statistics.count(Council.objects.filter(pk__in=[council.pk for council in chosen]), self.period)

    def get_note(self):
        return f"{self.council or self._all()}, {self.period.title}"

    def _all(self):
        return str(self.councils[0]) if len(self.councils) == 1 else "все советы, которые Вам видны"

    def get_actions(self):
        if not self.councils:
            return []
        asked = f"?period={self.period.code}" + (f"&council={self.council.pk}" if self.council else "")
        return [Action("Excel", f"{asked}&as=xlsx", "download")]

    def get(self, request, *args, **kwargs):
        if request.GET.get("as") != "xlsx" or not self.councils:
            return super().get(request, *args, **kwargs)
        file = statistics_book.write(
            self.counted,
            title=f"{self.title}: {self.get_note()}",
            note=f"{request.user.short_name}, {timezone.localtime():%d.%m.%Y %H:%M}",
        )
        record(request.user, "export", self.council, detail={"page": self.page_name, "period": self.period.code})
        return xlsx.as_download(file, f"statistika-sovetov-{self.period.code}")

    def get_context_data(self, **context):
        counted = self.counted if self.councils else None
        norm = statistics.norm_of([self.council] if self.council else self.councils)
        return super().get_context_data(
            **{
                "councils": self.councils,
                "council": self.council,
                "periods": statistics.periods(timezone.localdate()),
                "period": self.period,
                "counted": counted,
                "totals": statistics_book.totals(counted) if counted else [],
                "most": max((row[-1] for row in counted.decisions), default=0) if counted else 0,
                "most_in_month": max([norm + 1, *(held for _month, held in counted.by_month)]) if counted else 0,
                "norm": norm,
            }
            | context
        )
