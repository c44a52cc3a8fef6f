"""Small marks: an icon, a level, a term, a state. Plain functions: templates take them as tags of `ui`."""

import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from sopr.web import charts
from sopr.web.icons import ICONS, MEANINGS
from sopr.web.words import NO_DATA, describe_due, ru_date, to_day

DUE = {
    "overdue": ("due--over", "exclamation-circle-fill"),
    "today": ("due--today", "clock"),
    "soon": ("due--soon", "exclamation-circle"),
    "later": ("", ""),
    "done": ("due--done", "check-circle-fill"),
}
STATE = {
    "done": ("state--done", "check-circle-fill"),
    "wait": ("state--wait", "hourglass-split"),
    "work": ("", "circle-half"),
    "plan": ("state--plan", "circle"),
    "over": ("state--over", "exclamation-circle-fill"),
    "off": ("state--off", "slash-circle"),
    "back": ("state--wait", "arrow-return-left"),
    "good": ("state--good", "check-lg"),
    "bad": ("state--over", "x-circle-fill"),
    "warn": ("state--wait", "exclamation-circle"),
    "inbox": ("", "inbox"),
}
STATE |= {"success": STATE["done"], "danger": STATE["over"], "warning": STATE["warn"], "secondary": STATE["off"]}
STATE |= {"overdue": STATE["over"], "muted": STATE["off"], "info": STATE["work"], "ok": STATE["good"]}


def read(item, name, default=""):
    """A field of a dict or of an object; None counts as absent."""
    value = item.get(name) if isinstance(item, dict) else getattr(item, name, None)
    return default if value is None else value


def icon(name, size=16, label=""):
    """An icon by its Bootstrap Icons name or its meaning (sopr/web/icons.py). Decorative unless `label` is given."""
    shape = ICONS.get(MEANINGS.get(name, name))
    if shape is None:
        return ""
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" viewBox="0 0 16 16" fill="currentColor" {1}>{2}</svg>',
        size,
        voice,
        mark_safe(shape),
    )


def brand(frame):
    """The short name of the system and its region, both from a title written «СОПР · Приморский край»."""
    title = read(frame, "system_title") or read(frame, "system_name") or "СОПР"
    name, _dot, region = str(title).partition("·")
    return {"name": name.strip(), "region": read(frame, "region_title") or region.strip()}


def level_badge(code, title=""):
    """Level as tint, word and number of bars. `code` may be an object with code and title; nothing for no level."""
    if not isinstance(code, str) and code is not None:
        code, title = read(code, "code"), title or read(code, "title")
    if not code:
        return NO_DATA
    code, title = str(code), title or read(code, "label")
    mark = charts.LEVEL_MARKS.get(code, "")
    css = f"level--{code}" if mark else "level--other"
    return format_html(
        '<span class="level {}">{}{}</span>', css, charts.level_mark(code), title or charts.LEVEL_TITLES.get(code, code)
    )


def due_chip(date=None, state="", text="", today=None):
    """A term: icon and word, no fill. State and words come from the date when they are not given.

    state: overdue, today, soon, later, done. Shown without a date too, when `text` is given.
    """
    day = to_day(date)
    found_state, words = describe_due(day, today) if isinstance(day, datetime.date) else ("later", NO_DATA)
    state = state or found_state
    css, picture = DUE.get(state, DUE["later"])
    when = format_html(' title="{}"', ru_date(day)) if isinstance(day, datetime.date) else ""
    return format_html('<span class="due {}"{}>{}{}</span>', css, when, icon(picture, 14), text or words)


def state_label(title, tone=""):
    """A state as icon and word. tone: done wait work plan over off back good warn bad inbox."""
    css, picture = STATE.get(tone, ("", ""))
    return format_html('<span class="state {}">{}{}</span>', css, icon(picture, 14), title)


def saved_at(time, text="Сохранено в"):
    """«Сохранено в 11:12:40»; nothing when there is no time yet."""
    if not time:
        return ""
    if isinstance(time, datetime.datetime):
        time = f"{timezone.localtime(time) if timezone.is_aware(time) else time:%H:%M:%S}"
    return format_html('<span class="saved" role="status">{}{} {}</span>', icon("check-lg", 14), text, time)


def todo_row_due(item):
    """What stands in the first column of a to-do row: `due_text` and `due_note`, or words from the date `due`."""
    day = to_day(read(item, "due", None))
    state, words = describe_due(day) if isinstance(day, datetime.date) else ("later", "")
    state = read(item, "state") or state
    bold, note = {
        "overdue": (words.removeprefix("Просрочено "), f"до {ru_date(day)}"),
        "today": ("сегодня", "срок сегодня"),
    }.get(state, (ru_date(day), words.partition(", ")[2]))
    css = DUE.get(state, DUE["later"])[0]
    spoken = mark_safe('<span class="visually-hidden">Просрочено </span>') if state == "overdue" else ""
    bold, note = read(item, "due_text") or bold, read(item, "due_note") or note
    return format_html('<span class="due {}">{}{}</span><small>{}</small>', css, spoken, bold, note)
