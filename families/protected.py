"""The fields that have a permission of their own (domain.md §5): open only to those who work with the family.

One table, so that nobody has to remember them all: an app declares its own in `ready()`, and the test of the canaries
(sopr/tests/test_canaries.py) puts a word into each and looks for it in every page, file, message and line of the log.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model

from sopr.accounts.policy import Perm


@dataclass(frozen=True)
class Protected:
    """A column, the permission that opens it, and the flag of the row (a path) without which it is an open one."""

    model: str
    field: str
    permission: Perm
    flag: str = ""

    def __str__(self):
        return f"{self.model}.{self.field}"

    def get_model(self) -> type[Model]:
        return apps.get_model(self.model)


_fields = [
    Protected("families.Referral", "informant", Perm.INFORMANT_VIEW),
    Protected("families.Referral", "address", Perm.HIDDEN_ADDRESS_VIEW, flag="family.address_hidden"),
    Protected("families.Family", "address", Perm.HIDDEN_ADDRESS_VIEW, flag="address_hidden"),
    Protected("families.Person", "registered_at", Perm.HIDDEN_ADDRESS_VIEW, flag="address_hidden"),
    Protected("families.Person", "lives_at", Perm.HIDDEN_ADDRESS_VIEW, flag="address_hidden"),
    Protected("families.Person", "health", Perm.HEALTH_VIEW),
    Protected("families.HealthStatus", "document", Perm.HEALTH_VIEW),
]


def protect(*fields: Protected) -> None:
    """Declare further protected fields; declaring the same again is harmless."""
    _fields.extend(row for row in fields if row not in _fields)


def protected() -> tuple[Protected, ...]:
    """All protected fields of the product."""
    return tuple(_fields)
