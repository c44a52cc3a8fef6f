"""A workbook of invented families of any size, written row by row: for measuring the import."""

import codecs
import datetime
import re
import zipfile

import xlsxwriter

from sopr.exchange.sheets import BY_TITLE

SURNAMES = "Ковалёв Орлов Лебедев Соколов Морозов Волков Зайцев Павлов Семёнов Голубев Виноградов Богданов".split()
MOTHERS = "Анна Мария Ольга Елена Наталья Татьяна Ирина Светлана Юлия Екатерина".split()
CHILDREN = "Илья Иван Артём Максим Дмитрий Никита Егор Кирилл Андрей Матвей".split()
PATRONYMICS = "Петрович Иванович Сергеевич Андреевич Николаевич".split()
STREETS = "Лесная Садовая Школьная Молодёжная Центральная Новая Полевая Набережная".split()
DAY = datetime.timedelta(days=1)
START = datetime.date(2016, 1, 11)
MUNICIPALITIES, ORGANISATIONS, MEETINGS = 20, 40, 24
CELL = re.compile(r't="inlineStr"><is><t(?: xml:space="preserve")?>(.*?)</t></is>', re.DOTALL)


def write_sample(path, families: int):
    """Write `families` families with 2.3 people each, every second with a case, its levels, help and decisions."""
    plain = path.with_suffix(".plain")
    book = xlsxwriter.Workbook(str(plain), {"constant_memory": True})
    date = book.add_format({"num_format": "dd.mm.yyyy"})
    for title, rows in sheets_of(families):
        page = book.add_worksheet(title)
        for position, column in enumerate(BY_TITLE[title].columns):
            page.write_string(0, position, column.title)
        for n, row in enumerate(rows, start=1):
            for position, value in enumerate(row):
                if isinstance(value, datetime.date):
                    page.write_datetime(n, position, datetime.datetime.combine(value, datetime.time()), date)
                elif value is not None:
                    page.write(n, position, value)
    book.close()
    _share_strings(plain, path)
    plain.unlink()


def sheets_of(families):
    """Yield (title, rows in the order of the sheet's columns); rows are made as they are asked for."""
    numbers = range(1, families + 1)
    cases = range(1, families + 1, 2)
    yield "Муниципальные образования", ([f"{n:02d}", f"Район {n}"] for n in range(1, MUNICIPALITIES + 1))
    yield (
        "Организации",
        (
            [f"C{n}", f"Центр помощи семье № {n}", "социальное обслуживание", place_of(n)]
            for n in range(1, ORGANISATIONS + 1)
        ),
    )
    yield (
        "Специалисты",
        (
            [f"curator-{n}", SURNAMES[n % 12] + "а", MOTHERS[n % 10], None, f"C{n}", "куратор", START, None]
            for n in range(1, ORGANISATIONS + 1)
        ),
    )
    yield "Семьи", ([f"Ф-{n}", SURNAMES[n % 12] + "ы", place_of(n), address_of(n)] for n in numbers)
    yield "Люди", people(numbers)
    yield "Случаи", (case(n) for n in cases)
    yield "Уровни", (level for n in cases for level in levels(n))
    yield "Мероприятия", (activity for n in cases for activity in activities(n))
    yield "Советы", ([f"S{n}", f"Совет района {n}", place_of(n)] for n in range(1, MUNICIPALITIES + 1))
    yield (
        "Заседания",
        (
            [f"S{council}", str(n), START + n * 30 * DAY, "да"]
            for council in range(1, MUNICIPALITIES + 1)
            for n in range(1, MEETINGS + 1)
        ),
    )
    yield "Вопросы", ([f"S{int(place_of(n))}", str(n % MEETINGS + 1), f"С-{n}", "признать нуждающейся"] for n in cases)
    yield "Анкеты", ([f"С-{n}", closed_on(n), "да", "да"] for n in cases if closed_on(n))
    yield "Соцконтракты", ([f"Ф-{n}", START + n % 2000 * DAY, "да"] for n in numbers if n % 10 == 0)
    yield "Учёт", ([f"Ф-{n}", "СОП", START + n % 2000 * DAY, None, None] for n in numbers if n % 20 == 0)


