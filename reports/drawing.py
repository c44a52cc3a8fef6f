"""Pictures as SVG by pygal: 1.3 MB of pure Python against matplotlib's 174 MB, and text that stays text.

The styles stand in the picture; a page shows it as an image, so that they are no styles of the page (CSP).
"""

import re
from zlib import crc32

import pygal
from django.utils.html import escape
from pygal.style import Style

from reports.cells import thousands
from reports.flow import draw_flow

COLOURS = ("#0B5D63", "#D98E3B", "#8FB8BB", "#9A5B8C", "#6B7A80", "#C9B458")
STYLE = Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#23313A",
    foreground_strong="#23313A",
    foreground_subtle="#B8C4C8",
    opacity="1",
    opacity_hover="1",
    transition="0s",
    colors=COLOURS,
    font_family="'Doc Sans', 'PT Sans', sans-serif",
    label_font_size=13,
    major_label_font_size=13,
    value_font_size=13,
    value_label_font_size=13,
    legend_font_size=13,
    guide_stroke_color="#D5DEE0",
    major_guide_stroke_color="#D5DEE0",
    guide_stroke_dasharray="none",
    major_guide_stroke_dasharray="none",
    value_colors=("#23313A",) * len(COLOURS),
)
WIDTH, ROW, COLUMNS_HEIGHT = 720, 34, 300
LETTERS = 36  # of a label beside a bar; the table has it whole


def draw(picture) -> str:
    """The SVG of a picture; empty for a kind that is shown as a table."""
    make = {"line": _line, "columns": _columns, "bars": _bars, "flow": _flow}.get(picture.kind)
    return make(picture) if make else ""


def _options(picture, height, **more):
    return {
        "width": WIDTH,
        "height": height,
        "style": STYLE,
        "js": [],
        "pretty_print": False,
        "disable_xml_declaration": True,
        "explicit_size": False,
        "show_legend": len(picture.series) > 1,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": 4,
        "print_values": True,
        "print_zeroes": False,
        "formatter": lambda value: "" if value is None else thousands(value),
        "margin": 10,
        "margin_right": 44,
        "margin_bottom": 44 if len(picture.series) > 1 else 10,
        "legend_box_size": 12,
        "truncate_legend": 34,
        "truncate_label": -1,
        "min_scale": 2,
        "max_scale": 8,
        "integer_scale": True,
        "include_x_axis": True,
        "no_data_text": "Данных нет",
    } | more


def _line(picture):
    return _fill(pygal.Line(**_options(picture, COLUMNS_HEIGHT, dots_size=4, print_values_position="top")), picture)


def _columns(picture):
    return _fill(pygal.Bar(**_options(picture, COLUMNS_HEIGHT, print_values_position="top")), picture)


def _bars(picture):
    height = 70 + ROW * len(picture.labels) * (1 if len(picture.series) == 1 else 1.5)
    drawn = _fill(pygal.HorizontalBar(**_options(picture, height, print_values_position="top")), picture, lying=True)
    return re.sub(r'text-anchor="middle"([^>]* class="value")', r'text-anchor="start"\1', drawn)  # beside the bar's end


def _flow(picture):
    return draw_flow(picture, COLOURS)


def _fill(chart, picture, lying=False) -> str:
    labels = [_short(label) for label in picture.labels]
    chart.x_labels = list(reversed(labels)) if lying else labels
    for series in picture.series:
        chart.add(series.title, list(reversed(series.values)) if lying else list(series.values))
    return _plain(chart, picture)


def _plain(chart, picture) -> str:
    """The same picture each time it is drawn, told in words, with style rules that an SVG within HTML keeps."""
    chart.uuid = f"{crc32(picture.title.encode()):08x}"
    drawn = re.sub(r"<!--.*?-->|<script.*?</script>", "", chart.render(is_unicode=True))  # a comment tells today's date
    start, _end, rest = drawn.partition(">")
    return f"{start}><title>{escape(f'{picture.title}. {picture.description}')}</title>{rest.replace('&gt;', '>')}"


def _short(label) -> str:
    return label if len(label) <= LETTERS else f"{label[: LETTERS - 1].rstrip()}…"
