"""Which cases, and which rows of a case, a user may see."""

from django.db.models import OuterRef, Q, Subquery

from cases.words import OPEN_STAGES, SUPPORTED_STAGES
from sopr.accounts.scope import ScopedQuerySet
from sopr.obligations.models import Obligation


def worked_by(user, road="") -> Q:
    """The condition on a row that `user` works its case: keeps it, or stands in for its curator today.

    `road` leads from the row to the case. The ids are read first: mostly there are none, and the index of curators
    serves the rest.
    """
    from cases.models.standin import stood_in_by  # a stand-in belongs to a case, whose querysets these are

    own = Q(**{f"{road}__curator" if road else "curator": user})
    ids = stood_in_by(user.pk)
    return own | Q(**{f"{road or 'pk'}__in": ids}) if ids else own


class CaseQuerySet(ScopedQuerySet):
    """Road to the owner: `organisation`; a curator sees the cases he keeps (domain.md §5) or stands in for.

    A council's secretary and members read the case in brief, through its question (councils.brief), not the case.
    """

    def for_curator(self, user):
        return self.filter(worked_by(user), organisation=user.organisation_id)

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id)

    def supported(self):
        """Accepted and not yet removed: what a stock counts, as of now."""
        return self.filter(stage__in=SUPPORTED_STAGES)

    def open(self):
        return self.filter(stage__in=OPEN_STAGES)

    def accepted_by(self, day):
        return self.filter(accepted_on__lte=day)

    def on_support_at(self, day):
        """STOCK(d) of indicators.md: accepted by `day` and not removed by it."""
        return self.accepted_by(day).filter(Q(closed_on=None) | Q(closed_on__gt=day))

    def with_people(self):
        """With the family and the curator in the same statement, for lists."""
        return self.select_related("family__municipality", "curator", "organisation")

    def with_last_contact(self):
        """Annotate `last_contact_at` and `last_contact_kind`: when and how the family was last reached."""
        contacts = self.model._meta.get_field("contacts").related_model.objects
        reached = contacts.filter(case=OuterRef("pk")).exclude(kind="attempt").order_by("-at")
        return self.annotate(
            last_contact_at=Subquery(reached.values("at")[:1]), last_contact_kind=Subquery(reached.values("kind")[:1])
        )

    def with_next_due(self):
        """Annotate `next_due_on` and `next_due_kind`: the nearest open obligation of the case."""
        due = Obligation.objects.open().filter(case_id=OuterRef("pk")).order_by("due_on", "pk")
        return self.annotate(
            next_due_on=Subquery(due.values("due_on")[:1]), next_due_kind=Subquery(due.values("kind")[:1])
        )


class CasePartQuerySet(ScopedQuerySet):
    """Rows that belong to a case are seen by whoever sees the case; `road` leads there."""

    road = "case"

    def visible_to(self, user):
        from cases.models.case import Case  # whose querysets these are

        return self.filter(**{f"{self.road}__in": Case.objects.visible_to(user)})


class ActivityPartQuerySet(ScopedQuerySet):
    """Rows that belong to an activity are seen by whoever sees it: its executor's agency, the curator, the head."""

    road = "activity"

    def visible_to(self, user):
        from cases.models.activity import Activity  # whose querysets these are

        return self.filter(**{f"{self.road}__in": Activity.objects.visible_to(user)})
