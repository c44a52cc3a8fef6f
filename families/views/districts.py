"""Districts: the list, the page with the figures of a day, who walks it, the families that wait for a district."""

import datetime
from copy import copy
from functools import cached_property

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from families.districts import passports
from families.forms.districts import AssignForm, BoundariesForm, WalkForm
from families.models import DistrictPassport, Family
from families.models.district import assign_families
from families.names import address_key, normalise, number_key
from sopr.accounts.models import District, DistrictWalk
from sopr.accounts.policy import Perm, Role
from sopr.errors import Refused
from sopr.web.filters import LONGEST, keep_words, recall_words
from sopr.web.pages import Action, DetailPage, Empty, FormPage, ListPage
from sopr.web.tables import Column
from sopr.web.words import counted

FAMILIES_SHOWN = 100
FAMILIES = "семья,семьи,семей"


def district_url(district, name="district-detail") -> str:
    return reverse(f"families:{name}", args=[district.pk])


class DistrictModule:
    """Pages of a region that divides its territory into districts; elsewhere they do not exist."""

    menu = "families"
    module = "district_passport"


def with_walk(districts):
    """Districts with the municipality and who walks them today, in one more statement."""
    walks = DistrictWalk.objects.valid_on(timezone.localdate()).select_related("organisation", "specialist")
    return districts.select_related("municipality").prefetch_related(Prefetch("walks", walks, to_attr="walk_now"))


def waiting_for_district(user, municipality):
    """Families of the user's organisation in the municipality that stand in no district, or in a closed one.

    One whose address is hidden is not in a curator's list: where it lives is known to its own curator and to the head.
    """
    families = Family.objects.visible_to(user).filter(municipality=municipality)
    families = families.filter(Q(district=None) | Q(district__closed_on__isnull=False))
    return families if user.role == Role.HEAD else families.filter(address_hidden=False)


class DistrictList(DistrictModule, ListPage):
    """Districts that the organisation walks, or that lie in its municipality."""

    permission = Perm.DISTRICT_VIEW
    title = "Участки"
    model = District
    default_sort = "name"
    audit_read = "read"
    columns = [
        Column("name", "Участок", sort="name", url=district_url, width=44),
        Column("municipality", "Муниципальное образование", "municipality.name", sort="municipality__name", width=30),
        Column(
            "walk",
            "Кто обходит",
            lambda row: row.walk and row.walk.specialist and row.walk.specialist.short_name,
            note=lambda row: row.walk and row.walk.organisation,
            export=lambda row: (
                row.walk and f"{row.walk.organisation}, {row.walk.specialist or 'специалист не назначен'}"
            ),
            width=44,
        ),
        Column("families", "Семей", kind="number", sort="families", width=10),
        Column("passport_on", "Паспорт", kind="date", sort="passport_on", width=12),
    ]
    empty = Empty(
        "Участков пока нет",
        "Их вносит администратор («Территории», «Участки») и указывает, какая организация участок обходит.",
    )
    export_name = "uchastki"

    def get_note(self):
        return str(self.request.user.organisation)

    def get_queryset(self):
        last = DistrictPassport.objects.filter(district=OuterRef("pk")).order_by("-on").values("on")[:1]
        living = Family.objects.live().filter(district=OuterRef("pk")).order_by().values("district")
        count = Coalesce(Subquery(living.annotate(n=Count("pk")).values("n")), 0)  # of the districts shown, by index
        return with_walk(super().get_queryset().open()).annotate(families=count, passport_on=Subquery(last))

    def get_breadcrumbs(self):
        return [("Семьи", reverse("families:family-list"))]

    def get_context_data(self, **context):
        return super().get_context_data(found="участок,участка,участков", **context)


class DistrictPage(DistrictModule):
    """A page about one district."""

    permission = Perm.DISTRICT_EDIT
    model = District

    def get_queryset(self):
        return with_walk(super().get_queryset())

    def get_note(self):
        return f"{self.object.name}, {self.object.municipality.name}"

    def get_breadcrumbs(self):
        return [
            ("Семьи", reverse("families:family-list")),
            ("Участки", reverse("families:district-list")),
            (self.object.name, district_url(self.object)),
        ]


def asked_day(request) -> datetime.date:
    """The day asked for by `?on=`; today when there is none, when it is nonsense or has not come yet."""
    today = timezone.localdate()
    try:
        day = parse_date(request.GET.get("on", ""))
    except ValueError:
        day = None
    return min(day, today) if day else today


