"""The page of a meeting: agenda, question, attendance. Everything typed travels with every button."""

from django.db import transaction
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from councils.board import Board, executors_of
from councils.forms import (
    NO_MAJORITY,
    AllPresentForm,
    AttendanceForm,
    DecideForm,
    DissentForm,
    NotesForm,
    QuickAttendanceForm,
    RearrangeForm,
    RecusalForm,
    TaskForm,
    read_roll,
)
from councils.models import AgendaItem, Assignment, Attendance, CouncilMembership, Meeting
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
        if meeting.state == Meeting.State.SIGNED:
            actions.append(Action("Подписи и исправления", meeting.minutes.get_absolute_url()))
        if meeting.state == Meeting.State.PLANNED:
            actions.insert(0, Action("Кто придёт", _url("invitation-list", meeting)))
            actions.insert(0, Action("Составить повестку", _url("agenda-edit", meeting)))
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
            board = Board(self.get_meeting(), self.get_wanted())
            board.in_form = board.under_discussion
            self.__dict__["_board"] = board
        return self.__dict__["_board"]

    def get_context_data(self, **context):
        return super().get_context_data(
            **({"meeting": self.get_meeting(), "board": self.board, "stamp": f"{self.get_meeting().stamp}-"} | context)
        )


def _url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


def _item_url(item):
    return f"{item.meeting.get_absolute_url()}?item={item.pk}"


class MeetingDetail(_OnBoard, DetailPage):
    """Заседание: before it opens the agenda, while it runs the secretary's workplace, then the record of it."""

    model = Meeting

    def get_queryset(self):
        return super().get_queryset().select_related("council__municipality", "minutes", "continues")

    def get_meeting(self):
        return self.object

    def get(self, request, *args, **kwargs):
        if self.object.is_absentee:
            return HttpResponseRedirect(self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)


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
        form = AttendanceForm(
            data,
            initial={
                "state": row.state,
                "from_item": row.from_item,
                "until_item": row.until_item,
                "substitute": row.substitute,
            },
        )
        if row.membership.substitute:
            form.fields["substitute"].help_text = f"В составе совета назначен: {row.membership.substitute}."
        return form

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

    def get_context_data(self, **context):
        """A text written in another window meanwhile is shown beside the typed one."""
        form, item = context.get("form"), self.board.selected
        self.board.typed_roll = read_roll(self.request.POST)
        posted = self.request.POST.get("item_version", "")
        stale = form is not None and item is not None and posted.isdecimal() and int(posted) != item.version
        return super().get_context_data(**(context | {"stored": stored_texts(item) if stale else None}))


class ItemNotes(_ItemAct):
    """Keeps the texts: by itself while one types, or by the button; then leads where the button said."""

    form_class = NotesForm
    LEADS = {"assignment": "assignment-new", "postpone": "item-postpone"}
    LEADS_OF_MEETING = {"urgent": "urgent-add", "adjourn": "meeting-adjourn"}

    def act(self, form):
        data = form.cleaned_data
        version = data.pop("item_version")
        self.object.note_down(by=self.request.user, version=version, **data)
        return self._next()

    def _next(self):
        asked = self.request.POST.get("next", "")
        if asked in self.LEADS:
            return _url(self.LEADS[asked], self.object)
        if asked in self.LEADS_OF_MEETING:
            return _url(self.LEADS_OF_MEETING[asked], self.object.meeting)
        goto = self.request.POST.get("goto", "")
        if goto.isdecimal():
            return f"{self.object.meeting.get_absolute_url()}?item={goto}"
        return _item_url(self.object)

    def post(self, request, *args, **kwargs):
        if not request.POST.get("auto"):
            return super().post(request, *args, **kwargs)
        self.object  # noqa: B018 — found or 404 before anything else
        return self._autosave(request)

    def _autosave(self, request):
        """Saves quietly and answers the script with the time; else with why not, and with what is stored now."""
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
            return JsonResponse({"trouble": str(refused), "stored": stored_texts(self._now())}, status=422)
        return JsonResponse({"saved": f"{timezone.localtime():%H:%M:%S}", "version": self._now().version})

    def _now(self):
        return AgendaItem.objects.select_related("typed_by").get(pk=self.object.pk)


def stored_texts(item) -> dict:
    """What is kept of the question now, and who wrote it when."""
    return {
        "version": item.version,
        "open": item.state == AgendaItem.State.SCHEDULED,
        "by": item.typed_by.short_name if item.typed_by else "",
        "at": f"{timezone.localtime(item.typed_at):%H:%M}" if item.typed_at else "",
        "texts": {"heard": item.heard, "spoke": item.spoke, "draft": item.draft},
    }


class ItemRecuse(_ItemAct):
    """Самоотвод: declared, or taken back."""

    form_class = RecusalForm

    def get_form_kwargs(self):
        return {"members": _members(self.object)}

    def act(self, form):
        self.keep_notes()
        data, by = form.cleaned_data, self.request.user
        if data["cancel"]:
            self.object.cancel_recusal(data["cancel"], by=by)
        else:
            self.object.recuse(data["recused"], by=by, reason=data["recusal_reason"])
        return _item_url(self.object)


class ItemRearrange(_ItemAct):
    """The question is heard earlier, later or next of all."""

    form_class = RearrangeForm

    def act(self, form):
        self.keep_notes()
        self.object.rearrange(by=self.request.user, way=form.cleaned_data["way"])
        return _item_url(self.object)


class ItemTask(_ItemAct):
    """Поручение beside the question: given without leaving the page."""

    form_class = TaskForm

    def check_moment(self):
        _check_running(self.object)

    def get_form_kwargs(self):
        return {"agencies": executors_of(self.object.council)}

    def act(self, form):
        self.keep_notes()
        data = form.cleaned_data
        Assignment.give(
            self.object, by=self.request.user, text=data["task"], executor=data["executor"], due_on=data["due_on"]
        )
        return _item_url(self.object)


class ItemDissent(_ItemAct):
    """Особое мнение: written down until the minutes are signed; an empty text takes it back."""

    form_class = DissentForm

    def check_moment(self):
        _check_running(self.object)

    def get_form_kwargs(self):
        return {"members": _members(self.object)}

    def act(self, form):
        self.keep_notes()
        data = form.cleaned_data
        self.object.dissent(data["dissenting"], by=self.request.user, text=data["dissent"])
        return _item_url(self.object)


class ItemDecide(_ItemAct):
    """Решение по вопросу: then the page goes on to the next one that waits."""

    form_class = DecideForm

    def get_form_kwargs(self):
        return {
            "item": self.object,
            "curators": self.board.curators(),
            "roll_call": self.object.meeting.council.roll_call,
        }

    def act(self, form):
        data, by, item = form.cleaned_data, self.request.user, self.object
        item.note_down(
            by=by, version=data["item_version"], heard=data["heard"], spoke=data["spoke"], draft=data["draft"]
        )
        if data["verdict"] == NO_MAJORITY:
            item.record_no_majority(by=by, text=data["text"], **form.votes)
            return _item_url(item)
        item.decide(
            by=by, verdict=data["verdict"], text=data["text"], level=data["level"], curator=data["curator"],
            **form.votes,
        )  # fmt: skip
        following = Board(item.meeting, item.pk).following
        return _item_url(following) if following else item.meeting.get_absolute_url()


def _members(item):
    return CouncilMembership.objects.filter(attendances__meeting=item.meeting_id)


def _check_running(item):
    if item.meeting is None or item.meeting.state != Meeting.State.RUNNING:
        raise Refused("Это делают на заседании, пока оно идёт.")
