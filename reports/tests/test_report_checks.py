"""Checks before signing: what blocks, what asks for a word, what each of them lists; the balance against an oracle."""

import datetime
import random

import pytest
from django.urls import reverse

from cases.models import Case, CaseMember, LevelPeriod, Review
from cases.words import Level
from families.categories import Category
from families.models import Consent, Person
from reports import balance, forms, periods
from reports.compute import compute
from reports.forms.base import Column
from reports.models import CheckWord, Report, ReportList
from reports.tests.generated import a_case, make_families, save_cases
from sopr.errors import Refused

D = datetime.date
DAY = datetime.timedelta(days=1)
FORM = forms.find("tatarstan-414")
QUARTER = periods.parse("2025Q2")


def computed(organisation, period=QUARTER):
    report = Report.open_for(FORM, period, organisation)
    report.store(*compute(FORM, period, organisation))
    return report


def found(report) -> dict:
    """{code: (tone, ids)} of what its checks found."""
    ids = ReportList.objects.get(report=report).ids
    return {
        check["code"]: (check["tone"], ids.get(f"check/{check['code']}", {}).get("", []))
        for check in report.checked("error", "warn")
    }


def make_people(number):
    return Person.objects.bulk_create([Person(number=f"P{n}", last_name="Ковалёва") for n in range(number)])


def whole_cases(world, number):
    """Cases of the centre kept by the rules: consent, level, somebody covered, reviewed in the quarter."""
    families = make_families(number)
    cases = save_cases([a_case(family, world.centre, D(2025, 1, 10), imported=False) for family in families])
    people = make_people(number)
    for case, person in zip(cases, people, strict=True):
        CaseMember.objects.create(case=case, person=person)
        LevelPeriod.objects.create(case=case, level=Level.BASIC, since=D(2025, 1, 10), term_on=D(2026, 1, 10))
        Consent.objects.create(
            family=case.family,
            operator=world.centre,
            subject=person,
            given_by=person,
            given_on=D(2025, 1, 9),
            by=world.curator,
        )
        Review.objects.create(
            case=case, done_on=D(2025, 5, 5), progress="-", changes="-", conclusion="continue", by=world.curator
        )
    return cases


def test_each_lack_is_found_listed_and_dealt_with(world, client):
    """Errors block until mended, warnings until explained; each list is exactly the cases it found."""
    cases = whole_cases(world, 8)
    fine, no_consent, no_level, withdrawn, unreviewed, overdue, nobody, alien = cases
    Consent.objects.filter(family=no_consent.family).delete()
    LevelPeriod.objects.filter(case=no_level).delete()
    Consent.objects.filter(family=withdrawn.family).update(withdrawn_on=D(2025, 6, 1))
    Review.objects.filter(case=unreviewed).delete()
    LevelPeriod.objects.filter(case=overdue).update(term_on=D(2025, 6, 1))
    CaseMember.objects.filter(case=nobody).delete()
    Case.objects.filter(pk=alien.pk).update(organisation=world.other_centre)
    report = computed(world.centre)
    assert found(report) == {
        "consent": ("error", [no_consent.pk]),
        "no_level": ("error", [no_level.pk]),
        "consent_ended": ("warn", [withdrawn.pk]),
        "review": ("warn", [unreviewed.pk]),
        "level": ("warn", [overdue.pk]),
        "nobody": ("warn", [nobody.pk]),
    }

    client.force_login(world.head)
    page = client.get(report.get_absolute_url()).content.decode()
    assert "Подписать пока нельзя: " in page
    sign = reverse("reports:report-sign", args=[report.pk])
    assert client.post(sign).status_code == 409
    for code, (_tone, ids) in found(report).items():
        listed = client.get(reverse("reports:report-check", args=[report.pk, code]))
        assert [row.object.pk for row in listed.context["table"].rows] == ids
        assert fine.number not in listed.content.decode()
    assert client.get(reverse("reports:report-check", args=[report.pk, "outcome"])).status_code == 404

    Case.objects.filter(pk__in=[no_consent.pk, no_level.pk]).update(imported=True)
    report = computed(world.centre)
    with pytest.raises(Refused, match="осталось 4"):
        report.sign(by=world.head)
    explain = reverse("reports:report-explain", args=[report.pk])
    words = {code: f"Слово о {code}" for code in ("consent_ended", "review", "level")}
    assert client.post(explain, words).status_code == 302
    with pytest.raises(Refused, match="осталось 1"):
        report.sign(by=world.head)
    assert client.post(explain, words | {"nobody": "Человек выбыл"}).status_code == 302
    Review.objects.filter(case=overdue).delete()  # two cases now: the word was about one
    report = computed(world.centre)
    with pytest.raises(Refused, match="осталось 1"):
        report.sign(by=world.head)
    assert "Слово о review" in client.get(explain).content.decode()
    client.post(explain, words | {"nobody": "Человек выбыл"})
    assert client.post(sign).status_code == 302
    report.refresh_from_db()
    with pytest.raises(Refused, match="больше не меняются"):
        CheckWord.explain(report, {"review": "Иначе"}, by=world.head)
    client.force_login(world.minister)
    text = client.get(report.get_absolute_url()).content.decode()
    assert "Слово о review" in text
    assert "Человек выбыл" in text


