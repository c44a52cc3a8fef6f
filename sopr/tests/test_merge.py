"""Merge and undo over the whole product: cases, meetings, signed minutes, a frozen report. Nothing is lost.

Every row of every table is read before and after, whichever app keeps it.
"""

import datetime

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Contact
from cases.words import ClosureReason, Outcome, Stage
from councils.models import AgendaItem, Minutes
from families.categories import Category
from families.merging import merge_families, pairs_of_people, undo_merge
from families.models import Family, FamilyEvent, Merge, Person
from families.references import references_to
from reports import forms, periods
from reports.compute import compute
from reports.models import Report, ReportList
from reports.models.report import checksum_of
from sopr.obligations.models import Obligation
from sopr.tests.casework import activate, make_family, open_case

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
    )
    w.absorbed = make_family(w, surname="Ковалевы", category=Category.LARGE, phone="+7 912 000-11-22")
    w.case = activate(w, case=open_case(w, family=w.absorbed))
    Case.objects.filter(pk=w.case.pk).update(accepted_on=D(2025, 9, 1))
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
