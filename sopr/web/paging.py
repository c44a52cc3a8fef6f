"""Pages of a long list: by key beside the page one stands on, by number elsewhere.

A link to the next page names the last row shown («after»), so the database goes there by the index of the order
however deep in the list; OFFSET would read and drop every row before it. The link carries the row's id alone: what the
list is sorted by (a surname) is read back from the database.
"""

from dataclasses import dataclass

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import Q


@dataclass(frozen=True)
class Order:
    """One column of an order: the ORM path, its direction, whether it may be empty."""

    path: str
    descending: bool
    nullable: bool

    def reverse(self) -> "Order":
        return Order(self.path, not self.descending, self.nullable)

    def __str__(self):
        return f"-{self.path}" if self.descending else self.path


class KeyedPage(Page):
    """A page that knows its edges: `first_key` and `last_key` are ids of its first and last row, or None."""

    def __init__(self, rows, number, paginator):
        super().__init__(rows, number, paginator)
        self.first_key = rows[0].pk if rows else None
        self.last_key = rows[-1].pk if rows else None


class KeyPaginator(Paginator):
    """Pages of `rows` in `ordering` (ORM paths, the last one unique).

    `known` are the rows among which an edge is looked up: what the reader may see, without the filter, since the edge
    may have left it meanwhile.
    """

    def __init__(self, rows, per_page, ordering, known):
        self.orders = [_order(rows.model, path) for path in ordering]
        self.known = known
        super().__init__(rows.order_by(*map(str, self.orders)), per_page)

    def take(self, number, after=None, before=None) -> KeyedPage:
        """Page `number` (text of an address, clamped), by the edge row `after` or `before` it when one is given."""
        number = super().get_page(number).number
        found = None
        if number > 1 and _as_id(after) is not None:
            found = self._beyond(_as_id(after), self.orders)
        elif number > 1 and _as_id(before) is not None:
            found = self._beyond(_as_id(before), [order.reverse() for order in self.orders])
            found = found[::-1] if found is not None else None
        return KeyedPage(found or self._by_number(number), number, self)

    def _beyond(self, pk, orders):
        """The rows next to row `pk` in the direction of `orders`; None when there is no such row."""
        paths = [order.path for order in orders]
        edge = self.known.filter(pk=pk).order_by().values_list(*paths).first()
        if edge is None:
            return None
        largest = connections[self.object_list.db].features.nulls_order_largest
        rows = self.object_list.filter(beyond(orders, edge, largest)).order_by(*map(str, orders))
        return list(rows[: self.per_page])

    def _by_number(self, number):
        """By counting rows, from whichever end of the list is nearer."""
        start, end = (number - 1) * self.per_page, min(number * self.per_page, self.count)
        if start <= self.count // 2:
            return list(self.object_list[start:end])
        backwards = self.object_list.order_by(*(str(order.reverse()) for order in self.orders))
        return list(backwards[self.count - end : self.count - start])[::-1]


def beyond(orders, edge, nulls_largest: bool) -> Q:
    """The rows that follow the row with values `edge` in `orders`; where NULL stands is the database's habit."""
    condition, equal = Q(pk__in=[]), Q()
    for order, value in zip(orders, edge, strict=True):
        following = _following(order, value, nulls_largest)
        if following is not None:
            condition |= equal & following
        equal &= Q(**{f"{order.path}__isnull": True}) if value is None else Q(**{order.path: value})
    first, value = orders[0], edge[0]
    if value is not None and not first.nullable:
        # Says nothing new, but lets the database start at the edge in the index instead of reading up to it.
        condition &= Q(**{f"{first.path}__{'lte' if first.descending else 'gte'}": value})
    return condition


def _following(order, value, nulls_largest) -> Q | None:
    nulls_last = nulls_largest != order.descending
    if value is None:
        return None if nulls_last else Q(**{f"{order.path}__isnull": False})
    following = Q(**{f"{order.path}__{'lt' if order.descending else 'gt'}": value})
    if order.nullable and nulls_last:
        following |= Q(**{f"{order.path}__isnull": True})
    return following


def _order(model, path) -> Order:
    name = path.removeprefix("-")
    return Order(name, path.startswith("-"), _is_nullable(model, name))


def _is_nullable(model, path) -> bool:
    """Whether the value at an ORM path may be NULL; of what is no field (an annotation) it is taken to be."""
    for name in path.split("__"):
        if name == "pk":
            return False
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return True
        if field.null:
            return True
        model = field.related_model
    return False


def _as_id(text) -> int | None:
    """An id from an address; None for what is no id or fits no column."""
    text = str(text or "")
    return int(text) if text.isdecimal() and len(text) <= 18 else None
