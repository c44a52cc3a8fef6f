"""Search by pieces of words: what each lookup finds, and that an index answers, on both databases."""

import pytest
from django.db.models import F, Q

from families.models import Person

NAMES = [
    "Ковалёва Анна Игоревна",
    "Коваленко Анна Петровна",
    "Ли Ян",
    "Иванов Пётр Петрович",
    "Петрова-Водкина Инна Ивановна",
]


@pytest.fixture
def people(db):
    rows = [
        Person(number=f"P{n}", **dict(zip(("last_name", "first_name", "patronymic"), name.split(), strict=False)))
        for n, name in enumerate(NAMES)
    ]
    for row in rows:
        row.fill_keys()
    Person.objects.bulk_create(rows)


def surnames(**lookup):
    return sorted(Person.objects.filter(**lookup).values_list("last_name", flat=True))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["ковал"], ["Коваленко", "Ковалёва"]),
        (["анна", "ковалева"], ["Ковалёва"]),
        (["ли"], ["Ли"]),
        (["ян", "л"], ["Ли"]),
        (["л"], ["Ли"]),
        (["иван"], ["Иванов", "Петрова-Водкина"]),
        (["водкина"], ["Петрова-Водкина"]),
        (["валева"], []),  # not the beginning of a word
        (["a%"], []),
        (['"'], []),
    ],
)
def test_words_begin_the_words_of_the_text(people, words, found):
    assert surnames(search_name__has_words=words) == found


@pytest.mark.parametrize("word", ["кавалева", "ковлева", "ковваллева", "коавлева", "ковалевa", "овалева", "кавале"])
def test_a_slip_is_forgiven(people, word):
    assert "Ковалёва" in surnames(search_name__like_words=[word])


def test_nothing_is_like_no_words(people):
    assert surnames(search_name__has_words=[]) == []
    assert surnames(search_name__like_words=["щербинина"]) == []


def test_what_bulk_writers_change_is_found(people):
    row = Person.objects.get(last_name="Ли")
    row.last_name = "Чжоу"
    row.fill_keys()
    Person.objects.bulk_update([row], ["last_name", "search_name"])
    assert surnames(search_name__has_words=["чжоу"]) == ["Чжоу"]
    assert surnames(search_name__has_words=["ли"]) == []
    Person.objects.filter(pk=row.pk).update(search_name="ким ян")
    assert surnames(search_name__has_words=["ким"]) == ["Чжоу"]
    Person.objects.filter(last_name="Иванов").delete()
    assert surnames(search_name__has_words=["иванов", "петрович"]) == []


def test_through_a_join_and_beside_another_condition(people):
    rows = Person.objects.filter(Q(search_name__has_words=["ли"]) | Q(snils="1")).exclude(search_name=F("snils"))
    assert [row.last_name for row in rows] == ["Ли"]
