"""Созыв: planning, moving and calling off a meeting; invitations, answers, the calendar file."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from councils import ics, letters, pack
from councils.convening_forms import CancelForm, MeetingForm, MoveForm, ReplyForm, SeriesForm
from councils.models import Council, CouncilMembership, Invitation, Meeting
from councils.views.meetings import _MeetingAct
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import Action, DetailPage, FormPage

NOT_SEATED = "Вы не записаны секретарём совета. Попросите администратора внести Вас в его состав."


class _Plans(FormPage):
    permission = Perm.MEETING_RUN
    submit_title = "Назначить"

    def get_breadcrumbs(self):
        return crumbs(MEETINGS)

    def _councils(self):
        return Council.objects.visible_to(self.request.user)

    def check_moment(self):
        if not self._councils().exists():
            raise Refused(NOT_SEATED)

    def get_form_kwargs(self):
        return {"councils": self._councils(), "initial": {"council": self.request.GET.get("council", "")}}


class MeetingNew(_Plans):
    title = "Назначить заседание"
    form_class = MeetingForm
    success_message = "Заседание назначено. Включите в повестку вопросы из очереди."

    def get_actions(self):
        return [Action("Повторяющиеся заседания", reverse("councils:meeting-series"))]

    def act(self, form):
        data = form.cleaned_data
        return Meeting.convene(data.pop("council"), by=self.request.user, **data).get_absolute_url()


class MeetingSeries(_Plans):
    """Repeated meetings: first the days are shown, then those ticked are planned."""

    title = "Повторяющиеся заседания"
    form_class = SeriesForm
    template_name = "councils/meeting_series.html"
    submit_title = "Показать дни"
    success_message = "Заседания назначены."

    def post(self, request, *args, **kwargs):
        if "create" in request.POST or "keep_draft" in request.POST:
            return super().post(request, *args, **kwargs)
        self.check_moment()
        self.formsets = {}
        form = self.get_form(request.POST)
        valid = form.is_valid()
        return self.show(form=form, lines=self._preview(form) if valid else [], status=200 if valid else 422)

    @staticmethod
    def _preview(form):
        """The days with what stands in their way; a day on which the council meets already is not offered."""
        data = form.cleaned_data
        place = data["place"] or data["council"].place
        planned = data["council"].meetings.filter(held_on__in=[line.held_on for line in form.lines])
        taken = set(planned.exclude(state=Meeting.State.CANCELLED).values_list("held_on", flat=True))
        for line in form.lines:
            line.taken = line.held_on in taken
            if not line.taken:
                line.warnings = Meeting.collisions(
                    data["council"], held_on=line.held_on, starts_at=data["starts_at"], duration=data["duration"],
                    place=place,
                )  # fmt: skip
        return form.lines

    def get_context_data(self, **context):
        form = context.get("form")
        if "lines" not in context and form is not None and form.is_bound and hasattr(form, "lines"):
            context["lines"] = self._preview(form) if form.lines and "council" in form.cleaned_data else []
        return super().get_context_data(**context)

    def act(self, form):
        data = form.cleaned_data
        how = {name: data[name] for name in ("starts_at", "duration", "place", "video_link")}
        Meeting.plan_series(data["council"], by=self.request.user, days=data["days"], **how)
        return f"{reverse('councils:calendar')}?month={data['days'][0]:%Y-%m}"


class MeetingMove(FormPage):
    permission = Perm.MEETING_RUN
    model = Meeting
    title = "Перенести заседание"
    form_class = MoveForm
    submit_title = "Перенести"
    success_message = "Заседание перенесено, приглашённые узнают об этом."

    def get_note(self):
        return str(self.object.council)

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), self.object.get_absolute_url())]

    def check_moment(self):
        if self.object.state != Meeting.State.PLANNED:
            raise Refused("Перенести можно только запланированное заседание.")

    def get_form_kwargs(self):
        names = ("held_on", "starts_at", "duration", "place", "video_link")
        return {"initial": {name: getattr(self.object, name) for name in names}}

    def act(self, form):
        self.object.move(by=self.request.user, **form.cleaned_data)
        return self.object.get_absolute_url()


class MeetingCancel(_MeetingAct):
    title = "Отменить заседание"
    form_class = CancelForm
    submit_title = "Отменить заседание"
    tone = "danger"
    keeps_draft = True
    success_message = "Заседание отменено, вопросы вернулись в очередь."

    def check_moment(self):
        if self.object.state != Meeting.State.PLANNED:
            raise Refused("Отменить можно только запланированное заседание.")

    def get_question(self):
        return f"Отменить заседание {self.object.held_on:%d.%m.%Y}?"

    def get_consequences(self):
        return ["Все вопросы повестки вернутся в очередь.", "Приглашённые узнают об отмене и её причине."]

    def act(self, form):
        self.object.cancel(by=self.request.user, **form.cleaned_data)
        return reverse("councils:meeting-list")


@dataclass
class Seat:
    """A member, his invitation, and his looks at the pack."""

    member: CouncilMembership
    invitation: Invitation | None
    reading: pack.Reading | None
    has_mail: bool


class InvitationList(DetailPage):
    """Кто придёт: answers, letters, who has read the pack, and the quorum to expect."""

    permission = Perm.MEETING_RUN
    model = Meeting
    title = "Созыв"
    template_name = "councils/invitation_list.html"

    def get_queryset(self):
        return super().get_queryset().select_related("council")

    def get_title(self):
        return f"Кто придёт {self.object.held_on:%d.%m.%Y}, {self.object.starts_at:%H:%M}"

    def get_note(self):
        return str(self.object.council)

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), self.object.get_absolute_url())]

    def get_actions(self):
        return [Action("Файл календаря", reverse("councils:invitation-file", args=[self.object.pk]), "download")]

    def get_context_data(self, **context):
        meeting = self.object
        invitations = {row.membership_id: row for row in meeting.invitations.all()}
        looks = pack.readings(meeting)
        members = list(meeting.council.members_on(meeting.held_on))
        seats = [
            Seat(row, invitations.get(row.pk), looks.get(row.user_id), bool(ics.address_of(row))) for row in members
        ]
        counts = dict.fromkeys(Invitation.Answer.values, 0)
        for seat in seats:
            if seat.invitation and seat.invitation.answer:
                counts[seat.invitation.answer] += 1
        shown = {
            "seats": seats,
            "counts": counts,
            "silent": len(seats) - sum(counts.values()),
            "quorum": meeting.expected_quorum(),
            "may_answer": meeting.state == Meeting.State.PLANNED,
            "mail_works": letters.mail_works(),
        }
        return super().get_context_data(**(shown | context))


class _Reply(FormPage):
    """One answer to one invitation."""

    model = Meeting
    form_class = ReplyForm
    submit_title = "Ответить"
    adds_row = True  # the meeting's own fields stay as they are
    success_message = "Ответ записан."

    @cached_property
    def seat(self) -> CouncilMembership:
        raise NotImplementedError

    @cached_property
    def invitation(self):
        return Invitation.objects.filter(meeting=self.object, membership=self.seat).first()

    def check_moment(self):
        self.object.open_for_answers()

    def get_form_kwargs(self):
        before = self.invitation
        if before is None:
            return {}
        return {"initial": {"answer": before.answer, "reason": before.reason, "substitute": before.substitute}}

    def act(self, form):
        Invitation.reply(self.object, self.seat, by=self.request.user, **form.cleaned_data)
        return self.get_back_url()


class InvitationReply(_Reply):
    """The member's own answer."""

    permission = Perm.PACK_VIEW
    title = "Буду ли я на заседании"

    def get_queryset(self):
        return Meeting.objects.called(self.request.user).select_related("council")

    @cached_property
    def seat(self):
        return self.object.seat_of(self.request.user)

    def get_note(self):
        return f"{self.object.held_on:%d.%m.%Y}, {self.object.starts_at:%H:%M}, {self.object.council}"

    def get_breadcrumbs(self):
        page = reverse("councils:pack-detail", args=[self.object.pk])
        return [("Материалы заседаний", reverse("councils:pack-list")), (str(self.object), page)]


