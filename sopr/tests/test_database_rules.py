"""Rules that the database itself keeps, on both databases, whatever the code above does."""

import datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.models import CaseEvent, Goal, LevelPeriod, ProgrammeRevision, StandIn, StandInPeriod
from families.models import CategoryPeriod, FamilyEvent, FamilyMembership, HealthStatus
from sopr.audit.append_only import AppendOnly
from sopr.tests.casework import activate, make_family
from sopr.web.trigram import words_table

DAY = datetime.timedelta(days=1)


def refused(write):
    with pytest.raises(IntegrityError), transaction.atomic():
        write()


def test_levels_of_a_case_never_overlap(world):
    case = activate(world)
    level = case.level_periods.get()
    refused(lambda: LevelPeriod.objects.create(case=case, level="basic", since=level.since, until=level.since))
    refused(lambda: LevelPeriod.objects.create(case=case, level="basic", since=level.since - DAY, until=level.since))
    before = LevelPeriod.objects.create(case=case, level="basic", since=level.since - DAY, until=level.since - DAY)
    refused(lambda: LevelPeriod.objects.filter(pk=before.pk).update(until=level.since))


def test_pauses_of_a_case_never_overlap_and_the_next_may_begin_where_one_ended(world):
    case = activate(world)
    day = timezone.localdate()
    pauses = case.suspensions
    pauses.create(since=day, until=day + 9 * DAY, reason="Больница", by=world.head)
    for since, until in [(day + 8 * DAY, None), (day - DAY, day + DAY), (day + 2 * DAY, day + 3 * DAY)]:
        refused(
            lambda since=since, until=until: pauses.create(since=since, until=until, reason="Отъезд", by=world.head)
        )
    pauses.create(since=day + 3 * DAY, until=day + 3 * DAY, reason="Отменено в тот же день", by=world.head)
    pauses.create(since=day + 9 * DAY, reason="Отъезд", by=world.head)


def test_stand_ins_in_a_case_never_overlap(world):
    case, day = activate(world), timezone.localdate()
    row = StandIn.name(
        world.curator, by=world.head, user=world.colleague, since=day, until=day + 9 * DAY, reason="leave", cases=[case]
    )
    periods = StandInPeriod.objects
    for since, until in [(day + 9 * DAY, day + 12 * DAY), (day - DAY, day), (day + DAY, day + DAY)]:
        refused(lambda since=since, until=until: periods.create(stand_in=row, case=case, since=since, until=until))
    periods.create(stand_in=row, case=case, since=day + 10 * DAY, until=day + 12 * DAY)


def test_memberships_of_one_person_in_one_family_never_overlap(world):
    family = make_family(world)
    child = family.memberships.get(relation="child")
    refused(
        lambda: FamilyMembership.objects.create(
            family=family, person=child.person, relation="other", since=child.since + DAY, until=None
        )
    )
    refused(
        lambda: FamilyMembership.objects.create(family=family, person=child.person, relation="other", until=child.since)
    )


def test_primary_categories_never_overlap_and_others_may(world):
    family = make_family(world)
    primary = family.category_periods.get()
    refused(
        lambda: CategoryPeriod.objects.create(
            family=family, category="large", is_primary=True, since=primary.since - DAY, until=primary.since
        )
    )
    CategoryPeriod.objects.create(family=family, category="large", is_primary=False, since=primary.since)


def test_statuses_of_health_of_one_kind_never_overlap(world):
    person = make_family(world).memberships.get(relation="child").person
    day = datetime.date(2026, 3, 2)
    HealthStatus.objects.create(person=person, kind="disability", detail="child", since=day, until=day + DAY)
    refused(lambda: HealthStatus.objects.create(person=person, kind="disability", detail="child", since=day + DAY))
    HealthStatus.objects.create(person=person, kind="ovz", detail="speech", since=day)
    HealthStatus.objects.create(person=person, kind="disability", detail="child", since=day + 2 * DAY)


