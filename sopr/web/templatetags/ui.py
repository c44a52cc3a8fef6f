"""Components of the interface as tags and filters. They know nothing of the domain: everything shown is passed in.

What each looks like: templates/components/, static/css/components.css. All text is escaped; icons and charts are
inline SVG drawn by attributes, because the content policy forbids inline styles. Words, marks and cells of lists are
plain functions beside (sopr/web/words.py, marks.py, cells.py), for who needs them in Python too.
"""

from django import template
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from sopr.web import band, charts
from sopr.web.cells import table_cell
from sopr.web.marks import brand, due_chip, icon, level_badge, read, saved_at, state_label, todo_row_due
from sopr.web.words import counted, day_and_month, num, plural, ru_date, ru_datetime, ru_month, to_day

register = template.Library()

for word in (num, plural, counted, ru_date, ru_datetime, ru_month, day_and_month):
    register.filter(word)
for mark in (icon, brand, level_badge, due_chip, state_label, saved_at, todo_row_due, table_cell):
    register.simple_tag(mark)

FAR = 10  # pages from which a list asks for the number of the page one wants


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
    ordered = sorted(events, key=lambda event: (str(to_day(read(event, "at"))), str(read(event, "at"))), reverse=True)
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
def level_band(episode):
    """The whole episode at a glance.

    episode: start, end, today; periods [since, until (None = open), code, title, future];
    marks [on, kind (contact, review, council, next), title]; pauses [since, until (None = open)]; over_on: the day the
    last level's term was reached, when no council has decided since.
    """
    return band.draw_band(
        start=to_day(read(episode, "start")),
        end=to_day(read(episode, "end")),
        today=to_day(read(episode, "today", None)),
        periods=[
            band.Period(
                since=to_day(read(period, "since")),
                until=to_day(read(period, "until", None)),
                code=str(read(period, "code")),
                title=str(read(period, "title")),
                future=bool(read(period, "future", False)),
            )
            for period in read(episode, "periods", ())
        ],
        marks=[
            band.Mark(to_day(read(mark, "on")), read(mark, "kind", "contact"), str(read(mark, "title")))
            for mark in read(episode, "marks", ())
        ],
        pauses=[
            (to_day(read(pause, "since")), to_day(read(pause, "until", None))) for pause in read(episode, "pauses", ())
        ],
        over_on=to_day(read(episode, "over_on", None)),
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
