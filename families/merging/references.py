"""What refers to a family or a person, whichever app keeps it: read from the models themselves, never from a list.

Foreign keys, one-to-one keys and the rows of many-to-many tables are relations Django knows. Beside them two kinds of
plain numbers: a column named «family_id» or «person_id», and a pair «subject_type», «subject_id». History is appended
and stays where it was written. What an upper app knows about its rows it declares in its `ready()`: `name_rows`,
`say_conflict`.
"""

from dataclasses import dataclass, field
from functools import cache

from django.apps import apps

from sopr.audit.append_only import AppendOnly

# Rows that say which card was merged into which: they are the memory of merges and do not move with them.
MEMORY = {"families.merge"}
# What the check of cards writes by itself: it checks both cards anew.
DERIVED = {"families.cardproblem", "families.uncheckedcard"}

_NAMES: dict[str, tuple[str, str]] = {
    "families.family_holders": ("организации, которые ведут карточку", ""),
    "families.familymembership": ("записи о составе семьи", "members"),
    "families.categoryperiod": ("категории", "members"),
    "families.registerentry": ("учёты", "members"),
    "families.application": ("заявления", "papers"),
    "families.consent": ("согласия", "papers"),
    "families.homesurvey": ("акты обследования", "papers"),
    "families.referral": ("сигналы", "papers"),
    "families.family": ("карточки, объединённые раньше", ""),
    "families.person": ("записи о людях, объединённые раньше", ""),
    "obligations.obligation": ("сроки", ""),
}
_SENTENCES: dict[str, str] = {
    "one_open_match_per_asker": "об обеих карточках ждут ответа запросы сверки одного и того же сотрудника: "
    "ответьте на один из них",
}


@dataclass(frozen=True)
class Reference:
    """A column that points at the row: `attname` is the column, `name` the field; `where` narrows further."""

    model: type
    name: str
    attname: str
    where: dict = field(default_factory=dict, hash=False)

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def title(self) -> str:
        """What the rows are, in Russian, plural."""
        return _NAMES[self.label][0] if self.label in _NAMES else str(self.model._meta.verbose_name_plural)

    @property
    def tab(self) -> str:
        """The tab of the family's card that shows them."""
        return _NAMES.get(self.label, ("", ""))[1]

    def rows(self, pk):
        return self.model._base_manager.filter(**{self.attname: pk}, **self.where).order_by("pk")


def name_rows(label: str, title: str, tab: str = "") -> None:
    """Declare how rows of a model are called on the pages of merging, and which tab of the card shows them."""
    _NAMES[label] = (title, tab)


def say_conflict(constraint: str, sentence: str) -> None:
    """Declare what to do when two rows cannot belong to one card: «пока …: сделайте …».

    `constraint` is the database's rule, `{ours}` and `{theirs}` in the sentence are the two rows.
    """
    _SENTENCES[constraint] = sentence


def sentence_for(constraint: str, ours, theirs) -> str:
    pattern = _SENTENCES.get(
        constraint, "обе записи имеют «{ours}» и «{theirs}», а допустима одна: исправьте или завершите одну из них"
    )
    return "Нельзя объединить, пока " + pattern.format(ours=ours, theirs=theirs) + "."


@cache
def references_to(model) -> tuple[Reference, ...]:
    """Every column of the database that points at rows of `model` and may move with them."""
    found = [
        Reference(relation.related_model, relation.field.name, relation.field.attname)
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
    ]
    number = f"{model._meta.model_name}_id"
    for other in apps.get_models(include_auto_created=True):
        names = {column.name for column in other._meta.concrete_fields if not column.is_relation}
        if number in names:
            found.append(Reference(other, number, number))
        if {"subject_type", "subject_id"} <= names:
            found.append(Reference(other, "subject_id", "subject_id", {"subject_type": model._meta.label_lower}))
    return tuple(reference for reference in found if _moves(reference.model))


def _moves(model) -> bool:
    kept_apart = issubclass(model, AppendOnly) or model._meta.label_lower in MEMORY | DERIVED
    return not kept_apart and model._meta.managed and not model._meta.proxy
