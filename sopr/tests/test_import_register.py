# ruff: noqa: E501 — the expected messages stand on one line each, as people see them
"""Import of a register from a workbook (exchange.md): everything in, nothing twice, every error with its place."""

import datetime
import zipfile

import pytest
from django.core.management import CommandError, call_command

from cases.models import Activity, Case, CaseMember, LevelPeriod, Survey
from councils.models import Decision, Meeting, Minutes
from families.models import ChildEvent, Family, FamilyMembership, InformingEvent, Person, RegisterEntry, SocialContract
from reports.models import DeclaredFact
from sopr.accounts.models import Municipality, Organisation, StaffRecord, User
from sopr.tests.workbooks import make_workbook, small_register

pytestmark = pytest.mark.django_db
EVERYTHING = (
    Municipality, Organisation, User, StaffRecord, Family, Person, FamilyMembership, Case, CaseMember, LevelPeriod,
    Activity, Meeting, Minutes, Decision, Survey, SocialContract, InformingEvent, ChildEvent, RegisterEntry, DeclaredFact,
)  # fmt: skip


@pytest.fixture
def load(tmp_path):
    def load(sheets, *options):
        call_command("import_register", str(make_workbook(tmp_path / "register.xlsx", sheets)), *options)

    return load


@pytest.fixture
def errors(load, capsys):
    """Import a spoiled workbook: it is refused and nothing is saved; returns what was printed."""

    def errors(sheets):
        with pytest.raises(CommandError, match="Ничего не сохранено"):
            load(sheets)
        assert not any(model.objects.exists() for model in EVERYTHING)
        return capsys.readouterr().err.splitlines()

    return errors


def count_rows():
    return {model.__name__: model.objects.count() for model in EVERYTHING}


def test_every_sheet_comes_in(load):
    load(small_register())
    assert count_rows() == {
        "Municipality": 1, "Organisation": 2, "User": 1, "StaffRecord": 1, "Family": 2, "Person": 2,
        "FamilyMembership": 2, "Case": 3, "CaseMember": 4, "LevelPeriod": 3, "Activity": 2, "Meeting": 2, "Minutes": 2,
        "Decision": 2, "Survey": 1, "SocialContract": 1, "InformingEvent": 2, "ChildEvent": 2, "RegisterEntry": 2,
        "DeclaredFact": 2,
    }  # fmt: skip
    closed, running = Case.objects.get(number="С-1"), Case.objects.get(number="С-2")
    assert (closed.stage, closed.outcome, closed.closed_on) == ("closed", "overcame", datetime.date(2021, 1, 20))
    assert (running.stage, running.level, running.primary_category) == ("active", "emergency", "large")
    assert running.imported and running.family.holders.get().code == "C1"
    assert [level.until for level in closed.level_periods.all()] == [datetime.date(2020, 7, 31), closed.closed_on]
    done, refused = Activity.objects.order_by("due_on")
    assert (done.state, refused.state, refused.not_done_reason) == ("done", "not_done", "family_refused")
    assert Person.objects.get(number="Ч-1").snils == "11223344595"


def test_the_second_import_changes_nothing(load, capsys):
    load(small_register())
    before = count_rows(), list(Case.objects.values()), list(Family.objects.values())
    load(small_register())
    assert (count_rows(), list(Case.objects.values()), list(Family.objects.values())) == before
    printed = capsys.readouterr().out.split("Загрузка завершена.")[1]
    assert "создано" not in printed and "изменено" not in printed


def test_a_later_export_of_the_same_register_continues_it(load):
    load(small_register())
    sheets = small_register()
    sheets["Случаи"][2][9:] = ["2023-04-01", "улучшение", "срок истёк"]
    sheets["Уровни"][3][3] = "2022-08-31"
    sheets["Уровни"].append(["С-2", "базовый", "2022-09-01", None])
    load(sheets)
    case = Case.objects.get(number="С-2")
    assert (case.stage, case.outcome, case.level) == ("closed", "improved", "")
    assert [level.level for level in case.level_periods.all()] == ["emergency", "basic"]


