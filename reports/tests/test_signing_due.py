"""The head's duty to sign what is owed: opened at night, done by signing, opened again by a return."""

import pytest

from reports import duties, forms, tasks
from reports.compute import compute
from reports.models import Report
from sopr.obligations.models import Obligation


@pytest.fixture(autouse=True)
def one_form(settings):
    settings.SOPR_REGION = "tatarstan"


def duty(organisation):
    return Obligation.objects.about(organisation).open().filter(kind="reports.sign").first()


def computed(form, organisation, period=None):
    period = period or duties.last_quarter()
    report = Report.open_for(form, period, organisation)
    report.store(*compute(form, period, organisation))
    return report


def test_every_organisation_that_owes_a_report_has_it_with_its_head(world):
    for _night in range(2):
        tasks.sweep_signing()
    assert Obligation.objects.filter(kind="reports.sign").count() == 2
    found = duty(world.centre)
    quarter = duties.last_quarter()
    assert (found.assignee, found.due_on.day) == (world.head, 10)
    assert found.due_on > quarter.until
    assert "«Индикаторы»" in found.title


def test_the_head_sees_it_and_its_link_opens(world, client):
    tasks.sweep_signing()
    client.force_login(world.head)
    assert client.get(duty(world.centre).path).status_code == 200
    assert duty(world.centre) in Obligation.objects.open().for_user(world.head)


def test_signing_does_it_and_a_return_opens_it_again(world):
    tasks.sweep_signing()
    report = computed(forms.find("tatarstan-414"), world.centre)
    report.sign(by=world.head)
    assert duty(world.centre) is None
    assert Obligation.objects.get(subject_id=world.centre.pk, kind="reports.sign").done_on is not None
    tasks.sweep_signing()
    assert duty(world.centre) is None
    report.send_back(by=world.minister, remark="Проверьте строку 10.")
    assert duty(world.centre).path == report.get_absolute_url()
    second = report.correct(by=world.head)
    assert duty(world.centre).path == second.get_absolute_url()


def test_it_names_each_form_that_is_left(world, settings):
    settings.SOPR_REGION = "model"
    tasks.sweep_signing()
    assert "«Индикаторы», «Мониторинг»" in duty(world.centre).title
    computed(forms.find("tatarstan-414"), world.centre).sign(by=world.head)
    assert "«Индикаторы»" not in duty(world.centre).title
    assert f"{duties.last_ended('month').short}: «Сервисы»" in duty(world.centre).title
    for form, period in duties.due_now()[1:]:
        assert form.name in duty(world.centre).title
        computed(form, world.centre, period).sign(by=world.head)
    assert duty(world.centre) is None


def test_an_earlier_quarter_leaves_it_alone(world):
    tasks.sweep_signing()
    computed(forms.find("tatarstan-414"), world.centre, duties.last_quarter().previous()).sign(by=world.head)
    assert duty(world.centre) is not None
