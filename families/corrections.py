"""Putting right what was entered wrong: the row changes, what it said before stays in the history of the card."""

import datetime

from django.db import models, transaction

from sopr.errors import Refused


class Reason(models.TextChoices):
    """Why an entry is put right: a code, because the history keeps no personal text (domain.md §6.1)."""

    SLIP = "slip", "описка при вводе"
    DOCUMENT = "document", "уточнено по документу"
    WORDS = "words", "уточнено со слов семьи"
    OTHER_FACT = "other_fact", "записано не то событие или не тот человек"


def correct(row, family, *, by, kind, reason, values, told=(), **refs):
    """Give `row` the `values` that differ and log the event `kind` with the reason; returns the names changed.

    `told` names the fields whose former and new value (codes and dates only) go into the event; of the others the
    event keeps the name. Raises Refused when nothing differs or the reason is not one of `Reason`.
    """
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        raise Refused("Вы ничего не изменили. Исправьте запись или нажмите «Отмена».")
    if reason not in Reason.values:
        raise Refused("Выберите, почему запись исправляется: причина останется в истории карточки.")
    with transaction.atomic():
        family.lock()
        was = {name: _plain(getattr(row, name)) for name in changed if name in told}
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
        now = {name: _plain(getattr(row, name)) for name in changed if name in told}
        family.log(kind, by=by, reason=str(reason), row=row.pk, fields=changed, was=was, now=now, **refs)
    return changed


def _plain(value):
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool) else str(value)


def describe(refs: dict) -> str:
    """A correction in words, from the refs of its event: the reason and the dates before and after."""
    reason = Reason(refs["reason"]).label if refs.get("reason") in Reason.values else ""
    was, now = refs.get("was", {}), refs.get("now", {})
    changed = [f"{_shown(was.get(name))} → {_shown(now.get(name))}" for name in sorted(now) if _is_day(was, now, name)]
    return "; ".join(filter(None, [*changed, reason]))


def _is_day(was, now, name) -> bool:
    return any(_day(values.get(name)) for values in (was, now))


def _day(value):
    try:
        return datetime.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _shown(value) -> str:
    day = _day(value)
    return f"{day:%d.%m.%Y}" if day else "не указано"
