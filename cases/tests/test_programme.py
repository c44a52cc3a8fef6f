"""ИПСС: a draft answers every problem domain; approved revisions never change; an amendment carries activities on."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Activity, CaseTransfer, Goal, Programme, ProgrammeRevision
from cases.words import Domain, Level
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import add_pack, hold_council

TODAY = timezone.localdate
GOAL = {
    "domain": "income",
    "problem": "Долг за тепло",
    "text": "Долга нет",
    "criterion": "Справка",
    "family_wording": "",
}


def iso(days):
    return (TODAY() + datetime.timedelta(days=days)).isoformat()


def activity_fields(world, **changed):
    return {
        "title": "Оформить пособие",
        "kind": "social",
        "agency": world.clinic.pk,
        "person": "",
        "due_on": iso(10),
    } | changed


@pytest.fixture
def draft(world, case):
    return add_pack(world, case)


def test_programme_begins_after_the_assessment(world, case, enter):
    answer = enter(world.curator).get("cases:programme-new", case.pk)
    assert answer.status_code == 409
    assert "Сначала проведите диагностику" in answer.content.decode()


def test_new_programme_leads_to_its_goals(world, draft, enter):
    draft.programme.revisions.all().delete()
    draft.programme.delete()
    case = draft.programme.case
    answer = enter(world.curator).post(
        "cases:programme-new", case.pk, level="crisis", since=iso(0), until=iso(120), resources="", duties=""
    )
    revision = ProgrammeRevision.objects.get()
    assert answer.url == reverse("cases:programme-edit", args=[revision.pk])
    assert revision.programme.person is None


def test_in_a_region_with_a_programme_for_each_member_the_member_is_chosen(world, draft, enter, settings):
    settings.SOPR_REGION = "irkutsk"
    case = draft.programme.case
    browser = enter(world.curator)
    child = case.members.last().person
    assert (
        browser.post(
            "cases:programme-new", case.pk, level="crisis", since=iso(0), until=iso(90), person=child.pk
        ).status_code
        == 302
    )
    assert Programme.objects.filter(person=child).exists()


def test_draft_page_marks_domains_without_a_plan(world, draft, enter):
    draft.goals.filter(domain="income").delete()
    text = enter(world.curator).get("cases:programme-edit", draft.pk).content.decode()
    assert "не охвачено: 1 из 2" in text
    assert reverse("cases:goal-add", args=[draft.pk]) + "?domain=income" in text


def test_goal_and_activity_are_added_changed_and_deleted(world, draft, enter):
    browser = enter(world.curator)
    browser.post("cases:goal-add", draft.pk, **GOAL)
    goal = Goal.objects.latest("pk")
    assert goal.text == "Долга нет"
    browser.post("cases:goal-edit", goal.pk, **GOAL | {"text": "Долг погашен", "version": goal.version})
    goal.refresh_from_db()
    assert goal.text == "Долг погашен"
    assert browser.post("cases:activity-add", goal.pk, **activity_fields(world)).status_code == 302
    activity = goal.activities.get()
    browser.post("cases:activity-edit", activity.pk, **activity_fields(world, title="Оформить субсидию"))
    activity.refresh_from_db()
    assert activity.title == "Оформить субсидию"
    assert browser.get("cases:activity-delete", activity.pk).status_code == 200
    browser.post("cases:activity-delete", activity.pk)
    assert not goal.activities.exists()
    browser.post("cases:goal-delete", goal.pk)
    assert not Goal.objects.filter(pk=goal.pk).exists()


@pytest.mark.parametrize(("days", "words"), [(-1, "Срок уже прошёл"), (400, "ИПСС действует до")])
def test_activity_due_outside_reason_is_refused_and_kept(world, draft, enter, days, words):
    goal = draft.goals.first()
    answer = enter(world.curator).post(
        "cases:activity-add", goal.pk, **activity_fields(world, title="Редкое мероприятие", due_on=iso(days))
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text and "Редкое мероприятие" in text


def test_verb_refuses_a_due_date_outside_the_revision(world, draft):
    with pytest.raises(Refused, match="внутри срока ИПСС"):
        draft.goals.first().add_activity(
            by=world.curator,
            kind="social",
            title="Поздно",
            agency=world.clinic,
            due_on=draft.until + datetime.timedelta(days=1),
        )


def test_stale_goal_keeps_the_text(world, draft, enter):
    goal = draft.goals.first()
    stale = goal.version
    goal.change(by=world.curator, text="Изменено коллегой")
    answer = enter(world.curator).post("cases:goal-edit", goal.pk, **GOAL | {"text": "Моё слово", "version": stale})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "изменил другой сотрудник" in text and "Моё слово" in text and "Изменено коллегой" in text
    goal.refresh_from_db()
    assert goal.text == "Изменено коллегой"


def test_approved_revision_is_immutable(world, active, enter):
    revision = active.programmes.get().approved
    goal, activity = revision.goals.first(), active.activities.first()
    browser = enter(world.curator)
    for name, row in [
        ("programme-edit", revision),
        ("goal-add", revision),
        ("goal-edit", goal),
        ("goal-delete", goal),
        ("activity-add", goal),
        ("activity-edit", activity),
        ("activity-delete", activity),
    ]:
        answer = browser.get(f"cases:{name}", row.pk)
        assert answer.status_code == 409, name
        assert "Утверждённая редакция ИПСС не меняется" in answer.content.decode()
        assert browser.post(f"cases:{name}", row.pk).status_code == 409


def test_draft_before_the_council_waits(world, draft, enter):
    draft.programme.case.put_to_council(by=world.curator)
    answer = enter(world.curator).get("cases:programme-edit", draft.pk)
    assert answer.status_code == 409
    assert "уже вынесен на совет" in answer.content.decode()


def test_amendment_carries_on_what_happened_meanwhile(world, active, enter):
    old = active.programmes.get().approved
    browser = enter(world.curator)
    answer = browser.post("cases:programme-amend", old.pk)
    new = active.programmes.get().draft
    assert answer.url == reverse("cases:programme-edit", args=[new.pk])
    assert browser.get("cases:programme-amend", old.pk).status_code == 409  # one draft at a time
    reported, accepted = old.activities()
    reported.report_done(by=world.executor, done_on=TODAY(), result="Сделано")
    accepted.record_result(by=world.curator, done_on=TODAY(), result="Сделано")
    hold_council(world, active, "programme")
    assert set(old.activities().values_list("state", flat=True)) == {"replaced"}
    assert sorted(new.activities().values_list("state", flat=True)) == ["done", "reported"]
    assert active.activities.counted().count() == 2
    due = Obligation.objects.open().filter(subject_type="cases.activity")
    assert [(row.kind, row.subject_id) for row in due] == [
        ("activity.accept", new.activities().get(state="reported").pk)
    ]


def test_dropped_activity_is_owed_by_nobody(world, active):
    old = active.programmes.get().approved
    new = old.programme.amend(by=world.curator)
    gone = new.activities().first()
    origin = gone.continues
    goal = gone.goal
    gone.drop(by=world.curator)
    goal.add_activity(by=world.curator, kind="legal", title="Иное", agency=world.clinic, due_on=new.until)
    hold_council(world, active, "programme")
    origin.refresh_from_db()
    assert origin.state == Activity.State.REPLACED
    assert not Obligation.objects.open().filter(subject_type="cases.activity", subject_id=origin.pk).exists()


def test_readable_page_shows_the_superseded_revision_too(world, active, enter):
    old = active.programmes.get().approved
    old.programme.amend(by=world.curator)
    hold_council(world, active, "programme")
    text = enter(world.head).get("cases:programme-detail", old.pk).content.decode()
    assert "заменена новой редакцией" in text


def test_print_is_a_pdf_and_a_draft_says_so(world, draft, enter):
    answer = enter(world.curator).get("cases:programme-print", draft.pk)
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert "Ковал" not in answer["Content-Disposition"]


def test_draft_says_project_and_the_approved_one_does_not(world, draft):
    from cases.documents import PROGRAMME
    from sopr.documents.pdf import render_html

    read = ProgrammeRevision.objects.for_reading()
    assert "ПРОЕКТ" in render_html(PROGRAMME, read.get(pk=draft.pk))
    ProgrammeRevision.objects.filter(pk=draft.pk).update(state="approved", approved_on=TODAY(), basis="протокол № 3")
    html = render_html(PROGRAMME, read.get(pk=draft.pk))
    assert "ПРОЕКТ" not in html
    assert "протокол №" in html


def test_hidden_address_is_not_printed(world, draft):
    from cases.documents import PROGRAMME
    from sopr.documents.pdf import render_html

    family = draft.programme.case.family
    family.address_hidden = True
    family.save()
    html = render_html(PROGRAMME, ProgrammeRevision.objects.for_reading().get(pk=draft.pk))
    assert "Лесная" not in html


def test_every_members_programme_is_filled_before_the_council(world, draft, settings):
    """Several members with their own programmes: a domain is answered by any of them, but none goes empty."""
    settings.SOPR_REGION = "irkutsk"
    case = draft.programme.case
    people = [member.person for member in case.members.order_by("pk")]
    draft.programme.person = people[0]
    draft.programme.save()
    assert case.missing_for_council() == []
    period = {"since": TODAY(), "until": TODAY() + datetime.timedelta(days=90), "level": "crisis"}
    other = Programme.start(case, by=world.curator, person=people[1], **period)
    assert case.missing_for_council() == [f"в ИПСС нет ни одной цели (для кого: {people[1].first_name})"]
    goal = other.add_goal(
        by=world.curator, domain="law", problem="Нет полиса", text="Получить полис", criterion="Полис"
    )
    assert case.missing_for_council() == ["у цели «Получить полис» нет мероприятий"]
    with pytest.raises(Refused, match="нет мероприятий"):
        case.put_to_council(by=world.curator)
    goal.add_activity(by=world.curator, kind="medical", title="Полис", agency=world.clinic, due_on=TODAY())
    moved = draft.goals.get(domain="income")
    moved.drop(by=world.curator)
    assert case.missing_for_council() == ["в ИПСС нет цели по сфере «доход и занятость»"]
    goal = other.add_goal(by=world.curator, domain="income", problem="Долг", text="Без долга", criterion="Справка")
    goal.add_activity(by=world.curator, kind="social", title="Пособие", agency=world.clinic, due_on=TODAY())
    case.put_to_council(by=world.curator)


def test_a_member_cannot_have_two_programmes(world, draft):
    period = {"since": TODAY(), "until": TODAY(), "level": "crisis"}
    with pytest.raises(Refused, match="ИПСС уже составлена"):
        Programme.start(draft.programme.case, by=world.curator, **period)


def test_amendment_and_prolongation_become_valid_only_by_a_decision(world, active):
    """Nobody but the council's decision approves: the draft waits, the revision in force stays."""
    programme = active.programmes.get()
    old, new = programme.approved, programme.amend(by=world.curator)
    until = new.until + datetime.timedelta(days=60)
    new.change(by=world.curator, since=new.since, until=until, level="crisis")
    programme.refresh_from_db()
    assert programme.approved == old
    decision = hold_council(world, active, "programme")
    new.refresh_from_db()
    old.refresh_from_db()
    assert (old.state, new.state, new.decision, new.basis) == ("superseded", "approved", decision.pk, decision.basis)
    with pytest.raises(Refused, match="уже утверждена"):
        new.approve(by=world.curator, decision=decision)


