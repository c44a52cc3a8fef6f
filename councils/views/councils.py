"""Councils and who sits in them: the administrator's pages. None of the councils' papers is shown here."""

from copy import copy

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from councils.council_forms import (
    CouncilForm,
    MemberEndForm,
    MemberForm,
    ReplaceForm,
    SubstituteForm,
    seat_rows,
)
from councils.models import Council, CouncilMembership
from councils.replacement import compare
from councils.words import Question
from sopr.accounts.models import District, Organisation, User
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.pages import Action, Empty, FormPage, ListPage
from sopr.web.tables import Column

COUNCILS = "councils:council-list"
NEVER_SEATED = (Role.ADMINISTRATOR, Role.DATA_OFFICER)


class CouncilList(ListPage):
    """Every council of the region and how many sit in it today."""

    permission = Perm.ACCOUNT_MANAGE
    model = Council
    title = "Советы"
    default_sort = "name"
    columns = [
        Column("name", "Наименование", sort="name", width=60),
        Column("kind", "Вид", lambda council: council.rules.short, sort="kind", width=24),
        Column("code", "Код", sort="code", width=12),
        Column("municipality", "Муниципальное образование", sort="municipality__name", width=30),
        Column("seated", "В составе", kind="number", sort="seated"),
        Column("quorum_share", "Кворум, больше %", kind="number"),
    ]
    empty = Empty("Советов пока нет", "Добавьте совет и внесите его состав: без состава заседание не открыть.")
    export_name = "councils"

    def get_queryset(self):
        today = timezone.localdate()
        sits = Q(memberships__since__lte=today) & (Q(memberships__until=None) | Q(memberships__until__gte=today))
        return super().get_queryset().select_related("municipality").annotate(seated=Count("memberships", filter=sits))

    def get_main_action(self):
        return Action("Добавить совет", reverse("councils:council-new"), "plus-lg")

    def get_row_url(self, row):
        return reverse("councils:council-edit", args=[row.pk])


class _CouncilPage(FormPage):
    permission = Perm.ACCOUNT_MANAGE
    model = Council

    def get_breadcrumbs(self):
        return [("Советы", reverse(COUNCILS))]


class CouncilNew(_CouncilPage):
    title = "Новый совет"
    form_class = CouncilForm
    submit_title = "Добавить"
    success_message = "Совет добавлен. Теперь внесите его состав."

    def get_form_kwargs(self):
        return {"districts": District.objects.open().select_related("municipality").order_by("municipality", "name")}

    def act(self, form):
        self.object = Council.establish(by=self.request.user, **form.cleaned_data)
        return reverse("councils:council-edit", args=[self.object.pk])


class CouncilEdit(_CouncilPage):
    """The members first, the council's own data below."""

    form_class = CouncilForm
    template_name = "councils/council_edit.html"
    success_message = "Сохранено."

    def get_title(self):
        return self.object.name

    def get_note(self):
        return f"{self.object.rules.full}, {self.object.municipality}"

    def get_actions(self):
        return [
            Action("Добавить члена совета", reverse("councils:member-add", args=[self.object.pk]), "person-plus"),
            Action("Сменить состав целиком", reverse("councils:members-replace", args=[self.object.pk])),
        ]

    def _agencies(self):
        """Agencies for which somebody votes in the council, and those it requires already."""
        today = timezone.localdate()
        seated = self.object.memberships.voting().lasting(today)
        return Organisation.objects.filter(
            Q(pk__in=seated.values("organisation")) | Q(pk__in=self.object.required_agencies.values("pk"))
        )

    def get_form_kwargs(self):
        districts = District.objects.filter(municipality=self.object.municipality_id)
        kept = self.object.districts.values("pk")
        return {
            "instance": copy(self.object),
            "agencies": self._agencies(),
            "districts": districts.filter(Q(closed_on=None) | Q(pk__in=kept)).order_by("name"),
        }

    def get_context_data(self, **context):
        today = timezone.localdate()
        left = self.object.memberships.exclude(Q(until=None) | Q(until__gte=today)).order_by("-until", "last_name")
        coming = self.object.memberships.filter(since__gt=today).order_by("since", "last_name")
        return super().get_context_data(
            **(
                {
                    "members": self.object.members_on(today),
                    "coming": coming.select_related("organisation"),
                    "left": left.select_related("organisation"),
                    "rules": self.object.rules,
                    "decides": [Question(code).label for code in self.object.rules.questions],
                    "events": self.object.events.select_related("by", "membership")[:50],
                }
                | context
            )
        )

    def act(self, form):
        self.object.amend(by=self.request.user, **form.cleaned_data)
        return reverse("councils:council-edit", args=[self.object.pk])


