"""Facts that no casework tells: declared by an organisation for a period, with a basis (indicators.md, «Source»)."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sopr import profile
from sopr.errors import Refused


@dataclass(frozen=True)
class Fact:
    """What may be declared. `kind`: number, percent or flag; a stock is as of a day, else over a period.

    `row` is the row of the form that prints it first; `also` are (form, row) of others that print the same fact.
    `short` names it in a list of several. A `regional` one is the ministry's to declare: organisations may.
    """

    code: str
    title: str
    unit: str
    form: str
    row: str
    kind: str = "number"
    stock: bool = False
    also: tuple[tuple[str, str], ...] = ()
    short: str = ""
    regional: bool = False

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(form, row) of every row that prints it."""
        return ((self.form, self.row), *self.also)

    def read(self, text) -> Decimal:
        """The value as a number (a flag is 0 or 1); raises Refused with what to write instead."""
        text = re.sub(r"\s", "", str(text)).replace(",", ".").removesuffix("%").lower()
        if self.kind == "flag":
            if text in FLAG_WORDS:
                return Decimal(FLAG_WORDS[text])
            raise Refused(f"«{self.title}»: напишите «да» или «нет».")
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = None
        if value is None or not value.is_finite():
            raise Refused(f"«{self.title}»: нужно число, например 156.")
        if value < 0 or value >= 10**12:
            raise Refused(f"«{self.title}»: значение не может быть отрицательным или таким большим.")
        if self.kind == "percent" and value > 100:
            raise Refused(f"«{self.title}»: доля не больше 100 %.")
        if self.kind == "number" and value != value.to_integral_value():
            raise Refused(f"«{self.title}»: нужно целое число.")
        return value

    def show(self, value: Decimal) -> str:
        """The stored value in words: «156», «да», «34,5 %»."""
        if self.kind == "flag":
            return "да" if value else "нет"
        text = f"{value.normalize():f}".replace(".", ",")
        return f"{text}\u00a0%" if self.kind == "percent" else text


FLAG_WORDS = {"да": 1, "нет": 0, "true": 1, "false": 0, "1": 1, "0": 0}
_T = "tatarstan-414"
_I, _N, _TVER = "irkutsk-15", "novgorod-plan", "tver-resolution"

