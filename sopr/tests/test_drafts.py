"""Text that is typed is not lost: drafts, the lapsed sign-in, the row changed meanwhile, the form sent twice."""

import datetime
import re
import uuid

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conftest import PASSWORD
from families.models import Family, HomeSurvey, Referral
from sopr.accounts.models import District
from sopr.tests.casework import make_family, make_referral
from sopr.web.models import Draft, Submission
from sopr.web.tasks import sweep_forms

TEXT = "Мать дома, в комнатах чисто, у детей есть стол."


@pytest.fixture
def family(world):
    return make_family(world)


@pytest.fixture
def typist(client, world):
    client.force_login(world.curator)
    return client


def survey(family):
    return reverse("families:home-survey-new", args=[family.pk])


def carried(page) -> dict:
    """The hidden fields that the form on the page sends back."""
    html = page.content.decode()
    main = html[html.index("<main") :]
    return {
        name: match[1]
        for name in ("csrfmiddlewaretoken", "draft_key", "submit_token", "version")
        if (match := re.search(rf'name="{name}" value="([^"]*)"', main))
    }


def fields(page, **typed):
    return {key: value for key, value in carried(page).items() if key != "csrfmiddlewaretoken"} | typed


# --- drafts -----------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_given_back(typist, family):
    url = survey(family)
    answer = typist.post(url, fields(typist.get(url), housing=TEXT, keep_draft="auto"))
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["saved"])
    page = typist.get(url).content.decode()
    assert TEXT in page
    assert "Восстановлен черновик от" in page
    assert "Начать заново" in page
    assert "Исправьте" not in page, "nobody has sent the form yet: no word about errors"
    assert "is-invalid" not in page
    assert not HomeSurvey.objects.exists()


def test_a_draft_without_javascript(typist, family):
    url = survey(family)
    page = typist.get(url)
    assert 'name="keep_draft" value="yes" formnovalidate' in page.content.decode()
    page = typist.post(url, fields(page, housing=TEXT, keep_draft="yes"), follow=True).content.decode()
    assert "Черновик сохранён в" in page
    assert TEXT in page


def test_a_draft_belongs_to_its_owner(typist, family, world):
    url = survey(family)
    typist.post(url, fields(typist.get(url), housing=TEXT, keep_draft="auto"))
    draft = Draft.objects.get()
    other = Client()
    other.force_login(world.head)
    assert TEXT not in other.get(url).content.decode()
    assert other.get(reverse("accounts:draft-delete", args=[draft.pk])).status_code == 404
    assert other.post(reverse("accounts:draft-delete", args=[draft.pk])).status_code == 404
    assert "Черновиков нет" in other.get(reverse("accounts:draft-list")).content.decode()
    assert Draft.objects.count() == 1


def test_the_list_of_drafts_names_forms_and_numbers_but_nobody(typist, family):
    url = survey(family)
    typist.post(url, fields(typist.get(url), housing=TEXT, keep_draft="auto"))
    page = typist.get(reverse("accounts:draft-list")).content.decode()
    assert "Акт обследования условий жизни" in page
    assert f"Семья № {family.number}" in page
    assert url in page
    assert family.surname not in page
    assert TEXT not in page


def test_beginning_anew_throws_the_draft_away(typist, family):
    url = survey(family)
    typist.post(url, fields(typist.get(url), housing=TEXT, keep_draft="auto"))
    delete = reverse("accounts:draft-delete", args=[Draft.objects.get().pk]) + "?again=1"
    assert "Удалить набранный текст?" in typist.get(delete).content.decode()
    assert typist.post(delete).url == url
    assert TEXT not in typist.get(url).content.decode()


def send_survey(client, family, page=None, **typed):
    """Fill the survey in and send it."""
    url = survey(family)
    page = page or client.get(url)
    names = ("commission", "present", "housing", "children_conditions", "safety", "conclusion")
    whole = dict.fromkeys(names, "Записано") | {"done_on": timezone.localdate().isoformat()}
    return client.post(url, fields(page, **whole | typed))


def test_sending_the_form_drops_the_draft(typist, family):
    url = survey(family)
    page = typist.get(url)
    typist.post(url, fields(page, housing=TEXT, keep_draft="auto"))
    assert send_survey(typist, family, typist.get(url), housing=TEXT).status_code == 302
    assert HomeSurvey.objects.get().housing == TEXT
    assert not Draft.objects.exists()
    assert TEXT not in typist.get(url).content.decode()


