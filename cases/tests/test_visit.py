"""Planned visits: planned, held, failed, moved, cancelled; the route of a day by address, by hand, on paper."""

import datetime
import subprocess

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Contact, Visit
from cases.models.visit import Visit as VisitModel
from sopr.audit.models import AuditRecord
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, make_family, open_case


def at(days=1, hour=10):
    day = timezone.localtime() + datetime.timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def plan(w, case, **fields):
    values = {"by": w.curator, "at": at(), "kind": "visit", "purpose": "Посмотреть, как дела"} | fields
    return Visit.plan(case, **values)


def text_of(pdf) -> str:
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def supported(w, surname, **fields):
    """A supported family of the curator with an address of its own."""
    family = make_family(w, surname=surname)
    for name, value in fields.items():
        setattr(family, name, value)
    family.save()
    return activate(w, case=open_case(w, family=family))


def test_planned_visit_is_due_on_its_day_and_done_by_the_contact(world, active, enter):
    browser = enter(world.curator)
    fields = {"kind": "visit", "at": f"{at():%Y-%m-%dT%H:%M}", "purpose": "Подписать согласие", "caution": "Собака"}
    assert browser.post("cases:visit-plan", active.pk, **fields).status_code == 302
    visit = Visit.objects.get()
    duty = Obligation.objects.open().get(kind="case.visit")
    assert (duty.assignee, duty.due_on) == (world.curator, timezone.localdate(at()))
    day = browser.get("cases:my-day").content.decode()
    assert "Визит домой, 10:00" in day and "Подписать согласие" in day and duty.path in day
    page = browser.client.get(duty.path).content.decode()
    assert f'<option value="{visit.pk}" selected>' in page
    now = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    fields = {"kind": "visit", "at": now, "summary": "Подписали", "visit": visit.pk}
    assert browser.client.post(duty.path, fields).status_code == 302
    visit.refresh_from_db()
    assert (visit.state, visit.contact) == ("held", Contact.objects.get())
    duty.refresh_from_db()
    assert duty.done_on == timezone.localdate()


def test_attempt_at_the_door_is_a_visit_that_failed(world, active):
    visit = plan(world, active)
    Contact.record(
        active, by=world.curator, at=timezone.now(), kind="attempt", tried="visit", summary="Закрыто", visit=visit
    )
    visit.refresh_from_db()
    assert visit.state == "failed"
    assert not Obligation.objects.open().filter(kind="case.visit").exists()


def test_moved_visit_keeps_the_first_promise_and_the_reason(world, active, enter):
    visit = plan(world, active)
    browser = enter(world.curator)
    fields = {"at": f"{at(3, 15):%Y-%m-%dT%H:%M}", "reason": ""}
    assert browser.post("cases:visit-move", visit.pk, **fields).status_code == 422
    assert browser.post("cases:visit-move", visit.pk, **fields | {"reason": "Мать просила"}).status_code == 302
    visit.refresh_from_db()
    assert (visit.state, visit.at, visit.first_at) == ("planned", at(3, 15), at())
    assert Obligation.objects.open().get(kind="case.visit").due_on == timezone.localdate(at(3))
    shown = browser.get("cases:case-detail", active.pk, tab="contacts").content.decode()
    assert "Мать просила" in shown and "перенесено с" in shown
    assert "Встреча перенесена на" in browser.get("cases:case-detail", active.pk, tab="history").content.decode()


def test_cancelled_visit_says_why_and_owes_nothing(world, active, enter):
    visit = plan(world, active)
    browser = enter(world.curator)
    assert browser.post("cases:visit-cancel", visit.pk, reason=" ").status_code == 422
    assert browser.post("cases:visit-cancel", visit.pk, reason="Решили по телефону").status_code == 302
    visit.refresh_from_db()
    assert (visit.state, visit.reason) == ("cancelled", "Решили по телефону")
    assert not Obligation.objects.open().filter(kind="case.visit").exists()
    assert "Решили по телефону" in browser.get("cases:case-detail", active.pk, tab="contacts").content.decode()
    for page in ("visit-move", "visit-cancel"):
        assert browser.get(f"cases:{page}", visit.pk).status_code == 409


