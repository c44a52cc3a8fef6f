"""Typography of Russian text: quotation marks, dashes and the spaces that must not break or stretch.

Applied once to every printed document as a whole (`typo_html`), so templates and typed texts stay plain; pages
use the template filter `typo`. Rules: ГОСТ Р 7.0.97-2016 (initials, dates) and the publisher's handbook for the rest.
"""

import html
import re

NB, NNB = "\u00a0", "\u202f"
PREPOSITIONS = "во|до|за|из|ко|на|не|об|от|по|со|для|без|при"
# NB stretches in a justified line, NNB does not: hence NNB inside numbers, before % and ₽, in telephones.
RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r'(?<![\w»"])"(?=[\wА-Яа-яЁё№(«])', "«"),  # straight quotes typed by people
        (r'(?<=[\w.!?…)»%])"(?!\w)', "»"),
        (r"\.\.\.", "…"),
        (r"(?<=\S) - (?=\S)", " – "),  # a hyphen used as a dash
        (r" — ", " – "),  # one dash in all documents
        (r"(?<=\d) (?=\d{3}(?!\d))", NNB),  # 26 140
        (r"№ ?(?=[\dА-ЯA-Z])", "№" + NB),
        (r"([А-ЯЁ]\.) ?([А-ЯЁ]\.) (?=[А-ЯЁ][а-яё])", r"\1\2" + NB),  # Е.В. Дорохова
        (r"(?<![А-Яа-яЁё-])([А-ЯЁ][А-Яа-яЁё-]+) (?=[А-ЯЁ]\.(?: ?-?[А-ЯЁ]\.|[,;:)]|$))", r"\1" + NB),  # Дорохова Е.В.
        (r"(?<=[А-ЯЁ]\.) (?=[А-ЯЁ]\.)", ""),  # initials together, as in the ГОСТ
        (
            r"(?<![А-Яа-яё])(г|с|д|ул|кв|пл|обл|п|пп|ст|ч|гл|стр|каб|тел|им|пос|пер|корп) ?\. ?(?=[\dА-ЯЁ«])",
            r"\1." + NB,
        ),
        (r"(?<=\d) ?(?=[%₽])", NNB),
        (r"(?<=\d)(?<!\.\d{4}) (?!(?:" + PREPOSITIONS + r"|[а-яё]) )(?=[а-яё])", NB),  # 22 октября, 6 месяцев
        # Only one-letter words: what follows a no-break space is not hyphenated, and the line falls apart.
        (r"(?<![А-Яа-яёЁ])([вкосуВКОСУ]) (?=\S)", r"\1" + NB),
        (r" (?=[–—](?: |$))", NB),
        (r"(?<=\d) (?=\(\d{3}\))|(?<=\(\d{3}\)) (?=\d)", NNB),  # 8 (000) 221-40-15
        (r"((?:пункт|вопрос|редакци|стать|раздел|част|строк|граф|форм)[а-яё]{0,3}) (?=\d)", r"\1" + NB),
        (r" (?=(?:же|ли|бы)(?![а-яё]))", NB),
        (r"(?<=\d) ?(?=г\.)", NB),
        (r"г\. ?р\.", "г." + NB + "р."),
    )
]
VERBATIM = ("style", "script", "title", "code")


def typo(text: str) -> str:
    """Plain text (no markup) with typographic quotes, dashes and no-break spaces. Idempotent."""
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text


def typo_html(markup: str) -> str:
    """The same for the text of an HTML page; tags, attributes and the elements of VERBATIM stay as they are."""
    out, inside = [], None
    for piece in re.split(r"(<[^>]+>)", markup):
        if piece.startswith("<"):
            found = re.match(r"</?\s*([a-z0-9]+)", piece, re.IGNORECASE)
            name = found.group(1).lower() if found else ""
            if name in VERBATIM and not piece.endswith("/>"):
                inside = None if piece.startswith("</") else name
            out.append(piece)
        elif inside or not piece.strip():
            out.append(piece)
        else:
            out.append(html.escape(typo(html.unescape(piece)), quote=False))
    return "".join(out)
