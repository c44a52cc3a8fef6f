"""What precedes signing: does the report agree with itself and the quarter before, and what do its cases lack.

An error blocks signing, a warning asks for the head's word, a note only says (indicators.md, «Report life»). Each check
keeps the ids of the cases it found beside the lists of numbers, so that it opens as a list and is frozen with them.
"""

from dataclasses import asdict, dataclass, field

from django.db.models import Exists, OuterRef, Q

from cases.models import Case, CaseMember, LevelPeriod, Review
from families.categories import Category
from families.models import Consent
from reports import balance, extras
from reports.engine import REGION
from reports.forms import Column
from reports.indicators.rows import Counted, Declared, Pair, Percent
from reports.models import Report
from sopr.web.words import counted

MEASURES = balance.MEASURES
OK, NOTE, WARN, ERROR = "ok", "note", "warn", "error"
MOST_ROWS = 8  # named in the title of a check; the others are counted
LISTED = "check/{}"  # the key of a check's ids in ReportList

# A change of at least a third and of five or more from one quarter to the next is worth a word: of a quarter's ordinary
# comings and goings fewer families change, and of small numbers a third is one family.
JUMP_PERCENT, JUMP_LEAST = 33, 5


@dataclass(frozen=True)
class Check:
    """One thing looked at. `title` says what was found, `text` what it means or how to mend it.

    `row` is the row of the form it speaks of, `ids` the cases found, `count` their number.
    """

    code: str
    tone: str
    title: str
    text: str = ""
    row: str = ""
    count: int = 0
    ids: tuple = field(default=(), repr=False)

    def as_dict(self) -> dict:
        return {name: value for name, value in asdict(self).items() if name != "ids"}


def extra_columns(main: Column, period) -> list[Column]:
    """The day before the main column begins, where its balance starts from; and the period before, to compare with."""
    previous = before(period)
    columns = [balance.eve_of(main)]
    return [*columns, Column.of(previous, code="previous")] if previous else columns


def before(period):
    """The period of the same kind before this one; None where there is no such thing."""
    return period.previous() if period.kind in ("quarter", "year", "month") else None


def look(filler, main: Column, columns, period, organisation=None) -> tuple[dict, list[dict], dict]:
    """(balance, checks, ids of the cases behind them) of a report whose figures are in `filler`."""
    scope = organisation.pk if organisation else REGION
    sheet = balance.draw_up(filler.figures, main, period, organisation)
    found = [
        *missing(period, organisation),
        *sums(filler, columns, scope),
        *compared(filler, main, columns, period, organisation),
        *undeclared(filler, main, scope),
        balanced(sheet, period, organisation),
    ]
    ids = {LISTED.format(check.code): {"": list(check.ids)} for check in found if check.ids}
    order = (ERROR, WARN, NOTE, OK)
    return sheet, [check.as_dict() for check in sorted(found, key=lambda each: order.index(each.tone))], ids


# -- what the cases lack -----------------------------------------------------------------------------------------------


