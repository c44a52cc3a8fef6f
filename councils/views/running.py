"""The page of a meeting: agenda, question, attendance. Everything typed travels with every button."""

from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from councils.board import Board
from councils.forms import AllPresentForm, AttendanceForm, DecideForm, NotesForm, QuickAttendanceForm, RecusalForm
from councils.models import AgendaItem, Attendance, CouncilMembership, Meeting
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, FormPage, record


class _OnBoard:
    """Shows one meeting; `item` in the query says which question is in the middle."""

    permission = Perm.MEETING_RUN
    template_name = "councils/meeting_detail.html"

    def get_meeting(self) -> Meeting:
        raise NotImplementedError

    def get_wanted(self):
        asked = self.request.GET.get("item", "")
        return int(asked) if asked.isdecimal() else None

    def get_title(self):
        return str(self.get_meeting())

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.get_meeting().council), None)]

    def get_actions(self):
        meeting = self.get_meeting()
        title = "Напечатать протокол" if meeting.state == Meeting.State.SIGNED else "Проект протокола"
        actions = [Action(title, _url("minutes-print", meeting))]
        if meeting.state == Meeting.State.PLANNED:
            actions.insert(0, Action("Кто придёт", _url("invitation-list", meeting)))
            actions.append(Action("Перенести", _url("meeting-move", meeting)))
            actions.append(Action("Отменить заседание", _url("meeting-cancel", meeting), tone="danger", rare=True))
        return actions

    def get_main_action(self):
        meeting = self.get_meeting()
        if meeting.state == Meeting.State.PLANNED:
            early = meeting.held_on > timezone.localdate()
            return Action("Открыть заседание", _url("meeting-start", meeting),
                          disabled_reason="день заседания ещё не наступил" if early else "")  # fmt: skip
        if meeting.state == Meeting.State.RUNNING:
            return Action(
                "Подписать протокол",
                _url("minutes-sign", meeting),
                disabled_reason="; ".join(self.board.open_questions),
            )
        return None

    @property
    def board(self) -> Board:
        if "_board" not in self.__dict__:
            self.__dict__["_board"] = Board(self.get_meeting(), self.get_wanted())
        return self.__dict__["_board"]

    def get_context_data(self, **context):
        return super().get_context_data(**({"meeting": self.get_meeting(), "board": self.board} | context))


def _url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


def _item_url(item):
    return f"{item.meeting.get_absolute_url()}?item={item.pk}"


class MeetingDetail(_OnBoard, DetailPage):
    """Заседание: before it opens the agenda, while it runs the secretary's workplace, then the record of it."""

    model = Meeting

    def get_queryset(self):
        return super().get_queryset().select_related("council__municipality", "minutes")

    def get_meeting(self):
        return self.object


class _KeepsNotes:
    """Saves the texts that came along with a button of the page, before the button's own act."""

    def keep_notes(self):
        asked = self.request.POST.get("agendaitem", "")
        notes = NotesForm(self.request.POST)
        if not asked.isdecimal() or not notes.is_valid():
            return None
        item = AgendaItem.objects.visible_to(self.request.user).filter(pk=asked).select_related("meeting").first()
        if item is not None and item.state == AgendaItem.State.SCHEDULED and item.meeting.state == "running":
            version = notes.cleaned_data.pop("item_version")
            item.note_down(by=self.request.user, version=version, **notes.cleaned_data)
        return item


class _Mark(_KeepsNotes, FormPage):
    """A click in the attendance; a refusal comes back as a line at the top, the page stays as it is."""

    permission = Perm.MEETING_RUN

    def show(self, status=200, **context):
        form = context.get("form")
        if not self.request.htmx or form is None or form.is_valid():
            return super().show(status=status, **context)
        trouble = " ".join(error for errors in form.errors.values() for error in errors)
        answer = render(self.request, "councils/_saved.html", {"trouble": trouble}, status=422)
        for name, value in {"Retarget": "#saved", "Reswap": "innerHTML", "Reselect": "#trouble"}.items():
            answer.headers[f"HX-{name}"] = value
        return answer


class AttendanceMark(_Mark):
    """Явка одного члена: one click from the meeting's page, or exactly, from which question to which."""

    model = Attendance
    title = "Явка члена совета"

    def get_queryset(self):
        meetings = Meeting.objects.visible_to(self.request.user)
        return Attendance.objects.filter(meeting__in=meetings).select_related("meeting__council", "membership")

    def get_note(self):
        return self.object.membership.full_name

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object.meeting), self.object.meeting.get_absolute_url())]

    def check_moment(self):
        if self.object.meeting.state != Meeting.State.RUNNING:
            raise Refused("Явка отмечается, пока заседание идёт.")

    def get_form(self, data=None, files=None):
        if data is not None and "mark" in data:
            return QuickAttendanceForm(data)
        row = self.object
        return AttendanceForm(
            data,
            initial={
                "state": row.state,
                "from_item": row.from_item,
                "until_item": row.until_item,
                "substitute": row.substitute,
            },
        )

    def act(self, form):
        item = self.keep_notes()
        data, row, by = form.cleaned_data, self.object, self.request.user
        match data.get("mark"):
            case None:
                row.mark(by=by, **data)
            case "arrive":
                row.arrive(by=by, at=data["at"])
            case "leave":
                row.leave(by=by, at=data["at"])
            case "excuse":
                row.mark(by=by, state=Attendance.State.EXCUSED)
        return _item_url(item) if item else row.meeting.get_absolute_url()