def test_a_late_autosave_of_a_form_already_sent_brings_no_draft(typist, family):
    page = typist.get(survey(family))
    sent = send_survey(typist, family, page)
    assert sent.status_code == 302
    again = send_survey(typist, family, page, keep_draft="auto")
    assert again.json() == {"saved": ""}
    assert not Draft.objects.exists()


def test_a_form_that_came_back_with_errors_is_kept_too(typist, family):
    url = survey(family)
    page = typist.get(url)
    assert typist.post(url, fields(page, housing=TEXT, done_on="")).status_code == 422
    assert TEXT in typist.get(url).content.decode()


def test_rows_of_a_formset_are_kept(typist, world):
    url = reverse("families:family-new")
    typed = {"surname": "Ковалёвы", "people-TOTAL_FORMS": "4", "people-INITIAL_FORMS": "0"}
    typed |= {"people-MIN_NUM_FORMS": "0", "people-MAX_NUM_FORMS": "1000", "people-3-first_name": "Четвёртая"}
    typist.post(url, fields(typist.get(url), **typed, keep_draft="auto"))
    page = typist.get(url)
    assert "Четвёртая" in page.content.decode()
    assert len(page.context["formsets"]["people"].forms) == 4


def test_each_address_has_a_draft_of_its_own(typist, world):
    first, second = make_referral(world), make_referral(world)
    for referral in (first, second):
        referral.assign(by=world.head, curator=world.curator)
    urls = [f"{reverse('families:family-new')}?referral={referral.pk}" for referral in (first, second)]
    typist.post(urls[0], fields(typist.get(urls[0]), surname="Ёлкины", keep_draft="auto"))
    assert "Ёлкины" in typist.get(urls[0]).content.decode()
    assert "Ёлкины" not in typist.get(urls[1]).content.decode()


def test_a_password_is_never_kept(typist):
    url = reverse("password_change")
    page = typist.get(url)
    assert "draft_key" not in page.content.decode()
    typist.post(url, {"old_password": "x", "new_password1": "Тайна-2026-года", "keep_draft": "auto", "draft_key": "x"})
    assert not Draft.objects.exists()


def test_a_draft_of_a_form_that_cannot_be_sent_any_more_is_shown_to_be_copied(typist, world):
    referral = make_referral(world)
    referral.assign(by=world.head, curator=world.curator)
    url = reverse("families:referral-visit", args=[referral.pk])
    typist.post(url, fields(typist.get(url), result=TEXT, keep_draft="auto"))
    Referral.objects.filter(pk=referral.pk).update(state=Referral.State.REJECTED)
    page = typist.get(url)
    assert page.status_code == 409
    assert TEXT in page.content.decode()


def test_a_form_refused_at_its_moment_shows_what_was_typed(typist, world):
    referral = make_referral(world)
    referral.assign(by=world.head, curator=world.curator)
    url = reverse("families:referral-visit", args=[referral.pk])
    page = typist.get(url)
    Referral.objects.filter(pk=referral.pk).update(state=Referral.State.REJECTED)
    answer = typist.post(url, fields(page, result=TEXT))
    assert answer.status_code == 409
    assert TEXT in answer.content.decode()


def test_another_mans_key_keeps_nothing(typist, family, world):
    url = survey(family)
    key = carried(typist.get(url))["draft_key"]
    other = Client()
    other.force_login(world.head)
    other.post(url, {"housing": TEXT, "keep_draft": "auto", "draft_key": key})
    assert not Draft.objects.exists()


def test_old_drafts_go(typist, family, settings):
    url = survey(family)
    page = typist.get(url)
    typist.post(url, fields(page, housing=TEXT, keep_draft="auto"))
    sweep_forms()
    assert Draft.objects.count() == 1
    before = timezone.now() - datetime.timedelta(days=settings.SOPR_DRAFT_DAYS, minutes=1)
    Draft.objects.update(saved_at=before)
    Submission.objects.create(token=uuid.uuid4(), user_id=1, redirect_to="/")
    Submission.objects.update(at=before)
    sweep_forms()
    assert not Draft.objects.exists()
    assert Submission.objects.exists(), "a form sent is remembered longer than its draft may live"


# --- the sign-in has lapsed -------------------------------------------------------------------------------------------


def sign_in(client, user, path):
    return client.post(reverse("login"), {"username": user.username, "password": PASSWORD, "next": path})


def lapse():
    Session.objects.all().delete()


def test_a_form_sent_after_the_session_is_over_waits_for_its_author(typist, family, world):
    url = survey(family)
    page = typist.get(url)
    lapse()
    answer = typist.post(url, fields(page, housing=TEXT), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("login"))
    assert "Текст сохранён" in answer.content.decode()
    assert TEXT not in answer.content.decode()
    assert sign_in(typist, world.curator, url).url == url
    assert TEXT in typist.get(url).content.decode()
    assert not HomeSurvey.objects.exists(), "the person looks at it and sends it himself"


