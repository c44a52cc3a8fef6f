"""The register's rows in the workbook's words: for the export, and for the comparison of a file with them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from cases.models import Activity, Case, LevelPeriod, Survey
from councils.models import AgendaItem, Council, Minutes
from councils.words import Question, Verdict
from families.models import (
    ChildEvent,
    Family,
    FamilyMembership,
    InformingEvent,
    RegisterEntry,
    SocialContract,
)
from reports.models import DeclaredFact
from sopr import profile
from sopr.accounts.models import Municipality, Organisation, StaffRecord
from sopr.exchange.papers import paper_number
from sopr.exchange.sheets import BY_TITLE, SpecialistRole

ALL = frozenset(["*"])  # an import leaves the whole row alone
NONE = frozenset()
PERSON_COLUMNS = frozenset(["Фамилия", "Имя", "Отчество", "Дата рождения", "СНИЛС"])
MEMBER_COLUMNS = frozenset(["Кем приходится", "По"])


@dataclass(frozen=True)
class Scope:
    """What an export of one organisation takes: the cards it holds and its own cases that were accepted."""

    organisation: Organisation

    @cached_property
    def families(self) -> QuerySet:
        return Family.objects.live().filter(holders=self.organisation)

    @cached_property
    def cases(self) -> QuerySet:
        return Case.objects.filter(
            organisation=self.organisation, family__in=self.families.values("pk"), accepted_on__isnull=False
        )

    @cached_property
    def activities(self) -> QuerySet:
        return Activity.objects.counted().filter(case__in=self.cases.values("pk"))

    @cached_property
    def questions(self) -> QuerySet:
        return answered().filter(case__in=self.cases.values("pk"))

    @cached_property
    def staff(self) -> QuerySet:
        return StaffRecord.objects.filter(organisation=self.organisation, role__in=SpecialistRole.values)

    @cached_property
    def councils(self) -> QuerySet:
        return Council.objects.filter(pk__in=self.questions.values("meeting__council"))

    @cached_property
    def organisations(self) -> QuerySet:
        return Organisation.objects.filter(
            Q(pk=self.organisation.pk) | Q(pk__in=self.activities.order_by().values("agency"))
        )

    @cached_property
    def events(self) -> QuerySet:
        return ChildEvent.objects.filter(family__in=self.families.values("pk"))

    @cached_property
    def municipalities(self) -> QuerySet:
        return Municipality.objects.filter(
            Q(pk__in=self.families.order_by().values("municipality"))
            | Q(pk__in=self.organisations.order_by().values("municipality"))
            | Q(pk__in=self.councils.order_by().values("municipality"))
            | Q(pk__in=self.events.order_by().values("municipality"))
        )


@dataclass(frozen=True)
class Source:
    """Where the rows of a sheet lie. `read` turns a row of the register into {column: value}.

    `of` narrows to what an organisation exports, `like` to what a batch of the file may mean; both give rows in the
    order of their keys. `locked` names the columns an import leaves as they are in this row.
    """

    rows: Callable[[], QuerySet]
    of: Callable[[QuerySet, Scope], QuerySet]
    like: Callable[[QuerySet, list], QuerySet]
    read: Callable[[object], dict]
    locked: Callable[[object], frozenset] = lambda row: NONE


def values_of(batch, title) -> set:
    return {row[title] for _n, row in batch if row.get(title) is not None}


def answered() -> QuerySet:
    """Questions whose answer the workbook has a word for, in signed minutes."""
    return AgendaItem.objects.filter(
        Q(decision__verdict=Verdict.GRANTED)
        | Q(decision__verdict=Verdict.REFUSED, decision__question__in=(Question.RECOGNISE, Question.REFUSE)),
        state=AgendaItem.State.DECIDED,
        meeting__minutes__isnull=False,
    )


def read_answer(item) -> str:
    """The decision in the workbook's words: a family not recognised as needy is «отказать»."""
    return Question.REFUSE if item.decision.verdict == Verdict.REFUSED else item.question


