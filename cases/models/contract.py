"""Договор о сопровождении: signed after the council's decision, copied to guardianship, ended (domain.md §3, §4)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cases import acts, lacks, terms
from cases.models.case import Case
from cases.models.programme import ProgrammeRevision
from cases.models.querysets import CasePartQuerySet
from families.categories import Category
from families.models import Person
from sopr import profile
from sopr.accounts.models import Organisation
from sopr.calendar import add_working_days
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.web.models import Versioned


class Contract(Versioned):
    """Договор о сопровождении; its `kind` is one of those the region's profile makes with a family."""

    class Termination(models.TextChoices):
        GOALS = "goals", "цели программы достигнуты"
        FAMILY = "family", "по заявлению семьи"
        COUNCIL = "council", "решение совета о снятии с сопровождения"
        MOVED = "moved", "переезд семьи"
        TRANSFERRED = "transferred", "передача в другую организацию"
        REPLACED = "replaced", "заключён новый договор"
        EXPIRED = "expired", "срок договора истёк"
        OTHER = "other", "иная причина"

    # What the family is told in writing: the service ends the contract, not the family (the contract, part 5).
    NOT_BY_FAMILY = (Termination.GOALS, Termination.COUNCIL, Termination.MOVED, Termination.EXPIRED, Termination.OTHER)

    case = models.ForeignKey(Case, models.PROTECT, related_name="contracts")
    kind = models.CharField("вид", max_length=20, default="support", editable=False)
    number = models.CharField("номер", max_length=40)
    signed_on = models.DateField("дата", default=timezone.localdate)
    until = models.DateField("действует до")
    party = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="кто подписал от семьи")
    revision = models.ForeignKey(ProgrammeRevision, models.PROTECT, related_name="contracts")
    copy_due_on = models.DateField("копия в опеку до", null=True, editable=False)  # of a substitute family only
    terminated_on = models.DateField("расторгнут", null=True, blank=True)
    termination_reason = models.CharField("причина расторжения", max_length=16, choices=Termination, blank=True)
    termination_note = models.CharField("пояснение", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "договор"
        verbose_name_plural = "договоры"
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("signed_on")), name="contract_signed_before_until"),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(terminated_on=None), name="one_contract_in_force_per_case_and_kind"
            ),
        ]

    def __str__(self):
        return f"Договор № {self.number} от {self.signed_on:%d.%m.%Y}"

    @property
    def title(self) -> str:
        """What the region calls a contract of this kind; of a kind no longer made, simply «Договор»."""
        kind = profile.current().contract(self.kind)
        return kind.title if kind else "Договор"

    @property
    def copy_waits(self) -> bool:
        """Whether guardianship is still to get the copy of a substitute family's contract."""
        return self.copy_due_on is not None and not hasattr(self, "copy")

    @classmethod
    def sign(cls, case, *, by, signed_on, until, party, kind=""):
        """Record the contract signed after the council's decision; the approved programme is attached.

        `kind` is a code of the profile, by default the first one. A contract of the same kind that has ended, or
        ends within the days of its reminder, gives way to the new one. Raises Refused before the decision, or while
        another contract of the kind is in force.
        """
        kind = kind or profile.current().contracts[0].code
        _check_sign(case, signed_on, until, kind)
        revision = ProgrammeRevision.objects.filter(
            programme__case=case, state=ProgrammeRevision.State.APPROVED
        ).first()
        with transaction.atomic():
            former = case.contracts.select_for_update().filter(kind=kind, terminated_on=None).first()
            if former is not None:
                former._give_way(signed_on, by)
            contract = cls.objects.create(
                case=case,
                kind=kind,
                number=f"{next_number(f'contract:{case.organisation_id}', signed_on.year)}/{signed_on.year}",
                signed_on=signed_on,
                until=until,
                party=party,
                revision=revision,
                copy_due_on=_copy_due_on(case, signed_on),
                by=by,
            )
            opens = profile.current().contract(kind).opens_support
            if opens and profile.current().accepted_on_rule == "contract" and case.accepted_on is None:
                case.accepted_on = signed_on
                case.save(update_fields=["accepted_on"])
            case.log("contract_signed", by=by, happened_on=signed_on, contract=contract.pk)
            terms.reset(case)
        return contract

    def terminate(self, *, by, day, reason, note=""):
        """Write down that the contract ended on `day`; raises Refused for the future or for a contract that ended."""
        if not self.signed_on <= day <= timezone.localdate():
            raise Refused("Дата расторжения — от дня договора до сегодняшнего дня.")
        if reason not in self.Termination.values:
            raise Refused("Выберите причину расторжения.")
        if reason == self.Termination.OTHER and not note.strip():
            raise Refused("Причина иная: напишите, какая.")
        with transaction.atomic():
            if Contract.objects.select_for_update().get(pk=self.pk).terminated_on is not None:
                raise Refused("Расторжение этого договора уже записано.")
            self._end(day, reason, note)
            self.case.log("contract_terminated", by=by, happened_on=day, contract=self.pk)
            terms.reset(self.case)

    def _end(self, day, reason, note=""):
        self.terminated_on, self.termination_reason, self.termination_note = day, reason, note.strip()
        self.save(update_fields=["terminated_on", "termination_reason", "termination_note"])

    def _give_way(self, day, by):
        """End for a new contract signed on `day`: on its own last day if that has passed."""
        if day <= self.until:
            day = max(self.signed_on, day)
            self._end(day, self.Termination.REPLACED)
        else:
            day = self.until
            self._end(day, self.Termination.EXPIRED)
        self.case.log("contract_terminated", by=by, happened_on=day, contract=self.pk)


