"""«Семейная диспетчерская»: the single window of a service, from a family's appeal to closing with its consent.

Source: «Лучшие практики субъектов Российской Федерации», Омская область, «Семейная диспетчерская», section 4.5: «работа
Службы осуществляется по принципу "единое окно" … диспетчеры группируют семьи по выявленным проблемам, определяют спектр
услуг … диспетчер анализирует результаты выполненной работы, согласовывает с клиентом необходимость продолжения оказания
услуг или их прекращение в связи с полным или частичным решением проблемы».
"""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cases import duties
from cases.models.case import Case
from cases.models.problem_group import ProblemGroup
from families.models import Application, Family, Person, Referral
from sopr.accounts.models import Organisation
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import add_working_days
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.obligations.engine import cancel_obligations, open_obligation, reassign
from sopr.obligations.models import Obligation
from sopr.web.models import Versioned

GROUP_WORKING_DAYS = 1  # from the appeal to the problem group [choice]
PICK_WORKING_DAYS = 2  # from the appeal to the services [choice]
CLOSE_WORKING_DAYS = 3  # from the last service to the talk about closing [choice]
SILENCE_ATTEMPTS = 3  # on different days, before a family that does not answer counts as silent [choice]
SILENCE_DAYS = 10  # calendar days from the first of these attempts to closing [choice]


class DispatchRequestQuerySet(ScopedQuerySet):
    """The board is one for the organisation; what a request says, its dispatcher and the head read (`works_on`)."""

    def of_organisation(self, user):
        return self.filter(organisation=user.organisation_id)

    for_curator = for_head = of_organisation

    def open(self):
        return self.exclude(state=DispatchRequest.State.CLOSED)

    def first_helped_in(self, since, until):
        """Whose first service was given in the period: what the average of days is over."""
        return self.filter(first_service_on__range=(since, until))


