"""Инвалидность и ОВЗ на даты: protected like the rest of a person's health (domain.md §5)."""

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from families.models.person import Person
from sopr.errors import Refused
from sopr.web.models import Versioned


class HealthStatusQuerySet(models.QuerySet):
    def valid_on(self, day):
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))


class HealthStatus(Versioned):
    """Статус здоровья: invalidity by the bureau of medical expertise, ОВЗ by the commission on schooling."""

    class Kind(models.TextChoices):
        DISABILITY = "disability", "инвалидность"
        OVZ = "ovz", "ОВЗ"

    class Detail(models.TextChoices):
        CHILD = "child", "ребёнок-инвалид"
        GROUP_1 = "group_1", "I группа"
        GROUP_2 = "group_2", "II группа"
        GROUP_3 = "group_3", "III группа"
        HEARING = "hearing", "нарушения слуха"
        SIGHT = "sight", "нарушения зрения"
        SPEECH = "speech", "тяжёлые нарушения речи"
        MOVEMENT = "movement", "нарушения опорно-двигательного аппарата"
        DELAY = "delay", "задержка психического развития"
        AUTISM = "autism", "расстройство аутистического спектра"
        INTELLECT = "intellect", "нарушения интеллекта"
        SEVERAL = "several", "множественные нарушения"

    OF_KIND = {
        Kind.DISABILITY: (Detail.CHILD, Detail.GROUP_1, Detail.GROUP_2, Detail.GROUP_3),
        Kind.OVZ: tuple(list(Detail)[4:]),
    }

    person = models.ForeignKey(Person, models.PROTECT, related_name="health_statuses")
    kind = models.CharField("вид", max_length=12, choices=Kind)
    detail = models.CharField("группа или категория", max_length=12, choices=Detail)
    document = models.CharField("документ", max_length=300, blank=True)
    since = models.DateField("установлен с")
    until = models.DateField("по", null=True, blank=True)

    objects = HealthStatusQuerySet.as_manager()

    class Meta:
        verbose_name = "инвалидность или ОВЗ"
        verbose_name_plural = "инвалидность и ОВЗ"
        ordering = ["-since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="health_status_since_before_until"
            )
        ]
        # hints: statuses that are about to end
        indexes = [models.Index(fields=["until"], name="health_status_until")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.get_detail_display()}"

    @classmethod
    def establish(cls, person, family, *, by, kind, detail, since, until=None, document="") -> "HealthStatus":
        """Record a status of `person` valid from `since` to `until` (None = without a term), seen from `family`.

        Raises Refused when the days meet another status of the kind, or the detail belongs to the other kind.
        """
        status = cls(person=person, kind=kind, detail=detail, since=since, until=until, document=document)
        status._check()
        with transaction.atomic():
            family.lock()
            status.save()
            family.log("health_amended", by=by, person=person.pk)
        return status

    def correct(self, family, *, by, reason, **values):
        """Put right what was entered wrong; the reason is a code of families.corrections.Reason."""
        changed = sorted(name for name, value in values.items() if getattr(self, name) != value)
        if not changed:
            raise Refused("Вы ничего не изменили. Исправьте запись или нажмите «Отмена».")
        with transaction.atomic():
            family.lock()
            self.lock_unchanged()
            for name in changed:
                setattr(self, name, values[name])
            self._check()
            self.save(update_fields=changed)
            # Neither kind nor term goes into the event: it is read by more people than health is.
            family.log("health_corrected", by=by, person=self.person_id, reason=str(reason), fields=changed)

    def end(self, family, *, by, until):
        """The status no longer holds after `until`."""
        if until < self.since:
            raise Refused(f"Статус установлен {self.since:%d.%m.%Y}: закончиться раньше он не мог.")
        with transaction.atomic():
            family.lock()
            self.lock_unchanged()
            self.until = until
            self._check()
            self.save(update_fields=["until"])
            family.log("health_amended", by=by, person=self.person_id)

    def _check(self):
        if self.detail not in self.OF_KIND[self.Kind(self.kind)]:
            raise Refused(f"«{self.get_detail_display()}» не относится к виду «{self.get_kind_display()}».")
        if self.since > timezone.localdate():
            raise Refused("Дата установления ещё не наступила. Проверьте её.")
        if self.until and self.until < self.since:
            raise Refused("Срок заканчивается раньше, чем начинается. Проверьте даты.")
        others = HealthStatus.objects.filter(person=self.person_id, kind=self.kind).exclude(pk=self.pk)
        others = others.filter(Q(until=None) | Q(until__gte=self.since))
        if self.until:
            others = others.filter(since__lte=self.until)
        if others.exists():
            raise Refused(
                f"Другая запись ({self.get_kind_display()}) занимает эти дни. Закончите её или исправьте даты."
            )
