"""The survey: a one-time code without signing in, a paper form, what the head reads; nobody is named against his will."""

import datetime
import logging
import re
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cases.models import Survey, SurveyGuess, SurveyInvitation
from cases.models.survey import GUESSES
from sopr import profile
from sopr.audit.models import AuditRecord
from sopr.errors import Refused
from sopr.tests.casework import activate

ANSWERS = {
    "information": "5",
    "tact": "4",
    "satisfied": "yes",
    "change": "better",
    "comment": "Спасибо за логопеда",
    "respondent": "mother",
}
CODE, FORM = "/anketa/", "/anketa/form/"


@pytest.fixture
def case(world):
    return activate(world)


@pytest.fixture
def invitation(world, case):
    return SurveyInvitation.issue(case, by=world.curator)


def enter(client, invitation, **answers):
    client.post(CODE, {"code": invitation.printed_code})
    return client.post(FORM, ANSWERS | answers)


def test_a_family_answers_by_the_code_without_signing_in(client, invitation, case):
    assert client.post(CODE, {"code": invitation.printed_code.upper()}).url == FORM
    assert case.organisation.name in client.get(FORM).content.decode()
    assert "Спасибо" in client.post(FORM, ANSWERS).content.decode()
    survey = Survey.objects.get()
    assert (survey.organisation, survey.information, survey.speed) == (case.organisation, 5, None)
    assert (survey.satisfied, survey.improvement_noted) == (True, True)


def test_an_answer_is_anonymous_unless_the_family_says_otherwise(client, world, case, invitation):
    enter(client, invitation)
    survey = Survey.objects.get()
    today = timezone.localdate()
    assert survey.case is None
    assert survey.answered_on == today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    enter(client, SurveyInvitation.issue(case, by=world.curator), named="on", callback_phone="8 912 345-67-89")
    named = Survey.objects.get(case=case)
    assert (named.callback_phone, named.answered_on) == ("+7 912 345-67-89", today)


def test_a_telephone_without_a_name_is_asked_about_and_nothing_is_lost(client, invitation):
    page = enter(client, invitation, callback_phone="8 912 345-67-89")
    assert page.status_code == 422
    assert "Спасибо за логопеда" in page.content.decode()
    assert not Survey.objects.exists()


def test_the_main_question_must_be_answered(client, invitation):
    assert "главный вопрос" in enter(client, invitation, satisfied="").content.decode()


def test_a_code_is_spent_once(client, invitation):
    enter(client, invitation)
    page = client.post(CODE, {"code": invitation.code})
    assert (page.status_code, "уже заполнена" in page.content.decode()) == (422, True)
    with pytest.raises(Refused):
        invitation.use(named=False, satisfied=True)
    assert Survey.objects.count() == 1


def test_two_tabs_with_one_code_give_one_answer(client, invitation):
    client.post(CODE, {"code": invitation.code})
    other = type(client)()
    other.post(CODE, {"code": invitation.code})
    client.post(FORM, ANSWERS)
    page = other.post(FORM, ANSWERS)
    assert (page.status_code, "уже заполнена" in page.content.decode()) == (422, True)
    assert Survey.objects.count() == 1


@pytest.mark.parametrize("guess", ["", "абвг", "aaaa-bbbb-cccc", "a" * 40, "aaaabbbbccc"])
def test_a_guessed_code_opens_nothing(client, invitation, guess):
    assert client.post(CODE, {"code": guess}).status_code == 422
    assert client.get(FORM).url == CODE
    assert client.post(FORM, ANSWERS).url == CODE
    assert not Survey.objects.exists()


def test_an_old_code_is_refused(client, invitation):
    with time_machine.travel(timezone.now() + datetime.timedelta(days=31)):
        assert "Срок этого кода истёк" in client.post(CODE, {"code": invitation.code}).content.decode()


def test_whoever_tries_many_codes_is_stopped_for_a_quarter_of_an_hour(client, invitation):
    """From that address even the right code is not taken: else a guesser would learn that he has found one."""
    for number in range(GUESSES):
        assert client.post(CODE, {"code": f"abcd-efgh-{number:04d}"}, REMOTE_ADDR="10.0.0.5").status_code == 422
    shut = client.post(CODE, {"code": invitation.code}, REMOTE_ADDR="10.0.0.5")
    assert (shut.status_code, "слишком много неверных кодов" in shut.content.decode()) == (429, True)
    assert client.get(FORM).url == CODE
    assert "10.0.0.5" not in str(list(SurveyGuess.objects.values()))
    other = type(client)()
    assert other.post(CODE, {"code": invitation.code}, REMOTE_ADDR="10.0.0.6").url == FORM
    with time_machine.travel(timezone.now() + datetime.timedelta(minutes=16)):
        assert client.post(CODE, {"code": "wrong"}, REMOTE_ADDR="10.0.0.5").status_code == 422
        assert SurveyGuess.objects.count() == 1  # what is older is forgotten