def test_a_visit_ends_once(world, active):
    visit = plan(world, active)
    visit.cancel(by=world.curator, reason="Передумали")
    with pytest.raises(Refused, match="отменён"):
        Contact.record(
            active, by=world.curator, at=timezone.now(), kind="visit", summary="Были", visit=Visit.objects.get()
        )
    assert not Contact.objects.exists()
    for act in (lambda: visit.move(by=world.curator, at=at(5), reason="Ещё"), lambda: plan(world, active, at=at(-1))):
        with pytest.raises(Refused):
            act()


def test_one_time_is_promised_to_a_family_once(world, active):
    first = plan(world, active)
    with pytest.raises(Refused, match="На это время"):
        plan(world, active)
    second = plan(world, active, at=at(2))
    with pytest.raises(Refused, match="На это время"):
        second.move(by=world.curator, at=first.at, reason="Удобнее")
    with pytest.raises(Refused, match="то же самое"):
        second.move(by=world.curator, at=second.at, reason="Удобнее")


def test_visit_of_another_case_is_not_ended(world, active):
    other = activate(world, case=open_case(world, family=make_family(world, surname="Вторые")))
    visit = plan(world, other)
    with pytest.raises(Refused, match="другой семьёй"):
        Contact.record(active, by=world.curator, at=timezone.now(), kind="visit", summary="Были", visit=visit)


def test_end_of_the_case_cancels_what_was_promised(world, active):
    plan(world, active)
    active.close_at_familys_wish(by=world.curator, day=timezone.localdate(), outcome="unchanged")
    visit = Visit.objects.get()
    assert (visit.state, visit.reason) == ("cancelled", "случай завершён")
    assert not Obligation.objects.open().exists()
    with pytest.raises(Refused):
        plan(world, active)


def test_new_curator_takes_the_promised_visits_over(world, active):
    plan(world, active)
    active.assign_curator(world.colleague, by=world.head)
    assert Obligation.objects.open().get(kind="case.visit").assignee == world.colleague


# --- the route ----------------------------------------------------------------------------------------------------


@pytest.fixture
def route(world):
    """Four visits of tomorrow at addresses that sort one way and were planned another."""
    places = [("Яблоковы", "ул. Садовая, 12"), ("Арбузовы", "ул. Садовая, 4"), ("Дынины", "ул. Весенняя, 1")]
    cases = [supported(world, surname, address=address) for surname, address in places]
    return [plan(world, case, at=at(1, 9 + number)) for number, case in enumerate(cases)]


def order(browser, day=None):
    text = browser.get("cases:visit-list", day=(day or timezone.localdate(at())).isoformat()).content.decode()
    names = ("Яблоковы", "Арбузовы", "Дынины")
    return sorted(names, key=lambda name: text.index(f"{name}, №"))


def test_route_goes_by_address_until_it_is_changed_by_hand(world, route, enter):
    browser = enter(world.curator)
    assert order(browser) == ["Дынины", "Арбузовы", "Яблоковы"]  # 4 before 12
    day = timezone.localdate(at()).isoformat()
    url = f"{reverse('cases:visit-list')}?day={day}"
    assert browser.client.post(url, {"move": f"{route[0].pk}:up"}).status_code == 302
    assert order(browser) == ["Дынины", "Яблоковы", "Арбузовы"]
    browser.client.post(url, {"move": f"{route[2].pk}:up"})  # the first one stays the first
    assert order(browser) == ["Дынины", "Яблоковы", "Арбузовы"]
    browser.client.post(url, {"move": f"{route[2].pk}:down"})
    assert order(browser) == ["Яблоковы", "Дынины", "Арбузовы"]
    browser.client.post(url, {"move": "address"})
    assert order(browser) == ["Дынины", "Арбузовы", "Яблоковы"]
    assert browser.client.post(url, {"move": "drop tables"}).status_code == 422


def test_route_shows_phone_children_and_what_to_remember(world, route, enter):
    family = route[0].case.family
    family.phone = "+7 912 345-67-89"
    family.save()
    VisitModel.objects.filter(pk=route[0].pk).update(caution="Во дворе собака")
    Contact.record(
        route[0].case,
        by=world.curator,
        at=timezone.now(),
        kind="visit",
        summary="Ребёнок один",
        threat=True,
        notified="Опека",
    )
    day = timezone.localdate(at())
    text = enter(world.curator).get("cases:visit-list", day=day.isoformat()).content.decode()
    age = family.memberships.get(relation="child").person.age_on(day)
    assert "+7 912 345-67-89" in text and "Во дворе собака" in text and "угроза ребёнку отмечена" in text
    assert f"Илья {age}" in text and "Ковалёва Анна Игоревна" in text