def read_specialist(record):
    user = record.user
    return {
        "Логин": user.username,
        "Фамилия": user.last_name,
        "Имя": user.first_name,
        "Отчество": user.patronymic,
        "Код организации": record.organisation.code,
        "Роль": record.role,
        "С": record.since,
        "По": record.until,
    }


def read_family(family):
    """A hidden address stays in the system: in no export, and in no comparison with a file."""
    return {
        "Номер семьи": family.number,
        "Фамилия семьи": family.surname,
        "Код МО": family.municipality.code,
        "Адрес": "" if family.address_hidden else family.address,
    }


def locked_in_family(family):
    if not family.imported or family.merged_into_id:
        return ALL
    return frozenset(["Адрес"]) if family.address_hidden else NONE


def read_member(membership):
    person = membership.person
    return {
        "Номер семьи": membership.family.number,
        "Номер человека": person.number,
        "Фамилия": person.last_name,
        "Имя": person.first_name,
        "Отчество": person.patronymic,
        "Дата рождения": person.birth_on,
        "Кем приходится": membership.relation,
        "СНИЛС": person.snils,
        "С": membership.since,
        "По": membership.until,
    }


def locked_in_member(membership):
    person = NONE if membership.person.imported else PERSON_COLUMNS
    return person | (NONE if membership.family.imported else MEMBER_COLUMNS)


def accepted_by_contract(contracted_on) -> bool:
    return bool(contracted_on) and profile.current().accepted_on_rule == "contract"


def read_case(case):
    return {
        "Номер случая": case.number,
        "Номер семьи": case.family.number,
        "Код организации": case.organisation.code,
        "Основная категория": case.primary_category,
        "Основание": case.ground,
        "Дата принятия": case.opened_on if accepted_by_contract(case.contracted_on) else case.accepted_on,
        "Дата договора": case.contracted_on,
        "Логин куратора": case.curator.username if case.curator else "",
        "Форма": case.form,
        "Дата снятия": case.closed_on,
        "Результат": case.outcome,
        "Причина снятия": case.closure_reason,
    }


def read_activity(activity):
    return {
        "Номер случая": activity.case.number,
        "Номер человека": activity.person.number if activity.person else None,
        "Вид помощи": activity.kind,
        "Наименование": activity.title,
        "Код исполнителя": activity.agency.code,
        "Срок": activity.due_on,
        "Исполнено": activity.done_on if activity.state == Activity.State.DONE else None,
        "Результат": activity.result,
        "Причина неисполнения": activity.get_not_done_reason_display()
        if activity.state == Activity.State.NOT_DONE
        else "",
    }


def read_event(event):
    return {
        "Код МО": event.municipality.code,
        "Дата": event.happened_on,
        "Вид": event.kind,
        "Номер семьи": event.family.number if event.family else None,
        "Номер человека": event.person.number if event.person else None,
        "Подтверждено": event.confirmed,
    }


def like_informing(rows, batch):
    days, families = values_of(batch, "Дата"), values_of(batch, "Номер семьи")
    return rows.filter(Q(family=None) | Q(family__number__in=families), informed_on__in=days)


def locked_if_live(row):
    """What belongs to a case that is led in the system is people's work."""
    return NONE if row.case.imported else ALL


