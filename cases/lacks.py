"""What papers a case still lacks, by what is lacking, so that a page can send to where it is made (domain.md §2)."""

import datetime

from django.db.models import Q
from django.utils import timezone

from sopr import profile


def for_opening(family, organisation) -> dict[str, str]:
    """Why no case of `family` may be opened: «open_case», «category», «application», «consent», «members» → phrase."""
    today = timezone.localdate()
    lacking = {}
    if family.cases.filter(organisation=organisation).open().exists():
        lacking["open_case"] = "у семьи уже есть открытый случай в Вашей организации"
    if not family.primary_category_on(today):
        lacking["category"] = "не указана основная категория семьи"
    if not family.applications.filter(organisation=organisation).exists():
        lacking["application"] = "нет письменного заявления семьи"
    consented = set(
        family.consents.filter(operator=organisation, withdrawn_on=None)
        .filter(Q(until=None) | Q(until__gte=today))
        .values_list("subject_id", flat=True)
    )
    members = list(family.members_on(today))
    without = [member.person.full_name for member in members if member.person_id not in consented]
    if without:
        lacking["consent"] = "нет согласия на обработку данных: " + ", ".join(without)
    if not members:
        lacking["members"] = "не указан состав семьи"
    return lacking


def for_council(case) -> dict[str, list[str]]:
    """What the pack lacks: «survey», «assessment», «programme», «goals» → phrases (domain.md §2, row 3)."""
    lacking = {}
    if not case.family.home_surveys.filter(organisation=case.organisation_id).exists():
        lacking["survey"] = ["нет акта обследования условий жизни"]
    assessment = case.assessments.order_by("done_on", "pk").last()
    if assessment is None:
        lacking["assessment"] = ["не проведена диагностика"]
    revisions = list(case.draft_revisions().select_related("programme__person"))
    if not revisions:
        lacking["programme"] = ["не составлен проект ИПСС"]
    if assessment is not None and revisions:
        without = assessment.domains_without_plan(revisions)
        if without:
            lacking["goals"] = without
    return lacking


def contracts(case) -> list:
    """Kinds of contract the region makes with a family that are not in force in this case."""
    there = set(case.contracts.filter(terminated_on=None).values_list("kind", flat=True))
    return [kind for kind in profile.current().contracts if kind.code not in there]


def contracts_to_sign(case) -> list:
    """Kinds that may be signed now: not in force, or ending within the days of the reminder, so that none lapses."""
    soon = timezone.localdate() + datetime.timedelta(days=max(profile.current().deadlines.term_remind_days))
    held = set(case.contracts.filter(terminated_on=None, until__gt=soon).values_list("kind", flat=True))
    return [kind for kind in profile.current().contracts if kind.code not in held]
