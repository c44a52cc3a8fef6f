"""Cases of generated families: who keeps them, levels, contacts, activities, what falls due, questions to councils."""

import datetime
from functools import cache

from django.urls import reverse
from django.utils import timezone

from cases import duties
from cases.models import (
    Activity,
    AftercareCheck,
    Case,
    CaseEvent,
    CaseMember,
    Contact,
    CuratorAssignment,
    LevelPeriod,
)
from cases.words import ClosureReason, HelpKind, Level, Outcome, Stage
from councils.models import AgendaItem
from councils.words import Question
from sopr import profile
from sopr.demo.bulk.tables import save
from sopr.obligations.models import Obligation

WITH_CASE = 0.45  # of the families
STAGES = {
    Stage.CLOSED: 44, Stage.ACTIVE: 38, Stage.ASSESSMENT: 7, Stage.AFTERCARE: 5, Stage.COUNCIL: 4, Stage.SUSPENDED: 2,
}  # fmt: skip
AGENDA = 20  # of the first questions to a council every second is on its next agenda; the others wait in the queue
LEVELS = {Level.BASIC: 60, Level.ADAPTATION: 10, Level.CRISIS: 25, Level.EMERGENCY: 5}


class Casework:
    def __init__(self, rng, bodies, counters, today):
        self.rng, self.bodies, self.counters, self.today = rng, bodies, counters, today
        self.levels = profile.current().levels

    def write(self, families, members, referrals) -> list[Case]:
        """Cases of a share of `families`; an accepted signal has always led to one. Returns the saved cases."""
        cases = [
            self._case(family, referrals.get(family.pk))
            for family in families
            if family.pk in referrals or self.rng.random() < WITH_CASE
        ]
        save(Case, cases)
        save(CaseMember, [CaseMember(case=case, person=person) for case in cases for person in members[case.family_id]])
        save(
            CuratorAssignment,
            [CuratorAssignment(case=c, user=c.curator, since=c.opened_on, until=c.closed_on) for c in cases],
        )
        save(
            CaseEvent,
            [CaseEvent(case=case, kind="opened", happened_on=case.opened_on, by=case.curator) for case in cases]
            + [
                CaseEvent(case=case, kind="accepted", happened_on=case.accepted_on, by=case.curator)
                for case in cases
                if case.accepted_on
            ],
        )
        save(
            LevelPeriod,
            [
                LevelPeriod(case=case, level=case.last_level, since=case.accepted_on, until=case.closed_on,
                            term_on=self.levels[case.last_level].ends_on(case.accepted_on))
                for case in cases
                if case.accepted_on
            ],
        )  # fmt: skip
        self._contacts([case for case in cases if case.accepted_on])
        self._dues(cases)
        self._questions([case for case in cases if case.stage == Stage.COUNCIL])
        return cases

    def _case(self, family, referral) -> Case:
        stage = self.rng.choices(list(STAGES), weights=STAGES.values())[0]
        accepted, closed = self._dates(stage)
        opened = (accepted or self.today) - datetime.timedelta(days=self.rng.randint(0, 20))
        level = self.rng.choices(list(LEVELS), weights=LEVELS.values())[0]
        present = stage in (Stage.ACTIVE, Stage.SUSPENDED)
        case = Case(
            number=f"{opened.year}-{self.counters.next('case', opened.year):04d}",
            family=family,
            organisation=family.centre,
            stage=stage,
            ground=self.rng.choice(("appeal", "appeal", "sop", "social_contract", "other")),
            primary_category=family.category,
            curator=family.by,
            level=level if present else "",
            level_term_on=self.levels[level].ends_on(accepted) if present else None,
            opened_on=opened,
            accepted_on=accepted,
            closed_on=closed,
            outcome=self.rng.choice(Outcome.values) if closed else "",
            closure_reason=self.rng.choice(ClosureReason.values) if closed else "",
            referral=referral,
        )
        case.fill_keys()
        case.last_level = level
        return case

    def _dates(self, stage) -> tuple[datetime.date | None, datetime.date | None]:
        """Days of acceptance and of closing, as the stage has them."""
        if stage in (Stage.ASSESSMENT, Stage.COUNCIL):
            return None, None
        if stage not in (Stage.CLOSED, Stage.AFTERCARE):
            return self._ago(1, 160), None
        closed = self._ago(30, 1000) if stage == Stage.CLOSED else self._ago(5, 120)
        return closed - datetime.timedelta(days=self.rng.randint(60, 400)), closed

    def _ago(self, low, high) -> datetime.date:
        """A day between `low` and `high` days before today."""
        return self.today - datetime.timedelta(days=self.rng.randint(low, high))

    def _contacts(self, cases):
        now = timezone.now()
        save(
            Contact,
            [
                Contact(case=case, kind=kind, summary="Семья на связи, договорились о следующей встрече.", by=case.curator,
                        at=now - datetime.timedelta(days=self.rng.randint(1, 60), minutes=self.rng.randint(0, 600)))
                for case in cases
                for kind in (Contact.Kind.VISIT, Contact.Kind.PHONE)
            ],
        )  # fmt: skip

    def _dues(self, cases):
        """The open obligations that the stage calls for, as cases.terms would have left them."""
        rows = []
        for case in cases:
            if case.stage == Stage.ASSESSMENT:
                rows.append(self._due(duties.ASSESSMENT, case, self._soon(), "cases:case-detail"))
            elif case.stage == Stage.ACTIVE:
                rows.append(self._due(duties.CONTACT, case, self._soon(), "cases:contact-new"))
                rows.append(self._due(duties.REVIEW, case, self._soon(), "cases:review-new"))
                rows.append(self._due(duties.LEVEL_TERM, case, case.level_term_on, "cases:case-detail"))
        checks = [
            AftercareCheck(case=case, due_on=self._soon() + datetime.timedelta(days=60))
            for case in cases
            if case.stage == Stage.AFTERCARE
        ]
        save(AftercareCheck, checks)
        rows += [self._due(duties.AFTERCARE, row.case, row.due_on, "cases:aftercare-check", row.pk) for row in checks]
        activities = [self._activity(case) for case in cases if case.stage == Stage.ACTIVE]
        save(Activity, activities)
        for activity in activities:
            title = f"{duties.ACTIVITY_REPORT.title} № {activity.pk}"
            row = self._due(
                duties.ACTIVITY_REPORT, activity.case, activity.due_on, "cases:activity-report", activity.pk
            )
            row.subject_type, row.subject_id, row.title = activity._meta.label_lower, activity.pk, title
            row.organisation, row.assignee, row.case_id, row.family_id = activity.agency, None, None, None
            rows.append(row)
        save(Obligation, rows)

    def _soon(self) -> datetime.date:
        """Mostly ahead; one in ten is late."""
        return self.today + datetime.timedelta(days=self.rng.choices((-5, 2, 9, 20), weights=(10, 30, 30, 30))[0])

    def _due(self, duty, case, due_on, page, pk=None) -> Obligation:
        return Obligation(
            kind=duty.code, subject_type=case._meta.label_lower, subject_id=case.pk, case_id=case.pk,
            family_id=case.family_id, title=f"{duty.title}: случай № {case.number}",
            path=reverse(page, args=[pk or case.pk]), organisation=case.organisation, assignee=case.curator,
            due_on=due_on, remind_on=_remind_on(duty, due_on),
        )  # fmt: skip

    def _activity(self, case) -> Activity:
        return Activity(
            case=case, kind=HelpKind.MEDICAL, title="Осмотр ребёнка у педиатра",
            agency=self.bodies.clinics[case.family.municipality_id], due_on=self._soon(),
        )  # fmt: skip

    def _questions(self, cases):
        rows = []
        for case in cases:
            council = self.bodies.councils[case.family.municipality_id]
            place = self.counters.next(f"bulk-agenda:{council.pk}")
            scheduled = place % 2 == 1 and place < AGENDA
            rows.append(
                AgendaItem(
                    council=council, case=case, question=Question.RECOGNISE, level=case.last_level,
                    meeting=self.bodies.meetings[council.pk] if scheduled else None,
                    position=place if scheduled else 0, proposed_by=case.curator,
                    state=AgendaItem.State.SCHEDULED if scheduled else AgendaItem.State.QUEUED,
                )
            )  # fmt: skip
        save(AgendaItem, rows)


@cache
def _remind_on(duty, due_on) -> datetime.date:
    """The same for every obligation of a kind due on a day: working days are counted once."""
    return duty.remind_on(due_on)
