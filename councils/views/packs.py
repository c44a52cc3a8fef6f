"""Материалы заседаний: what a member of a council reads before the meeting, and some days after it."""

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from councils import wording
from councils.brief import briefs
from councils.models import Meeting
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.web.pages import DetailPage, Empty, ListPage
from sopr.web.tables import Column


class _Packs:
    permission = Perm.PACK_VIEW
    model = Meeting

    def get_queryset(self):
        """Only meetings the user is called to, whatever else the role may see."""
        return Meeting.objects.called(self.request.user).select_related("council")


class PackList(_Packs, ListPage):
    title = "Материалы заседаний"
    template_name = "councils/pack_list.html"
    default_sort = "-held_on"
    empty = Empty("Заседаний для Вас пока нет", "Материалы появятся, когда секретарь назначит заседание Вашего совета.")
    columns = [
        Column("held_on", "Дата", "held_on", kind="date", sort="held_on"),
        Column("starts_at", "Время", lambda meeting: f"{meeting.starts_at:%H:%M}"),
        Column("council", "Совет", "council", sort="council__name"),
        Column("place", "Место", "place"),
        Column("items", "Вопросов", "item_count", kind="number"),
        Column("state", "Состояние", "get_state_display", kind="state"),
    ]

    def get_note(self):
        days = profile.current().council.pack_open_days
        return f"Материалы закрываются через {days} дн. после заседания. Каждый просмотр записывается."

    def get_queryset(self):
        return super().get_queryset().annotate(item_count=Count("agenda_items"))

    def get_row_url(self, row):
        return reverse("councils:pack-detail", args=[row.pk])


class PackDetail(_Packs, DetailPage):
    template_name = "councils/pack_detail.html"

    def get_title(self):
        return f"{self.object}, {self.object.starts_at:%H:%M}"

    def get_note(self):
        return ", ".join(filter(None, [str(self.object.council), self.object.place]))

    def get_breadcrumbs(self):
        return [("Материалы заседаний", reverse("councils:pack-list"))]

    def get_context_data(self, **context):
        items = list(
            self.object.agenda_items.select_related(
                "case__family", "case__organisation", "case__curator", "case__closure", "decision"
            )
        )
        found = briefs(items)
        cards = [{"item": item, "about": wording.about(item), "brief": found[item.pk]} for item in items]
        return super().get_context_data(**({"cards": cards, "today": timezone.localdate()} | context))
