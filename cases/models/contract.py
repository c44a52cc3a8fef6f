"""Договор о сопровождении (domain.md §3)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cases import acts, terms
from cases.models.case import Case
from cases.models.programme import ProgrammeRevision
from cases.models.querysets import CasePartQuerySet
from families.models import Person
from sopr import profile
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.web.models import Versioned


class Contract(Versioned):
    """Договор о сопровождении."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="contracts")
    number = models.CharField("номер", max_length=40)
    signed_on = models.DateField("дата", default=timezone.localdate)
    until = models.DateField("действует до")
    party = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="кто подписал от семьи")
    revision = models.ForeignKey(ProgrammeRevision, models.PROTECT, related_name="contracts")
    terminated_on = models.DateField("расторгнут", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "договор"
        verbose_name_plural = "договоры"
        ordering = ["-signed_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("signed_on")), name="contract_signed_before_until"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(terminated_on=None), name="one_contract_in_force_per_case"
            ),
        ]

    def __str__(self):
        return f"Договор № {self.number} от {self.signed_on:%d.%m.%Y}"

    @classmethod
    def sign(cls, case, *, by, signed_on, until, party):
        """Record the contract signed after the council's decision; the approved programme is attached.

        Raises Refused before the decision, or while another contract is in force.
        """
        reason = acts.why_not_contract(case)
        if reason:
            raise Refused(reason)
        if signed_on > timezone.localdate():
            raise Refused("Дата договора ещё не наступила.")
        if case.accepted_on and signed_on < case.accepted_on:
            raise Refused(f"Договор не может быть раньше решения о сопровождении ({case.accepted_on:%d.%m.%Y}).")
        if until < signed_on:
            raise Refused("Договор заканчивается раньше, чем начинается. Проверьте даты.")
        revision = ProgrammeRevision.objects.filter(
            programme__case=case, state=ProgrammeRevision.State.APPROVED
        ).first()
        rule = profile.current().accepted_on_rule
        with transaction.atomic():
            year = signed_on.year
            number = f"{next_number(f'contract:{case.organisation_id}', year)}/{year}"
            contract = cls.objects.create(
                case=case, number=number, signed_on=signed_on, until=until, party=party, revision=revision, by=by
            )
            if rule == "contract" and case.accepted_on is None:
                case.accepted_on = signed_on
                case.save(update_fields=["accepted_on"])
            case.log("contract_signed", by=by, happened_on=signed_on, contract=contract.pk)
            terms.reset(case)
        return contract

    def terminate(self, *, by, day):
        """Write down that the contract ended on `day`; raises Refused for the future or for a contract that ended."""
        if not self.signed_on <= day <= timezone.localdate():
            raise Refused("Дата расторжения — от дня договора до сегодняшнего дня.")
        with transaction.atomic():
            if Contract.objects.select_for_update().get(pk=self.pk).terminated_on is not None:
                raise Refused("Расторжение этого договора уже записано.")
            self.terminated_on = day
            self.save(update_fields=["terminated_on"])
            self.case.log("contract_terminated", by=by, happened_on=day, contract=self.pk)
            terms.reset(self.case)
