"""Printed documents of casework: the programme and the contract. An unapproved programme prints with ПРОЕКТ."""

import datetime
from types import SimpleNamespace

import qrcode
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from qrcode.image.svg import SvgPathImage

from cases.models import ProgrammeRevision, Survey
from cases.models.survey import MOST
from cases.words import Domain, HelpKind
from families.documents import organisation_context
from families.models import FamilyMembership, Person
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
    members = _members(case, [person.pk] if person else None)
    adult = _representative(members)
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
        "council_gen": profile.current().council_title.short_genitive.lower(),
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
        "curator": _curator(case),
        "members": [_member(member) for member in members],
        "rows": _problem_rows(goals, codes, scores),
        "spheres_without": [Domain(code).label for code, score in scores.items() if score == 0],
        "score": {"sum": sum(scores.values()), "max": MAX_SCORE * len(Domain)} if scores else {},
        "resources": revision.resources.strip(),
        "duties": [line.strip(" ;.") for line in revision.duties.splitlines() if line.strip()],
        "reviews": _review_dates(revision),
        "reassess_on": add_working_days(revision.until, -REASSESS_WORKING_DAYS),
        "decide_by": revision.until,
        "signers": _signers(case),
        "family_signer": _family_signer(adult),
        "child_opinions": [
            {"name_gen": given_name(member.person, "gen"), "age": member.person.age}
            for member in members
            if member.person.age is not None and OPINION_AGE <= member.person.age < 18 and member.person.first_name
        ],
        "plan": _plan(goals, codes),
    }


def contract_context(contract) -> dict:
    """Contract → context of documents/contract.html."""
    case, revision = contract.case, contract.revision
    region = profile.current()
    level = region.levels.get(case.level or revision.level)
    members = _members(case)
    own = next((member for member in members if member.person_id == contract.party_id), None)
    children = [member.person for member in members if member.relation == FamilyMembership.Relation.CHILD]
    family = case.family
    return {
        "organisation": organisation_context(case.organisation),
        "status": "",
        "number": contract.number,
        "signed_on": contract.signed_on,
        "place": case.organisation.municipality.name if case.organisation.municipality else "",
        "since": contract.signed_on,
        "until": contract.until,
        "head": _head(case.organisation),
        "party": {
            "person": Name(contract.party),
            "relation": own.get_relation_display() if own else "",
            "born_on": contract.party.birth_on,
            "address": "" if family.address_hidden else family.address,
            "document": _identity(case, contract.party_id),
        },
        "children_gen": [Name(child).full_gen for child in children if (child.age or 0) < 18],
        "programme": {"number": revision.programme.number, "revision": revision.number},
        "minutes": {"council_gen": region.council_title.short_genitive.lower(), "text": revision.basis},
        "level": revision.get_level_display(),
        "curator": _curator(case),
        "visit_every": EVERY_GEN.get(level.contact, "") if level else "",
        "review_every": EVERY.get(level.review, "") if level else "",
        "ministry": region.ministry.title,
        "region_gen": region.title_genitive,
        "case_number": case.number,
    }


# «не реже одного раза в две недели», «раз в месяц»: the intervals that profiles use, in words.
EVERY_GEN = {
    profile.Interval(weeks=1): "одного раза в неделю",
    profile.Interval(weeks=2): "одного раза в две недели",
    profile.Interval(weeks=4): "одного раза в четыре недели",
    profile.Interval(months=1): "одного раза в месяц",
}
EVERY = {
    profile.Interval(weeks=1): "раз в неделю",
    profile.Interval(weeks=2): "раз в две недели",
    profile.Interval(months=1): "раз в месяц",
    profile.Interval(months=3): "раз в три месяца",
}


