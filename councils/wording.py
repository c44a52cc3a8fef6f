"""Words of agenda and decisions: a draft the secretary starts from, in the official phrases of the minutes."""

from django.utils import timezone

from cases.words import CaseForm, Level
from councils.words import Question
from families.models import FamilyMembership
from sopr import profile
from sopr.calendar import add_months
from sopr.documents.names import Case as Grammar
from sopr.documents.names import Name
from sopr.documents.templatetags.doc import counted

Relation = FamilyMembership.Relation

ABOUT = {
    Question.RECOGNISE: "О признании семьи {family} нуждающейся в социальном сопровождении",
    Question.PROGRAMME: "Об утверждении программы сопровождения семьи {family}",
    Question.LEVEL: "О переводе семьи {family} на {new_level} уровень",
    Question.PROLONG: "О продлении сопровождения семьи {family}",
    Question.REMOVE: "О снятии семьи {family} с социального сопровождения",
    Question.TRANSFER: "О передаче сопровождения семьи {family} в другую организацию",
    Question.ANNUL: "Об отмене решения от {annulled_on} о семье {family}",
    Question.OTHER: "О семье {family}",
}
DRAFT = {
    Question.RECOGNISE: (
        "Признать семью {family}{members} нуждающейся в социальном сопровождении и принять на сопровождение в {form} "
        "форме. Основная категория – {category}.",
        "Установить {new_level} уровень на {term}.",
        "{approve}",
        "Назначить куратором семьи {curator}.",
    ),
    Question.PROGRAMME: ("{approve}",),
    Question.LEVEL: (
        "Перевести семью {family} с {old_level_gen} уровня на {new_level} на {term}.",
        "{approve}",
    ),
    Question.PROLONG: (
        "Продлить сопровождение семьи {family} на {old_level_prep} уровне на {term}.",
        "{approve}",
    ),
    Question.REMOVE: (
        "Снять семью {family} с социального сопровождения {from_day}. Исход: {outcome}; причина: {reason}.",
        "{aftercare}",
    ),
    Question.TRANSFER: (
        "Передать сопровождение семьи {family} организации «{to_organisation}» с согласия семьи.",
        "Передачу оформляет руководитель службы, которая ведёт случай № {case}.",
    ),
    Question.ANNUL: ("Отменить решение о семье {family}: {annulled}.",),
    Question.OTHER: (),
}
REFUSAL = {
    Question.RECOGNISE: "Отказать в признании семьи {family} нуждающейся в социальном сопровождении",
    Question.PROGRAMME: "Не утверждать программу сопровождения семьи {family}",
    Question.LEVEL: "Оставить прежний уровень сопровождения семьи {family}",
    Question.PROLONG: "Не продлевать сопровождение семьи {family}",
    Question.REMOVE: "Не снимать семью {family} с социального сопровождения",
    Question.TRANSFER: "Оставить сопровождение семьи {family} прежней организации",
    Question.ANNUL: "Оставить в силе решение о семье {family}",
    Question.OTHER: "Отказать",
}
RETURN = "Вернуть материалы семьи {family} на доработку"
APPROVE = "Утвердить индивидуальную программу социального сопровождения {revisions}."
AFTERCARE = "Установить постсопровождение на {term}."
FROM_TALLY = "со дня подведения итогов голосования"


def about(item) -> str:
    """The question as a line of the agenda: «О снятии семьи Громовых с социального сопровождения».

    What is merged into it stands after it, as it was worded then.
    """
    own = ABOUT[item.question].format(
        family=_family(item),
        new_level=Level(item.level).label if item.level else "другой",
        annulled_on=f"{item.annuls.decided_on:%d.%m.%Y}" if item.annuls_id else "",
    )
    return f"{own}; {item.also}" if item.also else own


def about_nobody(item) -> str:
    """The same line without the family: for who is not called to this question."""
    line = ABOUT[item.question].format(family="", new_level=Level(item.level).label if item.level else "другой")
    return " ".join(line.split())


def draft_decision(item, day) -> str:
    """The decision as proposed, in numbered points, for a meeting held on `day`; empty for «иное».

    `day` None is a vote by correspondence: its terms run from the day the ballots are counted.
    """
    points = _points(item, day)
    if item.also:
        points += [point for other in item.merged.select_related("case__family") for point in _points(other, day)]
    if len(points) == 1:
        return points[0]
    return "\n".join(f"{number}. {point}" for number, point in enumerate(points, 1))


