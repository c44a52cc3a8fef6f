"""What pages read about cases: the family's current case, dates in brief, the load of curators."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.utils import timezone

from cases import duties
from cases.models import (
    Activity,
    Case,
    Clarification,
    Contact,
    ProgrammeRevision,
    StandIn,
    StandInPeriod,
    Visit,
)
from cases.models.querysets import worked_by
from cases.models.standin import stood_in_by
from cases.words import OPEN_STAGES, Domain, Stage
from families.names import number_key
from sopr import profile
from sopr.accounts.models import User
from sopr.accounts.policy import Role
from sopr.obligations.models import Obligation

# Weight of a case that has no level yet: as the lightest level.
WEIGHT_WITHOUT_LEVEL = 1
ATTEMPTS_TO_TELL = 3  # failed attempts in a row after which the curator and the head are told [choice]
_ORDER = {Stage.AFTERCARE: 1, Stage.CLOSED: 2, Stage.REFUSED: 2}


def cases_of_family(family, user) -> list[Case]:
    """The family's cases that `user` may see: the one going on first, then the newest."""
    cases = Case.objects.visible_to(user).filter(family=family).with_people().with_last_contact().with_next_due()
    return sorted(cases.order_by("-opened_on", "-pk"), key=lambda case: _ORDER.get(case.stage, 0))


def keepers_by_case(family_id: int, organisation_id: int):
    """Ids of the curators of the family's open cases in the organisation, and of those who stand in for them today."""
    open_cases = Case.objects.filter(
        family=family_id, organisation=organisation_id, stage__in=(*OPEN_STAGES, Stage.AFTERCARE)
    )
    standing_in = StandInPeriod.objects.on(timezone.localdate()).filter(case__in=open_cases)
    return [
        *open_cases.exclude(curator=None).values_list("curator", flat=True),
        *standing_in.values_list("stand_in__user", flat=True),
    ]


def families_by_case_number(user, number: str) -> dict[int, str]:
    """{family id: the case, in words} for the search box; "" for a case that `user` may not see."""
    cases = {case.pk: case for case in Case.objects.filter(number_key=number_key(number))}
    seen = set(Case.objects.visible_to(user).filter(pk__in=cases).values_list("pk", flat=True)) if cases else set()
    return {case.family_id: f"случай № {case.number}" if case.pk in seen else "" for case in cases.values()}


def cases_kept(organisation_id: int, user_id: int | None):
    """Open cases of the organisation that the curator keeps or stands in for (any curator for None)."""
    open_cases = Case.objects.filter(organisation=organisation_id, stage__in=(*OPEN_STAGES, Stage.AFTERCARE))
    if user_id is None:
        return open_cases.exclude(curator=None)
    return open_cases.filter(Q(curator=user_id) | Q(pk__in=stood_in_by(user_id)))


def standing_in(case) -> StandInPeriod | None:
    """Who stands in for the curator of the case today."""
    return case.stand_in_periods.on(timezone.localdate()).select_related("stand_in__user").first()


def cases_answered_for(user) -> list[int]:
    """Ids of the cases whose curator's obligations are the user's too: he stands in for their curator today."""
    return stood_in_by(user.pk) if user.role == Role.CURATOR else []


def colleague_on(family, user) -> User | None:
    """The curator of the organisation who keeps the family's open case, when `user` may not see that case."""
    if user.organisation_id is None:
        return None
    case = (
        Case.objects.filter(family=family, organisation=user.organisation_id, stage__in=(*OPEN_STAGES, Stage.AFTERCARE))
        .exclude(worked_by(user))
        .select_related("curator")
        .first()
    )
    return case.curator if case else None


@dataclass(frozen=True)
class Load:
    """How much a curator carries: cases in all, weighted by level, overdue obligations.

    `for_others`: cases in which he stands in today; `away`: the stand-ins that go on for him, by their last day.
    """

    curator: User
    cases: int
    weight: int
    by_level: dict
    overdue: int
    for_others: int = 0
    away: tuple = ()


