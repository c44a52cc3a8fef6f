"""Совет (координационный совет, консилиум, МРГ) и его состав на даты."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from sopr import profile
from sopr.accounts.models import Municipality, Organisation, short_name
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused
from sopr.web.models import Versioned


class CouncilQuerySet(ScopedQuerySet):
    def of_member(self, user):
        """Councils in which the user sits today."""
        return self._where_sits(user)

    for_member = of_member

    def for_secretary(self, user):
        """Councils whose papers the user keeps: being a plain member elsewhere opens no agenda there."""
        return self._where_sits(user, role=CouncilMembership.Role.SECRETARY)

    def _where_sits(self, user, **how):
        sits = CouncilMembership.objects.valid_on(timezone.localdate()).filter(user=user, **how)
        return self.filter(pk__in=sits.values("council"))

    def for_head(self, user):
        """Councils of the head's own municipality."""
        return self.filter(municipality=user.organisation.municipality_id) if user.organisation else self.none()

    for_curator = for_head

    def of_case(self, case):
        """Councils of the family's municipality; of the organisation's own when there are none."""
        own = self.filter(municipality=case.family.municipality_id)
        return own if own.exists() else self.filter(municipality=case.organisation.municipality_id)

    def for_ministry(self, user):
        return self.all()

    for_administrator = for_ministry  # keeps the councils and their members, reads none of their papers


def default_quorum_share() -> int:
    """The region's share of members, percent; a council may set a stricter one."""
    return profile.current().council.quorum_share


class Council(Versioned):
    code = models.CharField("код", max_length=32, unique=True)
    name = models.CharField("наименование", max_length=300)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="councils")
    quorum_share = models.PositiveSmallIntegerField("кворум: больше чем, % состава", default=default_quorum_share)
    required_agencies = models.ManyToManyField(
        Organisation, blank=True, related_name="+", verbose_name="без кого заседание неправомочно"
    )
    place = models.CharField("место заседаний", max_length=300, blank=True)

    objects = CouncilQuerySet.as_manager()

    class Meta:
        verbose_name = "совет"
        verbose_name_plural = "советы"
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(quorum_share__lt=100), name="quorum_share_below_100")]

    def __str__(self):
        return self.name

    def members_on(self, day):
        """Memberships valid on `day`, chair first, then deputies, the secretary, members."""
        rank = Case(*(When(role=role, then=n) for n, role in enumerate(CouncilMembership.Role.values)))
        return self.memberships.valid_on(day).select_related("user", "organisation").order_by(rank, "last_name", "pk")

    def seat(self, *, by, organisation, role, since, user=None, last_name="", first_name="", patronymic="", post=""):
        """A new member since the day `since`: a `user`, or a person named who does not sign in.

        The first member of an agency of the kinds the region requires makes that agency required here (profile,
        `council.required_agencies`). Raises Refused for a second chair, and for a user who sits already.
        """
        with transaction.atomic():
            Council.objects.select_for_update().get(pk=self.pk)
            lasting = self.memberships.filter(Q(until=None) | Q(until__gte=since))
            if user is not None:
                last_name, first_name, patronymic = user.last_name, user.first_name, user.patronymic
                if lasting.filter(user=user).exists():
                    raise Refused(f"{user.full_name}: уже в составе совета. Сначала выведите из состава.")
            chair = CouncilMembership.Role.CHAIR
            if role == chair and (present := lasting.filter(role=chair).first()):
                raise Refused(f"Председатель уже есть: {present.full_name}. Сначала выведите его из состава.")
            known = self.memberships.filter(organisation=organisation).exists()
            if not known and organisation.kind in profile.current().council.required_agencies:
                self.required_agencies.add(organisation)
            return self.memberships.create(
                user=user,
                last_name=last_name,
                first_name=first_name,
                patronymic=patronymic,
                organisation=organisation,
                role=role,
                post=post,
                since=since,
            )


class CouncilMembershipQuerySet(ScopedQuerySet):
    def for_administrator(self, user):
        return self.all()

    def valid_on(self, day):
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))


class CouncilMembership(models.Model):
    """Член совета на даты: a person, with or without a login, for an agency."""

    class Role(models.TextChoices):
        CHAIR = "chair", "председатель"
        DEPUTY = "deputy", "заместитель председателя"
        SECRETARY = "secretary", "секретарь"
        MEMBER = "member", "член совета"

    LEADING = (Role.CHAIR, Role.DEPUTY, Role.SECRETARY)  # called to every question, whoever else is

    council = models.ForeignKey(Council, models.PROTECT, related_name="memberships")
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
            )
        ]

    def __str__(self):
        return short_name(self.last_name, self.first_name, self.patronymic)

    @property
    def full_name(self):
        return " ".join(filter(None, [self.last_name, self.first_name, self.patronymic]))

    def end(self, *, by, until):
        """The member leaves the council after the day `until`.

        Raises Refused when he has left already, for a day before he came, and while nobody else sits for an agency
        without which there is no quorum.
        """
        with transaction.atomic():
            council = Council.objects.select_for_update().get(pk=self.council_id)
            row = CouncilMembership.objects.get(pk=self.pk)
            if row.until:
                raise Refused(f"Выход из состава уже отмечен: {row.until:%d.%m.%Y}.")
            if until < row.since:
                raise Refused(f"В составе совета с {row.since:%d.%m.%Y}: укажите последний день не раньше.")
            others = council.memberships.filter(Q(until=None) | Q(until__gt=until), organisation=row.organisation_id)
            required = council.required_agencies.filter(pk=row.organisation_id).exists()
            if required and not others.exclude(pk=row.pk).exists():
                raise Refused(
                    f"Без представителя «{row.organisation}» заседание неправомочно, а другого в составе нет. Сначала "
                    "внесите преемника или снимите это требование на странице совета."
                )
            row.until = until
            row.save(update_fields=["until"])
