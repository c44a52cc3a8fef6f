"""Which reports: whose, of which revision, not handed in yet."""

from django.db.models import Exists, OuterRef

from sopr.accounts.scope import ScopedQuerySet


class ReportQuerySet(ScopedQuerySet):
    """Road to the owner: `organisation`; the region's own reports have none and are the ministry's."""

    def for_head(self, user):
        return self.filter(organisation=user.organisation_id, organisation__isnull=False)

    def for_ministry(self, user):
        return self.all()

    def latest(self):
        """Of each report, the last revision only."""
        later = self.model.objects.filter(
            form=OuterRef("form"), period=OuterRef("period"), scope=OuterRef("scope"), revision__gt=OuterRef("revision")
        )
        return self.filter(~Exists(later))

    def without_contents(self):
        """For lists: leave the snapshot in the database."""
        return self.defer("snapshot", "changes")

    def not_handed_in(self, today):
        """Organisations' reports of periods that have ended, still neither signed nor corrected.

        Those on a form the ministry has retired are not asked for any more.
        """
        return self.latest().filter(
            state__in=(self.model.State.DRAFT, self.model.State.RETURNED),
            organisation__isnull=False,
            until__lt=today,
            own_version__form__retired_at=None,
        )
