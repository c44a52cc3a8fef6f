"""The import as a page: errors with their places, a preview, nothing saved before the confirmation."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from families.models import Family
from sopr.audit.models import AuditRecord
from sopr.tests.workbooks import make_workbook, small_register

UPLOAD = "exchange:register-import"


@pytest.fixture
def upload(client, world, tmp_path):
    client.force_login(world.administrator)

    def upload(content):
        return client.post(reverse(UPLOAD), {"file": SimpleUploadedFile("register.xlsx", content)})

    return upload


def book(tmp_path, sheets):
    return make_workbook(tmp_path / "register.xlsx", sheets).read_bytes()


def test_a_workbook_is_shown_before_it_is_saved(client, upload, tmp_path):
    answer = upload(book(tmp_path, small_register()))
    assert answer.status_code == 302
    preview = client.get(answer["Location"]).content.decode()
    assert "Лист «Семьи»: создано 2" in preview
    assert not Family.objects.exists()
    client.post(answer["Location"])
    assert Family.objects.count() == 2
    assert AuditRecord.objects.filter(action="import", actor__role="administrator").count() == 1
    assert client.get(answer["Location"]).status_code == 404


def test_errors_are_named_with_their_places_and_nothing_waits(upload, tmp_path):
    sheets = small_register()
    sheets["Случаи"][1][9] = "2019-12-31"
    answer = upload(book(tmp_path, sheets))
    assert answer.status_code == 422
    place = "Лист «Случаи», строка 2, столбец «Дата снятия»: раньше даты принятия (2020-02-03)"
    assert place in answer.content.decode()
    assert not Family.objects.exists()


def test_what_is_not_a_workbook_is_refused_whatever_its_name(upload):
    answer = upload(b"MZ this is a program")
    assert answer.status_code == 422
    assert "Книга Excel (.xlsx)" in answer.content.decode()


def test_somebody_elses_upload_is_not_found(client, upload, tmp_path, world):
    waiting = upload(book(tmp_path, small_register()))["Location"]
    client.logout()
    client.force_login(world.administrator)
    assert client.get(waiting).status_code == 404
