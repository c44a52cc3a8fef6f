"""Councils and who sits in them: the administrator's pages. None of the councils' papers is shown here."""

from copy import copy

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from councils.council_forms import CouncilForm, MemberEndForm, MemberForm
from councils.models import Council, CouncilMembership
from sopr.accounts.models import Organisation, User
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

    def act(self, form):
        self.object = form.save()
        return reverse("councils:council-edit", args=[self.object.pk])


class CouncilEdit(_CouncilPage):
    """The members first, the council's own data below."""

    form_class = CouncilForm
    template_name = "councils/council_edit.html"
    success_message = "Сохранено."

    def get_title(self):
        return self.object.name

    def get_note(self):
        return str(self.object.municipality)

    def get_actions(self):
        return [Action("Добавить члена совета", reverse("councils:member-add", args=[self.object.pk]), "person-plus")]

    def _agencies(self):
        """Agencies that sit in the council, and those it requires already."""
        today = timezone.localdate()
        seated = self.object.memberships.filter(Q(until=None) | Q(until__gte=today))
        return Organisation.objects.filter(
            Q(pk__in=seated.values("organisation")) | Q(pk__in=self.object.required_agencies.values("pk"))
        )

    def get_form_kwargs(self):
        return {"instance": copy(self.object), "agencies": self._agencies()}

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
                }
                | context
            )
        )

    def act(self, form):
        form.save()
        return reverse("councils:council-edit", args=[self.object.pk])


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
        return {
            "users": User.objects.filter(is_active=True).exclude(role__in=NEVER_SEATED),
            "agencies": Organisation.objects.all(),
        }

    def act(self, form):
        self.object.seat(by=self.request.user, **form.cleaned_data)
        return reverse("councils:council-edit", args=[self.object.pk])


class MemberEnd(FormPage):
    """A member leaves; the minutes of the past keep him."""

    permission = Perm.ACCOUNT_MANAGE
    model = CouncilMembership
    title = "Вывести из состава совета"
    form_class = MemberEndForm
    submit_title = "Вывести из состава"
    success_message = "Выход из состава отмечен."

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

    def check_moment(self):
        if self.object.until:
            raise Refused(f"Выход из состава уже отмечен: {self.object.until:%d.%m.%Y}.")

    def get_form_kwargs(self):
        return {"initial": {"until": timezone.localdate()}}

    def act(self, form):
        self.object.end(by=self.request.user, until=form.cleaned_data["until"])
        return self.get_back_url()