def test_hidden_address_is_for_who_works_with_the_family(world, enter):
    case = supported(world, "Тайновы", address="ул. Тихая, 3", address_hidden=True)
    plan(world, case)
    day = timezone.localdate(at()).isoformat()
    assert "ул. Тихая, 3" in enter(world.curator).get("cases:visit-list", day=day).content.decode()
    head = enter(world.head).get("cases:visit-list", day=day, curator=world.curator.pk).content.decode()
    assert "ул. Тихая, 3" in head
    assert "Тайновы" not in enter(world.colleague).get("cases:visit-list", day=day).content.decode()
    case.assign_curator(world.colleague, by=world.head)
    assert "Тихая" not in enter(world.curator).get("cases:visit-list", day=day).content.decode()


def test_head_looks_at_any_curator_and_nobody_at_strangers(world, route, enter):
    day = timezone.localdate(at()).isoformat()
    head = enter(world.head)
    assert "Дынины" in head.get("cases:visit-list", day=day).content.decode()  # who has somewhere to go comes first
    empty = head.get("cases:visit-list", day=day, curator=world.colleague.pk).content.decode()
    assert "Визитов на этот день нет" in empty and "Дынины" not in empty
    for page in ("visit-list", "visit-print"):
        assert head.get(f"cases:{page}", day=day, curator=world.other_curator.pk).status_code == 404
        assert enter(world.curator).get(f"cases:{page}", day=day, curator=world.colleague.pk).status_code == 404
        assert enter(world.other_head).get(f"cases:{page}", day=day, curator=world.curator.pk).status_code == 404
    assert "Дынины" not in enter(world.other_head).get("cases:visit-list", day=day).content.decode()


def test_route_is_printed_in_its_order_and_logged(world, route, enter):
    browser = enter(world.curator)
    day = timezone.localdate(at()).isoformat()
    assert browser.get("cases:visit-print").status_code == 409  # nothing today
    plan(world, route[1].case, kind="office", at=at(1, 16), purpose="Принести справку")
    answer = browser.get("cases:visit-print", day=day)
    text = text_of(answer.content)
    assert text.index("Дынины") < text.index("Арбузовы") < text.index("Яблоковы")
    assert "МАРШРУТНЫЙ ЛИСТ" in text and "ул. Садовая, 12" in text and "Принести справку" in text
    logged = AuditRecord.objects.filter(action="print").latest("seq")
    assert (logged.actor, logged.subject_id, logged.detail) == (
        world.curator,
        world.curator.pk,
        {"document": "visit_list"},
    )


def test_queries_of_the_route_are_constant(
    world, route, enter, django_assert_num_queries, django_assert_max_num_queries
):
    browser = enter(world.curator)
    day = timezone.localdate(at()).isoformat()
    plan(world, supported(world, "Тайновы", address_hidden=True), at=at(1, 12))
    browser.get("cases:visit-list", day=day)
    with django_assert_max_num_queries(30) as few:
        browser.get("cases:visit-list", day=day)
    for number in range(3):
        plan(world, supported(world, f"Новые-{number}", address_hidden=True), at=at(1, 12))
    with django_assert_num_queries(len(few)):
        browser.get("cases:visit-list", day=day)


def test_visit_is_added_from_the_route(world, active, enter):
    browser = enter(world.curator)
    fields = {"kind": "visit", "at": f"{at():%Y-%m-%dT%H:%M}", "purpose": "Познакомиться"}
    other = open_case(world, by=world.colleague, family=make_family(world, surname="Чужие"))
    assert browser.post("cases:visit-add", case=other.pk, **fields).status_code == 422
    answer = browser.post("cases:visit-add", case=active.pk, **fields)
    assert answer.url == f"{reverse('cases:visit-list')}?day={timezone.localdate(at()).isoformat()}"
    assert "Познакомиться" in browser.client.get(answer.url).content.decode()


def test_next_plan_remembers_the_dog(world, active, enter):
    plan(world, active, caution="Во дворе собака")
    assert "Во дворе собака" in enter(world.curator).get("cases:visit-plan", active.pk).content.decode()
