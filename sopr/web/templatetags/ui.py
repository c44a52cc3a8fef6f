"""Components of the interface as tags and filters. They know nothing of the domain: everything shown is passed in.

What each looks like: templates/components/, static/css/components.css. All text is escaped; icons and charts are
inline SVG drawn by attributes, because the content policy forbids inline styles.
"""

import datetime
from decimal import Decimal

from django import template
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from sopr.web import charts
from sopr.web.icons import ICONS, MEANINGS

register = template.Library()

NBSP = "\u00a0"
THIN = "\u202f"
MINUS = "\u2212"
NO_DATA = "–"

MONTHS = [
    "Январь",
    "Февраль",
    "Март",
    "Апрель",
    "Май",
    "Июнь",
    "Июль",
    "Август",
    "Сентябрь",
    "Октябрь",
    "Ноябрь",
    "Декабрь",
]

FAR = 10  # pages from which a list asks for the number of the page one wants
SOON_DAYS = 7  # days before a date from which it is shown as near

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


# --- Words ------------------------------------------------------------------------------------------------------------


@register.filter
def num(value, decimals=None):
    """A number as Russians write it: «1 283», «−3», «0,5»; None is «–»; text («×») stays as it is.

    `decimals` fixes the digits after the comma. Thousands are parted by U+202F, minus is U+2212.
    """
    if value is None or value == "":
        return NO_DATA
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    text = f"{value:,.{decimals}f}" if decimals is not None else f"{value:,}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", THIN).replace(".", ",").replace("-", MINUS)


@register.filter
def plural(value, forms):
    """The form of a word after a number: `{{ n|plural:"семья,семьи,семей" }}` → 1 семья, 2 семьи, 5 семей."""
    one, few, many = (form.strip() for form in forms.split(","))
    try:
        number = abs(Decimal(str(value or 0)))
    except ArithmeticError:
        return many
    if number != int(number):
        return few
    number = int(number)
    if 11 <= number % 100 <= 14:
        return many
    return one if number % 10 == 1 else few if 2 <= number % 10 <= 4 else many


@register.filter
def counted(value, forms):
    """Number and word together, never parted at a line's end: «1 283 семьи»."""
    return f"{num(value)}{NBSP}{plural(value, forms)}"


