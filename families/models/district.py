"""What an organisation knows of a district: settlements, institutions and resources, and its social passports.

Source: the practice of Novgorod («населённые пункты делятся на участки, на каждый составлен социальный паспорт
участка: это позволяет куратору использовать все ресурсы для решения проблем семьи»), domain.md §3.
"""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from families.districts import passports
from families.models.family import Family, FamilyEvent
from sopr.accounts.models import District, Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.audit.append_only import AppendOnly, AppendOnlyQuerySet
from sopr.errors import Refused
from sopr.web.models import Versioned


class PartOfDistrictQuerySet(ScopedQuerySet):
    """What belongs to a district is seen by whoever sees the district."""

    def visible_to(self, user):
        return self.filter(district__in=District.objects.visible_to(user))


class Settlement(Versioned):
    """Населённый пункт участка; households and people are counted by the local administration, not by the system."""

    district = models.ForeignKey(District, models.PROTECT, related_name="settlements", verbose_name="участок")
    name = models.CharField("наименование", max_length=200)
    households = models.PositiveIntegerField("домохозяйств", null=True, blank=True)
    population = models.PositiveIntegerField("жителей", null=True, blank=True)

    objects = PartOfDistrictQuerySet.as_manager()

    class Meta:
        verbose_name = "населённый пункт"
        verbose_name_plural = "населённые пункты"
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["district", "name"], name="one_settlement_per_name")]

    def __str__(self):
        return self.name


class DistrictPlace(Versioned):
    """Учреждение или ресурс участка: where a family of the district can be sent for help."""

    class Kind(models.TextChoices):
        SCHOOL = "school", "школа"
        KINDERGARTEN = "kindergarten", "детский сад"
        CLINIC = "clinic", "поликлиника, ФАП"
        SOCIAL = "social", "социальная служба"
        CULTURE = "culture", "клуб, библиотека"
        SPORT = "sport", "спорт"
        CLUBS = "clubs", "дополнительное образование"
        POLICE = "police", "участковый пункт полиции"
        SHOP = "shop", "магазин"
        INSTITUTION = "institution", "иное учреждение"
        NGO = "ngo", "НКО"
        VOLUNTEERS = "volunteers", "добровольцы"
        CRISIS_FLAT = "crisis_flat", "кризисная квартира"
        RENTAL = "rental", "пункт проката вещей"
        MUTUAL_HELP = "mutual_help", "группа взаимопомощи"
        EMPLOYER = "employer", "работодатель"
        RESOURCE = "resource", "иной ресурс"

    RESOURCES = (
        Kind.NGO,
        Kind.VOLUNTEERS,
        Kind.CRISIS_FLAT,
        Kind.RENTAL,
        Kind.MUTUAL_HELP,
        Kind.EMPLOYER,
        Kind.RESOURCE,
    )

    district = models.ForeignKey(District, models.PROTECT, related_name="places", verbose_name="участок")
    kind = models.CharField("вид", max_length=16, choices=Kind)
    name = models.CharField("наименование", max_length=300)
    address = models.CharField("адрес", max_length=300, blank=True)
    phone = models.CharField("телефон", max_length=40, blank=True)
    note = models.CharField("чем помогает", max_length=500, blank=True)

    objects = PartOfDistrictQuerySet.as_manager()

    class Meta:
        verbose_name = "учреждение или ресурс"
        verbose_name_plural = "учреждения и ресурсы участков"
        ordering = ["kind", "name", "pk"]
        constraints = [
            # a passport is printed and carried about: nobody may read in it where a family hides
            models.CheckConstraint(condition=~Q(kind="crisis_flat") | Q(address=""), name="crisis_flat_without_address")
        ]

    def __str__(self):
        return self.name

    @property
    def is_resource(self) -> bool:
        """A resource (of people, NGOs, employers) and not an institution."""
        return self.kind in self.RESOURCES


class DistrictPassportQuerySet(AppendOnlyQuerySet, PartOfDistrictQuerySet):
    def brief(self):
        """Without the content: for lists."""
        return self.defer("content", "counted")


class DistrictPassport(AppendOnly):
    """Социальный паспорт участка на дату: the figures as they were counted then, with what they were counted from.

    Never changed after drawing up. `content` is everything that is shown and printed, `counted` the ids behind each
    number (code of the figure → ids of families or of people).
    """

    district = models.ForeignKey(District, models.PROTECT, related_name="passports", verbose_name="участок")
    on = models.DateField("на дату")
    drawn_at = models.DateTimeField("составлен", default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="составил")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="организация")
    conclusions = models.TextField("выводы", blank=True)
    content = models.JSONField(editable=False)
    counted = models.JSONField(editable=False)

    objects = DistrictPassportQuerySet.as_manager()

    class Meta:
        verbose_name = "паспорт участка"
        verbose_name_plural = "паспорта участков"
        ordering = ["-on", "-pk"]
        # also serves the list of a district's passports and the search of the previous one
        constraints = [models.UniqueConstraint(fields=["district", "on"], name="one_passport_per_day")]

    def __str__(self):
        return f"Паспорт на {self.on:%d.%m.%Y}"

    @classmethod
    def draw_up(cls, district, *, by, on: datetime.date, conclusions="") -> "DistrictPassport":
        """Count the figures of `district` at the day `on` and freeze them together with what is entered about it.

        Raises Refused for a day to come, for a day that already has a passport and for a closed district.
        """
        if on > timezone.localdate():
            raise Refused("Паспорт составляют на сегодняшний или прошедший день: будущее посчитать нельзя.")
        with transaction.atomic():
            locked = District.objects.select_for_update().get(pk=district.pk)
            if locked.closed_on and on > locked.closed_on:
                raise Refused(f"Участок закрыт {locked.closed_on:%d.%m.%Y}. Укажите день не позже.")
            if cls.objects.filter(district=district, on=on).exists():
                raise Refused(f"Паспорт на {on:%d.%m.%Y} уже составлен, изменить его нельзя. Укажите другой день.")
            previous = cls.objects.filter(district=district, on__lt=on).order_by("-on").first()
            content, counted = passports.freeze(locked, on, previous)
            return cls.objects.create(
                district=district,
                on=on,
                by=by,
                organisation=by.organisation,
                conclusions=conclusions,
                content=content,
                counted=counted,
            )


def assign_families(district, families, *, by) -> int:
    """Write into the cards of `families` (ids) that they live in `district`; one event for each card that changed.

    Returns how many changed. Raises Refused for a closed district and for a family of another municipality.
    """
    with transaction.atomic():
        locked = District.objects.select_for_update().get(pk=district.pk)
        if locked.closed_on:
            raise Refused(f"Участок закрыт {locked.closed_on:%d.%m.%Y}. Выберите действующий.")
        rows = Family.objects.live().select_for_update().filter(pk__in=families).exclude(district=district)
        rows = list(rows.order_by("pk"))
        for row in rows:
            if row.municipality_id != locked.municipality_id:
                raise Refused(f"Семья № {row.number} живёт в другом муниципальном образовании. Снимите с неё отметку.")
        changed = Family.objects.filter(pk__in=[row.pk for row in rows])
        changed.update(district=district, version=F("version") + 1)
        today = timezone.localdate()
        FamilyEvent.objects.bulk_create(
            FamilyEvent(
                family=row,
                kind="district_set",
                by=by,
                happened_on=today,
                refs={"district": district.pk, "was": row.district_id},
            )
            for row in rows
        )
    return len(rows)
