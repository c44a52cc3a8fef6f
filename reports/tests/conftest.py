"""What several tests of reports look at."""

import pytest

from reports import forms, periods
from reports.compute import compute
from reports.models import Report
from reports.tests.generated import many_cases


@pytest.fixture
def report(world):
    """A consolidated draft of 300 cases in two organisations, as last computed."""
    many_cases(300, [world.centre, world.other_centre])
    form, period = forms.find("tatarstan-414"), periods.parse("2020Q2")
    report = Report.open_for(form, period)
    report.store(*compute(form, period))
    return report
