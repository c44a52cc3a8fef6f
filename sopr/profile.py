"""A regional profile: everything in which regions differ, as data.

``profiles/<code>.toml`` is read into frozen dataclasses whose field names are the keys of the file, so this module is
the reference for who writes a profile. A file may name a ``base``: then it says only what differs from it (tables are
joined key by key, lists are replaced). ``SOPR_REGION`` chooses the profile of an installation.

Sources: design of the regions' practices; values marked [choice] there are defaults that a region can change here.
"""

import tomllib
import types
import typing
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from sopr.calendar import DAY, add_months

FOLDER = Path(__file__).parent / "profiles"

LEVELS = ("adaptation", "basic", "crisis", "emergency")
PROGRAMME_PER = ("family", "member")
ACCEPTED_ON_RULES = ("decision", "contract")
# Wordings of contracts the product has: templates/documents/_contract_<code>.html.
CONTRACT_KINDS = ("support", "services", "cooperation")
# What is asked of a council (councils/words.py), about whom and where it decides.
COUNCIL_QUESTIONS = ("recognise", "programme", "level", "prolong", "remove", "transfer", "other")
COUNCIL_FAMILIES = ("all", "sop")
COUNCIL_TERRITORIES = ("municipality", "districts")
ROUNDING_MODES = ("half_up", "truncate")
MODULES = {
    "activity_plan": "Автоматическое формирование плана мероприятий",
    "aftercare": "Постсопровождение",
    "bonus": "Бонусная программа семьи",
    "certificate": "Семейный сертификат",
    "child_events": "События с детьми",
    "dispatch": "Семейная диспетчерская",
    "district_passport": "Социальный паспорт участка",
    "legal_navigator": "Правовой навигатор семьи",
    "newborn": "Сигналы о риске отказа от новорождённого",
    "patronage": "Учёт СОП и межведомственный патронат",
    "placement_journal": "Журнал учёта детей, помещённых в организации",
    "plan_targets": "Плановые значения показателей",
    "released_journal": "Журнал освободившихся получателей услуг",
    "rental": "Пункт проката детских вещей",
    "services": "Индивидуальный маршрут и услуги для несовершеннолетних",
    "social_contract": "Социальный контракт",
    "staff": "Специалисты и обучение",
    "survey": "Анкета удовлетворённости",
    "volunteers": "Добровольцы",
}


class ProfileError(ImproperlyConfigured):
    """A profile is missing or wrong; the message names the file and the key."""


@dataclass(frozen=True)
class Ministry:
    """The body that governs support in the region; Russian cases for documents."""

    title: str
    title_genitive: str
    title_dative: str
    short: str
    city: str
    address: str = ""
    phone: str = ""
    site: str = ""


@dataclass(frozen=True)
class CouncilKind:
    """A kind of council of the region: what it is called, what it may decide and about whom.

    A region may have several at once: Novgorod has working groups, district commissions and juvenile commissions.
    """

    code: str
    full: str  # «Координационный совет по социальному сопровождению семей с детьми»
    full_genitive: str
    short: str
    short_genitive: str
    plural: str
    questions: tuple[str, ...] = COUNCIL_QUESTIONS  # what it may decide
    families: str = "all"  # about whom: "all", or "sop" for families in social danger (СОП)
    territory: str = "municipality"  # whose families: of a "municipality", or of the "districts" each council names

    @property
    def said_genitive(self) -> str:
        """The genitive within a sentence: «координационного совета»; an abbreviation stays as it is: «МРГ»."""
        title = self.short_genitive
        return title if title[:2].isupper() else title[:1].lower() + title[1:]


@dataclass(frozen=True)
class CouncilRules:
    """Norms of the councils' work; a council can have stricter ones of its own."""

    quorum_share: int  # percent of all members on the date; present must be strictly more than this
    required_agencies: tuple[str, ...]  # kinds of organisations (OrganisationKind) without which there is no quorum
    substitutes: bool  # whether a member's substitute counts as present; each council may say otherwise
    meetings_norm: int  # meetings a month; 0 = no norm
    meetings_reminder_day: int  # day of the month: remind the secretary if none was held
    meetings_warning_day: int  # day of the month: remind if fewer than the norm
    pack_open_days: int  # days after a meeting that its pack stays open to members
    chair_signs_working_days: int  # from the secretary's signature under the minutes to the chair's
    absentee: bool = False  # whether questions may be decided by correspondence; each council may say otherwise


