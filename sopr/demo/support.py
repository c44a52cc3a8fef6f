"""Support act by act: contract, contacts, reviews, activities, changes of level, things that happen on the way."""

import heapq
import itertools

from cases.models import Activity, Case, CaseMember, Contact, Contract, ContractCopy, Review, Survey, SurveyInvitation
from cases.words import SUPPORTED_STAGES, Domain, Level, Stage
from councils.models import AgendaItem
from councils.words import Question
from families.models import ChildEvent
from sopr import profile
from sopr.accounts.models import OrganisationKind
from sopr.calendar import add_months, add_working_days
from sopr.demo import names, particulars, phrases
from sopr.demo.agencies import Agencies
from sopr.demo.intake import time_of_visit
from sopr.demo.plots import last_workday
from sopr.demo.tatarstan import Practices
from sopr.demo.texts import TEXTS
from sopr.demo.timeline import DAY, moment, workday
from sopr.errors import Refused

RANK = {Level.BASIC: 1, Level.ADAPTATION: 2, Level.CRISIS: 3, Level.EMERGENCY: 4}
BEFORE_TERM = 38 * DAY  # a question goes to the council so long before the level's term ends
WORSE_AFTER = 85 * DAY
RECENT = 75 * DAY  # acts older than that are told in less detail: every other contact
FORGOTTEN = 35 * DAY  # an activity is not left without an answer for longer
LAZY = 26 * DAY  # so long nothing has been written down about a family marked «late»
Conclusion = Review.Conclusion


