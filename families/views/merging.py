"""Finding the second card, comparing, merging, the list of merges, undoing. The head's pages."""

from functools import cached_property

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from families.categories import Category
from families.finding.likeness import find_like, find_people_like
from families.finding.search import find_families
from families.forms.merge import FindForm, MergeForm
from families.merging.verbs import merge_families, merge_people, pairs_of_people, preview, typed_like, undo_merge
from families.models import Family, FamilyMembership, Merge, Person
from families.names import normalise
from families.views.family import family_crumbs, family_url
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.forms import format_snils
from sopr.web.pages import ActionPage, DetailPage, Empty, FormPage, ListPage, record
from sopr.web.tables import Column

MERGES = ("Объединения", "families:merge-list")


class MergeFind(DetailPage):
    """Which other card is the same: suggestions by likeness, and a search. Words come by POST: never in an address."""

    permission = Perm.FAMILY_MERGE
    menu = "families"
    template_name = "families/merge_find.html"

    def post(self, request, *args, **kwargs):
        self.object  # noqa: B018 — found or 404 before anything else
        form = FindForm(request.POST)
        found = self.look_for(form.cleaned_data["q"]) if form.is_valid() else None
        record(request.user, "search", self.object, detail={"page": self.page_name, "found": len(found or [])})
        return self.show(form=form, found=found)

    def get_context_data(self, **context):
        rows = {"form": FindForm(), "suggested": self.suggest(), "confirm_name": self.confirm_name}
        return super().get_context_data(**(rows | context))


class FamilyMerge(MergeFind):
    model = Family
    title = "С какой карточкой объединить"
    confirm_name = "families:family-merge-confirm"

    def get_breadcrumbs(self):
        return [*family_crumbs(self.object), ("Объединение", None)]

    def get_note(self):
        return f"Эта карточка останется: {self.object}. Вторую система перенесёт в неё."

    def suggest(self):
        """Own families like this one: by its people, address, telephone."""
        family = self.object
        people = [row.person for row in family.members_on(timezone.localdate())]
        likes = find_like(
            by=self.request.user,
            people=[typed_like(person) for person in people],
            surname=family.surname,
            address=family.address,
            phone=family.phone,
            besides=family,
        )
        return [(like.family, str(like.family), ", ".join(like.facts)) for like in likes if like.own]

    def look_for(self, words):
        found = find_families(self.request.user, words).found
        return [
            (item.family, str(item.family), ", ".join(member.person.full_name for member in item.people))
            for item in found
            if item.family.pk != self.object.pk
        ]


class PersonMerge(MergeFind):
    model = Person
    title = "С какой записью объединить"
    confirm_name = "families:person-merge-confirm"
    SHOWN = 20

    def get_breadcrumbs(self):
        return [*family_crumbs(family_of(self.object, self.request.user)), ("Объединение записей", None)]

    def get_note(self):
        return f"Эта запись останется: {_named(self.object)}. Вторую система перенесёт в неё."

    def suggest(self):
        likes = find_people_like(typed_like(self.object), by=self.request.user)
        return self.described([like.person for like in likes if like.person.pk != self.object.pk])

    def look_for(self, words):
        condition = Q()
        for word in normalise(words).split():
            condition &= Q(search_name__startswith=word) | Q(search_name__contains=f" {word}")
        condition |= Q(number=words.strip().lstrip("№# "))
        people = Person.objects.visible_to(self.request.user).filter(condition).exclude(pk=self.object.pk)
        return self.described(people.order_by("search_name", "pk")[: self.SHOWN])

    def described(self, people):
        """People with the family they are in; one statement for all families."""
        rows = FamilyMembership.objects.filter(
            person__in=[person.pk for person in people], family__in=Family.objects.visible_to(self.request.user)
        ).select_related("family")
        families = {row.person_id: f"{row.get_relation_display()}, семья {row.family}" for row in rows.order_by("pk")}
        return [(person, _named(person), families.get(person.pk, "")) for person in people]


