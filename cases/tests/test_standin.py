"""A stand-in sees and works the cases of a colleague who is away, on the days named and on no other."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import desk, reading
from cases.models import Activity, Case, CaseTransfer, Contact, StandIn, StandInPeriod
from conftest import make_user
from families.keepers import keepers_of, keeps
from families.models import Family
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import make_family, open_case

DAY = datetime.timedelta(days=1)


def today():
    return timezone.localdate()


def name(w, cases, since=0, until=9, **fields):
    values = {"user": w.colleague, "reason": "illness"} | fields
    return StandIn.name(
        w.curator, by=w.head, since=today() + since * DAY, until=today() + until * DAY, cases=cases, **values
    )


@pytest.fixture
def moved(time_machine):
    start = timezone.now().replace(hour=9, minute=0)
    time_machine.move_to(start)
    return lambda days: time_machine.move_to(start + days * DAY)


def test_both_see_and_work_the_case_for_the_days_named(world, active, moved):
    name(world, [active], since=2, until=5)
    for days, seen in [(0, False), (1, False), (2, True), (5, True), (6, False)]:
        moved(days)
        assert Case.objects.visible_to(world.colleague).filter(pk=active.pk).exists() is seen, days
        assert Case.objects.visible_to(world.curator).filter(pk=active.pk).exists()
        assert (world.colleague.pk in keepers_of(active.family, world.centre.pk)) is seen
        assert keeps(world.colleague, active.family) is seen
        assert Activity.objects.visible_to(world.colleague).exists() is seen
        assert active.agenda_items.visible_to(world.colleague).exists() is seen
    active.refresh_from_db()
    assert active.curator == world.curator


def test_the_stand_in_does_the_curators_work(client, world, active):
    name(world, [active])
    client.force_login(world.colleague)
    assert client.get(active.get_absolute_url()).status_code == 200
    answer = client.post(
        reverse("cases:contact-new", args=[active.pk]),
        {"kind": "phone", "at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"), "summary": "Мать на связи"},
    )
    assert answer.status_code == 302
    assert Contact.objects.get().by == world.colleague
    assert client.get(f"/families/{active.family_id}/edit/").status_code == 200


def test_what_is_due_reaches_both_and_is_marked(client, world, active, moved):
    name(world, [active], until=12)
    moved(9)
    own = set(Obligation.objects.open().of_person(world.curator).values_list("pk", flat=True))
    assert own == set(Obligation.objects.open().of_person(world.colleague).values_list("pk", flat=True)) != set()
    assert set(Obligation.objects.open().filter(case_id=active.pk).values_list("assignee", flat=True)) == {
        world.curator.pk
    }
    client.force_login(world.colleague)
    page = client.get(reverse("cases:my-day")).content.decode()
    assert "за Куратову" in page
    assert "Вы замещаете" in page
    client.force_login(world.curator)
    assert "Вас замещает" in client.get(reverse("cases:my-day")).content.decode()
    moved(13)
    assert not Obligation.objects.open().of_person(world.colleague).exists()


def test_overdue_work_of_a_colleague_rings_the_bell(client, world, active, moved):
    name(world, [active], until=60)
    moved(40)
    client.force_login(world.colleague)
    bell = client.get(reverse("cases:case-list")).context["frame"].due_count
    client.force_login(world.curator)
    assert bell == client.get(reverse("cases:case-list")).context["frame"].due_count > 0


def test_only_the_chosen_cases_are_opened(world, active):
    other = open_case(world, family=make_family(world, surname="Лосевы"))
    name(world, [active])
    assert list(Case.objects.visible_to(world.colleague)) == [active]
    assert other in Case.objects.visible_to(world.curator)
    families = desk.families_of_curator(world.colleague, today())
    assert [case.instead_of.startswith("за Куратову") for case in families] == [True]


def test_the_list_of_families_shows_the_case_of_a_colleague_who_is_away(client, world, active):
    client.force_login(world.colleague)
    before = client.get(reverse("families:family-list")).content.decode()
    name(world, [active])
    after = client.get(reverse("families:family-list")).content.decode()
    assert "кризисный" not in before.split("<tbody>")[1] and "кризисный" in after.split("<tbody>")[1]
    assert Family.objects.visible_to(world.colleague).filter(pk=active.family_id).exists()
    assert reading.colleague_on(active.family, world.colleague) is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"user": "curator"}, "не замещает сам себя"),
        ({"user": "other_curator"}, "только действующий куратор Вашей организации"),
        ({"user": "head"}, "только действующий куратор Вашей организации"),
        ({"since": 3, "until": 2}, "Последний день раньше первого"),
        ({"since": -9, "until": -1}, "Эти дни уже прошли"),
        ({"until": 400}, "дольше года"),
        ({"cases": []}, "Выберите случаи"),
    ],
)
def test_refusals_say_what_to_do(world, active, fields, reason):
    fields = fields | ({"user": getattr(world, fields["user"])} if "user" in fields else {})
    with pytest.raises(Refused, match=reason):
        name(world, fields.pop("cases", [active]), **fields)
    assert not StandIn.objects.exists()


def test_no_two_stand_ins_in_a_case_on_one_day(world, active):
    name(world, [active], until=5)
    with pytest.raises(Refused, match="уже замещает Коллегина"):
        name(world, [active], since=5, until=9)
    name(world, [active], since=6, until=9)


def test_who_is_away_himself_stands_in_for_nobody(world, active):
    third = make_user("curator", world.centre, "curator-3", last_name="Третьякова")
    theirs = open_case(world, by=world.colleague, family=make_family(world, by=world.colleague, surname="Лосевы"))
    StandIn.name(
        world.colleague, by=world.head, user=third, since=today(), until=today(), reason="leave", cases=[theirs]
    )
    with pytest.raises(Refused, match="Коллегина.*в эти дни замещают самого куратора"):
        name(world, [active])
    name(world, [active], since=1)


def test_ended_early_the_case_comes_back_the_next_day(world, active, moved):
    row = name(world, [active], until=30)
    moved(3)
    row.end(by=world.head, last_day=today())
    assert Case.objects.visible_to(world.colleague).exists()
    moved(4)
    assert not Case.objects.visible_to(world.colleague).exists()
    with pytest.raises(Refused, match="Замещение завершилось"):
        row.end(by=world.head, last_day=today())
    assert list(active.events.filter(kind__startswith="stand_in").order_by("pk").values_list("kind", flat=True)) == [
        "stand_in_named",
        "stand_in_ended",
    ]


def test_a_planned_one_is_called_off_and_the_past_is_not_rewritten(world, active, moved):
    row = name(world, [active], since=3, until=9)
    row.end(by=world.head, last_day=today())
    assert not StandIn.objects.exists() and not StandInPeriod.objects.exists()
    row = name(world, [active], until=30)
    moved(10)
    with pytest.raises(Refused, match="прошедшее не переписывается"):
        row.end(by=world.head, last_day=today() - 5 * DAY)
    with pytest.raises(Refused, match="и так идёт по"):
        row.end(by=world.head, last_day=row.until + DAY)


def test_a_new_curator_ends_the_stand_in(world, active, moved):
    name(world, [active], until=30)
    moved(5)
    active.assign_curator(world.colleague, by=world.head)
    assert active.stand_in_periods.get().until == today() - DAY
    assert not Case.objects.visible_to(world.curator).exists()


def test_the_end_of_a_case_ends_the_stand_in(world, active, moved):
    name(world, [active], until=30)
    moved(5)
    active.close_at_familys_wish(by=world.curator, day=today(), outcome="improved")
    assert active.stand_in_periods.get().until == today()


def test_a_transfer_to_another_organisation_ends_the_stand_in(world, active, moved):
    name(world, [active], until=30)
    moved(5)
    offer = CaseTransfer.offer(
        active, by=world.head, to_organisation=world.other_centre, reason="переезд", consented_on=today()
    )
    assert CaseTransfer.objects.visible_to(world.colleague).exists()
    case = offer.accept(by=world.other_head, curator=world.other_curator)
    assert active.stand_in_periods.get().until == today() and not case.stand_in_periods.exists()


def test_the_head_names_and_ends_a_stand_in_on_pages(enter, world, active):
    head = enter(world.head)
    other = open_case(world, family=make_family(world, surname="Лосевы"))
    page = head.get("cases:standin-new", world.curator.pk).content.decode()
    assert "Ковалёв" in page and "Лосев" in page and page.count("checked") >= 2
    assert "Чужакова" not in page
    wrong = head.post("cases:standin-new", world.curator.pk, user=world.colleague.pk, since=today(), reason="leave")
    assert wrong.status_code == 422 and "Укажите последний день замещения." in wrong.content.decode()
    done = head.post(
        "cases:standin-new",
        world.curator.pk,
        user=world.colleague.pk,
        since=today().isoformat(),
        until=(today() + 13 * DAY).isoformat(),
        reason="leave",
        cases=[active.pk, other.pk],
    )
    row = StandIn.objects.get()
    assert done.status_code == 302 and row.periods.count() == 2
    detail = head.get("cases:standin-detail", row.pk).content.decode()
    assert "отпуск" in detail and active.number in detail and "Лосев" in detail
    assert "отпуск" not in enter(world.colleague).get("cases:standin-detail", row.pk).content.decode()
    service = head.get("cases:service").content.decode()
    assert "замещает <a" in service and "Коллегина" in service and "и 2 за коллег" in service
    assert "Коллегина" in head.get("cases:standin-list").content.decode()
    card = head.get("cases:case-detail", active.pk).content.decode()
    assert "замещает Коллегина" in card
    history = head.get("cases:case-detail", active.pk, tab="history").content.decode()
    assert "Замещения куратора" in history and "Назначено замещение куратора" in history
    assert (
        "замещает Коллегина" in enter(world.colleague).get("families:family-detail", active.family_id).content.decode()
    )
    assert head.post("cases:standin-end", row.pk, last_day=(today() + 2 * DAY).isoformat()).status_code == 302
    row.refresh_from_db()
    assert row.until == today() + 2 * DAY


def test_a_stand_in_that_is_over_keeps_its_numbers_and_no_names(enter, world, active, moved):
    row = name(world, [active], until=3)
    moved(4)
    page = enter(world.colleague).get("cases:standin-detail", row.pk).content.decode()
    assert active.number in page and "Ковалёв" not in page


def test_curators_name_nobody(enter, world, active):
    row = name(world, [active])
    curator = enter(world.curator)
    assert curator.get("cases:standin-new", world.curator.pk).status_code == 403
    assert curator.post("cases:standin-end", row.pk).status_code == 403
    stranger = enter(world.other_head)
    assert stranger.get("cases:standin-new", world.curator.pk).status_code == 404
    assert stranger.get("cases:standin-detail", row.pk).status_code == 404


def test_a_leaving_curators_cases_go_to_several_on_one_page(enter, world, active):
    third = make_user("curator", world.centre, "curator-3", last_name="Третьякова")
    other = open_case(world, family=make_family(world, surname="Лосевы"))
    world.curator.is_active = False
    world.curator.save()
    head = enter(world.head)
    assert "доступ закрыт, случаи не переданы" in head.get("cases:service").content.decode()
    nobody = head.post("cases:curator-hand-over", world.curator.pk, since=today().isoformat())
    assert nobody.status_code == 422 and "Никто не выбран" in nobody.content.decode()
    done = head.post(
        "cases:curator-hand-over",
        world.curator.pk,
        since=today().isoformat(),
        rest=world.colleague.pk,
        **{f"case_{other.pk}": third.pk},
    )
    assert done.status_code == 302
    active.refresh_from_db()
    other.refresh_from_db()
    assert (active.curator, other.curator) == (world.colleague, third)
    assert not Obligation.objects.open().filter(assignee=world.curator, case_id__in=[active.pk, other.pk]).exists()
    assert head.get("cases:curator-hand-over", world.curator.pk).status_code == 409
    assert "доступ закрыт" not in head.get("cases:service").content.decode()


def test_handing_over_is_whole_or_not_at_all(enter, world, active, moved):
    other = open_case(world, family=make_family(world, surname="Лосевы"))
    moved(3)
    other.assign_curator(world.colleague, by=world.head)
    other.assign_curator(world.curator, by=world.head)
    late = enter(world.head).post(
        "cases:curator-hand-over", world.curator.pk, since=(today() - DAY).isoformat(), rest=world.colleague.pk
    )
    assert late.status_code == 422 and f"Случай № {other.number}" in late.content.decode()
    active.refresh_from_db()
    assert active.curator == world.curator


def test_queries_of_the_desk_do_not_grow_with_stand_ins(world, active, moved):
    name(world, [active], until=30)
    moved(9)
    desk.groups_of_the_day(world.colleague, today())
    with CaptureQueriesContext(connection) as one:
        desk.groups_of_the_day(world.colleague, today())
    others = [open_case(world, family=make_family(world, surname=f"Лосевы{n}")) for n in "абв"]
    name(world, others, until=20)
    moved(18)
    with CaptureQueriesContext(connection) as many:
        groups = desk.groups_of_the_day(world.colleague, today())
    assert sum(len(group.rows) for group in groups) > 3 and len(many) == len(one)
