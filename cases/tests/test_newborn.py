"""«Под крылом аиста»: from the maternity hospital's signal to the outcome; read by the keeper and the head alone."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases import newborn
from cases.models import NearPerson, NewbornHelp, NewbornQuestionnaire, NewbornRisk, RentalItem
from families.keepers import keepers_of
from families.merging.verbs import merge_people
from families.models import ChildEvent, FamilyEvent, Referral
from families.models.family import new_person
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import make_family, make_referral, open_case

DAY = datetime.timedelta(days=1)
Outcome = NewbornRisk.Outcome


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def family(world):
    return make_family(world)


@pytest.fixture
def risk(world, family):
    return start(world, family)


def mother_of(family):
    return family.memberships.get(relation="mother").person


def start(world, family, days_ago=40, **fields):
    today = timezone.localdate()
    values = {
        "woman": mother_of(family),
        "keeper": world.curator,
        "group": "pregnant",
        "signalled_on": today - days_ago * DAY,
        "expected_on": today - 10 * DAY,
    } | fields
    return NewbornRisk.start(family, by=world.curator, **values)


def ask(world, risk, moment="before", days_ago=30, **answers):
    values = {"intention": "refuse", "reasons": ["means", "partner"], "doubt": 4, "support": 0, "care": 1, "means": 1}
    day = timezone.localdate() - days_ago * DAY
    return NewbornQuestionnaire.fill(risk, by=world.curator, moment=moment, filled_on=day, **(values | answers))


def due_of(risk):
    return set(Obligation.objects.about(risk).open().values_list("kind", flat=True))


def test_a_maternity_hospitals_signal_is_due_the_same_day(client, world, family, today):
    client.force_login(world.head)
    page = client.get(reverse("families:referral-new")).content.decode()
    assert "роддом, женская консультация" in page
    referral = make_referral(world, channel="maternity", source_agency=world.clinic)
    waits = Obligation.objects.about(referral).open().get()
    assert (waits.kind, waits.due_on, waits.assignee) == ("referral.assign", today, None)
    assert "срочно" in client.get(reverse("families:referral-list")).content.decode()
    referral.assign(by=world.head, curator=world.curator)
    assert referral.due_on == today
    assert Obligation.objects.about(referral).open().get().kind == "referral.visit"
    referral.record_visit(by=world.curator, visited_on=today, result="Беседа в роддоме", family=family)
    client.force_login(world.curator)
    begin = f"{reverse('cases:newborn-start', args=[family.pk])}?referral={referral.pk}"
    assert begin in client.get(referral.get_absolute_url()).content.decode()
    answer = client.post(
        begin,
        {"woman": mother_of(family).pk, "referral": referral.pk, "signalled_on": today, "group": "with_newborn", "born_on": today},
    )  # fmt: skip
    risk = NewbornRisk.objects.get()
    assert answer["Location"] == risk.get_absolute_url()
    assert (risk.referral, risk.keeper, risk.woman) == (referral, world.curator, mother_of(family))
    assert due_of(risk) == {"newborn.begin", "newborn.outcome"}
    assert risk.get_absolute_url() in client.get(referral.get_absolute_url()).content.decode()


def test_the_channel_is_offered_only_where_the_practice_is(client, world, settings):
    settings.SOPR_REGION = "primorye"
    client.force_login(world.curator)
    assert "роддом" not in client.get(reverse("families:referral-new")).content.decode()
    data = {"received_at": timezone.now().isoformat(), "channel": "maternity", "about": "Иванова", "municipality": world.north.pk, "substance": "…", "source_agency": world.clinic.pk}  # fmt: skip
    assert client.post(reverse("families:referral-new"), data).status_code == 422
    assert not Referral.objects.exists()


def test_questionnaires_stand_side_by_side_with_the_change(client, world, risk):
    client.force_login(world.curator)
    after = reverse("cases:newborn-after", args=[risk.pk])
    assert client.get(after).status_code == 409
    ask(world, risk)
    assert due_of(risk) == {"newborn.outcome"}  # the meeting at once is done
    data = {"filled_on": timezone.localdate(), "intention": "keep", "doubt": 1, "support": 3, "care": 1, "means": 0, "reasons": ["means"]}  # fmt: skip
    assert client.post(after, data).status_code == 302
    before, last = risk.questionnaires.get(moment="before"), risk.questionnaires.get(moment="after")
    changes = {row.title: row.change for row in newborn.compare(before, last)}
    assert changes == {
        "Намерение": "better",
        "Насколько сомневается": "better",
        "Чувствует ли поддержку близких": "better",
        "Умеет ли ухаживать за новорождённым": "same",
        "Есть ли самое нужное для ребёнка": "worse",
        "Причины сомнений": "better",
    }
    page = client.get(risk.get_absolute_url()).content.decode()
    assert "До помощи" in page and "растить ребёнка" in page and "отказаться от ребёнка" in page
    ask(world, risk, days_ago=29, intention="doubt")  # a slip of the pen put right: still one row of the moment
    assert risk.questionnaires.filter(moment="before").get().intention == "doubt"


def test_questionnaires_keep_their_order(world, risk, today):
    with pytest.raises(Refused, match="до помощи"):
        ask(world, risk, "after")
    with pytest.raises(Refused, match="от дня сигнала"):
        ask(world, risk, days_ago=41)
    ask(world, risk, days_ago=20)
    with pytest.raises(Refused, match="не может быть раньше"):
        ask(world, risk, "after", days_ago=21)
    ask(world, risk, "after", days_ago=10)
    with pytest.raises(Refused, match="не может быть раньше"):
        ask(world, risk, days_ago=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        NewbornQuestionnaire.objects.create(risk=risk, moment="after", filled_on=today, intention="keep", doubt=0, support=0, care=0, means=0, by=world.curator)  # fmt: skip


def test_the_near_circle_and_the_help(client, world, risk, today):
    client.force_login(world.curator)
    near = {"full_name": "Ковалёва Мария", "relation": "mother", "phone": "8 912 345-67-89", "attitude": "wavers"}
    refused = client.post(reverse("cases:newborn-near", args=[risk.pk]), near | {"agreed": "on"})
    assert "чем этот человек поможет" in refused.content.decode()
    client.post(reverse("cases:newborn-near", args=[risk.pk]), near)
    row = NearPerson.objects.get()
    changed = near | {"attitude": "supports", "agreed": "on", "help": "посидит с ребёнком"}
    client.post(reverse("cases:newborn-near-edit", args=[row.pk]), changed | {"version": row.version})
    row.refresh_from_db()
    assert (row.attitude, row.agreed, row.phone) == ("supports", True, "+7 912 345-67-89")
    client.post(reverse("cases:newborn-help", args=[risk.pk]), {"kind": "training", "held_on": today})
    client.post(
        reverse("cases:newborn-help", args=[risk.pk]), {"kind": "psychologist", "held_on": today, "near": row.pk}
    )
    assert list(NewbornHelp.objects.values_list("kind", "near").order_by("pk")) == [
        ("training", None),
        ("psychologist", row.pk),
    ]
    with pytest.raises(Refused, match="сегодняшнего дня"):
        NewbornHelp.give(risk, by=world.curator, kind="group", held_on=today + DAY)
    other = start(world, make_family(world, surname="Ершовы"))
    with pytest.raises(Refused, match="другой женщины"):
        NewbornHelp.give(other, by=world.curator, kind="group", held_on=today, near=row)


def test_a_refusal_is_a_child_event_of_the_territory(client, world, family, risk, today):
    child = family.memberships.get(relation="child").person
    client.force_login(world.curator)
    client.post(
        reverse("cases:newborn-outcome", args=[risk.pk]), {"outcome": "refused", "day": today, "child": child.pk}
    )
    risk.refresh_from_db()
    event = ChildEvent.objects.get()
    assert (event.kind, event.municipality, event.person, event.happened_on, event.confirmed) == (
        "refusal", world.north, child, today, True,
    )  # fmt: skip
    assert (risk.outcome, risk.outcome_on, risk.child_event) == ("refused", today, event)
    assert due_of(risk) == set()
    assert client.get(reverse("cases:newborn-outcome", args=[risk.pk])).status_code == 409


def test_a_refusal_known_already_is_linked_and_not_doubled(world, family, risk, today):
    known = ChildEvent.objects.create(kind="refusal", municipality=world.north, family=family, happened_on=today)
    risk.conclude(by=world.curator, outcome=Outcome.REFUSED, day=today)
    assert ChildEvent.objects.get() == risk.child_event == known


def test_a_doubt_is_come_back_to_and_history_stays(world, risk, today):
    risk.conclude(by=world.curator, outcome=Outcome.DOUBT, day=today - 5 * DAY)
    assert Obligation.objects.about(risk).open().get().due_on == today + 25 * DAY
    with pytest.raises(Refused, match="не может быть раньше"):
        risk.conclude(by=world.curator, outcome=Outcome.PREVENTED, day=today - 6 * DAY)
    risk.conclude(by=world.curator, outcome=Outcome.PREVENTED, day=today)
    with pytest.raises(Refused, match="уже записан"):
        NewbornRisk.objects.get(pk=risk.pk).conclude(by=world.curator, outcome=Outcome.DOUBT, day=today)
    told = [event.refs["outcome"] for event in risk.events.filter(kind="concluded").order_by("pk")]
    assert told == ["doubt", "prevented"]


def test_days_and_people_that_cannot_be(world, family, today):
    with pytest.raises(Refused, match="не наступила"):
        start(world, family, signalled_on=today + DAY)
    with pytest.raises(Refused, match="ещё не наступила"):
        start(world, family, born_on=today + DAY)
    with pytest.raises(Refused, match="десяти месяцев"):
        start(world, family, expected_on=today + 400 * DAY)
    with pytest.raises(Refused, match="в составе семьи"):
        start(world, family, woman=mother_of(make_family(world, surname="Ершовы")))
    with pytest.raises(Refused, match="действующий куратор"):
        start(world, family, keeper=world.other_curator)
    first = start(world, family)
    with pytest.raises(Refused, match="уже есть открытая запись"):
        start(world, family)
    first.conclude(by=world.curator, outcome=Outcome.PREVENTED, day=today)
    start(world, family, days_ago=0)  # the next child, another path
    with pytest.raises(Refused, match="от дня сигнала"):
        first.conclude(by=world.curator, outcome=Outcome.REFUSED, day=today - 50 * DAY)


def test_only_the_keeper_and_the_head_read_it(client, world, family, risk):
    url = risk.get_absolute_url()
    for user, status in [(world.curator, 200), (world.head, 200), (world.colleague, 404), (world.other_head, 404), (world.executor, 403), (world.minister, 403)]:  # fmt: skip
        client.force_login(user)
        assert client.get(url).status_code == status, user
    client.force_login(world.colleague)
    assert mother_of(family).full_name not in client.get(reverse("cases:newborn-list")).content.decode()
    kinds = set(FamilyEvent.objects.filter(family=family).values_list("kind", flat=True))
    assert not [kind for kind in kinds if "newborn" in kind]  # the card's history is read by more people


def test_the_keeper_works_with_the_family_until_it_is_decided(world, today):
    family = make_family(world, by=world.colleague)
    assert keepers_of(family, world.centre.pk) == {world.colleague.pk}
    risk = start(world, family)
    assert keepers_of(family, world.centre.pk) == {world.curator.pk}
    risk.conclude(by=world.curator, outcome=Outcome.PREVENTED, day=today)
    assert keepers_of(family, world.centre.pk) == {world.colleague.pk}


def test_the_head_gives_the_path_to_another(client, world, risk):
    client.force_login(world.curator)
    assign = reverse("cases:newborn-assign", args=[risk.pk])
    assert client.get(assign).status_code == 403
    client.force_login(world.head)
    client.post(assign, {"keeper": world.colleague.pk, "version": risk.version})
    risk.refresh_from_db()
    assert risk.keeper == world.colleague
    assert {row.assignee for row in Obligation.objects.about(risk).open()} == {world.colleague}


def test_the_path_leads_to_the_case_when_the_family_agrees(client, world, family, risk):
    client.force_login(world.curator)
    link = reverse("cases:newborn-case", args=[risk.pk])
    assert client.get(link).status_code == 409
    case = open_case(world, family=family)
    assert client.post(link, {"version": risk.version}).status_code == 302
    risk.refresh_from_db()
    assert risk.case == case
    assert case.events.filter(kind="newborn_linked").exists()
    with pytest.raises(Refused, match="уже связана"):
        risk.link_case(case, by=world.curator)
    with pytest.raises(Refused, match="этой же семьи"):
        risk.link_case(open_case(world), by=world.curator)


def test_the_facts_of_a_period(client, world, family, risk, today):
    """Each row of the form `bashkortostan-newborn`, from dated facts; people are counted once."""
    other = start(world, make_family(world, surname="Ершовы"))
    near = NearPerson.add(risk, by=world.curator, full_name="Ковалёва Мария", relation="mother")
    for row, answer in ((risk, "keep"), (other, "doubt")):
        ask(world, row)
        ask(world, row, "after", days_ago=5, intention=answer)
        for _twice in range(2):
            NewbornHelp.give(row, by=world.curator, kind="psychologist", held_on=today - 6 * DAY)
    NewbornHelp.give(risk, by=world.curator, kind="training", held_on=today - 4 * DAY)
    NewbornHelp.give(risk, by=world.curator, kind="psychologist", held_on=today - 4 * DAY, near=near)
    risk.conclude(by=world.curator, outcome=Outcome.PREVENTED, day=today - 2 * DAY)
    item = RentalItem.enter(by=world.curator, inventory_number="К-1", kind="pram", title="Коляска", acquired_on=today - 90 * DAY)  # fmt: skip
    item.lend(by=world.curator, family=family, person=mother_of(family), since=today - 3 * DAY, due_on=today)
    for days_ago in (1, 12, 13, 14, 15):
        ChildEvent.objects.create(kind="refusal", municipality=world.north, happened_on=today - days_ago * DAY)
    ChildEvent.objects.create(kind="refusal", municipality=world.south, happened_on=today)
    found = newborn.figures(world.centre, today - 9 * DAY, today)
    assert found == newborn.Figures(
        women=2, near=1, prevented=1, refusals=1, refusals_before=4, rented=1, asked_after=2, still_in_doubt=1, trained=1,
    )  # fmt: skip
    assert (found.refusals_change, found.doubt_share) == (-75, 50)
    nothing = newborn.figures(world.other_centre, today - 9 * DAY, today)
    assert (nothing.women, nothing.doubt_share, nothing.refusals_change) == (0, None, None)
    client.force_login(world.head)
    page = client.get(reverse("cases:newborn-figures"), {"since": today - 9 * DAY, "until": today}).content.decode()
    assert "50 %" in page and "75 %" in page
    assert "от одного дня до года" in client.get(
        reverse("cases:newborn-figures"), {"since": today, "until": today - DAY}
    ).content.decode()  # fmt: skip


def test_the_list_costs_the_same_for_many(
    client, world, risk, django_assert_num_queries, django_assert_max_num_queries
):
    url = reverse("cases:newborn-list")
    client.force_login(world.head)
    client.get(url)
    with django_assert_max_num_queries(14) as few:
        client.get(url)
    for number in range(8):
        start(world, make_family(world, surname=f"Семья{number}"))
    with django_assert_num_queries(len(few)):
        assert "9 записей" in client.get(url).content.decode().replace("\u00a0", " ")


def test_the_list_is_filtered_by_the_day_of_the_signal(client, world, family, risk):
    client.force_login(world.curator)
    for since, count in ((risk.signalled_on, 1), (risk.signalled_on + DAY, 0)):
        found = client.get(reverse("cases:newborn-list"), {"since": since, "until": timezone.localdate()})
        assert found.context["total"] == count


def test_only_the_head_takes_the_list_out(client, world, risk):
    for user, kind in ((world.curator, "text/html"), (world.head, "spreadsheetml")):
        client.force_login(user)
        assert kind in client.get(reverse("cases:newborn-list"), {"as": "xlsx"})["Content-Type"]


def test_a_region_without_the_module_has_none_of_it(client, world, family, risk, settings):
    settings.SOPR_REGION = "primorye"
    client.force_login(world.head)
    for name, args in [("list", []), ("figures", []), ("start", [family.pk]), ("detail", [risk.pk]), ("before", [risk.pk]), ("outcome", [risk.pk])]:  # fmt: skip
        assert client.get(reverse(f"cases:newborn-{name}", args=args)).status_code == 404, name
    for url in (reverse("families:referral-list"), reverse("families:family-detail", args=[family.pk])):
        assert "newborn" not in client.get(url).content.decode()
    settings.SOPR_REGION = "bashkortostan"
    assert reverse("cases:newborn-list") in client.get(reverse("families:referral-list")).content.decode()


def test_two_records_of_one_woman_with_open_paths_are_not_merged_silently(world, family, risk):
    twin = new_person(by=world.curator, last_name="Ковалёва", first_name="Анна", sex="f")
    family.add_member(twin, by=world.curator, relation="other")
    second = start(world, family, woman=twin)
    with pytest.raises(Refused, match="запишите исход одной из них"):
        merge_people(mother_of(family), twin, by=world.head, reason="twice")
    second.conclude(by=world.curator, outcome=Outcome.PREVENTED, day=timezone.localdate())
    merge_people(mother_of(family), twin, by=world.head, reason="twice")
    second.refresh_from_db()
    assert second.woman == risk.woman
