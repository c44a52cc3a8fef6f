"""Совет (координационный совет, консилиум, МРГ) и его состав на даты."""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone

from sopr import profile
from sopr.accounts.models import Municipality, Organisation, short_name
from sopr.accounts.scope import ScopedQuerySet
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

    def for_ministry(self, user):
        return self.all()


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


class CouncilMembershipQuerySet(models.QuerySet):
    def valid_on(self, day):
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))


class CouncilMembership(models.Model):
    """Член совета на даты: a person, with or without a login, for an agency."""

    class Role(models.TextChoices):
        CHAIR = "chair", "председатель"
        DEPUTY = "deputy", "заместитель председателя"
        SECRETARY = "secretary", "секретарь"
        MEMBER = "member", "член совета"

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
