"""Социальный контракт семьи and informing about it (the practice of the Kaluga region; domain.md §1)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from families import duties
from families.models.family import Family
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.obligations.engine import cancel_obligations, close_obligations, open_obligation
from sopr.web.models import Versioned


class SocialContractQuerySet(ScopedQuerySet):
    """Road to the owner: the family's card."""

    def of_own_families(self, user):
        return self.filter(family__in=Family.objects.visible_to(user))

    for_curator = for_head = of_own_families

    def going_on(self):
        """Concluded and not ended."""
        return self.filter(ended_on=None)


class SocialContract(Versioned):
    """Социальный контракт семьи; what came with an import has a date and, perhaps, a result."""

    class Direction(models.TextChoices):
        """Постановление Правительства РФ от 16.11.2023 № 1931; training goes with the first three."""

        WORK = "work", "поиск работы"
        TRAINING = "training", "обучение"
        BUSINESS = "business", "предпринимательство (ИП, самозанятость)"
        FARM = "farm", "личное подсобное хозяйство"
        HARDSHIP = "hardship", "иные мероприятия: преодоление трудной жизненной ситуации"

    class Ending(models.TextChoices):
        COMPLETED = "completed", "выполнен, срок окончен"
        TERMINATED = "terminated", "расторгнут досрочно"

    family = models.ForeignKey(Family, models.PROTECT, related_name="social_contracts")
    signed_on = models.DateField("дата")
    until = models.DateField("действует до", null=True, blank=True)
    number = models.CharField("номер", max_length=40, blank=True, default="")
    directions = models.JSONField("направления", blank=True, default=list)
    amount = models.DecimalField("сумма помощи, ₽", max_digits=10, decimal_places=2, null=True, blank=True)
    plan = models.TextField("что семья делает по контракту", blank=True, default="")
    ended_on = models.DateField("завершён", null=True, editable=False)
    ending = models.CharField("как завершён", max_length=12, choices=Ending, blank=True, default="", editable=False)
    end_reason = models.CharField("причина расторжения", max_length=300, blank=True, default="", editable=False)
    improved = models.BooleanField("положение улучшилось", null=True, blank=True)
    result = models.TextField("результат", blank=True, default="")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="кто внёс"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = SocialContractQuerySet.as_manager()

    class Meta:
        verbose_name = "социальный контракт"
        verbose_name_plural = "социальные контракты"
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["family", "signed_on"], name="one_social_contract_per_day"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("signed_on")), name="social_contract_signed_before_until"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("signed_on")), name="social_contract_signed_before_end"
            ),
            models.CheckConstraint(
                condition=~Q(ending="terminated") | ~Q(end_reason=""), name="terminated_social_contract_says_why"
            ),
        ]
        # list of contracts, the newest first
        indexes = [models.Index(fields=["-signed_on", "-id"], name="social_contract_newest")]

    def __str__(self):
        return f"Социальный контракт от {self.signed_on:%d.%m.%Y}"

    def get_absolute_url(self):
        return reverse("families:social-contract-detail", args=[self.pk])

    @property
    def direction_titles(self) -> list[str]:
        titles = dict(self.Direction.choices)
        return [titles[code] for code in self.directions if code in titles]

    @classmethod
    def conclude(cls, family, *, by, signed_on, until, directions, number="", amount=None, plan=""):
        """Record a social contract of the family; raises Refused while another one goes on, or without a direction."""
        if signed_on > timezone.localdate():
            raise Refused("Дата социального контракта ещё не наступила.")
        if until <= signed_on:
            raise Refused("Контракт заканчивается не позже, чем начинается. Проверьте даты.")
        if not directions:
            raise Refused("Выберите хотя бы одно направление контракта.")
        with transaction.atomic():
            family.lock()
            going_on = family.social_contracts.going_on().exclude(until=None).first()
            if going_on is not None:
                raise Refused(f"{going_on} ещё не завершён. Сначала запишите его результат.")
            if family.social_contracts.filter(signed_on=signed_on).exists():
                raise Refused("Социальный контракт с этой датой уже записан.")
            contract = cls.objects.create(
                family=family,
                by=by,
                organisation=by.organisation,
                signed_on=signed_on,
                until=until,
                directions=list(directions),
                number=number,
                amount=amount,
                plan=plan,
            )
            family.log("social_contract", by=by, happened_on=signed_on, contract=contract.pk)
            contract.follow()
        return contract

    def end(self, *, by, day, ending, improved, result, reason=""):
        """The contract is over: completed with its term, or terminated before it with a reason.

        `improved` says whether the family's position is better (True, False, None: too early to say); it is what
        the reports of the Kaluga practice count.
        """
        if not self.signed_on <= day <= timezone.localdate():
            raise Refused("Дата завершения — от дня контракта до сегодняшнего дня.")
        if ending not in self.Ending.values:
            raise Refused("Выберите, как завершён контракт.")
        if ending == self.Ending.TERMINATED and not reason.strip():
            raise Refused("Контракт расторгнут досрочно: напишите причину.")
        with transaction.atomic():
            if SocialContract.objects.select_for_update().get(pk=self.pk).ended_on is not None:
                raise Refused("Завершение этого контракта уже записано.")
            self.ended_on, self.ending, self.end_reason = day, ending, reason.strip()
            self.improved, self.result = improved, result.strip()
            self.save(update_fields=["ended_on", "ending", "end_reason", "improved", "result"])
            self.family.log("social_contract_ended", by=by, happened_on=day, contract=self.pk, ending=str(ending))
            close_obligations(self, on=day)

    def follow(self):
        """Its end falls due to whoever wrote it down: the result is recorded then."""
        if self.ended_on is not None or self.until is None or self.organisation is None:
            cancel_obligations(self)
            return
        open_obligation(
            duties.SOCIAL_CONTRACT,
            self,
            due_on=self.until,
            assignee=self.by,
            organisation=self.organisation,
            title=f"{duties.SOCIAL_CONTRACT.title} № {self.pk}",
            path=reverse("families:social-contract-end", args=[self.pk]),
            family_id=self.family_id,
        )


