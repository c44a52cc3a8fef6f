"""«Бонусная программа семьи»: points for steps, what they are spent on, an account per case that is never negative.

Source: Tatarstan, set of measures of 2016, item 3.2: «индивидуальная программа мотивации семей с детьми, находящихся на
социальном сопровождении». Points are a family's own matter: families are not compared and there is no rating of them.
Rules of counting (once, so many a month, what a counter entry may do) are ours [choice].
"""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cases import acts
from cases.models.case import Case
from cases.models.dictionary import DictionaryQuerySet, owner_for
from cases.models.querysets import CasePartQuerySet
from sopr.accounts.models import Organisation
from sopr.errors import Refused
from sopr.web.models import Versioned

NOT_ENOUGH = "Баллов не хватает: на счёте семьи {balance}, а нужно {points}."


class DictionaryRow(Versioned):
    """A line of a dictionary of points: of the whole region, or of one organisation."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="чей"
    )
    title = models.CharField("название", max_length=120)
    points = models.PositiveSmallIntegerField("баллы")
    retired_on = models.DateField("выведен из употребления", null=True, editable=False)

    objects = DictionaryQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return self.title

    @property
    def owner(self) -> str:
        return str(self.organisation) if self.organisation_id else "весь регион"

    @property
    def state(self) -> tuple[str, str]:
        """(words, tone) for `state_label`."""
        return ("выведен", "off") if self.retired_on else ("в употреблении", "good")

    @classmethod
    def add(cls, *, by, **fields):
        """A new line: of the region from its administrator, of the organisation from its head."""
        organisation = owner_for(by)
        title = " ".join(fields.pop("title").split())
        cls._check_title(organisation, title)
        return cls.objects.create(organisation=organisation, title=title, **fields)

    @classmethod
    def _check_title(cls, organisation, title):
        if cls.objects.in_use().filter(organisation=organisation, title=title).exists():
            raise Refused(f"«{title}» в справочнике уже есть.")

    def change(self, *, by, **fields):
        """Change what was never used; raises Refused once points went by it: entries must stay as they were read."""
        if self.entries.exists():
            raise Refused(
                f"По строке «{self.title}» баллы уже записаны, менять её нельзя. Выведите её из употребления и "
                "добавьте новую."
            )
        with transaction.atomic():
            self.lock_unchanged()
            for name, value in fields.items():
                setattr(self, name, value)
            self.save(update_fields=[*fields])

    def retire(self, *, by):
        """Take the line out of use from today; what was entered by it stays."""
        with transaction.atomic():
            if type(self).objects.select_for_update().get(pk=self.pk).retired_on:
                raise Refused(f"«{self.title}» уже выведен из употребления.")
            self.retired_on = timezone.localdate()
            self.save(update_fields=["retired_on"])

    def restore(self, *, by):
        """Put the line back into use."""
        with transaction.atomic():
            if type(self).objects.select_for_update().get(pk=self.pk).retired_on is None:
                raise Refused(f"«{self.title}» и так в употреблении.")
            self._check_title(self.organisation, self.title)
            self.retired_on = None
            self.save(update_fields=["retired_on"])


class BonusStep(DictionaryRow):
    """Шаг семьи, за который начисляют баллы."""

    once = models.BooleanField("один раз за сопровождение", default=False)
    monthly_limit = models.PositiveSmallIntegerField("не чаще раз в месяц", null=True, blank=True)

    class Meta:
        verbose_name = "шаг бонусной программы"
        verbose_name_plural = "шаги бонусной программы"
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(points__gte=1), name="bonus_step_gives_points"),
            models.CheckConstraint(
                condition=Q(monthly_limit=None) | Q(monthly_limit__gte=1, once=False), name="bonus_step_once_or_limited"
            ),
        ]

    @property
    def how_often(self) -> str:
        if self.once:
            return "один раз"
        return f"не чаще {self.monthly_limit} в месяц" if self.monthly_limit else "каждый раз"


class BonusReward(DictionaryRow):
    """На что семья тратит баллы."""

    class Meta:
        verbose_name = "поощрение бонусной программы"
        verbose_name_plural = "поощрения бонусной программы"
        ordering = ["points", "title", "pk"]
        constraints = [models.CheckConstraint(condition=Q(points__gte=1), name="bonus_reward_costs_points")]


class BonusAccount(models.Model):
    """Счёт семьи в случае: its balance, locked by whoever changes it; the entries add up to it."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="bonus_account")
    balance = models.PositiveIntegerField("баллы", default=0)

    class Meta:
        verbose_name = "счёт бонусной программы"
        verbose_name_plural = "счета бонусной программы"
        # PositiveIntegerField says the same on most databases; the rule shall have a name on all of them
        constraints = [models.CheckConstraint(condition=Q(balance__gte=0), name="bonus_balance_never_negative")]

    def __str__(self):
        return str(self.balance)

    @classmethod
    def lock(cls, case) -> "BonusAccount":
        """The account of the case, opened with the first entry, locked until the transaction ends."""
        cls.objects.get_or_create(case=case)
        return cls.objects.select_for_update().get(case=case)

    def write(self, points, *, by, **fields) -> "BonusEntry":
        """Change the balance of the locked account by `points` and write the entry; Refused below zero."""
        if self.balance + points < 0:
            raise Refused(NOT_ENOUGH.format(balance=self.balance, points=-points))
        BonusAccount.objects.filter(pk=self.pk).update(balance=F("balance") + points)
        self.balance += points
        return BonusEntry.objects.create(case_id=self.case_id, points=points, balance=self.balance, by=by, **fields)