class DistrictDetail(DistrictPage, DetailPage):
    """Figures of a day, each with its list; settlements, institutions, resources, passports."""

    permission = Perm.DISTRICT_VIEW
    template_name = "families/district_detail.html"

    def get_title(self):
        return self.object.name

    def get_note(self):
        return self.object.municipality.name

    def get_breadcrumbs(self):
        return [*super().get_breadcrumbs()[:-1], (self.object.name, None)]

    @cached_property
    def day(self):
        return asked_day(self.request)

    @cached_property
    def drawn(self):
        return list(self.object.passports.brief().select_related("by"))

    def get_main_action(self):
        closed = f"Участок закрыт {self.object.closed_on:%d.%m.%Y}" if self.object.closed_on else ""
        url = f"{district_url(self.object, 'passport-new')}?on={self.day.isoformat()}"
        return Action("Составить паспорт", url, "file-earmark-check", closed)

    def get_actions(self):
        waiting = waiting_for_district(self.request.user, self.object.municipality_id).count()
        closed = "Участок закрыт" if self.object.closed_on else ""
        none = "" if waiting else "Все семьи муниципального образования отнесены к участкам"
        title = f"Семьи без участка: {waiting}" if waiting else "Семьи без участка"
        return [
            Action(title, district_url(self.object, "district-assign"), "people", closed or none),
            Action("Границы", district_url(self.object, "district-edit"), rare=True),
            Action("Кто обходит", district_url(self.object, "district-walk"), rare=True),
        ]

    def get_context_data(self, **context):
        district = self.object
        previous = district.passports.filter(on__lt=self.day).order_by("-on").first()
        content = passports.count_now(district, self.day, previous)
        return super().get_context_data(
            **(
                {
                    "day": self.day,
                    "today": timezone.localdate(),
                    "content": content,
                    "sections": passports.sections(content, self.list_url),
                    "totals": passports.totals(content),
                    "previous": previous,
                    "settlements": list(district.settlements.all()),
                    "places": passports.in_order(district.places.all()),
                    "drawn": self.drawn,
                    "facts": self.get_facts(content),
                }
                | context
            )
        )

    def list_url(self, code):
        url = reverse("families:district-figure", args=[self.object.pk, code])
        return f"{url}?on={self.day.isoformat()}"

    def get_facts(self, content):
        """The strip under the title: who walks, what stands behind the day in three numbers."""
        walk = self.object.walk
        who = walk.specialist.short_name if walk and walk.specialist else "не назначен"
        facts = [{"label": "Обходит", "value": who, "note": walk.organisation if walk else "организация не указана"}]
        for code, label in (
            ("families", "Семей на учёте"),
            ("children", "Детей до 18 лет"),
            ("support", "На сопровождении"),
        ):
            number = passports.value(content, code)
            if number is not None:
                facts.append({"label": label, "value": number, "url": self.list_url(code)})
        passport = self.drawn[0] if self.drawn else None
        facts.append(
            {
                "label": "Последний паспорт",
                "value": f"{passport.on:%d.%m.%Y}" if passport else "ещё не составляли",
                "url": reverse("families:passport-detail", args=[passport.pk]) if passport else "",
            }
        )
        return facts


class DistrictEdit(DistrictPage, FormPage):
    """Boundaries of the district in words."""

    title = "Границы участка"
    form_class = BoundariesForm
    success_message = "Границы сохранены."

    def get_form_kwargs(self):
        return {"instance": copy(self.object)}

    def act(self, form):
        form.save()
        return district_url(self.object)


class DistrictWalkPage(DistrictPage, FormPage):
    """Which specialist walks the district; between organisations only the administrator hands it over."""

    title = "Кто обходит участок"
    form_class = WalkForm
    success_message = "Специалист назначен."

    def check_moment(self):
        walk = self.object.walk
        if walk is not None and walk.organisation_id != self.request.user.organisation_id:
            raise Refused(
                f"Участок обходит {walk.organisation}: специалиста назначает она. Если участок передали Вам, "
                "попросите администратора записать это в справочнике «Территории»."
            )

    def get_form_kwargs(self):
        walk = self.object.walk
        return {"organisation": self.request.user.organisation_id, "specialist": walk.specialist if walk else None}

    def act(self, form):
        data = form.cleaned_data
        self.object.hand_to(self.request.user.organisation, since=data["since"], specialist=data["specialist"])
        return district_url(self.object)


class DistrictAssign(DistrictPage, FormPage):
    """Families of the municipality without a district: those ticked go to this one."""

    title = "Семьи без участка"
    form_class = AssignForm
    template_name = "families/district_assign.html"
    submit_title = "Отнести к участку"
    kept_by_browser = False

    def check_moment(self):
        if self.object.closed_on:
            raise Refused(f"Участок закрыт {self.object.closed_on:%d.%m.%Y}. Выберите действующий.")

    @cached_property
    def waiting(self):
        return waiting_for_district(self.request.user, self.object.municipality_id)

    @cached_property
    def words(self) -> str:
        """What is searched: a surname or an address, so the address of the page carries only a token for it."""
        return recall_words(self.request.session, self.page_name, self.request.GET.get("q", ""))

    def post(self, request, *args, **kwargs):
        if request.POST.get("act") != "find":
            return super().post(request, *args, **kwargs)
        self.object  # noqa: B018 — found or 404 before anything else
        words = request.POST.get("words", "").strip()[:LONGEST]
        token = keep_words(request.session, self.page_name, words) if words else ""
        return HttpResponseRedirect(f"{request.path}?q={token}" if token else request.path)

    def found(self):
        """The waiting families whose surname begins so, or whose address has these words, or of this number."""
        rows = self.waiting.select_related("district").order_by("address_key", "pk")
        words = normalise(self.words).split()
        if not words:
            return rows
        condition = Q()
        for word in words:
            condition &= Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
        return rows.filter(
            condition | Q(number_key=number_key(self.words)) | Q(address_key__contains=address_key(self.words))
        )

    def get_form_kwargs(self):
        return {"waiting": self.waiting}

    def get_cancel_url(self):
        return district_url(self.object)

    def get_context_data(self, **context):
        page = Paginator(self.found(), FAMILIES_SHOWN).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            **({"page_obj": page, "total": page.paginator.count, "words": self.words} | context)
        )

    def act(self, form):
        chosen = [family.pk for family in form.cleaned_data["families"]]
        number = assign_families(self.object, chosen, by=self.request.user)
        messages.success(self.request, f"К участку отнесено: {counted(number, FAMILIES)}.")
        return self.request.path if self.waiting.exists() else district_url(self.object)