def test_a_used_or_old_code_is_no_guess(client, invitation):
    enter(client, invitation)
    client.post(CODE, {"code": invitation.code})
    assert not SurveyGuess.objects.exists()


def test_a_code_of_another_installation_is_refused(client, invitation, settings):
    ours = invitation.code
    settings.SECRET_KEY = "another region's secret"
    assert invitation.code != ours
    assert client.post(CODE, {"code": ours}).status_code == 422
    assert client.post(CODE, {"code": invitation.code}).status_code == 422


def test_a_form_opened_before_its_code_was_spent_is_not_shown_again(client, invitation):
    client.post(CODE, {"code": invitation.code})
    invitation.use(named=False, satisfied=True)
    page = client.get(FORM)
    assert (page.status_code, "уже заполнена" in page.content.decode()) == (409, True)
    assert client.get(FORM).url == CODE


@pytest.fixture
def silent_region(settings, monkeypatch, tmp_path):
    """A region whose practice has no survey."""
    model = (profile.FOLDER / "model.toml").read_text(encoding="utf-8")
    silent = model.replace('    "survey",\n', "").replace('code = "model"', 'code = "silent"', 1)
    (tmp_path / "silent.toml").write_text(silent, encoding="utf-8")
    monkeypatch.setattr(profile, "FOLDER", tmp_path)
    settings.SOPR_REGION = "silent"
    yield
    profile.load.cache_clear()


def test_a_region_that_asks_nobody_has_neither_pages_nor_links(client, world, case, silent_region):
    assert {client.get(CODE).status_code, client.post(CODE, {"code": "x"}).status_code} == {404}
    client.force_login(world.head)
    assert client.get(reverse("cases:survey-results")).status_code == 404
    assert client.post(reverse("cases:survey-invite", args=[case.pk])).status_code == 404
    for url in (reverse("cases:case-list"), case.get_absolute_url()):
        assert "survey" not in client.get(url).content.decode()


def test_the_web_servers_log_has_neither_query_nor_referrer(client, invitation):
    """The code is posted, and pages send no address on; so a line of method and path cannot hold it."""
    line = next(line for line in Path(settings.BASE_DIR, "Procfile").read_text().splitlines() if "gunicorn" in line)
    written = set(re.findall(r"%\((\w+)\)s", line))
    assert written == {"m", "U", "s", "M"}
    page = client.post(CODE, {"code": invitation.code})
    assert page["Referrer-Policy"] == "same-origin" and page["Cache-Control"] == "private, no-store"
    assert invitation.code not in f"{page.url}{page.headers}{client.get(FORM).content.decode()}"


def test_no_code_in_addresses_logs_or_the_database(client, world, case, caplog):
    caplog.set_level(logging.DEBUG)
    client.force_login(world.curator)
    answer = client.post(reverse("cases:survey-invite", args=[case.pk]))
    row = SurveyInvitation.objects.get()
    client.logout()
    client.post(CODE, {"code": "wrong-wrong-code"})
    enter(client, row)
    for text in (answer.url, caplog.text, str(list(AuditRecord.objects.values())), str(list(case.events.values()))):
        assert row.code not in text
        assert row.printed_code not in text
    assert row.code not in str(SurveyInvitation.objects.values().get())


def test_the_sheet_is_printed_until_the_code_is_spent(client, world, invitation):
    client.force_login(world.curator)
    sheet = client.get(reverse("cases:survey-print", args=[invitation.pk]))
    assert (sheet.status_code, sheet["Content-Type"]) == (200, "application/pdf")
    invitation.use(named=False, satisfied=True)
    assert client.get(reverse("cases:survey-print", args=[invitation.pk])).status_code == 409


def test_a_paper_form_is_entered_with_and_without_a_name(client, world, case):
    client.force_login(world.curator)
    page = reverse("cases:survey-enter")
    today = timezone.localdate()
    assert client.post(page, ANSWERS | {"answered_on": today}).status_code == 302
    assert client.post(page, ANSWERS | {"answered_on": today, "case_number": case.number}).status_code == 302
    assert client.post(page, ANSWERS | {"answered_on": today, "case_number": "нет такого"}).status_code == 422
    assert list(Survey.objects.order_by("pk").values_list("case", "entered_by")) == [
        (None, world.curator.pk),
        (case.pk, world.curator.pk),
    ]


def test_the_head_reads_results_of_the_own_organisation(client, world, case, invitation, django_assert_max_num_queries):
    enter(client, invitation)
    Survey.answer(organisation=world.other_centre, satisfied=False, comment="чужая анкета")
    client.force_login(world.head)
    with django_assert_max_num_queries(14):
        page = client.get(reverse("cases:survey-results")).content.decode()
    assert "Спасибо за логопеда" in page
    assert "<b>1</b> из 1" in page
    assert "чужая анкета" not in page


def test_an_anonymous_answer_names_no_case_on_any_page(client, world, case, invitation):
    enter(client, invitation)
    client.force_login(world.head)
    assert f"№ {case.number}" not in client.get(reverse("cases:survey-results")).content.decode()