class InformingQuerySet(ScopedQuerySet):
    """Road to the owner: the organisation that informed, or the card of the family it named."""

    def of_own(self, user):
        return self.filter(Q(organisation=user.organisation_id) | Q(family__in=Family.objects.visible_to(user)))

    for_curator = for_head = of_own


class InformingEvent(models.Model):
    """Информирование: one family, or a number of families not known by name."""

    family = models.ForeignKey(Family, models.PROTECT, null=True, blank=True, related_name="informing_events")
    informed_on = models.DateField("дата")
    topic = models.CharField("тема", max_length=300)
    families_count = models.PositiveIntegerField("число семей", default=1)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="кто информировал"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = InformingQuerySet.as_manager()

    class Meta:
        verbose_name = "информирование"
        verbose_name_plural = "информирование"
        ordering = ["-informed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(family=None) | Q(families_count=1), name="informing_named_family_counts_once"
            )
        ]
        # list of informing of an organisation, the newest first
        indexes = [models.Index(fields=["organisation", "-informed_on", "-id"], name="informing_organisation_newest")]

    def __str__(self):
        return f"{self.topic} {self.informed_on:%d.%m.%Y}"

    @classmethod
    def record(cls, *, by, informed_on, topic, families_count=1, family=None):
        """Write down whom the service has told about help; raises Refused for the future or for nobody.

        A named family counts once; without a name the number of families is said.
        """
        if informed_on > timezone.localdate():
            raise Refused("Дата информирования ещё не наступила.")
        if not topic.strip():
            raise Refused("Напишите, о чём рассказали семьям.")
        if family is None and families_count < 1:
            raise Refused("Укажите, скольким семьям рассказали: хотя бы одной.")
        with transaction.atomic():
            event = cls.objects.create(
                family=family,
                informed_on=informed_on,
                topic=topic.strip(),
                families_count=1 if family else families_count,
                organisation=by.organisation,
                by=by,
            )
            if family is not None:
                family.log("informed", by=by, happened_on=informed_on, event=event.pk)
        return event
