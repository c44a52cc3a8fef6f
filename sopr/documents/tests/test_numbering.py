"""Numbers without gaps: under a rollback, and when many ask at once."""

import threading

import pytest
from django.db import connection, transaction

from sopr.documents.models import Counter
from sopr.documents.numbering import next_number


@pytest.mark.django_db
def test_each_scope_and_year_is_numbered_from_one():
    assert [next_number("minutes:7", 2026) for _ in range(3)] == [1, 2, 3]
    assert next_number("minutes:8", 2026) == 1
    assert next_number("minutes:7", 2027) == 1
    assert next_number("minutes:7", 2026) == 4


@pytest.mark.django_db(transaction=True)
def test_a_number_is_refused_outside_a_transaction():
    with pytest.raises(RuntimeError, match=r"transaction\.atomic"):
        next_number("minutes:7", 2026)
    assert not Counter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_document_gives_its_number_back():
    with transaction.atomic():
        assert next_number("minutes:7", 2026) == 1
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert next_number("minutes:7", 2026) == 2
        1 / 0  # noqa: B018
    with transaction.atomic():
        assert next_number("minutes:7", 2026) == 2


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_get_consecutive_numbers_and_losers_leave_no_gap():
    """Six threads of five documents each; every third document is rolled back after it took its number."""
    taken, failures, start = [], [], threading.Barrier(6)

    def work():
        try:
            start.wait()
            for i in range(5):
                try:
                    with transaction.atomic():
                        number = next_number("contract:1", 2026)
                        if i % 3 == 2:
                            raise InterruptedError
                except InterruptedError:
                    continue
                taken.append(number)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not failures
    assert sorted(taken) == list(range(1, 25))
    assert Counter.objects.get(scope="contract:1", year=2026).value == 24
