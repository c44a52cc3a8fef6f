"""What is said about families, by problem domain: signals, evidence, goals with their steps, notes of visits.

Invented throughout. Written without names and without the sex of the parent, so that any text fits any family.
"""

from cases.words import Domain
from sopr.demo.texts import adults, children
from sopr.demo.texts.shape import DomainTexts

TEXTS: dict[str, DomainTexts] = {
    Domain.HOUSING: adults.HOUSING,
    Domain.INCOME: adults.INCOME,
    Domain.CHILD_HEALTH: children.CHILD_HEALTH,
    Domain.ADULT_HEALTH: adults.ADULT_HEALTH,
    Domain.EDUCATION: children.EDUCATION,
    Domain.PARENTING: children.PARENTING,
    Domain.RELATIONS: children.RELATIONS,
    Domain.ADDICTION: adults.ADDICTION,
    Domain.LAW: adults.LAW,
    Domain.SAFETY: children.SAFETY,
}