def seating(council) -> dict:
    """What the forms of members offer: users, agencies, and whether a substitute may be named."""
    return {
        "users": User.objects.filter(is_active=True).exclude(role__in=NEVER_SEATED),
        "agencies": Organisation.objects.all(),
        "substitutes": council.substitutes,
    }


class MemberAdd(_CouncilPage):
    """A user or a person named enters the council."""

    title = "Добавить члена совета"
    form_class = MemberForm
    submit_title = "Добавить"
    adds_row = True
    success_message = "Член совета добавлен. На заседания с этого дня он входит в состав и в кворум."

    def get_note(self):
        return self.object.name

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs(), (self.object.name, reverse("councils:council-edit", args=[self.object.pk]))]

    def get_form_kwargs(self):
        return seating(self.object)

    def act(self, form):
        self.object.seat(by=self.request.user, **form.seat)
        return reverse("councils:council-edit", args=[self.object.pk])


class MembersReplace(_CouncilPage):
    """A new order names the whole membership: shown beside the present one before it is done."""

    title = "Сменить состав целиком"
    form_class = ReplaceForm
    template_name = "councils/members_replace.html"
    submit_title = "Сменить состав"
    success_message = "Состав сменён. Протоколы прошлых заседаний не меняются."

    def get_note(self):
        return self.object.name

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs(), (self.object.name, reverse("councils:council-edit", args=[self.object.pk]))]

    def _members(self):
        today = timezone.localdate()
        return self.object.memberships.lasting(today).select_related("organisation", "user").by_rank()

    def get_formsets(self, data=None, files=None):
        initial = [_as_row(member) for member in self._members()] if data is None else None
        return {"seats": seat_rows(data, initial=initial, **seating(self.object))}

    def post(self, request, *args, **kwargs):
        if "preview" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.object  # noqa: B018 — found or 404 before anything else
        form, self.formsets = self.get_form(request.POST), self.get_formsets(request.POST)
        valid = [form.is_valid(), self.formsets["seats"].is_valid()]
        preview = compare(self._members(), self.formsets["seats"].seats()) if all(valid) else None
        return self.show(form=form, preview=preview, status=200 if preview else 422)

    def act(self, form):
        self.object.replace_members(self.formsets["seats"].seats(), by=self.request.user, **form.cleaned_data)
        return reverse("councils:council-edit", args=[self.object.pk])


def _as_row(member) -> dict:
    """A member of now as a line of the form."""
    named = {} if member.user else {name: getattr(member, name) for name in ("last_name", "first_name", "patronymic")}
    return named | {
        "user": member.user,
        "organisation": member.organisation,
        "role": member.role,
        "no_vote": not member.votes and member.role != CouncilMembership.Role.INVITED,
        "post": member.post,
        "substitute": member.substitute,
    }


class _MembershipPage(FormPage):
    permission = Perm.ACCOUNT_MANAGE
    model = CouncilMembership

    def get_queryset(self):
        return super().get_queryset().select_related("council", "organisation")

    def get_breadcrumbs(self):
        council = self.object.council
        return [
            ("Советы", reverse(COUNCILS)),
            (council.name, reverse("councils:council-edit", args=[council.pk])),
        ]

    def get_note(self):
        return f"{self.object.full_name}, {self.object.get_role_display()}, {self.object.organisation}"


class MemberSubstitute(_MembershipPage):
    """Who takes part for the member when he cannot."""

    title = "Кто замещает члена совета"
    form_class = SubstituteForm
    success_message = "Записано."

    def check_moment(self):
        if not self.object.council.substitutes:
            raise Refused("По регламенту этого совета его члены участвуют лично: заместителя не указывают.")

    def get_form_kwargs(self):
        return {"initial": {"substitute": self.object.substitute}}

    def act(self, form):
        self.object.name_substitute(by=self.request.user, **form.cleaned_data)
        return reverse("councils:council-edit", args=[self.object.council_id])


class MemberEnd(_MembershipPage):
    """A member leaves; the minutes of the past keep him."""

    title = "Вывести из состава совета"
    form_class = MemberEndForm
    submit_title = "Вывести из состава"
    success_message = "Выход из состава отмечен."

    def check_moment(self):
        if self.object.until:
            raise Refused(f"Выход из состава уже отмечен: {self.object.until:%d.%m.%Y}.")

    def get_form_kwargs(self):
        return {"initial": {"until": timezone.localdate()}}

    def act(self, form):
        self.object.end(by=self.request.user, until=form.cleaned_data["until"])
        return self.get_back_url()
