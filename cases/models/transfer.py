"""Передача случая: the head offers, the other organisation's head accepts; a new case there, linked (domain.md §2)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from cases import acts, duties, terms
from cases.models.bonus import BonusEntry
from cases.models.case import Case, next_case_number
from cases.models.enrolment import Enrolment
from cases.models.history import CaseMember
from cases.models.querysets import worked_by
from cases.words import Stage
from sopr.accounts.models import Organisation, OrganisationKind
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import add_working_days
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation

ANSWER_WORKING_DAYS = 3  # for the other head to answer [choice]


class CaseTransferQuerySet(ScopedQuerySet):
    """Roads: the heads of both organisations; the curator of the case sees what became of it."""

    def for_head(self, user):
        return self.filter(Q(case__organisation=user.organisation_id) | Q(to_organisation=user.organisation_id))

    def for_curator(self, user):
        return self.filter(worked_by(user, "case"), case__organisation=user.organisation_id)

    def waiting(self):
        return self.filter(state=CaseTransfer.State.OFFERED)

    def with_sides(self):
        """With both organisations, the family and the people in the same statement, for lists."""
        return self.select_related(
            "case__organisation", "case__family__municipality", "to_organisation", "offered_by", "answered_by"
        )


class CaseTransfer(models.Model):
    class State(models.TextChoices):
        OFFERED = "offered", "ждёт ответа"
        ACCEPTED = "accepted", "принята"
        DECLINED = "declined", "отклонена"
        WITHDRAWN = "withdrawn", "отозвана"

    case = models.ForeignKey(Case, models.PROTECT, related_name="transfer_offers")
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кому передаётся")
    reason = models.TextField("причина передачи")
    consented_on = models.DateField("согласие семьи на передачу сведений")
    state = models.CharField("состояние", max_length=12, choices=State, default=State.OFFERED)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField("предложена", default=timezone.now)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField("ответ", null=True)
    remark = models.TextField("пояснение", blank=True)
    new_case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="came_by")

    objects = CaseTransferQuerySet.as_manager()

    class Meta:
        verbose_name = "передача случая"
        verbose_name_plural = "передачи случаев"
        ordering = ["-offered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="offered"), name="one_open_transfer_per_case"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(new_case__isnull=False), name="accepted_transfer_has_new_case"
            ),
        ]
        # what waits for an organisation's answer
        indexes = [models.Index(fields=["to_organisation", "state"], name="transfer_to_state")]

    def __str__(self):
        return f"Передача случая № {self.case.number}"

    def get_absolute_url(self):
        return reverse("cases:transfer-detail", args=[self.pk])

    @classmethod
    def receivers(cls, case):
        """Organisations that may take the case: the other services of social support."""
        others = Organisation.objects.filter(kind__in=(OrganisationKind.SOCIAL, OrganisationKind.NGO))
        return others.filter(users__role=Role.HEAD, users__is_active=True).exclude(pk=case.organisation_id).distinct()

    @classmethod
    def offer(cls, case, *, by, to_organisation, reason, consented_on) -> "CaseTransfer":
        """Offer the case to another organisation; its head answers within three working days.

        Raises Refused at a wrong moment, without the family's consent, and for an organisation without a head.
        """
        why_not = acts.why_not_transfer(case)
        if why_not:
            raise Refused(why_not)
        if consented_on > timezone.localdate():
            raise Refused("Дата согласия семьи ещё не наступила. Без согласия случай не передаётся.")
        if not cls.receivers(case).filter(pk=to_organisation.pk).exists():
            raise Refused("У этой организации нет руководителя службы в системе: принять случай там некому.")
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            if case.transfer_offers.waiting().exists():
                raise Refused("Передача этого случая уже предложена. Дождитесь ответа или отзовите предложение.")
            row = cls.objects.create(
                case=case, to_organisation=to_organisation, reason=reason, consented_on=consented_on, offered_by=by
            )
            case.log("transfer_offered", by=by, transfer=row.pk, organisation=to_organisation.pk)
            open_obligation(
                duties.TRANSFER,
                row,
                due_on=add_working_days(timezone.localdate(), ANSWER_WORKING_DAYS),
                organisation=to_organisation,
                title=f"{duties.TRANSFER.title} № {case.number}",
                path=row.get_absolute_url(),
            )
        return row

    def accept(self, *, by, curator) -> Case:
        """Take the case over today: it ends at the former organisation and goes on here at the same stage and level.

        Services are the organisation's own: routes of minors and places in its groups end with this day and are offered
        here anew (IndividualRoute.left_by_transfer, cases.attendance.places_before). The region counts neither a
        removal nor an acceptance (indicators.md). Raises Refused when the answer is given, when the case has moved on
        meanwhile, or for a curator of another organisation.
        """
        if curator.organisation_id != self.to_organisation_id or curator.role != Role.CURATOR or not curator.is_active:
            raise Refused("Куратором может быть только действующий куратор Вашей организации.")
        with transaction.atomic():
            Enrolment.hold_groups(self.case_id)
            former = self._answer(by, self.State.ACCEPTED)
            why_not = acts.why_not_transfer(former)
            if why_not:
                raise Refused(why_not)
            self.new_case = _carry_over(former, self.to_organisation, by=by, curator=curator)
            self.save(update_fields=["state", "answered_by", "answered_at", "new_case"])
        return self.new_case

    def decline(self, *, by, remark):
        """The other head says no, with the reason; the case stays where it is."""
        with transaction.atomic():
            former = self._answer(by, self.State.DECLINED)
            self.remark = remark
            self.save(update_fields=["state", "answered_by", "answered_at", "remark"])
            former.log("transfer_declined", by=by, transfer=self.pk)

    def withdraw(self, *, by):
        """The head who offered takes the offer back before it is answered."""
        if by.organisation_id != self.case.organisation_id:
            raise Refused("Отозвать предложение может организация, которая передаёт случай.")
        with transaction.atomic():
            former = self._answer(by, self.State.WITHDRAWN)
            self.save(update_fields=["state", "answered_by", "answered_at"])
            former.log("transfer_withdrawn", by=by, transfer=self.pk)

    def _answer(self, by, state) -> Case:
        """Lock the case and this row, note who ended the offer and how; returns the case as it is now."""
        former = Case.objects.select_for_update().get(pk=self.case_id)
        row = CaseTransfer.objects.select_for_update().get(pk=self.pk)
        if row.state != self.State.OFFERED:
            raise Refused(f"На предложение уже ответили: {row.get_state_display()}.")
        if state != self.State.WITHDRAWN and by.organisation_id != self.to_organisation_id:
            raise Refused("Отвечает руководитель организации, которой предложен случай.")
        self.state, self.answered_by, self.answered_at = state, by, timezone.now()
        close_obligations(self, duties.TRANSFER)
        return former


def _carry_over(former, organisation, *, by, curator) -> Case:
    """The same support going on there from today, with what is in force: members, level and its term, programmes."""
    today = timezone.localdate()
    if former.family.cases.filter(organisation=organisation).open().exists():
        raise Refused("У этой семьи уже есть открытый случай в Вашей организации: второй открыть нельзя.")
    level = former.level_periods.filter(until=None).first()
    stage = Stage.ASSESSMENT if former.stage == Stage.ASSESSMENT else Stage.ACTIVE
    case = Case.objects.create(
        number=next_case_number(today.year),
        family=former.family,
        organisation=organisation,
        form=former.form,
        stage=stage,
        ground=former.ground,
        primary_category=former.primary_category,
        curator=curator,
        level=former.level,
        level_term_on=former.level_term_on,
        opened_on=today,
        accepted_on=today if stage == Stage.ACTIVE else None,
        transferred_from=former,
    )
    former.family.holders.add(organisation)
    case.curator_assignments.create(user=curator, since=today)
    case.log("transferred_in", by=by, stage=stage, case=former.pk, organisation=former.organisation_id)
    CaseMember.objects.bulk_create(
        CaseMember(case=case, person_id=person, since=today)
        for person in former.members.now().values_list("person_id", flat=True)
    )
    if level is not None:
        case.level_periods.create(
            level=level.level, since=today, term_on=level.term_on, decision=level.decision, basis=level.basis
        )
    for programme in former.programmes.all():
        programme.carry_over(case, by=by)
    BonusEntry.carry_over(former, case, by=by)
    Enrolment.end_with_transfer(former, by=by, day=today)
    former.end_by_transfer(by=by, day=today)
    terms.reset(case)
    return case
