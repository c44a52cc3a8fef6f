"""What may be asked of a council about a case, by its stage, its level and its papers (domain.md §2)."""

from cases.words import Level, Stage
from councils.words import Question
from sopr import profile
from sopr.errors import Refused

OF_TERM = (Question.LEVEL, Question.PROLONG, Question.REMOVE)  # each answers a level whose term ends
WITH_PROGRAMME = (Question.RECOGNISE, Question.PROGRAMME, Question.LEVEL, Question.PROLONG)


def check_question(case, question, level, to_organisation=None):
    """Raise Refused with what is missing when `question` cannot be asked about `case` now."""
    supported = case.stage in (Stage.ACTIVE, Stage.SUSPENDED)
    if question == Question.ANNUL:
        raise Refused("Об отмене решения просят на странице случая, у самого решения.")
    if question == Question.REFUSE:
        raise Refused("Отказ — это решение совета, а не вопрос к нему. Вынесите вопрос «признать нуждающейся».")
    if question == Question.RECOGNISE:
        if case.stage != Stage.ASSESSMENT:
            raise Refused("Признать нуждающейся можно семью, случай которой на этапе диагностики.")
        if not level:
            raise Refused("Укажите предлагаемый уровень сопровождения.")
        return
    if not supported and question != Question.OTHER:
        raise Refused("Этот вопрос выносится по семье, которая уже на сопровождении.")
    if question == Question.LEVEL:
        check_new_level(case, level)
    if question == Question.TRANSFER and to_organisation in (None, case.organisation):
        raise Refused("Укажите организацию, которой предлагаете передать сопровождение.")
    if question == Question.PROGRAMME and not case.draft_revisions().exists():
        raise Refused("Нет новой редакции ИПСС: сначала составьте её.")
    if question in WITH_PROGRAMME:
        _check_drafts(case)
    if question == Question.REMOVE and not hasattr(case, "closure"):
        raise Refused("Сначала подготовьте заключение о снятии.")


def check_new_level(case, level):
    """Raise Refused for the level of now and for one that is set only at acceptance."""
    if level in ("", case.level):
        raise Refused("Выберите новый уровень, отличный от нынешнего.")
    if profile.current().levels[level].entry_only:
        raise Refused(f"Уровень «{Level(level).label}» устанавливается только при принятии на сопровождение.")


def _check_drafts(case):
    """A new revision goes to the council whole: every goal with its activity."""
    for revision in case.draft_revisions().prefetch_related("goals__activities"):
        goals = list(revision.goals.all())
        if not goals or any(not goal.activities.all() for goal in goals):
            raise Refused(
                f"{revision}: у каждой цели должно быть мероприятие. Дополните проект, затем вынесите вопрос на совет."
            )
