"""Figures of a district against a slow and obvious count over objects, on families with histories at random."""

import datetime
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case, LevelPeriod
from families.categories import Category
from families.districts import figures
from families.models import CategoryPeriod, Family, FamilyMembership, HealthStatus, Person, RegisterEntry
from sopr.accounts.models import District

START = datetime.date(2025, 1, 1)
SPAN = 700
DAYS = [START + datetime.timedelta(days=days) for days in (0, 58, 180, 365, 401, 600)]
DAYS.append(datetime.date(2024, 2, 29))


class Register:
    """Families, people, categories, registers and cases with dates drawn at random; the rows are kept as objects."""

    def __init__(self, world, seed, families=40):
        self.rng, self.world = random.Random(seed), world
        self.districts = [
            District.objects.create(municipality=world.north, name=f"Участок № {number}") for number in (1, 2)
        ]
        self.families = [self.family(number) for number in range(families)]
        self.people = []
        for number in range(families * 3):
            self.people.append(self.person(number))
        for person in self.people:
            for family in self.rng.sample(self.families, self.rng.choice((1, 1, 1, 2))):
                self.membership(family, person)
        for family in self.families:
            self.categories(family)
            self.registers(family)
            self.cases(family)

    def day(self):
        return START + datetime.timedelta(days=self.rng.randint(-60, SPAN))

    def period(self):
        since = self.day()
        until = since + datetime.timedelta(days=self.rng.randint(0, 300)) if self.rng.random() < 0.6 else None
        return since, until

    def family(self, number):
        family = Family.objects.create(
            number=f"g{number}",
            surname=f"Семья{number}",
            municipality=self.world.north,
            district=self.rng.choice([*self.districts, None]),
            registered_on=self.day(),
        )
        family.holders.add(self.rng.choice((self.world.centre, self.world.centre, self.world.other_centre)))
        return family

    def person(self, number):
        age = datetime.timedelta(days=self.rng.randint(0, 25 * 365))
        birth_on = None if self.rng.random() < 0.1 else START + datetime.timedelta(days=SPAN) - age
        if self.rng.random() < 0.1:  # on the very edge of an age, on a leap day too
            birth_on = self.rng.choice(
                (datetime.date(2008, 2, 29), datetime.date(2007, 1, 1), datetime.date(2022, 1, 1))
            )
        person = Person.objects.create(number=f"p{number}", last_name=f"Человек{number}", birth_on=birth_on)
        if self.rng.random() < 0.3:
            since, until = self.period()
            kind = self.rng.choice(("disability", "ovz"))
            detail = "child" if kind == "disability" else "speech"
            HealthStatus.objects.create(person=person, kind=kind, detail=detail, since=since, until=until)
        return person

    def membership(self, family, person):
        since, until = self.period() if self.rng.random() < 0.7 else (None, None)
        relation = self.rng.choice(("child", "child", "mother", "other"))
        FamilyMembership.objects.create(family=family, person=person, relation=relation, since=since, until=until)

    def categories(self, family):
        since, until = self.period()
        CategoryPeriod.objects.create(
            family=family, category=self.rng.choice(Category.values), is_primary=True, since=since, until=until
        )
        if until:
            CategoryPeriod.objects.create(
                family=family,
                category=self.rng.choice(Category.values),
                is_primary=True,
                since=until + datetime.timedelta(days=1),
            )
        for _ in range(self.rng.choice((0, 1, 2))):
            since, until = self.period()
            CategoryPeriod.objects.create(
                family=family, category=self.rng.choice(Category.values), since=since, until=until
            )

    def registers(self, family):
        for kind in ("sop", "patronage"):
            if self.rng.random() < 0.5:
                since, until = self.period()
                RegisterEntry.objects.create(family=family, kind=kind, placed_on=since, removed_on=until)

    def cases(self, family):
        for organisation in self.rng.sample([self.world.centre, self.world.other_centre], self.rng.choice((0, 1, 2))):
            since, until = self.period()
            case = Case.objects.create(
                number=f"c{family.pk}-{organisation.pk}",
                family=family,
                organisation=organisation,
                primary_category="other",
                stage="closed" if until else "active",
                accepted_on=since,
                closed_on=until,
                outcome="improved" if until else "",
            )
            if self.rng.random() < 0.8:
                middle = since + datetime.timedelta(days=self.rng.randint(0, 100))
                LevelPeriod.objects.create(case=case, level=self.level(), since=since, until=middle)
                LevelPeriod.objects.create(
                    case=case, level=self.level(), since=middle + datetime.timedelta(days=1), until=None
                )

    def level(self):
        return self.rng.choice(("basic", "adaptation", "crisis", "emergency"))


def valid(row, day):
    return (row.since is None or row.since <= day) and (row.until is None or row.until >= day)