class DispatchRequest(Versioned):
    """Обращение семьи в единое окно."""

    class State(models.TextChoices):
        NEW = "new", "новое"
        GROUPED = "grouped", "определена группа"
        PICKED = "picked", "услуги подобраны"
        IN_HELP = "in_help", "идёт помощь"
        CLOSED = "closed", "закрыто"

    class Result(models.TextChoices):
        SOLVED = "solved", "проблема решена"
        PARTLY = "partly", "проблема решена частично"
        NOT_SOLVED = "not_solved", "проблема не решена"
        SUPPORT = "support", "передано на сопровождение"

    class Ground(models.TextChoices):
        CONSENT = "consent", "согласие клиента"
        SILENCE = "silence", "семья не отвечает"
        SUPPORT = "support", "открыт случай сопровождения"

    class How(models.TextChoices):
        IN_PERSON = "in_person", "лично"
        PHONE = "phone", "по телефону"
        MESSAGE = "message", "сообщением"
        WRITTEN = "written", "письменно"

    FLOW = {
        State.NEW: {State.GROUPED, State.CLOSED},
        State.GROUPED: {State.GROUPED, State.PICKED, State.CLOSED},
        State.PICKED: {State.GROUPED, State.PICKED, State.IN_HELP, State.CLOSED},
        State.IN_HELP: {State.IN_HELP, State.CLOSED},
        State.CLOSED: set(),
    }

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="dispatch_requests")
    number = models.PositiveIntegerField("номер в году")
    year = models.PositiveSmallIntegerField("год")
    family = models.ForeignKey(Family, models.PROTECT, related_name="dispatch_requests", verbose_name="семья")
    referral = models.OneToOneField(
        Referral, models.PROTECT, null=True, blank=True, related_name="dispatch_request", verbose_name="сигнал"
    )
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, blank=True, related_name="dispatch_request", verbose_name="заявление"
    )
    appealed_on = models.DateField("дата обращения", default=timezone.localdate)
    asked = models.TextField("с чем обратилась семья")
    problem = models.TextField("какая проблема выявлена", blank=True)
    group = models.ForeignKey(
        ProblemGroup, models.PROTECT, null=True, blank=True, related_name="requests", verbose_name="группа проблем"
    )
    state = models.CharField("состояние", max_length=12, choices=State, default=State.NEW, editable=False)
    dispatcher = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="dispatch_requests",
        verbose_name="диспетчер",
    )
    first_service_on = models.DateField("первая услуга", null=True, editable=False)
    closed_on = models.DateField("закрыто", null=True, editable=False)
    result = models.CharField("итог", max_length=12, choices=Result, blank=True, editable=False)
    ground = models.CharField("основание закрытия", max_length=8, choices=Ground, blank=True, editable=False)
    consent_by = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="dispatch_consents",
        verbose_name="кто согласился",
    )
    consent_on = models.DateField("дата согласия", null=True, editable=False)
    consent_how = models.CharField("как получено согласие", max_length=12, choices=How, blank=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, editable=False, related_name="dispatch_requests")

    objects = DispatchRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "обращение в диспетчерскую"
        verbose_name_plural = "обращения в диспетчерскую"
        ordering = ["-appealed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "number"], name="one_dispatch_request_per_number"),
            models.UniqueConstraint(
                fields=["family", "organisation"],
                condition=~Q(state="closed"),
                name="one_open_dispatch_request_per_family",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_on__isnull=False) & ~Q(result="") & ~Q(ground=""),
                name="closed_dispatch_request_has_result_and_ground",
            ),
            models.CheckConstraint(
                condition=~Q(ground="consent")
                | Q(consent_by__isnull=False) & Q(consent_on__isnull=False) & ~Q(consent_how=""),
                name="dispatch_consent_says_who_when_and_how",
            ),
            models.CheckConstraint(
                condition=~Q(ground="support") | Q(case__isnull=False), name="dispatch_passed_to_support_has_its_case"
            ),
            models.CheckConstraint(
                condition=Q(first_service_on=None) | Q(first_service_on__gte=F("appealed_on")),
                name="dispatch_appeal_before_first_service",
            ),
        ]
        indexes = [
            # the board of an organisation by state, newest first
            models.Index(fields=["organisation", "state", "-appealed_on", "-id"], name="dispatch_board"),
            # reports: days to the first service in a period
            models.Index(fields=["organisation", "first_service_on"], name="dispatch_first_service"),
        ]

    def __str__(self):
        return f"Обращение № {self.number}/{self.year}"

    def get_absolute_url(self):
        return reverse("cases:dispatch-detail", args=[self.pk])

    def works_on(self, user) -> bool:
        """Whether `user` handles the request and reads what it says: its dispatcher, the head; anybody's when new."""
        return user.role == Role.HEAD or self.dispatcher_id in (None, user.pk)

    @property
    def days_to_first_service(self) -> int | None:
        """Calendar days from the appeal to the first service, 0 on the same day; None before it."""
        return (self.first_service_on - self.appealed_on).days if self.first_service_on else None

    # -- verbs -----------------------------------------------------------------------------------------------------

    @classmethod
    def open_for(cls, family, *, by, appealed_on, asked, referral=None, application=None) -> "DispatchRequest":
        """Put the family's appeal on the board; a curator who does it is its dispatcher.

        Raises Refused for the future, while another request of the family is open here, or when the signal or the
        application is on the board already.
        """
        if appealed_on > timezone.localdate():
            raise Refused("Дата обращения ещё не наступила.")
        with transaction.atomic():
            family.lock()
            standing = cls.objects.filter(family=family, organisation=by.organisation).open().first()
            if standing is not None:
                raise Refused(f"Семья уже на доске: {standing}. Добавьте услуги туда.")
            for paper, name in ((referral, "сигнал"), (application, "заявление")):
                if paper is not None and hasattr(paper, "dispatch_request"):
                    raise Refused(f"По этому документу ({name}) обращение уже заведено: {paper.dispatch_request}.")
            year = timezone.localdate().year
            request = cls.objects.create(
                organisation=by.organisation,
                number=next_number(f"dispatch:{by.organisation_id}", year),
                year=year,
                family=family,
                referral=referral,
                application=application,
                appealed_on=appealed_on,
                asked=asked,
                dispatcher=by if by.role == Role.CURATOR else None,
            )
            request.log("opened", by=by, happened_on=appealed_on)
            family.log("dispatch_opened", by=by, happened_on=appealed_on, request=request.pk)
            request.reset_terms()
        return request

    def assign(self, *, by, dispatcher):
        """The head gives the request to a dispatcher, or a dispatcher takes one that nobody has."""
        if dispatcher.organisation_id != self.organisation_id or dispatcher.role != Role.CURATOR:
            raise Refused("Диспетчером может быть только куратор Вашей организации.")
        if not dispatcher.is_active:
            raise Refused("Этот сотрудник не работает: выберите другого.")
        with transaction.atomic():
            row = self._locked()
            if row.state == self.State.CLOSED:
                raise Refused(f"{self} закрыто: менять диспетчера поздно.")
            if by.role != Role.HEAD and row.dispatcher_id not in (None, by.pk):
                raise Refused("Обращение уже взял другой диспетчер.")
            self.dispatcher = dispatcher
            self.save(update_fields=["dispatcher"])
            self.log("assigned", by=by, dispatcher=dispatcher.pk)
            reassign(Obligation.objects.about(self), dispatcher)

    def put_into_group(self, group, *, by, problem=""):
        """Say to which problem group the family belongs; it may be put right until help has begun."""
        if not group.is_active:
            raise Refused("Эта группа больше не используется. Выберите другую.")
        with transaction.atomic():
            row = self._locked()
            state = self.State.PICKED if row.state == self.State.PICKED else self.State.GROUPED
            self._move(state, group=group, problem=problem)
            self.log("grouped", by=by, group=group.pk)
            self.reset_terms()

    def close(self, *, by, result, consent_by, consent_on, consent_how):
        """Close with the client's consent: who gave it, when and how (section 4.5 of the practice).

        Raises Refused without it, for somebody outside the family, for the future, and while a service is planned.
        """
        if consent_by is None or consent_on is None or not consent_how:
            raise Refused("Без согласия клиента обращение не закрывается: укажите, кто, когда и как согласился.")
        today = timezone.localdate()
        last = self.services.filter(state="given").order_by("-given_on").values_list("given_on", flat=True).first()
        start = max(filter(None, [self.appealed_on, last]))
        if not start <= consent_on <= today:
            raise Refused(f"Дата согласия — от последней услуги или обращения ({start:%d.%m.%Y}) до сегодняшнего дня.")
        if not self.family.members_on(consent_on).filter(person=consent_by).exists():
            raise Refused("Согласие даёт член семьи. Выберите человека из состава семьи.")
        self._close(
            by, result, self.Ground.CONSENT, consent_by=consent_by, consent_on=consent_on, consent_how=consent_how
        )

    def close_for_silence(self, *, by, result):
        """Close when the family does not answer: after enough attempts on different days, and enough days.

        Raises Refused with how many are still wanted.
        """
        reason = self.why_not_silence
        if reason:
            raise Refused(reason)
        self._close(by, result, self.Ground.SILENCE)

    def pass_to_support(self, case, *, by):
        """The family is supported from now on: the request ends with a link to the case, its history stays here."""
        if case.family_id != self.family_id or case.organisation_id != self.organisation_id:
            raise Refused("Связать можно только случай этой же семьи в Вашей организации.")
        with transaction.atomic():
            self.services.filter(state="planned").update(state="cancelled")
            self._close(by, self.Result.SUPPORT, self.Ground.SUPPORT, case=case)
            case.log("dispatch_linked", by=by, request=self.pk)

    @property
    def why_not_silence(self) -> str:
        """Why the family does not count as silent yet, in Russian; empty when it does."""
        days = sorted(set(self.attempts.values_list("made_on", flat=True)))
        if len(days) < SILENCE_ATTEMPTS:
            return (
                f"Семья считается не ответившей после {SILENCE_ATTEMPTS} попыток связаться в разные дни. "
                f"Записано дней: {len(days)}."
            )
        ends_on = days[0] + datetime.timedelta(days=SILENCE_DAYS)
        if timezone.localdate() < ends_on:
            return f"С первой попытки должно пройти {SILENCE_DAYS} дней: закрыть можно с {ends_on:%d.%m.%Y}."
        return ""

    # -- inside ----------------------------------------------------------------------------------------------------

    def _close(self, by, result, ground, **consent):
        if result not in self.Result.values:
            raise Refused("Укажите, чем закончилась помощь.")
        with transaction.atomic():
            if self.services.filter(state="planned").exists():
                raise Refused("Есть запланированные услуги: отметьте, что они оказаны, или снимите их.")
            self._move(self.State.CLOSED, result=result, ground=ground, closed_on=timezone.localdate(), **consent)
            self.log("closed", by=by, result=result, ground=ground)
            self.family.log("dispatch_closed", by=by, request=self.pk)
            cancel_obligations(self)

    def note_service(self, *, by, state):
        """What a service's own verbs report: planned ones make the request picked, a given one brings help."""
        with transaction.atomic():
            given = self.services.filter(state="given").order_by("given_on").values_list("given_on", flat=True).first()
            row = self._locked()
            if row.state == self.State.IN_HELP:
                state = self.State.IN_HELP
            self._move(state, first_service_on=given)
            self.reset_terms()

    def reset_terms(self):
        """Keep open the one thing that is due next."""
        kind, due_on = self._due_next()
        if kind is None:
            cancel_obligations(self)
            return
        for other in duties.OF_A_REQUEST:
            if other is not kind:
                cancel_obligations(self, other)
        open_obligation(
            kind,
            self,
            due_on=due_on,
            assignee=self.dispatcher,
            organisation=self.organisation,
            title=f"{kind.title}: обращение № {self.number}/{self.year}",
            path=self.get_absolute_url(),
            family_id=self.family_id,
        )

    def _due_next(self):
        if self.state == self.State.NEW:
            return duties.DISPATCH_GROUP, add_working_days(self.appealed_on, GROUP_WORKING_DAYS)
        if self.state == self.State.GROUPED:
            return duties.DISPATCH_PICK, add_working_days(self.appealed_on, PICK_WORKING_DAYS)
        if self.state == self.State.CLOSED:
            return None, None
        planned = self.services.filter(state="planned").order_by("planned_on").first()
        if planned is not None:
            return duties.DISPATCH_SERVICE, planned.planned_on
        last = self.services.filter(state="given").order_by("-given_on").values_list("given_on", flat=True).first()
        return duties.DISPATCH_CLOSE, add_working_days(last or timezone.localdate(), CLOSE_WORKING_DAYS)

    def log(self, kind, *, by, happened_on=None, **refs):
        """Append one event; `refs` are ids and codes only."""
        return self.events.create(kind=kind, by=by, happened_on=happened_on or timezone.localdate(), refs=refs)

    def _locked(self) -> "DispatchRequest":
        return DispatchRequest.objects.select_for_update().get(pk=self.pk)

    def _move(self, state, **changes):
        """The only writer of `state`."""
        with transaction.atomic():
            row = self._locked()
            if state not in self.FLOW[row.state]:
                raise Refused(f"{self}: сейчас «{row.get_state_display()}», это действие невозможно.")
            self.state = state
            for name, value in changes.items():
                setattr(self, name, value)
            self.save(update_fields=["state", *changes])
