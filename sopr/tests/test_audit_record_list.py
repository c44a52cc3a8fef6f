"""Журнал доступа: what the officer reads is in Russian."""

from django.urls import get_resolver, reverse

from sopr.audit.log import record
from sopr.audit.views import title_of
from sopr.checks import PUBLIC, walk


def test_every_page_has_a_russian_title():
    pages = {name for name, _view in walk(get_resolver())} - PUBLIC
    nameless = sorted(name for name in pages if not ("А" <= title_of(name)[0] <= "Я"))
    assert nameless == [], "give the page a `title`, or name it in TITLES of sopr/audit/views.py"


def test_a_page_that_is_no_more_keeps_its_name():
    assert title_of("cases:no-such-page") == "cases:no-such-page"


def test_pages_and_subjects_are_named_in_russian(client, world):
    record(world.curator, "read", world.head, detail={"page": "cases:case-detail"})
    client.force_login(world.users["data_officer"])
    page = client.get(reverse("audit:record-list"))
    text = page.content.decode()
    assert f"пользователь №\N{NO-BREAK SPACE}{world.head.pk}" in text
    rows = [{cell.column.key: cell.value for cell in row.cells} for row in page.context["table"].rows]
    assert "Случай" in [row["page"] for row in rows]
    assert "accounts.user" not in text
    assert "audit:record-list" not in text
    assert "---------" not in text
