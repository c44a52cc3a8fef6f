"""What families answered, for the ministry: counts by organisation, and nobody known by his answer."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases import survey_figures
from cases.models import Survey
from conftest import make_organisation
from sopr.tests.casework import activate

SECRET = "Спасибо Ивановой за логопеда"


def answer(organisation, satisfied=True, **answers):
    return Survey.answer(organisation=organisation, satisfied=satisfied, **answers)


@pytest.fixture
def answered(world):
    """Ten answers about one centre, one of them not satisfied; two about the other."""
    for number in range(9):
        answer(world.centre, change="better", information=5, quality=4, comment=SECRET if number == 0 else "")
    answer(world.centre, satisfied=False, change="worse", information=1)
    answer(world.other_centre, information=0, comment=SECRET)
    answer(world.other_centre, satisfied=False, information=0)


def read(browser, **query):
    """{name of the organisation: its row}, as it goes to Excel."""
    answer = browser.get("cases:survey-region", **query, **{"as": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    return {row[0]: row[1:] for row in rows}


def test_counts_by_organisation_without_small_cells(world, answered, enter):
    ministry = enter(world.minister)
    rows = read(ministry)
    assert rows[str(world.centre)] == [10, 9, "4,3", 9, survey_figures.HIDDEN]
    assert rows[str(world.other_centre)] == [survey_figures.HIDDEN] * 2 + [None] + [survey_figures.HIDDEN] * 2
    page = ministry.get("cases:survey-region").content.decode()
    assert "довольны помощью 83" in page and SECRET not in page
    assert str(world.clinic) not in page


def test_nobody_is_named_and_no_case_is_opened(world, answered, enter):
    case = activate(world)
    for _number in range(3):
        answer(world.centre, case=case, comment=SECRET)
    page = enter(world.minister).get("cases:survey-region").content.decode()
    assert SECRET not in page and case.number not in page and case.get_absolute_url() not in page
    assert enter(world.head).get("cases:survey-region").status_code == 403


def test_a_quarter_without_answers_says_so(world, answered, enter):
    ministry = enter(world.minister)
    *_others, oldest = survey_figures.periods(timezone.localdate())
    assert str(world.centre) not in ministry.get("cases:survey-region", period=oldest).content.decode()
    assert survey_figures.say_region(*survey_figures.periods(timezone.localdate())[oldest][1:]) == ""


def test_queries_do_not_grow_with_organisations(world, answered, enter):
    ministry = enter(world.minister)
    ministry.get("cases:survey-region")
    with CaptureQueriesContext(connection) as few:
        ministry.get("cases:survey-region")
    for number in range(20):
        answer(make_organisation(f"X{number}", f"Центр {number}", municipality=world.north))
    with CaptureQueriesContext(connection) as many:
        ministry.get("cases:survey-region")
    assert len(many) == len(few)
