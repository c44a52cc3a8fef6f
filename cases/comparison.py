"""One assessment beside an earlier one: было → стало by domain, the change in words, a picture of the profile."""

from dataclasses import dataclass

from cases.models import Assessment
from cases.words import SCORE_MEANINGS, Domain
from sopr.documents import charts
from sopr.documents.templatetags.doc import counted

MOST = len(SCORE_MEANINGS) - 1


@dataclass(frozen=True)
class Line:
    """A domain: the score of the earlier assessment (None where there is none), the score now and what it rests on."""

    code: str
    title: str
    was: int | None
    now: int
    evidence: str

    @property
    def delta(self) -> int | None:
        """How much heavier it became; below zero, lighter."""
        return None if self.was is None else self.now - self.was

    @property
    def change(self) -> str:
        """«легче на 2», «тяжелее на 1», «без изменений»."""
        if not self.delta:
            return "" if self.delta is None else "без изменений"
        return f"{'тяжелее' if self.delta > 0 else 'легче'} на {abs(self.delta)}"

    @property
    def tone(self) -> str:
        return "" if not self.delta else "bad" if self.delta > 0 else "good"

    @property
    def meaning(self) -> str:
        return SCORE_MEANINGS[self.now]


@dataclass(frozen=True)
class Comparison:
    """`earlier` is None for an assessment shown by itself."""

    assessment: Assessment
    earlier: Assessment | None
    lines: list[Line]

    @property
    def troubled(self) -> list[Line]:
        """Domains with a trouble then or now."""
        return [line for line in self.lines if line.was or line.now]

    @property
    def calm(self) -> list[Line]:
        """The others."""
        return [line for line in self.lines if not (line.was or line.now)]

    @property
    def total(self) -> int:
        return sum(line.now for line in self.lines)

    @property
    def total_was(self) -> int | None:
        return sum(line.was or 0 for line in self.lines) if self.earlier else None

    @property
    def summary(self) -> str:
        """The whole change in one or two sentences."""
        most = MOST * len(self.lines)
        if self.earlier is None:
            number = len(self.troubled)
            found = f"трудности в {counted(number, 'сфере,сферах,сферах')}" if number else "трудностей нет"
            return f"{counted(self.total, 'балл,балла,баллов')} из {most}: {found}."
        better = sum((line.delta or 0) < 0 for line in self.lines)
        worse = sum((line.delta or 0) > 0 for line in self.lines)
        told = [
            words
            for number, words in (
                (better, f"легче стало в {counted(better, 'сфере,сферах,сферах')}"),
                (worse, f"тяжелее в {counted(worse, 'сфере,сферах,сферах')}"),
            )
            if number
        ]
        was = counted(self.total_was, "балл,балла,баллов")
        return f"Было {was} из {most}, стало {self.total}: {', '.join(told) or 'без изменений'}."

    @property
    def picture(self):
        """The profile as inline SVG, for a page and for paper alike; its title says it in words."""
        return self._draw(self.lines, "Профиль трудностей по десяти сферам, от 0 до 4")

    @property
    def picture_of_troubles(self):
        """The same with the spheres in trouble only, for a paper that names the others in words; empty without any."""
        return self._draw(self.troubled, "Профиль трудностей, от 0 до 4") if self.troubled else ""

    def _draw(self, lines, title):
        names = ("", self._name(self.assessment))
        if self.earlier:
            names = (self._name(self.earlier), names[1])
        return charts.profile(
            [charts.Step(line.title.capitalize(), line.was, line.now) for line in lines],
            title=title,
            most=MOST,
            ends=("нет", "угроза"),
            names=names,
        )

    @staticmethod
    def _name(assessment) -> str:
        return f"диагностика {assessment.done_on:%d.%m.%Y}"


def compare(assessment, earlier=None) -> Comparison:
    """`assessment` beside `earlier`, or by itself; both are read with their scores."""
    was = {score.domain: score.score for score in earlier.scores.all()} if earlier else {}
    now = {score.domain: score for score in assessment.scores.all()}
    lines = [
        Line(code, Domain(code).label, was.get(code), now[code].score, now[code].evidence)
        for code in Domain.values
        if code in now
    ]
    return Comparison(assessment, earlier, lines)
