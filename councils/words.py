"""Words of councils: kinds of questions and decisions, one code each (domain.md §2, exchange.md «Решение»)."""

from django.db import models


class Question(models.TextChoices):
    """What is asked of the council, and — once decided so — what it decided."""

    RECOGNISE = "recognise", "признать нуждающейся"
    REFUSE = "refuse", "отказать"
    PROGRAMME = "programme", "утвердить ИПСС"
    LEVEL = "level", "изменить уровень"
    PROLONG = "prolong", "продлить"
    REMOVE = "remove", "снять с сопровождения"
    TRANSFER = "transfer", "передать в другую организацию"
    ANNUL = "annul", "отменить решение"
    OTHER = "other", "иное"


class Verdict(models.TextChoices):
    """How the council answered the question put to it."""

    GRANTED = "granted", "решить, как предложено"
    REFUSED = "refused", "отказать"
    RETURNED = "returned", "вернуть на доработку"


class Cause(models.TextChoices):
    """Why the system has put a question by itself."""

    TERM = "term", "подходит срок уровня"
    ASSIGNMENT = "assignment", "не исполнено поручение"
    RELAPSE = "relapse", "рецидив после снятия"