def _points(item, day) -> list[str]:
    values = _values(item, day)
    return [_stop(point) for point in (line.format(**values) for line in DRAFT[item.question]) if point]


def refusal(item, reason: str) -> str:
    """The decision when the council refuses what was asked: «Отказать в признании…: причина»."""
    return _with_reason(REFUSAL[item.question].format(family=_family(item)), reason)


def returning(item, reason: str) -> str:
    """The decision when the council sends the papers back: «Вернуть материалы семьи … на доработку: причина»."""
    return _with_reason(RETURN.format(family=_family(item)), reason)


def names_level(text: str, level: str) -> bool:
    """Whether a decision's text speaks of the level (in any grammatical case)."""
    return Level(level).label[:-2] in text.lower()


def _with_reason(sentence, reason):
    return f"{sentence}: {reason.strip().rstrip('.')}."


def _stop(sentence) -> str:
    """One full stop at the end, also after initials."""
    return sentence.rstrip(".") + "."


def _family(item) -> str:
    return item.case.family.surname_in(Grammar.GEN)


def _values(item, day) -> dict:
    case, rules = item.case, profile.current()
    level = item.level or case.level
    months = rules.levels[level].months if level else 0
    curator = case.curator
    values = {
        "family": _family(item),
        "members": _members(case.family, day or timezone.localdate()),
        "form": "индивидуальной" if case.form == CaseForm.INDIVIDUAL else "групповой",
        "category": case.get_primary_category_display(),
        "new_level": Level(level).label if level else "",
        "old_level_gen": _adjective(case.level, "ого"),
        "old_level_prep": _adjective(case.level, "ом"),
        "term": _term(day, months),
        "approve": _approve(item),
        "curator": Name(curator).short_acc if curator else "",
        "from_day": f"с {day:%d.%m.%Y}" if day else FROM_TALLY,
        "to_organisation": item.to_organisation or "",
        "case": case.number,
        "outcome": "",
        "reason": "",
        "aftercare": "",
        "annulled": f"{item.annuls.get_question_display()} ({item.annuls.basis})" if item.annuls_id else "",
    }
    return values | (_closing(case, day, rules) if item.question == Question.REMOVE else {})


def _closing(case, day, rules) -> dict:
    closure = case.closure
    months = rules.deadlines.aftercare_months
    aftercare = AFTERCARE.format(term=_term(day, months))
    return {
        "outcome": closure.get_outcome_display(),
        "reason": closure.get_reason_display(),
        "aftercare": aftercare if closure.aftercare else "",
    }


def _approve(item) -> str:
    revisions = [
        f"{Name(revision.programme.person).short_gen} (редакция {revision.number})"
        if revision.programme.person_id
        else f"(редакция {revision.number})"
        for revision in item.revisions.all()
    ]
    return APPROVE.format(revisions=", ".join(revisions)) if revisions else ""


def _members(family, day) -> str:
    """« (мать – Ковалёва Анна Игоревна; дети – Ковалёв Илья Петрович, 2016 г. р.)»; empty when nobody is known."""
    adults, children = [], []
    for membership in family.members_on(day):
        person = membership.person
        if membership.relation == Relation.CHILD:
            year = f", {person.birth_on.year} г. р." if person.birth_on else ""
            children.append(f"{person.full_name}{year}")
        elif membership.relation != Relation.OTHER:
            adults.append(f"{membership.get_relation_display()} – {person.full_name}")
    parts = [*adults]
    if children:
        parts.append(("дети – " if len(children) > 1 else "ребёнок – ") + ", ".join(children))
    return f" ({'; '.join(parts)})" if parts else ""


def _adjective(level, ending) -> str:
    return Level(level).label[:-2] + ending if level else ""


def _term(day, months) -> str:
    """«6 месяцев, по 28.05.2027»; from the count of the ballots, when the day is not known yet."""
    return f"{_months(months)}, по {add_months(day, months):%d.%m.%Y}" if day else f"{_months(months)} {FROM_TALLY}"


def _months(months) -> str:
    return counted(months, "месяц,месяца,месяцев")
