"""Pages about a part of a family's card: a membership, a category, an entry of a register, a person."""

from functools import cached_property

from families.keepers import keeps
from families.models import Family
from families.views.access import NOT_KEEPER
from families.views.family import family_crumbs, family_url
from sopr.accounts.policy import Perm
from sopr.errors import Refused
from sopr.web.pages import FormPage


class FamilyPartPage(FormPage):
    """A form about a row that belongs to a family; open to those who work with the family."""

    permission = Perm.FAMILY_EDIT
    menu = "families"
    road = "family"  # from the row to its family

    def get_queryset(self):
        families = Family.objects.visible_to(self.request.user)
        return self.model.objects.filter(**{f"{self.road}__in": families}).select_related(self.road)

    @cached_property
    def family(self) -> Family:
        row = self.object
        for name in self.road.split("__"):
            row = getattr(row, name)
        return row

    def get_breadcrumbs(self):
        return family_crumbs(self.family)

    def check_moment(self):
        if not keeps(self.request.user, self.family):
            raise Refused(NOT_KEEPER)

    def goes_to(self, tab="members") -> str:
        return family_url(self.family, tab)