def test_check_saves_nothing(load, capsys):
    load(small_register(), "--check")
    assert not any(model.objects.exists() for model in EVERYTHING)
    assert "Проверено, ничего не сохранено." in capsys.readouterr().out


def test_the_order_of_sheets_and_columns_is_free(load):
    sheets = dict(reversed(small_register().items()))
    sheets["Семьи"] = [list(reversed(row)) for row in sheets["Семьи"]]
    load(sheets)
    assert Family.objects.get(number="Ф-1").surname == "Ковалёвы"


def spoil(sheet, row, column, value):
    sheets = small_register()
    head = sheets[sheet][0]
    cells = sheets[sheet][row - 1]
    sheets[sheet][row - 1] = cells + [None] * (len(head) - len(cells))
    sheets[sheet][row - 1][head.index(column)] = value
    return sheets


@pytest.mark.parametrize(
    ("sheets", "line"),
    [
        (spoil("Случаи", 2, "Дата снятия", "2019-12-31"),
         "Лист «Случаи», строка 2, столбец «Дата снятия»: раньше даты принятия (2020-02-03)"),
        (spoil("Случаи", 3, "Код организации", "Х9"),
         "Лист «Случаи», строка 3, столбец «Код организации»: организация «Х9» не найдена ни в файле, ни в системе"),
        (spoil("Случаи", 2, "Результат", None),
         "Лист «Случаи», строка 2, столбец «Результат»: случай снят, но результат не указан"),
        (spoil("Случаи", 3, "Номер случая", "С-1"),
         "Лист «Случаи», строка 3, столбец «Номер случая»: «С-1» уже стоит в строке 2: строка повторяется"),
        (spoil("Случаи", 4, "Номер семьи", "Ф-1"),
         "Лист «Случаи», строка 4, столбец «Номер семьи»: у семьи уже есть открытый случай в этой организации (строка 3)"),
        (spoil("Случаи", 3, "Дата принятия", "2999-01-01"),
         "Лист «Случаи», строка 3, столбец «Дата принятия»: дата в будущем (2999-01-01)"),
        (spoil("Случаи", 3, "Основная категория", "богатая"),
         "Лист «Случаи», строка 3, столбец «Основная категория»: неизвестное значение «богатая»."),
        (spoil("Уровни", 3, "С", "2020-07-15"),
         "Лист «Уровни», строка 3, столбец «С»: период уровня пересекается с другим уровнем этого случая (строка 2)"),
        (spoil("Уровни", 2, "С", "2020-01-01"),
         "Лист «Уровни», строка 2, столбец «С»: раньше даты принятия случая (2020-02-03)"),
        (spoil("Уровни", 3, "По", "2021-05-01"),
         "Лист «Уровни», строка 3, столбец «По»: позже даты снятия случая (2021-01-20)"),
        (spoil("Семьи", 3, "Адрес", "=1+1"),
         "Лист «Семьи», строка 3, столбец «Адрес»: в ячейке формула: замените её значением"),
        (spoil("Люди", 3, "Дата рождения", "01.03.2012"),
         "Лист «Люди», строка 3, столбец «Дата рождения»: не дата («01.03.2012»): нужна дата Excel или ГГГГ-ММ-ДД"),
        (spoil("Люди", 3, "СНИЛС", "112-233-445 95"),
         "Лист «Люди», строка 3, столбец «СНИЛС»: тот же СНИЛС (11223344595) стоит у человека с другим номером"),
        (spoil("Анкеты", 2, "Доволен помощью", "скорее да"),
         "Лист «Анкеты», строка 2, столбец «Доволен помощью»: должно быть «да» или «нет», а стоит «скорее да»"),
        (spoil("Вопросы", 2, "Номер протокола", "77"),
         "Лист «Вопросы», строка 2, столбец «Номер протокола»: протокол «77» этого совета не найден ни в файле, ни в системе"),
        (spoil("Сведения организаций", 2, "Показатель", "1"),
         "Лист «Сведения организаций», строка 2, столбец «Показатель»: показатель «1» не объявляется организациями"),
        (spoil("Сведения организаций", 2, "Период", "2021К1"),
         "Лист «Сведения организаций», строка 2, столбец «Период»:"),
        (spoil("Семьи", 2, "Номер семьи", None),
         "Лист «Семьи», строка 2, столбец «Номер семьи»: не заполнено"),
    ],
)  # fmt: skip
def test_an_error_names_its_exact_place(errors, sheets, line):
    assert any(printed.startswith(line) for printed in errors(sheets))


