"""People of a case as papers name them."""

import datetime
from types import SimpleNamespace

from django.utils import timezone

from families.models import FamilyMembership, Person
from sopr.documents.names import Name


def members_of(case, people=None):
    """Memberships of the persons the case covers now (or of `people`), adults first."""
    covered = people if people is not None else case.members.now().values("person")
    rows = case.family.memberships.valid_on(timezone.localdate()).filter(person__in=covered).select_related("person")
    return sorted(rows, key=lambda row: (row.person.birth_on or datetime.date.max, row.pk))


def member_row(member) -> dict:
    person = member.person
    return {
        "full": person.full_name,
        "born_on": person.birth_on,
        "relation": member.get_relation_display(),
        "occupation": ", ".join(filter(None, (person.get_employment_display(), person.occupation))),
    }


def children_of(members) -> list:
    """Children under eighteen among the members."""
    children = [member.person for member in members if member.relation == FamilyMembership.Relation.CHILD]
    return [child for child in children if (child.age or 0) < 18]


def representative_of(members):
    adults = [member for member in members if member.is_representative]
    adults += [member for member in members if member.relation in FamilyMembership.REPRESENTATIVES]
    return adults[0] if adults else None


def adult_of(case):
    """Who stands for the family on paper: the representative the case covers, else the one in the family."""
    covered = representative_of(members_of(case))
    if covered is not None:
        return covered
    present = case.family.members_on(timezone.localdate())
    return representative_of(members_of(case, present.values("person")))


def family_signer_of(adult) -> dict:
    if adult is None:
        return {"relation": "", "person": Name(Person())}
    relation = "" if adult.relation == FamilyMembership.Relation.OTHER else adult.get_relation_display()
    return {"relation": relation, "person": Name(adult.person)}


def curator_row(case):
    curator = case.curator
    if curator is None:
        return None
    name = Name(curator)
    return {"full": name.full, "sign": name.sign, "post": curator.post, "phone": curator.phone}


def head_of(organisation) -> dict:
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


def signers_of(case) -> list[dict]:
    signers = []
    if case.organisation.director_name:
        director = head_of(case.organisation)
        signers.append({"post": director["post"], "sign": director["person"].sign})
    if case.curator:
        signers.append({"post": "Куратор семьи", "sign": Name(case.curator).sign})
    return signers


def signer_of(case) -> dict:
    """The director, who signs letters."""
    director = head_of(case.organisation)
    return {"post": director["post"], "sign": director["person"].sign if case.organisation.director_name else ""}


def executor_of(case) -> dict | None:
    """The curator as the one who made the letter; the organisation's telephone where he has none."""
    curator = curator_row(case)
    return curator and {"full": curator["full"], "phone": curator["phone"] or case.organisation.phone}


def identity_of(case, person_id) -> str:
    application = case.family.applications.filter(applicant=person_id).exclude(document="").first()
    return application.document if application else ""
