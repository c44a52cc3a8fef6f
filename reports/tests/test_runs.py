"""A run survives everything: a second message, a stale claim, and `kill -9` of its worker, on both brokers."""

import datetime
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import kombu
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from reports import files, forms, periods, runs, tasks
from reports.compute import compute
from reports.models import Report, ReportRun
from reports.models.run import STALE_SECONDS, Lost
from reports.tests.generated import make_region, many_cases
from sopr.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def report(transactional_db):
    many_cases(300, make_region(4))
    return Report.open_for(forms.find("tatarstan-414"), periods.parse("2020Q2"))


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.SOPR_VAR = tmp_path


def test_a_run_computes_stores_and_writes_its_files(report):
    run = ReportRun.start(report, by=None)
    assert runs.work(run.pk)
    run.refresh_from_db()
    report.refresh_from_db()
    assert (run.state, run.percent, run.attempt) == ("done", 100, 1)
    assert sorted(run.files) == sorted(files.CONTENT_TYPES)
    for path in run.files.values():
        assert (settings.SOPR_VAR / path).stat().st_size > 500
    assert run.stamp == report.stamp
    assert report.snapshot["cells"]


def test_a_second_message_does_nothing(report):
    run = ReportRun.start(report, by=None)
    assert runs.work(run.pk)
    before = {path.name: path.stat().st_mtime_ns for path in run.folder.iterdir()}
    assert not runs.work(run.pk)
    assert {path.name: path.stat().st_mtime_ns for path in run.folder.iterdir()} == before


def test_a_busy_run_is_not_claimed_and_a_silent_one_is(report):
    run = ReportRun.start(report, by=None)
    first = ReportRun.claim(run.pk)
    assert ReportRun.claim(run.pk) is None
    ReportRun.objects.update(heartbeat_at=timezone.now() - datetime.timedelta(seconds=STALE_SECONDS + 1))
    second = ReportRun.claim(run.pk)
    assert second.attempt == 2
    with pytest.raises(Lost):
        first.progress("Поздно", 90)
    second.progress("Вовремя", 10)


def test_a_retaken_run_keeps_the_snapshot_it_stored(report):
    run = ReportRun.start(report, by=None)
    runs.work(run.pk)
    report.refresh_from_db()
    stored = report.checksum
    ReportRun.objects.update(state="running", heartbeat_at=timezone.now() - datetime.timedelta(minutes=5))
    assert runs.work(run.pk)
    report.refresh_from_db()
    assert report.checksum == stored
    assert len(list(run.folder.iterdir())) == len(files.CONTENT_TYPES)


def test_one_open_run_per_report(report):
    assert ReportRun.start(report, by=None) == ReportRun.start(report, by=None)


def test_the_files_of_an_earlier_run_go(report):
    first = ReportRun.start(report, by=None)
    runs.work(first.pk)
    second = ReportRun.start(report, by=None)
    runs.work(second.pk)
    assert not first.folder.exists()
    assert len(list(second.folder.iterdir())) == len(files.CONTENT_TYPES)


