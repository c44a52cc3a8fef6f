"""A generated register, walked: what every list, card, home page and search asks of the database."""

import json
import re
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from cases.models import Case
from cases.words import Stage
from families.models import Family
from sopr.accounts.policy import Role
from sopr.checks import walk
from sopr.demo import bulk
from sopr.navigation import HOME
from sopr.tests.test_access import read_table
from sopr.web.pages import ListPage

BIG = 1000  # rows: a table of a large register that no page may read through
SEARCHED = 4  # families: what else is found by the way, and asked for, differs from one to the next
CARDS = {"families:family-detail": Family, "cases:case-detail": Case}
SEARCHES = {
    "surname": lambda family, person: person.last_name,
    "name and birth date": lambda family, person: f"{person.last_name} {person.birth_on:%d.%m.%Y}",
    "birth date": lambda family, person: f"{person.birth_on:%d.%m.%Y}",
    "name and birth year": lambda family, person: f"{person.first_name} {person.birth_on:%Y}",
    "beginning of a name": lambda family, person: person.last_name[:3],
    "two letters": lambda family, person: person.first_name[:2],
    "slip of the pen": lambda family, person: _slip(person.last_name),
    "snils": lambda family, person: person.snils,
    "number": lambda family, person: family.number,
    "case number": lambda family, person: family.cases.first().number,
    "telephone": lambda family, person: person.phone,
    "address": lambda family, person: family.address,
    "nobody": lambda family, person: "Щщукинъ",
}


def lists() -> dict[str, type[ListPage]]:
    """Every list there is, by its name; those about one thing have an id in the address and are cards' business."""
    views = {name: getattr(callback, "view_class", None) for name, callback in walk(get_resolver())}
    return {name: view for name, view in views.items() if view and issubclass(view, ListPage) and not _asks(name)}


def _asks(name):
    from sopr.tests.test_access import _patterns

    return next(keywords for page, keywords in _patterns(get_resolver()) if page == name)


def variants(answer) -> list[tuple[str, str]]:
    """(name, query string) of a list that has answered: page 2, each sort both ways, one choice of each filter."""
    keys = sorted(set(re.findall(r"[?&;]sort=-?(\w+)", answer.content.decode())))
    asked = [("page", "?page=2"), *((f"sort {sign}{key}", f"?sort={sign}{key}") for key in keys for sign in ("", "-"))]
    shown, rows = answer.context["filter"], list(answer.context["page_obj"])
    for name, given in shown.form.fields.items() if shown else ():
        choices = [str(value) for value, _label in getattr(given, "choices", ()) if value]
        bears = str(getattr(rows[0], f"{name}_id", getattr(rows[0], name, ""))) if rows else ""
        if choices:
            asked.append((name, f"?{name}={bears if bears in choices else choices[0]}"))
    return asked


@dataclass
class Looked:
    """What one request asked of the database."""

    statements: list[str]
    rows: int = 1  # shown by a list, or families found elsewhere: of what is not there a page asks nothing more
    scans: dict[str, str] = field(default_factory=dict)  # table: the statement that reads it through


