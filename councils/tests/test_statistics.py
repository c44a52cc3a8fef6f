"""Statistics of councils: numbers of a known period, the same for the page, the workbook and the reports."""

import datetime
import io

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from councils import statistics
from councils.models import AgendaItem, Assignment, Council
from sopr.tests.casework import add_pack, decide, make_council, make_family, open_case, start_meeting

NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)


@pytest.fixture
def told(world, time_machine):
    """In March: a meeting of two questions, of which one refused; one without quorum; one cancelled."""
    w = world
    time_machine.move_to(NOW)
    w.council = make_council(w)
    items = []
    for surname in ("Ивановы", "Петровы"):
        case = open_case(w, family=make_family(w, surname=surname))
        add_pack(w, case)
        items.append(AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic"))
    time_machine.move_to(NOW + datetime.timedelta(days=4))
    meeting = start_meeting(w, w.council, *items, absent=1)
    items[0].refresh_from_db()
    w.task = Assignment.give(
        items[0], by=w.secretary, text="Помочь", executor=w.clinic, due_on=timezone.localdate() + datetime.timedelta(5)
    )
    decide(w, items[0])
    decide(w, items[1], "refused")
    meeting.sign_minutes(by=w.secretary)
    w.task.report(by=w.secretary, done_on=timezone.localdate(), result="Помогли")
    time_machine.move_to(NOW + datetime.timedelta(days=10))
    case = open_case(w, family=make_family(w, surname="Сидоровы"))
    add_pack(w, case)
    item = AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic")
    without = start_meeting(w, w.council, item, absent=4)
    item.refresh_from_db()
    item.postpone(by=w.secretary)
    without.sign_minutes(by=w.secretary)
    return w


def test_a_continuation_is_the_same_meeting(told, time_machine):
    w = told
    time_machine.move_to(NOW + datetime.timedelta(days=14))
    items = []
    for surname in ("Орловы", "Соколовы"):
        case = open_case(w, family=make_family(w, surname=surname))
        add_pack(w, case)
        items.append(AgendaItem.propose(case, by=w.curator, council=w.council, question="recognise", level="basic"))
    begun = start_meeting(w, w.council, *items)
    items[0].refresh_from_db()
    decide(w, items[0])
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    following = begun.adjourn(by=w.secretary, held_on=tomorrow, starts_at=datetime.time(10))
    begun.sign_minutes(by=w.secretary)
    time_machine.move_to(NOW + datetime.timedelta(days=15))
    following.start(by=w.secretary)
    following.mark_all_present(by=w.secretary)
    items[1].refresh_from_db()
    decide(w, items[1])
    following.sign_minutes(by=w.secretary)
    found = statistics.count(Council.objects.all(), statistics.find_period("quarter-2026-01", tomorrow))
    assert (found.meetings, found.items) == (2, 4)


def test_the_numbers_of_a_quarter(told):
    period = statistics.find_period("quarter-2026-01", timezone.localdate())
    found = statistics.count(Council.objects.all(), period)
    assert (found.meetings, found.without_quorum, found.cancelled, found.norm) == (1, 1, 0, 6)
    assert (found.items, found.families, found.average_days) == (2, 2, 4.0)
    assert found.by_month == [
        (datetime.date(2026, 1, 1), 0),
        (datetime.date(2026, 2, 1), 0),
        (datetime.date(2026, 3, 1), 1),
    ]
    assert found.decisions == [("признать нуждающейся", 1, 1, 0, 2)]
    came = {row["title"]: (row["expected"], row["came"]) for row in found.attendance}
    assert (came["Школа № 7"], came["Отдел опеки Северного района"]) == ((4, 2), (2, 0))
    assert found.assignments_total == {"due": 1, "judged": 1, "in_time": 1, "share": 100}


def test_another_month_and_another_council_count_nothing(told):
    february = statistics.find_period("month-2026-02", timezone.localdate())
    assert statistics.count(Council.objects.all(), february).items == 0
    other = make_council(told, code="other")
    march = statistics.find_period("month-2026-03", timezone.localdate())
    assert statistics.count(Council.objects.filter(pk=other.pk), march).meetings == 0


def test_the_cost_does_not_grow_with_councils(told, django_assert_num_queries):
    period = statistics.find_period("year-2026-01", timezone.localdate())
    for number in range(7):
        make_council(told, code=f"more-{number}")
    with django_assert_num_queries(6):
        statistics.count(Council.objects.all(), period)


def test_the_page_and_its_workbook(client, told):
    w = told
    client.force_login(w.secretary)
    address = reverse("councils:council-statistics")
    page = client.get(address + "?period=quarter-2026-01").content.decode()
    assert "I квартал 2026 года" in page and "Явка по ведомствам" in page and 'role="img"' in page
    answer = client.get(address + "?period=quarter-2026-01&as=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    totals = {row[0]: row[1] for row in book["Итоги"].iter_rows(min_row=5, values_only=True)}
    assert totals["Заседания: протокол подписан, кворум был"] == 1
    assert totals["Вопросы, по которым приняты решения"] == 2
    assert book.sheetnames == ["Итоги", "По месяцам", "Решения", "Явка", "Поручения"]


def test_a_secretary_sees_his_own_councils_and_the_ministry_all(client, told):
    w = told
    south = make_council(w, code="south", name="Совет Южного района", municipality=w.south)
    south.memberships.filter(role="secretary").update(user=w.other_secretary)
    address = reverse("councils:council-statistics")
    client.force_login(w.secretary)
    assert "Совет Южного района" not in client.get(f"{address}?council={south.pk}").content.decode()
    client.force_login(w.minister)
    assert "Совет Южного района" in client.get(address).content.decode()
    client.force_login(w.curator)
    assert client.get(address).status_code == 403


def test_an_empty_period_says_so(client, world):
    make_council(world)
    client.force_login(world.secretary)
    page = client.get(reverse("councils:council-statistics")).content.decode()
    assert "Решений за период нет" in page
    client.force_login(world.other_secretary)
    assert "Советов, которые Вы видите, нет" in client.get(reverse("councils:council-statistics")).content.decode()