def test_a_cell_of_100000_characters_is_refused_with_its_place(tmp_path, capsys):
    """Excel itself writes no such cell, so it is put into the file by hand."""
    path = make_workbook(tmp_path / "short.xlsx", spoil("Семьи", 3, "Фамилия семьи", "LONGEST"))
    swollen = tmp_path / "long.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(swollen, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"LONGEST", ("Х" * 100_000).encode()))
    with pytest.raises(CommandError):
        call_command("import_register", str(swollen))
    place = "Лист «Семьи», строка 3, столбец «Фамилия семьи»"
    assert f"{place}: слишком длинный текст: 100000 знаков, можно не больше 100" in capsys.readouterr().err
    assert not Family.objects.exists()


def test_unknown_sheet_and_columns_are_named(errors):
    sheets = small_register() | {"Примечания": [["Текст"], ["—"]]}
    sheets["Семьи"][0][3] = "Адрес прописки"
    sheets["Организации"][0][2] = "Тип"
    printed = errors(sheets)
    assert any(line.startswith("Лист «Примечания»: неизвестный лист. Допустимы: ") for line in printed)
    assert any(
        line.startswith("Лист «Семьи», строка 1, столбец «Адрес прописки»: неизвестный столбец.") for line in printed
    )
    assert "Лист «Организации», строка 1, столбец «Вид»: нет обязательного столбца" in printed


def test_at_most_200_errors_are_listed(errors):
    sheets = small_register()
    sheets["Информирование"] += [[None, "не дата", "Тема", 1]] * 250
    printed = errors(sheets)
    assert len([line for line in printed if line.startswith("Лист «")]) == 200
    assert "… и ещё ошибок: 50" in printed


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no zip", "просто текст".encode(), b"\xd0\xcf\x11\xe0" + b"\0" * 600]
)
def test_what_is_not_a_workbook_is_refused(tmp_path, content):
    path = tmp_path / "register.xlsx"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="книг"):
        call_command("import_register", str(path))


def test_a_live_case_is_not_overwritten(world, load, capsys):
    from sopr.tests.casework import activate

    case = activate(world)
    sheets = spoil("Случаи", 2, "Номер случая", case.number)
    for sheet in ("Уровни", "Мероприятия", "Вопросы", "Анкеты"):
        del sheets[sheet]
    with pytest.raises(CommandError):
        load(sheets)
    assert "случай с этим номером ведётся в системе: загрузка его не меняет" in capsys.readouterr().err


def test_equal_events_far_apart_in_the_file_all_come_in_once(load):
    """Rows are saved by the thousand: two equal events in different thousands are still two."""
    sheets = small_register()
    head, event, _again = sheets["События с детьми"]
    others = [
        ["01", f"2020-{1 + n // 28 % 12:02d}-{1 + n % 28:02d}", "возврат", None, None, "нет"] for n in range(1100)
    ]
    sheets["События с детьми"] = [head, event, *others, event]
    load(sheets)
    load(sheets)
    assert ChildEvent.objects.filter(kind="refusal").count() == 2
    assert ChildEvent.objects.count() == 1102


def test_families_without_a_case_are_held_by_the_named_organisation(load):
    sheets = small_register()
    sheets["Семьи"].append(["Ф-3", "Одинокие", "01", None])
    load(sheets, "--holder", "C1")
    assert Family.objects.get(number="Ф-3").holders.get().code == "C1"
    with pytest.raises(CommandError, match="Организации с кодом «X» нет"):
        load(sheets, "--holder", "X")


@pytest.mark.slow
def test_the_bench_imports_into_a_database_of_its_own(transactional_db, capsys):
    call_command("bench_import", families=20)
    line = capsys.readouterr().out.splitlines()[-1].split()
    assert line[0] == "20" and float(line[7]) > 20, "peak memory in megabytes"
    assert not Family.objects.exists()
