"""Повестка до заседания: taken from the queue, ordered, merged."""

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from councils.forms import MoveForm, TakeForm
from councils.models import AgendaItem, Meeting
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, FormPage

ITEM_PARTS = ("case__family", "case__organisation", "proposed_by")


def agenda_url(meeting):
    return reverse("councils:agenda-edit", args=[meeting.pk])


def lines_of(meeting) -> list:
    """The agenda with what is merged into each question."""
    return list(meeting.agenda_items.select_related(*ITEM_PARTS).prefetch_related("merged__case"))


class AgendaEdit(FormPage):
    """Составить повестку: order and merge what stands on it, take what waits in the queue."""

    permission = Perm.MEETING_RUN
    model = Meeting
    form_class = TakeForm
    template_name = "councils/agenda_edit.html"
    submit_title = "Взять отмеченные в повестку"
    success_message = "Вопросы включены в повестку."
    adds_row = True

    def get_queryset(self):
        return super().get_queryset().select_related("council")

    def get_title(self):
        return f"Повестка: {str(self.object)[:1].lower()}{str(self.object)[1:]}"

    def get_note(self):
        return self.object.council.name

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), self.object.get_absolute_url())]

    def get_actions(self):
        return [Action("К заседанию", self.object.get_absolute_url())]

    def get_cancel_url(self):
        return self.object.get_absolute_url()

    def check_moment(self):
        if self.object.state != Meeting.State.PLANNED:
            raise Refused(
                "Повестку составляют до открытия заседания. Пока оно идёт, берите вопросы из очереди по одному."
            )

    def _queue(self):
        items = AgendaItem.objects.visible_to(self.request.user).filter(council=self.object.council_id)
        return items.ready(timezone.localdate()).select_related(*ITEM_PARTS).order_by("proposed_at", "pk")

    def get_form_kwargs(self):
        return {"items": self._queue()}

    def get_context_data(self, **context):
        queue = list(self._queue())
        return super().get_context_data(
            **(
                {
                    "lines": lines_of(self.object),
                    "queue": queue,
                    "submit_reason": "" if queue else "Готовых вопросов в очереди нет",
                }
                | context
            )
        )

    def act(self, form):
        for item in form.cleaned_data["items"]:
            item.schedule(self.object, by=self.request.user)
        return agenda_url(self.object)


class ItemMove(FormPage):
    """One place up or down; with JavaScript only the agenda is drawn anew, and the button keeps the focus."""

    permission = Perm.MEETING_RUN
    model = AgendaItem
    form_class = MoveForm
    title = "Порядок вопросов"
    audit_read = ""
    adds_row = True  # two presses in a row are two moves: no version is asked for

    def get_queryset(self):
        return super().get_queryset().select_related("meeting__council")

    def check_moment(self):
        if self.object.meeting is None or self.object.meeting.state != Meeting.State.PLANNED:
            raise Refused("Порядок вопросов меняют, пока заседание не открыто.")

    def get(self, request, *args, **kwargs):
        self.object  # noqa: B018 — found or 404 before anything else
        self.check_moment()
        return HttpResponseRedirect(agenda_url(self.object.meeting))

    def post(self, request, *args, **kwargs):
        answer = super().post(request, *args, **kwargs)
        if not request.htmx or answer.status_code != 302:
            return answer
        context = {"meeting": self.object.meeting, "lines": lines_of(self.object.meeting)}
        return render(request, "councils/_agenda_lines.html", context)

    def act(self, form):
        self.object.move(by=self.request.user, way=form.cleaned_data["way"])
        return agenda_url(self.object.meeting)
