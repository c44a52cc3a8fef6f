"""What breaks while reports are made: a real worker killed at each step, Redis, the disk and the database taken away.

Each time the report ends right, or failed with a reason and can be repeated; nobody can ever download half a file.
"""

import datetime
import os
import signal
import socket
import subprocess
import threading
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from reports import files, forms, periods, tasks
from reports.models import Packet, PacketPart, Report, ReportRun
from reports.models.job import STALE_SECONDS
from reports.tests.generated import make_region, many_cases
from reports.tests.test_runs import send, state_of, var, wait_for, worker
from sopr.accounts.models import Unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
FORM, QUARTERS = forms.find("primorye-monitoring"), [periods.parse(f"2020Q{n}") for n in (1, 2, 3, 4)]
SECONDS = 60  # to wait at most for one thing
STEPS = [
    "Считаем показатели",
    "Собираем списки за числами",
    "Сверяем баланс и полноту",
    "Сохраняем показатели",
    "Записываем JSON",
    "Собираем книгу Excel",
    "Печатаем PDF",
]


@pytest.fixture(autouse=True)
def region(transactional_db, settings, tmp_path):
    settings.SOPR_VAR = var(tmp_path)
    organisations = make_region(2)
    for each in organisations:
        Unit.objects.create(organisation=each, name="Служба", supports_families=True, since=datetime.date(2019, 1, 1))
    many_cases(400, organisations)


def a_run(quarter):
    return ReportRun.start(Report.open_for(FORM, quarter), by=None)


def is_whole(run) -> bool:
    """Every kind of file, whole, under its name, and nothing beside."""
    run.refresh_from_db()
    left = sorted(path.name for path in run.folder.iterdir())
    starts = {"pdf": b"%PDF", "xlsx": b"PK", "json": b"{"}
    contents = {kind: (run.folder.parents[1] / path).read_bytes() for kind, path in run.files.items()}
    assert all(contents[kind].startswith(start) for kind, start in starts.items())
    assert b"%%EOF" in contents["pdf"][-200:], "the whole file, and the seal after it"
    return left == sorted(f"{files.stem(run.report)}.{kind}" for kind in files.CONTENT_TYPES)


# -- kill -9 ---------------------------------------------------------------------------------------------------------------


def test_the_worker_is_killed_at_each_step(tmp_path):
    """The pool process gets SIGKILL while the row says the step; a later message takes the job up where it may."""
    broker = "filesystem"
    with worker(tmp_path, broker) as process:
        run = a_run(QUARTERS[0])
        for step in STEPS:
            while not is_killed_at(process, tmp_path, broker, run, step):
                if run.is_open:
                    run.cancel()  # a step of a few milliseconds went by unseen: once more from the start
                run = a_run(QUARTERS[0])
        send(tmp_path, broker, run)
        wait_for(lambda: state_of(run) == "done", SECONDS)
        assert is_whole(run)

        packet = Packet.ask(FORM, QUARTERS[2], by=None)
        own = Packet.objects.filter(pk=packet.pk)
        send(tmp_path, broker, packet, tasks.build_packet)
        kill_at(process, own, f"Считаем показатели: форма {FORM.name}")
        fall_silent(Packet)
        send(tmp_path, broker, packet, tasks.build_packet)
        kill_at(process, PacketPart.objects.filter(packet=packet), "Печатаем PDF")
        fall_silent(PacketPart)
        send(tmp_path, broker, task=tasks.sweep_reports)
        kill_at(process, own, "Складываем архив")
        assert not list(packet.folder.glob("*.zip"))
        fall_silent(Packet)
        send(tmp_path, broker, task=tasks.sweep_reports)
        wait_for(lambda: Packet.objects.get(pk=packet.pk).state == "done", SECONDS)
        wait_for(lambda: [path.name for path in packet.folder.iterdir()] == [packet.file_name], SECONDS)
    packet.refresh_from_db()
    with zipfile.ZipFile(packet.file) as packed:
        assert packed.testzip() is None
        assert len(packed.namelist()) == 1 + 3 * len(files.CONTENT_TYPES)
    assert Report.objects.filter(period=QUARTERS[2].text).count() == 3


def is_killed_at(process, tmp_path, broker, run, step) -> bool:
    """Whether the worker that took the run up was killed at this very step; the run waits for the next one then."""
    send(tmp_path, broker, run)
    kill_at(process, ReportRun.objects.filter(pk=run.pk), step)
    fall_silent(ReportRun)
    run.refresh_from_db()
    assert not run.files or run.state == "done"
    ReportRun.objects.filter(pk=run.pk).update(attempts_before=run.attempt)  # as if a person had asked again
    return run.step == step


