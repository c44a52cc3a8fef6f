import datetime

import pytest
import time_machine

NOW = datetime.datetime(2026, 9, 1, 10, tzinfo=datetime.UTC)


def attempt(client, address="10.0.0.5"):
    return client.post("/login/", {"username": "guess", "password": "wrong"}, REMOTE_ADDR=address)


@pytest.mark.django_db
def test_five_wrong_passwords_close_the_door_for_a_quarter_of_an_hour(client):
    with time_machine.travel(NOW) as clock:
        for _ in range(4):
            assert attempt(client).status_code == 200
        locked = attempt(client)
        assert locked.status_code == 429
        # Neutral: the page does not tell whether there is such a login (there is none here).
        assert "Вход закрыт на 15 минут" in locked.content.decode()

        assert attempt(client, address="10.0.0.6").status_code == 200  # the owner at her own desk
        clock.shift(datetime.timedelta(minutes=16))
        assert attempt(client).status_code == 200