@dataclass(frozen=True)
class Interval:
    """A repeated term: weeks or calendar months, exactly one of them above zero."""

    weeks: int = 0
    months: int = 0

    def after(self, day: date) -> date:
        """Return the date this interval after ``day``."""
        return add_months(day, self.months) + DAY * 7 * self.weeks

    def __str__(self):
        unit, count = ("нед.", self.weeks) if self.weeks else ("мес.", self.months)
        return f"{count}\u00a0{unit}"


@dataclass(frozen=True)
class Level:
    """A level of support; a higher ``rank`` means heavier distress and closer work."""

    code: str
    title: str
    rank: int
    months: int  # longest term, calendar months
    review: Interval
    contact: Interval
    entry_only: bool = False  # may only be the first level of a case
    reported_as: str = ""  # the region's reports call families on this level so

    def ends_on(self, since: date) -> date:
        """Return the last day of the level's longest term when it starts on ``since``."""
        return add_months(since, self.months)


@dataclass(frozen=True)
class Deadlines:
    """Terms that the law or the region sets, and how long before them people are reminded."""

    visit_working_days: int  # from the referral's assignment to the visit
    visit_remind_days: int
    guardianship_copy_working_days: int  # from a substitute family's contract to its copy at the guardianship office
    refusal_notice_working_days: int  # from the council's refusal to the notice to the applicant
    aftercare_months: int
    level_remind_days: tuple[int, ...]  # before the level's longest term ends
    term_remind_days: tuple[int, ...]  # before a contract, consent or programme ends
    activity_remind_working_days: int
    review_remind_working_days: int
    assignment_remind_working_days: int
    executor_report_remind_days: int  # before the quarter ends
    report_due_organisation: int  # day of the month after the period
    report_due_region: int  # day of the month after the period


@dataclass(frozen=True)
class LevelRule:
    """From which scores (0 to 4) of an assessment on a level is proposed; cases/levels_rule.py reads it. [choice]"""

    emergency_at: int = 4  # in any domain
    safety_emergency_at: int = 3  # in the safety of children
    crisis_at: int = 3  # in any domain
    crisis_domains: int = 4  # so many domains at once…
    crisis_domains_at: int = 2  # …with this score or a higher one


@dataclass(frozen=True)
class ContractKind:
    """A contract made with every supported family; ``code`` chooses its wording (CONTRACT_KINDS)."""

    code: str
    title: str  # «Договор о социальном сопровождении»
    opens_support: bool = False  # where the contract dates the acceptance, it is this one


@dataclass(frozen=True)
class FormRule:
    """A report form the region uses, how its percentages are rounded, whether plans stand beside its figures."""

    code: str
    decimals: int = 0
    rounding: str = "half_up"
    plan: bool = False


@dataclass(frozen=True)
class AppealRoute:
    """One place where a refusal can be appealed: a line of the leaflet for the applicant."""

    where: str
    how: str
    term: str
    norm: str


@dataclass(frozen=True)
class Appeal:
    """How to appeal; ``confirmed`` turns true once the region's lawyer has checked the text."""

    text: str
    routes: tuple[AppealRoute, ...]
    confirmed: bool


@dataclass(frozen=True)
class Requisites:
    """What documents cite: the legal grounds of support, the region's own act, whether a seal's place is printed."""

    law: str
    act: str
    seal: bool


