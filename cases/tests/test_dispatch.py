"""«Семейная диспетчерская»: from the appeal to closing with the client's consent; days to the first service."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases import dispatching
from cases.models import DispatchAttempt, DispatchRequest, DispatchService, ProblemGroup
from families.keepers import keepers_of
from families.merging.verbs import merge_families
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, add_papers, make_family, make_referral, open_case

DAY = datetime.timedelta(days=1)
State, Result = DispatchRequest.State, DispatchRequest.Result


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def group(world):
    return ProblemGroup.objects.create(title="Нет работы", usual_services="Профконсультация\nКурсы")


@pytest.fixture
def family(world):
    return make_family(world)


@pytest.fixture
def request_(world, family):
    return open_request(world, family)


def open_request(world, family, days_ago=20, **fields):
    day = timezone.localdate() - days_ago * DAY
    return DispatchRequest.open_for(family, by=world.curator, appealed_on=day, asked="Нечем топить", **fields)


def plan(world, request, days_ago=0, **fields):
    values = {"title": "Профконсультация", "kind": "social", "agency": world.centre} | fields
    return DispatchService.plan(request, by=world.curator, planned_on=timezone.localdate() - days_ago * DAY, **values)


def in_help(world, family, group, given_ago=15):
    """A request with its first service given so many days ago."""
    row = open_request(world, family)
    row.put_into_group(group, by=world.curator)
    plan(world, row).give(by=world.curator, given_on=timezone.localdate() - given_ago * DAY)
    row.refresh_from_db()
    return row


def mother_of(family):
    return family.memberships.get(relation="mother").person


def due_of(row):
    return list(Obligation.objects.about(row).open().values_list("kind", flat=True))


def test_the_whole_way_on_the_pages(client, world, family, group, today):
    client.force_login(world.curator)
    new = reverse("cases:dispatch-new", args=[family.pk])
    client.post(new, {"appealed_on": today - 4 * DAY, "asked": "Нечем топить"})
    row = DispatchRequest.objects.get()
    assert (row.state, row.dispatcher, due_of(row)) == (State.NEW, world.curator, ["dispatch.group"])
    url = {name: reverse(f"cases:dispatch-{name}", args=[row.pk]) for name in ("detail", "group", "pick", "close")}
    assert client.get(url["pick"]).status_code == 409  # the group comes first
    client.post(url["group"], {"group": group.pk, "problem": "отец без работы", "version": row.version})
    row.refresh_from_db()
    assert (row.state, row.group, due_of(row)) == (State.GROUPED, group, ["dispatch.pick"])
    assert "Профконсультация" in client.get(url["pick"]).content.decode()  # offered from the dictionary
    client.post(url["pick"], {"title": "Своя услуга", "kind": "social", "agency": world.school.pk, "planned_on": today})
    service = row.services.get()
    row.refresh_from_db()
    assert (row.state, due_of(row)) == (State.PICKED, ["dispatch.service"])
    client.post(
        reverse("cases:dispatch-given", args=[service.pk]), {"given_on": today - DAY, "result": "записан на курсы"}
    )
    row.refresh_from_db()
    assert (row.state, row.first_service_on, row.days_to_first_service) == (State.IN_HELP, today - DAY, 3)
    assert due_of(row) == ["dispatch.close"]
    assert "через 3" in client.get(url["detail"]).content.decode()
    asked = {"result": "partly", "ground": "consent"}
    assert "не закрывается" in client.post(url["close"], asked).content.decode()
    client.post(url["close"], asked | {"consent_by": mother_of(family).pk, "consent_on": today, "consent_how": "phone"})
    row.refresh_from_db()
    assert (row.state, row.result, row.ground, row.closed_on) == (State.CLOSED, "partly", "consent", today)
    assert (row.consent_by, row.consent_on, row.consent_how) == (mother_of(family), today, "phone")
    assert due_of(row) == []
    assert client.get(url["group"]).status_code == 409
    kinds = list(row.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["opened", "grouped", "service_planned", "service_given", "closed"]


def test_without_consent_nothing_is_closed(world, family, group, request_, today):
    mother = mother_of(family)
    with pytest.raises(Refused, match="Без согласия"):
        request_.close(by=world.curator, result="solved", consent_by=None, consent_on=today, consent_how="phone")
    stranger = mother_of(make_family(world, surname="Ершовы"))
    with pytest.raises(Refused, match="член семьи"):
        request_.close(by=world.curator, result="solved", consent_by=stranger, consent_on=today, consent_how="phone")
    with pytest.raises(Refused, match="до сегодняшнего дня"):
        request_.close(
            by=world.curator, result="solved", consent_by=mother, consent_on=today + DAY, consent_how="phone"
        )
    request_.put_into_group(group, by=world.curator)
    service = plan(world, request_)
    with pytest.raises(Refused, match="запланированные услуги"):
        request_.close(by=world.curator, result="solved", consent_by=mother, consent_on=today, consent_how="phone")
    service.give(by=world.curator, given_on=today)
    with pytest.raises(Refused, match="от последней услуги"):
        request_.close(
            by=world.curator, result="solved", consent_by=mother, consent_on=today - DAY, consent_how="phone"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        DispatchRequest.objects.filter(pk=request_.pk).update(state="closed", closed_on=today, result="solved", ground="consent")  # fmt: skip


def test_a_silent_family_is_closed_only_after_attempts(client, world, request_, today):
    client.force_login(world.curator)
    close = reverse("cases:dispatch-close", args=[request_.pk])
    silent = {"result": "not_solved", "ground": "silence", "version": request_.version}
    assert "после 3 попыток" in client.post(close, silent).content.decode()
    for days_ago in (9, 9, 5, 2):
        DispatchAttempt.record(request_, by=world.curator, made_on=today - days_ago * DAY, how="phone")
    assert "должно пройти 10" in client.post(close, silent).content.decode()
    DispatchAttempt.record(request_, by=world.curator, made_on=today - 10 * DAY, how="in_person", note="дверь закрыта")
    assert client.post(close, silent).status_code == 302
    request_.refresh_from_db()
    assert (request_.state, request_.ground, request_.consent_by) == (State.CLOSED, "silence", None)
    with pytest.raises(Refused, match="закрыто"):
        DispatchAttempt.record(request_, by=world.curator, made_on=today, how="phone")


def test_a_request_goes_over_into_a_case_and_keeps_its_history(client, world, family, group, request_):
    client.force_login(world.curator)
    request_.put_into_group(group, by=world.curator)
    service = plan(world, request_)
    support = reverse("cases:dispatch-support", args=[request_.pk])
    assert client.get(support).status_code == 409
    case = open_case(world, family=family)
    client.post(support, {"version": DispatchRequest.objects.get().version})
    request_.refresh_from_db()
    service.refresh_from_db()
    assert (request_.state, request_.result, request_.case, service.state) == (
        State.CLOSED,
        "support",
        case,
        "cancelled",
    )
    assert case.events.filter(kind="dispatch_linked").exists()
    page = client.get(request_.get_absolute_url()).content.decode()
    assert case.get_absolute_url() in page and "Нечем топить" in page
    assert "Семья передана на сопровождение из диспетчерской" in client.get(f"{case.get_absolute_url()}?tab=history").content.decode()  # fmt: skip
    with pytest.raises(Refused, match="этой же семьи"):
        open_request(world, make_family(world, surname="Ершовы")).pass_to_support(case, by=world.curator)


def test_the_order_of_states(world, group, request_, today):
    with pytest.raises(Refused, match="невозможно"):
        plan(world, request_)
    request_.put_into_group(group, by=world.curator)
    service = plan(world, request_)
    other = ProblemGroup.objects.create(title="Другая")
    request_.put_into_group(other, by=world.curator)
    assert (request_.state, request_.group) == (State.PICKED, other)
    service.cancel(by=world.curator, reason="семья справилась сама")
    assert request_.state == State.GROUPED
    with pytest.raises(Refused, match="уже снята"):
        service.give(by=world.curator, given_on=today)
    given = plan(world, request_)
    with pytest.raises(Refused, match="от дня обращения"):
        given.give(by=world.curator, given_on=today + DAY)
    given.give(by=world.curator, given_on=today)
    with pytest.raises(Refused, match="невозможно"):
        request_.put_into_group(group, by=world.curator)
    plan(world, request_, days_ago=0)  # more help is picked while help goes on
    assert request_.state == State.IN_HELP
    other.is_active = False
    with pytest.raises(Refused, match="больше не используется"):
        open_request(world, make_family(world, surname="Ершовы")).put_into_group(other, by=world.curator)


def test_the_first_service_dates_the_days_even_when_it_is_entered_later(world, family, group, today):
    row = in_help(world, family, group, given_ago=3)
    plan(world, row, days_ago=10).give(by=world.curator, given_on=today - 10 * DAY)
    row.refresh_from_db()
    assert row.days_to_first_service == 10


def test_a_family_is_on_the_board_once(world, family, request_, today):
    with pytest.raises(Refused, match="уже на доске"):
        open_request(world, family)
    with pytest.raises(IntegrityError), transaction.atomic():
        DispatchRequest.objects.create(organisation=world.centre, number=9, year=2026, family=family, asked="ещё")
    with pytest.raises(Refused, match="не наступила"):
        open_request(world, make_family(world, surname="Ершовы"), days_ago=-1)


def test_who_has_appealed_waits_above_the_board(client, world, family):
    referral = make_referral(world, channel="phone", family=family, substance="Просят дров")
    referral.assign(by=world.head, curator=world.curator)
    second = make_family(world, surname="Ершовы")
    add_papers(second, world.curator)
    client.force_login(world.curator)
    board = reverse("cases:dispatch-list")
    page = client.get(board).content.decode()
    by_signal = f"{reverse('cases:dispatch-new', args=[family.pk])}?referral={referral.pk}"
    by_paper = f"{reverse('cases:dispatch-new', args=[second.pk])}?application={second.applications.get().pk}"
    assert by_signal in page and by_paper in page
    assert "Просят дров" in client.get(by_signal).content.decode()
    client.post(by_signal, {"appealed_on": timezone.localdate(), "asked": "Просят дров"})
    client.post(by_paper, {"appealed_on": timezone.localdate(), "asked": "Устроить в школу"})
    assert {row.referral or row.application for row in DispatchRequest.objects.all()} == {
        referral,
        second.applications.get(),
    }
    assert "ещё не на доске" not in client.get(board).content.decode()
    assert DispatchRequest.objects.get(family=family).get_absolute_url() in client.get(referral.get_absolute_url()).content.decode()  # fmt: skip


def test_other_dispatchers_see_the_board_and_not_the_words(client, world, family, group, request_):
    request_.put_into_group(group, by=world.curator, problem="отец без работы")
    client.force_login(world.colleague)
    assert family.surname in client.get(reverse("cases:dispatch-list")).content.decode()
    page = client.get(request_.get_absolute_url()).content.decode()
    assert "Обращение ведёт" in page and "Нечем топить" not in page and "отец без работы" not in page
    assert client.post(reverse("cases:dispatch-pick", args=[request_.pk]), {}).status_code == 409
    client.force_login(world.head)
    assert "Нечем топить" in client.get(request_.get_absolute_url()).content.decode()
    assert keepers_of(family, world.centre.pk) == {world.curator.pk}


def test_a_request_of_nobody_is_taken_once(client, world, family):
    row = DispatchRequest.open_for(family, by=world.head, appealed_on=timezone.localdate(), asked="Нечем топить")
    assert row.dispatcher is None
    client.force_login(world.colleague)
    take = reverse("cases:dispatch-take", args=[row.pk])
    client.post(take, {"version": row.version})
    row.refresh_from_db()
    assert row.dispatcher == world.colleague
    assert Obligation.objects.about(row).open().get().assignee == world.colleague
    client.force_login(world.curator)
    assert client.post(take).status_code == 409
    client.force_login(world.head)
    client.post(
        reverse("cases:dispatch-assign", args=[row.pk]), {"dispatcher": world.curator.pk, "version": row.version}
    )
    row.refresh_from_db()
    assert row.dispatcher == world.curator
    with pytest.raises(Refused, match="Вашей организации"):
        row.assign(by=world.head, dispatcher=world.other_curator)


def test_trips_of_the_mobile_brigade(client, world, family, group, request_, today):
    request_.put_into_group(group, by=world.curator)
    with pytest.raises(Refused, match="кто выезжает"):
        plan(world, request_, mobile=True)
    trip = plan(world, request_, mobile=True, team="психолог, юрист")
    client.force_login(world.curator)
    trips = reverse("cases:dispatch-trips")
    assert "психолог, юрист" in client.get(trips).content.decode()
    assert family.address in client.get(trips).content.decode()
    family.address_hidden = True
    family.save()
    assert family.address not in client.get(trips).content.decode()
    assert "психолог" not in client.get(trips, {"since": today + DAY}).content.decode()
    assert client.get(trips, {"as": "xlsx"})["Content-Type"].endswith("sheet")
    trip.give(by=world.curator, given_on=today)
    assert "психолог, юрист" not in client.get(trips).content.decode()


def test_overdue_ones_are_found(client, world, family, request_):
    client.force_login(world.curator)
    board = reverse("cases:dispatch-list")
    page = client.get(board, {"state": "late"}).content.decode()
    assert family.surname in page and "Просрочено" in page
    fresh = make_family(world, surname="Ершовы")
    open_request(world, fresh, days_ago=0)
    assert "Ершовы" not in client.get(board, {"state": "late"}).content.decode()
    assert "Ершовы" in client.get(board, {"state": "new"}).content.decode()


def test_the_facts_of_a_period(client, world, family, group, today):
    """Each row of the form `omsk-dispatch`, from dated facts; families and children are counted once."""
    other = make_family(world, surname="Ершовы")
    second = ProblemGroup.objects.create(title="Жильё")
    row = in_help(world, family, group, given_ago=16)  # appealed 20 days ago: after 4 days
    plan(world, row).give(by=world.curator, given_on=today - 5 * DAY)
    in_help(world, other, second, given_ago=9)  # after 11 days
    in_help(world, make_family(world, surname="Давние"), second, given_ago=20)  # before the period
    found = dispatching.figures(world.centre, today - 17 * DAY, today)
    assert (found.families, found.children, found.first_services, found.average_days) == (2, 2, 2, 7.5)
    assert found.groups == [("Жильё", 1), ("Нет работы", 1)]
    assert (found.supported, found.overcame, found.improved_share) == (0, 0, None)
    case = activate(world, open_case(world, family=family))
    world.centre.surveys.create(case=case, answered_on=today, satisfied=True, improvement_noted=True)
    world.centre.surveys.create(answered_on=today, satisfied=True, improvement_noted=False)
    world.centre.surveys.create(answered_on=today, satisfied=True, improvement_noted=True)
    found = dispatching.figures(world.centre, today - 17 * DAY, today)
    assert (found.supported, found.answered, found.improved_share) == (1, 3, 67)
    assert dispatching.figures(world.other_centre, today - 17 * DAY, today).average_days is None
    client.force_login(world.head)
    page = client.get(reverse("cases:dispatch-figures"), {"since": today - 17 * DAY, "until": today}).content.decode()
    assert "7,5" in page and "67 %" in page
    link = f"?helped_since={today - 17 * DAY}&amp;helped_until={today}"
    assert link in page
    listed = client.get(reverse("cases:dispatch-list"), {"helped_since": today - 17 * DAY, "helped_until": today})
    assert listed.context["total"] == found.first_services


def test_the_board_costs_the_same_for_many(client, world, family, group, django_assert_num_queries, django_assert_max_num_queries):  # fmt: skip
    client.force_login(world.head)
    in_help(world, family, group)
    board = reverse("cases:dispatch-list")
    client.get(board)
    with django_assert_max_num_queries(18) as few:
        client.get(board)
    for number in range(6):
        in_help(world, make_family(world, surname=f"Семья{number}"), group)
    with django_assert_num_queries(len(few)):
        assert client.get(board).context["total"] == 7
    assert client.get(board, {"as": "xlsx"})["Content-Type"].endswith("sheet")


def test_the_administrator_keeps_the_dictionary(client, world, group):
    client.force_login(world.administrator)
    assert "Группы проблем" in client.get(reverse("cases:dictionary-list")).content.decode()
    assert "Злоупотребление спиртным" in client.get(reverse("cases:problem-group-list")).content.decode()
    client.post(reverse("cases:problem-group-new"), {"title": "Долги", "usual_services": "Юрист", "is_active": "on"})
    row = ProblemGroup.objects.get(title="Долги")
    assert row.services == ["Юрист"]
    client.post(reverse("cases:problem-group-edit", args=[row.pk]), {"title": "Долги и кредиты", "usual_services": ""})
    row.refresh_from_db()
    assert (row.title, row.is_active) == ("Долги и кредиты", False)
    assert client.post(reverse("cases:problem-group-new"), {"title": "Нет работы"}).status_code == 422


def test_a_region_without_the_module_has_none_of_it(client, world, family, request_, settings):
    settings.SOPR_REGION = "primorye"
    client.force_login(world.head)
    for name, args in [("list", []), ("trips", []), ("figures", []), ("new", [family.pk]), ("detail", [request_.pk])]:
        assert client.get(reverse(f"cases:dispatch-{name}", args=args)).status_code == 404, name
    for url in (reverse("families:referral-list"), reverse("families:family-detail", args=[family.pk])):
        assert "/dispatch/" not in client.get(url).content.decode()
    client.force_login(world.administrator)
    assert client.get(reverse("cases:problem-group-list")).status_code == 404
    assert "Группы проблем" not in client.get(reverse("accounts:user-list")).content.decode()
    settings.SOPR_REGION = "omsk"
    assert client.get(reverse("cases:problem-group-list")).status_code == 200
    client.force_login(world.head)
    assert reverse("cases:dispatch-list") in client.get(reverse("families:referral-list")).content.decode()
    assert client.get(reverse("cases:newborn-list")).status_code == 404


def test_requests_of_merged_families(world, family, request_):
    twin = make_family(world, surname="Ковалева")
    second = open_request(world, twin)
    with pytest.raises(Refused, match="закройте одно из них"):
        merge_families(family, twin, by=world.head, reason="twice")
    second.close(by=world.curator, result="solved", consent_by=mother_of(twin), consent_on=timezone.localdate(), consent_how="phone")  # fmt: skip
    merge_families(family, twin, by=world.head, reason="twice")
    second.refresh_from_db()
    assert second.family == family
