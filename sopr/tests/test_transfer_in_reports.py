"""A case handed over within the region moves the figures of two organisations and none of the region's."""

import datetime

from django.utils import timezone

from cases.models import Case, CaseTransfer
from reports import engine, forms, periods
from reports.indicators import measures as m
from sopr.tests.casework import activate

MEASURES = (m.ON_SUPPORT, m.ACCEPTED, m.REMOVED)


def test_the_region_counts_neither_a_removal_nor_an_acceptance(world):
    today = timezone.localdate()
    case = activate(world)
    Case.objects.filter(pk=case.pk).update(accepted_on=today - datetime.timedelta(days=400))
    CaseTransfer.offer(
        case, by=world.head, to_organisation=world.other_centre, reason="переезд", consented_on=today
    ).accept(by=world.other_head, curator=world.other_curator)
    form, period = forms.find("tatarstan-414"), periods.parse(f"{today.year}Q{(today.month + 2) // 3}")
    figures = engine.count(MEASURES, form.columns(period))
    [end] = [column.code for column in form.columns(period) if column.code == period.text]

    def of(scope):
        return [figures.count(scope, end, measure) for measure in MEASURES]

    assert of(world.centre.pk) == [0, 0, 1]
    assert of(world.other_centre.pk) == [1, 1, 0]
    assert of(engine.REGION) == [1, 0, 0]