@dataclass(frozen=True)
class Profile:
    """One region's practice. Cases keep the rules they began with, so a change gets a new ``effective_from``."""

    code: str
    title: str  # «Республика Татарстан»
    title_genitive: str
    system_title: str  # «СОПР · Республика Татарстан»
    time_zone: str
    effective_from: date
    ministry: Ministry
    council_kinds: tuple[CouncilKind, ...]  # the first is the main one, after which councils are called in general
    council: CouncilRules
    levels: dict[str, Level]  # in the order of their rank
    programme_per: str  # "family" or "member"
    accepted_on_rule: str  # "decision" of the council or "contract": what dates the acceptance
    contracts: tuple[ContractKind, ...]  # made with every supported family, in the order they are signed
    categories: tuple[str, ...]  # codes, in the order shown
    deadlines: Deadlines
    report_forms: tuple[FormRule, ...]
    modules: tuple[str, ...]
    requisites: Requisites
    appeal: Appeal
    large_from: int = 3  # children under 18 from which a family is large [choice]
    level_rule: LevelRule = LevelRule()

    @property
    def version(self) -> str:
        """Name the profile and its edition, as snapshots keep it: «tatarstan@2016-07-19»."""
        return f"{self.code}@{self.effective_from.isoformat()}"

    @property
    def contract_count(self) -> int:
        """How many contracts are made with each family."""
        return len(self.contracts)

    @property
    def council_title(self) -> CouncilKind:
        """What councils are called where no particular one is meant: the region's main kind."""
        return self.council_kinds[0]

    def council_kind(self, code: str) -> CouncilKind:
        """Return the kind of council; the main one for a code that the region does not have (any more)."""
        return next((kind for kind in self.council_kinds if kind.code == code), self.council_title)

    def contract(self, code: str) -> ContractKind | None:
        """Return the kind of contract, or None when the region does not make it."""
        return next((kind for kind in self.contracts if kind.code == code), None)

    def has(self, module: str) -> bool:
        """Say whether a module is on in this region; raises KeyError for a module that does not exist."""
        if module not in MODULES:
            raise KeyError(module)
        return module in self.modules

    def form_rule(self, code: str) -> FormRule | None:
        """Return the rule of a report form, or None when the region does not use the form."""
        return next((rule for rule in self.report_forms if rule.code == code), None)


def current() -> Profile:
    """Return the profile of this installation (``SOPR_REGION``)."""
    from django.conf import settings  # here, because settings may load a profile themselves

    return load(settings.SOPR_REGION)