def _check_sign(case, signed_on, until, kind):
    reason = acts.why_not_contract(case)
    if reason:
        raise Refused(reason)
    if kind not in {free.code for free in lacks.contracts_to_sign(case)}:
        raise Refused("Договор этого вида уже действует. Сначала запишите его расторжение.")
    if signed_on > timezone.localdate():
        raise Refused("Дата договора ещё не наступила.")
    if case.accepted_on and signed_on < case.accepted_on:
        raise Refused(f"Договор не может быть раньше решения о сопровождении ({case.accepted_on:%d.%m.%Y}).")
    if until < signed_on:
        raise Refused("Договор заканчивается раньше, чем начинается. Проверьте даты.")
    former = case.contracts.filter(kind=kind, terminated_on=None).first()
    if former is not None and signed_on < former.signed_on:
        raise Refused(f"Прежний договор подписан {former.signed_on:%d.%m.%Y}: новый не может быть раньше.")


def _copy_due_on(case, signed_on):
    """Until when guardianship gets the copy; None unless the family is a substitute one on that day.

    Model programme of the Irkutsk region, section 6: within three working days of the signature.
    """
    foster = case.family.category_periods.filter(category=Category.FOSTER, since__lte=signed_on)
    if not foster.filter(Q(until=None) | Q(until__gte=signed_on)).exists():
        return None
    return add_working_days(signed_on, profile.current().deadlines.guardianship_copy_working_days)


class ContractCopyQuerySet(CasePartQuerySet):
    road = "contract__case"


class ContractCopy(models.Model):
    """Копия договора замещающей семьи, переданная в опеку: when, how and to whom."""

    class How(models.TextChoices):
        HAND = "hand", "лично, под подпись"
        POST = "post", "почтой"
        SYSTEM = "system", "через систему межведомственного обмена"
        EMAIL = "email", "по защищённой электронной почте"

    contract = models.OneToOneField(Contract, models.PROTECT, related_name="copy")
    sent_on = models.DateField("когда передана", default=timezone.localdate)
    how = models.CharField("как передана", max_length=8, choices=How)
    agency = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="орган опеки")
    received_by = models.CharField("кто принял", max_length=200, blank=True)
    number = models.CharField("исходящий номер письма", max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ContractCopyQuerySet.as_manager()

    class Meta:
        verbose_name = "копия договора в опеку"
        verbose_name_plural = "копии договоров в опеку"

    def __str__(self):
        return f"Копия передана {self.sent_on:%d.%m.%Y}"

    @classmethod
    def record(cls, contract, *, by, sent_on, how, agency, received_by="", number=""):
        """Write down that guardianship has the copy; raises Refused when none is due, or for impossible dates."""
        reason = acts.why_not_copy(contract)
        if reason:
            raise Refused(reason)
        if not contract.signed_on <= sent_on <= timezone.localdate():
            raise Refused("Дата передачи — от дня договора до сегодняшнего дня.")
        if how == cls.How.HAND and not received_by.strip():
            raise Refused("Копия передана лично: запишите, кто её принял.")
        with transaction.atomic():
            Contract.objects.select_for_update().get(pk=contract.pk)
            if cls.objects.filter(contract=contract).exists():
                raise Refused("Передача копии этого договора уже записана.")
            copy = cls.objects.create(
                contract=contract,
                by=by,
                sent_on=sent_on,
                how=how,
                agency=agency,
                received_by=received_by,
                number=number,
            )
            contract.case.log("contract_copied", by=by, happened_on=sent_on, contract=contract.pk)
            terms.reset(contract.case)
        return copy