def test_a_transferred_programme_keeps_its_approval_and_its_goals(world, active):
    """The copy in the other organisation is approved and as immutable as its original."""
    source = active.programmes.get().approved
    offered = CaseTransfer.offer(
        active, by=world.head, to_organisation=world.other_centre, reason="Переезд", consented_on=TODAY()
    )
    copy = offered.accept(by=world.other_head, curator=world.other_curator).programmes.get()
    revision = copy.approved
    assert (revision.approved_on, revision.decision, revision.basis) == (
        source.approved_on,
        source.decision,
        source.basis,
    )
    assert [goal.text for goal in revision.goals.all()] == [goal.text for goal in source.goals.all()]
    assert not revision.goals.exclude(continues=None).exists()


def test_strangers(world, draft, enter):
    goal = draft.goals.first()
    for name, row in [
        ("programme-edit", draft),
        ("programme-detail", draft),
        ("programme-print", draft),
        ("goal-edit", goal),
    ]:
        assert enter(world.other_curator).get(f"cases:{name}", row.pk).status_code == 404
        assert enter(world.executor).get(f"cases:{name}", row.pk).status_code == 403


def test_domains_of_the_form_are_the_ten(world, draft, enter):
    text = enter(world.curator).get("cases:goal-add", draft.pk, domain="safety").content.decode()
    assert all(Domain(code).label in text for code in Domain.values)
    assert '<option value="safety" selected>' in text


def test_level_of_a_draft_does_not_set_the_case(world, draft):
    case = draft.programme.case
    draft.change(by=world.curator, since=draft.since, until=draft.until, level=Level.EMERGENCY)
    case.refresh_from_db()
    assert case.level == ""
