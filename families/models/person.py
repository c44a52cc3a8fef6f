"""Человек: one row for one human being, however many families he has been a member of."""

import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from families.names import check_snils, clean_snils, normalise, tidy_phone
from sopr.accounts.models import short_name
from sopr.accounts.scope import ScopedQuerySet
from sopr.web.models import Versioned


class PersonQuerySet(ScopedQuerySet):
    def live(self):
        """People who stand for themselves: not records merged into another one."""
        return self.filter(merged_into=None)

    def of_holder(self, user):
        return self.live().filter(memberships__family__holders=user.organisation_id).distinct()

    for_curator = for_head = of_holder


class Person(Versioned):
    class Sex(models.TextChoices):
        MALE = "m", "мужской"
        FEMALE = "f", "женский"

    class Education(models.TextChoices):
        NONE = "none", "нет"
        PRESCHOOL = "preschool", "дошкольное"
        PRIMARY = "primary", "начальное общее"
        BASIC = "basic", "основное общее"
        SECONDARY = "secondary", "среднее общее"
        VOCATIONAL = "vocational", "среднее профессиональное"
        HIGHER = "higher", "высшее"

    class Employment(models.TextChoices):
        AT_HOME = "at_home", "ребёнок дома, не посещает детский сад"
        KINDERGARTEN = "kindergarten", "посещает детский сад"
        STUDIES = "studies", "учится"
        WORKS = "works", "работает"
        PARENTAL_LEAVE = "parental_leave", "в отпуске по уходу за ребёнком"
        CARES = "cares", "ухаживает за инвалидом или ребёнком"
        UNEMPLOYED = "unemployed", "не работает"
        PENSION = "pension", "на пенсии"

    NAME = ("last_name", "first_name", "patronymic")

    number = models.CharField("номер", max_length=40, unique=True)
    last_name = models.CharField("фамилия", max_length=100)
    first_name = models.CharField("имя", max_length=100, blank=True)
    patronymic = models.CharField("отчество", max_length=100, blank=True)
    sex = models.CharField("пол", max_length=1, choices=Sex, blank=True)
    birth_on = models.DateField("дата рождения", null=True, blank=True)
    snils = models.CharField("СНИЛС", max_length=11, blank=True)
    phone = models.CharField("телефон", max_length=40, blank=True)
    education = models.CharField("образование", max_length=12, choices=Education, blank=True)
    employment = models.CharField("занятость", max_length=16, choices=Employment, blank=True)
    occupation = models.CharField("место учёбы или работы", max_length=300, blank=True)
    registered_at = models.CharField("адрес регистрации", max_length=300, blank=True)
    lives_at = models.CharField("фактический адрес, если живёт отдельно от семьи", max_length=300, blank=True)
    address_hidden = models.BooleanField("адреса скрыты для безопасности", default=False)
    health = models.TextField("сведения о здоровье", blank=True)
    # {case: form} where the machine declines the full name wrong; sopr.documents.names reads it.
    name_forms = models.JSONField("формы имени, вписанные вручную", default=dict, blank=True)
    search_name = models.CharField(max_length=310, editable=False)
    imported = models.BooleanField(default=False, editable=False)
    # The record that stands for this one since the two were found to be one human being.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged", verbose_name="объединён с"
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "человек"
        verbose_name_plural = "люди"
        ordering = ["last_name", "first_name", "pk"]
        constraints = [models.UniqueConstraint(fields=["snils"], condition=~Q(snils=""), name="one_person_per_snils")]
        indexes = [
            # search by the beginning of the name: a range on the normalised column, on both databases
            models.Index(fields=["search_name"], name="person_search_name"),
            # search and duplicate check: same СНИЛС (of the unique rule's partial index SQLite makes no use)
            models.Index(fields=["snils"], name="person_snils"),
            # duplicate check: same birth date
            models.Index(fields=["birth_on"], name="person_birth_on"),
            # search and duplicate check: same telephone
            models.Index(fields=["phone"], name="person_phone"),
        ]

    def __str__(self):
        return self.full_name

    def save(self, *args, update_fields=None, **kwargs):
        filled = self.fill_keys()
        if update_fields is not None:
            update_fields = {*update_fields, *filled}
        super().save(*args, update_fields=update_fields, **kwargs)

    def fill_keys(self) -> set[str]:
        """Derive the column that search reads; returns its name (bulk writers need it too)."""
        self.search_name = normalise(self.full_name)
        self.phone = tidy_phone(self.phone)
        return {"search_name"}

    def clean(self):
        self.snils = clean_snils(self.snils)
        try:
            check_snils(self.snils)
        except ValidationError as wrong:
            raise ValidationError({"snils": wrong.messages}) from wrong
        today = timezone.localdate()
        if self.birth_on and self.birth_on > today:
            raise ValidationError({"birth_on": "Дата рождения позже сегодняшнего дня. Проверьте год."})
        if self.birth_on and self.birth_on < today - datetime.timedelta(days=120 * 366):
            raise ValidationError({"birth_on": "Дата рождения раньше чем 120 лет назад. Проверьте год."})

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name, self.patronymic]))

    @property
    def short_name(self) -> str:
        return short_name(self.last_name, self.first_name, self.patronymic)

    def age_on(self, day: datetime.date) -> int | None:
        """Full years on `day`; None when the birth date is not known."""
        if self.birth_on is None:
            return None
        return day.year - self.birth_on.year - ((day.month, day.day) < (self.birth_on.month, self.birth_on.day))

    @property
    def age(self) -> int | None:
        return self.age_on(timezone.localdate())
