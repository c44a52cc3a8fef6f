"""Бумаги, без которых сопровождение не начинается: application, consents, survey of the home (domain.md §3)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from families.models.family import Family
from families.models.person import Person
from sopr.accounts.models import Organisation
from sopr.errors import Refused
from sopr.web.models import Versioned


class Application(Versioned):
    """Письменное заявление семьи."""

    class Capacity(models.TextChoices):
        PARENT = "parent", "родитель"
        GUARDIAN = "guardian", "опекун"
        REPRESENTATIVE = "representative", "иной представитель"

    family = models.ForeignKey(Family, models.PROTECT, related_name="applications")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    applicant = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="заявитель")
    capacity = models.CharField("в качестве", max_length=16, choices=Capacity)
    document = models.CharField("документ заявителя", max_length=200, blank=True)
    help_asked = models.TextField("какая помощь нужна")
    circumstances = models.TextField("обстоятельства", blank=True)
    received_on = models.DateField("дата заявления", default=timezone.localdate)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now, null=True, editable=False)  # None: before it was kept

    class Meta:
        verbose_name = "заявление"
        verbose_name_plural = "заявления"
        ordering = ["-received_on", "-pk"]

    def __str__(self):
        return f"Заявление от {self.received_on:%d.%m.%Y}"

    @classmethod
    def take(cls, family, *, by, applicant, received_on, **fields) -> "Application":
        """Record the family's written application to the actor's organisation; the applicant must be its member."""
        _check_day(received_on, "Дата заявления")
        if not family.members_on(timezone.localdate()).filter(person=applicant).exists():
            raise Refused("Заявитель не числится в составе семьи. Сначала добавьте его в состав.")
        return cls.objects.create(
            family=family, organisation=by.organisation, applicant=applicant, received_on=received_on, by=by, **fields
        )


# What follows a new consent in the apps above, which declare it in their `ready()`: function(family).
_consent_followers = []


def follow_consents(follower) -> None:
    """Declare what is to be done in the same transaction once consents of a family were taken."""
    if follower not in _consent_followers:
        _consent_followers.append(follower)


class Consent(Versioned):
    """Согласие на обработку персональных данных: a separate paper for each adult; a child's is given for him."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="consents")
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="оператор")
    subject = models.ForeignKey(Person, models.PROTECT, related_name="consents", verbose_name="чьи данные")
    given_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="кто дал согласие")
    purpose = models.CharField("цель", max_length=300, default="социальное сопровождение семьи")
    recipients = models.TextField("кому передаются данные", blank=True)
    given_on = models.DateField("дата согласия", default=timezone.localdate)
    until = models.DateField("действует до", null=True, blank=True)
    withdrawn_on = models.DateField("отозвано", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now, null=True, editable=False)  # None: before it was kept

    class Meta:
        verbose_name = "согласие"
        verbose_name_plural = "согласия"
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("given_on")), name="consent_given_before_until"
            )
        ]

    def __str__(self):
        return f"Согласие от {self.given_on:%d.%m.%Y}"

    @classmethod
    def take(cls, family, *, by, adults, children, representative=None, given_on, until=None, **fields):
        """Record separate consents: each adult for himself, the representative for each child (152-ФЗ, ст. 9 ч. 6).

        Returns the consents. Raises Refused when nobody is named, or a child has no representative.
        """
        _check_day(given_on, "Дата согласия")
        if not adults and not children:
            raise Refused("Отметьте тех, за кого получено согласие.")
        if children and representative is None:
            raise Refused("За детей согласие даёт законный представитель: укажите, кто именно.")
        if until and until < given_on:
            raise Refused("Согласие не может закончиться раньше, чем дано. Проверьте даты.")
        pairs = [(person, person) for person in adults] + [(child, representative) for child in children]
        with transaction.atomic():
            taken = [
                cls.objects.create(
                    family=family,
                    operator=by.organisation,
                    subject=subject,
                    given_by=giver,
                    by=by,
                    given_on=given_on,
                    until=until,
                    **fields,
                )
                for subject, giver in pairs
            ]
            for follow in _consent_followers:
                follow(family)
        return taken


class HomeSurvey(Versioned):
    """Акт обследования условий жизни."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="home_surveys")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    done_on = models.DateField("дата обследования", default=timezone.localdate)
    commission = models.CharField("кто обследовал", max_length=500)
    present = models.CharField("кто присутствовал", max_length=500, blank=True)
    housing = models.TextField("жильё")
    income_per_head = models.DecimalField(
        "доход на человека, ₽ в месяц", max_digits=10, decimal_places=2, null=True, blank=True
    )
    children_conditions = models.TextField("условия детей: место для сна и учёбы, питание, одежда")
    safety = models.TextField("безопасность", blank=True)
    threat_found = models.BooleanField("обнаружена угроза жизни или здоровью ребёнка", default=False)
    conclusion = models.TextField("вывод")
    acquainted = models.BooleanField("семья ознакомлена с актом", default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now, null=True, editable=False)  # None: before it was kept

    class Meta:
        verbose_name = "акт обследования"
        verbose_name_plural = "акты обследования"
        ordering = ["-done_on", "-pk"]

    def __str__(self):
        return f"Акт обследования от {self.done_on:%d.%m.%Y}"

    @classmethod
    def draw_up(cls, family, *, by, done_on, **fields) -> "HomeSurvey":
        """Record what the commission saw at the family's home on `done_on`."""
        _check_day(done_on, "Дата обследования")
        return cls.objects.create(family=family, organisation=by.organisation, done_on=done_on, by=by, **fields)


def _check_day(day, what):
    if day > timezone.localdate():
        raise Refused(f"{what} ещё не наступила. Укажите сегодняшнюю или прошедшую.")
