"""Categories of families: the codes of exchange.md; the titles are those of table VII (Tatarstan, order 414)."""

from django.db import models


class Category(models.TextChoices):
    FOSTER = "foster", "замещающая семья (включая приёмную)"
    DISABLED_CHILD = "disabled_child", "семья с ребёнком-инвалидом"
    CHILD_UNDER_3_WITH_OVZ = "child_under_3_with_ovz", "семья с ребёнком с ОВЗ до 3 лет"
    LARGE = "large", "многодетная семья"
    NEWBORN_REFUSAL_RISK = "newborn_refusal_risk", "мать с новорождённым, имеющая намерение отказаться от ребёнка"
    SINGLE_PARENT = "single_parent", "семья с одним родителем"
    CHILD_IN_CONFLICT_WITH_LAW = "child_in_conflict_with_law", "семья с ребёнком, вступившим в конфликт с законом"
    UNDERAGE_PARENTS = "underage_parents", "семья с несовершеннолетними родителями"
    LOW_INCOME = "low_income", "малоимущая семья"
    REFUGEES = "refugees", "семья беженцев или вынужденных переселенцев"
    SOCIAL_CONTRACT = "social_contract", "семья с социальным контрактом"
    OTHER = "other", "другой тип семьи"
