"""Territories: municipalities, and the districts into which the organisations that walk them divide them."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, ProtectedError, Q
from django.utils import timezone

from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.web.models import Versioned


class Municipality(Versioned):
    """Муниципальное образование."""

    code = models.CharField("код", max_length=32, unique=True)
    name = models.CharField("наименование", max_length=200)

    class Meta:
        verbose_name = "муниципальное образование"
        verbose_name_plural = "муниципальные образования"
        ordering = ["name"]

    def __str__(self):
        return self.name

    def remove(self):
        """Delete one that nothing refers to; raises Refused naming what does, with the numbers."""
        try:
            with transaction.atomic():
                self.delete()
        except ProtectedError as used:
            uses = {}
            for row in used.protected_objects:
                title = str(row._meta.verbose_name_plural)
                uses[title] = uses.get(title, 0) + 1
            named = ", ".join(f"{title} ({number})" for title, number in sorted(uses.items()))
            raise Refused(
                f"Удалить нельзя: с этим муниципальным образованием связаны {named}. "
                "Если изменилось название, исправьте его; удаляют только то, что внесли по ошибке."
            ) from used


class DistrictQuerySet(ScopedQuerySet):
    """Road to the owner: the organisation that walks the district today, or whose municipality it lies in."""

    def open(self):
        return self.filter(closed_on=None)

    def of_organisation(self, user):
        if user.organisation is None:
            return self.none()
        today = timezone.localdate()
        walked = DistrictWalk.objects.valid_on(today).filter(organisation=user.organisation_id).values("district")
        return self.filter(Q(municipality=user.organisation.municipality_id) | Q(pk__in=walked))

    for_curator = for_head = of_organisation


class District(Versioned):
    """Участок: the part of a municipality that one specialist walks.

    Settlements are divided into districts, and each has its social passport (practice of Novgorod).
    """

    municipality = models.ForeignKey(
        Municipality, models.PROTECT, related_name="districts", verbose_name="муниципальное образование"
    )
    name = models.CharField("наименование", max_length=200)
    boundaries = models.TextField("границы", blank=True)
    closed_on = models.DateField("закрыт", null=True, blank=True, editable=False)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        verbose_name = "участок"
        verbose_name_plural = "участки"
        ordering = ["municipality", "name"]
        constraints = [models.UniqueConstraint(fields=["municipality", "name"], name="one_district_per_name")]

    def __str__(self):
        return self.name

    @property
    def walk(self):
        """Who walks the district today, or None; a queryset may have fetched it as `walk_now`."""
        if not hasattr(self, "walk_now"):
            walks = self.walks.valid_on(timezone.localdate())
            self.walk_now = list(walks.select_related("organisation", "specialist"))
        return self.walk_now[0] if self.walk_now else None

    def hand_to(self, organisation, *, since: datetime.date, specialist=None):
        """From `since` the district is walked by `organisation`, in person by `specialist` of it; the former walk
        ends the day before, and one begun the same day is corrected.

        Raises Refused for a closed district, for a day before the present walk began, and for a specialist who does
        not work there.
        """
        if specialist is not None and (specialist.organisation_id != organisation.pk or not specialist.is_active):
            raise Refused("Этот специалист не работает в выбранной организации. Выберите другого.")
        with transaction.atomic():
            district = self._lock()
            if district.closed_on:
                raise Refused(f"Участок закрыт {district.closed_on:%d.%m.%Y}. Сначала откройте его снова.")
            former = self.walks.filter(until=None).first()
            if former is not None and since < former.since:
                raise Refused(f"Нынешний обход записан с {former.since:%d.%m.%Y}. Укажите день не раньше.")
            if former is not None and (former.organisation, former.specialist) == (organisation, specialist):
                return former
            if former is not None and since == former.since:
                former.organisation, former.specialist = organisation, specialist
                former.save(update_fields=["organisation", "specialist"])
                return former
            ended = self.walks.filter(until__gte=since).first()
            if ended is not None:
                raise Refused(f"Прежний обход записан по {ended.until:%d.%m.%Y}. Укажите день позже.")
            if former is not None:
                former.until = since - datetime.timedelta(days=1)
                former.save(update_fields=["until"])
            return self.walks.create(organisation=organisation, specialist=specialist, since=since)

    def close(self, *, on: datetime.date):
        """The district is no more after `on`; its passports and walks stay. Families in it wait for another one."""
        with transaction.atomic():
            if self._lock().closed_on:
                raise Refused("Участок уже закрыт.")
            walk = self.walks.filter(until=None).first()
            if walk is not None and on < walk.since:
                raise Refused(f"Нынешний обход записан с {walk.since:%d.%m.%Y}. Закрыть участок раньше нельзя.")
            if walk is not None:
                walk.until = on
                walk.save(update_fields=["until"])
            self.closed_on = on
            self.save(update_fields=["closed_on"])

    def reopen(self):
        """Take back a closing; the walk that it ended goes on."""
        with transaction.atomic():
            closed_on = self._lock().closed_on
            if not closed_on:
                raise Refused("Участок и так действует.")
            self.walks.filter(until=closed_on).update(until=None)
            self.closed_on = None
            self.save(update_fields=["closed_on"])

    def _lock(self):
        return District.objects.select_for_update().get(pk=self.pk)


class DistrictWalkQuerySet(models.QuerySet):
    def valid_on(self, day):
        return self.filter(Q(until=None) | Q(until__gte=day), since__lte=day)


class DistrictWalk(models.Model):
    """Обход участка на даты: one organisation at a time, and the specialist who goes there."""

    district = models.ForeignKey(District, models.PROTECT, related_name="walks", verbose_name="участок")
    organisation = models.ForeignKey(
        "accounts.Organisation", models.PROTECT, related_name="walks", verbose_name="организация"
    )
    specialist = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="специалист"
    )
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)

    objects = DistrictWalkQuerySet.as_manager()

    class Meta:
        verbose_name = "обход участка"
        verbose_name_plural = "обходы участков"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="walk_since_before_until")
        ]

    def __str__(self):
        return f"{self.organisation} с {self.since:%d.%m.%Y}"
