"""What is done to a running meeting as a whole: who presides, urgent question, recess, another day; its pulse."""

import datetime
import json

from django.http import HttpResponse
from django.utils import timezone

from councils.board import Board
from councils.forms import AdjournForm, ChairForm, RecessForm, UrgentForm
from councils.models import AgendaItem, CouncilMembership, Meeting
from councils.views.queue import MEETINGS, crumbs
from councils.views.running import _KeepsNotes, _OnBoard, stored_texts
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import ActionPage, DetailPage, FormPage

WRITES = datetime.timedelta(seconds=40)  # after the last word that was kept a colleague is said to be writing


class _OnMeeting(_KeepsNotes, FormPage):
    permission = Perm.MEETING_RUN
    model = Meeting
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().select_related("council")

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), self.object.get_absolute_url())]

    def check_moment(self):
        if self.object.state != Meeting.State.RUNNING:
            raise Refused("Это делают, пока заседание идёт.")

    def get_version(self):
        return ""  # nothing of the meeting itself is edited: two people may act at once

    def back(self) -> str:
        """The question the secretary was at, its texts kept."""
        item = self.keep_notes()
        return f"{self.object.get_absolute_url()}?item={item.pk}" if item else self.object.get_absolute_url()


class ChairChoose(_OnMeeting):
    """Кто ведёт заседание, when neither chair nor deputy is there."""

    title = "Кто ведёт заседание"
    form_class = ChairForm
    submit_title = "Выбрать"

    def get_form_kwargs(self):
        return {
            "members": CouncilMembership.objects.filter(attendances__meeting=self.object, attendances__state="present")
        }

    def act(self, form):
        self.object.choose_chair(form.cleaned_data["chosen"], by=self.request.user)
        return self.back()


class UrgentAdd(_OnMeeting):
    """Срочный вопрос: taken from the queue by consent of the majority of those present."""

    title = "Срочный вопрос"
    form_class = UrgentForm
    submit_title = "Включить в повестку"
    success_message = "Вопрос включён в повестку, согласие присутствующих войдёт в протокол."

    def get_note(self):
        return (
            "Вопрос включают в повестку, если согласно большинство присутствующих. Нет в очереди – попросите куратора "
            "вынести его: он появится здесь сразу."
        )

    def _queue(self):
        queue = AgendaItem.objects.visible_to(self.request.user).queued().filter(council=self.object.council_id)
        return queue.select_related("case__family", "annuls").order_by("proposed_at", "pk")

    def check_moment(self):
        super().check_moment()
        if not self._queue().exists():
            raise Refused("В очереди этого совета нет вопросов. Попросите куратора вынести вопрос на совет.")

    def get_form_kwargs(self):
        present = self.object.count_quorum(
            list(self.object.attendances.select_related("membership__organisation")), self.object.next_position()
        ).present
        return {"items": self._queue(), "initial": {"votes_for": present}}

    def act(self, form):
        data = form.cleaned_data
        item = data.pop("item")
        self.object.add_urgent(item, by=self.request.user, **data)
        return f"{self.object.get_absolute_url()}?item={item.pk}"


class MeetingRecess(_OnMeeting):
    """Перерыв: announced on the meeting's page."""

    title = "Перерыв"
    form_class = RecessForm
    submit_title = "Объявить перерыв"

    def act(self, form):
        self.object.take_recess(by=self.request.user, until=form.cleaned_data["until"])
        return self.back()


class MeetingResume(_OnMeeting, ActionPage):
    title = "Продолжить заседание"
    submit_title = "Продолжить заседание"
    question = "Перерыв окончен?"

    def act(self, form):
        self.object.resume(by=self.request.user)
        return self.back()


class MeetingAdjourn(_OnMeeting):
    """Продолжение на другой день."""

    title = "Продолжить в другой день"
    form_class = AdjournForm
    submit_title = "Назначить продолжение"
    success_message = "Продолжение назначено. Подпишите протокол этого дня: решённое остаётся в нём."

    def get_note(self):
        return (
            "Нерешённые вопросы перейдут в повестку того дня, состав и явку там отметят заново. Решения этого дня "
            "действуют."
        )

    def get_form_kwargs(self):
        return {"initial": {"starts_at": self.object.starts_at}}

    def act(self, form):
        return self.object.adjourn(by=self.request.user, **form.cleaned_data).get_absolute_url()


class MeetingPulse(_OnBoard, DetailPage):
    """What others have done since: asked every few seconds, answers nothing while nothing has changed.

    `stamp`, `item`, `open`: what the asking page shows, and whether a question is being typed there. The answer never
    holds a field that somebody types into.
    """

    model = Meeting
    audit_read = ""
    template_name = "councils/_pulse.html"

    def get_queryset(self):
        return super().get_queryset().select_related("council__municipality", "minutes", "continues")

    def get_meeting(self):
        return self.object

    def get(self, request, *args, **kwargs):
        self.writer = self._find_writer()
        if request.GET.get("stamp") == self.stamp:
            return HttpResponse(status=204)
        return super().get(request, *args, **kwargs)

    @property
    def stamp(self) -> str:
        writer = self.writer
        return f"{self.object.stamp}-{f'{writer.typed_by_id}.{writer.pk}' if writer else ''}"

    def _find_writer(self):
        """The question a colleague is writing in now."""
        recent = self.object.agenda_items.filter(typed_at__gte=timezone.now() - WRITES, state="scheduled")
        return recent.exclude(typed_by=self.request.user).select_related("typed_by").order_by("-typed_at").first()

    def get_context_data(self, **context):
        was_open = self.request.GET.get("open") == "1"
        board = Board(self.object, self.get_wanted(), in_form=was_open)
        self.__dict__["_board"] = board
        gone = was_open and not (board.under_discussion and board.selected.pk == self.get_wanted())
        answer = super().get_context_data(
            stamp=self.stamp, writer=self.writer, gone=gone, was_open=was_open, wanted=self.get_wanted(), **context
        )
        if was_open and not gone:
            answer["stored"] = json.dumps(stored_texts(board.selected), ensure_ascii=False)
        return answer
