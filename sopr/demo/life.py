"""A family's whole story: the intake, support act by act, the end, what comes after."""

from cases.models import Closure, Review
from cases.words import ClosureReason, Level, Outcome, Stage
from councils.models import AgendaItem
from councils.words import Question, Verdict
from families.models import ChildEvent, FamilyMembership
from sopr.calendar import add_working_days
from sopr.demo import phrases, social
from sopr.demo.intake import ENDS_BEFORE_A_CARD
from sopr.demo.support import Support
from sopr.demo.texts import TEXTS
from sopr.demo.timeline import DAY, moment, workday


class Life(Support):
    def live(self):
        """The generator that the timeline follows."""
        yield from self.signal()
        if self.plot.course in ENDS_BEFORE_A_CARD:
            return
        yield self.before(13, 10)
        self.register()
        if self.plot.course == "known":
            self.referral.reject(by=self.head, result="Семье достаточно разъяснений, сопровождение не требуется.")
            self.stay_known()
            return
        yield self.before(11, 12)
        self.sign_papers()
        self.open_case()
        yield from self.episode()
        if self.case.stage == Stage.CLOSED or (self.case.stage == Stage.AFTERCARE and self._comes_back()):
            yield from self.next_episode()

    def episode(self):
        """From the pack to the last check of aftercare."""
        yield from self.pack()
        yield from self.before_council()
        if self.case.stage != Stage.ACTIVE:
            return
        yield from self.support()
        if self.case.stage == Stage.AFTERCARE:
            yield from self.aftercare()

    def next_episode(self):
        """Families that moved within the region go on elsewhere; some come back after a time."""
        closed = self.case
        if closed.closure_reason == ClosureReason.TRANSFERRED:
            places = [place for place in self.scene.region.places if place is not self.place]
            self._move_to(self.rng.choice(places))
            self.put_on = add_working_days(self.scene.day, 16)
        elif closed.stage == Stage.AFTERCARE:  # a relapse: the family comes back as soon as its pack is ready
            self.put_on, closed = add_working_days(self.scene.day, 14), None
        elif "returns" in self.plot.marks and closed.closure_reason in (
            ClosureReason.GOALS_REACHED, ClosureReason.TERM_ENDED, ClosureReason.FAMILY_REFUSED, ClosureReason.SELF_SUFFICIENT,
        ):  # fmt: skip
            self.put_on = add_working_days(self.scene.day, self.rng.randint(50, 130))
            closed = None
        else:
            return
        self.referral = None
        self.plot.course, self.plot.ending, self.plot.path = "active", None, (Level.BASIC, Level.BASIC)
        self.plot.turn_on, self.plot.marks = None, self.plot.marks - {"threat", "sent_back", "returns"}
        yield self.before(11, 12)
        self.sign_papers()
        self.open_case(transferred_from=closed)
        yield from self.episode()

    def _move_to(self, place):
        self.place, self.centre = place, place.centres[0]
        self.head = self.scene.region.heads[self.centre.pk]
        self.curator = self.rng.choice(self.scene.region.curators[self.centre.pk][-2:])
        self.family.amend(by=self.head, municipality=place.municipality, district=place.districts[0])

    # -- the council -------------------------------------------------------------------------------------------------

    def before_council(self):
        """Put to the council and decided, at the second attempt if need be."""
        verdict = Verdict.REFUSED if self.plot.course == "refused" else Verdict.GRANTED
        if "sent_back" in self.plot.marks and self.plot.course != "returned":
            yield from self._ask_recognition(Verdict.RETURNED, moment(self.put_on, 16, 20))
            self._mend()
            yield from self._ask_recognition(verdict, moment(add_working_days(self.scene.day, 3), 12))
            return
        yield from self._ask_recognition(verdict, moment(self.put_on, 16, 20))

    def _ask_recognition(self, verdict, at):
        yield at
        level = self.plot.path[0]
        item = AgendaItem.propose(
            self.reload(), by=self.curator, council=self.place.council, question=Question.RECOGNISE, level=level,
            summary=self.rng.choice(phrases.SUMMARIES),
        )  # fmt: skip
        self.scene.verdicts[item.pk] = verdict
        if self.plot.course == "returned":
            yield moment(add_working_days(self.scene.day, 1), 11)
            item.refresh_from_db()
            item.return_with_remark(by=self.place.secretary, remark=self.rng.choice(phrases.SECRETARY_REMARKS))
            yield moment(self.scene.timeline.today + DAY)
        yield item
        self.reload()

    def _mend(self):
        for revision in self.case.draft_revisions():
            goal = revision.goals.first()
            self.add_step(revision, goal, TEXTS[goal.domain].goals[0].steps[-1], number=2)

    # -- the end -----------------------------------------------------------------------------------------------------

    def finish(self):
        """The conclusion goes to the council; a family's own refusal needs none."""
        outcome, reason, aftercare = self.plot.ending
        if reason == ClosureReason.FAMILY_REFUSED:
            self.case.close_at_familys_wish(by=self.curator, day=self.scene.day, outcome=outcome)
            return
        if self._busy():
            self.plan(self.scene.day + 6 * DAY, self.finish)
            return
        less = {Outcome.OVERCAME: 3, Outcome.IMPROVED: 1, Outcome.UNCHANGED: 0, Outcome.WORSE: -1}[outcome]
        scores = {code: min(4, max(0, score - less)) if score else 0 for code, score in self.scores.items()}
        self._record_assessment(scores, self.case.level)
        self.review(Review.Conclusion.REMOVE)
        if reason == ClosureReason.DEATH:
            self.family.end_membership(
                self.representative, by=self.curator, until=self.scene.day, because=FamilyMembership.Left.DEATH
            )
        Closure.prepare(
            self.case, by=self.curator, outcome=outcome, reason=reason, aftercare=aftercare,
            conclusion=f"{phrases.CONCLUSIONS[reason]} {phrases.OUTCOME_WORDS[outcome]}",
            recommendations=self.rng.choice(phrases.RECOMMENDATIONS),
        )  # fmt: skip
        self.reload()
        self.pending = self.propose(Question.REMOVE, self.rng.choice(phrases.REMOVE_SUMMARIES))
        if reason == ClosureReason.CHILD_PLACED:
            self.child_event(ChildEvent.Kind.DEPRIVATION)
        self.survey()
        self.plan(self.scene.day + 21 * DAY, self.wait_for_removal)

    def wait_for_removal(self):
        """Nothing but the council ends support; look again after a while."""
        self.plan(self.scene.day + 21 * DAY, self.wait_for_removal)

    def leave_registers(self):
        """A family that did well leaves the registers with the council's decision."""
        if self.case.stage not in (Stage.AFTERCARE, Stage.CLOSED):
            return
        well = self.case.outcome in (Outcome.OVERCAME, Outcome.IMPROVED)
        if well or self.rng.random() < 0.5:
            for entry in self.family.register_entries.filter(removed_on=None):
                rehabilitated = well if entry.kind == "patronage" else None
                entry.family = self.family
                entry.remove(by=self.curator, removed_on=self.scene.day, positive_rehabilitation=rehabilitated)
        social.end_going_on(self, improved=well or None)

    def aftercare(self):
        """A check a month, then the end."""
        for number, check in enumerate(self.case.aftercare_checks.order_by("due_on")):
            yield moment(workday(check.due_on - self.rng.randint(-2, 5) * DAY), 15)
            check.case = self.case
            outcome = self._found(number)
            check.record(
                by=self.curator,
                done_on=self.scene.day,
                outcome=outcome,
                result=self.rng.choice(phrases.AFTERCARE[outcome]),
            )
            if outcome == "relapse":
                return
        yield moment(workday(self.scene.day + 3 * DAY), 12)
        self.reload().finish_aftercare(by=self.curator)

    def _found(self, number) -> str:
        """What a check shows; a family marked so falls back by the second one."""
        if number == 1 and self.plot.marks & {"relapse", "returns"}:
            return "relapse"
        return self.rng.choice(("stable", "stable", "stable", "help"))

    def _comes_back(self) -> bool:
        """After a relapse; one marked «relapse» has not agreed to it yet."""
        return "returns" in self.plot.marks and self.case.aftercare_checks.filter(outcome="relapse").exists()
