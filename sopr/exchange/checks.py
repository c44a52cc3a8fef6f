"""Rules that look beyond one row: references, overlaps, a case and its levels. Reads the register, changes nothing."""

from cases.models import Activity, Case, LevelPeriod
from cases.words import OPEN_STAGES
from councils.models import Council
from families.models import Family, FamilyMembership, Person
from sopr.accounts.models import Municipality, Organisation, User
from sopr.exchange.compare import Fate, expect_cases, judge
from sopr.exchange.facts import read_fact
from sopr.exchange.papers import Papers
from sopr.exchange.register import ALL, answered, read_answer, read_case
from sopr.exchange.sheets import BY_TITLE

# Where a number lives when it does not stand in the file: sheet → model, field, what it is called.
REGISTER = {
    "Муниципальные образования": (Municipality, "code", "муниципальное образование"),
    "Организации": (Organisation, "code", "организация"),
    "Специалисты": (User, "username", "специалист"),
    "Семьи": (Family, "number", "семья"),
    "Люди": (Person, "number", "человек"),
    "Случаи": (Case, "number", "случай"),
    "Советы": (Council, "code", "совет"),
}


def number_of(sheet, row) -> str:
    """The number by which other rows refer to this one."""
    if sheet.title == "Заседания":
        return meeting_number(row)
    title = "Номер человека" if sheet.title == "Люди" else sheet.columns[0].title
    return row.get(title, "")


def meeting_number(row) -> str:
    """Council and minutes number in one string, as «Вопросы» refer to «Заседания»."""
    return f"{row.get('Код совета', '')}\n{row.get('Номер протокола', '')}"


def check_all(stage, sheets, errors, merged, step=lambda title, rows: None):
    """Run every rule over the staged rows of `sheets`; `step(title, rows)` is called after each batch."""
    for sheet in sheets:
        check = BATCH_CHECKS.get(sheet.title)
        for batch in stage.batches(sheet):
            check_references(stage, sheet, batch, errors)
            if check is not None:
                followed = merged.follow(sheet, batch)
                check(stage, [(n, row) for n, row in followed if not merged.concerns(sheet, row)], errors)
            step(sheet.title, len(batch))
    _report_overlaps(stage, errors)
    for n, snils in stage.shared_by_several(BY_TITLE["Люди"], "СНИЛС"):
        errors.add("Люди", n, "СНИЛС", f"тот же СНИЛС ({snils}) стоит у человека с другим номером")


def check_references(stage, sheet, batch, errors):
    """Each number refers to something in the file or already in the register."""
    for column in sheet.columns:
        target = getattr(column, "refers", "")
        if not target:
            continue
        numbers = {row[column.title] for _n, row in batch if row.get(column.title)}
        if not numbers:
            continue
        model, field, named = REGISTER[target]
        known = stage.numbers(target, list(numbers))
        missing = numbers - known
        if missing:
            missing -= set(model.objects.filter(**{f"{field}__in": missing}).values_list(field, flat=True))
        for n, row in batch:
            if row.get(column.title) in missing:
                text = f"{named} «{row[column.title][:40]}» не найдена ни в файле, ни в системе"
                errors.add(sheet.title, n, column.title, text.replace("найдена", ENDINGS.get(named, "найдена")))


ENDINGS = {
    "муниципальное образование": "найдено",
    "специалист": "найден",
    "человек": "найден",
    "случай": "найден",
    "совет": "найден",
}


def check_people(stage, batch, errors):
    """Memberships of one person in one family do not overlap; a СНИЛС belongs to one person."""
    snils = {row["СНИЛС"]: row["Номер человека"] for _n, row in batch if row.get("СНИЛС")}
    taken = dict(Person.objects.filter(snils__in=snils).values_list("snils", "number"))
    for n, row in batch:
        group = [row["Номер семьи"], row["Номер человека"]]
        stage.add_span("membership", group, row.get("С"), row.get("По"), "Люди", n)
        owner = taken.get(row.get("СНИЛС"))
        if owner and owner != row["Номер человека"]:
            errors.add("Люди", n, "СНИЛС", f"в системе этот СНИЛС у человека № {owner}")
    in_file = {(row["Номер семьи"], row["Номер человека"], row.get("С")) for _n, row in batch}
    known = FamilyMembership.objects.filter(
        family__number__in={row["Номер семьи"] for _n, row in batch},
        person__number__in={row["Номер человека"] for _n, row in batch},
    ).values_list("family__number", "person__number", "since", "until")
    for family, person, since, until in known:
        if (family, person, since) not in in_file:
            stage.add_span("membership", [family, person], since, until, "Люди", 0)


def check_cases(stage, batch, errors):
    """One open case per family and organisation; a case already in the register is of the same family."""
    numbers = {row["Номер случая"] for _n, row in batch}
    known = {
        case.number: case
        for case in Case.objects.filter(number__in=numbers).select_related("family", "organisation", "curator")
    }
    expected = dict(expect_cases(batch))
    for n, row in batch:
        if not row.get("Дата снятия"):
            group = [row["Номер семьи"], row["Код организации"]]
            stage.add_span("open case", group, row["Дата принятия"], None, "Случаи", n)
        case = known.get(row["Номер случая"])
        if case is None:
            continue
        if not case.imported:
            if judge(BY_TITLE["Случаи"], expected[n], read_case(case), ALL)[0] != Fate.UNCHANGED:
                errors.add(
                    "Случаи", n, "Номер случая", "случай с этим номером ведётся в системе: загрузка его не меняет"
                )
        elif (case.family.number, case.organisation.code) != (row["Номер семьи"], row["Код организации"]):
            errors.add("Случаи", n, "Номер случая", "в системе случай с этим номером — другой семьи или организации")
    families = {row["Номер семьи"] for _n, row in batch}
    already = Case.objects.filter(family__number__in=families, stage__in=OPEN_STAGES).exclude(number__in=numbers)
    for family, organisation, number, since in already.values_list(
        "family__number", "organisation__code", "number", "opened_on"
    ):
        if not stage.numbers("Случаи", [number]):
            stage.add_span("open case", [family, organisation], since, None, "Случаи", 0)