class MergeConfirm(FormPage):
    """What goes where, side by side; the reason and the act."""

    permission = Perm.FAMILY_MERGE
    menu = "families"
    template_name = "families/merge_confirm.html"
    submit_title = "Объединить"
    other_keyword = ""

    @cached_property
    def absorbed(self):
        found = self.get_queryset().filter(pk=self.kwargs[self.other_keyword]).first()
        if found is None:
            raise Http404
        return found

    def check_moment(self):
        self.absorbed  # noqa: B018 — found or 404 before anything else
        self.plan  # noqa: B018 — refuses two that cannot be one at all

    @cached_property
    def plan(self):
        values = {key[6:]: value for key, value in self.request.POST.items() if key.startswith("value_")}
        return preview(self.object, self.absorbed, by=self.request.user, values=values)

    @cached_property
    def pairs(self):
        return []

    def get_form(self, data=None, files=None):
        self.check_moment()
        return MergeForm(data, plan=self.plan, pairs=self.pairs)

    def get_context_data(self, **context):
        if "plan" not in self.__dict__:  # refused before there was anything to compare
            return super().get_context_data(**context)
        blocked = "Сначала устраните то, что мешает." if self.plan.blockers else ""
        return super().get_context_data(
            **(
                {
                    "plan": self.plan,
                    "absorbed": self.absorbed,
                    "kept": self.object,
                    "sides": [self.describe(self.object), self.describe(self.absorbed)],
                    "consequences": self.get_consequences(),
                    "submit_reason": blocked,
                    "swap_url": reverse(self.page_name, args=[self.absorbed.pk, self.object.pk]),
                }
                | context
            )
        )


class FamilyMergeConfirm(MergeConfirm):
    model = Family
    title = "Объединить карточки"
    other_keyword = "other_family"
    success_message = "Карточки объединены. Отменить объединение можно в течение 30 дней."

    def get_queryset(self):
        return super().get_queryset().select_related("municipality", "district").prefetch_related("holders")

    def get_breadcrumbs(self):
        find = reverse("families:family-merge", args=[self.object.pk])
        return [*family_crumbs(self.object), ("Объединение", find), (f"№ {self.absorbed.number}", None)]

    def get_note(self):
        return f"Останется № {self.object.number}, номер {self.absorbed.number} будет вести на неё."

    @cached_property
    def pairs(self):
        return pairs_of_people(self.object, self.absorbed)

    def describe(self, family):
        """What one looks at first to say whether it is the same family."""
        today = timezone.localdate()
        return {
            "row": family,
            "url": family_url(family),
            "people": [(row.person, row.get_relation_display()) for row in family.members_on(today)],
            "facts": [
                ("Заведена", f"{family.registered_on:%d.%m.%Y}"),
                ("Ведут", ", ".join(str(holder) for holder in family.holders.all())),
                ("Основная категория", dict(Category.choices).get(family.primary_category_on(today), "не указана")),
            ],
        }

    def get_consequences(self):
        others = [holder for holder in self.absorbed.holders.all() if holder.pk != self.request.user.organisation_id]
        lines = [
            "История обеих карточек сохранится и будет видна вместе, номера обеих будут находить эту карточку.",
            "Подписанные протоколы и отчёты не изменятся; в новых расчётах семья считается один раз.",
        ]
        if others:
            names = ", ".join(str(holder) for holder in others)
            lines.append(f"Карточку № {self.absorbed.number} ведёт также {names}: объединённую карточку увидят и там.")
        return lines

    def act(self, form):
        merge_families(
            self.object,
            self.absorbed,
            by=self.request.user,
            reason=form.cleaned_data["reason"],
            values=form.values(),
            same_people=form.same_people(),
        )
        return family_url(self.object)


class PersonMergeConfirm(MergeConfirm):
    model = Person
    title = "Объединить записи об одном человеке"
    other_keyword = "other_person"
    success_message = "Записи объединены. Отменить объединение можно в течение 30 дней."

    def get_breadcrumbs(self):
        find = reverse("families:person-merge", args=[self.object.pk])
        family = family_of(self.object, self.request.user)
        return [*family_crumbs(family), ("Объединение записей", find), (f"№ {self.absorbed.number}", None)]

    def get_note(self):
        return f"Останется запись № {self.object.number}, запись № {self.absorbed.number} войдёт в неё."

    def describe(self, person):
        """Who it is, and in which families."""
        rows = FamilyMembership.objects.filter(person=person).select_related("family").order_by("pk")
        own = set(Family.objects.visible_to(self.request.user).filter(memberships__person=person).values_list("pk"))
        own = {pk for (pk,) in own}
        families = [f"{row.get_relation_display()}, {row.family}" for row in rows if row.family_id in own]
        if any(row.family_id not in own for row in rows):
            families.append("состоит и в семье другой организации")
        born = f"{person.birth_on:%d.%m.%Y}" if person.birth_on else "не указана"
        return {
            "row": person,
            "url": reverse("families:person-edit", args=[person.pk]),
            "people": [],
            "facts": [
                ("Дата рождения", born),
                ("СНИЛС", format_snils(person.snils) or "не указан"),
                ("Семьи", "; ".join(families)),
            ],
        }

    def get_consequences(self):
        lines = ["Согласия, заявления, участие в случаях и в составе семей перейдут к остающейся записи."]
        one, other = self.object, self.absorbed
        if one.snils and other.snils and one.snils != other.snils:
            lines.insert(0, "СНИЛС различаются: возможно, это разные люди. Сверьте документы.")
        if one.birth_on and other.birth_on and one.birth_on != other.birth_on:
            lines.insert(0, "Даты рождения различаются: возможно, это близнецы или однофамильцы. Сверьте документы.")
        return lines

    def act(self, form):
        merge_people(
            self.object,
            self.absorbed,
            by=self.request.user,
            reason=form.cleaned_data["reason"],
            values=form.values(),
        )
        return family_url(family_of(self.object, self.request.user), "members")


