from django.http import HttpResponse
from django.urls import get_resolver

from sopr.accounts.policy import Perm
from sopr.checks import every_page_names_a_permission, judge, profile_is_whole, walk
from sopr.web.pages import Page


class Guarded(Page):
    permission = Perm.CASE_VIEW


class Forgotten(Page):
    pass


class Misspelt(Page):
    permission = "case.veiw"


class Open(Page):
    public = True


def problem(view):
    found = judge("cases:case-list", view)
    return found and found.id


def test_a_page_with_a_permission_passes():
    assert problem(Guarded.as_view()) is None


def test_a_page_without_a_permission_is_named():
    found = judge("cases:case-list", Forgotten.as_view())
    assert found.id == "sopr.E003"
    assert found.msg == "cases:case-list: Forgotten names no permission."


def test_a_permission_unknown_to_the_policy_does_not_count():
    assert problem(Misspelt.as_view()) == "sopr.E003"


def test_a_public_page_must_be_on_the_short_list():
    assert problem(Open.as_view()) == "sopr.E002"
    assert judge("login", Open.as_view()) is None


def test_a_bare_function_is_no_page():
    assert problem(lambda request: HttpResponse()) == "sopr.E001"


def test_every_url_of_the_product_passes():
    names = [name for name, _view in walk(get_resolver())]
    assert "login" in names
    assert every_page_names_a_permission(None) == []


def test_a_broken_profile_is_found(settings):
    settings.SOPR_REGION = "atlantis"
    (error,) = profile_is_whole(None)
    assert error.id == "sopr.E004"
    assert "atlantis" in error.msg
