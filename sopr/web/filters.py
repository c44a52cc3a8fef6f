"""Filters whose text is personal data: it goes by POST into the session, the address carries only a token for it."""

import secrets

import django_filters

KEPT = "list_words"
KEPT_PER_PAGE = 5
LONGEST = 100  # characters


class WordsFilter(django_filters.CharFilter):
    """A filter by words that people type (a surname, an address, a login): never part of an address or a log."""


def words_field(filterset_class) -> str:
    """Name of the filter set's field of words; empty when it has none."""
    if filterset_class is None:
        return ""
    names = [name for name, each in filterset_class.base_filters.items() if isinstance(each, WordsFilter)]
    return names[0] if names else ""


def keep_words(session, page: str, words: str) -> str:
    """Keep `words` of list `page` for the session; returns the token an address may carry."""
    kept = session.get(KEPT, {})
    here = kept.get(page, {})
    token = next((token for token, each in here.items() if each == words), None)
    if token is None:
        token = secrets.token_urlsafe(6)
        here = dict([*here.items(), (token, words)][-KEPT_PER_PAGE:])
        session[KEPT] = kept | {page: here}
    return token


def recall_words(session, page: str, token: str) -> str:
    """The words kept under `token`; empty for a token of another session or one long ago."""
    return session.get(KEPT, {}).get(page, {}).get(token, "")
