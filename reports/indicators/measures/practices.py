"""Measures of the regions' practices: the single window, «Под крылом аиста», services and routes of minors."""

from reports.indicators.measures.base import Measure
from reports.indicators.sources import practices as sources

HELPED = Measure(
    "helped",
    "семьи, которые получили помощь в периоде: услугу диспетчерской или сопровождение",
    sources.HELP,
    sources.HELP.relevant,
)
# 18 years on the first day of the period on which the family was helped: days compared as numbers 20211231.
_FIRST_DAY = "CASE WHEN r.since > c.since THEN r.since ELSE c.since END"
HELPED_CHILDREN = Measure(
    "helped_children",
    "дети этих семей, которым в первый день помощи в периоде не было 18 лет (дата рождения неизвестна — считается)",
    sources.HELP_CHILDREN,
    f"{sources.HELP_CHILDREN.relevant} AND (r.born IS NULL OR {{ymd:{_FIRST_DAY}}} - r.born < 180000)",
)
GROUPED = Measure(
    "grouped",
    "семьи, получившие в периоде услугу по обращению, у которого названа группа проблем (группа последнего из них)",
    sources.GROUPED,
    sources.GROUPED.relevant,
)
FIRST_SERVED = Measure(
    "first_served",
    "обращения, по которым в периоде оказана первая услуга",
    sources.FIRST_SERVICES,
    sources.FIRST_SERVICES.relevant,
)
DAYS_WAITED = Measure(
    "days_waited",
    "дни от обращения до первой услуги (в тот же день — 0)",
    sources.FIRST_SERVICES,
    sources.FIRST_SERVICES.relevant,
    weight="days",
    less_is_better=True,
)

WOMEN_HELPED = Measure(
    "women_helped",
    "женщины, которым в периоде оказана помощь",
    sources.NEWBORN_HELP,
    f"{sources.NEWBORN_HELP.relevant} AND r.near_id IS NULL",
)
NEAR_HELPED = Measure(
    "near_helped",
    "люди из близкого окружения, которым в периоде оказана помощь",
    sources.NEWBORN_HELP,
    f"{sources.NEWBORN_HELP.relevant} AND r.near_id IS NOT NULL",
)
TRAINED_MOTHERS = Measure(
    "trained_mothers",
    "женщины, прошедшие в периоде обучение уходу за новорождённым",
    sources.NEWBORN_HELP,
    f"{sources.NEWBORN_HELP.relevant} AND r.near_id IS NULL AND r.kind = 'training'",
)
REFUSALS_PREVENTED = Measure(
    "refusals_prevented",
    "записи о риске отказа, закончившиеся в периоде исходом «отказ предотвращён»",
    sources.NEWBORN_OUTCOMES,
    f"{sources.NEWBORN_OUTCOMES.relevant} AND r.outcome = 'prevented'",
)
ASKED_AFTER = Measure(
    "asked_after",
    "женщины, ответившие в периоде на анкету «после помощи»",
    sources.NEWBORN_ANSWERS,
    sources.NEWBORN_ANSWERS.relevant,
)
STILL_IN_DOUBT = Measure(
    "still_in_doubt",
    "женщины, которые в анкете «после помощи» ещё сомневаются",
    sources.NEWBORN_ANSWERS,
    f"{sources.NEWBORN_ANSWERS.relevant} AND r.intention = 'doubt'",
)
RENTED = Measure(
    "rented",
    "женщины, взявшие в периоде вещь в пункте проката (мужчины не считаются)",
    sources.LOANS,
    f"{sources.LOANS.relevant} AND r.sex <> 'm'",
)

MINORS = Measure(
    "minors",
    "несовершеннолетние, индивидуальный маршрут которых длился хотя бы день периода",
    sources.ROUTE_MINORS,
    "r.since <= c.until AND (r.ended_on IS NULL OR r.ended_on >= c.since)",
)
ENROLLED = Measure(
    "enrolled",
    "несовершеннолетние, зачисленные в периоде на учёбу: профессиональную или иную",
    sources.ROUTE_MINORS,
    "r.study_on BETWEEN c.since AND c.until AND r.study <> ''",
)
ROUTES_FINISHED = Measure(
    "routes_finished",
    "индивидуальные маршруты, пройденные в периоде до конца",
    sources.ROUTES,
    f"{sources.ROUTES.relevant} AND r.state = 'finished'",
)
CONSULTATIONS = Measure(
    "consultations", "консультации родителей в периоде", sources.CONSULTATIONS, sources.CONSULTATIONS.relevant
)
VISITS = Measure("visits", "отметки «был» на занятиях периода", sources.VISITS, sources.VISITS.relevant)
VISITS_OF = {
    kind: Measure(
        f"visits_{kind}",
        f"отметки «был» на занятиях периода, вид услуги «{title}»",
        sources.VISITS,
        f"{sources.VISITS.relevant} AND r.kind = '{kind}'",
    )
    for kind, title in (
        ("club", "кружок, занятие"),
        ("parent_school", "родительский всеобуч"),
        ("foster_school", "школа приёмных родителей"),
        ("trip", "выезд мобильной бригады"),
        ("other", "иное"),
    )
}

ALL = (
    HELPED,
    HELPED_CHILDREN,
    GROUPED,
    FIRST_SERVED,
    DAYS_WAITED,
    WOMEN_HELPED,
    NEAR_HELPED,
    TRAINED_MOTHERS,
    REFUSALS_PREVENTED,
    ASKED_AFTER,
    STILL_IN_DOUBT,
    RENTED,
    MINORS,
    ENROLLED,
    ROUTES_FINISHED,
    CONSULTATIONS,
    VISITS,
    *VISITS_OF.values(),
)