@pytest.mark.parametrize(
    "change",
    [
        {"level": "basic"}, {"resources": "иное"}, {"duties": "иное"}, {"number": 9}, {"approved_on": None},
        {"until": datetime.date(2040, 1, 1)}, {"decision": 987654321}, {"state": "draft"},
    ],
)  # fmt: skip
def test_an_approved_revision_never_changes(world, change):
    revision = activate(world).programmes.get().approved
    rows = ProgrammeRevision.objects.filter(pk=revision.pk)
    refused(lambda: rows.update(**change))
    refused(lambda: rows._raw_delete(rows.db))
    rows.update(basis="протокол № 3", version=7)  # what the minutes add afterwards
    rows.update(state="superseded")
    refused(lambda: rows.update(state="approved"))


def test_goals_of_an_approved_revision_never_change_and_those_of_a_draft_do(world):
    case = activate(world)
    revision = case.programmes.get().approved
    goals = Goal.objects.filter(revision=revision)
    refused(lambda: goals.update(text="Другое"))
    refused(lambda: goals._raw_delete(goals.db))
    refused(lambda: Goal.objects.create(revision=revision, domain="law", problem="-", text="-", criterion="-"))
    draft = case.programmes.get().amend(by=world.curator)
    refused(lambda: goals.update(revision=draft))
    refused(lambda: Goal.objects.filter(revision=draft).update(revision=revision))
    assert Goal.objects.filter(revision=draft).update(text="Другое") == 2
    draft.goals.first().drop(by=world.curator)


@pytest.mark.parametrize(("model", "row"), [(CaseEvent, "cases_caseevent"), (FamilyEvent, "families_familyevent")])
def test_events_never_change(world, model, row):
    activate(world)
    assert model.objects.exists()
    for statement in (f"UPDATE {row} SET kind = 'forged'", f"DELETE FROM {row}"):
        refusal = pytest.raises(Exception, match="rows are only appended")
        with refusal, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_every_append_only_table_and_every_period_is_guarded(db):
    """A migration that rebuilds a table on SQLite drops its triggers: this is where it shows."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal "
                "UNION SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'x'"
            )
        else:
            cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        guards = {}
        for table, name in cursor.fetchall():
            guards.setdefault(table, set()).add(name)
    append_only = {model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)}
    assert append_only <= set(guards)
    for table, rule in [
        ("accounts_districtwalk", "no_overlapping_district_walks"),
        ("cases_benefitversion", "no_overlapping_benefit_versions"),
        ("cases_levelperiod", "no_overlapping_levels"),
        ("cases_curatorassignment", "no_overlapping_curators"),
        ("cases_standinperiod", "no_overlapping_stand_ins"),
        ("cases_suspension", "no_overlapping_suspensions"),
        ("cases_programmerevision", "frozen_approved_revision_never_changes"),
        ("cases_goal", "frozen_goal_of_approved_revision_never_changes"),
        ("reports_report", "frozen_signed_report_never_changes"),
        ("reports_reportlist", "frozen_lists_of_signed_report_never_change"),
        ("reports_checkword", "frozen_words_of_signed_report_never_change"),
        ("reports_remark", "frozen_remarks_never_change"),
        ("reports_publishedversion", "frozen_published_version_never_changes"),
        ("families_familymembership", "no_overlapping_memberships"),
        ("families_categoryperiod", "no_overlapping_primary_categories"),
        ("families_healthstatus", "no_overlapping_health_statuses"),
    ]:
        assert any(name.startswith(rule) for name in guards.get(table, ())), rule


def test_words_of_people_and_families_stay_searchable(db):
    """The triggers that keep SQLite's full-text tables in step go with a rebuilt table; so do PostgreSQL's indexes."""
    with connection.cursor() as cursor:
        postgresql = connection.vendor == "postgresql"
        cursor.execute("SELECT indexname FROM pg_indexes" if postgresql else "SELECT name FROM sqlite_master")
        standing = {name for (name,) in cursor.fetchall()}
    parts = ["trigrams", "prefix"] if postgresql else ["insert", "update", "delete"]
    for table, column in [("families_person", "search_name"), ("families_family", "search_text")]:
        for part in parts:
            assert f"{words_table(table, column)}_{part}" in standing