def check_levels(stage, batch, errors):
    """Levels lie inside their case and do not overlap."""
    numbers = list({row["Номер случая"] for _n, row in batch})
    spans = {
        number: (row["Дата принятия"], row.get("Дата снятия"))
        for number, row in stage.rows_by_number(BY_TITLE["Случаи"], numbers).items()
    }
    for number, accepted, closed in Case.objects.filter(number__in=numbers).values_list(
        "number", "accepted_on", "closed_on"
    ):
        spans.setdefault(number, (accepted, closed))
    _check_live(
        batch, "Уровни", LevelPeriod.objects.values_list("case__number", "since"), ("Номер случая", "С"), errors
    )
    in_file = set()
    for n, row in batch:
        number, since, until = row["Номер случая"], row["С"], row.get("По")
        in_file.add((number, since))
        accepted, closed = spans.get(number, (None, None))
        if accepted and since < accepted:
            errors.add("Уровни", n, "С", f"раньше даты принятия случая ({accepted})")
        if closed and since > closed:
            errors.add("Уровни", n, "С", f"позже даты снятия случая ({closed})")
        if closed and until and until > closed:
            errors.add("Уровни", n, "По", f"позже даты снятия случая ({closed})")
        stage.add_span("level", [number], since, until or closed, "Уровни", n)
    known = LevelPeriod.objects.filter(case__number__in=numbers).values_list("case__number", "since", "until")
    for number, since, until in known:
        if (number, since) not in in_file and not stage.has("Уровни", [number, since]):
            stage.add_span("level", [number], since, until, "Уровни", 0)


def check_questions(stage, batch, errors):
    """A question stands in minutes that are in the file or in the register."""
    in_file = stage.numbers("Заседания", list({meeting_number(row) for _n, row in batch}))
    papers = Papers(batch)
    known = _answers_in_live_minutes(batch)
    for n, row in batch:
        minutes = papers.find(row["Код совета"], row["Номер протокола"])
        if minutes is None and meeting_number(row) not in in_file:
            text = f"протокол «{row['Номер протокола'][:40]}» этого совета не найден ни в файле, ни в системе"
            errors.add("Вопросы", n, "Номер протокола", text)
        elif minutes and not minutes.meeting.imported:
            if (minutes.meeting_id, row["Номер случая"], row["Решение"]) not in known:
                text = "протокол подписан в системе: загрузка не добавляет в него вопросов"
                errors.add("Вопросы", n, "Номер протокола", text)


def _answers_in_live_minutes(batch):
    rows = answered().filter(meeting__imported=False, case__number__in={row["Номер случая"] for _n, row in batch})
    rows = rows.select_related("case", "decision")
    return {(item.meeting_id, item.case.number, read_answer(item)) for item in rows}


def check_activities(stage, batch, errors):
    """Activities of a case that is led in the system are its programme's."""
    known = Activity.objects.counted().values_list(
        "case__number", "person__number", "kind", "title", "agency__code", "due_on"
    )
    _check_live(batch, "Мероприятия", known, BY_TITLE["Мероприятия"].key, errors)


def _check_live(batch, title, known, key, errors):
    """Rows of a case that is led in the system must be there already: `known` are the keys of the register's rows."""
    numbers = {row["Номер случая"] for _n, row in batch}
    live = set(Case.objects.filter(number__in=numbers, imported=False).values_list("number", flat=True))
    if not live:
        return
    there = set(known.filter(case__number__in=live))
    for n, row in batch:
        if row["Номер случая"] in live and tuple(row.get(column) for column in key) not in there:
            errors.add(title, n, "Номер случая", "случай ведётся в системе: загрузка его не дополняет")


def check_facts(stage, batch, errors):
    """The indicator is one that is declared, the period is a period, the value is of the indicator's kind."""
    for n, row in batch:
        for title, text in read_fact(row["Показатель"], row["Период"], row["Значение"]).errors:
            errors.add("Сведения организаций", n, title, text)


BATCH_CHECKS = {
    "Люди": check_people,
    "Случаи": check_cases,
    "Уровни": check_levels,
    "Мероприятия": check_activities,
    "Вопросы": check_questions,
    "Сведения организаций": check_facts,
}
OVERLAPS = {
    "membership": ("С", "период пересекается с другим периодом этого человека в этой семье"),
    "open case": ("Номер семьи", "у семьи уже есть открытый случай в этой организации"),
    "level": ("С", "период уровня пересекается с другим уровнем этого случая"),
}


def _report_overlaps(stage, errors):
    for what, (column, text) in OVERLAPS.items():
        for sheet, n, other, since in stage.overlaps(what):
            where = f"строка {other}" if other else f"в системе, с {since}"
            errors.add(sheet, n, column, f"{text} ({where})")
