"""manage.py restore: an archive of `manage.py backup` in place of the data there is."""

import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from sopr.management.commands.backup import DUMP_NAMES, run_postgresql


class Command(BaseCommand):
    help = "Put an archive of `backup` in place of the database and the uploaded files. Stop the product first."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        with tempfile.TemporaryDirectory(dir=settings.SOPR_VAR) as scratch:
            unpack(file, scratch)
            dump = Path(scratch, DUMP_NAMES[connection.vendor])
            if not dump.exists():
                raise CommandError(f"{file} was not made from {connection.vendor}: set DATABASE_URL as it was then.")
            load_database(dump)
            shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
            if (media := Path(scratch, "media")).exists():
                shutil.move(media, settings.MEDIA_ROOT)
        self.stdout.write(f"Restored from {file}")


def unpack(file, folder):
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise CommandError(f"{file} is not an archive made by `backup`: {error}") from error


def load_database(dump):
    """Replace the whole database by the dump, in one transaction."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(dump)) as copy:
            copy.backup(connection.connection)
    else:
        connection.close()
        run_postgresql(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
            f"--dbname={connection.settings_dict['NAME']}", str(dump),
        )  # fmt: skip
