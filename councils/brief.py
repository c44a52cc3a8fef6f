"""The case in brief, as a council may see it: no informant, address, health, psychologist's notes (domain.md §5)."""

from dataclasses import dataclass, field
from itertools import pairwise

from django.db.models import Count, Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from cases import revision_diff
from cases.models import Activity, Assessment, Programme, ProgrammeRevision, Review
from families.models import FamilyMembership
from sopr.documents.templatetags.doc import counted

CHILDREN = {2: "двое", 3: "трое", 4: "четверо", 5: "пятеро", 6: "шестеро"}


@dataclass
class DomainLine:
    """One problem domain: its score 0–4 in the first and in the latest assessment (None = assessed once)."""

    title: str
    first: int
    now: int | None


@dataclass
class Brief:
    item: object
    children: str = ""
    adults: list = field(default_factory=list)
    domains: list = field(default_factory=list)
    first: object = None
    latest: object = None
    first_sum: int = 0
    latest_sum: int = 0
    goals: list = field(default_factory=list)
    differences: list = field(default_factory=list)  # of each proposed revision from the one before it
    activities: dict = field(default_factory=dict)
    review: object = None
    closure: object = None

    @property
    def case(self):
        return self.item.case


def briefs(items) -> dict:
    """{item.pk: Brief} for questions to a council; as many queries for forty items as for one."""
    items = list(items)
    _prefetch(items)
    counts = _activities([item.case_id for item in items])
    return {item.pk: _brief(item, counts.get(item.case_id, {})) for item in items}


def _prefetch(items):
    today = timezone.localdate()
    prefetch_related_objects(
        items,
        Prefetch(
            "case__family__memberships",
            FamilyMembership.objects.valid_on(today).select_related("person"),
            to_attr="current",
        ),
        Prefetch("case__assessments", Assessment.objects.prefetch_related("scores"), to_attr="all_assessments"),
        Prefetch("case__reviews", Review.objects.order_by("-done_on", "-pk"), to_attr="all_reviews"),
        Prefetch(
            "case__programmes",
            Programme.objects.prefetch_related(Prefetch("revisions", ProgrammeRevision.objects.for_reading())),
            to_attr="all_programmes",
        ),
        "revisions",
    )


def _activities(cases) -> dict:
    """{case id: done, total, overdue} of the activities in force."""
    rows = (
        Activity.objects.counted()
        .filter(case__in=cases)
        .order_by()
        .values("case")
        .annotate(
            total=Count("pk"),
            done=Count("pk", filter=Q(state=Activity.State.DONE)),
            overdue=Count("pk", filter=Q(state__in=Activity.TO_DO_STATES, due_on__lt=timezone.localdate())),
        )
    )
    return {row["case"]: row for row in rows}


def _brief(item, activities) -> Brief:
    case = item.case
    brief = Brief(item, activities=activities)
    ages = []
    for membership in case.family.current:
        if membership.relation == FamilyMembership.Relation.CHILD:
            ages.append(membership.person.age)
        else:
            brief.adults.append((membership.get_relation_display(), membership.person.full_name))
    brief.children = _children(ages)
    _assess(brief, case.all_assessments)
    brief.goals = _goals(item)
    brief.differences = _differences(item)
    brief.review = case.all_reviews[0] if case.all_reviews else None
    brief.closure = getattr(case, "closure", None)
    return brief


def _assess(brief, assessments):
    if not assessments:
        return
    brief.first, latest = assessments[0], assessments[-1]
    brief.latest = latest if latest is not brief.first else None
    now = {score.domain: score.score for score in latest.scores.all()}
    for score in brief.first.scores.all():
        brief.first_sum += score.score
        brief.latest_sum += now.get(score.domain, 0)
        if score.score or now.get(score.domain):
            line_now = now.get(score.domain) if brief.latest else None
            brief.domains.append(DomainLine(score.get_domain_display(), score.score, line_now))


def _goals(item) -> list:
    """Goals of the revisions put to the council; of those in force when none are."""
    proposed = {revision.pk for revision in item.revisions.all()}
    revisions = [revision for programme in item.case.all_programmes for revision in programme.revisions.all()]
    shown = [revision for revision in revisions if revision.pk in proposed] or [
        revision for revision in revisions if revision.state == "approved"
    ]
    return [goal for revision in shown for goal in revision.goals.all()]


def _differences(item) -> list:
    """What each revision put to the council changes in the one before it."""
    proposed = {revision.pk for revision in item.revisions.all()}
    found = []
    for programme in item.case.all_programmes:
        revisions = sorted(programme.revisions.all(), key=lambda revision: revision.number)
        for old, new in pairwise(revisions):
            if new.pk in proposed:
                found.append(revision_diff.compare(old, new, revisions))
    return found


def _children(ages) -> str:
    """«двое детей: 14 и 9 лет», «ребёнок, 7 лет»; ages that are not known are left out."""
    if not ages:
        return ""
    known = sorted((age for age in ages if age is not None), reverse=True)
    words = [str(age) for age in known[:-1]]
    last = counted(known[-1], "год,года,лет") if known else ""
    listed = f"{', '.join(words)} и {last}" if words else last
    if len(ages) == 1:
        return f"ребёнок, {listed}" if listed else "один ребёнок"
    head = f"{CHILDREN.get(len(ages), len(ages))} детей"
    return f"{head}: {listed}" if listed else head