class Support(Practices, Agencies):
    """Parts of a life from the council's decision on. `Life` puts them in order."""

    def propose(self, question, summary, level=""):
        return AgendaItem.propose(
            self.case, by=self.curator, council=self.place.council, question=question, level=level, summary=summary
        )

    def reload(self):
        """Read the case anew if a council has decided about it; every other act is our own, on this very object."""
        if self.case.pk in self.scene.decided_cases:
            self.scene.decided_cases.discard(self.case.pk)
            family, centre = self.family, self.centre
            self.case = Case.objects.select_related("curator").get(pk=self.case.pk)
            self.case.family, self.case.organisation = family, centre
        return self.case

    # -- support -----------------------------------------------------------------------------------------------------

    def support(self):
        """Act after act while the family is on support: the earliest first, each act plans what follows it."""
        self.acts, self.order = [], itertools.count()
        self.step, self.pending, self.promised = 0, None, set()
        self.plan(add_working_days(self.scene.day, self.rng.randint(1, 5)), self.sign_contract)
        self.plan_contact()
        self.plan_review()
        self.plan_activities()
        self.plan_turn()
        self.plan_incidents()
        if self.plot.ending:
            self.plan(self.put_on + self.plot.supported_days * DAY, self.finish)
        while self.acts:
            at, _order, act, args = heapq.heappop(self.acts)
            yield at
            if self.reload().stage not in SUPPORTED_STAGES:
                break
            act(*args)
            if self.case.stage not in SUPPORTED_STAGES:
                break
        self.leave_registers()

    def plan(self, day, act, *args, hour=None):
        """`act` on `day`, or the next working day."""
        at = time_of_visit(self.rng, workday(day)) if hour is None else moment(workday(day), hour)
        heapq.heappush(self.acts, (at, next(self.order), act, args))

    def _keeps_late(self, day):
        return "late" in self.plot.marks and day > self.scene.timeline.today - LAZY

    def _pace(self):
        """How a usual interval is kept: lately as the rules say, long ago more loosely."""
        recent = self.scene.day > self.scene.timeline.today - RECENT
        return self.rng.uniform(0.75, 1.02) if recent else self.rng.uniform(1.3, 2.1)

    def sign_contract(self):
        if self._keeps_late(self.scene.day) and self.rng.random() < 0.5:
            return
        if self.case.stage != Stage.ACTIVE:
            self.plan(self.scene.day + 10 * DAY, self.sign_contract)
            return
        revision = self.case.programmes.first().approved
        former = self.case.contracts.filter(terminated_on=None).first()
        if former is not None:
            former.case = self.case
            former.terminate(by=self.curator, day=self.scene.day, reason=Contract.Termination.REPLACED)
        contract = Contract.sign(
            self.case, by=self.curator, signed_on=self.scene.day, until=max(revision.until, self.scene.day),
            party=self.representative.person,
        )  # fmt: skip
        if former is None:
            self.certify()
        if contract.copy_due_on is not None:
            self.plan(add_working_days(self.scene.day, self.rng.randint(1, 3)), self.copy_contract, contract)

    def copy_contract(self, contract):
        """A substitute family's contract goes to guardianship."""
        how = self.rng.choice(ContractCopy.How.values)
        ContractCopy.record(
            contract, by=self.curator, sent_on=self.scene.day, how=how, number=f"{self.rng.randrange(100, 900)}-исх",
            agency=self.scene.region.agency(OrganisationKind.GUARDIANSHIP, self.place, self.centre),
            received_by="ведущий специалист отдела опеки" if how == ContractCopy.How.HAND else "",
        )  # fmt: skip

    # contacts

    def plan_contact(self):
        level = profile.current().levels[self.case.level]
        usual = (level.contact.after(self.scene.day) - self.scene.day).days
        day = self.scene.day + max(3, round(usual * self._pace())) * DAY
        if not self._keeps_late(day):
            self.plan(day, self.contact)

    def contact(self):
        rng, at = self.rng, self.scene.timeline.current
        kind = rng.choice(("visit", "visit", "visit", "office", "office", "phone", "phone", "message"))
        if rng.random() < 0.06:
            summary, tried = rng.choice(phrases.ATTEMPTS)
            Contact.record(self.case, by=self.curator, at=at, kind="attempt", summary=summary, tried=tried)
            self.plan(self.scene.day + 2 * DAY, self.contact)
            return
        threat = kind == "visit" and Domain.SAFETY in self.domains and rng.random() < 0.08
        Contact.record(
            self.case, by=self.curator, at=at, kind=kind, threat=threat,
            summary=rng.choice(phrases.THREAT_NOTES if threat else self._notes(kind)),
            people=[self.representative.person], notified=rng.choice(phrases.NOTIFIED) if threat else "",
        )  # fmt: skip
        if kind in ("visit", "office"):
            self.mark_certificate()
            self.give_points()
        self.plan_contact()

    def _notes(self, kind):
        """A call tells other things than a visit."""
        if kind in ("phone", "message"):
            return phrases.CALLS
        return phrases.OFFICE_NOTES if kind == "office" else TEXTS[self.rng.choice(self.domains)].notes

    # reviews

    def plan_review(self):
        level = profile.current().levels[self.case.level]
        usual = (level.review.after(self.scene.day) - self.scene.day).days
        pace = self._pace() if usual < 60 else self.rng.uniform(0.8, 1.0)  # a quarter is not passed over
        day = self.scene.day + round(usual * pace) * DAY
        if not self._keeps_late(day):
            self.plan(day, self.review)

    def review(self, conclusion=Conclusion.CONTINUE, level=""):
        Review.record(
            self.case, by=self.curator, done_on=self.scene.day, progress=self.rng.choice(phrases.REVIEW_PROGRESS),
            changes=self.rng.choice(phrases.REVIEW_CHANGES[conclusion]), conclusion=conclusion, proposed_level=level,
        )  # fmt: skip
        if conclusion == Conclusion.CONTINUE:
            self.plan_review()
            if self.rng.random() < 0.04:
                self.ask_opinion()

    # activities

    def plan_activities(self):
        """Agencies report what the approved programmes ask of them, mostly in time."""
        approved = Activity.objects.filter(
            case=self.case, state__in=Activity.OPEN_STATES, goal__revision__state="approved"
        )
        for activity in approved.select_related("agency", "goal"):
            if activity.state == Activity.State.REPORTED:
                self.plan(add_working_days(self.scene.day, 2), self.answer, activity, "done")
                continue
            if activity.state == Activity.State.DECLINED:
                continue
            fate = self.rng.choices(("done", "late", "not_done", "returned", "forgotten"), (70, 9, 11, 6, 4))[0]
            shift = self.rng.randint(3, 15) if fate == "late" else -self.rng.randint(0, 9)
            forgotten = fate == "forgotten" and activity.due_on > self.scene.timeline.today - FORGOTTEN
            if not forgotten and activity.pk not in self.promised:
                self.promised.add(activity.pk)
                self.plan_answer(activity)
                self.plan(max(activity.due_on + shift * DAY, self.scene.day + 3 * DAY), self.report, activity, fate)

    def report(self, activity, fate):
        activity.case = self.case
        executor = self.scene.region.executors.get(activity.agency_id) or self.curator
        try:
            self._report(activity, fate, executor)
        except Refused:  # carried into a later revision meanwhile: its copy is reported
            return
        if activity.state == Activity.State.REPORTED:
            wait = 14 if "slow" in self.plot.marks else self.rng.randint(1, 4)
            self.plan(add_working_days(self.scene.day, wait), self.answer, activity, fate)

    def _report(self, activity, fate, executor):
        self.hold_sessions(activity, executor)
        if fate == "not_done":
            reason = next(self.scene.reasons)
            activity.report_not_done(by=executor, reason=reason, result=phrases.NOT_DONE[reason])
        elif executor == self.curator:
            activity.record_result(by=self.curator, done_on=self.scene.day, result=self._result(activity))
        else:
            activity.report_done(by=executor, done_on=self.scene.day, result=self._result(activity))

    def _result(self, activity):
        steps = [
            step for goal in TEXTS[activity.goal.domain].goals for step in goal.steps if step.title == activity.title
        ]
        return self.rng.choice(steps[0].results if steps else phrases.TASK_RESULTS)

    def answer(self, activity, fate):
        """The curator looks at the executor's report."""
        activity.case = self.case
        try:
            if fate == "returned":
                activity.return_report(by=self.curator, remark=self.rng.choice(phrases.CURATOR_REMARKS))
                self.plan(add_working_days(self.scene.day, 4), self.report, activity, "done")
            else:
                activity.accept_report(by=self.curator)
        except Refused:  # carried into a later revision meanwhile: the curator answers there
            self.promised.discard(activity.pk)

    # changes of level and programme

    def plan_turn(self):
        """When the next level of the path, or the same one anew, goes to the council."""
        if self.step + 1 >= len(self.plot.path):
            return
        level, following = self.plot.path[self.step], self.plot.path[self.step + 1]
        worse = RANK[following] > RANK[level]
        day = self.scene.day + WORSE_AFTER if worse else self.case.level_term_on - BEFORE_TERM
        if worse and level == Level.CRISIS:
            day = self.scene.day + WORSE_AFTER // 2
        self.plan(self.plot.turn_on or day, self.turn, hour=16)

    def turn(self):
        if self._busy():
            self.plan(self.scene.day + 9 * DAY, self.turn)
            return
        following = self.plot.path[self.step + 1]
        self.assess_again(following)
        if following == self.case.level:
            self.review(Conclusion.AMEND)
            self.amend(following)
            self.pending = self.propose(Question.PROLONG, self.rng.choice(phrases.PROLONG_SUMMARIES))
        else:
            self.review(Conclusion.CHANGE_LEVEL, following)
            self.amend(following)
            self.pending = self.propose(Question.LEVEL, self.rng.choice(phrases.LEVEL_SUMMARIES), following)
        self.plan(self.scene.day + 7 * DAY, self.follow_turn)

    def assess_again(self, level):
        """The change since the first assessment: what the question to the council rests on."""
        change = RANK[level] - RANK[self.case.level]
        step = 1 if change > 0 else -1
        scores = {code: min(4, max(1, score + step)) if score else 0 for code, score in self.scores.items()}
        self._record_assessment(scores, level)

    def follow_turn(self):
        """Once the council has decided: a new contract, new dates, the next step of the path."""
        if self.pending.pk not in self.scene.decided_items:
            self.plan(self.scene.day + 5 * DAY, self.follow_turn)
            return
        level_asked = self.pending.question != Question.PROGRAMME
        self.pending = None
        if self.rng.random() < 0.5:  # else the contract in force is long enough
            self.plan(add_working_days(self.scene.day, 3), self.sign_contract)
        self.plan_activities()
        if level_asked:
            self.step += 1
            self.plan_review()
            self.plan_turn()

    def amend(self, level):
        """A new revision: unfinished steps come along, goals left empty get their next step."""
        until = add_months(self.scene.day, profile.current().levels[level].months)
        for programme in self.case.programmes.all():
            programme.case = self.case
            revision = programme.amend(by=self.curator)
            revision.change(
                by=self.curator, since=revision.since, until=max(until, revision.until), level=level,
                resources=revision.resources, duties=revision.duties,
            )  # fmt: skip
            for goal in revision.goals.all():
                if not goal.activities.exists():
                    steps = TEXTS[goal.domain].goals[-1].steps
                    self.add_step(revision, goal, self.rng.choice(steps))

    def change_programme(self):
        """A new trouble shows: one more goal, and the council is asked to approve the revision."""
        if self._busy():
            return
        new = self.rng.choice([domain for domain in Domain.values if domain not in (*self.domains, Domain.SAFETY)])
        self.review(Conclusion.AMEND)
        self.amend(self.case.level)
        self.add_goal(self.case.draft_revisions().order_by("pk").first(), new)
        self.domains = (*self.domains, new)
        self.pending = self.propose(Question.PROGRAMME, self.rng.choice(phrases.AMEND_SUMMARIES))
        self.plan(self.scene.day + 7 * DAY, self.follow_turn)

    def ask_opinion(self):
        """Something that is nobody's usual question."""
        if not self._busy():
            self.propose(
                Question.OTHER, "Просим заслушать исполнителей о сроках мероприятий: часть из них задерживается."
            )

    def _busy(self):
        return (
            self.case.stage != Stage.ACTIVE
            or self.pending is not None
            or self.case.agenda_items.filter(state__in=("queued", "scheduled")).exists()
        )

    # things that happen on the way

    def plan_incidents(self):
        marks, day, today = self.plot.marks, self.scene.day, self.scene.timeline.today
        if self.plot.course == "suspended":
            self.plan(today - self.rng.randint(12, 30) * DAY, self.suspend, False)
        elif "pause" in marks:
            self.plan(day + self.rng.randint(40, 60) * DAY, self.suspend, True)
        if "slow" in marks:
            self.plan(last_workday(today - self.rng.randint(1, 3) * DAY), self.report_next, "done")
        if "remark" in marks:
            self.plan(last_workday(today - 7 * DAY), self.report_next, "returned")
        for mark, ago, act in (("newborn", 9, self.birth), ("moved", 15, self.move_away), ("leaves", 21, self.leave)):
            if mark in marks:
                self.plan(last_workday(today - ago * DAY), act)
        if self.plot.number % 16 == 5 and "newborn" not in marks:
            self.plan(day + 70 * DAY, self.birth, True)
        if "amend" in marks:
            self.plan(day + self.rng.randint(45, 70) * DAY, self.change_programme)
        if "handover" in marks and self.curator.username != "curator":
            self.plan(day + self.rng.randint(50, 90) * DAY, self.hand_over)
        if "cruelty" in marks:
            self.plan(day + self.rng.randint(20, 60) * DAY, self.child_event, ChildEvent.Kind.CRUELTY)
        if self.rng.random() < 0.4:
            self.plan(day + self.rng.randint(60, 100) * DAY, self.survey)

    def birth(self, covered=False):
        """A child is born; once covered, the case goes on with it."""
        person = particulars.newborn(self)
        if covered:
            CaseMember.add(self.case, [person], by=self.curator, since=self.scene.day)

    def move_away(self):
        """The family moves within the region; the case stays until somebody takes it over."""
        place = next(place for place in self.scene.region.places if place is not self.place)
        self.family.move(
            by=self.curator, moved_on=self.scene.day, municipality=place.municipality,
            address=names.address(self.rng, place.settlements[0]),
        )  # fmt: skip

    def leave(self):
        """An adult who is not the representative lives elsewhere from now on."""
        rows = self.family.members_on(self.scene.day).exclude(relation="child").exclude(pk=self.representative.pk)
        if rows.exists():
            self.family.end_membership(rows.first(), by=self.curator, until=self.scene.day, because="apart")

    def report_next(self, fate):
        """An executor reports before the term; the curator is slow to answer, or has a remark."""
        agencies = self.case.activities.exclude(agency=self.centre).select_related("agency", "goal")
        activity = (
            agencies.filter(state__in=Activity.TO_DO_STATES, goal__revision__state="approved")
            .order_by("due_on")
            .first()
        )
        if activity is not None:
            self.report(activity, fate)

    def suspend(self, for_a_time):
        if self.case.stage != Stage.ACTIVE or self._busy():
            return
        self.case.suspend(by=self.head, reason=self.rng.choice(phrases.SUSPENSIONS))
        if for_a_time:
            self.plan(self.scene.day + self.rng.randint(18, 35) * DAY, self.resume)

    def resume(self):
        if self.case.stage == Stage.SUSPENDED:
            self.case.resume(by=self.head)

    def hand_over(self):
        others = [user for user in self.scene.region.curators[self.centre.pk] if user.username not in
                  ("curator", self.curator.username)]  # fmt: skip
        if others:
            self.case.assign_curator(self.rng.choice(others), by=self.head)
            self.curator = self.case.curator

    def child_event(self, kind):
        row = self.family.members_on(self.scene.day).filter(relation="child").select_related("person").first()
        ChildEvent.objects.create(
            municipality=self.place.municipality, happened_on=self.scene.day, kind=kind, family=self.family,
            person=row.person if row else None, confirmed=True,
        )  # fmt: skip

    def survey(self):
        rng, anonymous = self.rng, self.rng.random() < 0.2
        satisfied = rng.random() < 0.9
        scores = {name: rng.randint(3, 5) if satisfied else rng.randint(0, 3) for name in Survey.QUESTIONS}
        Survey.answer(
            organisation=self.centre,
            case=None if anonymous else self.case,
            answered_on=self.scene.day,
            by=self.curator if rng.random() < 0.5 else None,
            satisfied=satisfied,
            change=rng.choice(Survey.Change.values[:3] if satisfied else Survey.Change.values[2:]),
            comment=rng.choice(phrases.SURVEY_COMMENTS[satisfied]),
            respondent=rng.choice(["", *Survey.Respondent.values]),
            **scores,
        )
        if rng.random() < 0.1:
            SurveyInvitation.issue(self.case, by=self.curator)