FACTS = (
    Fact(
        "services",
        "Число учреждений социального обслуживания населения, внедривших социальное сопровождение семей с детьми",
        "единиц",
        _T,
        "2",
        stock=True,
        also=((_I, "3.1"), (_N, "8")),
        short="учреждения с сопровождением",
    ),
    Fact(
        "specialists",
        "Численность специалистов, осуществляющих социальное сопровождение семей с детьми",
        "человек",
        _T,
        "3",
        stock=True,
        short="специалисты",
    ),
    Fact(
        "trained_specialists",
        "Численность специалистов, прошедших обучение по вопросам организации социального сопровождения семей с детьми",
        "человек",
        _T,
        "4",
        stock=True,
        short="обученные специалисты",
    ),
    Fact(
        "data_banks",
        "Наличие межведомственных региональных информационных банков данных семей, имеющих детей, доступных для "
        "межведомственного использования и оценки эффективности социального сопровождения",
        "да/нет",
        _T,
        "5",
        kind="flag",
        stock=True,
        short="банки данных",
        regional=True,
    ),
    Fact(
        "ngos",
        "Число некоммерческих организаций, привлеченных к решению проблем детей и семей, в рамках программ "
        "социального сопровождения семей с детьми",
        "единиц",
        _T,
        "6",
        also=((_I, "3.4"),),
        short="НКО",
    ),
    Fact(
        "volunteers",
        "Численность добровольцев, прошедших специальную подготовку и привлеченных к решению проблем детей и семей "
        "с детьми в рамках программ социального сопровождения семей",
        "человек",
        _T,
        "7",
        also=((_I, "4.5"),),
        short="добровольцы",
    ),
    Fact(
        "editions",
        "Количество подготовленных и распространенных методических изданий для специалистов, обеспечивающих "
        "организацию социального сопровождения семей с детьми",
        "единиц",
        _T,
        "8",
        short="издания",
    ),
    Fact(
        "satisfaction",
        "Удовлетворенность помощью семей с детьми (% от общей численности семей с детьми, получивших помощь по "
        "социальному сопровождению)",
        "%",
        _T,
        "9",
        kind="percent",
        short="удовлетворённость",
    ),
    Fact(
        "positive_rehabilitation",
        "Удельный вес семей с детьми, снятых с межведомственного патроната с положительной реабилитацией",
        "%",
        _T,
        "12",
        kind="percent",
        short="положительная реабилитация",
    ),
    Fact(
        "refusals",
        "Количество отказов от детей",
        "отказов",
        _I,
        "1.1",
        also=((_TVER, "7"),),
        short="отказы от детей",
    ),
    Fact(
        "deprivations",
        "Количество лишений родительских прав",
        "случаев",
        _I,
        "1.2",
        also=((_TVER, "8"),),
        short="лишения прав",
    ),
    Fact(
        "in_sop",
        "Количество семей в социально опасном положении, состоящих на учёте",
        "семей",
        _I,
        "1.3",
        stock=True,
        short="семьи в СОП",
    ),
    Fact(
        "violence",
        "Количество семей, в которых имели место насилие, жестокое обращение, нарушения прав и "
        "законных интересов детей",
        "семей",
        _I,
        "1.4",
        short="насилие в семьях",
    ),
    Fact(
        "returns",
        "Количество возвратов детей из замещающих семей",
        "возвратов",
        _I,
        "1.5",
        also=((_TVER, "9"),),
        short="возвраты детей",
    ),
    Fact(
        "other_agencies",
        "Количество организаций других ведомств, задействованных в социальном сопровождении",
        "организаций",
        _I,
        "3.2",
        short="организации других ведомств",
    ),
    Fact(
        "support_units",
        "Количество структурных подразделений, основным направлением деятельности которых является социальное "
        "сопровождение семей с детьми",
        "подразделений",
        _I,
        "3.3",
        stock=True,
        also=((_N, "5"),),
        short="подразделения",
    ),
    Fact(
        "profile_training",
        "Количество специалистов, получивших профильную профессиональную подготовку для организации социального "
        "сопровождения семей с детьми",
        "человек",
        _I,
        "4.1",
        short="профподготовка",
    ),
    Fact(
        "advanced_courses",
        "Количество специалистов, обученных на курсах повышения квалификации по вопросам социального сопровождения "
        "семей с детьми",
        "человек",
        _I,
        "4.2",
        short="повышение квалификации",
    ),
    Fact(
        "internships",
        "Количество специалистов, прошедших стажировки по вопросам социального сопровождения семей с детьми",
        "человек",
        _I,
        "4.3",
        short="стажировки",
    ),
    Fact(
        "contest_winners",
        "Количество специалистов, ставших победителями региональных конкурсов профессионального мастерства",
        "человек",
        _I,
        "4.4",
        short="победители конкурсов",
    ),
    Fact(
        "working_groups",
        "Число межведомственных рабочих групп",
        "групп",
        _N,
        "6",
        stock=True,
        short="рабочие группы",
    ),
    Fact(
        "district_commissions",
        "Число участковых социальных комиссий",
        "комиссий",
        _N,
        "7",
        stock=True,
        short="участковые комиссии",
    ),
)
BY_CODE = {fact.code: fact for fact in FACTS}


def resolve_fact_code(text) -> str:
    """The fact's code from what people write: the code, «tatarstan-414:2», a row number or the row's title.

    A bare row number means the row of the first of the region's forms that has such a declarable one. Raises ValueError
    that lists what is allowed (exchange.md, sheet «Сведения организаций», column «Показатель»).
    """
    wanted = _plain(text)
    exact = {fact.code for fact in FACTS if wanted in _names(fact)}
    if len(exact) == 1:
        return exact.pop()
    found = {fact.code for fact in FACTS if wanted in {_plain(row) for _form, row in fact.places}}
    if len(found) > 1:  # the same number in several forms: that of the region's own form is meant
        found = _of_first_form(wanted)
    if len(found) == 1:
        return found.pop()
    allowed = "; ".join(f"{fact.code} или {fact.form}:{fact.row}" for fact in FACTS)
    raise ValueError(f"показатель «{str(text)[:80]}» не объявляется организациями; допустимы: {allowed}")


def _names(fact) -> set[str]:
    return {_plain(name) for name in (fact.code, fact.title, *(f"{form}:{row}" for form, row in fact.places))}


def _of_first_form(row) -> set[str]:
    own = [rule.code for rule in profile.current().report_forms]
    for form in (*own, *(fact.form for fact in FACTS)):
        found = {fact.code for fact in FACTS if (form, row) in fact.places}
        if found:
            return found
    return set()


def _plain(text) -> str:
    if isinstance(text, float) and text.is_integer():
        text = int(text)  # a spreadsheet's «2» comes as 2.0
    return re.sub(r"\s+", " ", str(text)).strip().rstrip(".").lower().replace("ё", "е")
