"""The timeline: by kind, period, author; what is new since my last visit; page by page; on paper. Who looked."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from families.chronicle import Asked
from families.models import HealthStatus
from sopr.audit.models import AuditRecord
from sopr.tests.casework import make_family, open_case

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
NOW = datetime.datetime(2026, 11, 18, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def family(clock, world, client):
    client.force_login(world.curator)
    return make_family(world)


def card(family, query=""):
    return reverse("families:family-detail", args=[family.pk]) + query


def say(client, url):
    return client.get(url).content.decode()


def test_new_is_what_others_entered_since_the_visit_before_this_one(world, family, client, clock):
    assert "Новое для Вас" not in say(client, card(family))  # the first visit: nothing to compare with
    clock.shift(30 * 60)
    assert "Новое для Вас" not in say(client, card(family))  # less than an hour since: the same visit
    clock.shift(60)
    family.log("sop_placed", by=world.head, happened_on=datetime.date(2020, 1, 9))  # entered now, happened long ago
    clock.shift(2 * 3600)
    family.log("amended", by=world.curator, fields=["phone"])  # one's own entry is not new
    page = say(client, card(family))
    assert "Новое для Вас: 1" in page and page.count("tag-new") == 1
    only = say(client, card(family, "?new=1"))
    assert "Постановка на учёт СОП" in only and "Карточка семьи заведена" not in only
    clock.shift(2 * 3600)
    assert "Новое для Вас" not in say(client, card(family))


def test_entries_of_cases_and_papers_are_new_too(world, family, client, clock):
    client.force_login(world.head)
    client.get(card(family))
    clock.shift(3 * 3600)
    open_case(world, family=family)
    page = say(client, card(family, "?new=1"))
    for title in ("Открыт случай", "Заявление о сопровождении", "Согласия на обработку"):
        assert title in page


def test_a_period_and_an_author(world, family, client):
    family.log("sop_placed", by=world.head, happened_on=datetime.date(2026, 3, 2))
    family.log("sop_removed", by=world.curator, happened_on=datetime.date(2026, 6, 1))
    spring = say(client, card(family, "?from=2026-03-01&to=2026-04-01"))
    assert "Постановка на учёт СОП" in spring and "Снятие с учёта СОП" not in spring
    by_head = say(client, card(family, f"?who={world.head.pk}"))
    assert "Постановка на учёт СОП" in by_head and "Карточка семьи заведена" not in by_head


@pytest.mark.parametrize("query", ["?from=31.31.2026&to=2026-99-99", "?who=abc&kind=none", "?shown=99999999999&new=1"])
def test_strange_queries_show_everything(family, client, query):
    assert "Карточка семьи заведена" in say(client, card(family, query))


def test_filters_are_kept_together():
    asked = Asked.read({"kind": "papers", "from": "2026-01-01", "who": "7"})
    assert asked.link() == "?kind=papers&from=2026-01-01&who=7"
    assert asked.link(kind="") == "?from=2026-01-01&who=7"


def test_earlier_entries_are_shown_on_request_and_all_are_printed(world, family, client):
    for number in range(60):
        family.log("sop_placed", by=world.head, happened_on=datetime.date(2020, 1, 1) + number * DAY)
    page = say(client, card(family))
    rest = int(page.split("Показать раньше: ")[1].split("\u00a0")[0])
    assert page.count("timeline__item") == 40 and rest > 20
    more = say(client, card(family, "?shown=80"))
    assert more.count("timeline__item") == 40 + rest
    sheet = say(client, reverse("families:timeline-print", args=[family.pk]) + "?from=2020-01-01&to=2020-12-31")
    assert sheet.count("Постановка на учёт СОП") == 60 and "Карточка семьи заведена" not in sheet
    last = AuditRecord.objects.latest("seq")
    assert (last.action, last.subject_id) == ("print", family.pk)


def test_a_colleague_prints_no_texts(world, family, client):
    open_case(world, family=family)  # the application says «Устроить ребёнка в школу»
    url = reverse("families:timeline-print", args=[family.pk])
    for user, seen in ((world.curator, True), (world.colleague, False)):
        client.force_login(user)
        sheet = say(client, url)
        assert "Заявление о сопровождении" in sheet
        assert ("Устроить ребёнка в школу" in sheet) is seen


def test_who_looked_by_person_and_what_was_revealed(world, client, clock):
    family = make_family(world, address_hidden=True)
    child = family.memberships.get(relation="child").person
    since = timezone.localdate() - DAY
    HealthStatus.establish(child, family, by=world.curator, kind="ovz", detail="speech", since=since)
    client.force_login(world.head)
    client.get(card(family, "?tab=members"))
    client.get(reverse("families:person-detail", args=[child.pk]))
    client.force_login(world.colleague)
    client.get(card(family))
    client.force_login(world.curator)
    page = say(client, card(family, "?tab=access"))
    assert "просмотр карточки (показан скрытый адрес, показаны сведения о здоровье)" in page
    assert "просмотр данных человека (показаны сведения о здоровье)" in page
    only = say(client, card(family, f"?tab=access&actor={world.colleague.pk}"))
    table = only.split("<tbody>")[1]
    assert world.colleague.short_name in table and world.head.short_name not in table
    assert "показан" not in table


def test_the_access_log_is_paged(world, family, client):
    for _turn in range(55):
        client.get(card(family))
    first, second = (say(client, card(family, f"?tab=access&page={number}")) for number in (1, 2))
    assert first.count("просмотр карточки") == 50
    assert 5 <= second.count("просмотр карточки") < 50


def test_looks_of_another_organisation_at_a_shared_person_are_its_own_affair(world, family, client):
    child = family.memberships.get(relation="child").person
    other = make_family(world, by=world.other_curator, surname="Щукины")
    other.add_member(child, by=world.other_curator, relation="child", since=datetime.date(2026, 1, 1))
    client.force_login(world.other_curator)
    assert client.get(reverse("families:person-detail", args=[child.pk])).status_code == 200
    client.force_login(world.curator)
    assert world.other_curator.short_name not in say(client, card(family, "?tab=access"))
