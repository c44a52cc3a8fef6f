"""Measures of the territory: events with children, registers, social contracts, informing."""

from reports.indicators.measures.base import Measure
from reports.indicators.sources import territory as sources


def _event(name, title, kind):
    return Measure(
        name,
        f"{title}; у организации — по её муниципалитету",
        sources.CHILD_EVENTS,
        f"{sources.CHILD_EVENTS.relevant} AND r.kind = '{kind}'",
        less_is_better=True,
    )


REFUSALS = _event("refusals", "события «отказ» в периоде по всей территории", "refusal")
DEPRIVATIONS = _event("deprivations", "события «лишение прав» в периоде по всей территории", "deprivation")
RETURNS = _event("returns", "события «возврат» в периоде по всей территории", "return")
VIOLENCE = Measure(
    "violence",
    "семьи с подтверждённым событием «жестокое обращение» в периоде (событие, у которого семья не названа, — одна "
    "семья); у организации — по её муниципалитету",
    sources.EVENT_FAMILIES,
    f"{sources.EVENT_FAMILIES.relevant} AND r.kind = 'cruelty' AND r.confirmed",
    less_is_better=True,
)
IN_SOP = Measure(
    "in_sop",
    "семьи, поставленные на учёт СОП не позже дня и не снятые к нему; у организации — те, чью карточку она ведёт",
    sources.REGISTERS,
    "r.kind = 'sop' AND r.placed_on <= c.day AND (r.removed_on IS NULL OR r.removed_on > c.day)",
    stock=True,
    less_is_better=True,
)
_REMOVED = "r.kind = 'patronage' AND r.removed_on BETWEEN c.since AND c.until"
PATRONAGE_REMOVED = Measure(
    "patronage_removed", "семьи, снятые в периоде с межведомственного патроната", sources.REGISTERS, _REMOVED
)
PATRONAGE_POSITIVE = Measure(
    "patronage_positive",
    "семьи, снятые с патроната с положительной реабилитацией",
    sources.REGISTERS,
    f"{_REMOVED} AND r.positive",
)
INFORMED = Measure(
    "informed",
    "семьи, которым рассказали о помощи в периоде: названная семья один раз, не названные — сколько их было",
    sources.INFORMING,
    sources.INFORMING.relevant,
    weight="families",
)
SOCIAL_CONTRACTS = Measure(
    "social_contracts",
    "социальные контракты, заключённые в периоде",
    sources.SOCIAL_CONTRACTS,
    sources.SOCIAL_CONTRACTS.relevant,
)
CONTRACT_IMPROVED = Measure(
    "contract_improved",
    "семьи, которые заключили социальный контракт в периоде и улучшили положение",
    sources.CONTRACT_FAMILIES,
    f"{sources.CONTRACT_FAMILIES.relevant} AND r.improved",
)

ALL = (
    REFUSALS,
    DEPRIVATIONS,
    RETURNS,
    VIOLENCE,
    IN_SOP,
    PATRONAGE_REMOVED,
    PATRONAGE_POSITIVE,
    INFORMED,
    SOCIAL_CONTRACTS,
    CONTRACT_IMPROVED,
)
