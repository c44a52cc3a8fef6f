"""Rows come through one door: `Model.objects.visible_to(user)` (architecture.md §4)."""

from django.db import models


class ScopedQuerySet(models.QuerySet):
    """A queryset that names, role by role, which rows a user may see.

    A subclass writes one method per role that may see anything: `for_curator(user)`, `for_head(user)`, …
    (the values of `Role`). A role without a method sees nothing: the default is to deny.
    """

    def visible_to(self, user):
        """The rows this user may see, distinct, as a queryset that can be filtered further."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        rows_for_role = getattr(self, f"for_{user.role}", None)
        return rows_for_role(user) if rows_for_role else self.none()
