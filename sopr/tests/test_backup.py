import tarfile

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    return settings.MEDIA_ROOT


@pytest.mark.django_db(transaction=True)
def test_restore_brings_back_rows_and_files(media, tmp_path, settings):
    archive = tmp_path / "copy.tar"
    Group.objects.create(name="before")
    (media / "minutes.pdf").write_bytes(b"%PDF")
    call_command("backup", archive)

    Group.objects.all().delete()
    Group.objects.create(name="after")
    (media / "minutes.pdf").unlink()
    (media / "later.pdf").write_bytes(b"%PDF")
    call_command("restore", archive)

    assert list(Group.objects.values_list("name", flat=True)) == ["before"]
    assert [file.name for file in media.iterdir()] == ["minutes.pdf"]


@pytest.mark.django_db(transaction=True)
def test_the_archive_is_for_its_owner_only(media, tmp_path):
    archive = tmp_path / "copy.tar"
    call_command("backup", archive)
    assert archive.stat().st_mode & 0o077 == 0


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_no_archive_changes_nothing(media, tmp_path):
    (media / "minutes.pdf").write_bytes(b"%PDF")
    (tmp_path / "letter.txt").write_text("Здравствуйте")
    with pytest.raises(CommandError, match="not an archive"):
        call_command("restore", tmp_path / "letter.txt")
    assert (media / "minutes.pdf").exists()


@pytest.mark.django_db(transaction=True)
def test_an_archive_of_the_other_database_is_refused(media, tmp_path):
    other = {"sqlite": "database.dump", "postgresql": "database.sqlite3"}[connection.vendor]
    (tmp_path / other).write_bytes(b"")
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(tmp_path / other, other)
    with pytest.raises(CommandError, match="DATABASE_URL"):
        call_command("restore", tmp_path / "other.tar")
