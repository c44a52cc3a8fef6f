"""The life of a report: drafted, signed and frozen, sent back or approved, corrected by a new revision."""

import datetime

import pytest

from cases.models import Case
from reports import forms, periods
from reports.compute import compute
from reports.models import Report, ReportList
from reports.models.report import checksum_of
from reports.tests.generated import a_case, make_families, save_cases
from sopr.errors import Refused

D = datetime.date
FORM = forms.find("tatarstan-414")
QUARTER = periods.parse("2025Q2")


@pytest.fixture
def cases(world):
    families = make_families(4)
    return save_cases(
        [
            a_case(family, world.centre, D(2025, 1, 10), D(2025, 5, 5) if n else None)
            for n, family in enumerate(families)
        ]
    )


def computed(organisation=None, period=QUARTER):
    report = Report.open_for(FORM, period, organisation)
    report.store(*compute(FORM, period, organisation))
    return report


def value(report, row="10"):
    main = report.snapshot["main_column"]
    return next(c["value"] for c in report.snapshot["cells"] if (c["row"], c["column"]) == (row, main))


def test_signed_figures_do_not_change_when_the_cases_behind_them_do(world, cases):
    report = computed(world.centre)
    assert value(report) == 3
    report.sign(by=world.head)
    ids = ReportList.objects.get(report=report).ids
    Case.objects.filter(pk=cases[1].pk).update(outcome="unchanged")
    report = Report.objects.get(pk=report.pk)
    assert (value(report), report.checksum) == (3, checksum_of(report.snapshot))
    assert ReportList.objects.get(report=report).ids == ids
    with pytest.raises(Refused, match="не меняются"):
        report.store(*compute(FORM, QUARTER, world.centre))
    assert value(Report.objects.get(pk=report.pk)) == 3


def test_a_correction_is_a_revision_with_its_differences(world, cases):
    report = computed(world.centre)
    report.sign(by=world.head)
    report.send_back(by=world.minister, remark="Проверьте строку 10.")
    assert (report.state, report.remark) == ("returned", "Проверьте строку 10.")
    second = report.correct(by=world.head)
    Case.objects.filter(pk=cases[1].pk).update(outcome="unchanged")
    second.store(*compute(FORM, QUARTER, world.centre))
    assert second.revision == 2
    assert {(c["row"], c["was"], c["now"]) for c in second.changes if c["column"] == "2025Q2"} == {
        ("10", "3", "2"),
        ("10.4", "3", "2"),
        ("11", "75", "50"),
    }
    assert Report.open_for(FORM, QUARTER, world.centre) == second
    assert list(Report.objects.visible_to(world.head).latest()) == [second]
    second.sign(by=world.head)
    second.approve(by=world.minister)
    assert second.state == "approved"
    with pytest.raises(Refused, match="уже создана"):
        report.correct(by=world.head)


def test_only_computed_reports_of_past_periods_are_signed(world, cases):
    with pytest.raises(Refused, match="ещё не рассчитан"):
        Report.open_for(FORM, QUARTER, world.centre).sign(by=world.head)
    running = computed(world.centre, periods.containing(datetime.date.today(), "quarter"))
    with pytest.raises(Refused, match="Период закончится"):
        running.sign(by=world.head)


def test_steps_cannot_be_skipped(world, cases):
    report = computed(world.centre)
    for refused in (
        lambda: report.approve(by=world.minister),
        lambda: report.send_back(by=world.minister, remark="Нет"),
        lambda: report.correct(by=world.head),
    ):
        with pytest.raises(Refused):
            refused()
    report.sign(by=world.head)
    with pytest.raises(Refused, match="уже представлен"):
        report.sign(by=world.head)
    with pytest.raises(Refused, match="Напишите замечание"):
        report.send_back(by=world.minister, remark=" ")


def test_what_was_recomputed_meanwhile_is_not_signed_unseen(world, cases):
    seen = computed(world.centre)
    Case.objects.filter(pk=cases[1].pk).update(outcome="unchanged")
    computed(world.centre)
    with pytest.raises(Refused, match="пересчитали"):
        seen.sign(by=world.head)


def test_the_consolidated_report_is_the_ministry_s(world, cases):
    report = computed()
    with pytest.raises(Refused, match="утверждает министерство"):
        report.sign(by=world.head)
    assert report.snapshot["coverage"]["missing"] == [str(world.centre), str(world.other_centre)]
    assert report.why_not_own(world.head)
    report.approve(by=world.minister)
    assert report.state == "approved"
    assert list(Report.objects.visible_to(world.head)) == []


def test_due_dates_come_from_the_profile(world, settings):
    settings.SOPR_REGION = "tatarstan"
    assert Report.open_for(FORM, QUARTER, world.centre).due_on == D(2025, 7, 10)
    assert Report.open_for(FORM, QUARTER).due_on == D(2025, 7, 15)
