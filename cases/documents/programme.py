"""The programme (ИПСС) on paper; one that no council has approved prints with ПРОЕКТ."""

import datetime

from cases import deciders
from cases.comparison import compare
from cases.documents.people import (
    adult_of,
    curator_row,
    family_signer_of,
    member_row,
    members_of,
    representative_of,
    signers_of,
)
from cases.models import ProgrammeRevision
from cases.words import Domain, HelpKind
from families.documents import organisation_context
from sopr import profile
from sopr.calendar import add_working_days
from sopr.documents.names import Name, given_name
from sopr.documents.pdf import DRAFT
from sopr.documents.registry import Document, register

REVIEWS_PRINTED = 6
REASSESS_WORKING_DAYS = 10  # repeated assessment before the programme ends [choice]
MAX_SCORE = 4
HELP_TITLES = {code: f"{title.capitalize()} помощь" for code, title in HelpKind.choices}
OPINION_AGE = 10  # from this age the child's opinion must be taken into account (Family Code, article 57)


def programme_context(revision) -> dict:
    """ProgrammeRevision → context of documents/programme.html."""
    case, person = revision.programme.case, revision.programme.person
    members = members_of(case, [person.pk] if person else None)
    adult = representative_of(members) or adult_of(case)
    goals = list(revision.goals.all())
    codes = {goal.pk: f"Ц{number}" for number, goal in enumerate(goals, start=1)}
    assessment = _assessment_of(revision)
    scores = {score.domain: score.score for score in assessment.scores.all()} if assessment else {}
    return {
        "organisation": organisation_context(case.organisation),
        "status": DRAFT if revision.state == ProgrammeRevision.State.DRAFT else "",
        "number": revision.programme.number,
        "revision": revision.number,
        "case_number": case.number,
        "approved": _approved(revision),
        "council_gen": profile.current().council_title.said_genitive,
        "subject": Name(person) if person else None,
        "family": case.family.surname,
        "address": "" if case.family.address_hidden else case.family.address,
        "basis": _basis(case, assessment),
        "category": case.get_primary_category_display(),
        "form": f"{case.get_form_display()} форма",
        "level": revision.get_level_display(),
        "since": revision.since,
        "until": revision.until,
        "term": "",
        "curator": curator_row(case),
        "members": [member_row(member) for member in members],
        "rows": _problem_rows(goals, codes, scores),
        "picture": _picture(assessment),
        "spheres_without": [Domain(code).label for code, score in scores.items() if score == 0],
        "score": {"sum": sum(scores.values()), "max": MAX_SCORE * len(Domain)} if scores else {},
        "resources": revision.resources.strip(),
        "duties": [line.strip(" ;.") for line in revision.duties.splitlines() if line.strip()],
        "reviews": _review_dates(revision),
        "reassess_on": add_working_days(revision.until, -REASSESS_WORKING_DAYS),
        "decide_by": revision.until,
        "signers": signers_of(case),
        "family_signer": family_signer_of(adult),
        "child_opinions": [
            {"name_gen": given_name(member.person, "gen"), "age": member.person.age}
            for member in members
            if member.person.age is not None and OPINION_AGE <= member.person.age < 18 and member.person.first_name
        ],
        "plan": _plan(goals, codes),
    }


def _approved(revision):
    if revision.approved_on is None:
        return None
    return {
        "council_gen": deciders.council_gen(revision.decision),
        "text": revision.basis or f"решение от {revision.approved_on:%d.%m.%Y}",
    }


def _basis(case, assessment) -> list[str]:
    application = case.family.applications.filter(organisation=case.organisation_id).first()
    survey = case.family.home_surveys.filter(organisation=case.organisation_id).first()
    found = []
    if application:
        found.append(f"заявление от {application.received_on:%d.%m.%Y}")
    if survey:
        found.append(f"акт обследования от {survey.done_on:%d.%m.%Y}")
    if assessment:
        found.append(f"диагностика от {assessment.done_on:%d.%m.%Y}")
    return found


def _assessment_of(revision):
    """The assessment the revision answers: the last one before its approval, or the last one of a draft's case."""
    assessments = revision.programme.case.assessments.prefetch_related("scores").order_by("done_on", "pk")
    if revision.approved_on:
        return assessments.filter(done_on__lte=revision.approved_on).last() or assessments.first()
    return assessments.last()


def _picture(assessment):
    """The profile of the assessment beside the first one of the case, where there was one before."""
    if assessment is None:
        return ""
    first = assessment.case.assessments.prefetch_related("scores").order_by("done_on", "pk").first()
    return compare(assessment, None if first == assessment else first).picture_of_troubles


def _problem_rows(goals, codes, scores) -> list[dict]:
    """One row a domain, worst first; a domain with a score but no goal is printed too."""
    by_domain = {}
    for goal in goals:
        by_domain.setdefault(goal.domain, []).append(goal)
    domains = [code for code in Domain.values if code in by_domain or scores.get(code)]
    domains.sort(key=lambda code: -(scores.get(code) or 0))
    return [
        {
            "sphere": Domain(code).label.capitalize(),
            "score": scores.get(code),
            "problem": "; ".join(dict.fromkeys(goal.problem for goal in by_domain.get(code, []))),
            "goals": [
                {"code": codes[goal.pk], "text": goal.text, "criterion": goal.criterion}
                for goal in by_domain.get(code, [])
            ],
        }
        for code in domains
    ]


def _plan(goals, codes) -> list[dict]:
    """Activities by kind of help, numbered through the whole plan."""
    rows = [(activity, codes[goal.pk]) for goal in goals for activity in goal.activities.all()]
    number, plan = 0, []
    for kind in HelpKind.values:
        group = []
        for activity, code in rows:
            if activity.kind == kind:
                number += 1
                group.append(_activity(number, activity, code))
        if group:
            plan.append({"kind": HELP_TITLES[kind], "activities": group})
    return plan


def _activity(number, activity, code) -> dict:
    return {
        "n": number,
        "text": f"{activity.title} ({activity.get_repeats_display()}, занятий: {activity.times})"
        if activity.repeats
        else activity.title,
        "goals": [code],
        "for_whom": activity.person.first_name if activity.person else "",
        "agency": str(activity.agency),
        "executor": "",
        "due_on": activity.due_on,
        "result": _result(activity),
    }


def _result(activity) -> str:
    if activity.state == activity.State.DONE:
        return f"{activity.done_on:%d.%m.%Y}, выполнено"
    if activity.state == activity.State.NOT_DONE:
        return f"не выполнено: {activity.get_not_done_reason_display()}"
    return ""


def _review_dates(revision) -> list[datetime.date]:
    level = profile.current().levels.get(revision.level)
    dates, day = [], revision.since
    while level and len(dates) < REVIEWS_PRINTED:
        day = level.review.after(day)
        if day >= revision.until:
            break
        dates.append(day)
    return dates


PROGRAMME = register(
    Document(
        code="programme",
        title="Индивидуальная программа социального сопровождения",
        template="documents/programme.html",
        context=programme_context,
        long=True,
        file_name=lambda revision: f"programma-{revision.programme_id}-redaktsiya-{revision.number}",
    )
)