def load_of_curators(organisation_id: int) -> list[Load]:
    """The organisation's curators with their open cases weighted by level's rank, heaviest first.

    A curator who works here no more is among them while cases are still his.
    """
    today = timezone.localdate()
    curators = User.objects.filter(organisation=organisation_id, role=Role.CURATOR)
    standing_in = StandInPeriod.objects.on(today).filter(stand_in__organisation=organisation_id).order_by()
    for_others = dict(standing_in.values_list("stand_in__user").annotate(n=Count("pk")))
    away = {}
    for row in StandIn.objects.on(today).filter(organisation=organisation_id).with_people().order_by("until", "pk"):
        away.setdefault(row.curator_id, []).append(row)
    counted = (
        Case.objects.filter(organisation=organisation_id, stage__in=OPEN_STAGES)
        .order_by()
        .values("curator", "level")
        .annotate(n=Count("pk"))
    )
    overdue = dict(
        Obligation.objects.overdue(today)
        .filter(organisation=organisation_id)
        .order_by()
        .values_list("assignee")
        .annotate(n=Count("pk"))
    )
    by_curator = {}
    for row in counted:
        by_curator.setdefault(row["curator"], {})[row["level"]] = row["n"]
    loads = []
    for curator in curators:
        levels = by_curator.get(curator.pk, {})
        weight = sum(number * weight_of(level) for level, number in levels.items())
        if curator.is_active or levels:
            loads.append(
                Load(
                    curator=curator,
                    cases=sum(levels.values()),
                    weight=weight,
                    by_level=levels,
                    overdue=overdue.get(curator.pk, 0),
                    for_others=for_others.get(curator.pk, 0),
                    away=tuple(away.get(curator.pk, ())),
                )
            )
    return sorted(loads, key=lambda load: (-load.weight, load.curator.last_name, load.curator.pk))


def say_load(load: Load) -> str:
    """The load in words, for a choice of a curator."""
    for_others = f", замещает в {load.for_others}" if load.for_others else ""
    away = f", в отъезде по {load.away[-1].until:%d.%m.%Y}" if load.away else ""
    return f"случаев {load.cases}, нагрузка {load.weight}, просрочено {load.overdue}{for_others}{away}"


def weight_of(level: str) -> int:
    """Weight of one case: the rank of its level in the region's profile."""
    return profile.current().levels[level].rank if level else WEIGHT_WITHOUT_LEVEL


@dataclass(frozen=True)
class DomainRow:
    """A domain of the assessment: the first score beside the last one, and what the programme answers."""

    code: str
    title: str
    first: int | None
    last: int | None
    evidence: str
    covered: bool


def assessment_rows(case, revisions=()) -> list[DomainRow]:
    """Ten domains of the first and the last assessment; `covered`: a goal with an activity in `revisions`."""
    assessments = list(case.assessments.prefetch_related("scores").order_by("done_on", "pk"))
    if not assessments:
        return []
    first = {score.domain: score.score for score in assessments[0].scores.all()}
    last = {score.domain: score for score in assessments[-1].scores.all()}
    planned = {goal.domain for revision in revisions for goal in revision.goals.all() if goal.activities.all()}
    return [
        DomainRow(
            code=code,
            title=Domain(code).label,
            first=first.get(code),
            last=last[code].score if code in last else None,
            evidence=last[code].evidence if code in last else "",
            covered=code in planned,
        )
        for code in Domain.values
    ]


@dataclass(frozen=True)
class Progress:
    """Activities of a programme in counts; the six parts add up to `total`."""

    total: int
    done: int
    reported: int
    planned: int
    overdue: int
    declined: int
    not_done: int

    @property
    def parts(self):
        """(tone, title, number) of the parts that are not empty, for the bar."""
        parts = [
            ("done", "выполнено", self.done),
            ("wait", "на проверке", self.reported),
            ("work", "в работе", self.planned),
            ("over", "просрочено", self.overdue),
            ("back", "отклонено исполнителем", self.declined),
            ("off", "не выполнено", self.not_done),
        ]
        return [part for part in parts if part[2]]


def progress_of(activities, today: datetime.date) -> Progress:
    """Count activities by what became of them; `activities` are read already."""
    states = [("overdue" if activity.is_overdue(today) else activity.state) for activity in activities]
    states = [state for state in states if state not in Activity.GONE_STATES]
    return Progress(
        total=len(states),
        done=states.count(Activity.State.DONE),
        reported=states.count(Activity.State.REPORTED),
        planned=states.count(Activity.State.PLANNED) + states.count(Activity.State.ACCEPTED),
        overdue=states.count("overdue"),
        declined=states.count(Activity.State.DECLINED),
        not_done=states.count(Activity.State.NOT_DONE),
    )


def progress_of_case(case) -> tuple[int, int]:
    """(done, all) of the case's counted activities."""
    row = case.activities.counted().aggregate(all=Count("pk"), done=Count("pk", filter=Q(state=Activity.State.DONE)))
    return row["done"], row["all"]


def revisions_to_read(case) -> list[ProgrammeRevision]:
    """For each programme of the case the revision in force and the draft, with everything to show."""
    revisions = ProgrammeRevision.objects.filter(programme__case=case).exclude(state=ProgrammeRevision.State.SUPERSEDED)
    return list(revisions.for_reading().order_by("programme", "-number"))


