"""Решения совета о случае: the verbs that bring a case before the council and do what it decided (domain.md §2).

The levels' own rules stand beside their periods (LevelPeriod.begin).
"""

from django.db import transaction

from cases import lacks, terms
from cases.models.history import CuratorAssignment, LevelPeriod
from cases.words import SUPPORTED_STAGES, Level, Stage
from sopr import profile
from sopr.errors import Refused


class DecidedByCouncil:
    """The part of a Case that only a council's decision moves; `decision` names its day and its `basis`."""

    def missing_for_council(self) -> list[str]:
        """What the pack still lacks before the council may see the case (domain.md §2, row 3)."""
        return [phrase for phrases in lacks.for_council(self).values() for phrase in phrases]

    def draft_revisions(self):
        """Revisions of the case's programmes that wait for the council."""
        from cases.models.programme import ProgrammeRevision

        return ProgrammeRevision.objects.filter(programme__case=self, state=ProgrammeRevision.State.DRAFT)

    def put_to_council(self, *, by):
        """The pack is whole and goes to the council; raises Refused with the list of what is missing."""
        missing = self.missing_for_council()
        if missing:
            raise Refused("На совет вынести нельзя: " + "; ".join(missing) + ".")
        with transaction.atomic():
            self._move(Stage.COUNCIL, by=by, event="put_to_council")
            terms.reset(self)

    def accept(self, *, by, decision, level, curator, revisions):
        """Start support by a council's decision; raises Refused outside stage «на совете» (domain.md §2, row 4).

        `decision` names its day (`decided_on`) and itself (`basis`); the approved revisions become immutable.
        """
        day = decision.decided_on
        rule = profile.current().accepted_on_rule
        with transaction.atomic():
            self._move(
                Stage.ACTIVE,
                by=by,
                event="accepted",
                only_from=(Stage.COUNCIL,),
                happened_on=day,
                decision=decision,
                accepted_on=day if rule == "decision" else None,
                primary_category=self.family.primary_category_on(day) or self.primary_category,
            )
            CuratorAssignment.begin(self, curator, day)
            LevelPeriod.begin(self, level, decision)
            for revision in revisions:
                revision.approve(decision=decision, by=by)
            terms.reset(self)

    def refuse(self, *, by, decision, reason):
        """The council does not recognise the need; the reason is kept with the decision."""
        self._move(Stage.REFUSED, by=by, event="refused", happened_on=decision.decided_on, decision=decision)
        terms.reset(self)

    def return_to_assessment(self, *, by, decision=None):
        """The council (or the secretary) sends the case back for a better pack."""
        self._move(Stage.ASSESSMENT, by=by, event="returned", decision=decision)
        terms.reset(self)

    def change_level(self, *, by, decision, level):
        """Move to another level by a council's decision; the former period ends the day before."""
        with transaction.atomic():
            row = self._locked()
            self._require_supported(row)
            self._require_decision(decision, "level", "annul")  # annulling a change undoes it
            if row.level == level:
                raise Refused(f"Семья уже на уровне «{Level(level).label}». Выберите другой или продлите срок.")
            LevelPeriod.begin(self, level, decision)
            self.log("level_changed", by=by, happened_on=decision.decided_on, level=level, decision=decision.pk)
            terms.reset(self)

    def prolong(self, *, by, decision):
        """A new term of the same level by a council's decision."""
        with transaction.atomic():
            row = self._locked()
            self._require_supported(row)
            self._require_decision(decision, "prolong")
            LevelPeriod.begin(self, row.level, decision)
            self.log("prolonged", by=by, happened_on=decision.decided_on, level=row.level, decision=decision.pk)
            terms.reset(self)

    def approve_programme(self, *, by, decision, revisions):
        """The council approves amended revisions of a running programme."""
        with transaction.atomic():
            self._require_supported(self._locked())
            for revision in revisions:
                revision.approve(decision=decision, by=by)
            self.log("programme_approved", by=by, happened_on=decision.decided_on, decision=decision.pk)
            terms.reset(self)

    def remove(self, *, by, decision, outcome, reason, aftercare=True):
        """Снятие с сопровождения by the council's decision: to aftercare, or at once closed (domain.md §2, row 7)."""
        self._finish(
            Stage.AFTERCARE if aftercare else Stage.CLOSED,
            by=by,
            day=decision.decided_on,
            outcome=outcome,
            reason=reason,
            event="removed",
            only_from=SUPPORTED_STAGES,
            decision=decision,
        )

    def _require_decision(self, decision, *questions):
        """`questions` are codes of councils.words, which stand above this app; what was returned decides nothing."""
        granted = decision.verdict == "granted" and decision.question in questions
        if decision.item.case_id != self.pk or not granted:
            raise Refused("Это решение совета принято по другому вопросу: уровень меняется только решением о нём.")

    def _require_supported(self, row):
        if row.stage not in SUPPORTED_STAGES:
            raise Refused(
                f"Случай не на сопровождении (этап «{row.get_stage_display()}»): это решение к нему неприменимо."
            )