class InvitationNote(_Reply):
    """What a member told the secretary by telephone."""

    permission = Perm.MEETING_RUN
    title = "Ответ члена совета"
    submit_title = "Записать ответ"

    @cached_property
    def seat(self):
        found = self.object.council.members_on(self.object.held_on).filter(pk=self.kwargs["seat"]).first()
        if found is None:
            raise Http404
        return found

    def get_note(self):
        return f"{self.seat.full_name}, {self.seat.organisation}"

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), self.object.get_invitations_url())]


class _CalendarFile(DetailPage):
    """The invitation as a file, for whom no letter reaches; his own name stands in it when he is a member."""

    model = Meeting

    def get_seat(self) -> CouncilMembership | None:
        raise NotImplementedError

    def get_breadcrumbs(self):
        return [("Календарь", reverse("councils:calendar"))]

    def show(self, status=200, **context):
        content = ics.invitation(self.object, self.get_seat())
        answer = HttpResponse(
            content, content_type=f"text/calendar; charset=utf-8; method={ics.method_of(self.object)}"
        )
        answer["Content-Disposition"] = f'attachment; filename="{ics.file_name(self.object)}"'
        return answer


class InvitationFile(_CalendarFile):
    """For the secretary: without an addressee, to send on by hand."""

    permission = Perm.MEETING_RUN

    def get_seat(self):
        return None


class PackFile(_CalendarFile):
    """For the member: of a meeting called off too, so that his calendar forgets it."""

    permission = Perm.PACK_VIEW

    def get_seat(self):
        return self.object.seat_of(self.request.user)

    def get_queryset(self):
        coming = Meeting.objects.invited(self.request.user).filter(held_on__gte=timezone.localdate())
        return coming.select_related("council")
