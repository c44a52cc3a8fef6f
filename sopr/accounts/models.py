"""People who sign in, and the organisations and territories they belong to."""

import datetime

from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import get_random_string

from sopr.accounts.policy import Perm, Role, may
from sopr.accounts.territory import District, DistrictWalk, Municipality
from sopr.errors import Refused

__all__ = [
    "District",
    "DistrictWalk",
    "Municipality",
    "Organisation",
    "OrganisationKind",
    "StaffRecord",
    "Unit",
    "User",
    "short_name",
]

GIVEN_PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 — an alphabet without look-alikes


class OrganisationKind(models.TextChoices):
    """Вид организации, the words of exchange.md's sheet «Организации»."""

    SOCIAL = "social", "социальное обслуживание"
    EDUCATION = "education", "образование"
    HEALTH = "health", "здравоохранение"
    GUARDIANSHIP = "guardianship", "опека"
    JUVENILE_COMMISSION = "juvenile_commission", "КДН"
    POLICE = "police", "полиция"
    EMPLOYMENT = "employment", "занятость"
    NGO = "ngo", "НКО"
    MINISTRY = "ministry", "министерство"
    OTHER = "other", "иное"


class Organisation(models.Model):
    """Организация, ведомство, НКО: one that supports families, carries out activities, or governs."""

    code = models.CharField("код", max_length=32, unique=True)
    name = models.CharField("наименование", max_length=300)
    short_name = models.CharField("краткое наименование", max_length=120, blank=True)
    kind = models.CharField("вид", max_length=24, choices=OrganisationKind)
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, verbose_name="муниципальное образование"
    )
    founder = models.CharField("учредитель", max_length=300, blank=True)
    address = models.CharField("адрес", max_length=300, blank=True)
    phone = models.CharField("телефон", max_length=40, blank=True)
    email = models.EmailField("эл. почта", blank=True)
    inn = models.CharField("ИНН", max_length=12, blank=True)
    ogrn = models.CharField("ОГРН", max_length=15, blank=True)
    director_name = models.CharField("руководитель", max_length=200, blank=True)
    director_post = models.CharField("должность руководителя", max_length=200, blank=True, default="Директор")

    class Meta:
        verbose_name = "организация"
        verbose_name_plural = "организации"
        ordering = ["name"]

    def __str__(self):
        return self.short_name or self.name


class Unit(models.Model):
    """Подразделение; `supports_families` marks a support service (table VII row 2, Irkutsk table 3)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="units")
    name = models.CharField("наименование", max_length=200)
    supports_families = models.BooleanField("служба сопровождения", default=False)
    since = models.DateField("действует с")
    until = models.DateField("по", null=True, blank=True)

    class Meta:
        verbose_name = "подразделение"
        verbose_name_plural = "подразделения"
        ordering = ["organisation", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="unit_since_before_until")
        ]

    def __str__(self):
        return self.name


class User(AbstractUser):
    """Пользователь: one person, one role, one organisation. `username` is the login."""

    first_name = models.CharField("имя", max_length=100)
    last_name = models.CharField("фамилия", max_length=100)
    patronymic = models.CharField("отчество", max_length=100, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="users", verbose_name="организация"
    )
    role = models.CharField("роль", max_length=16, choices=Role)
    post = models.CharField("должность", max_length=200, blank=True)
    phone = models.CharField("телефон", max_length=40, blank=True)

    unversioned = ("last_login",)  # signing in changes nothing that the administrator's form has
    REQUIRED_FIELDS = ["last_name", "first_name", "role"]

    class Meta:
        verbose_name = "пользователь"
        verbose_name_plural = "пользователи"
        ordering = ["last_name", "first_name", "pk"]

    def __str__(self):
        return self.short_name

    @property
    def full_name(self) -> str:
        """«Лебедева Ольга Николаевна»."""
        return " ".join(filter(None, [self.last_name, self.first_name, self.patronymic]))

    @property
    def short_name(self) -> str:
        """«Лебедева О.Н.» with no-break spaces."""
        return short_name(self.last_name, self.first_name, self.patronymic)

    def may(self, perm: Perm) -> bool:
        """Whether this user's role grants `perm`."""
        return may(self, perm)

    def give_password(self) -> str:
        """Replace the password by a random one and return it, to be shown once; every session of the user ends."""
        password = get_random_string(12, GIVEN_PASSWORD_LETTERS)
        self.set_password(password)
        self.save()
        return password

    def record_post(self, *, since: datetime.date):
        """Write down, as of the day `since`, where and as whom the user works: what the specialists are counted by.

        The record of another role or organisation ends the day before and a new one opens; with access closed none
        does. A record that would have lasted no day is taken out. Raises Refused for a day before the present record.
        """
        today = timezone.localdate()
        with transaction.atomic():
            lasting = self.staff_records.select_for_update().filter(Q(until=None) | Q(until__gte=since))
            kept = False
            for record in lasting.order_by("since", "pk"):
                if self.is_active and (record.organisation_id, record.role) == (self.organisation_id, self.role):
                    kept = True
                elif since < record.since <= today:
                    raise Refused(
                        f"По записям человек работает в прежней роли с {record.since:%d.%m.%Y}. Укажите день не раньше."
                    )
                elif record.since >= since:
                    record.delete()
                else:
                    record.until = since - datetime.timedelta(days=1)
                    record.save(update_fields=["until"])
            if self.is_active and not kept:
                self.staff_records.create(organisation_id=self.organisation_id, role=self.role, since=since)


class StaffRecord(models.Model):
    """Специалист на даты: the period in which a person works for an organisation in a role."""

    user = models.ForeignKey(User, models.PROTECT, related_name="staff_records", verbose_name="специалист")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="staff_records")
    role = models.CharField("роль", max_length=16, choices=Role)
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)

    class Meta:
        verbose_name = "специалист"
        verbose_name_plural = "специалисты"
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="staff_since_before_until"),
            models.UniqueConstraint(
                fields=["user", "organisation", "role", "since"], name="one_staff_record_per_start"
            ),
        ]

    def __str__(self):
        return f"{self.user} ({self.get_role_display()})"


def short_name(last_name: str, first_name: str = "", patronymic: str = "") -> str:
    """Surname and initials held together by a no-break space: «Лебедева О.Н.»."""
    initials = "".join(f"{name[0]}." for name in (first_name, patronymic) if name)
    return f"{last_name}\u00a0{initials}" if initials else last_name
