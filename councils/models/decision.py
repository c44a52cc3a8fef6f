"""Решение: written once; it performs the case's verb in the same transaction."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from cases.models import LevelPeriod, ProgrammeRevision
from cases.words import Level
from councils.models.agenda import AgendaItem
from councils.models.annulment import Annullable
from councils.models.voting import Voted
from councils.words import Question, Verdict


class Decision(Annullable, Voted):
    """Решение по вопросу. `basis` is how every paper cites it."""

    item = models.OneToOneField(AgendaItem, models.PROTECT, related_name="decision")
    question = models.CharField("решение", max_length=12, choices=Question)
    verdict = models.CharField("итог", max_length=12, choices=Verdict)
    text = models.TextField("текст решения")
    level = models.CharField("уровень", max_length=12, choices=Level, blank=True)
    curator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revisions = models.ManyToManyField(ProgrammeRevision, blank=True, related_name="decisions")
    decided_on = models.DateField("дата")
    by_casting_vote = models.BooleanField("голос председателя решающий", default=False, db_default=False)
    annuls = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="annulled_by", verbose_name="отменяет решение"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "решение"
        verbose_name_plural = "решения"
        # reports: decisions of a kind in a period
        indexes = [models.Index(fields=["question", "decided_on"], name="decision_question_day")]

    def __str__(self):
        return f"{self.get_question_display()} ({self.decided_on:%d.%m.%Y})"

    @property
    def minutes(self):
        """The signed minutes this decision stands in, or None before signing."""
        return getattr(self.item.heard_as.meeting, "minutes", None)

    @property
    def basis(self) -> str:
        """«протокол № 3 от 12.03.2026, вопрос 2»; before signing «решение от 12.03.2026, вопрос 2».

        What programme, contract and level period cite.
        """
        paper = f"протокол № {self.minutes.number}" if self.minutes else "решение"
        return f"{paper} от {self.decided_on:%d.%m.%Y}, вопрос {self.item.heard_as.position}"

    @classmethod
    def kind_of_council(cls, pk):
        """The kind of the council that made decision `pk`, for papers of the case; None for one that is unknown."""
        decision = cls.objects.filter(pk=pk).select_related("item__council").first()
        return decision.item.council.rules if decision else None

    def cite_minutes(self):
        """The minutes have a number now: what this decision changed cites it instead of the bare day."""
        for model in (LevelPeriod, ProgrammeRevision):
            model.objects.filter(decision=self.pk).update(basis=self.basis)
        for other in self.item.merged.filter(decision__isnull=False).select_related("decision"):
            other.decision.item = other
            other.decision.cite_minutes()

    def owe_notice(self):
        """The applicant is told of a refusal within the profile's days."""
        from councils.models.papers import RefusalNotice  # papers stand on decisions

        RefusalNotice.owe(self.item, decided_on=self.decided_on)

    def perform(self, *, by):
        """Do to the case what was decided; the case's verbs refuse what its stage does not allow."""
        case, question = self.item.case, self.item.question
        if self.verdict == Verdict.RETURNED:
            if question == Question.RECOGNISE:
                case.return_to_assessment(by=by, decision=self)
            return
        if self.verdict == Verdict.REFUSED:
            if question == Question.RECOGNISE:
                case.refuse(by=by, decision=self, reason=self.text)
                self.owe_notice()
            return
        revisions = list(self.revisions.all())
        match question:
            case Question.RECOGNISE:
                case.accept(by=by, decision=self, level=self.level, curator=self.curator, revisions=revisions)
            case Question.LEVEL:
                case.change_level(by=by, decision=self, level=self.level)
            case Question.PROLONG:
                case.prolong(by=by, decision=self)
            case Question.ANNUL:
                self.undo_annulled(by=by)
            case Question.REMOVE:
                closure = case.closure
                case.remove(
                    by=by, decision=self, outcome=closure.outcome, reason=closure.reason, aftercare=closure.aftercare
                )
        if revisions and question in (Question.PROGRAMME, Question.LEVEL, Question.PROLONG):
            case.approve_programme(by=by, decision=self, revisions=revisions)
