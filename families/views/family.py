"""The card of a family and its correction."""

from functools import cached_property

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from families.chronicle import Asked, last_visit
from families.forms.family import FamilyForm, MoveForm
from families.keepers import keeps
from families.merging.verbs import merged_with
from families.models import Family, HealthStatus
from families.timeline import entries_of
from families.views.access import NOT_KEEPER, SHOWN, actors_of, look, records_about
from sopr import profile
from sopr.accounts.policy import Perm
from sopr.audit.log import record
from sopr.audit.models import Action as Act
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.web.pages import Action, DetailPage, FormPage

TABS = {
    "": "Обзор",
    "members": "Состав",
    "support": "Сопровождение",
    "contacts": "Контакты",
    "papers": "Документы",
    "councils": "Советы",
    "access": "Доступ",
}


def family_url(family, tab="") -> str:
    url = reverse("families:family-detail", args=[family.pk])
    return f"{url}?tab={tab}" if tab else url


def family_crumbs(family) -> list[tuple[str, str]]:
    return [("Семьи", reverse("families:family-list")), (f"№ {family.number}", family_url(family))]


def redirect_to_kept(request, pk):
    """The answer for a card merged into another one that the reader sees; None for any other."""
    merged = Family.objects.filter(pk=pk).exclude(merged_into=None).select_related("merged_into").first()
    if merged is None or not Family.objects.visible_to(request.user).filter(pk=merged.merged_into_id).exists():
        return None
    messages.info(request, f"Карточка № {merged.number} объединена с этой. Её записи и история здесь.")
    return HttpResponseRedirect(family_url(merged.merged_into))


class FamilyDetail(DetailPage):
    permission = Perm.FAMILY_VIEW
    model = Family
    template_name = "families/family_detail.html"
    menu = "families"

    @cached_property
    def shown(self) -> list[str]:
        """Protected parts that this reader is shown, for the access log."""
        parts = ["address"] if self.object.address_hidden and self.address_open else []
        if self.tab == "members" and self.health_open:
            people = [row.person for row in self.present()]
            parts += ["health"] if any(person.health or person.statuses_now for person in people) else []
        return parts

    @cached_property
    def address_open(self) -> bool:
        return not self.object.address_hidden or (self.keeps and self.request.user.may(Perm.HIDDEN_ADDRESS_VIEW))

    def get_queryset(self):
        return super().get_queryset().select_related("municipality", "district").prefetch_related("holders")

    def get(self, request, *args, **kwargs):
        moved = redirect_to_kept(request, kwargs["family"])
        if moved is None:
            record(request.user, Act.READ, self.object, detail={"page": self.page_name, "shown": self.shown})
        return moved or self.show()

    def get_title(self):
        return f"Семья {self.object.surname_in('gen')}"

    def get_breadcrumbs(self):
        return [("Семьи", reverse("families:family-list")), (f"№ {self.object.number}", None)]

    @cached_property
    def tab(self) -> str:
        asked = self.request.GET.get("tab", "")
        return asked if asked in TABS else ""

    @cached_property
    def asked(self) -> Asked:
        """What of the timeline is asked for; counted from the reader's visit before this one."""
        user = self.request.user
        return Asked.read(self.request.GET, last_visit=last_visit(self.object, user), reader=user.pk)

    @cached_property
    def keeps(self) -> bool:
        return keeps(self.request.user, self.object)

    @cached_property
    def memberships(self):
        rows = self.object.memberships.select_related("person").prefetch_related("representations__child")
        if self.tab == "members" and self.health_open:
            valid = HealthStatus.objects.valid_on(timezone.localdate())
            rows = rows.prefetch_related(Prefetch("person__health_statuses", valid, to_attr="statuses_now"))
        return list(rows)

    @cached_property
    def health_open(self) -> bool:
        return self.keeps and self.request.user.may(Perm.HEALTH_VIEW)

    def present(self):
        today = timezone.localdate()
        return [row for row in self.memberships if row.until is None or row.until >= today]

    def get_acts(self):
        family, reason = self.object, "" if self.keeps else NOT_KEEPER
        acts = [*ACTS, *(MERGING if self.request.user.may(Perm.FAMILY_MERGE) else ())]
        return [
            Action(title, reverse(f"families:{name}", args=[family.pk]), disabled_reason=reason) for title, name in acts
        ]

    def get_tabs(self):
        counts = {"members": len(self.present()), "papers": self.count_papers()}
        return [
            {
                "title": title,
                "url": family_url(self.object, code),
                "count": counts.get(code),
                "active": code == self.tab,
            }
            for code, title in TABS.items()
        ]

    def count_papers(self):
        family = self.object
        return family.applications.count() + family.consents.count() + family.home_surveys.count()

    def get_context_data(self, **context):
        family, today = self.object, timezone.localdate()
        categories = [row for row in family.category_periods.all() if row.until is None or row.until >= today]
        registers = [row for row in family.register_entries.all() if row.removed_on is None]
        return super().get_context_data(
            **(
                {
                    "tab": self.tab,
                    "tabs": self.get_tabs(),
                    "keeps": self.keeps,
                    "not_keeper": NOT_KEEPER,
                    "acts": self.get_acts(),
                    "health_open": self.health_open,
                    "address": family.address if self.address_open else "",
                    "address_open": self.address_open,
                    "primary": next((row for row in categories if row.is_primary), None),
                    "further": [row for row in categories if not row.is_primary],
                    "registers": registers,
                    "members": self.present(),
                    "merges": merged_with(family),
                    "may_merge": self.request.user.may(Perm.FAMILY_MERGE),
                    "today": today,
                }
                | getattr(self, f"show_{self.tab or 'overview'}")()
                | context
            )
        )

    def show_overview(self):
        return {
            "entries": entries_of(self.object, self.request.user.organisation_id, in_full=self.keeps),
            "asked": self.asked,
            "survey": self.object.home_surveys.only("done_on", "income_per_head").first() if self.keeps else None,
            "next_due": Obligation.objects.open()
            .filter(family_id=self.object.pk, organisation=self.request.user.organisation_id)
            .with_people()[:8],
        }

    def show_members(self):
        today = timezone.localdate()
        return {
            "left": [row for row in self.memberships if row.until is not None and row.until < today],
            "category_periods": self.object.category_periods.all(),
            "register_entries": self.object.register_entries.all(),
        }

    def show_support(self):
        return {}

    def show_contacts(self):
        return {}

    def show_papers(self):
        family = self.object
        return {
            "applications": family.applications.select_related("applicant", "by", "organisation"),
            "consents": family.consents.select_related("subject", "given_by", "operator"),
            "surveys": family.home_surveys.select_related("by", "organisation"),
            "referrals": family.referrals.visible_to(self.request.user),
            "has_social_contracts": profile.current().has("social_contract"),
            "social_contracts": list(family.social_contracts.all()),
            "informed": list(family.informing_events.select_related("by")),
        }

    def show_councils(self):
        return {}

    def show_access(self):
        query = self.request.GET
        actor = int(query["actor"]) if query.get("actor", "").isdecimal() and len(query["actor"]) < 18 else None
        page = Paginator(records_about(self.object, actor), SHOWN).get_page(query.get("page"))
        return {
            "readers": [look(row) for row in page],
            "page_obj": page,
            "actors": actors_of(self.object),
            "actor": actor,
        }


