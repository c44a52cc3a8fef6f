"""Forming the plan of activities from the difficulties: what the dictionary offers a draft, and adding what was chosen.

Novgorod's practice («Лучшие практики субъектов Российской Федерации», 1.1.2, row 25): the register forms the plan by
itself, the curator edits it. Here nothing is added unseen: the page shows every line, the curator ticks.
"""

import datetime
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cases.models import Activity, PlanTemplate, ProgrammeRevision, TemplateUse
from cases.words import Domain
from sopr import profile
from sopr.accounts.models import Organisation, OrganisationKind
from sopr.calendar import add_working_days
from sopr.errors import Refused


@dataclass(frozen=True)
class Line:
    """A template offered to the draft. `agencies` are those who may do it, the likeliest first."""

    template: PlanTemplate
    agencies: list[Organisation]
    due_on: datetime.date
    cut: bool  # the term ends with the programme
    elsewhere: str = ""  # why it is not ticked beforehand: it is done, or stands in another programme of the case

    @property
    def agency_is_near(self) -> bool:
        """Whether the first agency is of the kind that the template names."""
        return bool(self.agencies) and self.agencies[0].kind == self.template.agency_kind


@dataclass
class DomainOffer:
    """A domain with a difficulty: what is planned already and what the dictionary offers."""

    code: str
    score: int
    evidence: str
    planned: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def title(self) -> str:
        return Domain(self.code).label


def why_not_form(revision) -> str:
    """Why the plan of this draft cannot be formed, in Russian; empty when it can."""
    if not profile.current().has("activity_plan"):
        return "В Вашем регионе план мероприятий составляют вручную."
    if not revision.programme.case.assessments.exists():
        return "Сначала проведите диагностику: план отвечает на трудности, которые она показала."
    return ""


def offer(revision) -> list[DomainOffer]:
    """For each domain with a difficulty the templates that fit and are not in the draft yet, worst domain first.

    A fixed number of statements, however many templates and organisations there are.
    """
    case = revision.programme.case
    assessment = case.assessments.prefetch_related("scores").order_by("done_on", "pk").last()
    if assessment is None:
        return []
    scores = sorted((row for row in assessment.scores.all() if row.score), key=lambda row: -row.score)
    present = _Present(revision)
    directory = _Directory(case)
    today = timezone.localdate()
    periods = case.family.category_periods.filter(since__lte=today).filter(Q(until=None) | Q(until__gte=today))
    categories = {case.primary_category, *periods.values_list("category", flat=True)}
    templates = list(PlanTemplate.objects.offered_to(case.organisation_id).order_by("pk"))
    start = max(revision.since, today)
    offers = []
    for row in scores:
        found = DomainOffer(row.domain, row.score, row.evidence, present.titles(row.domain))
        for template in templates:
            if template.domain != row.domain or not template.fits(row.score, revision.level, categories):
                continue
            if present.has(template):
                continue
            due_on = add_working_days(start, template.within_days)
            found.lines.append(
                Line(
                    template,
                    directory.agencies_for(template.agency_kind),
                    min(due_on, revision.until),
                    due_on > revision.until,
                    present.elsewhere(template),
                )
            )
        offers.append(found)
    return offers


def form_plan(revision, *, by, chosen) -> int:
    """Add to the draft what was `chosen`, pairs (Line, agency), in one act; returns the number of activities added.

    A goal is made once for all its activities: the one of the same words, else the domain's own goal that stood there
    before. What is in the draft already is passed over. Raises Refused for a revision that is no draft and when nothing
    is left to add.
    """
    reason = why_not_form(revision)
    if reason:
        raise Refused(reason)
    with transaction.atomic():
        ProgrammeRevision.objects.select_for_update().get(pk=revision.pk)
        revision.require_draft()
        present = _Present(revision)
        goals = list(revision.goals.order_by("pk"))
        before = {goal.domain: goal for goal in reversed(goals)}
        by_words = {(goal.domain, _plain(goal.text)): goal for goal in goals}
        added = 0
        for line, agency in chosen:
            template = line.template
            if present.has(template):
                continue
            goal = by_words.get((template.domain, _plain(template.goal))) or before.get(template.domain)
            if goal is None:
                goal = revision.add_goal(
                    by=by,
                    domain=template.domain,
                    problem=template.problem,
                    text=template.goal,
                    criterion=template.criterion,
                )
                by_words[template.domain, _plain(template.goal)] = goal
            goal.revision = revision
            activity = goal.add_activity(
                by=by,
                kind=template.kind,
                title=template.title,
                repeats=template.repeats,
                times=template.times,
                agency=agency,
                person=revision.programme.person,
                due_on=line.due_on,
            )
            TemplateUse.objects.create(activity=activity, template=template)
            added += 1
        if not added:
            raise Refused("Добавлять нечего: отметьте хотя бы одно мероприятие, которого ещё нет в проекте.")
        revision.programme.case.log("plan_formed", by=by, revision=revision.pk, activities=added)
    return added


def _plain(text) -> str:
    return " ".join(text.lower().split()).rstrip(".")


class _Present:
    """What the draft, the former revisions and the case's other programmes hold already; one statement."""

    def __init__(self, revision):
        self.revision = revision
        rows = Activity.objects.filter(goal__revision__programme__case=revision.programme.case).select_related(
            "goal__revision__programme__person", "template_use"
        )
        self.own, self.others = [], []
        for activity in rows:
            (self.own if activity.goal.revision_id == revision.pk else self.others).append(activity)

    def titles(self, domain) -> list[str]:
        return [activity.title for activity in self.own if activity.goal.domain == domain]

    def has(self, template) -> bool:
        return any(_same(activity, template) for activity in self.own)

    def elsewhere(self, template) -> str:
        """Where else in the case it stands; what was replaced or not done does not count."""
        for activity in self.others:
            if not _same(activity, template):
                continue
            if activity.state == Activity.State.DONE:
                return f"уже исполнено {activity.done_on:%d.%m.%Y}"
            other = activity.goal.revision.programme
            if other != self.revision.programme and activity.state in Activity.OPEN_STATES:
                return f"есть в программе: {other.person.first_name if other.person else 'вся семья'}"
        return ""


def _same(activity, template) -> bool:
    use = getattr(activity, "template_use", None)
    if use is not None and use.template_id == template.pk:
        return True
    return activity.goal.domain == template.domain and _plain(activity.title) == _plain(template.title)


class _Directory:
    """Organisations by kind: the family's municipality first; who serves it from elsewhere only where it has none."""

    def __init__(self, case):
        self.own = case.organisation
        self.municipality = case.family.municipality_id
        self.by_kind = {}
        for row in Organisation.objects.exclude(kind=OrganisationKind.MINISTRY).order_by("name", "pk"):
            self.by_kind.setdefault(row.kind, []).append(row)

    def agencies_for(self, kind) -> list[Organisation]:
        rows = self.by_kind.get(kind, [])
        near = [row for row in rows if row.municipality_id == self.municipality]
        found = [self.own] if self.own.kind == kind else []
        found += [row for row in near or rows if row != self.own]
        return found if self.own in found else [*found, self.own]
