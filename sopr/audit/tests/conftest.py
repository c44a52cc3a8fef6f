import pytest

from sopr.accounts.models import Organisation, User


@pytest.fixture
def organisation(db):
    return Organisation.objects.create(code="center", name="Центр «Забота»", kind="social")


@pytest.fixture
def curator(organisation):
    return User.objects.create_user(
        "curator",
        password="Очень-длинный-1",
        last_name="Лебедева",
        first_name="Ольга",
        role="curator",
        organisation=organisation,
    )