class MergeList(ListPage):
    permission = Perm.FAMILY_MERGE
    model = Merge
    title = "Объединения карточек"
    menu = "families"
    default_sort = "-at"
    columns = [
        Column("at", "Когда", kind="datetime", width=16),
        Column("absorbed", "Что вошло", "absorbed_title", width=34),
        Column("kept", "Во что", "kept_title", url=lambda row: kept_url(row), width=34),
        Column("reason", "Почему", lambda row: row.get_reason_display(), width=34),
        Column("by", "Кто", "by.short_name", width=20),
        Column("state", "Состояние", "state", width=30),
        Column(
            "undo",
            "Действие",
            lambda row: "" if row.why_not_undo() else "Отменить",
            kind="act",
            url=lambda row: "" if row.why_not_undo() else reverse("families:merge-undo", args=[row.pk]),
            export=lambda row: "",
        ),
    ]
    empty = Empty(
        "Объединений ещё не было",
        "Если одна семья заведена дважды, откройте её карточку и выберите «Объединить с другой карточкой».",
        "/families/",
        "К списку семей",
    )

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .select_related(
                "kept_family__merged_into",
                "absorbed_family",
                "kept_person__merged_into",
                "absorbed_person",
                "by",
                "part_of__absorbed_family",
            )
        )

    def get_breadcrumbs(self):
        return [("Семьи", reverse("families:family-list")), ("Объединения", None)]

    def get_note(self):
        return "Каждое объединение можно отменить в течение 30 дней."


class MergeUndo(ActionPage):
    permission = Perm.FAMILY_MERGE
    model = Merge
    title = "Отменить объединение"
    menu = "families"
    submit_title = "Отменить объединение"
    tone = "danger"
    success_message = "Объединение отменено."

    def get_breadcrumbs(self):
        return [
            ("Семьи", reverse("families:family-list")),
            ("Объединения", reverse("families:merge-list")),
            ("Отмена", None),
        ]

    def get_note(self):
        return str(self.object)

    def check_moment(self):
        reason = self.object.why_not_undo()
        if reason:
            raise Refused(reason)

    def get_question(self):
        return f"Снова разделить: {self.object.absorbed_title} и {self.object.kept_title}?"

    def get_consequences(self):
        lines = [
            "Всё, что перенесло объединение, вернётся на прежние места.",
            f"Добавленное после {timezone.localtime(self.object.at):%d.%m.%Y %H:%M} останется в записи "
            f"«{self.object.kept_title}».",
            "Исправленное с тех пор не изменится.",
        ]
        if self.object.parts.standing().exists():
            lines.insert(1, "Записи о людях, объединённые вместе с карточкой, тоже разделятся.")
        return lines

    def act(self, form):
        stayed = undo_merge(self.object, by=self.request.user)
        if stayed:
            messages.info(self.request, "Исправлены после объединения и оставлены как есть: " + ", ".join(stayed) + ".")
        return reverse("families:merge-list")


def kept_url(merge) -> str:
    if merge.is_of_families:
        return family_url(merge.kept)
    return "" if merge.kept.merged_into_id else reverse("families:person-edit", args=[merge.kept.pk])


def family_of(person, user) -> Family:
    """A family of this reader in which the person is."""
    return Family.objects.visible_to(user).filter(memberships__person=person).order_by("pk").first()


def _named(person) -> str:
    born = f", {person.birth_on:%d.%m.%Y}" if person.birth_on else ""
    return f"{person.full_name}{born}, № {person.number}"
