"""Пункт проката детских вещей: lent free of charge to families with a newborn child.

Source: «Лучшие практики субъектов Российской Федерации», «Под крылом аиста» (Республика Башкортостан), section 5.2:
«организован пункт проката детских товаров на безвозмездной основе … ходунки, пеленальный столик, стульчики для
кормления, коляски, манежи, развивающие коврики»; section 8 counts the women who used it.
"""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from cases import duties
from families.models import Family, Person
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import add_months
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation
from sopr.web.models import Versioned

USUAL_MONTHS = 3  # what the form offers as the term of a loan [choice]
LONGEST_MONTHS = 24  # no child needs a pram for longer [choice]


class Condition(models.TextChoices):
    GOOD = "good", "исправна"
    WORN = "worn", "исправна, есть следы износа"
    BROKEN = "broken", "неисправна или некомплектна"


class RentalItemQuerySet(ScopedQuerySet):
    """Road to the owner: the organisation that keeps the rental point."""

    def of_organisation(self, user):
        return self.filter(organisation=user.organisation_id)

    for_curator = for_head = of_organisation

    def available(self):
        return self.filter(state=RentalItem.State.AVAILABLE)

    def with_loan(self):
        """Annotate the open loan: `loan_id`, `loan_due_on`, `loan_family` (the surname)."""
        loans = RentalLoan.objects.filter(item=OuterRef("pk"), returned_on=None)
        return self.annotate(
            loan_id=Subquery(loans.values("pk")[:1]),
            loan_due_on=Subquery(loans.values("due_on")[:1]),
            loan_family=Subquery(loans.values("family__surname")[:1]),
        )