@dataclass(frozen=True)
class ProblemBlock:
    """A goal as the page shows it: its domain, the score «было → стало», activities with their state."""

    number: int
    goal: object
    row: DomainRow | None
    activities: list


def programme_context(case, user) -> dict:
    """What the readable programme shows: for each revision its goals with scores and activities, and the counts."""
    today = timezone.localdate()
    revisions = revisions_to_read(case)
    rows = {row.code: row for row in assessment_rows(case, revisions)}
    own = user.role in (Role.CURATOR, Role.HEAD)
    return {"programmes": [describe_revision(revision, rows, today) for revision in revisions], "may_accept": own}


def describe_revision(revision, rows, today) -> dict:
    """One revision for the page: `blocks` problem by problem, `progress` in counts."""
    goals = list(revision.goals.all())
    activities = [activity for goal in goals for activity in goal.activities.all()]
    for activity in activities:
        activity.overdue = activity.is_overdue(today)
    blocks = [
        ProblemBlock(number, goal, rows.get(goal.domain), list(goal.activities.all()))
        for number, goal in enumerate(goals, start=1)
    ]
    return {"revision": revision, "blocks": blocks, "progress": progress_of(activities, today)}


def family_title(family) -> str:
    """«Семья Ковалёвых», whether the card bears «Ковалёва» or «Ковалёвы»."""
    return f"Семья {family.surname_in('gen')}"


def programme_per_member() -> bool:
    """Whether the region makes a programme for each member and not one for the family."""
    return profile.current().programme_per == "member"


def revision_in_force(case) -> ProgrammeRevision | None:
    """The approved revision a contract is attached to, or None."""
    approved = ProgrammeRevision.objects.filter(programme__case=case, state=ProgrammeRevision.State.APPROVED)
    return approved.select_related("programme__case", "programme__person").first()


def activity_titles(obligations) -> dict[int, str]:
    """{id of the obligation: title of the activity it is about}, for those that are about one; two statements."""
    about = {row.pk: row.subject_id for row in obligations if row.kind in duties.OF_ACTIVITIES}
    titles = dict(Activity.objects.filter(pk__in=about.values()).values_list("pk", "title")) if about else {}
    found = {row: titles.get(activity, "") for row, activity in about.items()}
    asked = {row.pk: row.subject_id for row in obligations if row.kind in duties.OF_QUESTIONS}
    if asked:
        questions = Clarification.objects.filter(pk__in=asked.values())
        titles = dict(questions.values_list("pk", "activity__title"))
        found |= {row: titles.get(question, "") for row, question in asked.items()}
    return found


def visits_of(obligations) -> dict[int, Visit]:
    """{id of the obligation: the planned visit it is about}, for those that are about one; one statement."""
    about = {row.pk: row.subject_id for row in obligations if row.kind == duties.VISIT.code}
    visits = Visit.objects.in_bulk(about.values())
    return {row: visits[visit] for row, visit in about.items() if visit in visits}


def contact_due(case) -> Obligation | None:
    """What a contact with the family would fulfil now."""
    return Obligation.objects.about(case).open().filter(kind=duties.CONTACT.code).first()


@dataclass(frozen=True)
class Attempts:
    """Failed attempts in a row since the last real contact of a case."""

    number: int
    last_at: datetime.datetime


def attempts_by_case(case_ids) -> dict[int, Attempts]:
    """{case: attempts since its last real contact}; cases without such attempts are left out. One statement."""
    reached = Contact.objects.filter(case=OuterRef("case"), at__gte=OuterRef("at")).exclude(kind="attempt")
    rows = Contact.objects.filter(case__in=case_ids, kind="attempt").exclude(Exists(reached)).order_by()
    counted = rows.values("case").annotate(number=Count("pk"), last=Max("at"))
    return {row["case"]: Attempts(row["number"], row["last"]) for row in counted}


def attempts_in_a_row(case) -> Attempts | None:
    """Attempts since the last real contact, once there are so many that somebody has to be told."""
    found = attempts_by_case([case.pk]).get(case.pk)
    return found if found and found.number >= ATTEMPTS_TO_TELL else None


def unreached_cases(user) -> list[tuple[Case, Attempts]]:
    """Cases open to `user` whose family could not be reached several times in a row, the longest silence first."""
    going_on = Case.objects.visible_to(user).filter(stage__in=(*OPEN_STAGES, Stage.AFTERCARE))
    found = {pk: row for pk, row in attempts_by_case(going_on).items() if row.number >= ATTEMPTS_TO_TELL}
    cases = Case.objects.filter(pk__in=found).select_related("family", "curator") if found else ()
    return sorted(((case, found[case.pk]) for case in cases), key=lambda pair: (-pair[1].number, pair[0].pk))