def codes() -> tuple[str, ...]:
    """Return the codes of all profiles that come with the product."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load(code: str) -> Profile:
    """Read the profile ``code``; raises ProfileError naming the file and the key that is missing, unknown or wrong."""
    if code not in codes():
        raise ProfileError(f"SOPR_REGION: no profile «{code}»; there are: {', '.join(codes())}")
    return read(FOLDER / f"{code}.toml")


def read(path: Path) -> Profile:
    """Read one profile file, joined with its base; raises ProfileError."""
    table = _table(path)
    profile = _build(Profile, table, path.name, "")
    _check(profile, path)
    return profile


def _table(path):
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ProfileError(f"{path.name}: no such profile") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name}: not a TOML file: {error}") from error
    base = table.pop("base", None)
    if base is None:
        return table
    return _join(_table(FOLDER / f"{base}.toml"), table)


def _join(base, own):
    both = {
        key: _join(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in own.items()
    }
    return base | both


def _build(kind, value, file, key):
    """Turn a value of the file into ``kind``, a type of the dataclasses above; ``key`` is its road for messages."""
    if is_dataclass(kind):
        return _build_dataclass(kind, value, file, key)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        _expect(list, value, file, key)
        return tuple(_build(arguments[0], item, file, f"{key}[{n}]") for n, item in enumerate(value))
    if origin is dict:
        _expect(dict, value, file, key)
        items = {
            name: _build(
                arguments[1], {"code": name, **item} if isinstance(item, dict) else item, file, f"{key}.{name}"
            )
            for name, item in value.items()
        }
        return types.MappingProxyType(items)
    _expect(kind, value, file, key)
    return value.strip() if kind is str else value


def _build_dataclass(kind, value, file, key):
    _expect(dict, value, file, key)
    road = f"{key}." if key else ""
    known = {field.name: field for field in fields(kind)}
    for name in value:
        if name not in known:
            raise ProfileError(f"{file}: unknown key «{road}{name}»; known: {', '.join(known)}")
    for name, field in known.items():
        if name not in value and field.default is MISSING:
            raise ProfileError(f"{file}: missing key «{road}{name}»")
    return kind(**{name: _build(known[name].type, item, file, road + name) for name, item in value.items()})


def _expect(kind, value, file, key):
    # bool is an int in Python, but «true» is not a number of days.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ProfileError(f"{file}: key «{key}» must be {kind.__name__}, not {value!r}")


def _check(profile, path):
    """Check what types cannot say; raises ProfileError."""

    def require(condition, key, rule):
        if not condition:
            raise ProfileError(f"{path.name}: key «{key}»: {rule}")

    require(profile.code == path.stem, "code", f"must be the name of the file, «{path.stem}»")
    require(set(profile.levels) == set(LEVELS), "levels", f"must be exactly: {', '.join(LEVELS)}")
    ranks = [level.rank for level in profile.levels.values()]
    require(ranks == sorted(set(ranks)), "levels", "must stand in the order of their rank, each rank once")
    for code, level in profile.levels.items():
        require(level.months > 0, f"levels.{code}.months", "must be above zero")
        for name in ("review", "contact"):
            interval = getattr(level, name)
            require(
                min(interval.weeks, interval.months) == 0 < max(interval.weeks, interval.months),
                f"levels.{code}.{name}",
                "give weeks or months, one of them, above zero",
            )
    require(profile.programme_per in PROGRAMME_PER, "programme_per", f"one of: {', '.join(PROGRAMME_PER)}")
    require(
        profile.accepted_on_rule in ACCEPTED_ON_RULES, "accepted_on_rule", f"one of: {', '.join(ACCEPTED_ON_RULES)}"
    )
    require(0 <= profile.council.quorum_share < 100, "council.quorum_share", "percent, 0 to 99: present must be more")
    councils = [kind.code for kind in profile.council_kinds]
    require(councils and len(set(councils)) == len(councils), "council_kinds", "name at least one kind, each code once")
    for kind in profile.council_kinds:
        key = f"council_kinds.{kind.code}"
        require(len(kind.code) <= 32, f"{key}.code", "32 characters at most")
        require(
            kind.questions and set(kind.questions) <= set(COUNCIL_QUESTIONS),
            f"{key}.questions",
            f"some of: {', '.join(COUNCIL_QUESTIONS)}",
        )
        require(kind.families in COUNCIL_FAMILIES, f"{key}.families", f"one of: {', '.join(COUNCIL_FAMILIES)}")
        require(kind.territory in COUNCIL_TERRITORIES, f"{key}.territory", f"one of: {', '.join(COUNCIL_TERRITORIES)}")
    kinds = [kind.code for kind in profile.contracts]
    require(kinds and len(set(kinds)) == len(kinds), "contracts", "name at least one contract, each kind once")
    for code in kinds:
        require(code in CONTRACT_KINDS, "contracts", f"unknown kind «{code}»; known: {', '.join(CONTRACT_KINDS)}")
    require(
        sum(kind.opens_support for kind in profile.contracts) == 1,
        "contracts",
        "exactly one of them has opens_support = true",
    )
    require(
        profile.categories and len(set(profile.categories)) == len(profile.categories),
        "categories",
        "name at least one category, each once",
    )
    rule = profile.level_rule
    for field in fields(rule):
        if field.name != "crisis_domains":
            require(1 <= getattr(rule, field.name) <= 4, f"level_rule.{field.name}", "a score, 1 to 4")
    require(rule.crisis_domains >= 1, "level_rule.crisis_domains", "must be above zero")
    for module in profile.modules:
        require(module in MODULES, "modules", f"unknown module «{module}»; known: {', '.join(MODULES)}")
    for rule in profile.report_forms:
        require(
            rule.rounding in ROUNDING_MODES,
            "report_forms",
            f"{rule.code}: rounding is one of {', '.join(ROUNDING_MODES)}",
        )
    for name in ("report_due_organisation", "report_due_region"):
        require(1 <= getattr(profile.deadlines, name) <= 28, f"deadlines.{name}", "a day of the month, 1 to 28")