class Walk:
    """The pages as people of one organisation open them."""

    def __init__(self, bodies, centre, explain=False):
        self.bodies, self.centre, self.explain = bodies, centre, explain
        self.big = _big_tables() if explain else set()
        self.seen: dict[str, Looked] = {}
        self.clients = {}

    def user(self, role):
        code = self.centre.municipality.code
        logins = {
            Role.HEAD: self.bodies.heads[self.centre.pk].username,
            Role.CURATOR: self.bodies.curators[self.centre.pk][0].username,
            Role.DATA_OFFICER: "officer",
        }
        login = logins.get(role, f"{role}-{code}")
        return self.bodies.users.get(login) or self.bodies.users[str(role)]

    def client(self, role):
        if role not in self.clients:
            self.clients[role] = Client()
            self.clients[role].force_login(self.user(role))
        return self.clients[role]

    def look(self, title, role, url, **post):
        client = self.client(role)
        with CaptureQueriesContext(connection) as caught:
            answer = client.post(url, post, follow=True) if post else client.get(url)
        assert answer.status_code == 200, (title, url, answer.status_code)
        statements = [query["sql"] for query in caught.captured_queries]
        looked = Looked(statements, _count_shown(answer.context or {}), self._scans(statements))
        before = self.seen.get(f"{title} ({role})")
        if before is None or len(before.statements) <= len(statements):  # of several searches the longest counts
            self.seen[f"{title} ({role})"] = looked
        return answer

    def all(self):
        table = read_table()
        for name in lists():
            for role in sorted(table[name]):
                first = self.look(name, role, reverse(name))
                for title, query in variants(first):
                    if self.explain or not title.startswith("sort"):  # a sort asks the same number of questions
                        self.look(f"{name}, {title}", role, reverse(name) + query)
        for role in Role.values:
            self.look(f"home {HOME[role]}", role, reverse(HOME[role]))
        self.cards()
        return self

    def cards(self):
        """The card and the case of one family like another: two people, an active case, nothing rare."""
        for role in (Role.CURATOR, Role.HEAD):
            cases = Case.objects.visible_to(self.user(role)).filter(stage=Stage.ACTIVE, family__referrals=None)
            alike = [row for row in cases.order_by("pk")[:200] if _is_plain(row.family)]
            case = alike[0]
            self.look("case", role, case.get_absolute_url())
            card = reverse("families:family-detail", args=[case.family_id])
            for tab in ("", "members", "support", "contacts", "papers", "councils", "access"):
                self.look(f"family?tab={tab}", role, f"{card}?tab={tab}")
            for family in [row.family for row in alike[:SEARCHED]]:
                for title, text in SEARCHES.items():
                    typed = text(family, _adult(family))
                    self.look(f"search by {title}", role, reverse("families:family-search"), q=typed)
                    self.look(f"list under the box by {title}", role, reverse("families:family-suggest"), q=typed)
            self.duplicates(role, case.family)

    def duplicates(self, role, family):
        """The check of a new family while it is typed, and of a person who joins one."""
        person = _adult(family)
        names = {"last_name": person.last_name, "first_name": person.first_name, "patronymic": person.patronymic}
        for title, row in {
            "like a known one": names | {"birth_on": f"{person.birth_on:%d.%m.%Y}", "snils": person.snils},
            "without a birth date": names,
            "with a slip of the pen": names | {"last_name": _slip(person.last_name)},
        }.items():
            card = {"surname": family.surname, "address": family.address, "phone": person.phone}
            rows = {f"people-0-{name}": value for name, value in row.items()}
            forms = {"people-TOTAL_FORMS": "1", "people-INITIAL_FORMS": "0"}
            self.look(f"family {title}", role, reverse("families:family-duplicates"), **card, **rows, **forms)

    def _scans(self, statements) -> dict[str, str]:
        if not self.explain:
            return {}
        found = {}
        for statement in statements:
            if statement.lstrip("( ").startswith("SELECT"):
                for table in _read_through(statement) & self.big:
                    found[table] = re.sub(r"SELECT .*? FROM", "SELECT … FROM", statement, count=1)
        return found


def _count_shown(context) -> int:
    if "page_obj" in context:
        return len(context["page_obj"])
    return len(context["results"].elsewhere) if context.get("results") else 1


def _is_plain(family) -> bool:
    return family.memberships.count() == 2 and bool(_adult(family).snils and _adult(family).phone)


def _adult(family):
    return family.memberships.filter(is_representative=True).first().person


def _slip(name) -> str:
    """The name with two letters exchanged."""
    return name[:2] + name[3] + name[2] + name[4:]


def _big_tables() -> set[str]:
    return {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._base_manager.count() >= BIG
    }


def _read_through(statement) -> set[str]:
    """Tables that PostgreSQL means to read from the first row to the last."""
    with connection.cursor() as cursor:
        # Pages of a few thousand rows all lie in memory: fetching one costs hardly more than the next one, as on a
        # server's disks. At the default price of a fetch the plan of a hundred thousand families would not show.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        (plan,) = cursor.fetchone()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return set(_seq_scans(plan[0]["Plan"]))


def _seq_scans(node):
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _seq_scans(child)


def walked(families, organisations, *walks):
    """Generate a register, make the walks (each a function of the Bodies), and take everything back."""
    with transaction.atomic():
        bodies = bulk.generate(families, organisations)
        done = [make(bodies).all() for make in walks]
        transaction.set_rollback(True)
    return done
