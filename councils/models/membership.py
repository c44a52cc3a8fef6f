"""Состав совета: who sits in it, for whom, in what role, by which order, from when until when."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, When

from sopr.accounts.models import Organisation, short_name
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused


class CouncilMembershipQuerySet(ScopedQuerySet):
    def for_administrator(self, user):
        return self.all()

    def valid_on(self, day):
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))

    def lasting(self, since):
        """Whoever sits on the day `since` or on a later one."""
        return self.filter(Q(until=None) | Q(until__gte=since))

    def voting(self):
        """The base of the quorum."""
        return self.filter(votes=True)

    def by_rank(self):
        """Chair first, then deputies, secretaries, members, the invited."""
        rank = Case(*(When(role=role, then=n) for n, role in enumerate(CouncilMembership.Role.values)))
        return self.order_by(rank, "last_name", "pk")


class CouncilMembership(models.Model):
    """Член совета на даты: a person, with or without a login, for an agency.

    Who does not `vote` stands outside the quorum: the invited always, others where the order says so.
    """

    class Role(models.TextChoices):
        CHAIR = "chair", "председатель"
        DEPUTY = "deputy", "заместитель председателя"
        SECRETARY = "secretary", "секретарь"
        MEMBER = "member", "член совета"
        INVITED = "invited", "приглашённый"

    LEADING = (Role.CHAIR, Role.DEPUTY, Role.SECRETARY)  # called to every question, whoever else is

    council = models.ForeignKey("councils.Council", models.PROTECT, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="council_memberships"
    )
    last_name = models.CharField("фамилия", max_length=100)
    first_name = models.CharField("имя", max_length=100, blank=True)
    patronymic = models.CharField("отчество", max_length=100, blank=True)
    sex = models.CharField("пол", max_length=1, blank=True)
    post = models.CharField("должность", max_length=300, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="ведомство")
    role = models.CharField("роль", max_length=12, choices=Role, default=Role.MEMBER)
    votes = models.BooleanField("голосует", default=True, db_default=True)
    substitute = models.CharField("кто замещает", max_length=120, blank=True, default="", db_default="")
    order_number = models.CharField("номер распоряжения", max_length=60, blank=True, default="", db_default="")
    order_on = models.DateField("дата распоряжения", null=True, blank=True)
    since = models.DateField("с")
    until = models.DateField("по", null=True, blank=True)

    objects = CouncilMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "член совета"
        verbose_name_plural = "состав совета"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="council_member_since_before_until"
            ),
            models.CheckConstraint(condition=~Q(role="invited") | Q(votes=False), name="invited_do_not_vote"),
        ]

    def __str__(self):
        return short_name(self.last_name, self.first_name, self.patronymic)

    @property
    def full_name(self):
        return " ".join(filter(None, [self.last_name, self.first_name, self.patronymic]))

    @property
    def order(self) -> str:
        """The paper that appointed him: «распоряжение № 12-р от 09.01.2026»; empty when it is not known."""
        return said_order(self.order_number, self.order_on)

    def end(self, *, by, until):
        """The member leaves the council after the day `until`.

        Raises Refused when he has left already, for a day before he came, and while nobody else sits for an agency
        without which there is no quorum.
        """
        with transaction.atomic():
            council = self.council.lock()
            row = CouncilMembership.objects.get(pk=self.pk)
            if row.until:
                raise Refused(f"Выход из состава уже отмечен: {row.until:%d.%m.%Y}.")
            if until < row.since:
                raise Refused(f"В составе совета с {row.since:%d.%m.%Y}: укажите последний день не раньше.")
            others = council.memberships.voting().filter(
                Q(until=None) | Q(until__gt=until), organisation=row.organisation_id
            )
            required = council.required_agencies.filter(pk=row.organisation_id).exists()
            if row.votes and required and not others.exclude(pk=row.pk).exists():
                raise Refused(
                    f"Без представителя «{row.organisation}» заседание неправомочно, а другого в составе нет. Сначала "
                    "внесите преемника или снимите это требование на странице совета."
                )
            row.until = until
            row.save(update_fields=["until"])
            council.note("ended", by=by, membership=row, changes=[["последний день", "", f"{until:%d.%m.%Y}"]])

    def name_substitute(self, *, by, substitute):
        """Who takes part for him when he cannot; empty takes the name back. Raises Refused where nobody may."""
        with transaction.atomic():
            council = self.council.lock()
            if substitute and not council.substitutes:
                raise Refused("По регламенту этого совета его члены участвуют лично: заместителя не указывают.")
            row = CouncilMembership.objects.get(pk=self.pk)
            if row.substitute == substitute:
                return
            row.substitute = substitute
            row.save(update_fields=["substitute"])
            council.note("substitute", by=by, membership=row)


def said_order(number, on) -> str:
    """«распоряжение № 12-р от 09.01.2026», as far as it is known."""
    if not number and not on:
        return ""
    return "распоряжение" + (f" № {number}" if number else "") + (f" от {on:%d.%m.%Y}" if on else "")