def test_nobody_else_gets_a_rescued_text(typist, family, world):
    url = survey(family)
    page = typist.get(url)
    lapse()
    typist.post(url, fields(page, housing=TEXT))
    sign_in(typist, world.head, url)
    assert TEXT not in typist.get(url).content.decode()
    typist.post(reverse("logout"))
    sign_in(typist, world.curator, url)
    assert TEXT not in typist.get(url).content.decode()
    assert not Draft.objects.exists()


def test_a_strangers_post_is_not_kept(client, family, world):
    client.post(survey(family), {"housing": TEXT, "draft_key": "forged"})
    assert not Session.objects.exists()


def test_a_form_opened_before_a_new_sign_in_loses_nothing(family, world):
    """Signing in changes the browser's token: a form of the old one is refused, its text is kept."""
    client, url = Client(enforce_csrf_checks=True), survey(family)
    client.force_login(world.curator)
    page = client.get(url)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(
        url, fields(page, housing=TEXT) | {"csrfmiddlewaretoken": carried(page)["csrfmiddlewaretoken"]}
    )
    assert answer.status_code == 403
    assert "Ваш текст сохранён" in answer.content.decode()
    assert f'href="{url}"' in answer.content.decode()
    assert TEXT in client.get(url).content.decode()


def test_a_form_of_another_site_keeps_nothing(family, world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.curator)
    answer = client.post(survey(family), {"housing": TEXT})
    assert answer.status_code == 403
    assert "Назад" in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_form_asks_who_is_signed_in(typist, client, world):
    url = reverse("accounts:draft-token")
    answer = typist.get(url)
    assert answer.json()["user"] == world.curator.pk
    assert answer["Cache-Control"] == "private, no-store"
    lapse()
    assert client.get(url).status_code == 302


# --- the row has changed meanwhile ------------------------------------------------------------------------------------


def card(family, **changes):
    names = ("surname", "municipality", "district", "address", "phone", "circumstances")
    values = {name: getattr(family, f"{name}_id" if name in ("municipality", "district") else name) for name in names}
    return {name: "" if value is None else value for name, value in (values | changes).items()}


@pytest.fixture
def changed(typist, family, world):
    """The form opened by one curator, and the card changed by another one after it."""
    district = District.objects.create(municipality=world.north, name="Заречный")
    page = typist.get(reverse("families:family-edit", args=[family.pk]))
    Family.objects.get(pk=family.pk).amend(
        by=world.head, address="ул. Новая, 5", district=district, address_hidden=True, phone="+7 912 000-00-01"
    )
    return page


def edit(client, family, page, **changes):
    url = reverse("families:family-edit", args=[family.pk])
    return client.post(url, fields(page, **card(family, **changes)))


def test_both_texts_stand_side_by_side_in_words(typist, family, changed):
    answer = edit(typist, family, changed, address="ул. Моя, 7")
    assert answer.status_code == 422
    rows = {row.label: (row.typed, row.stored) for row in answer.context["stale"]}
    assert rows["Адрес"] == ("ул. Моя, 7", "ул. Новая, 5"), rows
    values = list(rows.values())
    assert ("пусто", "Заречный (Северный район)") in values
    assert ("нет", "да") in values
    assert Family.objects.get(pk=family.pk).address == "ул. Новая, 5"


def test_the_person_takes_what_is_stored_for_some_fields_and_keeps_his_own_for_others(typist, family, changed):
    again = edit(typist, family, changed, address="ул. Моя, 7")
    answer = edit(typist, family, again, address="ул. Моя, 7", phone="", take=["district", "address_hidden", "phone"])
    assert answer.status_code == 302
    saved = Family.objects.get(pk=family.pk)
    assert (saved.address, saved.address_hidden) == ("ул. Моя, 7", True)
    assert (saved.district.name, saved.phone) == ("Заречный", "+7 912 000-00-01")


def test_an_error_in_a_stale_form_does_not_make_it_fresh(typist, family, changed):
    wrong = edit(typist, family, changed, surname="")
    assert wrong.status_code == 422
    assert wrong.context["stale"], "both are said at once: what is wrong and what has changed"


