"""Семья: the card and its verbs. A family is not a surname or an address (domain.md §6)."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from families.models.person import Person
from families.models.statuses import RegisterEntry
from families.names import address_key, normalise, number_key, tidy_phone
from sopr.accounts.models import District, Municipality, Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly, AppendOnlyQuerySet
from sopr.documents.names import family_surname
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.web.models import Versioned


class FamilyQuerySet(ScopedQuerySet):
    """Road to the owner: the organisations that hold the family's card."""

    def live(self):
        """Cards that stand for themselves: not those merged into another one."""
        return self.filter(merged_into=None)

    def held_by(self, user):
        return self.live().filter(holders=user.organisation_id)

    for_curator = for_head = held_by


class Family(Versioned):
    number = models.CharField("номер", max_length=40, unique=True)
    number_key = models.CharField(max_length=120, editable=False)
    surname = models.CharField("фамилия семьи", max_length=100)
    municipality = models.ForeignKey(Municipality, models.PROTECT, verbose_name="муниципальное образование")
    district = models.ForeignKey(District, models.PROTECT, null=True, blank=True, verbose_name="участок")
    address = models.CharField("адрес", max_length=300, blank=True)
    address_hidden = models.BooleanField("адрес скрыт для безопасности", default=False)
    phone = models.CharField("телефон", max_length=40, blank=True)
    circumstances = models.TextField("ресурсы и риски", blank=True)
    benefits = models.TextField("меры поддержки и льготы", blank=True)
    surname_forms = models.JSONField("формы фамилии, вписанные вручную", default=dict, blank=True)
    holders = models.ManyToManyField(Organisation, related_name="families", verbose_name="кто ведёт карточку")
    registered_on = models.DateField("зарегистрирована", default=timezone.localdate)
    search_text = models.CharField(max_length=450, editable=False)
    address_key = models.CharField(max_length=300, default="", editable=False)
    imported = models.BooleanField(default=False, editable=False)
    # The card that stands for this one since the two were found to be one family; its number still leads there.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged", verbose_name="объединена с"
    )

    objects = FamilyQuerySet.as_manager()

    class Meta:
        verbose_name = "семья"
        verbose_name_plural = "семьи"
        ordering = ["surname", "pk"]
        indexes = [
            # families list: default order by surname; search by its beginning
            models.Index(fields=["search_text", "id"], name="family_search_text"),
            # families list sorted by number
            models.Index(fields=["number_key", "id"], name="family_number_key"),
            # families list sorted by the day of registration
            models.Index(fields=["registered_on", "id"], name="family_registered_on"),
            # duplicate check: same address, same telephone
            models.Index(fields=["address_key"], name="family_address_key"),
            models.Index(fields=["phone"], name="family_phone"),
        ]

    def __str__(self):
        return f"{self.surname}, № {self.number}"

    def save(self, *args, update_fields=None, **kwargs):
        filled = self.fill_keys()
        if update_fields is not None:
            update_fields = {*update_fields, *filled}
        super().save(*args, update_fields=update_fields, **kwargs)

    def fill_keys(self) -> set[str]:
        """Derive the columns that search and sorting read; returns their names (bulk writers need them too).

        A hidden address is in none of them: nobody finds the family by asking for the street.
        """
        found_at = "" if self.address_hidden else self.address
        self.number_key = number_key(self.number)
        self.search_text = normalise(f"{self.surname} {found_at}")
        self.address_key = address_key(found_at)
        self.phone = tidy_phone(self.phone)
        return {"number_key", "search_text", "address_key"}

    @classmethod
    def register(cls, *, by, surname, municipality, **fields) -> "Family":
        """Enter a new family into the register of the actor's organisation; numbers run without gaps."""
        with transaction.atomic():
            family = cls.objects.create(
                number=_free_number(cls, "family"), surname=surname, municipality=municipality, **fields
            )
            family.holders.add(by.organisation)
            family.log("registered", by=by)
        return family

    def add_member(self, person: Person, *, by, relation, since=None, is_representative=False, ground=""):
        """Make `person` a member from `since` (today if None); raises Refused if he already is one then."""
        since = since or timezone.localdate()
        with transaction.atomic():
            self.lock()
            if self.memberships.filter(person=person).filter(Q(until=None) | Q(until__gte=since)).exists():
                raise Refused(f"{person.full_name} уже числится в составе этой семьи на указанную дату.")
            membership = self.memberships.create(
                person=person, relation=relation, since=since, is_representative=is_representative, ground=ground
            )
            self.log("member_added", by=by, happened_on=since, person=person.pk)
        return membership

    def end_membership(self, membership, *, by, until, because=None):
        """The person left the family on `until` (the last day); the membership stays in the history.

        `because` is a code of FamilyMembership.Left; None when it was not said.
        """
        if membership.since and until < membership.since:
            raise Refused("Дата выбытия раньше даты вхождения в семью. Проверьте даты.")
        with transaction.atomic():
            membership.until, membership.left_because = until, because
            membership.save(update_fields=["until", "left_because"])
            self.log("member_left", by=by, happened_on=until, person=membership.person_id, because=because)

    def set_primary_category(self, category, *, by, since=None, ground=""):
        """Make `category` primary from `since`; the former primary one ends the day before (domain.md §6.3)."""
        since = since or timezone.localdate()
        with transaction.atomic():
            self.lock()
            former = self.category_periods.filter(is_primary=True, until=None).first()
            if former is not None and former.category == category:
                return former
            if former is not None:
                if former.since >= since:
                    raise Refused(
                        f"Действующая категория установлена {former.since:%d.%m.%Y}. Укажите более позднюю дату."
                    )
                former.until = since - datetime.timedelta(days=1)
                former.save(update_fields=["until"])
            period = self.category_periods.create(category=category, is_primary=True, since=since, ground=ground)
            self.log("category_set", by=by, happened_on=since, category=category)
        return period

    def add_category(self, category, *, by, since=None, ground=""):
        """Note a further, not primary category from `since`; raises Refused when the family already bears it."""
        since = since or timezone.localdate()
        with transaction.atomic():
            self.lock()
            if self.category_periods.filter(category=category, until=None).exists():
                raise Refused("Эта категория у семьи уже указана. Выберите другую.")
            period = self.category_periods.create(category=category, since=since, ground=ground)
            self.log("category_added", by=by, happened_on=since, category=category)
        return period

    def end_category(self, period, *, by, until):
        """A further category no longer holds after `until`; the primary one is only replaced, never ended."""
        if period.is_primary:
            raise Refused("Основную категорию нельзя снять, её можно только заменить: укажите новую основную.")
        if until < period.since:
            raise Refused(f"Категория установлена {period.since:%d.%m.%Y}: она не могла закончиться раньше.")
        with transaction.atomic():
            period.until = until
            period.save(update_fields=["until"])
            self.log("category_ended", by=by, happened_on=until, category=period.category)

    def amend(self, *, by, **fields):
        """Correct the card's own fields; which ones changed is kept, their text is not.

        Forms of the surname typed by hand go with the surname they were typed for.
        """
        if fields.get("surname", self.surname) != self.surname and "surname_forms" not in fields:
            fields["surname_forms"] = {}
        changed = sorted(name for name, value in fields.items() if getattr(self, name) != value)
        if not changed:
            return
        with transaction.atomic():
            self.lock_unchanged()
            for name in changed:
                setattr(self, name, fields[name])
            self.save(update_fields=changed)
            self.log("amended", by=by, fields=changed)

    def move(self, *, by, moved_on, municipality, address):
        """The family lives elsewhere in the region from `moved_on`; the district of the former place no longer holds.

        Raises Refused for the future and when nothing changes. Cases go on: their pages say what to decide.
        """
        if moved_on > timezone.localdate():
            raise Refused("Дата переезда ещё не наступила.")
        if (municipality, address.strip()) == (self.municipality, self.address):
            raise Refused("Адрес тот же, что и в карточке. Проверьте, что изменилось.")
        with transaction.atomic():
            self.lock_unchanged()
            former = self.municipality_id
            self.municipality, self.address, self.district = municipality, address.strip(), None
            self.save(update_fields=["municipality", "address", "district"])
            refs = {"from": former, "to": municipality.pk}
            self.log("moved", by=by, happened_on=moved_on, **refs)

    def amend_person(self, person, *, by, **fields):
        """Correct a member's data; raises ValidationError for an impossible birth date or СНИЛС.

        Forms of the name typed by hand go with the name they were typed for.
        """
        renamed = any(fields.get(part, getattr(person, part)) != getattr(person, part) for part in Person.NAME)
        if renamed and "name_forms" not in fields:
            fields["name_forms"] = {}
        changed = sorted(name for name, value in fields.items() if getattr(person, name) != value)
        if not changed:
            return
        with transaction.atomic():
            person.lock_unchanged()
            for name in changed:
                setattr(person, name, fields[name])
            person.full_clean(exclude=["search_name"])
            person.save(update_fields=changed)
            self.log("person_amended", by=by, person=person.pk, fields=changed)

    def decline_person(self, person, *, by, forms):
        """Keep the forms {case: full name} typed by hand for a member's name; documents write them from now on."""
        if person.name_forms == forms:
            return
        with transaction.atomic():
            person.lock_unchanged()
            person.name_forms = forms
            person.save(update_fields=["name_forms"])
            self.log("names_declined", by=by, person=person.pk, cases=sorted(forms))

    def place_on_sop(self, *, by, placed_on, ground=""):
        """The juvenile commission took the family onto its СОП register on `placed_on`."""
        return RegisterEntry.place(self, RegisterEntry.Kind.SOP, by=by, placed_on=placed_on, ground=ground)

    def remove_from_sop(self, *, by, removed_on, positive_rehabilitation=None, ground=""):
        """The commission took the family off the register on `removed_on`; None = the reason was not said."""
        entry = self.register_entries.filter(kind=RegisterEntry.Kind.SOP, removed_on=None).first()
        if entry is None:
            raise Refused("Семья не состоит на учёте СОП: снимать не с чего.")
        entry.remove(by=by, removed_on=removed_on, ground=ground, positive_rehabilitation=positive_rehabilitation)

    def surname_in(self, case: str) -> str:
        """«Ковалёвых»: the family's surname in a grammatical case; a form typed by hand wins."""
        return family_surname(self.surname, case, override=self.surname_forms.get(case))

    def primary_category_on(self, day) -> str:
        """Code of the primary category valid on `day`; empty when there was none."""
        period = (
            self.category_periods.filter(is_primary=True, since__lte=day)
            .filter(Q(until=None) | Q(until__gte=day))
            .first()
        )
        return period.category if period else ""

    def members_on(self, day):
        """Memberships valid on `day`, with their people."""
        return self.memberships.valid_on(day).select_related("person")

    def lock(self):
        """Acts on one card follow one another until the transaction ends."""
        row = Family.objects.select_for_update().get(pk=self.pk)
        if row.merged_into_id:
            raise Refused(f"Карточка объединена с № {row.merged_into.number}. Откройте ту карточку и повторите там.")

    def log(self, kind, *, by=None, happened_on=None, **refs):
        """Append one event; `refs` are ids, codes and dates, never personal text."""
        return FamilyEvent.objects.create(
            family=self, kind=kind, by=by, happened_on=happened_on or timezone.localdate(), refs=refs
        )


