"""The head's duty to declare facts: it names what is missing, closes by itself and comes back with a withdrawal."""

import datetime

import pytest
from django.urls import reverse

from reports import forms, periods, tasks
from reports.compute import compute
from reports.fact_sheet import stored_values
from reports.models import DeclaredFact, Report
from reports.tests.own import made
from sopr.obligations.engine import escalate
from sopr.obligations.models import Obligation
from sopr.tests.test_drafts import fields

QUARTER = periods.parse("2025Q2")
FACTS = ("trained_specialists", "volunteers", "editions")


@pytest.fixture(autouse=True)
def july(settings, time_machine):
    settings.SOPR_REGION = "tatarstan"
    time_machine.move_to(datetime.datetime(2025, 7, 2, 9, tzinfo=datetime.UTC))
    return time_machine


def duty(organisation):
    return Obligation.objects.about(organisation).open().filter(kind="reports.declare").first()


def declare(world, code, value="4", period=QUARTER, **more):
    return DeclaredFact.declare(world.centre, code, period, value, by=world.head, basis="приказ № 3", **more)


def sheet(client, world, *codes):
    """The sheet the duty opens, with these facts typed and sent."""
    page = client.get(duty(world.centre).path, follow=True)
    typed = {}
    for code in codes:
        typed |= {f"value-{code}": "4", f"basis-{code}": "приказ № 3", f"day-{code}": "2025-07-01"}
    answer = client.post(page.wsgi_request.get_full_path(), fields(page, **typed))
    assert answer.status_code == 302, answer.context["form"].errors


def declare_all(world):
    return [declare(world, code) for code in FACTS]


def test_the_head_is_asked_for_what_nothing_else_tells(world, client):
    for _night in range(2):
        tasks.sweep_signing()
    assert Obligation.objects.filter(kind="reports.declare").count() == 2
    found = duty(world.centre)
    assert found.title == "II кв. 2025: обученные специалисты, добровольцы, издания"
    assert (found.assignee, found.due_on, found.remind_on) == (
        world.head,
        datetime.date(2025, 7, 10),
        datetime.date(2025, 7, 3),
    )
    client.force_login(world.head)
    page = client.get(found.path)
    assert (page.context["period"], page.context["organisation"]) == (QUARTER, world.centre)


def test_it_is_seen_and_told_to_the_head_of_service_once_overdue(world, client, july):
    tasks.sweep_signing()
    july.move_to(datetime.datetime(2025, 7, 11, 9, tzinfo=datetime.UTC))
    escalate(datetime.date(2025, 7, 11))
    assert duty(world.centre).escalated_at is not None
    client.force_login(world.head)
    assert "Внести сведения за период" in client.get("/cases/service/", follow=True).content.decode()


def test_the_sheet_closes_it_and_a_withdrawal_opens_it_again(world, client):
    tasks.sweep_signing()
    client.force_login(world.head)
    sheet(client, world, *FACTS[::2])
    assert duty(world.centre).title == "II кв. 2025: добровольцы"
    sheet(client, world, *FACTS)
    assert duty(world.centre) is None
    done = Obligation.objects.get(kind="reports.declare", subject_id=world.centre.pk)
    assert done.done_on == datetime.date(2025, 7, 2)
    fact = stored_values(world.centre, QUARTER)["editions"]
    client.post(reverse("reports:fact-withdraw", args=[fact.pk]), {"reason": "сосчитаны дважды"})
    assert duty(world.centre).title == "II кв. 2025: издания"
    assert duty(world.other_centre) is not None, "another organisation's stays as it was"


def test_what_was_declared_a_period_ago_waits_for_its_confirmation(world):
    former = declare(world, "ngos", "2", period=QUARTER.previous())
    tasks.sweep_signing()
    declare_all(world)
    assert duty(world.centre).title == "II кв. 2025: НКО", "casework tells it, but not to whom declares it himself"
    declare(world, "ngos", "2", confirms=former)
    assert duty(world.centre) is None


def test_the_months_of_the_quarter_tell_of_it_too(world):
    tasks.sweep_signing()
    for code in FACTS[1:]:
        declare(world, code)
    month = periods.parse("2025-05")
    declare(world, "trained_specialists", period=month)
    assert duty(world.centre) is None, "a report takes the latest value inside its quarter"


def test_a_signed_report_asks_for_nothing_and_a_returned_one_asks_again(world):
    tasks.sweep_signing()
    declare(world, "editions")
    form = forms.find("tatarstan-414")
    report = Report.open_for(form, QUARTER, world.centre)
    report.store(*compute(form, QUARTER, world.centre))
    report.sign(by=world.head)
    assert duty(world.centre) is None
    assert not Obligation.objects.exclude(done_on=None).filter(kind="reports.declare").exists(), "signed, not declared"
    tasks.sweep_signing()
    assert duty(world.centre) is None
    report.send_back(by=world.minister, remark="Внесите добровольцев.")
    assert duty(world.centre).title == "II кв. 2025: обученные специалисты, добровольцы"


def test_one_duty_for_all_forms_and_periods_and_none_where_nothing_is_declared(world, settings):
    settings.SOPR_REGION = "model"
    tasks.sweep_signing()
    title = duty(world.centre).title
    assert title.count("добровольцы") == 1, "a fact of two forms is asked for once"
    assert "стажировки" in title
    settings.SOPR_REGION = "primorye"
    tasks.sweep_signing()
    assert duty(world.centre) is None


def test_the_ministry_declares_without_a_duty_of_its_own(world):
    tasks.sweep_signing()
    DeclaredFact.declare(world.ministry, "data_banks", QUARTER, "да", by=world.minister, basis="приказ № 118")
    assert duty(world.ministry) is None


def test_facts_of_a_form_of_the_ministry_are_asked_for_by_its_period(world, client, settings):
    settings.SOPR_REGION = "primorye"  # whose own form reads no facts
    client.force_login(world.minister)
    form = made(client, since="2025-06-01", kind="month")
    tasks.sweep_signing()
    found = duty(world.centre)
    assert found.title == "июнь 2025 года: обученные специалисты"
    client.force_login(world.head)
    assert [row.fact.code for row in client.get(found.path).context["form"].rows] == ["trained_specialists"]
    client.force_login(world.minister)
    client.post(f"/reports/own/{form.pk}/retire/")
    tasks.sweep_signing()
    assert duty(world.centre) is None


def test_the_night_asks_the_same_number_of_statements_of_any_number_of_facts(world, django_assert_max_num_queries):
    tasks.sweep_signing()
    with django_assert_max_num_queries(60) as few:
        tasks.sweep_signing()
    for quarter in range(1, 5):
        for code in FACTS:
            declare(world, code, str(quarter), period=periods.quarter(2024, quarter))
    for code in FACTS[1:]:
        declare(world, code)
    with django_assert_max_num_queries(60) as many:
        tasks.sweep_signing()
    assert len(many) == len(few)


def test_a_sheet_keeps_the_duty_once_however_much_it_writes(world, django_assert_max_num_queries):
    tasks.sweep_signing()

    def written(codes, quarter):
        entries = [{"indicator": code, "period": quarter, "value": "3", "basis": "акт"} for code in codes]
        with django_assert_max_num_queries(60) as counted:
            DeclaredFact.declare_all(world.centre, entries)
        return len(counted)

    one, three = written(FACTS[:1], QUARTER.previous()), written(FACTS, QUARTER.previous().previous())
    assert three - one == 2 * 2, "a look and an insert for each value more"
