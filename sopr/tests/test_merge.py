"""Merge and undo over the whole product: cases, meetings, signed minutes, a frozen report. Nothing is lost.

Every row of every table is read before and after, whichever app keeps it.
"""

import datetime
import threading

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Contact, Programme
from cases.words import ClosureReason, Outcome, Stage
from councils.models import AgendaItem, Minutes
from families.categories import Category
from families.merging.references import references_to
from families.merging.verbs import merge_families, merge_people, pairs_of_people, preview, twins_of, undo_merge
from families.models import Family, FamilyEvent, FamilyMembership, HealthStatus, Merge, Person
from families.models.family import new_person
from families.registration import find_or_enter
from reports import forms, periods
from reports.compute import compute
from reports.models import Report, ReportList
from reports.models.report import checksum_of
from sopr.errors import Refused
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, make_family, make_referral, open_case

D = datetime.date
# History, what only a merge writes, and the traces of looking at pages; a version counts savings.
WRITTEN = {"families.merge", "families.familyevent", "web.submission", "accounts.user"}
TRACES = ("audit.", "sessions.", "contenttypes.", "auth.")
YEAR = periods.parse("2025")
FORM = forms.find("tatarstan-414")


def every_row() -> dict:
    """{table: {pk: {column: value}}} of the whole database, but for what is written along."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label_lower
        if label in WRITTEN or label.startswith(TRACES):
            continue
        found = {row["pk"]: row for row in model._base_manager.values("pk", *_columns(model))}
        if found:
            rows[label] = found
    return rows


def _columns(model):
    return [column.attname for column in model._meta.concrete_fields if column.attname != "version"]


def counts(rows):
    return {label: len(found) for label, found in rows.items()}


def figure(report, row="10"):
    column = report.snapshot["main_column"]
    return next(c["value"] for c in report.snapshot["cells"] if (c["row"], c["column"]) == (row, column))


@pytest.fixture
def two(world):
    """One family entered twice: closed support in one card; a case, a meeting, minutes and dates in the other."""
    w = world
    w.kept = make_family(w)
    old = open_case(w, family=w.kept)
    Case.objects.filter(pk=old.pk).update(
        stage=Stage.CLOSED,
        opened_on=D(2025, 1, 10),
        accepted_on=D(2025, 1, 20),
        closed_on=D(2026, 2, 1),
        outcome=Outcome.IMPROVED,
        closure_reason=ClosureReason.GOALS_REACHED,
        imported=True,
    )
    w.absorbed = make_family(w, surname="Ковалевы", category=Category.LARGE, phone="+7 912 000-11-22")
    w.case = activate(w, case=open_case(w, family=w.absorbed))
    Case.objects.filter(pk=w.case.pk).update(accepted_on=D(2025, 9, 1), imported=True)  # its papers are dated today
    w.meeting = AgendaItem.objects.get(case=w.case).meeting
    w.minutes = w.meeting.sign_minutes(by=w.secretary)
    mother = w.absorbed.memberships.get(relation="mother").person
    contact = Contact.record(
        w.case, by=w.curator, kind="visit", at=timezone.now(), summary="Были дома", people=[mother]
    )
    assert contact.people.get() == mother
    w.absorbed.place_on_sop(by=w.curator, placed_on=D(2025, 3, 1))
    w.kept.place_on_sop(by=w.curator, placed_on=D(2025, 3, 1))
    w.kept.social_contracts.create(signed_on=D(2025, 4, 1))
    w.absorbed.social_contracts.create(signed_on=D(2025, 4, 1), improved=True)
    w.report = Report.open_for(FORM, YEAR, w.centre)
    w.report.store(*compute(FORM, YEAR, w.centre))
    w.report.sign(by=w.head)
    return w


def pairs(w):
    return [(one, other) for one, other, sure in pairs_of_people(w.kept, w.absorbed) if sure]


def merge(w, **fields):
    return merge_families(w.kept, w.absorbed, by=w.head, reason="twice", same_people=pairs(w), **fields)


def test_merge_and_undo_lose_nothing_and_change_no_frozen_figure(two, client):
    w = two
    before, events = every_row(), FamilyEvent.objects.count()
    snapshot, lists = w.report.snapshot, ReportList.objects.get(report=w.report).ids
    content, checksum = w.minutes.content, w.minutes.checksum
    done = merge(w)

    after = every_row()
    removed = [step["model"] for each in Merge.objects.all() for step in each.journal if step["act"] == "remove"]
    for label, number in counts(before).items():
        assert counts(after).get(label, 0) == number - removed.count(label), label
    assert set(counts(after)) == set(counts(before))
    for reference in references_to(Family):
        assert not reference.rows(w.absorbed.pk).exists(), reference
    for _one, other in [(each.kept_person, each.absorbed_person) for each in done.parts.all()]:
        for reference in references_to(Person):
            assert not reference.rows(other.pk).exists(), reference
    assert set(w.kept.cases.values_list("pk", flat=True)) >= {w.case.pk}
    assert not Obligation.objects.filter(family_id=w.absorbed.pk).exists()
    assert Obligation.objects.filter(family_id=w.kept.pk, case_id=w.case.pk).exists()
    assert w.kept.social_contracts.get().improved is True
    assert w.kept.members_on(timezone.localdate()).count() == 2
    assert FamilyEvent.objects.filter(family=w.absorbed).exists()  # history stays where it was written

    report = Report.objects.get(pk=w.report.pk)
    assert (report.snapshot, ReportList.objects.get(report=report).ids) == (snapshot, lists)
    assert report.checksum == checksum_of(report.snapshot)
    assert figure(report, "1") == 2
    live, _lists = compute(FORM, YEAR, w.centre)
    assert figure(Report(snapshot=live), "1") == 1  # counted after the merge, the family is one
    minutes = Minutes.objects.get(pk=w.minutes.pk)
    assert (minutes.content, minutes.checksum) == (content, checksum)

    client.force_login(w.head)
    column = report.snapshot["main_column"]
    page = client.get(reverse("reports:report-cell", args=[report.pk, "1", column]))
    assert page.status_code == 200 and len(page.context["table"].rows) == 2
    assert client.get(w.case.get_absolute_url()).context["case"].family_id == w.kept.pk

    assert undo_merge(done, by=w.head) == []
    assert every_row() == before
    assert FamilyEvent.objects.count() > events
    live, _lists = compute(FORM, YEAR, w.centre)
    assert figure(Report(snapshot=live), "1") == 2


# -- conflicts ---------------------------------------------------------------------------------------------------------


def test_two_open_cases_of_one_organisation_are_refused_with_what_to_do(world):
    one, other = make_family(world), make_family(world, surname="Ковалевы")
    cases = [open_case(world, family=family) for family in (one, other)]
    before = every_row()
    plan = preview(one, other, by=world.head)
    assert [url for blocker in plan.blockers for _title, url in blocker.links] == [
        case.get_absolute_url() for case in cases
    ]
    with pytest.raises(Refused, match="Нельзя объединить, пока у обеих семей .* завершите один из них") as refused:
        merge_families(one, other, by=world.head, reason="twice")
    assert str(refused.value) == plan.refusal()
    assert every_row() == before


def test_the_kept_primary_category_stays_and_the_other_becomes_a_further_one(world):
    today = timezone.localdate()
    one, other = make_family(world), make_family(world, category=Category.LARGE)
    done = merge_families(one, other, by=world.head, reason="twice")
    assert one.primary_category_on(today) == Category.SINGLE_PARENT
    assert list(one.category_periods.filter(is_primary=False).values_list("category", flat=True)) == [Category.LARGE]
    undo_merge(done, by=world.head)
    assert other.primary_category_on(today) == Category.LARGE


def test_a_category_and_registers_entered_twice_become_one(world):
    one, other = make_family(world), make_family(world)
    one.place_on_sop(by=world.curator, placed_on=D(2025, 5, 1))
    other.place_on_sop(by=world.curator, placed_on=D(2025, 3, 1))
    done = merge_families(one, other, by=world.head, reason="twice")
    entry = one.register_entries.get()
    assert (entry.placed_on, entry.removed_on) == (D(2025, 3, 1), None)
    assert one.category_periods.count() == 1
    undo_merge(done, by=world.head)
    assert one.register_entries.get().placed_on == D(2025, 5, 1)
    assert other.register_entries.get().placed_on == D(2025, 3, 1)


def test_a_list_behind_a_frozen_figure_shows_the_row_that_stands_for_a_removed_one(world, client):
    one, other = make_family(world), make_family(world)
    entries = [
        family.register_entries.create(
            kind="patronage", placed_on=D(2025, 3, 1), removed_on=D(2025, 6, 1), positive_rehabilitation=True
        )
        for family in (one, other)
    ]
    report = Report.open_for(FORM, YEAR, world.centre)
    report.store(*compute(FORM, YEAR, world.centre))
    report.sign(by=world.head)
    merge_families(one, other, by=world.head, reason="twice")
    assert twins_of("families.registerentry", [entries[1].pk]) == {entries[1].pk: entries[0].pk}
    cell = next(c for c in report.snapshot["cells"] if c["measure"].startswith("patronage") and c["numerator"] == 2)
    client.force_login(world.head)
    page = client.get(reverse("reports:report-cell", args=[report.pk, cell["row"], cell["column"]]))
    assert [row.object for row in page.context["table"].rows] == [entries[0], entries[0]]


def test_one_person_who_was_in_both_cards_has_one_membership_afterwards(world):
    one, other = make_family(world), make_family(world)
    child = one.memberships.get(relation="child").person
    other.add_member(child, by=world.curator, relation="child", since=D(2016, 1, 1))
    earlier = other.memberships.get(person=child)
    done = merge_families(one, other, by=world.head, reason="twice")
    joined = one.memberships.get(person=child)
    assert (joined.since, joined.until) == (D(2016, 1, 1), None)
    undo_merge(done, by=world.head)
    assert one.memberships.get(person=child).since == D(2016, 9, 3)
    assert other.memberships.get(pk=earlier.pk).since == D(2016, 1, 1)


def test_representatives_go_with_the_membership_they_belong_to(world):
    one, other = make_family(world), make_family(world)
    mother = other.memberships.get(relation="mother")
    paper = mother.represent(by=world.curator, ground="parents", document_name="Свидетельство о рождении")[0]
    kept = one.memberships.get(relation="mother")
    done = merge_people(kept.person, mother.person, by=world.head, reason="twice")
    families = merge_families(one, other, by=world.head, reason="twice")
    paper.refresh_from_db()
    assert paper.membership == one.memberships.get(person=kept.person)
    undo_merge(families, by=world.head)
    undo_merge(done, by=world.head)
    paper.refresh_from_db()
    assert paper.membership.person == mother.person and paper.membership.family == other


# -- people ------------------------------------------------------------------------------------------------------------


def person(w, family, first, last="Ковалёв", birth_on=None, relation="child", **fields):
    """A further member of the family, born on the day of the boy unless said otherwise."""
    born = birth_on or D(2016, 9, 3)
    made = new_person(by=w.curator, last_name=last, first_name=first, birth_on=born, **fields)
    family.add_member(made, by=w.curator, relation=relation, since=D(2017, 1, 1))
    return made


def test_twins_and_a_father_and_son_of_one_name_are_never_taken_for_one(world):
    one, other = make_family(world), make_family(world)
    person(world, one, "Мария", "Ковалёва")
    person(world, other, "Марина", "Ковалёва")
    person(world, one, "Пётр", birth_on=D(1985, 2, 3), relation="father")
    person(world, other, "Пётр", birth_on=D(2012, 2, 3))
    sure = {(mine.first_name, theirs.first_name) for mine, theirs, sure in pairs_of_people(one, other) if sure}
    assert sure == {("Анна", "Анна"), ("Илья", "Илья")}


def test_a_person_merge_moves_everything_and_undoes(world):
    family = make_family(world)
    mother = family.memberships.get(relation="mother").person
    double = person(world, family, "Анна", "Ковалева", D(1991, 4, 12), "other", snils="11223344595", phone="9120000000")
    case = activate(world, case=open_case(world, family=family))
    before = every_row()
    done = merge_people(mother, double, by=world.head, reason="twice", values={"last_name": "absorbed"})
    mother.refresh_from_db()
    assert (mother.last_name, mother.snils) == ("Ковалева", "11223344595")
    assert case.members.filter(person=mother).count() == 1
    for reference in references_to(Person):
        assert not reference.rows(double.pk).exists(), reference
    assert double not in Person.objects.visible_to(world.head)
    undo_merge(done, by=world.head)
    assert every_row() == before


def test_a_new_family_with_the_number_of_a_merged_person_finds_the_one_that_stands(world):
    family = make_family(world)
    mother = family.memberships.get(relation="mother").person
    mother.snils = "11223344595"
    mother.save()
    double = person(world, family, "Анна", "Ковалева", D(1991, 4, 12), "other", snils="08765430300")
    merge_people(mother, double, by=world.head, reason="twice")
    fields = {"last_name": "Ковалёва", "first_name": "Анна", "patronymic": "Игоревна", "snils": "08765430300"}
    assert find_or_enter(fields, by=world.curator) == mother


def test_two_programmes_in_one_case_are_a_reason_not_to_merge(world):
    family = make_family(world)
    double = person(world, family, "Анна", "Ковалева", D(1991, 4, 12), "other")
    mother = family.memberships.get(relation="mother").person
    case = open_case(world, family=family)
    today = timezone.localdate()
    for each in (mother, double):
        Programme.start(case, by=world.curator, person=each, since=today, until=today, level="basic")
    with pytest.raises(Refused, match="Нельзя объединить, пока в одном случае"):
        merge_people(mother, double, by=world.head, reason="twice")


def test_different_statuses_of_health_are_put_right_first(world):
    family = make_family(world)
    child = family.memberships.get(relation="child").person
    double = person(world, family, "Илья")
    for each, detail in ((child, "speech"), (double, "hearing")):
        HealthStatus.objects.create(person=each, kind="ovz", detail=detail, since=D(2024, 1, 1))
    with pytest.raises(Refused, match="исправьте сведения о здоровье"):
        merge_people(child, double, by=world.head, reason="twice")
    HealthStatus.objects.filter(person=double).update(detail="speech", until=D(2027, 1, 1))
    merge_people(child, double, by=world.head, reason="twice")
    assert child.health_statuses.get().until is None


# -- undoing -----------------------------------------------------------------------------------------------------------


def test_what_was_edited_since_stays_and_what_was_added_stays_with_the_kept_card(world):
    one, other = make_family(world), make_family(world, surname="Ковалевы", phone="+7 912 000-11-22")
    done = merge_families(one, other, by=world.head, reason="twice", values={"surname": "absorbed"})
    one.refresh_from_db()
    one.amend(by=world.curator, phone="+7 912 333-44-55")
    added = one.home_surveys.create(
        organisation=world.centre,
        commission="-",
        housing="-",
        children_conditions="-",
        conclusion="-",
        by=world.curator,
    )
    assert undo_merge(done, by=world.head) == ["телефон"]
    one.refresh_from_db(), other.refresh_from_db()
    assert (one.surname, one.phone, other.phone) == ("Ковалёвы", "+7 912 333-44-55", "+7 912 000-11-22")
    assert one.home_surveys.get() == added


def test_a_row_that_went_elsewhere_since_is_left_there(world):
    one, other, third = (make_family(world) for _ in range(3))
    signal = make_referral(world, family=other)
    done = merge_families(one, other, by=world.head, reason="twice")
    signal.refresh_from_db()
    signal.link_family(third, by=world.curator)
    undo_merge(done, by=world.head)
    signal.refresh_from_db()
    assert signal.family == third


def test_after_thirty_days_it_stands(world):
    one, other = make_family(world), make_family(world)
    done = merge_families(one, other, by=world.head, reason="twice")
    Merge.objects.filter(pk=done.pk).update(at=timezone.now() - datetime.timedelta(days=31))
    with pytest.raises(Refused, match="можно было до"):
        undo_merge(Merge.objects.get(pk=done.pk), by=world.head)


def test_a_chain_of_merges_is_undone_from_its_end(world, client):
    one, other, third = (make_family(world) for _ in range(3))
    first = merge_families(one, other, by=world.head, reason="twice")
    second = merge_families(third, one, by=world.head, reason="twice")
    other.refresh_from_db()
    assert other.merged_into == third
    client.force_login(world.head)
    old = client.get(reverse("families:family-detail", args=[other.pk]))
    assert old.url == reverse("families:family-detail", args=[third.pk])
    with pytest.raises(Refused, match=f"сама объединена с № {third.number}"):
        undo_merge(first, by=world.head)
    undo_merge(second, by=world.head)
    other.refresh_from_db()
    assert other.merged_into == one
    undo_merge(first, by=world.head)
    assert set(Family.objects.live()) == {one, other, third}


def test_what_cannot_return_is_named(world):
    family, other = make_family(world), make_family(world)
    mother, double = (each.memberships.get(relation="mother").person for each in (family, other))
    done = merge_people(mother, double, by=world.head, reason="twice")
    FamilyMembership.objects.create(family=other, person=double, relation="other", since=D(2010, 1, 1))
    with pytest.raises(Refused, match="«член семьи» не может вернуться"):
        undo_merge(done, by=world.head)
    assert Merge.objects.get(pk=done.pk).undone_at is None


def test_only_the_head_of_the_organisation_merges_and_undoes(world):
    one, other = make_family(world), make_family(world)
    theirs = make_family(world, by=world.other_curator)
    for by, pair in ((world.curator, (one, other)), (world.head, (one, theirs)), (world.other_head, (one, other))):
        with pytest.raises(Refused):
            merge_families(*pair, by=by, reason="twice")
    done = merge_families(one, other, by=world.head, reason="twice")
    for by in (world.curator, world.other_head):
        with pytest.raises(Refused, match="руководитель службы"):
            undo_merge(done, by=by)
    with pytest.raises(Refused, match="уже объединена"):
        merge_families(one, other, by=world.head, reason="twice")


def test_a_stale_card_takes_no_new_member_after_the_merge(world):
    one, other = make_family(world), make_family(world)
    stale = Family.objects.get(pk=other.pk)
    merge_families(one, other, by=world.head, reason="twice")
    newcomer = new_person(by=world.curator, last_name="Новиков", first_name="Иван")
    with pytest.raises(Refused, match=f"объединена с № {one.number}"):
        stale.add_member(newcomer, by=world.curator, relation="other")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_heads_who_merge_at_once_follow_one_another(world):
    one, other = make_family(world), make_family(world)
    barrier, results = threading.Barrier(2), []

    def run(kept, absorbed):
        try:
            barrier.wait()
            merge_families(Family.objects.get(pk=kept), Family.objects.get(pk=absorbed), by=world.head, reason="twice")
            results.append("merged")
        except Refused as refused:
            results.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in ((one.pk, other.pk), (other.pk, one.pk))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result == "merged" for result in results) == [False, True]
    assert Family.objects.exclude(merged_into=None).count() == Merge.objects.count() == 1
