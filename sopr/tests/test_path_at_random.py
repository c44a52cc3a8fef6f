"""Random sequences of acts, legal and illegal: whatever is tried, the rules of a case hold."""

import datetime
from itertools import pairwise

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases.models import Assessment, Closure, Contact, Contract, Review
from cases.words import FLOW, Domain, Level, Outcome
from councils.models import AgendaItem, Decision
from councils.words import Question, Verdict
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, add_pack, decide, make_council, open_case, start_meeting

LEVELS = st.sampled_from(Level.values)


class PathOfACase(RuleBasedStateMachine):
    """Every rule may be refused; none may leave the case in a state the rules forbid."""

    world = None

    @initialize(accepted=st.booleans())
    def open(self, accepted):
        self.case = activate(self.world) if accepted else open_case(self.world)

    def attempt(self, act):
        self.case.refresh_from_db()
        before = self.case.stage
        try:
            act()
        except Refused as refused:
            assert str(refused)
            self.case.refresh_from_db()
            assert self.case.stage == before
        else:
            self.case.refresh_from_db()

    def today(self):
        return timezone.localdate()

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

    @rule()
    def sign_contract(self):
        mother = self.case.family.memberships.get(relation="mother").person
        until = self.today() + datetime.timedelta(days=90)
        self.attempt(
            lambda: Contract.sign(self.case, by=self.world.curator, signed_on=self.today(), until=until, party=mother)
        )

    @rule(kind=st.sampled_from(Contact.Kind.values))
    def contact(self, kind):
        self.attempt(
            lambda: Contact.record(
                self.case, by=self.world.curator, at=timezone.now(), kind=kind, tried="phone", summary="Созвонились"
            )
        )

    @rule(conclusion=st.sampled_from(Review.Conclusion.values), level=LEVELS)
    def review(self, conclusion, level):
        self.attempt(
            lambda: Review.record(
                self.case,
                by=self.world.curator,
                done_on=self.today(),
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

    @rule(done=st.booleans())
    def report_and_accept(self, done):
        for activity in self.case.activities.all():
            if done:
                self.attempt(
                    lambda a=activity: a.record_result(by=self.world.curator, done_on=self.today(), result="Да")
                )
            else:
                self.attempt(
                    lambda a=activity: a.report_done(by=self.world.executor, done_on=self.today(), result="Да")
                )

    @rule()
    def suspend(self):
        self.attempt(lambda: self.case.suspend(by=self.world.head, reason="Больница"))

    @rule()
    def resume(self):
        self.attempt(lambda: self.case.resume(by=self.world.head))

    @rule()
    def check_aftercare(self):
        said = {"outcome": "stable", "result": "Да"}
        for check in self.case.aftercare_checks.all():
            self.attempt(lambda check=check: check.record(by=self.world.curator, done_on=self.today(), **said))
        self.attempt(lambda: self.case.finish_aftercare(by=self.world.curator))

    @rule(sure=st.integers(0, 4))
    def family_refuses(self, sure):
        if sure == 0:
            self.attempt(
                lambda: self.case.close_at_familys_wish(by=self.world.curator, day=self.today(), outcome="unchanged")
            )

    @invariant()
    def stages_follow_the_flow(self):
        stages = [
            "assessment",
            *self.case.events.exclude(refs__stage=None).order_by("pk").values_list("refs__stage", flat=True),
        ]
        for now, following in pairwise(stages):
            assert following in FLOW[now]
        assert stages[-1] == self.case.stage

    @invariant()
    def no_level_without_a_decision(self):
        for period in self.case.level_periods.all():
            assert Decision.objects.filter(pk=period.decision, item__case=self.case).exists()
        open_levels = [period.level for period in self.case.level_periods.filter(until=None)]
        assert open_levels == ([self.case.level] if self.case.level else [])

    @invariant()
    def a_finished_case_owes_nothing(self):
        if self.case.stage in ("closed", "refused"):
            assert not Obligation.objects.open().filter(case_id=self.case.pk).exists()

    @invariant()
    def one_approved_revision(self):
        for programme in self.case.programmes.all():
            assert programme.revisions.filter(state="approved").count() <= 1
            assert programme.revisions.filter(state="draft").count() <= 1


def test_rules_hold_whatever_is_tried(world):
    class Machine(PathOfACase):
        def __init__(self):
            super().__init__()
            self.world = world
            self.savepoint = transaction.savepoint()

        def teardown(self):
            transaction.savepoint_rollback(self.savepoint)

    limits = settings(
        max_examples=20,
        stateful_step_count=16,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=limits)
