"""«Семейный сертификат»: the programme as a certificate the family holds.

Source: Tatarstan, set of measures of 2016, item 2.1: «индивидуальная программа социального сопровождения семьи в форме
«Семейного сертификата». What stands on it is the family's choice (decisions.md, «Certificate»): goals in its own words;
no level, no problem, no category.
"""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cases import acts, terms
from cases.models.case import Case
from cases.models.contract import Contract
from cases.models.programme import Goal, ProgrammeRevision
from cases.models.querysets import CasePartQuerySet
from families.models import FamilyMembership, Person
from sopr.accounts.models import Organisation
from sopr.calendar import add_months
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.web.models import Versioned

MOST_MONTHS = 12  # circles for marks on one sheet
MOST_GOALS = 6  # what one sheet holds with its wording in large type
MOST_HELPERS = 6
LONGEST_WORDING = 64  # letters: two lines of the sheet's column
LONGEST_HELPER = 42


class CertificateQuerySet(CasePartQuerySet):
    def in_force(self):
        return self.filter(withdrawn_on=None)

    def with_case(self):
        """With the family, its curator and the programme in the same statement."""
        return self.select_related(
            "case__family", "case__curator", "case__organisation__municipality", "revision__programme", "contract"
        )


class Certificate(Versioned):
    """Семейный сертификат: frozen when issued; later only handed over, marked month by month and withdrawn."""

    class Withdrawal(models.TextChoices):
        AMENDED = "amended", "программа изменена"
        DAMAGED = "damaged", "испорчен или потерян"
        MISTAKE = "mistake", "ошибка в тексте"
        WISH = "wish", "семья не хочет его хранить"
        ENDED = "ended", "сопровождение завершено"

    BY_HAND = (Withdrawal.DAMAGED, Withdrawal.MISTAKE, Withdrawal.WISH)

    case = models.ForeignKey(Case, models.PROTECT, related_name="certificates")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="certificates")
    year = models.PositiveSmallIntegerField("год")
    number = models.PositiveIntegerField("номер")
    revision = models.ForeignKey(ProgrammeRevision, models.PROTECT, related_name="certificates")
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="certificates")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    surname = models.CharField("семье (чьей?)", max_length=100)
    names = models.CharField("кому", max_length=250)
    helpers = models.JSONField("кто рядом", default=list)  # [[who, telephone], …] as typed
    since = models.DateField("программа с")
    until = models.DateField("по")
    agreed_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="кто согласился")
    agreed_on = models.DateField("семья согласилась")
    issued_on = models.DateField("выписан", default=timezone.localdate)
    handed_on = models.DateField("вручён", null=True)
    handed_to = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name="кому вручён")
    withdrawn_on = models.DateField("отозван", null=True)
    withdrawal = models.CharField("почему отозван", max_length=12, choices=Withdrawal, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = "семейный сертификат"
        verbose_name_plural = "семейные сертификаты"
        ordering = ["-issued_on", "-pk"]
        constraints = [
            # also the list of an organisation's certificates by number
            models.UniqueConstraint(
                fields=["organisation", "year", "number"], name="one_certificate_per_number_of_an_organisation"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(withdrawn_on=None), name="one_certificate_in_force_per_case"
            ),
            models.CheckConstraint(
                condition=Q(handed_on=None, handed_to=None) | Q(handed_on__gte=F("issued_on"), handed_to__isnull=False),
                name="certificate_handed_after_issued_and_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawal="") | (Q(withdrawn_on__isnull=False) & ~Q(withdrawal="")),
                name="withdrawn_certificate_has_reason",
            ),
        ]

    def __str__(self):
        return f"Сертификат № {self.full_number}"

    def get_absolute_url(self):
        return reverse("cases:certificate-detail", args=[self.pk])

    @property
    def full_number(self) -> str:
        return f"{self.number}/{self.year}"

    @property
    def state(self) -> tuple[str, str]:
        """(words, tone) for `state_label`."""
        if self.withdrawal == self.Withdrawal.ENDED:
            return "завершён", "off"
        if self.withdrawn_on:
            return "отозван", "off"
        if self.is_outdated:
            return "пора перевыпустить", "warn"
        return ("у семьи", "good") if self.handed_on else ("ждёт вручения", "wait")

    @property
    def is_outdated(self) -> bool:
        """Whether the council has approved another revision since: the family holds a programme that changed."""
        return self.withdrawn_on is None and self.revision.state != ProgrammeRevision.State.APPROVED

    @property
    def months(self) -> list[datetime.date]:
        """First days of the months to be marked: from the month after the beginning to that of the end, twelve at most.

        A programme that ends in the month it begins has that one month.
        """
        first = self.since.replace(day=1)
        found = [add_months(first, number) for number in range(1, MOST_MONTHS + 1)]
        return [month for month in found if month <= self.until] or [first]

    @classmethod
    def issue(cls, case, *, by, goals, helpers, surname, names, agreed_by, agreed_on, issued_on=None) -> "Certificate":
        """Write out a certificate for the programme and the contract in force; the former one is withdrawn.

        `goals` is [(goal of an approved revision, the family's words)] as shown, `helpers` is [(who, telephone)].
        Raises Refused at a wrong moment, without the family's agreement, without goals, or for what no sheet holds.
        """
        issued_on = issued_on or timezone.localdate()
        with transaction.atomic():
            row = Case.objects.select_for_update().get(pk=case.pk)
            reason = acts.why_not_certify(row)
            if reason:
                raise Refused(reason)
            contract = row.contracts.get(terminated_on=None)
            _check_dates(contract, agreed_on, issued_on)
            _check_text(row, goals, helpers)
            revision = ProgrammeRevision.objects.approved_of(row).order_by("programme__person", "pk").first()
            former = row.certificates.select_for_update().order_by("pk").last()
            if former is not None and former.withdrawn_on is None:
                former._withdraw(by=by, reason=cls.Withdrawal.AMENDED, day=timezone.localdate())
            certificate = cls.objects.create(
                case=row,
                organisation_id=row.organisation_id,
                year=issued_on.year,
                number=next_number(f"certificate:{row.organisation_id}", issued_on.year),
                revision=revision,
                contract=contract,
                replaces=former,
                surname=surname,
                names=names,
                helpers=[list(helper) for helper in helpers],
                since=revision.since,
                until=revision.until,
                agreed_by=agreed_by,
                agreed_on=agreed_on,
                issued_on=issued_on,
                by=by,
            )
            for goal, wording in goals:
                certificate.goals.create(goal=goal, wording=wording.strip())
            row.log("certificate_issued", by=by, happened_on=issued_on, certificate=certificate.pk)
            terms.reset(row)
        return certificate

    def hand_over(self, *, by, handed_on, handed_to):
        """The family has the certificate in its hands; raises Refused for a child, a stranger or a wrong day."""
        adults = self.holders()
        if not adults.filter(pk=handed_to.pk).exists():
            raise Refused("Сертификат вручают взрослому члену семьи. Выберите, кому он вручён.")
        if not self.issued_on <= handed_on <= timezone.localdate():
            raise Refused(f"День вручения — с {self.issued_on:%d.%m.%Y} (когда сертификат выписан) по сегодняшний.")
        with transaction.atomic():
            row = self._in_force()
            if row.handed_on:
                raise Refused(f"Этот сертификат уже вручён {row.handed_on:%d.%m.%Y}.")
            self.handed_on, self.handed_to = handed_on, handed_to
            self.save(update_fields=["handed_on", "handed_to"])
            self.case.log("certificate_handed", by=by, happened_on=handed_on, certificate=self.pk)

    def mark(self, *, by, met_on, step="") -> "CertificateMark":
        """Stamp the month of `met_on`: «мы встретились, шаг сделан»; raises Refused for a month the sheet has not."""
        if met_on > timezone.localdate():
            raise Refused("Этот день ещё не наступил. Отметка ставится после встречи.")
        month = met_on.replace(day=1)
        with transaction.atomic():
            row = self._in_force()
            if row.handed_on is None:
                raise Refused("Сначала вручите сертификат семье и запишите вручение.")
            if month not in self.months:
                raise Refused("На сертификате нет этого месяца: отмечаются месяцы программы. Проверьте дату встречи.")
            if self.marks.filter(month=month).exists():
                raise Refused("Этот месяц уже отмечен. Ошибочную отметку можно снять на странице сертификата.")
            mark = self.marks.create(month=month, met_on=met_on, step=step, by=by)
            self.case.log("certificate_marked", by=by, happened_on=met_on, certificate=self.pk)
        return mark

    def withdraw(self, *, by, reason):
        """Take the certificate back, or call it void, today; a new one may be issued then."""
        if reason not in self.BY_HAND:
            raise Refused("Выберите, почему сертификат отзывается.")
        with transaction.atomic():
            self._in_force()
            self._withdraw(by=by, reason=reason, day=timezone.localdate())
            terms.reset(self.case)

    def holders(self):
        """Adults of the family: to whom the certificate may be handed, who may agree to its words."""
        return adults_of(self.case.family)

    def _in_force(self) -> "Certificate":
        """Lock the row; raises Refused when it is withdrawn."""
        row = Certificate.objects.select_for_update().get(pk=self.pk)
        if row.withdrawn_on:
            raise Refused(f"Сертификат отозван {row.withdrawn_on:%d.%m.%Y}: с ним больше ничего не делают.")
        return row

    def _withdraw(self, *, by, reason, day):
        self.withdrawn_on, self.withdrawal = day, reason
        self.save(update_fields=["withdrawn_on", "withdrawal"])
        self.case.log("certificate_withdrawn", by=by, happened_on=day, certificate=self.pk, reason=str(reason))


def adults_of(family):
    """People of the family today who are of age, or whose birth date is not known and who are no children there."""
    today = timezone.localdate()
    rows = family.memberships.valid_on(today).exclude(relation=FamilyMembership.Relation.CHILD)
    born = Q(birth_on=None) | Q(birth_on__lte=add_months(today, -18 * 12))
    return Person.objects.filter(born, pk__in=rows.values("person"))


def _check_dates(contract, agreed_on, issued_on):
    if not contract.signed_on <= issued_on <= timezone.localdate():
        raise Refused(f"Сертификат выписывают со дня договора ({contract.signed_on:%d.%m.%Y}) по сегодняшний день.")
    if agreed_on > issued_on:
        raise Refused("Сначала семья соглашается с текстом, потом сертификат выписывают. Проверьте даты.")


def _check_text(case, goals, helpers):
    if not goals:
        raise Refused("Отметьте хотя бы одну цель, которую семья согласна показать.")
    if len(goals) > MOST_GOALS:
        raise Refused(f"На листе помещается {MOST_GOALS} целей. Спросите семью, какие для неё главные.")
    if any(not wording.strip() for _goal, wording in goals):
        raise Refused("Запишите каждую выбранную цель словами семьи.")
    if any(len(wording.strip()) > LONGEST_WORDING for _goal, wording in goals):
        raise Refused(f"Цель словами семьи — не длиннее {LONGEST_WORDING} букв: иначе она не поместится.")
    if len(helpers) > MOST_HELPERS:
        raise Refused(f"На листе помещается {MOST_HELPERS} помощников.")
    known = Goal.objects.filter(revision__programme__case=case, revision__state=ProgrammeRevision.State.APPROVED)
    if known.filter(pk__in=[goal.pk for goal, _wording in goals]).count() != len({goal.pk for goal, _w in goals}):
        raise Refused("Программу только что изменили. Откройте страницу заново и выберите цели.")


class CertificateGoal(models.Model):
    """A goal on the certificate, in the family's words as they were agreed."""

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="goals")
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="+")
    wording = models.CharField("словами семьи", max_length=LONGEST_WORDING)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["certificate", "goal"], name="one_goal_once_on_a_certificate")]

    def __str__(self):
        return self.wording


class CertificateMarkQuerySet(CasePartQuerySet):
    road = "certificate__case"


class CertificateMark(models.Model):
    """Отметка месяца: the family and the curator met, a step was made."""

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="marks")
    month = models.DateField("месяц")  # its first day
    met_on = models.DateField("встретились")
    step = models.CharField("какой шаг сделан", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = CertificateMarkQuerySet.as_manager()

    class Meta:
        verbose_name = "отметка сертификата"
        verbose_name_plural = "отметки сертификата"
        ordering = ["month"]
        constraints = [models.UniqueConstraint(fields=["certificate", "month"], name="one_mark_per_month")]

    def __str__(self):
        return f"{self.month:%m.%Y}"

    def erase(self, *, by):
        """Take a mark back that was put by mistake; the history keeps that it was."""
        with transaction.atomic():
            self.certificate._in_force()
            self.certificate.case.log("certificate_unmarked", by=by, certificate=self.certificate_id)
            self.delete()