def _approved(revision):
    if revision.approved_on is None:
        return None
    return {
        "council_gen": profile.current().council_title.short_genitive.lower(),
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


def _members(case, people=None):
    """Memberships of the persons the case covers (or of `people`), adults first."""
    covered = people if people is not None else case.members.values_list("person", flat=True)
    rows = case.family.memberships.valid_on(timezone.localdate()).filter(person__in=covered).select_related("person")
    return sorted(rows, key=lambda row: (row.person.birth_on or datetime.date.max, row.pk))


def _member(member) -> dict:
    person = member.person
    return {
        "full": person.full_name,
        "born_on": person.birth_on,
        "relation": member.get_relation_display(),
        "occupation": ", ".join(filter(None, (person.get_employment_display(), person.occupation))),
    }


def _representative(members):
    adults = [member for member in members if member.is_representative]
    adults += [member for member in members if member.relation in FamilyMembership.REPRESENTATIVES]
    return adults[0] if adults else None


def _family_signer(adult) -> dict:
    if adult is None:
        return {"relation": "", "person": Name(Person())}
    return {"relation": adult.get_relation_display(), "person": Name(adult.person)}


def _assessment_of(revision):
    """The assessment the revision answers: the last one before its approval, or the last one of a draft's case."""
    assessments = revision.programme.case.assessments.prefetch_related("scores").order_by("done_on", "pk")
    if revision.approved_on:
        return assessments.filter(done_on__lte=revision.approved_on).last() or assessments.first()
    return assessments.last()


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
        "text": activity.title,
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


def _curator(case):
    curator = case.curator
    if curator is None:
        return None
    name = Name(curator)
    return {"full": name.full, "sign": name.sign, "post": curator.post, "phone": curator.phone}


def _head(organisation) -> dict:
    """The director as he signs; the post stands in the nominative where its other forms are not known."""
    post = organisation.director_post or "Директор"
    forms = {"post_gen": "директора", "post_dat": "директору"} if post.lower() == "директор" else {}
    return {
        "post": post,
        "post_gen": forms.get("post_gen", f"руководителя ({post.lower()})"),
        "post_dat": forms.get("post_dat", ""),
        "person": Name(_parse_name(organisation.director_name)),
    }


def _parse_name(full_name: str):
    parts = [*full_name.split(), "", "", ""]
    return SimpleNamespace(last_name=parts[0], first_name=parts[1], patronymic=parts[2], sex="")


def _signers(case) -> list[dict]:
    signers = []
    if case.organisation.director_name:
        director = _head(case.organisation)
        signers.append({"post": director["post"], "sign": director["person"].sign})
    if case.curator:
        signers.append({"post": "Куратор семьи", "sign": Name(case.curator).sign})
    return signers


def _identity(case, person_id) -> str:
    application = case.family.applications.filter(applicant=person_id).exclude(document="").first()
    return application.document if application else ""


def survey_context(invitation, *, address) -> dict:
    """SurveyInvitation → context of documents/survey.html; `address` is where the code is typed, without the code."""
    code = qrcode.make(f"{address}#{invitation.code}", image_factory=SvgPathImage, border=0)
    return {
        "organisation": organisation_context(invitation.case.organisation),
        "status": "",
        "qr": mark_safe(code.to_string(encoding="unicode")),
        "address": address.split("://", 1)[1],
        "code": invitation.printed_code,
        "valid_until": invitation.valid_until,
        "scores": range(MOST + 1),
        "questions": [capfirst(Survey._meta.get_field(name).verbose_name) for name in Survey.QUESTIONS],
        "changes": Survey.Change.labels,
        "respondents": Survey.Respondent.labels,
    }


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
CONTRACT = register(
    Document(
        code="contract",
        title="Договор о социальном сопровождении",
        template="documents/contract.html",
        context=contract_context,
        file_name=lambda contract: f"dogovor-{contract.pk}",
    )
)
SURVEY = register(
    Document(
        code="survey",
        title="Анкета удовлетворённости",
        template="documents/survey.html",
        context=survey_context,
        file_name=lambda invitation: f"anketa-{invitation.pk}",
    )
)
