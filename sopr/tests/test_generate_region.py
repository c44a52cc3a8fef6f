"""A generated register is one that the product could have written, and can go on with."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from cases.models import Case
from families.models import CategoryPeriod, Family, FamilyMembership, Person
from families.names import snils_is_valid
from sopr.accounts.models import Organisation
from sopr.audit.chain import problems
from sopr.demo import bulk


def describe():
    """What the seed decides, without ids and moments."""
    families = Family.objects.order_by("pk").values_list("surname", "address", "registered_on", "phone")
    people = Person.objects.order_by("pk").values_list("last_name", "first_name", "birth_on", "snils")
    cases = Case.objects.order_by("pk").values_list("number", "stage", "primary_category", "accepted_on")
    return [*families], [*people], [*cases]


@pytest.fixture
def region(db):
    return bulk.generate(600, organisations=6)


def test_the_same_seed_gives_the_same_region(db):
    regions = []
    for seed in (5, 5, 6):
        with transaction.atomic():
            bulk.generate(40, organisations=3, seed=seed)
            regions.append(describe())
            transaction.set_rollback(True)
    assert regions[0] == regions[1] != regions[2]


def test_families_have_people_papers_and_casework(region):
    assert Family.objects.count() == 600
    assert 2.2 < Person.objects.count() / 600 < 2.4
    assert FamilyMembership.objects.count() == Person.objects.count()
    assert CategoryPeriod.objects.filter(is_primary=True, until=None).count() == 600
    assert Case.objects.values("stage").distinct().count() >= 5
    largest = max(Organisation.objects.all(), key=lambda row: row.families.count())
    assert largest == region.users["head"].organisation


def test_derived_columns_are_those_that_saving_gives(region):
    for model in (Family, Person, Case):
        row = model.objects.order_by("pk").last()
        filled = {name: getattr(row, name) for name in row.fill_keys()}
        stored = model.objects.filter(pk=row.pk).values(*filled).get()
        assert stored == filled
    numbers = list(Person.objects.exclude(snils="").values_list("snils", flat=True))
    assert all(map(snils_is_valid, numbers))
    assert len(numbers) > 1000


def test_the_product_goes_on_numbering_and_its_log_is_whole(region):
    curator = region.users["curator"]
    place = curator.organisation.municipality
    family = Family.register(by=curator, surname="Ковалёвы", municipality=place)
    assert family.number == "0601"
    assert list(problems()) == []


def test_a_database_with_data_is_left_alone(world):
    with pytest.raises(CommandError, match="уже есть данные"):
        call_command("generate_region", families=5)
    assert not Family.objects.exists()
