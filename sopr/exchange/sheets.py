"""The sheets of the workbook: columns, keys by which rows are matched, and what a row says by itself."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import TextChoices

from cases.words import CaseForm, ClosureReason, Ground, HelpKind, Level, Outcome
from councils.words import Question
from families.categories import Category
from families.models import ChildEvent, FamilyMembership, RegisterEntry
from sopr.accounts.models import OrganisationKind
from sopr.accounts.policy import Role
from sopr.exchange.columns import Choice, Count, Date, Snils, Text, YesNo


class SpecialistRole(TextChoices):
    """Roles a register can bring in, by the words of the workbook."""

    CURATOR = Role.CURATOR.value, "куратор"
    HEAD = Role.HEAD.value, "руководитель"
    SECRETARY = Role.SECRETARY.value, "секретарь"
    EXECUTOR = Role.EXECUTOR.value, "исполнитель"
    MINISTRY = Role.MINISTRY.value, "министерство"


# Titles of table VII (Tatarstan, order 414) and everyday ones, besides those of families.categories.
CATEGORY_TITLES = {
    "замещающая": Category.FOSTER,
    "замещающая семья": Category.FOSTER,
    "замещающих семей (включая приёмные)": Category.FOSTER,
    "приёмная семья": Category.FOSTER,
    "семей, воспитывающих детей-инвалидов": Category.DISABLED_CHILD,
    "семья, воспитывающая ребёнка-инвалида": Category.DISABLED_CHILD,
    "семей, воспитывающих детей с ограниченными возможностями здоровья в возрасте до 3 лет": (
        Category.CHILD_UNDER_3_WITH_OVZ
    ),
    "многодетная": Category.LARGE,
    "многодетных семей": Category.LARGE,
    "матерей с новорождёнными детьми, имеющих намерение отказаться от ребёнка": Category.NEWBORN_REFUSAL_RISK,
    "неполная семья": Category.SINGLE_PARENT,
    "семей с одним родителем, воспитывающих несовершеннолетних детей": Category.SINGLE_PARENT,
    "семей, воспитывающих детей, вступивших в конфликт с законом": Category.CHILD_IN_CONFLICT_WITH_LAW,
    "семей с несовершеннолетними родителями (родителем)": Category.UNDERAGE_PARENTS,
    "малоимущая": Category.LOW_INCOME,
    "беженцы": Category.REFUGEES,
    "социальный контракт": Category.SOCIAL_CONTRACT,
    "другие типы семей": Category.OTHER,
    "другая": Category.OTHER,
}


@dataclass(frozen=True)
class Sheet:
    """One sheet. `key` names the columns by which a row is matched; `order` pairs of dates that must not go back."""

    title: str
    columns: tuple
    key: tuple[str, ...]
    order: tuple[tuple[str, str, str], ...] = ()  # (earlier column, later column, what to say)
    check: Callable[[dict], list[tuple[str, str]]] | None = None  # row → [(column, what is wrong)]

    def column(self, title):
        return next((column for column in self.columns if column.title == title), None)


def check_case(row):
    """A closed case has an outcome, an open one has neither outcome nor reason."""
    wrong = []
    if row.get("Дата снятия") and not row.get("Результат"):
        wrong.append(("Результат", "случай снят, но результат не указан"))
    if not row.get("Дата снятия"):
        wrong += [
            (title, "указано, но случай не снят: заполните «Дата снятия»")
            for title in ("Результат", "Причина снятия")
            if row.get(title)
        ]
    return wrong


def check_activity(row):
    if row.get("Исполнено") and row.get("Причина неисполнения"):
        return [("Причина неисполнения", "мероприятие исполнено: причины неисполнения быть не может")]
    return []


def check_register_entry(row):
    if row.get("Положительная реабилитация") is not None and not row.get("Снятие"):
        return [("Положительная реабилитация", "указана, но семья не снята с учёта: заполните «Снятие»")]
    return []


def check_informing(row):
    if row.get("Номер семьи") and row.get("Число семей") not in (None, 1):
        return [("Число семей", "указан номер семьи: число семей может быть только 1")]
    return []


BEFORE_ACCEPTED = "раньше даты принятия ({})"
BEFORE_SINCE = "раньше даты «С» ({})"

SHEETS = (
    Sheet(
        "Муниципальные образования",
        (Text("Код", required=True, length=32), Text("Наименование", required=True, length=200)),
        key=("Код",),
    ),
    Sheet(
        "Организации",
        (
            Text("Код", required=True, length=32),
            Text("Наименование", required=True),
            Choice("Вид", OrganisationKind, required=True),
            Text("Код МО", refers="Муниципальные образования", length=32),
        ),
        key=("Код",),
    ),
    Sheet(
        "Специалисты",
        (
            Text("Логин", required=True, length=150),
            Text("Фамилия", required=True, length=100),
            Text("Имя", required=True, length=100),
            Text("Отчество", length=100),
            Text("Код организации", required=True, refers="Организации", length=32),
            Choice("Роль", SpecialistRole, required=True),
            Date("С", required=True),
            Date("По", may_be_future=True),
        ),
        key=("Логин", "Код организации", "Роль", "С"),
        order=(("С", "По", BEFORE_SINCE),),
    ),
    Sheet(
        "Семьи",
        (
            Text("Номер семьи", required=True, length=40),
            Text("Фамилия семьи", required=True, length=100),
            Text("Код МО", required=True, refers="Муниципальные образования", length=32),
            Text("Адрес"),
        ),
        key=("Номер семьи",),
    ),
    Sheet(
        "Люди",
        (
            Text("Номер семьи", required=True, refers="Семьи", length=40),
            Text("Номер человека", required=True, length=40),
            Text("Фамилия", required=True, length=100),
            Text("Имя", length=100),
            Text("Отчество", length=100),
            Date("Дата рождения"),
            Choice("Кем приходится", FamilyMembership.Relation, required=True),
            Snils("СНИЛС", length=20),
            Date("С"),
            Date("По"),
        ),
        key=("Номер семьи", "Номер человека", "С"),
        order=(("С", "По", BEFORE_SINCE), ("Дата рождения", "С", "раньше даты рождения ({})")),
    ),
    Sheet(
        "Случаи",
        (
            Text("Номер случая", required=True, length=40),
            Text("Номер семьи", required=True, refers="Семьи", length=40),
            Text("Код организации", required=True, refers="Организации", length=32),
            Choice("Основная категория", Category, required=True, also=CATEGORY_TITLES),
            Choice("Основание", Ground),
            Date("Дата принятия", required=True),
            Date("Дата договора"),
            Text("Логин куратора", refers="Специалисты", length=150),
            Choice("Форма", CaseForm),
            Date("Дата снятия"),
            Choice("Результат", Outcome),
            Choice("Причина снятия", ClosureReason),
        ),
        key=("Номер случая",),
        order=(
            ("Дата принятия", "Дата снятия", BEFORE_ACCEPTED),
            ("Дата договора", "Дата снятия", "раньше даты договора ({})"),
        ),
        check=check_case,
    ),
    Sheet(
        "Уровни",
        (
            Text("Номер случая", required=True, refers="Случаи", length=40),
            Choice("Уровень", Level, required=True),
            Date("С", required=True),
            Date("По"),
        ),
        key=("Номер случая", "С"),
        order=(("С", "По", BEFORE_SINCE),),
    ),
    Sheet(
        "Мероприятия",
        (
            Text("Номер случая", required=True, refers="Случаи", length=40),
            Text("Номер человека", refers="Люди", length=40),
            Choice("Вид помощи", HelpKind, required=True),
            Text("Наименование", required=True),
            Text("Код исполнителя", required=True, refers="Организации", length=32),
            Date("Срок", required=True, may_be_future=True),
            Date("Исполнено"),
            Text("Результат", length=5000),
            Text("Причина неисполнения"),
        ),
        key=("Номер случая", "Номер человека", "Вид помощи", "Наименование", "Код исполнителя", "Срок"),
        check=check_activity,
    ),
    Sheet(
        "Советы",
        (
            Text("Код", required=True, length=32),
            Text("Наименование", required=True),
            Text("Код МО", required=True, refers="Муниципальные образования", length=32),
        ),
        key=("Код",),
    ),
    Sheet(
        "Заседания",
        (
            Text("Код совета", required=True, refers="Советы", length=32),
            Text("Номер протокола", required=True, length=40),
            Date("Дата", required=True),
            YesNo("Кворум", required=True),
        ),
        key=("Код совета", "Номер протокола"),
    ),
    Sheet(
        "Вопросы",
        (
            Text("Код совета", required=True, refers="Советы", length=32),
            Text("Номер протокола", required=True, length=40),
            Text("Номер случая", required=True, refers="Случаи", length=40),
            Choice("Решение", Question, required=True),
        ),
        key=("Код совета", "Номер протокола", "Номер случая", "Решение"),
    ),
    Sheet(
        "Анкеты",
        (
            Text("Номер случая", required=True, refers="Случаи", length=40),
            Date("Дата", required=True),
            YesNo("Доволен помощью", required=True),
            YesNo("Отмечает улучшение"),
        ),
        key=("Номер случая", "Дата"),
    ),
    Sheet(
        "Соцконтракты",
        (
            Text("Номер семьи", required=True, refers="Семьи", length=40),
            Date("Дата", required=True),
            YesNo("Положение улучшилось"),
        ),
        key=("Номер семьи", "Дата"),
    ),
    Sheet(
        "Информирование",
        (
            Text("Номер семьи", refers="Семьи", length=40),
            Date("Дата", required=True),
            Text("Тема", required=True),
            Count("Число семей"),
        ),
        key=("Номер семьи", "Дата", "Тема"),
        check=check_informing,
    ),
    Sheet(
        "События с детьми",
        (
            Text("Код МО", required=True, refers="Муниципальные образования", length=32),
            Date("Дата", required=True),
            Choice("Вид", ChildEvent.Kind, required=True),
            Text("Номер семьи", refers="Семьи", length=40),
            Text("Номер человека", refers="Люди", length=40),
            YesNo("Подтверждено"),
        ),
        key=(),
    ),
    Sheet(
        "Учёт",
        (
            Text("Номер семьи", required=True, refers="Семьи", length=40),
            Choice("Вид", RegisterEntry.Kind, required=True),
            Date("Постановка", required=True),
            Date("Снятие"),
            YesNo("Положительная реабилитация"),
        ),
        key=("Номер семьи", "Вид", "Постановка"),
        order=(("Постановка", "Снятие", "раньше постановки ({})"),),
        check=check_register_entry,
    ),
    Sheet(
        "Сведения организаций",
        (
            Text("Код организации", required=True, refers="Организации", length=32),
            Text("Показатель", required=True, length=400),
            Text("Период", required=True, length=40),
            Text("Значение", required=True, length=200),
            Text("Основание"),
        ),
        key=("Код организации", "Показатель", "Период"),
    ),
)
BY_TITLE = {sheet.title: sheet for sheet in SHEETS}
