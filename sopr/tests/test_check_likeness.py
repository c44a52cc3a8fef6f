"""The duplicate check against its labelled set: what it finds, and whom it never takes for somebody else."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from families.models import Family, Person
from sopr.accounts.models import Organisation
from sopr.demo.likeness import OTHERS, SAME
from sopr.management.commands.check_likeness import Score, measure


@pytest.fixture(scope="module")
def scores(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return measure(seed=7, families=300, each=20)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", SAME)
def test_the_same_person_is_found_however_he_is_typed(scores, kind):
    assert scores[kind].probes == 20
    assert scores[kind].recall >= 0.9


@pytest.mark.django_db
def test_floors_of_the_whole_set(scores):
    total = Score()
    for score in scores.values():
        total.add(score)
    assert total.recall >= 0.97
    assert total.precision >= 0.97


@pytest.mark.django_db
@pytest.mark.parametrize("kind", OTHERS)
def test_somebody_else_is_never_called_the_same(scores, kind):
    assert scores[kind].probes >= 10
    assert scores[kind].sure == 0
    assert scores[kind].wrong <= 2


@pytest.mark.django_db
def test_the_command_prints_and_leaves_nothing(scores):
    out = StringIO()
    call_command("check_likeness", families=10, each=2, stdout=out)
    text = out.getvalue()
    assert "близнецы" in text and "полнота" in text and "всего" in text
    assert not Family.objects.exists() and not Person.objects.exists() and not Organisation.objects.exists()
    with pytest.raises(CommandError):
        call_command("check_likeness", families=0, stdout=out)


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_figures(scores):
    assert measure(seed=7, families=40, each=3) == measure(seed=7, families=40, each=3)
