"""Заочное голосование: the secretary prepares and counts it, each member votes himself."""

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from councils import wording
from councils.absentee_forms import AbsenteeForm, BallotForm, DraftForm, PaperBallotForm
from councils.brief import briefs
from councils.models import AgendaItem, Attendance, BallotSheet, Council, Meeting
from councils.models.absentee import own_sheets
from councils.views.queue import MEETINGS, crumbs
from sopr.accounts.policy import Perm
from sopr.documents.attachments import attach, attachment_response
from sopr.errors import Refused
from sopr.web.pages import Action, ActionPage, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column

State = Meeting.State


def _url(page, row):
    return reverse(f"councils:{page}", args=[row.pk])


class AbsenteeNew(FormPage):
    """Назначить заочное голосование."""

    permission = Perm.MEETING_RUN
    title = "Назначить заочное голосование"
    form_class = AbsenteeForm
    submit_title = "Назначить"
    success_message = "Голосование назначено. Соберите повестку и проверьте проекты решений, потом разошлите бюллетени."

    def get_breadcrumbs(self):
        return crumbs(MEETINGS)

    def _councils(self):
        return Council.objects.visible_to(self.request.user).filter(absentee=True)

    def check_moment(self):
        if not self._councils().exists():
            raise Refused(
                "Регламент Ваших советов не допускает заочного голосования. Если он изменился, попросите "
                "администратора отметить это на странице совета."
            )

    def get_form_kwargs(self):
        return {"councils": self._councils()}

    def act(self, form):
        data = form.cleaned_data
        return Meeting.plan_absentee(data["council"], by=self.request.user, until=data["until"]).get_absolute_url()


class _OnAbsentee:
    permission = Perm.MEETING_RUN
    model = Meeting

    def get_queryset(self):
        return super().get_queryset().filter(form=Meeting.Form.ABSENTEE).select_related("council", "minutes")

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object), self.object.get_absolute_url())]


class AbsenteeDetail(_OnAbsentee, DetailPage):
    """What is voted on, who has answered, and the way the votes stand once the voting is over."""

    template_name = "councils/absentee_detail.html"

    def get_breadcrumbs(self):
        return crumbs(MEETINGS)

    def get_title(self):
        return f"Заочное голосование по {self.object.ballots_until:%d.%m.%Y}"

    def get_note(self):
        return f"{self.object.council}, {self.object.get_state_display()}"

    def get_main_action(self):
        meeting = self.object
        if meeting.state == State.PLANNED:
            none = "" if meeting.agenda_items.exists() else "в повестке нет вопросов"
            return Action("Разослать бюллетени", _url("ballots-send", meeting), disabled_reason=none)
        if meeting.state == State.RUNNING and meeting.agenda_items.filter(state="scheduled").exists():
            early = "" if meeting.is_voting_over else f"бюллетени принимаются по {meeting.ballots_until:%d.%m.%Y}"
            return Action("Подвести итоги", _url("ballots-tally", meeting), disabled_reason=early)
        if meeting.state == State.RUNNING:
            return Action("Подписать протокол", _url("minutes-sign", meeting))
        return None

    def get_actions(self):
        meeting = self.object
        signed = meeting.state == State.SIGNED
        actions = [Action("Напечатать протокол" if signed else "Проект протокола", _url("minutes-print", meeting))]
        if meeting.state == State.PLANNED:
            actions.insert(0, Action("Составить повестку", _url("agenda-edit", meeting)))
            actions.append(Action("Отменить", _url("meeting-cancel", meeting), tone="danger"))
        return actions

    def get_context_data(self, **context):
        meeting = self.object
        votes = meeting.votes()
        over = meeting.state != State.PLANNED and meeting.is_voting_over
        items = list(meeting.agenda_items.select_related("case__family", "case__curator", "case__closure", "decision"))
        sheets = meeting.attendances.filter(membership__votes=True)
        return super().get_context_data(
            **(
                {
                    "cards": [
                        {
                            "item": item,
                            "about": wording.about(item),
                            "draft": item.draft or wording.draft_decision(item, None),
                            "votes": votes.get(item.pk) if over else None,
                        }
                        for item in items
                    ],
                    "put_off": meeting.postponements.select_related("item__case__family"),
                    "sheets": sheets.select_related("membership__organisation", "sheet__by", "sheet__scan"),
                    "members": [] if sheets else meeting.council.members_on(timezone.localdate()),
                    "over": over,
                    "today": timezone.localdate(),
                }
                | context
            )
        )