def test_jumps_and_what_changed_since_the_last_signature_ask_for_a_word(world):
    families = make_families(20)
    save_cases([a_case(family, world.centre, D(2024, 6, 1)) for family in families[:10]])
    before = computed(world.centre, periods.parse("2025Q1"))
    before.sign(by=world.head)
    save_cases([a_case(family, world.centre, D(2025, 5, 1)) for family in families[10:16]])
    report = computed(world.centre)
    assert found(report) == {"jump-1": ("warn", [])}
    assert "было 10, стало 16" in report.checked("warn")[0]["title"]
    save_cases([a_case(families[16], world.centre, D(2025, 2, 1))])
    report = computed(world.centre)
    assert {"jump-1", "signed"} == set(found(report))
    assert "1: подписано 10, теперь 11" in next(c["text"] for c in report.checked("warn") if c["code"] == "signed")


def test_a_family_taken_twice_upsets_the_balance_and_is_listed(world):
    once, twice = make_families(2)
    cases = save_cases(
        [
            a_case(once, world.centre, D(2025, 4, 10)),
            a_case(twice, world.centre, D(2025, 4, 10), D(2025, 5, 1)),
            a_case(twice, world.centre, D(2025, 6, 1)),
        ]
    )
    report = computed(world.centre)
    assert report.snapshot["balance"]["rows"][0]["values"] == [0, 2, 1, 2]
    assert found(report) == {"balance": ("warn", [cases[1].pk, cases[2].pk])}


def test_people_and_levels_of_the_balance_agree_with_counting_by_hand(world):
    """Random spans of cases, levels and cover about the quarter's borders, against sets of people day by day."""
    rng = random.Random(6)  # noqa: S311 — which spans, not a secret
    people = make_people(12)
    days = [QUARTER.since + DAY * n for n in (-40, -2, -1, 0, 1, 30, 89, 90, 91, 92, 120)]
    rows = []
    for family in make_families(40):
        accepted, closed = sorted(rng.sample(days, 2))
        closed = closed if rng.random() < 0.7 else None
        [case] = save_cases(
            [a_case(family, world.centre, accepted, closed, primary_category=rng.choice(list(Category)))]
        )
        change = rng.choice([day for day in days if day > accepted])
        LevelPeriod.objects.create(case=case, level=Level.CRISIS, since=accepted, until=change - DAY)
        LevelPeriod.objects.create(case=case, level=Level.BASIC, since=change)
        since, until = sorted(rng.sample(days, 2))
        member = CaseMember.objects.create(
            case=case,
            person=rng.choice(people),
            since=rng.choice([None, since]),
            until=rng.choice([None, until]),
        )
        rows.append((case, member))

    def there(day, row, level=None):
        case, member = row
        on_support = case.accepted_on <= day and (case.closed_on is None or case.closed_on > day)
        covered = (member.since or day) <= day <= (member.until or day)
        on_level = level is None or any(
            each.level == level and each.since <= day <= (each.until or day) for each in case.level_periods.all()
        )
        return on_support and covered and on_level

    sheet = balance.draw_up(_NoFamilies(), Column.of(QUARTER), QUARTER, world.centre)
    by_title = {line["title"]: line["values"] for line in sheet["people"]}
    for category in Category:
        title = category.label[0].upper() + category.label[1:]
        for place, day in ((0, QUARTER.eve), (3, QUARTER.until)):
            by_hand = {m.person_id for c, m in rows if c.primary_category == category and there(day, (c, m))}
            assert by_title.get(title, [0] * 4)[place] == len(by_hand), (title, day)
    for line in sheet["level_people"]:
        level = next(each for each in Level if each.label.lower() == line["title"].lower())
        for place, day in ((0, QUARTER.eve), (3, QUARTER.until)):
            by_hand = {row[1].person_id for row in rows if there(day, row, level)}
            assert line["values"][place] == len(by_hand), (line["title"], day)
    for line in sheet["levels"]:
        assert line["ok"], line  # each family has one case here


class _NoFamilies:
    """Figures of an engine that counted nothing."""

    def count(self, *_args):
        return 0