def place_of(n) -> str:
    return f"{n % MUNICIPALITIES + 1:02d}"


def address_of(n) -> str:
    return f"ул. {STREETS[n % 8]}, {n % 300 + 1}, кв. {n // 300 + 1}"


def people(numbers):
    for n in numbers:
        surname, since = SURNAMES[n % 12], START + n % 900 * DAY
        born = datetime.date(1980, 1, 1) + n * 37 % 6000 * DAY
        yield [f"Ф-{n}", f"Ч-{n}-1", surname + "а", MOTHERS[n % 10], "Игоревна", born, "мать", None, since, None]
        for child in range(2 + (n % 10 < 3) - 1):
            born = START - (n * 13 + child * 400) % 4000 * DAY
            yield [
                f"Ф-{n}", f"Ч-{n}-{child + 2}", surname, CHILDREN[(n + child) % 10], PATRONYMICS[n % 5], born,
                "ребёнок", None, since, None,
            ]  # fmt: skip


def accepted_on(n):
    return START + (n % MEETINGS + 1) * 30 * DAY


def closed_on(n):
    return accepted_on(n) + 300 * DAY if n % 3 else None


def case(n):
    closed = closed_on(n)
    organisation = n % ORGANISATIONS + 1
    return [
        f"С-{n}", f"Ф-{n}", f"C{organisation}", "single_parent", "обращение", accepted_on(n), None,
        f"curator-{organisation}", "групповая", closed, "преодолела ТЖС" if closed else None,
        "цели достигнуты" if closed else None,
    ]  # fmt: skip


def levels(n):
    since = accepted_on(n)
    yield [f"С-{n}", "кризисный", since, since + 99 * DAY]
    yield [f"С-{n}", "базовый", since + 100 * DAY, None]


def activities(n):
    agency, due = f"C{(n + 1) % ORGANISATIONS + 1}", accepted_on(n) + 60 * DAY
    yield [
        f"С-{n}",
        f"Ч-{n}-2",
        "психологическая",
        "Занятия с психологом",
        agency,
        due,
        due - 5 * DAY,
        "Спокойнее",
        None,
    ]
    yield [f"С-{n}", None, "юридическая", "Оформить пособие", agency, due + 30 * DAY, None, None, "семья отказалась"]


def _share_strings(source, target):
    """Put texts into the workbook's table of shared strings, as Excel itself saves them."""
    known: dict[str, int] = {}

    def share(found):
        return f't="s"><v>{known.setdefault(found[1], len(known))}</v>'

    with zipfile.ZipFile(source) as plain, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as shared:
        for info in plain.infolist():
            if not info.filename.startswith("xl/worksheets/sheet"):
                if info.filename != "xl/sharedStrings.xml":
                    shared.writestr(info.filename, _announce(info.filename, plain.read(info)))
                continue
            with plain.open(info) as read, shared.open(info.filename, "w", force_zip64=True) as write:
                rest, decoder = "", codecs.getincrementaldecoder("utf-8")()
                while chunk := read.read(1 << 22):
                    head, end, rest = (rest + decoder.decode(chunk)).rpartition("</row>")
                    write.write(CELL.sub(share, head + end).encode())
                write.write(rest.encode())
        with shared.open("xl/sharedStrings.xml", "w", force_zip64=True) as write:
            write.write(
                b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
                b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            )
            for text in known:
                write.write(f"<si><t>{text}</t></si>".encode())
            write.write(b"</sst>")


def _announce(name, content) -> bytes:
    """Name the table of strings where the package lists its parts."""
    part = (
        b'<Override PartName="/xl/sharedStrings.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    )
    relation = (
        b'<Relationship Id="rIdStrings" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'sharedStrings" Target="sharedStrings.xml"/>'
    )
    if name == "[Content_Types].xml" and b"sharedStrings" not in content:
        return content.replace(b"</Types>", part + b"</Types>")
    if name == "xl/_rels/workbook.xml.rels" and b"sharedStrings" not in content:
        return content.replace(b"</Relationships>", relation + b"</Relationships>")
    return content
