"""Signed papers of the minutes: scans of what was signed, and the notice of refusal that the applicant gets."""

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from councils import duties
from councils.models.agenda import AgendaItem
from councils.models.council import Council
from councils.models.minutes import Minutes
from sopr import profile
from sopr.accounts.policy import Role
from sopr.accounts.scope import ScopedQuerySet
from sopr.calendar import add_working_days
from sopr.documents.attachments import attach
from sopr.documents.models import Attachment
from sopr.documents.numbering import next_number
from sopr.errors import Refused
from sopr.obligations.engine import close_obligations, open_obligation


class ScanQuerySet(ScopedQuerySet):
    def for_secretary(self, user):
        return self.filter(minutes__council__in=Council.objects.for_secretary(user), item=None)

    def of_cases(self, user):
        """Of extracts only: the whole minutes tell of other families."""
        return self.filter(item__in=AgendaItem.objects.visible_to(user))

    for_curator = for_head = of_cases


class Scan(models.Model):
    """Скан подписанной бумаги: of the minutes, or (`item`) of the extract on one question."""

    minutes = models.ForeignKey(Minutes, models.PROTECT, related_name="scans")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, related_name="scans")
    attachment = models.OneToOneField(Attachment, models.PROTECT, related_name="+")

    objects = ScanQuerySet.as_manager()

    class Meta:
        verbose_name = "скан протокола"
        verbose_name_plural = "сканы протоколов"
        ordering = ["pk"]

    def __str__(self):
        return f"Скан: {self.attachment.said}"

    @classmethod
    def add(cls, minutes, read, *, by, item=None):
        """Attach the scan of a signed paper, read by its content; earlier scans stay beside it."""
        if item is not None and not hasattr(item, "extract"):
            raise Refused("По этому вопросу нет выписки: приложить скан не к чему.")
        with transaction.atomic():
            return cls.objects.create(minutes=minutes, item=item, attachment=attach(read, by=by))


class RefusalNoticeQuerySet(ScopedQuerySet):
    def of_cases(self, user):
        return self.filter(item__in=AgendaItem.objects.visible_to(user))

    for_curator = for_head = of_cases


class RefusalNotice(models.Model):
    """Уведомление об отказе: owed to the applicant within the profile's working days of the council's refusal."""

    class Way(models.TextChoices):
        IN_PERSON = "in_person", "лично под подпись"
        POST = "post", "заказным письмом с уведомлением"
        ELECTRONIC = "electronic", "в электронной форме"

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="notice")
    number = models.PositiveIntegerField("номер")
    due_on = models.DateField("срок")
    handed_on = models.DateField("вручено", null=True, editable=False)
    way = models.CharField("как вручено", max_length=12, choices=Way, blank=True, editable=False)
    receipt = models.OneToOneField(Attachment, models.PROTECT, null=True, editable=False, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = RefusalNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "уведомление об отказе"
        verbose_name_plural = "уведомления об отказе"

    def __str__(self):
        return f"Уведомление об отказе № {self.number}"

    @classmethod
    def owe(cls, item, *, decided_on):
        """The council has refused: number the notice and open its term; call it in the decision's transaction."""
        case = item.case
        due_on = add_working_days(decided_on, profile.current().deadlines.refusal_notice_working_days)
        number = next_number(f"refusal:{case.organisation_id}", decided_on.year)
        notice = cls.objects.create(item=item, number=number, due_on=due_on)
        open_obligation(
            duties.REFUSAL_NOTICE,
            notice,
            due_on=due_on,
            organisation=case.organisation,
            assignee=case.curator,
            title=f"Вручить уведомление об отказе № {number}",
            path=reverse("councils:notice-hand", args=[item.pk]),
            case_id=case.pk,
            family_id=case.family_id,
        )
        return notice

    def hand(self, *, by, handed_on, way, receipt=None):
        """Write down that the applicant has the notice; `receipt` is the scan of his signature, or of the postal one.

        Raises Refused before the minutes are signed, for a day that cannot be, and the second time.
        """
        minutes = self.item.decision.minutes
        if minutes is None:
            raise Refused("Протокол ещё не подписан: уведомление печатают после подписания.")
        if not self.item.decision.decided_on <= handed_on <= timezone.localdate():
            raise Refused("Вручить можно со дня решения по сегодняшний день. Проверьте дату.")
        with transaction.atomic():
            row = RefusalNotice.objects.select_for_update().get(pk=self.pk)
            if row.handed_on is not None:
                raise Refused(f"Вручение уже записано: {row.handed_on:%d.%m.%Y}.")
            self.handed_on, self.way, self.by = handed_on, way, by
            self.receipt = attach(receipt, by=by) if receipt else None
            self.save(update_fields=["handed_on", "way", "by", "receipt"])
            close_obligations(self, on=handed_on)
            self.item.case.log("refusal_handed", by=by, happened_on=handed_on, item=self.item_id)


def secretary_of(council):
    """The user who keeps the council's papers today, or None."""
    seats = council.members_on(timezone.localdate()).filter(role="secretary", user__is_active=True)
    seat = seats.filter(user__role=Role.SECRETARY).first()
    return seat.user if seat else None
