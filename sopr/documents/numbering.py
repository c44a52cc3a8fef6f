"""Numbers of documents: consecutive within a scope and a year, without gaps."""

from django.db import transaction

from .models import Counter


def next_number(scope: str, year: int) -> int:
    """Give out the next number of a scope in a year, starting from 1.

    The counter's row stays locked until the caller's transaction ends: a second writer waits, and a rolled back
    document gives its number back. That is what keeps the numbers without gaps, so the number must be saved
    with its document in one transaction.

    `scope` names what is numbered together, for example "minutes:7" (a council's id); `year` is the calendar
    year of the document, or 0 where the numbering never starts anew.

    Raises `RuntimeError` outside a transaction: a number committed on its own could be lost with the document.
    Source: domain.md §2, «minutes are numbered per council and year without gaps».
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("next_number() must be called inside transaction.atomic(), together with the document.")
    counter, _ = Counter.objects.select_for_update().get_or_create(scope=scope, year=year)
    counter.value += 1
    counter.save(update_fields=["value"])
    return counter.value