class RentalItem(Versioned):
    """Вещь пункта проката."""

    class Kind(models.TextChoices):
        PRAM = "pram", "коляска"
        COT = "cot", "кроватка"
        PLAYPEN = "playpen", "манеж"
        WALKER = "walker", "ходунки"
        CHANGING_TABLE = "changing_table", "пеленальный столик"
        HIGH_CHAIR = "high_chair", "стульчик для кормления"
        PLAY_MAT = "play_mat", "развивающий коврик"
        CAR_SEAT = "car_seat", "автокресло"
        SCALES = "scales", "детские весы"
        OTHER = "other", "другое"

    class State(models.TextChoices):
        AVAILABLE = "available", "можно выдать"
        ON_LOAN = "on_loan", "выдана"
        REPAIR = "repair", "в ремонте"
        WRITTEN_OFF = "written_off", "списана"

    FLOW = {
        State.AVAILABLE: {State.ON_LOAN, State.REPAIR, State.WRITTEN_OFF},
        State.ON_LOAN: {State.AVAILABLE},
        State.REPAIR: {State.AVAILABLE, State.WRITTEN_OFF},
        State.WRITTEN_OFF: set(),
    }

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="rental_items")
    inventory_number = models.CharField("инвентарный номер", max_length=40)
    kind = models.CharField("вид", max_length=16, choices=Kind)
    title = models.CharField("название, модель", max_length=200)
    acquired_on = models.DateField("поступила", default=timezone.localdate)
    note = models.CharField("комплект, особенности", max_length=500, blank=True)
    condition = models.CharField("исправность", max_length=8, choices=Condition, default=Condition.GOOD)
    state = models.CharField("состояние", max_length=12, choices=State, default=State.AVAILABLE, editable=False)
    written_off_on = models.DateField("списана", null=True, editable=False)
    written_off_ground = models.CharField("основание списания", max_length=300, blank=True, editable=False)

    objects = RentalItemQuerySet.as_manager()

    class Meta:
        verbose_name = "вещь пункта проката"
        verbose_name_plural = "вещи пункта проката"
        ordering = ["inventory_number", "pk"]
        constraints = [
            # also serves the list of items, sorted by inventory number
            models.UniqueConstraint(fields=["organisation", "inventory_number"], name="one_item_per_inventory_number"),
            models.CheckConstraint(
                condition=~Q(state="written_off") | Q(written_off_on__isnull=False), name="written_off_item_has_its_day"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display().capitalize()} № {self.inventory_number}"

    def get_absolute_url(self):
        return reverse("cases:rental-detail", args=[self.pk])

    @classmethod
    def enter(cls, *, by, inventory_number, **fields) -> "RentalItem":
        """Enter an item of the actor's organisation; raises Refused when its inventory number is taken."""
        number = inventory_number.strip()
        with transaction.atomic():
            if cls.objects.filter(organisation=by.organisation, inventory_number=number).exists():
                raise Refused(f"Вещь с инвентарным номером {number} уже внесена. Проверьте номер.")
            return cls.objects.create(organisation=by.organisation, inventory_number=number, **fields)

    def amend(self, *, by, inventory_number, **fields):
        """Correct what is written about the item; its state moves only by the acts below."""
        number = inventory_number.strip()
        others = RentalItem.objects.filter(organisation=self.organisation_id, inventory_number=number)
        if others.exclude(pk=self.pk).exists():
            raise Refused(f"Вещь с инвентарным номером {number} уже внесена. Проверьте номер.")
        with transaction.atomic():
            self.lock_unchanged()
            self.inventory_number = number
            for name, value in fields.items():
                setattr(self, name, value)
            self.save(update_fields=["inventory_number", *fields])

    @property
    def why_not_lend(self) -> str:
        """Why the item cannot be lent now, in Russian; empty when it can."""
        if self.state != self.State.AVAILABLE:
            return f"Вещь сейчас {self.get_state_display()}."
        if self.condition == Condition.BROKEN:
            return "Вещь неисправна: отправьте её в ремонт или спишите."
        return ""

    def lend(self, *, by, family, person, since, due_on, condition=Condition.GOOD, note="") -> "RentalLoan":
        """Hand the item over to `person` of `family` until `due_on`; the return falls due that day.

        Raises Refused when the item is not at hand, when the days are wrong, or for somebody outside the family.
        """
        today = timezone.localdate()
        if since > today:
            raise Refused("Дата выдачи ещё не наступила. Запишите выдачу, когда вещь передана.")
        if since < self.acquired_on:
            raise Refused(f"Вещь поступила {self.acquired_on:%d.%m.%Y}: раньше выдать её не могли.")
        if not since <= due_on <= add_months(since, LONGEST_MONTHS):
            raise Refused("Вернуть вещь — не раньше дня выдачи и не позже чем через два года. Проверьте срок.")
        if not family.members_on(today).filter(person=person).exists():
            raise Refused("Вещь выдаётся члену семьи. Выберите человека из состава семьи.")
        with transaction.atomic():
            row = self._locked()
            if row.why_not_lend:
                raise Refused(f"{self}: выдать нельзя. {row.why_not_lend}")
            last = row.loans.order_by("-returned_on").values_list("returned_on", flat=True).first()
            if last and since < last:
                raise Refused(f"Прошлый раз вещь вернули {last:%d.%m.%Y}: выдача не может быть раньше.")
            loan = RentalLoan.objects.create(
                item=self,
                number=next_number(f"rental:{self.organisation_id}", since.year),
                year=since.year,
                family=family,
                person=person,
                since=since,
                due_on=due_on,
                condition_out=condition,
                note=note,
                by=by,
            )
            self._move(self.State.ON_LOAN, condition=condition)
            loan.await_return()
            family.log("rental_lent", by=by, happened_on=since, loan=loan.pk)
        return loan

    def send_to_repair(self, *, by, since, fault) -> "RentalRepair":
        """The item goes to be mended from `since`; raises Refused while it is with a family or is there already."""
        if since > timezone.localdate():
            raise Refused("Дата ещё не наступила.")
        with transaction.atomic():
            self._move(self.State.REPAIR)
            return self.repairs.create(since=since, fault=fault, by=by)

    def end_repair(self, *, by, until, condition):
        """The item is back from repair on `until`."""
        with transaction.atomic():
            repair = self.repairs.filter(until=None).first()
            if repair is None:
                raise Refused("Вещь не в ремонте.")
            if not repair.since <= until <= timezone.localdate():
                raise Refused(f"Дата возврата из ремонта — от {repair.since:%d.%m.%Y} до сегодняшнего дня.")
            repair.until = until
            repair.save(update_fields=["until"])
            self._move(self.State.AVAILABLE, condition=condition)

    def write_off(self, *, by, day, ground):
        """The item is written off by a document; its history stays, and it is never lent again."""
        if not self.acquired_on <= day <= timezone.localdate():
            raise Refused("Дата списания — от дня поступления вещи до сегодняшнего дня.")
        with transaction.atomic():
            self._move(self.State.WRITTEN_OFF, written_off_on=day, written_off_ground=ground)
            self.repairs.filter(until=None, since__lte=day).update(until=day)

    def _locked(self) -> "RentalItem":
        return RentalItem.objects.select_for_update().get(pk=self.pk)

    def _move(self, state, **changes):
        """The only writer of `state`."""
        with transaction.atomic():
            row = self._locked()
            if state not in self.FLOW[row.state]:
                raise Refused(f"{self}: вещь сейчас {row.get_state_display()}, это действие невозможно.")
            self.state = state
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["state", *changes])


class RentalLoanQuerySet(ScopedQuerySet):
    def of_organisation(self, user):
        return self.filter(item__organisation=user.organisation_id)

    for_curator = for_head = of_organisation

    def open(self):
        return self.filter(returned_on=None)

    def overdue(self, on):
        return self.open().filter(due_on__lt=on)

    def begun_in(self, since, until):
        """Loans of a period: «women who used the rental point» are their distinct persons."""
        return self.filter(since__gte=since, since__lte=until)


