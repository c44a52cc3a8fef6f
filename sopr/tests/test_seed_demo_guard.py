"""`seed_demo` never touches a database that holds other people's data."""

import pytest
from django.core.management import CommandError, call_command

from families.models import Family


def test_a_database_with_other_data_is_left_alone(world):
    with pytest.raises(CommandError, match="уже есть данные"):
        call_command("seed_demo", families=5)
    assert not Family.objects.exists()
