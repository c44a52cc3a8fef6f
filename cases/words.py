"""Words of casework with one code each: stages, levels, outcomes, reasons, problem domains (domain.md §1, §2)."""

from django.db import models


class Stage(models.TextChoices):
    ASSESSMENT = "assessment", "диагностика"
    COUNCIL = "council", "на совете"
    ACTIVE = "active", "сопровождение"
    SUSPENDED = "suspended", "приостановлено"
    REFUSED = "refused", "отказано"
    AFTERCARE = "aftercare", "постсопровождение"
    CLOSED = "closed", "завершено"


# The only transitions there are (domain.md §2); `Case._move` asks here and nowhere else.
FLOW = {
    Stage.ASSESSMENT: {Stage.COUNCIL, Stage.CLOSED},
    Stage.COUNCIL: {Stage.ACTIVE, Stage.REFUSED, Stage.ASSESSMENT, Stage.CLOSED},
    Stage.ACTIVE: {Stage.SUSPENDED, Stage.AFTERCARE, Stage.CLOSED},
    Stage.SUSPENDED: {Stage.ACTIVE, Stage.AFTERCARE, Stage.CLOSED},
    Stage.AFTERCARE: {Stage.CLOSED},
    Stage.REFUSED: set(),
    Stage.CLOSED: set(),
}
OPEN_STAGES = (Stage.ASSESSMENT, Stage.COUNCIL, Stage.ACTIVE, Stage.SUSPENDED)
SUPPORTED_STAGES = (Stage.ACTIVE, Stage.SUSPENDED)


class CaseForm(models.TextChoices):
    GROUP = "group", "групповая"
    INDIVIDUAL = "individual", "индивидуальная"


class Ground(models.TextChoices):
    SOCIAL_CONTRACT = "social_contract", "соцконтракт"
    SOP = "sop", "СОП"
    APPEAL = "appeal", "обращение"
    OTHER = "other", "иное"


class Level(models.TextChoices):
    ADAPTATION = "adaptation", "адаптационный"
    BASIC = "basic", "базовый"
    CRISIS = "crisis", "кризисный"
    EMERGENCY = "emergency", "экстренный"


class Outcome(models.TextChoices):
    OVERCAME = "overcame", "преодолела ТЖС"
    IMPROVED = "improved", "улучшение"
    UNCHANGED = "unchanged", "без изменений"
    WORSE = "worse", "ухудшение"


class ClosureReason(models.TextChoices):
    GOALS_REACHED = "goals_reached", "цели достигнуты"
    SELF_SUFFICIENT = "self_sufficient", "самообеспечение"
    FAMILY_REFUSED = "family_refused", "отказ семьи"
    TERM_ENDED = "term_ended", "срок истёк"
    MOVED = "moved", "переезд"
    TRANSFERRED = "transferred", "передача в другую организацию"
    CHILDREN_GREW_UP = "children_grew_up", "дети достигли 18 лет"
    CHILD_PLACED = "child_placed", "ребёнок помещён / права ограничены"
    DEATH = "death", "смерть"
    PROGRAMME_NOT_FOLLOWED = "programme_not_followed", "невыполнение программы"


class Domain(models.TextChoices):
    """Сферы жизни семьи, scored 0–4 in an assessment."""

    HOUSING = "housing", "жильё и быт"
    INCOME = "income", "доход и занятость"
    CHILD_HEALTH = "child_health", "здоровье детей"
    ADULT_HEALTH = "adult_health", "здоровье взрослых"
    EDUCATION = "education", "обучение и развитие детей"
    PARENTING = "parenting", "воспитание и уход"
    RELATIONS = "relations", "отношения в семье"
    ADDICTION = "addiction", "зависимости"
    LAW = "law", "документы и права"
    SAFETY = "safety", "безопасность детей"


# Scores of a domain, in words (domain.md §3, «Assessment»); the place in the list is the score.
SCORE_MEANINGS = ("трудности нет", "лёгкая", "заметная", "тяжёлая", "угроза ребёнку")


class HelpKind(models.TextChoices):
    MEDICAL = "medical", "медицинская"
    PSYCHOLOGICAL = "psychological", "психологическая"
    PEDAGOGICAL = "pedagogical", "педагогическая"
    LEGAL = "legal", "юридическая"
    SOCIAL = "social", "социальная"
