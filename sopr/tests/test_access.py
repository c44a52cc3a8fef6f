"""Every page × every role, against access.txt: written by hand, not derived from the code."""

from pathlib import Path

import pytest
from django.urls import get_resolver, reverse

from sopr.accounts.policy import Role
from sopr.checks import PUBLIC, walk

TABLE = Path(__file__).with_name("access.txt")


def read_table() -> dict[str, set[str]]:
    """{page: roles that may open it}; `everyone` stands for all roles."""
    table = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        page, roles = (part.strip() for part in line.split("|"))
        assert page not in table, f"{page} stands twice in access.txt"
        table[page] = set(Role.values) if roles == "everyone" else set(roles.split())
        assert table[page] <= set(Role.values), f"{page}: unknown role in {roles}"
    return table


PAGES = dict(walk(get_resolver()))


def test_the_table_covers_every_page_and_nothing_else():
    assert set(read_table()) == set(PAGES) - PUBLIC


def url_of(page):
    """The page's address with ids that no row has: a role that may open the page gets 404, another one 403."""
    for pattern in _patterns(get_resolver()):
        if pattern[0] == page:
            return reverse(page, kwargs=dict.fromkeys(pattern[1], "987654321"))
    raise LookupError(page)


def _patterns(resolver, namespace=""):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            for name, keywords in _patterns(pattern, inner):
                yield name, [*pattern.pattern.converters, *keywords]
        else:
            yield f"{namespace}{pattern.name}", list(pattern.pattern.converters)


@pytest.mark.parametrize("role", Role.values)
def test_a_role_opens_exactly_its_pages(client, world, role):
    client.force_login(world.users[role])
    wrong = []
    for page, roles in sorted(read_table().items()):
        for method in (client.get, client.post):
            status = method(url_of(page)).status_code
            if (status == 403) != (role not in roles):
                wrong.append(f"{page} {method.__name__}: {status}")
    assert not wrong


@pytest.mark.parametrize("page", sorted(set(PAGES) - PUBLIC))
def test_nobody_opens_a_page_without_signing_in(client, db, page):
    answer = client.get(url_of(page))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("login"))