class AttendanceAll(_Mark):
    """Отметить всех: everybody not yet marked is present from the beginning."""

    model = Meeting
    title = "Отметить всех присутствующими"
    form_class = AllPresentForm
    audit_read = ""

    def get(self, request, *args, **kwargs):
        return HttpResponseRedirect(self.object.get_absolute_url())

    def act(self, form):
        item = self.keep_notes()
        self.object.mark_all_present(by=self.request.user, at=form.cleaned_data["at"] or 1)
        return _item_url(item) if item else self.object.get_absolute_url()


class _ItemAct(_OnBoard, _KeepsNotes, FormPage):
    """An act on one question, done on the meeting's page."""

    model = AgendaItem
    audit_read = ""

    def get_queryset(self):
        return super().get_queryset().select_related("meeting__council__municipality", "case__family")

    def get_meeting(self):
        return self.object.meeting

    def get_wanted(self):
        return self.object.pk

    def check_moment(self):
        if self.object.meeting is None or self.object.meeting.state != Meeting.State.RUNNING:
            raise Refused("Решение принимается по вопросу повестки, пока заседание идёт.")
        if self.object.state != AgendaItem.State.SCHEDULED:
            raise Refused(f"Вопрос уже {self.object.get_state_display()}.")

    def get(self, request, *args, **kwargs):
        self.object  # noqa: B018 — found or 404 before anything else
        self.check_moment()
        return HttpResponseRedirect(_item_url(self.object))


class ItemNotes(_ItemAct):
    """Keeps the texts: by itself while one types, or by the button; then leads where the button said."""

    form_class = NotesForm

    def act(self, form):
        data = form.cleaned_data
        version = data.pop("item_version")
        self.object.note_down(by=self.request.user, version=version, **data)
        return self._next()

    def _next(self):
        if self.request.POST.get("next") == "assignment":
            return _url("assignment-new", self.object)
        if self.request.POST.get("next") == "postpone":
            return _url("item-postpone", self.object)
        goto = self.request.POST.get("goto", "")
        if goto.isdecimal():
            return f"{self.object.meeting.get_absolute_url()}?item={goto}"
        return _item_url(self.object)

    def post(self, request, *args, **kwargs):
        if not (request.htmx and request.POST.get("auto")):
            return super().post(request, *args, **kwargs)
        self.object  # noqa: B018 — found or 404 before anything else
        return self._autosave(request)

    def _autosave(self, request):
        """Saves quietly and answers with the time, or with why it could not."""
        form = NotesForm(request.POST)
        try:
            self.check_moment()
            if not form.is_valid():
                raise Refused("Текст не сохранён: проверьте поля.")
            with transaction.atomic():
                version = form.cleaned_data.pop("item_version")
                self.object.note_down(by=request.user, version=version, **form.cleaned_data)
                record(request.user, "change", self.object, detail={"page": self.page_name})
        except Refused as refused:
            return self.show_saved(trouble=str(refused))
        return self.show_saved(at=timezone.localtime())

    def show_saved(self, at=None, trouble=""):
        version = self.object.version if at else self.request.POST.get("item_version", "")
        context = {"saved_at": at, "trouble": trouble, "item_version": version}
        return render(self.request, "councils/_saved.html", context)


class ItemRecuse(_ItemAct):
    """Самоотвод: declared, or taken back."""

    form_class = RecusalForm

    def get_form_kwargs(self):
        return {"members": CouncilMembership.objects.filter(attendances__meeting=self.object.meeting_id)}

    def act(self, form):
        self.keep_notes()
        data, by = form.cleaned_data, self.request.user
        if data["cancel"]:
            self.object.cancel_recusal(data["cancel"], by=by)
        else:
            self.object.recuse(data["recused"], by=by, reason=data["recusal_reason"])
        return _item_url(self.object)


class ItemDecide(_ItemAct):
    """Решение по вопросу: then the page goes on to the next one that waits."""

    form_class = DecideForm

    def get_form_kwargs(self):
        return {"item": self.object, "curators": self.board.curators()}

    def act(self, form):
        data, by = form.cleaned_data, self.request.user
        self.object.note_down(
            by=by, version=data["item_version"], heard=data["heard"], spoke=data["spoke"], draft=data["draft"]
        )
        self.object.decide(
            by=by,
            verdict=data["verdict"],
            text=data["text"],
            level=data["level"],
            curator=data["curator"],
            votes_for=data["votes_for"],
            votes_against=data["votes_against"],
            abstained=data["abstained"],
        )
        following = Board(self.object.meeting, self.object.pk).following
        return _item_url(following) if following else self.object.meeting.get_absolute_url()
