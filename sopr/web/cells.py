"""One cell of a list, shown by the kind of its column (sopr/web/tables.py)."""

import datetime

from django.utils.html import format_html, format_html_join

from sopr.web.marks import due_chip, level_badge, read, state_label
from sopr.web.words import NO_DATA, num, ru_date, ru_datetime

CELL_CSS = {
    "number": "num",
    "level": "end",
    "due": "wide",
    "act": "wide act",
    "links": "wide",
    "date": "nowrap",
    "datetime": "nowrap",
}
LINK_CSS = {"number": "cell-link", "act": "btn btn-sm btn-quiet"}
TEXT_TONES = {"overdue": "bad", "danger": "bad", "over": "bad", "soon": "warn", "warning": "warn", "muted": "muted"}
NEVER_LINKS = ("level", "due", "state", "links")


def table_cell(cell, row):
    """One <td> of a list by the kind of its column; `data-label` names it when the row becomes a card on a phone."""
    column, kind = read(cell, "column"), read(cell, "kind") or "text"
    value = _show(kind, read(cell, "value", None), read(cell, "tone"))
    url = read(cell, "url") or ("" if kind in NEVER_LINKS else read(row, "url") if _is_first(cell, row) else "")
    if url:
        link_css = LINK_CSS.get(kind)
        link_css = format_html(' class="{}"', link_css) if link_css else ""
        value = format_html('<a href="{}"{}>{}</a>', url, link_css, value)
    elif kind == "act":
        value = ""
    tone = read(cell, "tone")
    if tone and kind not in ("due", "state", "level"):
        value = format_html('<span class="{}">{}</span>', TEXT_TONES.get(tone, tone), value)
    mark = read(cell, "mark")
    if mark:
        value = format_html('{} <span class="sop-s">{}</span>', value, mark)
    note = read(cell, "note")
    small = format_html('<small class="cell-note">{}</small>', note) if note else ""
    blank = "hide-s" if read(cell, "value", None) in (None, "", []) and not note and not mark else ""
    css = " ".join(
        filter(None, [CELL_CSS.get(kind, ""), read(column, "css"), "cell-main" if _is_main(cell, row) else "", blank])
    )
    return format_html(
        '<td class="{}" data-label="{}"><span class="cell">{}{}</span></td>', css, read(column, "title"), value, small
    )


def _main_cell(row):
    """The cell a row is known by: the first that links, else the first one of text."""
    cells = read(row, "cells", ())
    linked = [cell for cell in cells if read(cell, "url")]
    plain = [cell for cell in cells if (read(cell, "kind") or "text") not in NEVER_LINKS]
    return (linked or plain or [None])[0]


def _is_main(cell, row):
    return cell is _main_cell(row)


def _is_first(cell, row):
    """Whether the row's own link goes here: no cell links by itself and this is the main one."""
    return _is_main(cell, row)


def _show(kind, value, tone):
    if kind == "number":
        return num(value)
    if kind == "level":
        return level_badge(value)
    if kind == "due":
        return due_chip(value, tone) if isinstance(value, datetime.date) else due_chip(None, tone, value or NO_DATA)
    if kind == "links":
        return _list_links(value)
    if kind == "state":
        return state_label(value, tone) if value not in (None, "") else NO_DATA
    if isinstance(value, datetime.datetime):
        return ru_datetime(value)
    if isinstance(value, datetime.date):
        return ru_date(value)
    if isinstance(value, bool):
        return "да" if value else "нет"
    if value is None or value == "":
        return NO_DATA
    return value


def _list_links(links):
    """Links [(title, url)] one under another."""
    if not links:
        return NO_DATA
    items = format_html_join("", '<li><a href="{}">{}</a></li>', ((url, title) for title, url in links))
    return format_html('<ul class="cell-links">{}</ul>', items)