# What is done to a card: (title of the button, URL name).
ACTS = [
    ("Добавить человека", "member-add"),
    ("Изменить карточку", "family-edit"),
    ("Семья переехала", "family-move"),
    ("Категория", "category-set"),
    ("Заявление", "application-new"),
    ("Согласия", "consent-new"),
    ("Акт обследования", "home-survey-new"),
    ("Учёт СОП, патронат", "register-place"),
    ("Склонение фамилии", "family-names"),
    ("Разделить семью", "family-split"),
]

MERGING = [("Объединить с другой карточкой", "family-merge")]


class KeptFamilyPage(FormPage):
    """A form about a family: open to those who work with it."""

    permission = Perm.FAMILY_EDIT
    model = Family
    menu = "families"

    def check_moment(self):
        if not keeps(self.request.user, self.object):
            raise Refused(NOT_KEEPER)

    def get_breadcrumbs(self):
        return family_crumbs(self.object)

    def get_note(self):
        return f"Семья {self.object.surname_in('gen')}, № {self.object.number}"

    def goes_to(self, tab="") -> str:
        return family_url(self.object, tab)


class FamilyMove(KeptFamilyPage):
    """A move within the region: the address and the municipality change, the district is chosen anew."""

    title = "Семья переехала"
    submit_title = "Записать переезд"
    success_message = "Переезд записан. Участок по новому адресу укажите в карточке."

    def get_form(self, data=None, files=None):
        return MoveForm(data, initial={"municipality": self.object.municipality})

    def act(self, form):
        self.object.move(by=self.request.user, **form.cleaned_data)
        return self.goes_to()


class FamilyEdit(KeptFamilyPage):
    title = "Карточка семьи"
    form_class = FamilyForm
    success_message = "Карточка сохранена."

    def get_form(self, data=None, files=None):
        fields = {name: getattr(self.object, name) for name in FamilyForm.Meta.fields}
        return FamilyForm(data, initial=fields)

    def act(self, form):
        self.object.amend(by=self.request.user, **form.card())
        return self.goes_to()
