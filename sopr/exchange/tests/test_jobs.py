"""A job survives everything: a second message, `kill -9` of its worker in the middle of saving, a change of mind."""

import os
import signal

import pytest
from django.urls import reverse

from conftest import make_organisation, make_user
from families.models import Family, Person
from reports.tests.test_runs import BROKERS, QUICK, SLOW, send, var, wait_for, worker
from sopr.accounts.models import OrganisationKind
from sopr.accounts.policy import Role
from sopr.audit.models import AuditRecord
from sopr.exchange import jobs
from sopr.exchange.models import ExchangeJob, Lost
from sopr.exchange.sample import write_sample
from sopr.exchange.tasks import do_exchange
from sopr.tests.workbooks import make_workbook, small_register

pytestmark = pytest.mark.django_db(transaction=True)
FAMILIES = 4000  # their saving takes longer than a few beats of the pulse, also on a quick machine


@pytest.fixture
def administrator(transactional_db):
    return make_user(Role.ADMINISTRATOR, make_organisation("M", "Министерство", OrganisationKind.MINISTRY))


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.SOPR_VAR = var(tmp_path)


def take_in(path, by, state="queued"):
    job = ExchangeJob.take_in([path.read_bytes()], by=by)
    ExchangeJob.objects.filter(pk=job.pk).update(state=state)
    return job


@pytest.fixture
def small_job(administrator, tmp_path):
    return take_in(make_workbook(tmp_path / "small.xlsx", small_register()), administrator)


def test_a_second_message_does_nothing(small_job):
    assert jobs.work(small_job.pk)
    assert not jobs.work(small_job.pk)
    assert ExchangeJob.objects.get().state == "checked"


def test_a_busy_job_is_not_claimed_and_a_silent_one_is(small_job):
    first = ExchangeJob.claim(small_job.pk)
    assert ExchangeJob.claim(small_job.pk) is None
    ExchangeJob.objects.update(heartbeat_at="2020-01-01T00:00:00Z")
    second = ExchangeJob.claim(small_job.pk)
    assert second.attempt == 2
    with pytest.raises(Lost):
        first.beat("Поздно", 1, 90)
    second.beat("Вовремя", 1, 10)


def test_a_job_that_kills_every_worker_ends(small_job):
    ExchangeJob.objects.update(attempt=5)
    assert not jobs.work(small_job.pk)
    job = ExchangeJob.objects.get()
    assert job.state == "failed" and "слишком много раз" in job.error


def test_a_job_taken_over_before_its_commit_saves_nothing(small_job):
    """The end of the job stands in the transaction of its rows: who is late rolls back."""
    ExchangeJob.objects.update(state="confirmed")
    job = ExchangeJob.claim(small_job.pk)
    ExchangeJob.objects.update(attempt=2)
    with pytest.raises(Lost), jobs.Pulse(job) as pulse:
        jobs._save(job, pulse)
    assert not Family.objects.exists()
    assert not AuditRecord.objects.filter(action="import").exists()


# -- a real worker -----------------------------------------------------------------------------------------------------


@pytest.fixture
def large_job(administrator, tmp_path):
    path = tmp_path / "large.xlsx"
    write_sample(path, FAMILIES)
    return take_in(path, administrator, "confirmed")


def is_saving(job):
    """Whether rows are being written, as the page would show it."""
    job.refresh_from_db()
    assert job.state != "failed", job.error
    job.look()
    return job.state == "saving" and job.step.startswith("Сохранение")


def state_of(job):
    state, error = ExchangeJob.objects.values_list("state", "error").get(pk=job.pk)
    assert state != "failed", error
    return state


@pytest.mark.slow
@pytest.mark.parametrize("broker", BROKERS)
def test_a_killed_worker_s_import_is_done_by_the_next_one_once(large_job, tmp_path, broker):
    with worker(tmp_path, broker) as first:
        send(tmp_path, broker, large_job, do_exchange)
        wait_for(lambda: is_saving(large_job), SLOW)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(QUICK)
    assert state_of(large_job) == "saving"
    assert not Family.objects.exists()
    with worker(tmp_path, broker):
        wait_for(lambda: state_of(large_job) == "done", SLOW)
        send(tmp_path, broker, large_job, do_exchange)  # a message too many
        wait_for(lambda: not large_job.folder.exists(), QUICK)
    large_job.refresh_from_db()
    assert (large_job.state, large_job.attempt, large_job.percent) == ("done", 2, 100)
    assert (Family.objects.count(), Person.objects.count()) == (FAMILIES, FAMILIES * 23 // 10)
    assert AuditRecord.objects.filter(action="import").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("broker", BROKERS)
def test_an_import_is_abandoned_while_it_saves(client, administrator, large_job, tmp_path, broker):
    client.force_login(administrator)
    with worker(tmp_path, broker):
        send(tmp_path, broker, large_job, do_exchange)
        wait_for(lambda: is_saving(large_job), SLOW)
        assert client.post(reverse("exchange:import-abandon", args=[large_job.pk])).status_code == 302
        assert state_of(large_job) == "abandoned"
        after = take_in(make_workbook(tmp_path / "small.xlsx", small_register()), administrator)
        send(tmp_path, broker, after, do_exchange)
        wait_for(lambda: state_of(after) == "checked", SLOW)
    assert not Family.objects.exists()
    assert not large_job.folder.exists()
