"""manage.py backup: the database and the uploaded files as one archive."""

import os
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

# What the database is called inside the archive, by the vendor that wrote it.
DUMP_NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class Command(BaseCommand):
    help = "Write the database and the uploaded files into one archive. The product may go on running."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path, help="default: backups/sopr-<moment>.tar in SOPR_VAR")

    def handle(self, *, file, **options):
        moment = timezone.localtime().strftime("%Y%m%d-%H%M%S")
        file = file or settings.SOPR_VAR / "backups" / f"sopr-{moment}.tar"
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as scratch:
            dump = Path(scratch, DUMP_NAMES[connection.vendor])
            # The database first: a file added meanwhile is spare, a row without its file would be a loss.
            dump_database(dump)
            archive = Path(scratch, "archive.tar")
            with tarfile.open(archive, "w") as tar:
                tar.add(dump, dump.name)
                if settings.MEDIA_ROOT.exists():
                    tar.add(settings.MEDIA_ROOT, "media")
            archive.chmod(0o600)  # personal data
            archive.replace(file)
        self.stdout.write(f"{file} ({file.stat().st_size / 2**20:.1f} MiB)")


def dump_database(path):
    """Write a consistent copy of the database to `path`.

    Raises CommandError when pg_dump is missing or fails.
    """
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
    else:
        run_postgresql("pg_dump", "--format=custom", "--no-owner", f"--file={path}")


def run_postgresql(program, *arguments):
    """Run a PostgreSQL client program against our database; the password goes by the environment, not by the list of
    processes. Raises CommandError with what the program said."""
    params = connection.get_connection_params()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "sslmode": "PGSSLMODE"}
    environment = os.environ | {name: str(params[key]) for key, name in names.items() if params.get(key)}
    environment["PGDATABASE"] = connection.settings_dict["NAME"]
    try:
        done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as error:
        raise CommandError(f"{program} is not installed: apt-get install postgresql-client") from error
    if done.returncode:
        raise CommandError(f"{program} failed: {done.stderr.strip()}")