class FamilyEventQuerySet(AppendOnlyQuerySet):
    def of_card(self, family):
        """Events of the card and of those merged into it: history is not rewritten, it is read together."""
        cards = Family.objects.filter(Q(pk=family.pk) | Q(merged_into=family.pk))  # an index each
        return self.filter(family__in=cards.order_by().values("pk"))


class FamilyEvent(AppendOnly):
    """История карточки: ids, codes and dates only."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=32)
    at = models.DateTimeField(default=timezone.now, editable=False)
    happened_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    refs = models.JSONField(default=dict)

    objects = FamilyEventQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-pk"]
        # timeline of a family card, newest first
        indexes = [models.Index(fields=["family", "-happened_on", "-id"], name="family_event_timeline")]

    def __str__(self):
        return f"{self.kind} {self.happened_on}"


def _free_number(model, scope) -> str:
    """The next number in `scope` that no imported row already bears."""
    while True:
        number = f"{next_number(scope, 0):04d}"
        if not model.objects.filter(number=number).exists():
            return number


def new_person(*, by, **fields) -> Person:
    """Enter a person; validates birth date and СНИЛС (ValidationError), numbers run without gaps."""
    with transaction.atomic():
        person = Person(number=_free_number(Person, "person"), **fields)
        person.full_clean(exclude=["search_name"])
        person.save()
    return person