def _to_day(value):
    if isinstance(value, datetime.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


@register.filter
def ru_date(value):
    """«21.11.2026»; None is «–»."""
    day = _to_day(value)
    return f"{day:%d.%m.%Y}" if isinstance(day, datetime.date) else (day or NO_DATA)


@register.filter
def ru_datetime(value):
    """«21.11.2026, 14:05» in local time; None is «–»."""
    if not isinstance(value, datetime.datetime):
        return ru_date(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{local:%d.%m.%Y}, {local:%H:%M}"


@register.filter
def ru_month(value):
    """«Ноябрь 2026»."""
    day = _to_day(value)
    return f"{MONTHS[day.month - 1]} {day.year}"


@register.filter
def day_and_month(value):
    """«21.11», for lists already grouped by month."""
    day = _to_day(value)
    return f"{day:%d.%m}" if isinstance(day, datetime.date) else NO_DATA


def describe_due(day, today=None):
    """(state, words) of a date: («overdue», «Просрочено на 4 дня»), («soon», «18.11.2026, завтра») and so on.

    A date is soon within SOON_DAYS calendar days.
    """
    today = today or timezone.localdate()
    left = (day - today).days
    if left < 0:
        return "overdue", f"Просрочено на{NBSP}{counted(-left, 'день,дня,дней')}"
    if left == 0:
        return "today", "сегодня"
    if left == 1:
        return "soon", f"{ru_date(day)}, завтра"
    if left <= SOON_DAYS:
        return "soon", f"{ru_date(day)}, через{NBSP}{counted(left, 'день,дня,дней')}"
    return "later", ru_date(day)


# --- Small marks ------------------------------------------------------------------------------------------------------


@register.simple_tag
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


@register.simple_tag
def brand(frame):
    """The short name of the system and its region, both from a title written «СОПР · Приморский край»."""
    title = read(frame, "system_title") or read(frame, "system_name") or "СОПР"
    name, _dot, region = str(title).partition("·")
    return {"name": name.strip(), "region": read(frame, "region_title") or region.strip()}


@register.simple_tag
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


@register.simple_tag
def due_chip(date=None, state="", text="", today=None):
    """A term: icon and word, no fill. State and words come from the date when they are not given.

    state: overdue, today, soon, later, done. Shown without a date too, when `text` is given.
    """
    day = _to_day(date)
    found_state, words = describe_due(day, today) if isinstance(day, datetime.date) else ("later", NO_DATA)
    state = state or found_state
    css, picture = DUE.get(state, DUE["later"])
    when = format_html(' title="{}"', ru_date(day)) if isinstance(day, datetime.date) else ""
    return format_html('<span class="due {}"{}>{}{}</span>', css, when, icon(picture, 14), text or words)


@register.simple_tag
def state_label(title, tone=""):
    """A state as icon and word. tone: done wait work plan over off back good warn bad inbox."""
    css, picture = STATE.get(tone, ("", ""))
    return format_html('<span class="state {}">{}{}</span>', css, icon(picture, 14), title)


@register.simple_tag
def saved_at(time, text="Сохранено в"):
    """«Сохранено в 11:12:40»; nothing when there is no time yet."""
    if not time:
        return ""
    if isinstance(time, datetime.datetime):
        time = f"{timezone.localtime(time) if timezone.is_aware(time) else time:%H:%M:%S}"
    return format_html('<span class="saved" role="status">{}{} {}</span>', icon("check-lg", 14), text, time)


@register.simple_tag
def todo_row_due(item):
    """What stands in the first column of a to-do row: `due_text` and `due_note`, or words from the date `due`."""
    day = _to_day(read(item, "due", None))
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


# --- Blocks -----------------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/empty.html")
def empty_state(title, text="", url="", action=""):
    """What is missing and what to do next."""
    return {"title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("components/facts.html")
def facts(items):
    """A strip of facts: items [label, value, note, url, css]; a value may be the output of another tag."""
    return {"items": items}


@register.inclusion_tag("components/timeline.html")
def timeline(events):
    """Events [at, title, text, kind, icon, url, who], newest first, grouped by month."""
    ordered = sorted(events, key=lambda event: (str(_to_day(read(event, "at"))), str(read(event, "at"))), reverse=True)
    months = []
    for event in ordered:
        month = ru_month(read(event, "at"))
        if not months or months[-1][0] != month:
            months.append((month, []))
        months[-1][1].append(event)
    return {"months": months}


@register.inclusion_tag("components/steps.html")
def steps(items, label="Состояние"):
    """The life of a paper: items [title, state (done, current, todo), note, tone]; tone «warn» for a return."""
    return {"items": items, "label": label}


CHECKS = {"ok": "check-circle", "warn": "exclamation-circle", "bad": "x-circle-fill"}


@register.inclusion_tag("components/checks.html")
def checks(items):
    """Checks of a paper: items [tone (ok, warn, bad), title, text, url, link (its words)]."""
    return {
        "items": [
            (item, read(item, "tone", "ok"), CHECKS.get(read(item, "tone", "ok"), "check-circle")) for item in items
        ]
    }


@register.inclusion_tag("components/todo_row.html")
def todo_row(item):
    """One obligation with its act.

    item: due (date), due_text, due_note, state, title, note, subject, subject_note, url, level, level_title,
    act_title, act_url, quiet (a weaker button).
    """
    return {"item": item}


@register.inclusion_tag("components/refusal.html")
def refusal(text, links=None, title=""):
    """Why an act is not possible now: the reason and what is missing, links [(title, url, note)]."""
    return {"text": text, "links": links or [], "title": title}


@register.inclusion_tag("components/chips.html")
def chips(items, label=""):
    """Filters as chips: items [(title, url, count, active)] or objects with these fields."""
    named = [
        dict(zip(("title", "url", "count", "active"), item, strict=False)) if isinstance(item, tuple | list) else item
        for item in items
    ]
    return {"items": named, "label": label}


@register.inclusion_tag("components/tabs.html")
def tabs(items, label="Разделы"):
    """Tabs of a card as links: items [title, url, count, active]."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context, page_obj, param="page"):
    """Pages of a list; the rest of the query is kept. Nothing when there is one page.

    To a neighbour of a KeyedPage leads its edge row's id besides the number; to the others the number alone.
    """
    if not page_obj or page_obj.paginator.num_pages < 2:
        return {"page_obj": None}
    keyed = hasattr(page_obj, "last_key")
    numbers = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1 if keyed else 2, on_ends=1)
    query = context["request"].GET.copy() if "request" in context else QueryDict(mutable=True)
    for key in ("after", "before", "columns"):
        query.pop(key, None)

    def link(number):
        there = query.copy()
        there[param] = number
        if keyed and number == page_obj.number + 1:
            there["after"] = page_obj.last_key
        elif keyed and number == page_obj.number - 1 and number > 1:
            there["before"] = page_obj.first_key
        return f"?{there.urlencode()}"

    return {
        "page_obj": page_obj,
        "pages": [(number, link(number) if isinstance(number, int) else "") for number in numbers],
        "previous": link(page_obj.number - 1) if page_obj.has_previous() else "",
        "next": link(page_obj.number + 1) if page_obj.has_next() else "",
        "total": page_obj.paginator.count,
        "jump": [(key, value) for key, values in query.lists() for value in values if key != param],
        "far": keyed and page_obj.paginator.num_pages > FAR,
        "param": param,
    }


@register.simple_block_tag
def side_panel(content, title, note="", tone=""):
    """A titled panel: `{% side_panel "Состав" note="5 человек" %}<div class="panel__row">…{% endside_panel %}`."""
    return format_html(
        '<section class="panel{}"><div class="panel__head"><h2>{}</h2>{}</div>{}</section>',
        f" panel--{tone}" if tone else "",
        title,
        format_html('<span class="hint">{}</span>', note) if note else "",
        content,
    )


# --- Numbers drawn ----------------------------------------------------------------------------------------------------


@register.simple_tag
def progress(percent, step="", label="Выполнение"):
    """Progress of long work with the step's name; percent 0…100, None = not known yet."""
    known = percent is not None
    percent = max(0, min(100, round(percent or 0)))
    value = format_html('aria-valuenow="{}"', percent) if known else ""
    text = format_html('<p class="progress-step">{}</p>', step) if step else ""
    return format_html(
        '{}<div class="progress-line{}" role="progressbar" aria-label="{}" aria-valuemin="0" aria-valuemax="100" {}>'
        "{}</div>",
        text,
        "" if known else " progress-line--wait",
        label,
        value,
        charts.draw_bar([(percent, "accent")], 100, height=8),
    )


@register.simple_tag
def bar(value, max, label="", tone="accent", mark=None):
    """A share as a bar from zero; `mark` is a threshold on its scale. Tones: accent soft warn bad good, a level."""
    spoken = label or f"{num(value)} из {num(max)}"
    return charts.draw_bar([(value or 0, tone)], max, label=spoken, mark=mark)


@register.simple_tag
def stack(items, label=""):
    """Parts of a whole as one bar: items [value, tone, title]."""
    parts = [(read(item, "value", 0), read(item, "tone", "accent"), read(item, "title")) for item in items]
    spoken = label or ", ".join(f"{title} {num(value)}" for value, _tone, title in parts if title)
    return charts.draw_bar([part[:2] for part in parts], sum(part[0] for part in parts), label=spoken, height=10, gap=2)


@register.inclusion_tag("components/stack_key.html")
def stack_key(items):
    """The key of a `stack`: items [value, tone, title]."""
    return {"items": items}


@register.simple_tag
def sparkline(values, labels="", kind="line", label=""):
    """A chart of a few periods, the last one stressed. `labels` a list or «III,IV,I»; kind line or columns."""
    values = list(values)
    names = [part.strip() for part in labels.split(",")] if isinstance(labels, str) else [str(part) for part in labels]
    names = names if any(names) else [""] * len(values)
    spoken = label or ", ".join(f"{name} {num(value)}".strip() for name, value in zip(names, values, strict=False))
    return charts.draw_sparkline(values, names, kind, [num(value) for value in values], spoken)


@register.simple_tag
def score_scale(was, now, max=4):
    """A score «было → стало» on a scale from 0 (no problem) to `max`; either may be None."""
    return charts.draw_score(was, now, max)


@register.simple_tag
def level_band(band):
    """The whole episode at a glance.

    band: start, end, today; periods [since, until (None = open), code, title, future];
    marks [on, kind (contact, review, council, next), title]; pauses [since, until (None = open)]; over_on: the day the
    last level's term was reached, when no council has decided since.
    """
    return charts.draw_band(
        start=_to_day(read(band, "start")),
        end=_to_day(read(band, "end")),
        today=_to_day(read(band, "today", None)),
        periods=[
            charts.Period(
                since=_to_day(read(period, "since")),
                until=_to_day(read(period, "until", None)),
                code=str(read(period, "code")),
                title=str(read(period, "title")),
                future=bool(read(period, "future", False)),
            )
            for period in read(band, "periods", ())
        ],
        marks=[
            charts.Mark(_to_day(read(mark, "on")), read(mark, "kind", "contact"), str(read(mark, "title")))
            for mark in read(band, "marks", ())
        ],
        pauses=[
            (_to_day(read(pause, "since")), _to_day(read(pause, "until", None))) for pause in read(band, "pauses", ())
        ],
        over_on=_to_day(read(band, "over_on", None)),
    )


# --- Tables and forms -------------------------------------------------------------------------------------------------


@register.filter
def in_header(actions):
    """The secondary buttons that stand in the header: the first three that are not rare."""
    return [action for action in actions or () if not read(action, "rare")][:3]


@register.filter
def in_menu(actions):
    """The other ones, under «Ещё»."""
    shown = in_header(actions)
    return [action for action in actions or () if action not in shown]


@register.simple_tag
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


@register.simple_tag
def filter_field(field):
    """One field of a filter form: small control, label above, marked when it is set."""
    kind = getattr(field.field.widget, "input_type", "")
    value = field.value()
    css = "form-select form-select-sm" if kind == "select" else "form-control form-control-sm"
    if kind in ("checkbox", "radio"):
        css = "form-check-input"
    attrs = {"class": css + (" is-set" if value not in (None, "", [], False) else "")}
    if kind == "text" and field.name == "q":
        field.field.widget.input_type = "search"
        attrs["placeholder"] = field.label
    if kind == "checkbox" and not getattr(field.field, "choices", None):
        return format_html('<label class="form-check">{} {}</label>', field.as_widget(attrs=attrs), field.label)
    hidden = mark_safe(' class="visually-hidden"') if "placeholder" in attrs else ""
    return format_html(
        '<label for="{}"{}>{}</label>{}', field.id_for_label, hidden, field.label, field.as_widget(attrs=attrs)
    )


@register.simple_tag
def formset_list(formsets):
    """The formsets of a form page as a list, whether they came by name or not."""
    if not formsets:
        return []
    return list(formsets.values()) if isinstance(formsets, dict) else list(formsets)


@register.inclusion_tag("components/error_summary.html")
def error_summary(form, formsets=None):
    """All errors of a form and its formsets above it, each a link to its field."""
    errors = _form_errors(form) if form is not None else []
    for formset in formset_list(formsets):
        if not formset.is_bound:
            continue
        errors += [("", "", error) for error in formset.non_form_errors()]
        for number, row in enumerate(formset.forms, start=1):
            errors += [
                (anchor, f"Строка {number}. {label}".strip(), error) for anchor, label, error in _form_errors(row)
            ]
    return {"errors": errors}


def _form_errors(form):
    """(id of the field, label, message) of each error of a form."""
    if not getattr(form, "is_bound", False):
        return []
    found = [("", "", error) for error in form.non_field_errors()]
    for name in form.errors:
        if name in form.fields:
            field = form[name]
            anchor = "" if field.is_hidden else (field.id_for_label or f"div_{field.auto_id}")
            found += [(anchor, str(field.label), error) for error in field.errors]
    return found
