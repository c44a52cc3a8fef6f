"""`manage.py bench_import [--families 100000]`: time and peak memory of an import, for three sizes side by side."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from sopr.exchange.sample import write_sample

SIZES = (1_000, 10_000, 100_000)


class Command(BaseCommand):
    help = "Import generated workbooks into empty databases made for this; the present database is not touched."

    def add_arguments(self, parser):
        parser.add_argument("--families", type=int, default=SIZES[-1], help="the largest workbook; smaller ones before")

    def handle(self, *, families, **options):
        if families < 1:
            raise CommandError("Число семей должно быть больше нуля.")
        sizes = [size for size in SIZES if size < families] + [families]
        self.stdout.write(f"Загрузка книги реестра, {connection.vendor}")
        self.stdout.write(f"{'семей':>9} {'книга':>9} {'время':>9} {'процессор':>10} {'память':>9} {'семей/с':>9}")
        with tempfile.TemporaryDirectory(prefix="bench-import-") as folder:
            for size in sizes:
                path = Path(folder) / f"{size}.xlsx"
                write_apart(path, size)
                seconds, cpu, memory = self._import(path, Path(folder), size)
                book = path.stat().st_size / 1024**2
                self.stdout.write(
                    f"{size:>9} {book:>6.1f} МБ {seconds:>7.1f} с {cpu:>8.1f} с {memory:>6.0f} МБ "
                    f"{size / seconds:>9.0f}"
                )
                path.unlink()

    def _import(self, path, folder, size) -> tuple[float, float, float]:
        """Seconds, the processor's seconds and peak megabytes of `import_register`, in its own process and database."""
        with Database(folder, size) as url:
            environment = os.environ | {"DATABASE_URL": url}
            manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
            subprocess.run([*manage, "migrate", "--verbosity", "0"], env=environment, check=True)  # noqa: S603
            began = time.perf_counter()
            child = subprocess.Popen(  # noqa: S603
                [*manage, "import_register", str(path)], env=environment, stdout=subprocess.DEVNULL
            )
            _pid, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                raise CommandError("Загрузка не удалась: причина выше.")
            return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def write_apart(path, size):
    """Write the workbook in a process of its own: a child's peak memory is never told below that of its parent."""
    writer = multiprocessing.get_context("fork").Process(target=write_sample, args=(path, size))
    writer.start()
    writer.join()
    if writer.exitcode:
        raise CommandError("Книгу для замера записать не удалось: причина выше.")


class Database:
    """An empty database beside the present one, dropped afterwards."""

    def __init__(self, folder, size):
        self.file = folder / f"bench-{size}.sqlite3"
        self.name = f"{connection.settings_dict['NAME']}_bench_import"

    def __enter__(self) -> str:
        if connection.vendor == "sqlite":
            return f"sqlite:///{self.file}"
        self._run(f'DROP DATABASE IF EXISTS "{self.name}"')
        self._run(f'CREATE DATABASE "{self.name}"')
        values = connection.settings_dict
        login = values["USER"] + (f":{values['PASSWORD']}" if values["PASSWORD"] else "")
        return f"postgres://{login}@{values['HOST'] or '127.0.0.1'}:{values['PORT'] or 5432}/{self.name}"

    def __exit__(self, *error):
        if connection.vendor == "sqlite":
            for leftover in self.file.parent.glob(self.file.name + "*"):
                leftover.unlink()
        else:
            self._run(f'DROP DATABASE IF EXISTS "{self.name}"')

    def _run(self, statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)