def missing(period, organisation=None) -> list[Check]:
    """Cases that lack something the report is about; one statement each."""
    day = period.until
    on_support = Case.objects.on_support_at(day)
    removed = Case.objects.filter(accepted_on__lte=day, closed_on__range=(period.since, day))
    if organisation:
        on_support, removed = (rows.filter(organisation=organisation) for rows in (on_support, removed))
    kept_here = on_support.filter(imported=False)  # of a case brought in from elsewhere the papers stayed there
    return [
        _lack("outcome", ERROR, "снятые без результата", removed.filter(outcome=""), "Укажите результат снятия."),
        _lack(
            "category",
            ERROR,
            "без основной категории",
            (on_support | removed).exclude(primary_category__in=Category.values),
            "Подстроки по категориям без них неверны: укажите категорию.",
        ),
        _lack(
            "consent",
            ERROR,
            "на сопровождении, а согласие семьи на обработку данных не внесено",
            kept_here.filter(~Exists(_consents())),
            "Без согласия сопровождения нет: внесите согласие.",
        ),
        _lack(
            "no_level",
            ERROR,
            "на сопровождении без уровня",
            kept_here.filter(~Exists(_levels(day))),
            "Уровень устанавливает совет: внесите его решение.",
        ),
        _lack(
            "consent_ended",
            WARN,
            "на последний день периода согласия семьи не было: закончилось, отозвано или дано позже",
            kept_here.filter(Exists(_consents()), ~Exists(_consents(day))),
        ),
        _lack(
            "review",
            WARN,
            "на сопровождении весь период, а мониторинга не было",
            kept_here.filter(~Exists(_reviews(period)), accepted_on__lt=period.since),
        ),
        _lack(
            "level",
            WARN,
            "срок уровня истёк, решения совета нет",
            on_support.filter(Exists(_levels(day).filter(term_on__lt=day))),
        ),
        _lack(
            "nobody",
            WARN,
            "не указано, кого охватывает случай",
            kept_here.filter(~Exists(CaseMember.objects.filter(case=OuterRef("pk")))),
        ),
    ]


def _consents(day=None):
    given = Consent.objects.filter(family=OuterRef("family"), operator=OuterRef("organisation"))
    if day is None:
        return given
    given = given.filter(given_on__lte=day).exclude(until__lt=day)
    return given.filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=day))


def _levels(day):
    return LevelPeriod.objects.filter(Q(until=None) | Q(until__gte=day), case=OuterRef("pk"), since__lte=day)


def _reviews(period):
    return Review.objects.filter(case=OuterRef("pk"), done_on__range=(period.since, period.until))


def _lack(code, tone, title, cases, text="") -> Check:
    ids = tuple(cases.order_by("number_key", "pk").values_list("pk", flat=True))
    if not ids:
        return Check(code, OK, f"Нет: {title}")
    return Check(code, tone, f"{counted(len(ids), 'случай,случая,случаев')}: {title}", text, count=len(ids), ids=ids)


def undeclared(filler, main, scope) -> list[Check]:
    """Rows that only an organisation's own word can fill, still without one."""
    rows = [row for row in filler.form.rows if isinstance(row, Declared) and row.otherwise is None]
    empty = [row.code for row in rows if filler.cell(row, main, scope).kind == "none"]
    if not empty:
        return []
    title = f"Сведения не внесены: {_rows(empty)}"
    return [Check("facts", NOTE, title, "В отчёте будет «–»: нет данных, это не ноль.", row=empty[0])]


# -- the report against itself -----------------------------------------------------------------------------------------


def sums(filler, columns, scope) -> list[Check]:
    """Totals whose sub-rows divide them by category: the sub-rows add up to the total in every column."""
    wrong, seen = [], False
    for code, parts in extras.sums_of(filler.form).items():
        row, parts = filler.form.row(code), [filler.form.row(part) for part in parts]
        for column in columns:
            cells = [filler.cell(each, column, scope) for each in (row, *parts)]
            total, *values = [_numbers(cell) for cell in cells]
            if any(cell.origin != "casework" for cell in cells) or None in (total, *values):
                continue
            seen = True
            if [sum(each) for each in zip(*values, strict=True)] != total:
                wrong.append((row.code, column.title))
    if wrong:
        said = "; ".join(f"строка {row}, графа «{title}»" for row, title in wrong[:3])
        text = f"{said}. Пересчитайте отчёт; если не поможет, сообщите администратору."
        return [Check("sums", ERROR, "Подстроки не складываются в итог", text, row=wrong[0][0])]
    return [Check("sums", OK, "Подстроки складываются в итог")] if seen else []


