"""Many writers at once make one chain."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from sopr.audit.chain import problems
from sopr.audit.log import record
from sopr.audit.models import AuditRecord

WRITERS, ROWS = 6, 8


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_wait_for_each_other():
    def write(writer):
        try:
            for number in range(ROWS):
                with transaction.atomic():
                    record(None, "read", detail={"writer": writer, "number": number})
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    assert list(AuditRecord.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, WRITERS * ROWS + 1))
    assert list(problems()) == []