SOURCES = {
    "Муниципальные образования": Source(
        lambda: Municipality.objects.order_by("code"),
        lambda rows, scope: rows.filter(pk__in=scope.municipalities.values("pk")),
        lambda rows, batch: rows.filter(code__in=values_of(batch, "Код")),
        lambda row: {"Код": row.code, "Наименование": row.name},
    ),
    "Организации": Source(
        lambda: Organisation.objects.select_related("municipality").order_by("code"),
        lambda rows, scope: rows.filter(pk__in=scope.organisations.values("pk")),
        lambda rows, batch: rows.filter(code__in=values_of(batch, "Код")),
        lambda row: {
            "Код": row.code,
            "Наименование": row.name,
            "Вид": row.kind,
            "Код МО": row.municipality.code if row.municipality else "",
        },
    ),
    "Специалисты": Source(
        lambda: StaffRecord.objects.select_related("user", "organisation").order_by(
            "user__username", "organisation__code", "role", "since"
        ),
        lambda rows, scope: rows.filter(pk__in=scope.staff.values("pk")),
        lambda rows, batch: rows.filter(user__username__in=values_of(batch, "Логин")),
        read_specialist,
        lambda row: frozenset(["Фамилия", "Имя", "Отчество"]),
    ),
    "Семьи": Source(
        lambda: Family.objects.select_related("municipality").order_by("number_key", "pk"),
        lambda rows, scope: rows.filter(pk__in=scope.families.values("pk")),
        lambda rows, batch: rows.filter(number__in=values_of(batch, "Номер семьи")),
        read_family,
        locked_in_family,
    ),
    "Люди": Source(
        lambda: FamilyMembership.objects.select_related("family", "person").order_by(
            "family__number_key", "family", "person__number", "since", "pk"
        ),
        lambda rows, scope: rows.filter(family__in=scope.families.values("pk"), person__merged_into=None),
        lambda rows, batch: rows.filter(
            family__number__in=values_of(batch, "Номер семьи"), person__number__in=values_of(batch, "Номер человека")
        ),
        read_member,
        locked_in_member,
    ),
    "Случаи": Source(
        lambda: Case.objects.select_related("family", "organisation", "curator").order_by("number_key", "pk"),
        lambda rows, scope: rows.filter(pk__in=scope.cases.values("pk")),
        lambda rows, batch: rows.filter(number__in=values_of(batch, "Номер случая")),
        read_case,
        lambda case: NONE if case.imported else ALL,
    ),
    "Уровни": Source(
        lambda: LevelPeriod.objects.select_related("case").order_by("case__number_key", "case", "since", "pk"),
        lambda rows, scope: rows.filter(case__in=scope.cases.values("pk")),
        lambda rows, batch: rows.filter(case__number__in=values_of(batch, "Номер случая")),
        lambda row: {"Номер случая": row.case.number, "Уровень": row.level, "С": row.since, "По": row.until},
        locked_if_live,
    ),
    "Мероприятия": Source(
        lambda: (
            Activity.objects.counted()
            .select_related("case", "person", "agency")
            .order_by("case__number_key", "case", "person__number", "kind", "title", "agency__code", "due_on", "pk")
        ),
        lambda rows, scope: rows.filter(case__in=scope.cases.values("pk")),
        lambda rows, batch: rows.filter(case__number__in=values_of(batch, "Номер случая")),
        read_activity,
        locked_if_live,
    ),
    "Советы": Source(
        lambda: Council.objects.select_related("municipality").order_by("code"),
        lambda rows, scope: rows.filter(pk__in=scope.councils.values("pk")),
        lambda rows, batch: rows.filter(code__in=values_of(batch, "Код")),
        lambda row: {"Код": row.code, "Наименование": row.name, "Код МО": row.municipality.code},
    ),
    "Заседания": Source(
        lambda: (
            Minutes.objects.select_related("meeting", "council")
            .only("number", "year", "council__code", "meeting__held_on", "meeting__had_quorum")
            .order_by("council__code", "year", "number")
        ),
        lambda rows, scope: rows.filter(meeting__in=scope.questions.order_by().values("meeting")),
        lambda rows, batch: rows.filter(council__code__in=values_of(batch, "Код совета")),
        lambda row: {
            "Код совета": row.council.code,
            "Номер протокола": paper_number(row),
            "Дата": row.meeting.held_on,
            "Кворум": row.meeting.had_quorum,
        },
        lambda row: ALL,
    ),
    "Вопросы": Source(
        lambda: (
            answered()
            .select_related("meeting__minutes", "meeting__council", "case", "decision")
            .defer("meeting__minutes__content")
            .order_by("meeting__council__code", "meeting__minutes__year", "meeting__minutes__number", "case", "pk")
        ),
        lambda rows, scope: rows.filter(pk__in=scope.questions.order_by().values("pk")),
        lambda rows, batch: rows.filter(case__number__in=values_of(batch, "Номер случая")),
        lambda row: {
            "Код совета": row.meeting.council.code,
            "Номер протокола": paper_number(row.meeting.minutes),
            "Номер случая": row.case.number,
            "Решение": read_answer(row),
        },
        lambda row: ALL,
    ),
    "Анкеты": Source(
        lambda: (
            Survey.objects.filter(case__isnull=False)
            .select_related("case")
            .order_by("case__number_key", "case", "answered_on", "pk")
        ),
        lambda rows, scope: rows.filter(case__in=scope.cases.values("pk")),
        lambda rows, batch: rows.filter(case__number__in=values_of(batch, "Номер случая")),
        lambda row: {
            "Номер случая": row.case.number,
            "Дата": row.answered_on,
            "Доволен помощью": row.satisfied,
            "Отмечает улучшение": row.improvement_noted,
        },
        locked_if_live,
    ),
    "Соцконтракты": Source(
        lambda: SocialContract.objects.select_related("family").order_by("family__number_key", "family", "signed_on"),
        lambda rows, scope: rows.filter(family__in=scope.families.values("pk")),
        lambda rows, batch: rows.filter(family__number__in=values_of(batch, "Номер семьи")),
        lambda row: {
            "Номер семьи": row.family.number,
            "Дата": row.signed_on,
            "Положение улучшилось": row.improved,
        },
    ),
    "Информирование": Source(
        lambda: InformingEvent.objects.select_related("family").order_by(
            "family__number_key", "family", "informed_on", "topic", "pk"
        ),
        lambda rows, scope: rows.filter(family__in=scope.families.values("pk")),
        like_informing,
        lambda row: {
            "Номер семьи": row.family.number if row.family else None,
            "Дата": row.informed_on,
            "Тема": row.topic,
            "Число семей": row.families_count,
        },
    ),
    "События с детьми": Source(
        lambda: ChildEvent.objects.select_related("municipality", "family", "person").order_by(
            "municipality__code", "happened_on", "kind", "family__number_key", "person__number", "pk"
        ),
        lambda rows, scope: rows.filter(pk__in=scope.events.values("pk")),
        lambda rows, batch: rows.filter(
            happened_on__in=values_of(batch, "Дата"), municipality__code__in=values_of(batch, "Код МО")
        ),
        read_event,
    ),
    "Учёт": Source(
        lambda: RegisterEntry.objects.select_related("family").order_by(
            "family__number_key", "family", "kind", "placed_on"
        ),
        lambda rows, scope: rows.filter(family__in=scope.families.values("pk")),
        lambda rows, batch: rows.filter(family__number__in=values_of(batch, "Номер семьи")),
        lambda row: {
            "Номер семьи": row.family.number,
            "Вид": row.kind,
            "Постановка": row.placed_on,
            "Снятие": row.removed_on,
            "Положительная реабилитация": row.positive_rehabilitation,
        },
    ),
    "Сведения организаций": Source(
        lambda: (
            DeclaredFact.objects.current()
            .select_related("organisation")
            .order_by("organisation__code", "indicator", "since", "until")
        ),
        lambda rows, scope: rows.filter(organisation=scope.organisation),
        lambda rows, batch: rows.filter(organisation__code__in=values_of(batch, "Код организации")),
        lambda row: {
            "Код организации": row.organisation.code,
            "Показатель": row.indicator,
            "Период": row.period,
            "Значение": row.shown,
            "Основание": row.basis,
        },
        lambda row: frozenset(["Основание"]),
    ),
}


def key_of(sheet, values) -> tuple:
    """What makes a row one and the same, in the file and in the register; without a key, all of it."""
    titles = sheet.key or [column.title for column in sheet.columns]
    return tuple(values.get(title) if values.get(title) != "" else None for title in titles)


def exported(title, scope):
    """Yield the rows {column: value} of a sheet for an export, each key once, without keeping them in memory."""
    sheet, source = BY_TITLE[title], SOURCES[title]
    last = None
    for row in source.of(source.rows(), scope).iterator(chunk_size=2000):
        values = source.read(row)
        key = key_of(sheet, values)
        if key != last or not sheet.key:
            yield values
        last = key
