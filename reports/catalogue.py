"""The catalogue of forms in words: docs/indicators.md is written from here, so it cannot say anything else."""

from families.categories import Category
from reports import periods
from reports.compute import explain, kind_of
from reports.forms import CATALOGUE, Form
from reports.indicators.rows import Average, Breakdown, Counted, Declared, Percent

BEGINNING = "<!-- Ниже — из каталога форм: manage.py write_docs -->"
PERIODS = {"quarter": "за квартал", "year": "за год", "month": "за месяц", "days": "за неделю"}
ROUNDED = {"half_up": "половина вверх", "truncate": "лишние знаки отбрасываются"}
CUTS = {
    "municipality": "муниципалитет",
    "council": "совет",
    "category": "категория",
    "level": "уровень",
    "group": "группа проблем",
    "service": "услуга",
}
EXAMPLES = ("2021", "2021Q4")


def with_forms(text: str) -> str:
    """The introduction of `text` followed by every form of the catalogue."""
    introduction = text.partition(BEGINNING)[0].rstrip()
    return "\n\n".join([introduction, BEGINNING, *map(describe, CATALOGUE.values())]) + "\n"


def describe(form: Form) -> str:
    """A form: what it comes from, its columns and rounding, each row with what it counts."""
    parts = [f"## Форма {form.name}, `{form.code}`", f"{_sentence(form.act)} Место в документе: {form.page}."]
    parts.append(
        f"Представляется: {', '.join(PERIODS[kind] for kind in form.periodicity)}. {_columns(form)} "
        f"Доли: знаков после запятой {form.decimals}, {ROUNDED[form.rounding]}; регион может задать своё округление."
    )
    head = "| Строка | Показатель | Единица | Вид | Что считается | Источник | Разрезы | Место в документе |"
    lines = [head, "|---|---|---|---|---|---|---|---|", *(_line(form, row) for row in form.rows)]
    return "\n\n".join([*parts, "\n".join(lines)])


def _columns(form) -> str:
    shown = []
    for text in EXAMPLES:
        columns = form.columns(periods.parse(text))
        shown.append(f"`{text}` — {', '.join(f'`{column.code}`' for column in columns)}")
    return f"Графы: {'; '.join(shown)}."


def _line(form, row) -> str:
    counted = row.otherwise if isinstance(row, Declared) else row
    cells = (
        row.code,
        row.title,
        row.unit,
        f"{kind_of(row)}, меньше — лучше" if row.less_is_better else kind_of(row),
        _counts(form, row),
        _source(row),
        _cuts(counted),
        _place(form, row),
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _counts(form, row) -> str:
    """Population; of a share numerator ÷ denominator with its rounding; what stands beside."""
    if isinstance(row, Declared):
        return f"сведения; иначе {_counts(form, row.otherwise)}" if row.otherwise else "сведения"
    text = explain(row)
    match row:
        case Percent(cohort=cohort):
            text += f"; для годов — ÷ {cohort.title}" if cohort else ""
        case Counted(categories=categories) if categories:
            text += f"; категории: {', '.join(str(Category(code).label) for code in categories)}"
        case Average():
            text += "; один знак после запятой, половина вверх"
        case Breakdown():
            text += f"; по частям: {CUTS[row.by]}"
    if getattr(row, "beside", None):
        text += f"; рядом — {row.beside[0]}: {row.beside[1].title}"
    return text + (f"; норма {row.norm[0]} {row.norm[1]}" if row.norm else "")


def _source(row) -> str:
    if row.fact is None:
        return "учёт"
    return f"сведения `{row.fact.code}`" + (", иначе учёт" if row.measures else "")


def _cuts(row) -> str:
    if row is None:
        return "организация"
    cuts = row.listed[0].source.cuts
    return ", ".join(["организация", *(title for by, title in CUTS.items() if by in cuts)])


def _place(form, row) -> str:
    place = form.place(row)
    return place.removeprefix(f"{form.page}, ")


def _sentence(text) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
