"""Замещение куратора: while he is ill or away, another curator works his cases; the curator of record stays.

Nothing is switched on or off by a job: who stands in is read from the dates. The cases are seen by both, what is due
stays with the curator of record and is shown to both.
"""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cases.words import OPEN_STAGES, Stage
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.web.models import Versioned

LONGEST = datetime.timedelta(days=366)  # longer is a new curator [choice]
DAY = datetime.timedelta(days=1)
GOING_ON = (*OPEN_STAGES, Stage.AFTERCARE)


class StandInQuerySet(ScopedQuerySet):
    """Roads: the head of the organisation; a curator sees whom he stands in for and who stands in for him."""

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id)

    def for_curator(self, user):
        return self.filter(Q(user=user) | Q(curator=user), organisation=user.organisation_id)

    def on(self, day):
        return self.filter(since__lte=day, until__gte=day)

    def within(self, since, until):
        """Those that share a day with `since`–`until`."""
        return self.filter(since__lte=until, until__gte=since)

    def with_people(self):
        """With both curators in the same statement, for lists."""
        return self.select_related("curator", "user", "by")


class StandIn(Versioned):
    class Reason(models.TextChoices):
        ILLNESS = "illness", "болезнь"
        LEAVE = "leave", "отпуск"
        TRIP = "trip", "командировка или учёба"
        OTHER = "other", "другое"

    class State(models.TextChoices):
        PLANNED = "planned", "предстоит"
        NOW = "now", "идёт"
        ENDED = "ended", "завершено"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    curator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", verbose_name="кого замещают"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="stand_ins", verbose_name="кто замещает"
    )
    since = models.DateField("с")
    until = models.DateField("по")
    reason = models.CharField("причина", max_length=12, choices=Reason)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = "замещение"
        verbose_name_plural = "замещения"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="stand_in_since_before_until"),
            models.CheckConstraint(condition=~Q(user=F("curator")), name="nobody_stands_in_for_himself"),
        ]
        indexes = [
            # every list of cases: for whom a curator stands in today
            models.Index(fields=["user", "until"], name="stand_in_user_until"),
            # the head's list of an organisation's stand-ins, newest first
            models.Index(fields=["organisation", "-since", "-id"], name="stand_in_organisation"),
        ]

    def __str__(self):
        return f"{self.user} замещает: {self.curator}, с {self.since:%d.%m.%Y} по {self.until:%d.%m.%Y}"

    def get_absolute_url(self):
        return reverse("cases:standin-detail", args=[self.pk])

    def state_on(self, day) -> "StandIn.State":
        """Whether it is still to come, goes on, or is over."""
        if day < self.since:
            return self.State.PLANNED
        return self.State.NOW if day <= self.until else self.State.ENDED

    @classmethod
    def cases_of(cls, curator):
        """What somebody may stand in for: the curator's cases that are not over."""
        return curator.cases.filter(stage__in=GOING_ON)

    @classmethod
    def name(cls, curator, *, by, user, since, until, reason, cases) -> "StandIn":
        """The head names `user` to stand in for `curator` from `since` to `until`, both days included, in `cases`.

        Raises Refused for a colleague of another organisation, for days that are over or longer than a year, while the
        colleague is away himself, and for a case in which another stands in on one of the days.
        """
        cases = list(cases)
        reason_against = _why_not(curator, by, user, since, until) or ("" if cases else "Выберите случаи.")
        if reason_against:
            raise Refused(reason_against)
        with transaction.atomic():
            locked = cls.cases_of(curator).filter(organisation=by.organisation_id)
            kept = {case.pk for case in locked.select_for_update().filter(pk__in=[case.pk for case in cases])}
            for case in cases:
                if case.pk not in kept:
                    raise Refused(f"{case}: его уже ведёт другой куратор. Обновите страницу и выберите случаи заново.")
            _refuse_overlap(cases, since, until)
            row = cls.objects.create(
                organisation=by.organisation, curator=curator, user=user, since=since, until=until, reason=reason, by=by
            )
            StandInPeriod.objects.bulk_create(
                StandInPeriod(stand_in=row, case=case, since=since, until=until) for case in cases
            )
            for case in cases:
                case.log(
                    "stand_in_named",
                    by=by,
                    stand_in=row.pk,
                    user=user.pk,
                    since=since.isoformat(),
                    until=until.isoformat(),
                )
        return row

    def end(self, *, by, last_day):
        """The curator is back: `last_day` is the last one of the stand-in. Before it has begun, it is called off."""
        today = timezone.localdate()
        with transaction.atomic():
            row = StandIn.objects.select_for_update().get(pk=self.pk)
            if row.state_on(today) == self.State.ENDED:
                raise Refused(f"Замещение завершилось {row.until:%d.%m.%Y}.")
            if last_day >= row.until:
                raise Refused(f"Замещение и так идёт по {row.until:%d.%m.%Y}. Укажите день раньше.")
            if last_day < today - DAY and row.since < today:
                raise Refused("Укажите вчерашний день или более поздний: прошедшее не переписывается.")
            for period in self.periods.filter(until__gt=last_day).select_related("case"):
                period.case.log(
                    "stand_in_ended", by=by, stand_in=self.pk, user=self.user_id, until=last_day.isoformat()
                )
            self.periods.cut(last_day)
            if last_day < row.since:
                self.delete()
                return
            self.until = last_day
            self.save(update_fields=["until"])