def balanced(sheet, period, organisation=None) -> Check:
    """One check of all tables of the balance; a mismatch lists the cases of families with several cases."""
    wrong = [line["title"].lower() for table in balance.tables(sheet) for line in table["rows"] if not line["ok"]]
    if not wrong:
        return Check("balance", OK, "Баланс сходится")
    ids = tuple(balance.suspects(period, organisation))
    names = list(dict.fromkeys(wrong))
    title = f"Баланс не сходится: {', '.join(names[:4])}" + (f" и ещё {len(names) - 4}" if len(names) > 4 else "")
    if not ids:
        text = (
            "Семей с несколькими случаями в периоде нет. Пересчитайте отчёт; если не поможет, сообщите администратору."
        )
        return Check("balance", ERROR, title, text)
    text = "Так бывает, когда у семьи в периоде несколько случаев: она принята и снята не один раз. Проверьте их."
    if not organisation:
        text = "Так бывает, когда у семьи в периоде несколько случаев или её передавали из одной организации в другую."
    return Check("balance", WARN, title, text, count=len(ids), ids=ids)


# -- the report against the one before ---------------------------------------------------------------------------------


def compared(filler, main, columns, period, organisation=None) -> list[Check]:
    """Jumps from the period before, and figures signed then that casework gives otherwise now."""
    previous = before(period)
    if previous is None:
        return []
    scope = organisation.pk if organisation else REGION
    column = Column.of(previous, code="previous")
    rows = [row for row in filler.form.rows if isinstance(row, (Counted, Pair, Percent))]
    pairs = [(row, filler.cell(row, column, scope), filler.cell(row, main, scope)) for row in rows]
    jumps = [check for row, was, now in pairs if not row.level and (check := jump(row, was, now))]
    return [*jumps, *_signed_otherwise(pairs, filler.form, previous, scope)]


def jump(row, was, now) -> Check | None:
    """A warning when the number of this row changed by JUMP_PERCENT and JUMP_LEAST or more."""
    before_, after = _numbers(was), _numbers(now)
    if not before_ or not after:
        return None
    change = abs(after[0] - before_[0])
    if change < JUMP_LEAST or change * 100 < JUMP_PERCENT * max(before_[0], after[0]):
        return None
    word = "больше" if after[0] > before_[0] else "меньше"
    title = f"Строка {row.code} — заметно {word}: было {was.text}, стало {now.text}"
    return Check(f"jump-{row.code}", WARN, title, row.title, row=row.code)


def _signed_otherwise(pairs, form, previous, scope) -> list[Check]:
    signed = (
        Report.objects.filter(form=form.code, period=previous.text, scope=scope or 0)
        .exclude(state=Report.State.DRAFT)
        .order_by("-revision")
        .first()
    )
    if signed is None or signed.snapshot["definitions_version"] != form.version:  # other rows under the same numbers
        return []
    main = signed.snapshot["main_column"]
    then = {cell["row"]: cell["text"] for cell in signed.snapshot["cells"] if cell["column"] == main}
    other = [
        (row.code, then[row.code], was.text)
        for row, was, _now in pairs
        if was.kind in ("number", "pair", "percent") and then.get(row.code, was.text) != was.text
    ]
    if not other:
        return [Check("signed", OK, "Прошлый отчёт согласуется с данными")]
    rows = _rows([code for code, _then, _now in other])
    said = "; ".join(f"{code}: подписано {then}, теперь {now}" for code, then, now in other[:3])
    title = f"После подписи прошлого отчёта данные за него изменились: {rows}"
    return [Check("signed", WARN, title, f"{said}. Поясните или исправьте прошлый отчёт новой редакцией.")]


def _numbers(cell) -> list | None:
    """What a cell counts: one number, or two of a pair; None of any other kind."""
    if cell.kind == "number":
        return [cell.value]
    return list(cell.value) if cell.kind == "pair" else None


def _rows(codes) -> str:
    if len(codes) == 1:
        return f"строка {codes[0]}"
    more = f" и ещё {len(codes) - MOST_ROWS}" if len(codes) > MOST_ROWS else ""
    return f"строки {', '.join(codes[:MOST_ROWS])}{more}"