class BallotsSend(_OnAbsentee, ActionPage):
    title = "Разослать бюллетени"
    submit_title = "Разослать"
    success_message = "Бюллетени разосланы: члены совета с входом в систему видят их в «Голосованиях»."

    def check_moment(self):
        if self.object.state != State.PLANNED:
            raise Refused("Бюллетени уже разосланы.")

    def get_question(self):
        return f"Разослать бюллетени? Их принимают по {self.object.ballots_until:%d.%m.%Y}."

    def get_consequences(self):
        return [
            "Голосуют все, кто сегодня в составе с правом голоса.",
            "Повестка и проекты решений больше не меняются.",
            "Отменить голосование будет нельзя.",
        ]

    def act(self, form):
        self.object.send_ballots(by=self.request.user)
        return _url("absentee-detail", self.object)


class BallotsTally(_OnAbsentee, ActionPage):
    title = "Подвести итоги голосования"
    submit_title = "Подвести итоги"
    success_message = "Итоги подведены. Проверьте проект протокола и подпишите его."

    def check_moment(self):
        if self.object.state != State.RUNNING:
            raise Refused("Итоги подводят по голосованию, которое идёт.")
        if not self.object.is_voting_over:
            raise Refused(f"Бюллетени принимаются по {self.object.ballots_until:%d.%m.%Y}: итоги подводят после этого.")

    def get_question(self):
        handed = self.object.attendances.filter(sheet__isnull=False).count()
        return f"Подвести итоги? Бюллетеней: {handed}."

    def get_consequences(self):
        return [
            "По вопросам с кворумом и большинством «за» решения исполнятся сразу.",
            "Остальные вопросы вернутся в очередь, причина попадёт в протокол.",
        ]

    def act(self, form):
        self.object.tally(by=self.request.user)
        return _url("absentee-detail", self.object)


class ItemDraft(FormPage):
    """Проект решения, за который будут голосовать."""

    permission = Perm.MEETING_RUN
    model = AgendaItem
    title = "Проект решения"
    form_class = DraftForm
    success_message = "Проект записан."

    def get_queryset(self):
        return (
            super().get_queryset().select_related("meeting__council", "case__family", "case__curator", "case__closure")
        )

    def get_note(self):
        return wording.about(self.object)

    def get_breadcrumbs(self):
        meeting = self.object.meeting
        return [*crumbs(MEETINGS), (str(meeting), meeting.get_absolute_url())] if meeting else crumbs(MEETINGS)

    def check_moment(self):
        meeting = self.object.meeting
        if meeting is None or not meeting.is_absentee or meeting.state != State.PLANNED:
            raise Refused("Проект решения пишут до рассылки бюллетеней.")

    def get_form_kwargs(self):
        return {"initial": {"draft": self.object.draft or wording.draft_decision(self.object, None)}}

    def act(self, form):
        self.object.prepare(by=self.request.user, draft=form.cleaned_data["draft"])
        return self.object.meeting.get_absolute_url()


class _Sheet(FormPage):
    """One member's sheet: each question with its draft and the case in brief."""

    model = Attendance
    template_name = "councils/ballot.html"
    submit_title = "Проголосовать"

    def check_moment(self):
        meeting = self.object.meeting
        if BallotSheet.objects.filter(attendance=self.object).exists():
            raise Refused("Бюллетень уже принят. Изменить его нельзя.")
        if meeting.state != State.RUNNING or meeting.ballots_until < timezone.localdate():
            raise Refused(f"Приём бюллетеней закончился {meeting.ballots_until:%d.%m.%Y}.")

    def _items(self):
        items = self.object.meeting.agenda_items.filter(state="scheduled")
        return list(items.select_related("case__family", "case__organisation", "case__curator", "case__closure"))

    def get_form_kwargs(self):
        return {"items": self._items()}

    def get_context_data(self, **context):
        items = self._items()
        found, form = briefs(items), context.get("form")
        cards = [
            {
                "item": item,
                "about": wording.about(item),
                "brief": found[item.pk],
                "field": form[f"item_{item.pk}"] if form is not None else None,
            }
            for item in items
        ]
        return super().get_context_data(**({"cards": cards, "meeting": self.object.meeting} | context))


