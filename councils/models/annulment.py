"""Отмена решения: a later decision annuls an earlier one; both stay and name each other.

What the cases' own verbs can undo is undone in the same transaction; of the rest the decision says what is to be done.
Nothing is deleted: history is appended.
"""

from cases.models import LevelPeriod
from cases.words import SUPPORTED_STAGES
from councils.words import Question, Verdict
from sopr import profile
from sopr.errors import Refused

TO_DO = {
    Question.RECOGNISE: "Случай остаётся на сопровождении: подготовьте заключение о снятии и вынесите вопрос на совет.",
    Question.REFUSE: "Отказ отменён: откройте новый случай семьи и вынесите его на совет.",
    Question.PROGRAMME: "Редакция ИПСС уже действует: составьте новую и вынесите её на совет.",
    Question.LEVEL: "Уровень уже менялся после этого решения: вынесите вопрос о нужном уровне.",
    Question.PROLONG: "Срок уровня остаётся продлённым: вынесите вопрос об уровне или о снятии.",
    Question.REMOVE: "Случай завершён: откройте новый случай семьи и вынесите его на совет.",
}


class Annullable:
    """The part of a Decision that annuls, or is annulled."""

    @property
    def is_annulled(self) -> bool:
        return hasattr(self, "annulled_by")

    def check_annullable(self):
        """Raises Refused when the decision is annulled already, or itself annuls another."""
        if self.is_annulled:
            raise Refused("Это решение уже отменено.")
        if self.question == Question.ANNUL:
            raise Refused("Решение об отмене не отменяют: вынесите вопрос заново.")

    def undo_annulled(self, *, by):
        """Do back to the case what its own verbs can; called within the transaction that annuls."""
        annulled = self.annuls
        level = annulled.level_before(self.decided_on)
        if level:
            annulled.item.case.change_level(by=by, decision=self, level=level)
        self.item.case.log(
            "decision_annulled", by=by, happened_on=self.decided_on, decision=annulled.pk, item=self.item_id
        )

    def level_before(self, on) -> str:
        """The level to go back to on the day `on`; empty when the case's verb cannot go back.

        It cannot when the level has moved on, or when the former one is only entered once.
        """
        if self.question != Question.LEVEL or self.verdict != Verdict.GRANTED:
            return ""
        case = self.item.case
        case.refresh_from_db()
        if case.stage not in SUPPORTED_STAGES:
            return ""
        last, *earlier = LevelPeriod.objects.filter(case=case).order_by("-since", "-pk")[:2]
        if (
            last.decision != self.pk
            or last.since >= on
            or not earlier
            or profile.current().levels[earlier[0].level].entry_only
        ):
            return ""
        return earlier[0].level

    def to_do(self) -> str:
        """What people have to do after this decision was annulled, in Russian; empty when all is undone."""
        if not self.is_annulled or self.verdict == Verdict.RETURNED or self.question == Question.OTHER:
            return ""
        if LevelPeriod.objects.filter(decision=self.annulled_by.pk).exists():
            return ""
        if self.verdict == Verdict.REFUSED and self.question != Question.REFUSE:
            return "Вынесите прежний вопрос на совет заново."
        return TO_DO.get(self.question, "")