class RentalLoan(Versioned):
    """Выдача вещи семье; the returned ones stay as the history of the item and of the family."""

    item = models.ForeignKey(RentalItem, models.PROTECT, related_name="loans")
    number = models.PositiveIntegerField("номер в году")
    year = models.PositiveSmallIntegerField("год")
    family = models.ForeignKey(Family, models.PROTECT, related_name="rental_loans", verbose_name="семья")
    person = models.ForeignKey(Person, models.PROTECT, related_name="rental_loans", verbose_name="кому выдана")
    since = models.DateField("выдана", default=timezone.localdate)
    due_on = models.DateField("вернуть до")
    returned_on = models.DateField("возвращена", null=True, blank=True)
    condition_out = models.CharField("исправность при выдаче", max_length=8, choices=Condition)
    condition_back = models.CharField("исправность при возврате", max_length=8, choices=Condition, blank=True)
    note = models.CharField("комплект и замечания при выдаче", max_length=500, blank=True)
    note_back = models.CharField("замечания при возврате", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто выдал")
    returned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = RentalLoanQuerySet.as_manager()

    class Meta:
        verbose_name = "выдача вещи"
        verbose_name_plural = "вещи, взятые в прокат"
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(returned_on=None), name="one_open_loan_per_item"),
            models.CheckConstraint(condition=Q(due_on__gte=F("since")), name="loan_since_before_due"),
            models.CheckConstraint(
                condition=Q(returned_on=None) | Q(returned_on__gte=F("since")), name="loan_since_before_return"
            ),
            models.CheckConstraint(
                condition=Q(returned_on=None) | ~Q(condition_back=""), name="returned_item_has_its_condition"
            ),
        ]
        indexes = [
            # reports: loans begun in a period; the list of loans, newest first
            models.Index(fields=["since", "id"], name="rental_loan_since")
        ]

    def __str__(self):
        return f"Выдача № {self.number}/{self.year}"

    def get_absolute_url(self):
        return self.item.get_absolute_url()

    def await_return(self):
        """The return falls due on the day agreed, for who lent the item."""
        open_obligation(
            duties.RENTAL_RETURN,
            self,
            due_on=self.due_on,
            assignee=self.by,
            organisation=self.item.organisation,
            title=f"{duties.RENTAL_RETURN.title}: инв. № {self.item.inventory_number}",
            path=reverse("cases:rental-return", args=[self.pk]),
            family_id=self.family_id,
        )

    def prolong(self, *, by, due_on):
        """Agree upon a later day of return; raises Refused for an earlier one or a loan that is over."""
        with transaction.atomic():
            row = self._open_row()
            if not row.due_on < due_on <= add_months(row.since, LONGEST_MONTHS):
                raise Refused(
                    f"Новый срок — позже нынешнего ({row.due_on:%d.%m.%Y}) и не позже двух лет со дня выдачи."
                )
            self.due_on = due_on
            self.save(update_fields=["due_on"])
            self.await_return()

    def give_back(self, *, by, day, condition, note=""):
        """The family returned the item on `day`; a broken one cannot be lent until it is mended."""
        if not self.since <= day <= timezone.localdate():
            raise Refused(f"Дата возврата — от дня выдачи ({self.since:%d.%m.%Y}) до сегодняшнего дня.")
        with transaction.atomic():
            self._open_row()
            self.returned_on, self.condition_back, self.note_back, self.returned_to = day, condition, note, by
            self.save(update_fields=["returned_on", "condition_back", "note_back", "returned_to"])
            self.item._move(RentalItem.State.AVAILABLE, condition=condition)
            close_obligations(self, duties.RENTAL_RETURN, on=day)
            self.family.log("rental_returned", by=by, happened_on=day, loan=self.pk)

    def _open_row(self) -> "RentalLoan":
        row = RentalLoan.objects.select_for_update().get(pk=self.pk)
        if row.returned_on is not None:
            raise Refused(f"Возврат этой вещи уже записан: {row.returned_on:%d.%m.%Y}.")
        return row

    @property
    def days_late(self) -> int:
        """Days past the agreed return, 0 when in time; up to the return, or today."""
        return max(((self.returned_on or timezone.localdate()) - self.due_on) // datetime.timedelta(days=1), 0)


class RentalRepair(models.Model):
    """Ремонт вещи на даты."""

    item = models.ForeignKey(RentalItem, models.PROTECT, related_name="repairs")
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)
    fault = models.CharField("что не так", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "ремонт вещи"
        verbose_name_plural = "ремонты вещей"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="repair_since_before_until"
            ),
            models.UniqueConstraint(fields=["item"], condition=Q(until=None), name="one_open_repair_per_item"),
        ]

    def __str__(self):
        return f"Ремонт с {self.since:%d.%m.%Y}"
