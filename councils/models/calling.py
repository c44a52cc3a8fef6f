"""Кто вызван на вопрос: whose members read its papers before the meeting, when not the whole council does."""

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from councils.models.membership import CouncilMembership
from sopr.accounts.models import Organisation
from sopr.accounts.scope import ScopedQuerySet
from sopr.errors import Refused


class CalledQuerySet(ScopedQuerySet):
    def called(self, user):
        """Questions whose papers a member reads: chair, deputies and secretary all, others all but those narrowed to
        other agencies than his."""
        narrowed = self.model.called_agencies.through.objects
        day = OuterRef("meeting__held_on")
        sits = CouncilMembership.objects.filter(council=OuterRef("council"), user=user, since__lte=day)
        sits = sits.filter(Q(until=None) | Q(until__gte=day))
        own = narrowed.filter(agendaitem=OuterRef(OuterRef("pk"))).values("organisation")
        return self.filter(Exists(sits)).filter(
            ~Exists(narrowed.filter(agendaitem=OuterRef("pk")))
            | Exists(sits.filter(role__in=CouncilMembership.LEADING))
            | Exists(sits.filter(organisation__in=own))
        )


class Called(models.Model):
    """The part of `AgendaItem` that says who is called to it."""

    called_agencies = models.ManyToManyField(Organisation, blank=True, related_name="+", verbose_name="кого вызвать")

    class Meta:
        abstract = True

    def call(self, agencies, *, by):
        """Show the papers of this question to members of `agencies` only; none named: to the whole council.

        Raises Refused once the meeting has opened or the question is no longer before the council.
        """
        with transaction.atomic():
            meeting = self.meeting.locked() if self.meeting_id else None
            waits = self._locked().state in (self.State.QUEUED, self.State.SCHEDULED)
            if not waits or (meeting is not None and meeting.state != meeting.State.PLANNED):
                raise Refused("Заседание по этому вопросу уже открыто: круг приглашённых не изменить.")
            self.called_agencies.set(agencies)
            self.save(update_fields=[])
