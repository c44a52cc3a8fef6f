"""Random sequences of acts, legal and illegal, on random days: whatever is tried, the rules of a case hold."""

import datetime
import re
from itertools import pairwise

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases.models import Activity, Assessment, Case, CaseTransfer, Closure, Contact, Contract, Review, StandIn
from cases.words import FLOW, Domain, Level, Outcome
from councils import level_terms
from councils.models import AgendaItem, Decision
from councils.words import Question, Verdict
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, add_pack, decide, make_council, open_case, start_meeting

DAY = datetime.timedelta(days=1)
START = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
LEVELS = st.sampled_from(Level.values)
AROUND = st.integers(-30, 3)  # days from today: mostly past, some to come
SENTENCE = re.compile(r"[«А-ЯЁ№].*[а-яё0-9»)].*[.!?]", re.DOTALL)  # Russian, from a capital letter to a full stop
FINISHED = ("closed", "refused")


def periods_of(rows):
    return [(row.since, row.until) for row in rows.order_by("since", "pk")]


def overlapping(periods, *, half_open=False) -> list:
    """Neighbours that share a day; with `half_open` the next may begin on the day the former ended."""

    def clash(former, following):
        if former[1] is None:
            return True
        return former[1] > following[0] if half_open else former[1] >= following[0]

    return [(former, following) for former, following in pairwise(sorted(periods)) if clash(former, following)]


def contents_of(revision) -> tuple:
    """What the council approved: every word and date of the revision, without what became of its activities."""
    goals = revision.goals.order_by("pk").values_list("pk", "domain", "problem", "text", "criterion")
    activities = revision.activities().order_by("pk").values_list("pk", "title", "agency", "person", "kind", "due_on")
    head = (revision.number, revision.since, revision.until, revision.level, revision.resources, revision.duties)
    return head, tuple(goals), tuple(activities)


def remains_of(case) -> tuple:
    """Everything about a case that is over, which nothing may change any more."""
    return (
        (case.stage, case.closed_on, case.outcome, case.closure_reason, case.level, case.curator_id, case.accepted_on),
        *(periods_of(rows) for rows in (case.level_periods, case.curator_assignments, case.suspensions)),
        periods_of(case.stand_in_periods),
        tuple(case.contracts.order_by("pk").values_list("pk", "signed_on", "until", "terminated_on")),
        tuple(case.activities.order_by("pk").values_list("pk", "state", "result", "done_on")),
        tuple(case.programmes.order_by("pk").values_list("revisions__pk", "revisions__state")),
        tuple(contents_of(revision) for programme in case.programmes.all() for revision in programme.revisions.all()),
        (case.contacts.count(), case.reviews.count(), case.assessments.count(), hasattr(case, "closure")),
    )