class BonusEntryQuerySet(CasePartQuerySet):
    def standing(self):
        """Entries that no counter entry took back."""
        return self.filter(reversal=None)


class BonusEntry(models.Model):
    """Запись по счёту. Nothing is changed or deleted: a wrong entry is taken back by a counter entry with a reason."""

    class Kind(models.TextChoices):
        AWARD = "award", "начислено"
        SPENDING = "spending", "потрачено"
        REVERSAL = "reversal", "отменено"
        CARRIED = "carried", "перенесено при передаче случая"

    case = models.ForeignKey(Case, models.PROTECT, related_name="bonus_entries")
    kind = models.CharField("вид", max_length=12, choices=Kind)
    points = models.IntegerField("баллы")
    balance = models.PositiveIntegerField("остаток")
    happened_on = models.DateField("дата")
    step = models.ForeignKey(BonusStep, models.PROTECT, null=True, related_name="entries", verbose_name="шаг")
    reward = models.ForeignKey(BonusReward, models.PROTECT, null=True, related_name="entries", verbose_name="поощрение")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversal")
    note = models.CharField("чем подтверждается, примечание, причина", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("записано", default=timezone.now, editable=False)

    objects = BonusEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "запись бонусной программы"
        verbose_name_plural = "записи бонусной программы"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="award", step__isnull=False, points__gt=0)
                | Q(kind="spending", reward__isnull=False, points__lt=0)
                | Q(kind="reversal", reverses__isnull=False)
                | Q(kind="carried"),
                name="bonus_entry_says_what_for",
            ),
        ]
        indexes = [
            # an account's entries, newest first
            models.Index(fields=["case", "-id"], name="bonus_entry_case"),
            # whether a step was awarded before, how often in a month
            models.Index(fields=["case", "step", "happened_on"], name="bonus_entry_case_step"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.points:+d}"

    @property
    def what(self) -> str:
        """For what: the step, the reward, or what was taken back."""
        if self.kind == self.Kind.REVERSAL:
            return f"Отмена записи от {self.reverses.happened_on:%d.%m.%Y}: {self.reverses.what}"
        return str(self.step or self.reward or self.get_kind_display().capitalize())

    @classmethod
    def award(cls, case, step, *, by, happened_on, evidence) -> "BonusEntry":
        """Give points for a step made on `happened_on`, shown by `evidence`.

        Raises Refused at a wrong moment, outside support, for a retired step, a second time for what counts once, and
        beyond the limit of the month.
        """
        if not evidence.strip():
            raise Refused("Напишите, чем подтверждается шаг: справка, отметка специалиста, что Вы видели сами.")
        with transaction.atomic():
            row = _checked(case, acts.why_not_award)
            account = BonusAccount.lock(row)
            _check_day(row, happened_on)
            _check_row(step, row)
            _check_step(row, step, happened_on)
            entry = account.write(
                step.points, by=by, kind=cls.Kind.AWARD, step=step, happened_on=happened_on, note=evidence.strip()
            )
            case.log("bonus_awarded", by=by, happened_on=happened_on, entry=entry.pk, step=step.pk)
        return entry

    @classmethod
    def spend(cls, case, reward, *, by, happened_on, note="") -> "BonusEntry":
        """The family takes a reward on `happened_on`; raises Refused when its points do not suffice."""
        with transaction.atomic():
            row = _checked(case, acts.why_not_spend)
            account = BonusAccount.lock(row)
            _check_day(row, happened_on)
            _check_row(reward, row)
            entry = account.write(
                -reward.points, by=by, kind=cls.Kind.SPENDING, reward=reward, happened_on=happened_on, note=note.strip()
            )
            case.log("bonus_spent", by=by, happened_on=happened_on, entry=entry.pk, reward=reward.pk)
        return entry

    def cancel(self, *, by, reason) -> "BonusEntry":
        """Take a wrong entry back by a counter entry of today; raises Refused when the points are spent already."""
        if not reason.strip():
            raise Refused("Напишите, почему запись отменяется.")
        with transaction.atomic():
            account = BonusAccount.lock(_checked(self.case, acts.why_not_spend))
            why_not = self.why_not_cancel()
            if why_not:
                raise Refused(why_not)
            if account.balance - self.points < 0:
                raise Refused("Эти баллы семья уже потратила. Сначала отмените трату.")
            entry = account.write(
                -self.points,
                by=by,
                kind=self.Kind.REVERSAL,
                reverses=self,
                happened_on=timezone.localdate(),
                note=reason.strip(),
            )
            self.case.log("bonus_cancelled", by=by, entry=entry.pk, cancelled=self.pk)
        return entry

    def why_not_cancel(self) -> str:
        """Why this entry cannot be taken back; empty when it can."""
        if self.kind not in (self.Kind.AWARD, self.Kind.SPENDING):
            return "Отменяют начисления и траты; отмену исправляют новой записью."
        if BonusEntry.objects.filter(reverses=self.pk).exists():
            return "Эта запись уже отменена."
        return ""

    @classmethod
    def carry_over(cls, former, case, *, by):
        """Points go along with the family when its case goes to another organisation."""
        account = BonusAccount.objects.select_for_update().filter(case=former).first()
        if account is None or not account.balance:
            return
        points, today = account.balance, timezone.localdate()
        account.write(-points, by=by, kind=cls.Kind.CARRIED, happened_on=today)
        BonusAccount.lock(case).write(points, by=by, kind=cls.Kind.CARRIED, happened_on=today)


def _checked(case, why_not) -> Case:
    row = Case.objects.get(pk=case.pk)
    reason = why_not(row)
    if reason:
        raise Refused(reason)
    return row


def _check_day(case, happened_on):
    if happened_on > timezone.localdate():
        raise Refused("Этот день ещё не наступил. Проверьте дату.")
    if case.accepted_on and happened_on < case.accepted_on:
        raise Refused(f"Сопровождение началось {case.accepted_on:%d.%m.%Y}: раньше баллы не считаются.")


def _check_row(row, case):
    if row.organisation_id not in (None, case.organisation_id):
        raise Refused(f"«{row.title}» — из справочника другой организации.")
    if row.retired_on is not None:
        raise Refused(f"«{row.title}» выведен из употребления {row.retired_on:%d.%m.%Y}. Выберите другую строку.")


def _check_step(case, step, happened_on):
    before = case.bonus_entries.filter(kind=BonusEntry.Kind.AWARD, step=step).standing()
    if step.once and before.exists():
        raise Refused(f"За шаг «{step.title}» баллы начисляются один раз, семья их уже получила.")
    if step.monthly_limit:
        month = before.filter(happened_on__year=happened_on.year, happened_on__month=happened_on.month).count()
        if month >= step.monthly_limit:
            raise Refused(
                f"За шаг «{step.title}» баллы начисляются не чаще {step.monthly_limit} в месяц, "
                f"в этом месяце уже {month}."
            )