def kill_at(process, rows, step):
    """SIGKILL to the pool process at the step, or past it when nobody saw it go by."""
    pause, deadline = threading.Event(), time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if _has_come_to(rows, step):
            for child in children_of(process.pid):
                os.kill(child, signal.SIGKILL)
            return
        pause.wait(0.0005)
    raise AssertionError(f"the step «{step}» was not seen: {list(rows.values_list('state', 'step', 'error'))}")


def _has_come_to(rows, step) -> bool:
    """Whether the job is at the step, or past it while nobody looked."""
    seen = rows.filter(state="running").values_list("step", flat=True)
    return any(at == step or at in STEPS[STEPS.index(step) + 1 :] for at in seen) if step in STEPS else step in seen


def children_of(pid) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def fall_silent(model):
    """As if the killed worker's time had passed: nobody waits fifteen seconds for it.

    What it had sent to PostgreSQL before it was killed is still carried out there, its last heartbeat too.
    """
    wait_for(lambda: not _still_at_work(), SECONDS)
    silent = timezone.now() - datetime.timedelta(seconds=STALE_SECONDS + 1)
    model.objects.filter(state="running").update(heartbeat_at=silent)


def _still_at_work() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend')"
        )
        return cursor.fetchone()[0]


# -- the broker --------------------------------------------------------------------------------------------------------------


def test_redis_is_restarted(tmp_path):
    """The run in work ends; one whose message Redis forgot is woken by the sweeper, on the worker that was there."""
    port = free_port()
    broker = f"redis://127.0.0.1:{port}/0"
    with redis(tmp_path, port) as first, worker(tmp_path, broker):
        at_work, forgotten = a_run(QUARTERS[0]), a_run(QUARTERS[1])
        send(tmp_path, broker, at_work)
        wait_for(lambda: state_of(at_work) == "running", SECONDS)
        send(tmp_path, broker, forgotten)  # waits behind the first one
        first.kill()
        first.wait(SECONDS)
        wait_for(lambda: state_of(at_work) == "done", SECONDS)
        with redis(tmp_path, port):
            send(tmp_path, broker, task=tasks.sweep_reports)  # as beat does every half a minute
            wait_for(lambda: state_of(forgotten) == "done", SECONDS)
            for run in (at_work, forgotten):
                assert is_whole(run)
                assert run.attempt == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def redis(tmp_path, port):
    """A Redis of this test's own that remembers nothing."""
    command = ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(tmp_path)]
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        pytest.skip("redis-server is not installed")
    try:
        wait_for(lambda: _answers(port), SECONDS)
        yield process
    finally:
        process.kill()
        process.wait(SECONDS)


def _answers(port) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


# -- the disk ----------------------------------------------------------------------------------------------------------------


def test_the_disk_is_full(tmp_path):
    """The first file fits, the book does not: the run says so, leaves no part of it, and is repeated with more room."""
    broker, folder = "filesystem", var(tmp_path) / "reports"
    with small_disk(folder) as grow, worker(tmp_path, broker):
        run = a_run(QUARTERS[0])
        send(tmp_path, broker, run)
        wait_for(lambda: ReportRun.objects.get(pk=run.pk).state == "failed", SECONDS)
        run.refresh_from_db()
        assert "нет места" in run.error
        assert run.files == {}
        assert not [path for path in run.folder.iterdir() if path.suffix in (".xlsx", ".pdf", ".part")]
        assert ReportRun.ready(Report.objects.get(pk=run.report_id), "json") is None
        grow()
        again = ReportRun.start(run.report, by=None)
        send(tmp_path, broker, again)
        wait_for(lambda: state_of(again) == "done", SECONDS)
        assert is_whole(again)


@contextmanager
def small_disk(folder):
    """A disk of 8 KB mounted on the folder; yields what makes it larger."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield lambda: subprocess.run(["mount", "-o", "remount,size=16m", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


# -- the database ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection that a server could drop")
def test_the_database_drops_the_connection(tmp_path):
    """Every connection of the worker is ended while it prints: the run fails with the reason, the next one ends well."""
    broker = "filesystem"
    with worker(tmp_path, broker):
        run = a_run(QUARTERS[0])
        send(tmp_path, broker, run)
        wait_for(lambda: ReportRun.objects.filter(pk=run.pk, step="Печатаем PDF").exists(), SECONDS)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchone()[0]
        wait_for(lambda: ReportRun.objects.get(pk=run.pk).state != "running", SECONDS)
        run.refresh_from_db()
        assert (run.state, run.files) == ("failed", {})
        assert "связь с базой" in run.error
        again = ReportRun.start(run.report, by=None)
        send(tmp_path, broker, again)
        wait_for(lambda: state_of(again) == "done", SECONDS)
        assert is_whole(again)