class StandInPeriodQuerySet(models.QuerySet):
    def on(self, day):
        return self.filter(since__lte=day, until__gte=day)

    def cut(self, last_day):
        """What runs past `last_day` ends on it; what has not begun by then does not take place."""
        for period in self.filter(until__gt=last_day):
            period.cut(last_day)


class StandInPeriod(models.Model):
    """Одно замещение в одном случае: its own days, since the case may end or get another curator before."""

    stand_in = models.ForeignKey(StandIn, models.CASCADE, related_name="periods")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="stand_in_periods")
    since = models.DateField("с")
    until = models.DateField("по")

    objects = StandInPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="stand_in_period_since_before_until")
        ]

    def __str__(self):
        return f"с {self.since:%d.%m.%Y} по {self.until:%d.%m.%Y}"

    def cut(self, last_day):
        """End it on `last_day`, or take it out when it would have begun later."""
        if self.since > last_day:
            self.delete()
        elif self.until > last_day:
            self.until = last_day
            self.save(update_fields=["until"])


def stood_in_by(user_id) -> list[int]:
    """Ids of the cases in which the user stands in for their curator today."""
    rows = StandInPeriod.objects.on(timezone.localdate()).filter(stand_in__user=user_id)
    return list(rows.values_list("case", flat=True))


def _why_not(curator, by, user, since, until) -> str:
    today = timezone.localdate()
    if curator.organisation_id != by.organisation_id:
        return "Этот куратор работает в другой организации."
    if user.organisation_id != by.organisation_id or user.role != Role.CURATOR or not user.is_active:
        return "Замещать может только действующий куратор Вашей организации."
    if user.pk == curator.pk:
        return "Куратор не замещает сам себя: выберите коллегу."
    if until < since:
        return "Последний день раньше первого. Проверьте даты."
    if until < today:
        return "Эти дни уже прошли: замещать некого."
    if until - since > LONGEST:
        return "Замещение дольше года не назначается. Передайте случаи другому куратору."
    away = StandIn.objects.filter(curator=user).within(since, until).first()
    if away is not None:
        return (
            f"{user.short_name}: в эти дни замещают самого куратора (с {away.since:%d.%m.%Y} по {away.until:%d.%m.%Y})."
        )
    return ""


def _refuse_overlap(cases, since, until):
    taken = StandInPeriod.objects.filter(case__in=cases, since__lte=until, until__gte=since)
    period = taken.select_related("stand_in__user", "case").first()
    if period is not None:
        raise Refused(
            f"{period.case}: с {period.since:%d.%m.%Y} по {period.until:%d.%m.%Y} уже замещает "
            f"{period.stand_in.user.short_name}: завершите то замещение, выберите другие дни или уберите этот случай."
        )