class PathOfACase(RuleBasedStateMachine):
    """Every rule may be refused; none may leave the case in a state the rules forbid."""

    world = clock = done = refused = None

    @initialize(accepted=st.sampled_from([True, True, True, False]))
    def open(self, accepted):
        self.clock.move_to(START)
        self.case = activate(self.world) if accepted else open_case(self.world)
        self.clock.shift(45 * DAY)
        self.approved, self.ended, self.revisions, self.seen_events = {}, {}, set(), []

    def attempt(self, act):
        """One act as a page does it: whole or not at all; a refusal says in Russian why."""
        self.case = Case.objects.get(pk=self.case.pk)
        rule_name = act.__qualname__.split(".")[1]
        try:
            with transaction.atomic():
                act()
            self.done.add(rule_name)
        except Refused as refused:
            self.refused.add(rule_name)
            assert SENTENCE.fullmatch(str(refused)), str(refused)
            assert ".." not in str(refused), str(refused)
            assert "None" not in str(refused) and "{" not in str(refused), str(refused)
        self.case = Case.objects.get(pk=self.case.pk)

    def today(self):
        return timezone.localdate()

    def day(self, shift):
        return self.today() + shift * DAY

    def curators(self):
        return [self.world.curator, self.world.colleague, self.world.other_curator]

    # -- time --------------------------------------------------------------------------------------------------------

    @rule(days=st.integers(1, 70))
    def time_passes(self, days):
        self.clock.shift(days * DAY)

    @rule()
    def night_comes(self):
        level_terms.sweep(self.today())
        level_terms.sweep(self.today())
        self.case.refresh_from_db()

    # -- the pack and the council ------------------------------------------------------------------------------------

    @rule(level=LEVELS)
    def prepare_pack(self, level):
        if not self.case.programmes.exists():
            self.attempt(lambda: add_pack(self.world, self.case, level))

    @rule(scores=st.lists(st.integers(0, 4), min_size=10, max_size=10), level=LEVELS)
    def assess(self, scores, level):
        given = dict(zip(Domain.values, scores, strict=True))
        self.attempt(
            lambda: Assessment.record(
                self.case,
                by=self.world.curator,
                done_on=self.today(),
                scores=given,
                proposed_level=level,
                level_reason="Так решил куратор",
            )
        )

    @rule(question=st.sampled_from(Question.values), verdict=st.sampled_from(Verdict.values), level=LEVELS)
    def go_to_council(self, question, verdict, level):
        def act():
            council = make_council(self.world)
            item = AgendaItem.propose(self.case, by=self.world.curator, council=council, question=question, level=level)
            start_meeting(self.world, council, item)
            decide(self.world, item, verdict, level=level)

        self.attempt(act)

    @rule(verdict=st.sampled_from(Verdict.values))
    def council_hears_what_waits(self, verdict):
        def act():
            item = AgendaItem.objects.filter(case=self.case).queued().first()
            if item is not None:
                start_meeting(self.world, item.council, item)
                decide(self.world, item, verdict)

        self.attempt(act)

    @rule(question=st.sampled_from(Question.values), level=LEVELS, returned=st.booleans())
    def propose(self, question, level, returned):
        def act():
            item = AgendaItem.propose(
                self.case, by=self.world.curator, council=make_council(self.world), question=question, level=level
            )
            if returned:
                item.return_with_remark(by=self.world.secretary, remark="Дополните")

        self.attempt(act)

    @rule(level=LEVELS, decision=st.sampled_from(["change_level", "prolong"]))
    def decide_a_second_time(self, level, decision):
        """A decision taken once is not a reason to change the level again."""

        def act():
            last = Decision.objects.filter(item__case=self.case).order_by("pk").last()
            if last is not None and decision == "prolong":
                self.case.prolong(by=self.world.secretary, decision=last)
            elif last is not None:
                self.case.change_level(by=self.world.secretary, decision=last, level=level)

        self.attempt(act)

    # -- support -----------------------------------------------------------------------------------------------------

    @rule(shift=AROUND)
    def sign_contract(self, shift):
        mother = self.case.family.memberships.get(relation="mother").person
        signed_on, until = self.day(shift), self.today() + 90 * DAY
        self.attempt(
            lambda: Contract.sign(self.case, by=self.world.curator, signed_on=signed_on, until=until, party=mother)
        )

    @rule(shift=AROUND)
    def terminate_contract(self, shift):
        for contract in self.case.contracts.all():
            self.attempt(lambda row=contract: row.terminate(by=self.world.curator, day=self.day(shift), reason="goals"))

    @rule(kind=st.sampled_from(Contact.Kind.values))
    def contact(self, kind):
        self.attempt(
            lambda: Contact.record(
                self.case, by=self.world.curator, at=timezone.now(), kind=kind, tried="phone", summary="Созвонились"
            )
        )

    @rule(conclusion=st.sampled_from(Review.Conclusion.values), level=LEVELS, shift=AROUND)
    def review(self, conclusion, level, shift):
        self.attempt(
            lambda: Review.record(
                self.case,
                by=self.world.curator,
                done_on=self.day(shift),
                progress="Сделано",
                changes="Лучше",
                conclusion=conclusion,
                proposed_level=level,
            )
        )

    @rule(outcome=st.sampled_from(Outcome.values), aftercare=st.booleans())
    def prepare_closure(self, outcome, aftercare):
        self.attempt(
            lambda: Closure.prepare(
                self.case,
                by=self.world.curator,
                outcome=outcome,
                reason="goals_reached",
                conclusion="Итог",
                aftercare=aftercare,
            )
        )

    @rule()
    def amend(self):
        for programme in self.case.programmes.all():
            self.attempt(lambda programme=programme: programme.amend(by=self.world.curator))

    @rule(text=st.sampled_from(["Другое", "Новое"]), drop=st.booleans())
    def edit_programme(self, text, drop):
        """Goals and activities of any revision, approved ones as well."""
        for programme in self.case.programmes.all():
            for revision in programme.revisions.all():
                goal, activity = revision.goals.last(), revision.activities().last()
                if goal is not None:
                    self.attempt(lambda row=goal: row.change(by=self.world.curator, text=text))
                if activity is not None and drop:
                    self.attempt(lambda row=activity: row.drop(by=self.world.curator))
                self.attempt(
                    lambda row=revision: row.change(
                        by=self.world.curator, since=row.since, until=row.until + DAY, level=row.level
                    )
                )

    @rule(done=st.booleans(), shift=AROUND)
    def report_and_accept(self, done, shift):
        for activity in Activity.objects.filter(case=self.case):
            if done:
                self.attempt(
                    lambda row=activity: row.record_result(by=self.world.curator, done_on=self.day(shift), result="Да")
                )
            else:
                self.attempt(
                    lambda row=activity: row.report_done(by=self.world.executor, done_on=self.day(shift), result="Да")
                )

    # -- curators and pauses -----------------------------------------------------------------------------------------

    @rule(shift=AROUND)
    def suspend(self, shift):
        self.attempt(lambda: self.case.suspend(by=self.world.head, reason="Больница", day=self.day(shift)))

    @rule(shift=AROUND)
    def resume(self, shift):
        self.attempt(lambda: self.case.resume(by=self.world.head, day=self.day(shift)))

    @rule(who=st.integers(0, 2), shift=AROUND)
    def assign(self, who, shift):
        self.attempt(lambda: self.case.assign_curator(self.curators()[who], by=self.world.head, since=self.day(shift)))

    @rule(who=st.integers(0, 2), since=AROUND, length=st.integers(-1, 40))
    def name_a_stand_in(self, who, since, length):
        self.attempt(
            lambda: StandIn.name(
                self.case.curator,
                by=self.world.head,
                user=self.curators()[who],
                since=self.day(since),
                until=self.day(since + length),
                reason="illness",
                cases=[self.case],
            )
        )

    @rule(shift=st.integers(-5, 40))
    def end_a_stand_in(self, shift):
        for row in StandIn.objects.all():
            self.attempt(lambda row=row: row.end(by=self.world.head, last_day=self.day(shift)))

    @rule(accepted=st.booleans())
    def transfer(self, accepted):
        def act():
            offer = CaseTransfer.offer(
                self.case,
                by=self.world.head,
                to_organisation=self.world.other_centre,
                reason="переезд",
                consented_on=self.today(),
            )
            if accepted:
                offer.accept(by=self.world.other_head, curator=self.world.other_curator)
            else:
                offer.decline(by=self.world.other_head, remark="Нет мест")

        if not self.case.family.cases.filter(organisation=self.world.other_centre).exists():
            self.attempt(act)

    # -- the end -----------------------------------------------------------------------------------------------------

    @rule(shift=AROUND)
    def check_aftercare(self, shift):
        said = {"outcome": "stable", "result": "Да"}
        for check in self.case.aftercare_checks.all():
            self.attempt(lambda check=check: check.record(by=self.world.curator, done_on=self.day(shift), **said))
        self.attempt(lambda: self.case.finish_aftercare(by=self.world.curator))

    @rule(sure=st.integers(0, 4), shift=AROUND)
    def family_refuses(self, sure, shift):
        if sure == 0:
            self.attempt(
                lambda: self.case.close_at_familys_wish(by=self.world.curator, day=self.day(shift), outcome="unchanged")
            )

    # -- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def stages_follow_the_flow(self):
        moves = list(self.case.events.filter(refs__has_key="stage").order_by("pk"))
        stages = ["assessment", *(event.refs["stage"] for event in moves)]
        for now, following in pairwise(stages):
            assert following in FLOW[now]
        assert stages[-1] == self.case.stage
        days = [self.case.opened_on, *(event.happened_on for event in moves)]
        assert days == sorted(days), [(event.kind, event.happened_on) for event in moves]

    @invariant()
    def events_are_only_added_and_never_of_the_future(self):
        events = list(self.case.events.order_by("pk").values_list("pk", "kind", "happened_on", "refs"))
        assert events[: len(self.seen_events)] == self.seen_events
        assert all(day <= self.today() for _pk, _kind, day, _refs in events)
        self.seen_events = events

    @invariant()
    def no_level_without_a_decision(self):
        periods = list(self.case.level_periods.order_by("since", "pk"))
        for period in periods:
            decision = Decision.objects.filter(pk=period.decision, item__case=self.case).get()
            assert period.since == decision.decided_on
            assert decision.question in ("recognise", "level", "prolong") and decision.verdict == "granted"
        assert len({period.decision for period in periods}) == len(periods)
        open_levels = [period.level for period in periods if period.until is None]
        assert open_levels == ([self.case.level] if self.case.level else [])
        assert all(period.level != "adaptation" for period in periods[1:] if periods[0].level != "adaptation")
        if self.case.level:
            assert self.case.level_term_on == periods[-1].term_on

    @invariant()
    def periods_never_overlap(self):
        case = self.case
        assert not overlapping(periods_of(case.level_periods))
        assert not overlapping(periods_of(case.curator_assignments))
        assert not overlapping(periods_of(case.stand_in_periods))
        assert not overlapping(periods_of(case.suspensions), half_open=True)
        running = case.suspensions.filter(until=None)
        assert running.count() == (1 if case.stage == "suspended" else 0)
        assert case.suspended_on == (running[0].since if running else None)
        keeping = list(case.curator_assignments.filter(until=None).values_list("user", flat=True))
        assert keeping == ([] if case.closed_on else [case.curator_id])

    @invariant()
    def those_see_the_case_who_work_it(self):
        standing_in = set(self.case.stand_in_periods.on(self.today()).values_list("stand_in__user", flat=True))
        for user in self.curators():
            sees = Case.objects.visible_to(user).filter(pk=self.case.pk).exists()
            assert sees is (user.pk == self.case.curator_id or user.pk in standing_in), user

    @invariant()
    def the_system_asks_only_while_the_term_is_near(self):
        asked = AgendaItem.objects.filter(case=self.case).about_term().waiting()
        assert asked.count() <= 1
        if asked:
            assert level_terms.is_near(self.case, self.today())

    @invariant()
    def a_finished_case_owes_nothing(self):
        due = Obligation.objects.open().filter(case_id=self.case.pk)
        if self.case.stage in FINISHED:
            assert not due.exists()
        if self.case.stage == "suspended":
            kinds = set(due.filter(subject_type="cases.case").values_list("kind", flat=True))
            assert kinds == {"case.level_term"}

    @invariant()
    def no_revision_is_lost_or_changed(self):
        for programme in self.case.programmes.all():
            revisions = list(programme.revisions.all())
            assert sum(revision.state == "approved" for revision in revisions) <= 1
            assert sum(revision.state == "draft" for revision in revisions) <= 1
            assert [revision.number for revision in sorted(revisions, key=lambda row: row.pk)] == sorted(
                {revision.number for revision in revisions}
            )
            for revision in revisions:
                if revision.state != "draft":
                    assert self.approved.setdefault(revision.pk, contents_of(revision)) == contents_of(revision)
                    assert Decision.objects.filter(pk=revision.decision).exists()
            self.revisions |= {revision.pk for revision in revisions}
        assert self.revisions == set(self.case.programmes.exclude(revisions=None).values_list("revisions", flat=True))

    @invariant()
    def a_closed_case_does_not_change(self):
        if self.case.stage in FINISHED:
            remains = remains_of(self.case)
            assert self.ended.setdefault(self.case.pk, remains) == remains


def test_rules_hold_whatever_is_tried(world, time_machine):
    done, refused = set(), set()  # names of the rules that were carried out, and that were refused, at least once

    class Machine(PathOfACase):
        def __init__(self):
            super().__init__()
            self.world, self.clock, self.done, self.refused = world, time_machine, done, refused
            self.savepoint = transaction.savepoint()

        def teardown(self):
            transaction.savepoint_rollback(self.savepoint)

    limits = settings(
        max_examples=40,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=limits)
    assert done >= {"go_to_council", "suspend", "resume", "assign", "name_a_stand_in", "transfer", "family_refuses"}
    assert refused >= {"go_to_council", "suspend", "resume", "assign", "name_a_stand_in", "transfer"}
