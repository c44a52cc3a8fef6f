"""System checks: every page names a permission, and the regional profile is whole."""

from django.core import checks
from django.urls import URLPattern, URLResolver, get_resolver

from sopr import profile
from sopr.accounts.policy import Perm
from sopr.web.pages import Page

# Names of the only URLs open without a permission: entering, leaving, the monitor's question, a family's survey, what a
# browser keeps for the time without a connection.
PUBLIC = {"login", "logout", "health", "survey", "survey-answer", "offline", "service-worker"}


@checks.register(checks.Tags.security)
def every_page_names_a_permission(app_configs, **kwargs):
    """Refuse to start with a URL that nobody decided who may open (architecture.md §4)."""
    return [problem for name, callback in walk(get_resolver()) if (problem := judge(name, callback))]


def walk(resolver, namespace=""):
    """Yield (full name, view) of every URL pattern."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback


def judge(name, callback):
    """Return what is wrong with one URL, or None."""
    if name in PUBLIC:
        return None
    page = getattr(callback, "view_class", None)
    if page is None or not issubclass(page, Page):
        return checks.Error(f"{name}: the view is no Page.", hint="Build it on sopr.web.pages.", id="sopr.E001")
    if page.public:
        return checks.Error(f"{name}: {page.__name__} is public.", hint="List it in sopr/checks.py.", id="sopr.E002")
    if not isinstance(page.permission, Perm):
        return checks.Error(f"{name}: {page.__name__} names no permission.", hint="permission = Perm…", id="sopr.E003")
    return None


@checks.register
def profile_is_whole(app_configs, **kwargs):
    """Refuse to start with a regional profile that does not load."""
    try:
        profile.current()
    except profile.ProfileError as error:
        return [checks.Error(f"Regional profile: {error}", id="sopr.E004")]
    return []
