"""Profiles: the regions load whole, and a mistake in a file is named with its place."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from councils.words import Question
from families.categories import Category
from sopr import profile
from sopr.accounts.models import OrganisationKind
from sopr.profile import COUNCIL_QUESTIONS, FOLDER, ProfileError, load, read

REGIONS = (
    "bashkortostan", "irkutsk", "kaluga", "novgorod", "novosibirsk", "omsk", "primorye", "tatarstan", "tver",
)  # fmt: skip


def test_there_are_the_nine_regions_and_the_model():
    assert profile.codes() == tuple(sorted((*REGIONS, "model")))


@pytest.mark.parametrize("code", ["model", *REGIONS])
def test_every_profile_is_whole(code):
    found = load(code)
    assert found.code == code
    assert found.title in found.system_title or code == "model"
    assert [level.months for level in found.levels.values()] == [12, 12, 6, 3]
    assert list(found.levels) == ["basic", "adaptation", "crisis", "emergency"]
    assert found.ministry.title and found.council_title.full_genitive
    assert found.deadlines.visit_working_days == 3
    assert (found.deadlines.report_due_organisation, found.deadlines.report_due_region) == (10, 15)
    assert found.contract_count == (2 if code == "novgorod" else 1)


def test_what_the_regions_are_known_for():
    tatarstan, primorye, irkutsk, model = map(load, ["tatarstan", "primorye", "irkutsk", "model"])
    assert tatarstan.version == "tatarstan@2016-07-19"
    assert tatarstan.form_rule("tatarstan-414").rounding == "half_up"
    assert tatarstan.form_rule("primorye-monitoring") is None
    assert tatarstan.has("certificate") and not primorye.has("certificate")
    assert primorye.council_title.short == "Координационный совет"
    assert primorye.programme_per == "family"
    assert irkutsk.programme_per == "member"
    assert irkutsk.levels["emergency"].reported_as == "СОП"
    novosibirsk = load("novosibirsk")
    assert novosibirsk.has("services") and tatarstan.has("services") and not primorye.has("services")
    assert novosibirsk.time_zone == "Asia/Novosibirsk"
    assert set(model.modules) == set(profile.MODULES)
    assert model.council.meetings_norm == 2


def test_novgorod_has_three_kinds_of_councils_and_two_contracts():
    novgorod = load("novgorod")
    group, district, juvenile = novgorod.council_kinds
    assert novgorod.council_title == group and group.said_genitive == "рабочей группы"
    assert (district.territory, district.questions) == ("districts", ("programme", "other"))
    assert (juvenile.families, juvenile.said_genitive) == ("sop", "КДНиЗП")
    assert novgorod.council.meetings_norm == 2
    assert [kind.opens_support for kind in novgorod.contracts] == [False, True]
    assert load("kaluga").council_title.full.startswith("Межведомственный консилиум")
    assert load("tver").council_title == load("model").council_title


def test_the_installation_has_the_profile_of_its_setting(settings):
    settings.SOPR_REGION = "primorye"
    assert profile.current().title == "Приморский край"


def test_terms_of_a_level():
    levels = load("model").levels
    since = date(2026, 11, 30)
    assert levels["emergency"].ends_on(since) == date(2027, 2, 28)
    assert levels["basic"].ends_on(since) == date(2027, 11, 30)
    assert levels["emergency"].review.after(since) == date(2026, 12, 14)
    assert levels["crisis"].review.after(date(2026, 1, 31)) == date(2026, 2, 28)
    assert levels["crisis"].contact.after(since) == date(2026, 12, 14)
    assert str(levels["basic"].review) == "3\u00a0мес."


@pytest.mark.parametrize("code", profile.codes())
def test_codes_of_a_profile_are_words_that_the_product_knows(code):
    found = load(code)
    assert set(found.categories) == set(Category.values)
    assert set(found.council.required_agencies) <= set(OrganisationKind.values)
    for kind in found.council_kinds:
        assert set(kind.questions) <= set(Question.values) - {Question.REFUSE, Question.ANNUL}
    assert set(COUNCIL_QUESTIONS) == set(Question.values) - {Question.REFUSE, Question.ANNUL}
    ZoneInfo(found.time_zone)


def test_a_module_that_does_not_exist_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError):
        load("model").has("certificat")


def test_an_unknown_region_is_told_which_there_are():
    with pytest.raises(ProfileError, match="no profile «mars»; there are: " + ", ".join(profile.codes())):
        load("mars")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Модельный регион"\n', "", "model.toml: missing key «title»"),
        ("visit_working_days = 3", "", "model.toml: missing key «deadlines.visit_working_days»"),
        ("rank = 3", "rank = 3\nmonth = 6", "model.toml: unknown key «levels.crisis.month»"),
        ("quorum_share = 50", 'quorum_share = "50"', "model.toml: key «council.quorum_share» must be int, not '50'"),
        ("quorum_share = 50", "quorum_share = true", "model.toml: key «council.quorum_share» must be int, not True"),
        ("quorum_share = 50", "quorum_share = 100", "key «council.quorum_share»: percent, 0 to 99"),
        ("[levels.crisis]", "[levels.critical]", "key «levels»: must be exactly: adaptation, basic"),
        ("rank = 4", "rank = 2", "key «levels»: must stand in the order of their rank"),
        ("review = { weeks = 2 }", "review = { weeks = 2, months = 1 }", "key «levels.emergency.review»"),
        ('programme_per = "family"', 'programme_per = "house"', "key «programme_per»: one of: family, member"),
        ('    "bonus",\n', '    "bonuss",\n', "key «modules»: unknown module «bonuss»"),
        ('    "large",\n', '    "large",\n    "large",\n', "key «categories»: name at least one category, each once"),
        ('code = "model"', 'code = "other"', "key «code»: must be the name of the file"),
        ("level_remind_days = [30, 14]", 'level_remind_days = [30, "x"]', "key «deadlines.level_remind_days\\[1\\]»"),
        ('norm = "статья 10', 'law = "статья 10', "unknown key «appeal.routes\\[2\\].law»"),
        ("effective_from = 2016-01-01", "effective_from = 2016-13-01", "model.toml: not a TOML file"),
        ("[[council_kinds]]", "[[council_kind]]", "model.toml: unknown key «council_kind»"),
        (
            'code = "coordination"',
            'code = "c"\nquestions = ["expel"]',
            "key «council_kinds.c.questions»: some of: recog",
        ),
        ('code = "coordination"', 'code = "c"\nfamilies = "rich"', "key «council_kinds.c.families»: one of: all, sop"),
        ('code = "coordination"', 'code = "c"\nterritory = "moon"', "key «council_kinds.c.territory»: one of"),
        ('code = "model"', 'base = "nowhere"\ncode = "model"', "nowhere.toml: no such profile"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_place(tmp_path, old, new, said):
    text = (FOLDER / "model.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "model.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileError, match=said):
        read(path)


def test_a_region_says_only_what_differs_from_its_base(tmp_path):
    path = tmp_path / "north.toml"
    path.write_text('base = "model"\ncode = "north"\n[council]\nmeetings_norm = 4\n', encoding="utf-8")
    north = read(path)
    assert north.council.meetings_norm == 4
    assert north.council.pack_open_days == 14
    path.write_text('base = "model"\ncode = "north"\n[council]\nmeeting_norm = 4\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"north\.toml: unknown key «council.meeting_norm»"):
        read(path)