class BallotCast(_Sheet):
    """Мой бюллетень."""

    permission = Perm.BALLOT_CAST
    title = "Бюллетень заочного голосования"
    form_class = BallotForm
    success_message = "Ваш голос принят."

    def get_queryset(self):
        return own_sheets(self.request.user)

    def get_note(self):
        meeting = self.object.meeting
        return f"{meeting.council}; принимается по {meeting.ballots_until:%d.%m.%Y}"

    def get_breadcrumbs(self):
        return [("Голосования", reverse("councils:ballot-list"))]

    def act(self, form):
        BallotSheet.hand_in(self.object, by=self.request.user, choices=form.choices)
        return reverse("councils:ballot-list")


class BallotPaper(_Sheet):
    """The secretary enters a paper ballot with its scan."""

    permission = Perm.MEETING_RUN
    title = "Бумажный бюллетень"
    form_class = PaperBallotForm
    submit_title = "Внести бюллетень"
    success_message = "Бюллетень внесён."

    def get_queryset(self):
        meetings = Meeting.objects.visible_to(self.request.user).filter(form=Meeting.Form.ABSENTEE)
        return Attendance.objects.filter(meeting__in=meetings, membership__votes=True).select_related(
            "meeting__council", "membership__organisation"
        )

    def get_note(self):
        return f"{self.object.membership.full_name}, {self.object.membership.organisation}"

    def get_breadcrumbs(self):
        return [*crumbs(MEETINGS), (str(self.object.meeting), self.object.meeting.get_absolute_url())]

    def act(self, form):
        scan = attach(form.cleaned_data["scan"], by=self.request.user)
        BallotSheet.hand_in(
            self.object, by=self.request.user, choices=form.choices, signed_on=form.cleaned_data["signed_on"], scan=scan
        )
        return self.object.meeting.get_absolute_url()


class BallotScan(DetailPage):
    """Скан бумажного бюллетеня, as a file."""

    permission = Perm.MEETING_RUN
    model = BallotSheet
    audit_read = ""

    def get_queryset(self):
        meetings = Meeting.objects.visible_to(self.request.user)
        return BallotSheet.objects.filter(attendance__meeting__in=meetings, scan__isnull=False).select_related("scan")

    def get(self, request, *args, **kwargs):
        return attachment_response(self.object.scan, self.object, by=request.user)


class BallotList(ListPage):
    """Голосования: the member's own sheets."""

    permission = Perm.BALLOT_CAST
    model = Attendance
    title = "Голосования"
    default_sort = "meeting__ballots_until"
    empty = Empty("Заочных голосований для Вас нет", "Бюллетень появится, когда секретарь совета его разошлёт.")
    columns = [
        Column("until", "Принимается по", "meeting.ballots_until", kind="date", sort="meeting__ballots_until"),
        Column("council", "Совет", "meeting.council", sort="meeting__council__name"),
        Column("items", "Вопросов", "item_count", kind="number"),
        Column("state", "Мой голос", lambda row: "принят" if hasattr(row, "sheet") else "ждём Вас", kind="state",
               tone=lambda row: "done" if hasattr(row, "sheet") else "wait"),
    ]  # fmt: skip

    def get_queryset(self):
        return own_sheets(self.request.user).annotate(item_count=Count("meeting__agenda_items"))

    def get_row_url(self, row):
        open_still = not hasattr(row, "sheet") and row.meeting.ballots_until >= timezone.localdate()
        return _url("ballot", row) if open_still else ""