def test_a_failure_is_seen(report):
    """A report signed while the run waited cannot be computed any more: the run says so and ends."""
    runs.work(ReportRun.start(report, by=None).pk)
    run = ReportRun.start(report, by=None)
    report.refresh_from_db()
    report.approve(by=None)
    assert not runs.work(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "подписан" in run.error


def test_a_run_that_kills_every_worker_ends(report):
    run = ReportRun.start(report, by=None)
    ReportRun.objects.update(attempt=5)
    assert not runs.work(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "слишком много раз" in run.error


def test_a_signed_report_starts_no_run(report):
    runs.work(ReportRun.start(report, by=None).pk)
    report.refresh_from_db()
    report.approve(by=None)
    with pytest.raises(Refused, match="не меняются"):
        ReportRun.start(report, by=None)


def test_a_cancelled_run_is_left_without_a_trace(report):
    """Cancelled while it waits it is never begun; cancelled in work it stops at its next step, its files go."""
    waiting = ReportRun.start(report, by=None)
    waiting.cancel()
    assert not runs.work(waiting.pk)
    run = ReportRun.start(report, by=None)
    assert run != waiting
    at_work = ReportRun.claim(run.pk)
    runs.write_files(at_work, report_with_figures(report), 55)
    ReportRun.objects.get(pk=run.pk).cancel()
    assert not run.folder.exists()
    with pytest.raises(Lost):
        at_work.finish(files={}, stamp="")
    with pytest.raises(Refused, match="закончилась раньше"):
        run.cancel()
    assert [(each.state, each.files) for each in ReportRun.objects.all()] == [("cancelled", {})] * 2


def report_with_figures(report):
    report.store(*compute(report.definition, report.span))
    return report


# -- a real worker, killed ---------------------------------------------------------------------------------------------

BROKERS = ["filesystem", *(["redis"] if settings.REDIS_URL else [])]
QUICK, SLOW = 60, 180  # seconds to wait at most


@pytest.mark.slow
@pytest.mark.parametrize("broker", BROKERS)
def test_a_killed_worker_s_run_is_finished_by_the_next_one(transactional_db, tmp_path, broker):
    """kill -9 while the PDF is being printed; the next worker finishes the run: once, with one set of files."""
    many_cases(3000, make_region(6))
    report = Report.open_for(forms.find("tatarstan-414"), periods.parse("2019..2020"))
    run = ReportRun.start(report, by=None)
    with worker(tmp_path, broker) as first:
        send(tmp_path, broker, run)
        wait_for(lambda: step_of(run) == "Печатаем PDF", SLOW)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(QUICK)
    run.refresh_from_db()
    assert (run.state, run.attempt) == ("running", 1)
    assert not pdfs(tmp_path)
    stored = Report.objects.get(pk=report.pk).checksum
    assert stored
    with worker(tmp_path, broker):
        wait_for(lambda: state_of(run) == "done", SLOW)
        send(tmp_path, broker, run)  # a message too many: the run stays as it is
        other = Report.open_for(forms.find("primorye-monitoring"), periods.parse("2020Q1"))
        later = ReportRun.start(other, by=None)
        send(tmp_path, broker, later)
        wait_for(lambda: state_of(later) == "done", SLOW)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.percent) == ("done", 2, 100)
    assert Report.objects.get(pk=report.pk).checksum == stored
    folder = var(tmp_path) / "reports" / f"run-{run.pk}"
    assert sorted(path.suffix for path in folder.iterdir()) == sorted(f".{kind}" for kind in files.CONTENT_TYPES)
    assert ReportRun.objects.filter(report=report).count() == 1


def step_of(run):
    return ReportRun.objects.values_list("step", flat=True).get(pk=run.pk)


def state_of(run):
    state, error = ReportRun.objects.values_list("state", "error").get(pk=run.pk)
    assert state != "failed", error
    return state


def pdfs(tmp_path):
    return list((var(tmp_path) / "reports").glob("*/*.pdf"))


def wait_for(happened, seconds):
    """Look every few milliseconds until it has happened."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not happened():
        assert time.monotonic() < deadline, f"did not happen in {seconds} s"
        pause.wait(0.02)


def var(tmp_path) -> Path:
    """The worker's SOPR_VAR: pytest's own processes keep theirs in a folder «test»."""
    return tmp_path / "test"


def environment(tmp_path, broker):
    """The worker's environment: this test's database; `broker` is filesystem, redis, or the address of another Redis."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{values['NAME']}"
    else:
        login = values["USER"] + (f":{values['PASSWORD']}" if values["PASSWORD"] else "")
        url = f"postgres://{login}@{values['HOST'] or '127.0.0.1'}:{values['PORT'] or 5432}/{values['NAME']}"
    redis = {"filesystem": "", "redis": settings.REDIS_URL}.get(broker, broker)
    own = {"DATABASE_URL": url, "SOPR_VAR": str(tmp_path), "SOPR_REGION": "tatarstan", "REDIS_URL": redis}
    return os.environ | own


@contextmanager
def worker(tmp_path, broker, **more):
    """A real worker process in a group of its own, so that SIGKILL takes its children too; `more` of environment."""
    log = (tmp_path / "worker.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", *"celery --app sopr worker --concurrency 1 --without-gossip --without-mingle".split()],
        cwd=settings.BASE_DIR,
        env=environment(tmp_path, broker) | more,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield process
    except AssertionError:
        print((tmp_path / "worker.log").read_text(errors="replace")[-4000:])
        raise
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(QUICK)
        log.close()


def send(tmp_path, broker, run=None, task=tasks.build_report):
    """Put the message of a run, or of another row with its `task`, on the broker of that worker."""
    if broker != "filesystem":
        url, options = settings.REDIS_URL if broker == "redis" else broker, {}
    else:
        messages, control = (str(var(tmp_path) / "broker" / name) for name in ("messages", "control"))
        Path(messages).mkdir(parents=True, exist_ok=True)
        url = "filesystem://"
        options = {"data_folder_in": messages, "data_folder_out": messages, "control_folder": control}
    with kombu.Connection(url, transport_options=options) as broker_connection:
        task.apply_async((run.pk,) if run else (), connection=broker_connection)
