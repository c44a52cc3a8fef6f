"""Dictionaries that a region and its organisations fill in themselves: whose a row is, who reads and who edits it."""

from django.db.models import Q

from sopr.accounts.policy import Perm, Role
from sopr.accounts.scope import ScopedQuerySet


class DictionaryQuerySet(ScopedQuerySet):
    """Rows of the whole region (no organisation) and of one's own; each is edited by whose it is."""

    def for_head(self, user):
        return self.filter(Q(organisation=None) | Q(organisation=user.organisation_id))

    for_curator = for_head

    def for_administrator(self, user):
        return self.filter(organisation=None)

    def editable_by(self, user):
        """The region's rows by the administrator, an organisation's by its head."""
        if not user.may(Perm.DICTIONARY_EDIT):
            return self.none()
        return self.filter(organisation=owner_for(user))

    def in_use(self):
        return self.filter(retired_on=None)


def owner_for(user):
    """Whose rows `user` writes: nobody's (the whole region's) for its administrator, else his organisation's."""
    return None if user.role == Role.ADMINISTRATOR else user.organisation