def test_a_form_with_an_error_keeps_its_version(typist, family, world):
    page = typist.get(reverse("families:family-edit", args=[family.pk]))
    wrong = edit(typist, family, page, surname="")
    Family.objects.get(pk=family.pk).amend(by=world.head, address="ул. Новая, 5")
    answer = edit(typist, family, wrong, surname="Иные")
    assert answer.status_code == 422, "the change of the other is not overwritten unseen"
    assert Family.objects.get(pk=family.pk).address == "ул. Новая, 5"


def test_a_stale_draft_says_what_has_changed(typist, family, world):
    url = reverse("families:family-edit", args=[family.pk])
    typist.post(url, fields(typist.get(url), **card(family, address="ул. Моя, 7"), keep_draft="auto"))
    Family.objects.get(pk=family.pk).amend(by=world.head, address="ул. Новая, 5")
    page = typist.get(url)
    html = page.content.decode()
    assert "Пока Вы писали, запись изменилась" in html
    assert "ул. Моя, 7" in html
    assert "ул. Новая, 5" in html


# --- the form sent twice ----------------------------------------------------------------------------------------------


def test_the_same_form_sent_again_goes_where_the_first_went(typist, family):
    page = typist.get(survey(family))
    first, second = send_survey(typist, family, page), send_survey(typist, family, page)
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert HomeSurvey.objects.count() == 1


def test_two_tabs_of_one_draft_are_one_act(typist, family):
    url = survey(family)
    first = typist.get(url)
    typist.post(url, fields(first, housing=TEXT, keep_draft="auto"))
    second = typist.get(url)
    assert carried(first)["submit_token"] == carried(second)["submit_token"]
    assert send_survey(typist, family, first).status_code == 302
    assert send_survey(typist, family, second).status_code == 302
    assert HomeSurvey.objects.count() == 1


def test_the_same_text_from_a_page_loaded_anew_is_asked_about(typist, family):
    """A browser that goes back may load the form again, with another token, and fill in what was typed."""
    assert send_survey(typist, family).status_code == 302
    answer = send_survey(typist, family)
    assert answer.status_code == 422
    assert "Точно такая же форма уже отправлена" in answer.content.decode()
    assert HomeSurvey.objects.count() == 1
    assert not Draft.objects.exists()
    assert send_survey(typist, family, answer, again="1").status_code == 302, "meant so"
    assert HomeSurvey.objects.count() == 2


def test_going_back_and_typing_another_text_is_asked_about_not_lost(typist, family):
    page = typist.get(survey(family))
    send_survey(typist, family, page)
    answer = send_survey(typist, family, page, housing=TEXT)
    assert answer.status_code == 422
    assert "Эта форма уже отправлена" in answer.content.decode()
    assert TEXT in answer.content.decode()
    assert HomeSurvey.objects.count() == 1
    assert send_survey(typist, family, answer, housing=TEXT).status_code == 302
    assert HomeSurvey.objects.count() == 2


def test_what_is_typed_after_going_back_is_kept_as_a_text_of_its_own(typist, family):
    page = typist.get(survey(family))
    send_survey(typist, family, page)
    typist.post(survey(family), fields(page, housing=TEXT, keep_draft="auto"))
    assert TEXT in typist.get(survey(family)).content.decode()


def test_the_same_new_family_with_a_new_token_is_found_to_be_there(typist, world):
    from families.tests.test_duplicates import form_data

    url = reverse("families:family-new")
    for expected in (302, 422):
        answer = typist.post(url, form_data(world) | fields(typist.get(url)))
        assert answer.status_code == expected
    assert Family.objects.count() == 1


# --- every row that a form edits has a version ------------------------------------------------------------------------


def test_a_row_without_a_column_of_versions_is_not_overwritten_either(client, world):
    client.force_login(world.administrator)
    url = reverse("accounts:user-edit", args=[world.curator.pk])
    page = client.get(url)
    values = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    values = {name: "" if value is None else value for name, value in values.items()} | {"is_active": "on"}
    type(world.curator).objects.filter(pk=world.curator.pk).update(last_login=timezone.now())
    assert client.post(url, fields(page, **values)).status_code == 302, "signing in is no edit"
    page = client.get(url)
    type(world.curator).objects.filter(pk=world.curator.pk).update(post="Старший куратор")
    answer = client.post(url, fields(page, **values))
    assert answer.status_code == 422
    assert [(row.label, row.stored) for row in answer.context["stale"]] == [("Должность", "Старший куратор")]


def test_adding_something_to_a_family_does_not_ask_whether_its_card_has_changed(typist, family, world):
    page = typist.get(survey(family))
    Family.objects.get(pk=family.pk).amend(by=world.head, address="ул. Новая, 5")
    assert send_survey(typist, family, page).status_code == 302
