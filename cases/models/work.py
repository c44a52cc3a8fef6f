"""Работа со случаем: contract, contacts, reviews, closing, aftercare, survey (domain.md §3)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from cases import acts, terms
from cases.models.case import Case
from cases.models.programme import Activity, ProgrammeRevision
from cases.models.querysets import CasePartQuerySet
from cases.words import ClosureReason, Level, Outcome
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


class Contact(Versioned):
    """Контакт с семьёй, визит."""

    class Kind(models.TextChoices):
        VISIT = "visit", "визит домой"
        OFFICE = "office", "встреча в службе"
        PHONE = "phone", "звонок"
        MESSAGE = "message", "сообщение"
        ATTEMPT = "attempt", "не удалось связаться"

    case = models.ForeignKey(Case, models.PROTECT, related_name="contacts")
    at = models.DateTimeField("когда", default=timezone.now)
    kind = models.CharField("вид", max_length=12, choices=Kind)
    people = models.ManyToManyField(Person, blank=True, related_name="+", verbose_name="кто участвовал")
    summary = models.TextField("что увидели и о чём договорились")
    threat = models.BooleanField("есть угроза ребёнку", default=False)
    notified = models.CharField("кого и когда известили об угрозе", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "контакт"
        verbose_name_plural = "контакты"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(threat=False) | ~Q(notified=""), name="contact_threat_names_notified")
        ]
        # last contact of a case; contacts tab newest first
        indexes = [models.Index(fields=["case", "-at", "-id"], name="contact_case_at")]

    def __str__(self):
        return f"{self.get_kind_display()} {timezone.localtime(self.at):%d.%m.%Y}"

    @classmethod
    def record(cls, case, *, by, at, kind, summary, people=(), threat=False, notified=""):
        """Write down a contact; raises Refused for the future, a finished case, or a threat nobody was told of."""
        if at > timezone.now():
            raise Refused("Время контакта ещё не наступило. Проверьте дату и время.")
        reason = acts.why_not_contact(case)
        if reason:
            raise Refused(reason)
        if threat and not notified.strip():
            raise Refused("Отмечена угроза ребёнку. Позвоните в опеку и запишите, кого, когда и как известили.")
        with transaction.atomic():
            contact = cls.objects.create(
                case=case, by=by, at=at, kind=kind, summary=summary, threat=threat, notified=notified
            )
            contact.people.add(*people)
            case.log("contact", by=by, happened_on=timezone.localdate(at), contact=contact.pk, how=kind)
            terms.reset(case)
        return contact


class Review(Versioned):
    """Промежуточный мониторинг."""

    class Conclusion(models.TextChoices):
        CONTINUE = "continue", "продолжить сопровождение"
        CHANGE_LEVEL = "change_level", "изменить уровень"
        AMEND = "amend", "изменить программу"
        REMOVE = "remove", "снять с сопровождения"

    case = models.ForeignKey(Case, models.PROTECT, related_name="reviews")
    done_on = models.DateField("дата", default=timezone.localdate)
    progress = models.TextField("что сделано по программе")
    changes = models.TextField("что изменилось в семье")
    conclusion = models.CharField("вывод", max_length=16, choices=Conclusion)
    proposed_level = models.CharField("предлагаемый уровень", max_length=12, choices=Level, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "промежуточный мониторинг"
        verbose_name_plural = "промежуточный мониторинг"
        ordering = ["-done_on", "-pk"]
        # last review of a case; cases without a review in a period
        indexes = [models.Index(fields=["case", "-done_on"], name="review_case_done")]

    def __str__(self):
        return f"Мониторинг от {self.done_on:%d.%m.%Y}"

    @classmethod
    def record(cls, case, *, by, done_on, progress, changes, conclusion, proposed_level=""):
        """Record a review of a supported case; raises Refused on a wrong stage or a level not named."""
        reason = acts.why_not_review(case)
        if reason:
            raise Refused(reason)
        if done_on > timezone.localdate():
            raise Refused("Дата мониторинга ещё не наступила.")
        if case.accepted_on and done_on < case.accepted_on:
            raise Refused(f"Мониторинг не может быть раньше начала сопровождения ({case.accepted_on:%d.%m.%Y}).")
        if conclusion == cls.Conclusion.CHANGE_LEVEL and proposed_level in ("", case.level):
            raise Refused("Вывод — изменить уровень: выберите новый уровень, отличный от нынешнего.")
        with transaction.atomic():
            review = cls.objects.create(
                case=case,
                by=by,
                done_on=done_on,
                progress=progress,
                changes=changes,
                conclusion=conclusion,
                proposed_level=proposed_level,
            )
            case.log("reviewed", by=by, happened_on=done_on, review=review.pk, conclusion=conclusion)
            terms.reset(case)
        return review


class Closure(Versioned):
    """Заключение о снятии: prepared by the curator, decided by the council."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="closure")
    prepared_on = models.DateField("дата заключения", default=timezone.localdate)
    outcome = models.CharField("результат", max_length=12, choices=Outcome)
    reason = models.CharField("причина снятия", max_length=24, choices=ClosureReason)
    conclusion = models.TextField("заключение")
    recommendations = models.TextField("рекомендации семье", blank=True)
    aftercare = models.BooleanField("назначить постсопровождение", default=True)
    activities_done = models.PositiveSmallIntegerField(default=0, editable=False)
    activities_total = models.PositiveSmallIntegerField(default=0, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "заключение о снятии"
        verbose_name_plural = "заключения о снятии"

    def __str__(self):
        return f"Заключение от {self.prepared_on:%d.%m.%Y}"

    @classmethod
    def prepare(cls, case, *, by, outcome, reason, conclusion, recommendations="", aftercare=True):
        """Write (or rewrite, until decided) the conclusion the council will hear; counts activities as of now."""
        reason_against = acts.why_not_prepare_closure(case)
        if reason_against:
            raise Refused(reason_against)
        counted = case.activities.counted()
        with transaction.atomic():
            closure, _created = cls.objects.update_or_create(
                case=case,
                defaults={
                    "by": by,
                    "prepared_on": timezone.localdate(),
                    "outcome": outcome,
                    "reason": reason,
                    "conclusion": conclusion,
                    "recommendations": recommendations,
                    "aftercare": aftercare,
                    "activities_total": counted.count(),
                    "activities_done": counted.filter(state=Activity.State.DONE).count(),
                },
            )
            case.log("closure_prepared", by=by, closure=closure.pk, outcome=outcome)
        return closure


class AftercareCheck(Versioned):
    """Проверка постсопровождения."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="aftercare_checks")
    due_on = models.DateField("срок")
    done_on = models.DateField("проведена", null=True, blank=True)
    result = models.TextField("что установлено", blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = CasePartQuerySet.as_manager()

    class Meta:
        verbose_name = "проверка постсопровождения"
        verbose_name_plural = "проверки постсопровождения"
        ordering = ["due_on", "pk"]

    def __str__(self):
        return f"Проверка до {self.due_on:%d.%m.%Y}"

    def record(self, *, by, done_on, result):
        """Write down the check; raises Refused when it is done already, or for the future."""
        if done_on > timezone.localdate():
            raise Refused("Дата проверки ещё не наступила.")
        with transaction.atomic():
            if AftercareCheck.objects.select_for_update().get(pk=self.pk).done_on is not None:
                raise Refused("Эта проверка уже записана.")
            self.done_on, self.result, self.by = done_on, result, by
            self.save(update_fields=["done_on", "result", "by"])
            self.case.log("aftercare_check", by=by, happened_on=done_on, check=self.pk)
            terms.reset(self.case)
