"""Контакты и визиты (domain.md §3)."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from cases import acts, terms
from cases.models.case import Case
from cases.models.querysets import CasePartQuerySet
from families.models import Person
from sopr.errors import Refused
from sopr.web.models import Versioned


class Contact(Versioned):
    """Контакт с семьёй, визит."""

    class Kind(models.TextChoices):
        VISIT = "visit", "визит домой"
        OFFICE = "office", "встреча в службе"
        PHONE = "phone", "звонок"
        MESSAGE = "message", "сообщение"
        ATTEMPT = "attempt", "не удалось связаться"

    TRIED = [
        (Kind.VISIT, "приехали, не застали"),
        (Kind.OFFICE, "ждали, не пришли"),
        (Kind.PHONE, "звонили, не ответили"),
        (Kind.MESSAGE, "писали, не ответили"),
    ]

    case = models.ForeignKey(Case, models.PROTECT, related_name="contacts")
    at = models.DateTimeField("когда", default=timezone.now)
    kind = models.CharField("вид", max_length=12, choices=Kind)
    # what was tried, for an attempt; empty for those written before this was asked
    tried = models.CharField("что пробовали", max_length=12, choices=TRIED, blank=True, db_default="", default="")
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
            models.CheckConstraint(condition=Q(threat=False) | ~Q(notified=""), name="contact_threat_names_notified"),
            models.CheckConstraint(condition=Q(tried="") | Q(kind="attempt"), name="contact_tried_is_an_attempt"),
        ]
        indexes = [
            # last contact of a case; contacts tab newest first
            models.Index(fields=["case", "-at", "-id"], name="contact_case_at"),
            # «Не удаётся связаться»: attempts are few among contacts
            models.Index(fields=["case", "at"], condition=Q(kind="attempt"), name="contact_attempts"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {timezone.localtime(self.at):%d.%m.%Y}"

    @classmethod
    def record(cls, case, *, by, at, kind, summary, people=(), threat=False, notified="", tried="", visit=None):
        """Write down a contact, or an attempt (`tried` says of what); `visit` is the planned one that it ends.

        Raises Refused for the future, a finished case, a threat nobody was told of (domain.md §4), an attempt of which
        nobody knows what was tried, and a planned visit that is no longer planned.
        """
        if at > timezone.now():
            raise Refused("Время контакта ещё не наступило. Проверьте дату и время.")
        reason = acts.why_not_contact(case)
        if reason:
            raise Refused(reason)
        if threat and not notified.strip():
            raise Refused("Отмечена угроза ребёнку. Позвоните в опеку и запишите, кого, когда и как известили.")
        if kind == cls.Kind.ATTEMPT and not tried:
            raise Refused("Связаться не удалось: отметьте, что пробовали, — приехать, позвонить, написать.")
        with transaction.atomic():
            contact = cls.objects.create(
                case=case,
                by=by,
                at=at,
                kind=kind,
                tried=tried if kind == cls.Kind.ATTEMPT else "",
                summary=summary,
                threat=threat,
                notified=notified,
            )
            contact.people.add(*people)
            if visit is not None:
                visit.end_with(contact)
            case.log("contact", by=by, happened_on=timezone.localdate(at), contact=contact.pk, how=kind)
            terms.reset(case)
        return contact