def oracle(district, day) -> dict[str, int]:
    """The same numbers, counted one family after another."""
    found = {}

    def add(code, subject):
        found.setdefault(code, set()).add(subject)

    for family in Family.objects.all():
        if family.district_id != district.pk or family.merged_into_id or family.registered_on > day:
            continue
        add("families", family.pk)
        count_members(family, day, add)
        categories = [row for row in family.category_periods.all() if valid(row, day)]
        for row in categories:
            add(f"category-{row.category}", family.pk)
            if row.is_primary:
                add(f"primary-{row.category}", family.pk)
        if not any(row.is_primary for row in categories):
            add("no-category", family.pk)
        for row in family.register_entries.all():
            if row.placed_on <= day and (row.removed_on is None or row.removed_on > day):
                add(f"register-{row.kind}", family.pk)
        for case in family.cases.all():
            if case.accepted_on <= day and (case.closed_on is None or case.closed_on > day):
                add("support", family.pk)
                levels = [row.level for row in case.level_periods.all() if valid(row, day)]
                for level in levels or ["none"]:
                    add(f"level-{level}", family.pk)
    return {code: len(subjects) for code, subjects in found.items()}


def count_members(family, day, add):
    on_sop = any(
        row.kind == "sop" and row.placed_on <= day and (row.removed_on is None or row.removed_on > day)
        for row in family.register_entries.all()
    )
    children = set()
    for row in family.memberships.select_related("person"):
        if not valid(row, day):
            continue
        age = row.person.age_on(day)
        if age is None:
            if row.relation == "child":
                add("children-no-birth", row.person_id)
        elif row.person.birth_on <= day and age < 18:
            children.add(row.person_id)
            add("children", row.person_id)
            for youngest, oldest in ((0, 2), (3, 6), (7, 13), (14, 17)):
                if youngest <= age <= oldest:
                    add(f"age-{youngest}-{oldest}", row.person_id)
            if on_sop:
                add("children-sop", row.person_id)
            for status in row.person.health_statuses.all():
                if valid(status, day):
                    add({"disability": "children-disabled", "ovz": "children-ovz"}[status.kind], row.person_id)
    add(f"children-{min(len(children), 3)}", family.pk)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_figures_are_those_of_the_slow_count(world, seed):
    register = Register(world, seed)
    seen = set()
    for day in DAYS:
        for district in register.districts:
            expected = oracle(district, day)
            counted = figures.count(district.pk, day)
            assert {code: number for code, number in counted.items() if number} == expected, day
            seen |= set(expected)
    assert {"children-disabled", "children-no-birth", "level-none", "age-14-17", "children-0"} <= seen


def test_each_list_is_as_long_as_its_number(world):
    register = Register(world, 4)
    district, day = register.districts[0], DAYS[4]
    counted = figures.count(district.pk, day)
    for figure in figures.figures():
        assert figure.subjects(district.pk, day).count() == counted[figure.code], figure.code


def test_a_merged_card_is_not_counted(world):
    register = Register(world, 5, families=30)
    district = register.districts[0]
    before = figures.count(district.pk, DAYS[5])["families"]
    kept, gone = Family.objects.filter(district=district, registered_on__lte=DAYS[5])[:2]
    Family.objects.filter(pk=gone.pk).update(merged_into=kept)
    assert figures.count(district.pk, DAYS[5])["families"] == before - 1


def test_pages_show_the_numbers_and_lists_the_rows(world, client):
    register = Register(world, 6)
    district, day = register.districts[0], DAYS[4]
    client.force_login(world.head)
    page = client.get(reverse("families:district-detail", args=[district.pk]), {"on": day}).context["sections"]
    shown = [number for section in page for line in section.lines for number in (line.number, line.also) if number]
    assert len(shown) > 25
    for number in shown:
        listed = client.get(number.url).context
        assert listed["total"] == number.value, number.code
        assert len(listed["table"].rows) == min(number.value, 50)


def test_a_district_costs_the_same_for_few_families_and_for_many(world, client):
    client.force_login(world.head)
    register = Register(world, 7, families=6)
    urls = [
        reverse("families:district-detail", args=[register.districts[0].pk]),
        reverse("families:district-figure", args=[register.districts[0].pk, "families"]),
        reverse("families:district-figure", args=[register.districts[0].pk, "children"]),
        reverse("families:district-assign", args=[register.districts[0].pk]),
        reverse("families:district-list"),
    ]

    def cost():
        costs = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url, {"on": DAYS[4]}).status_code == 200
            costs.append(len(queries))
        return costs

    cost()
    few = cost()
    for family in [register.family(number) for number in range(100, 160)]:
        person = register.person(1000 + family.pk)
        register.membership(family, person)
        register.categories(family)
        register.registers(family)
        register.cases(family)
    assert cost() == few
    assert few[0] < 40
