"""Protected fields never reach those without the right: a canary word in each, and every page, file and line walked."""

import io
import logging
import re
import subprocess
import zipfile
from html import unescape

import pytest
from celery.signals import before_task_publish
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import models
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from conftest import make_user
from families.models import Family, HealthStatus
from families.protected import protected
from sopr.accounts.models import User
from sopr.exchange import jobs
from sopr.exchange.models import ExchangeJob
from sopr.obligations.tasks import sweep
from sopr.tests.casework import make_family, make_referral
from sopr.tests.test_access import _patterns, read_table
from sopr.tests.test_strangers import things  # noqa: F401 — a fixture

CANARIES = {
    "families.Referral.informant": "Зяблицына",
    "families.Referral.address": "Снегирёвка",
    "families.Family.address": "Чижовражье",
    "families.Person.registered_at": "Щеглополье",
    "families.Person.lives_at": "Малиновкино",
    "families.Person.health": "Коростелит",
    "families.HealthStatus.document": "Пеночкосправка",
    "cases.DomainScore.evidence": "Трясогузково",
    "cases.DispatchRequest.asked": "Поползнева",
    "cases.DispatchRequest.problem": "Крапивникова",
    "cases.DispatchService.result": "Оляпкина",
    "cases.DispatchAttempt.note": "Мухоловкина",
    "cases.NewbornRisk.circumstances": "Пустельгово",
    "cases.NewbornRisk.outcome_note": "Сапсаново",
    "cases.NearPerson.full_name": "Кречетова",
    "cases.NearPerson.help": "Дербникова",
    "cases.NewbornQuestionnaire.comment": "Кобчикова",
    "cases.NewbornHelp.note": "Беркутова",
}
ANYTHING = {"row": "1", "column": "2025", "kind": "xlsx", "figure": "families"}
# Columns that say something of health, of where people live or of who told, and yet are open, with the reason.
OPEN = {
    "families.Application.document": "the passport or power of attorney of who applied",
    "families.DistrictPlace.address": "where a school or a clinic is; a crisis flat has none",
}
TELLING = re.compile(r"здоров|адрес|инвалид|диагноз|заявител|сообщил|психолог", re.IGNORECASE)


def test_every_protected_field_has_a_canary():
    assert {str(row) for row in protected()} == set(CANARIES)


def test_no_text_column_that_sounds_protected_is_forgotten():
    known = {str(row) for row in protected()} | set(OPEN)
    forgotten = [
        f"{model._meta.label}.{field.name}: {field.verbose_name}"
        for model in apps.get_models()
        if model._meta.app_label in ("families", "cases", "councils")
        for field in model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField)) and not field.choices and field.editable
        if TELLING.search(str(field.verbose_name)) and f"{model._meta.label}.{field.name}" not in known
    ]
    assert not forgotten, "declare in families/protected.py, or say in OPEN why everybody may read it"


@pytest.fixture
def families(world):
    """Two families in hiding, with a canary in each protected field of theirs."""
    made = make_family(world), make_family(world, surname="Ершовы")
    for family in made:
        family.address, family.address_hidden = f"д. {CANARIES['families.Family.address']}, д. 5", True
        family.save()
        for membership in family.memberships.select_related("person"):
            person = membership.person
            person.address_hidden = True
            person.registered_at = f"с. {CANARIES['families.Person.registered_at']}, д. 6"
            person.lives_at = f"п. {CANARIES['families.Person.lives_at']}, д. 7"
            person.health = CANARIES["families.Person.health"]
            person.save()
            HealthStatus.establish(
                person, family, by=world.curator, kind="disability", detail="child", since=timezone.localdate(),
                document=CANARIES["families.HealthStatus.document"],
            )  # fmt: skip
    return made


@pytest.fixture
def planted(world, families, things):  # noqa: F811 — the fixture imported above
    """The world with casework about both families; a signal written by one curator and checked by another."""
    world.registrar = make_user("curator", world.centre, "curator-3", last_name="Записалова")
    world.other_member = make_user("member", world.other_centre, last_name="Чужинова")
    referral = make_referral(
        world, family=families[0], informant=CANARIES["families.Referral.informant"],
        address=f"д. {CANARIES['families.Referral.address']}, д. 8",
    )  # fmt: skip
    referral.registered_by = world.registrar
    referral.save()
    referral.assign(by=world.head, curator=world.curator)
    for score in apps.get_model("cases.DomainScore").objects.all():
        score.evidence = CANARIES["cases.DomainScore.evidence"]
        score.save()
    for title in CANARIES:
        if any(word in title for word in ("Dispatch", "Newborn", "NearPerson")):
            model, _dot, field = title.rpartition(".")
            apps.get_model(model).objects.update(**{field: CANARIES[title]})
    Family.objects.update(district=things["district"])
    world.things = things | {"referral": referral}
    return world


class Walker:
    """One person who opens everything there is, and what came back: pages, files, headers."""

    def __init__(self, user, things):  # noqa: F811
        self.client, self.things = Client(raise_request_exception=False), things
        self.client.force_login(user)
        self.role = user.role
        self.found: dict[str, set[str]] = {}  # canary: where it was read
        self.seen, self.opened, self.broken = set(), 0, []

    def walk(self):
        granted = read_table()
        for page, keywords in _patterns(get_resolver()):
            if self.role not in granted.get(page, ()):  # answered by the same 403, as test_access.py makes sure
                continue
            values = {word: getattr(self.things.get(word), "pk", None) or self._any(word) for word in keywords}
            self.open(reverse(page, kwargs=values))
        return self

    def _any(self, word):
        return ANYTHING.get(word, 1)

    def open(self, url, deep=True):
        if url in self.seen:
            return
        self.seen.add(url)
        answer = self.client.get(url)
        if answer.status_code >= 500:
            self.broken.append(url)
        self.opened += answer.status_code == 200
        text = text_of(answer)
        for title, canary in CANARIES.items():
            if canary in text:
                self.found.setdefault(title, set()).add(url)
        if deep and answer.status_code == 200 and "html" in answer["Content-Type"]:
            for link in links(text):
                self.open(f"{url.split('?')[0]}{link}" if link.startswith("?") else link, deep=False)

    def send(self, name, **data):
        """A post, with all its redirects; what is written back to its sender is not looked through."""
        return self.client.post(reverse(name), data, follow=True)


def links(html) -> list[str]:
    """Tabs, filters, files and parts that a page loads by itself: not the sorts, which show the same rows."""
    found = re.findall(r"(?:href|hx-get|action)=\"([^\"]+)\"", html)
    return [
        link
        for link in map(unescape, found)
        if (link.startswith("?") or (link.startswith("/") and ("?" in link or "print" in link or "file" in link)))
        and "sort=" not in link
        and not link.startswith("/static/")
    ]


def text_of(answer) -> str:
    """All that can be read in an answer: headers, the page, the cells of a workbook, the words of a PDF."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            inside = "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    elif body.startswith(b"%PDF"):
        read = subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=True)
        inside = re.sub(r"[-\u00ad]?\n", "", read.stdout.decode())
    else:
        inside = unescape(body.decode("utf-8", "replace"))
    return f"{head}\n{inside}"


# Everybody but the curator who works with the family and his head.
WITHOUT = (
    "colleague registrar secretary member executor minister officer administrator "
    "other_curator other_head other_executor other_secretary other_member"
).split()


@pytest.fixture
def messages():
    """What is handed to the worker during the test."""
    caught = []

    def catch(body=None, **kwargs):
        caught.append(repr((body, kwargs.get("headers"))))

    before_task_publish.connect(catch)
    yield caught
    before_task_publish.disconnect(catch)


def test_who_has_the_right_sees_every_protected_field(planted):
    """So that the other tests here can fail."""
    for user in (planted.curator, planted.head):
        walker = Walker(user, planted.things).walk()
        assert set(walker.found) == set(CANARIES)
        assert not walker.broken


def test_nobody_else_sees_any_of_them(planted):
    leaks, opened = [], 0
    for name in WITHOUT:
        walker = Walker(getattr(planted, name), planted.things).walk()
        leaks += [f"{name}: {title} in {sorted(urls)}" for title, urls in walker.found.items()]
        leaks += [f"{name}: {url} broke" for url in walker.broken]
        opened += walker.opened
    assert not leaks, "\n".join(leaks)
    assert opened > 100


def test_the_search_does_not_answer_to_a_protected_word(planted, families):
    cards = [reverse("families:family-detail", args=[family.pk]) for family in families]
    for name in ("colleague", "registrar", "other_curator", "other_head"):
        walker = Walker(getattr(planted, name), planted.things)
        for title, canary in CANARIES.items():
            html = walker.send("families:family-search", q=canary).content.decode()
            assert not any(f'{card}"' in html for card in cards), f"{name} found the family by {title}"


def test_an_exported_register_carries_none(planted, settings, tmp_path, messages, django_capture_on_commit_callbacks):
    """A file travels: even the head, who sees the fields on pages, does not take them out."""
    settings.SOPR_VAR = tmp_path
    head = Walker(planted.head, planted.things)
    with django_capture_on_commit_callbacks(execute=True):
        asked = head.send("exchange:export-new", purpose="request", reason="По письму министерства")
    assert asked.status_code == 200
    job = ExchangeJob.objects.latest("pk")
    jobs.work(job.pk)
    head.open(reverse("exchange:export-file", args=[job.pk]))
    assert head.opened == 1
    assert not head.found
    assert messages and not any(canary in message for message in messages for canary in CANARIES.values())


def test_no_log_message_or_record_repeats_them(planted, caplog, messages, django_capture_on_commit_callbacks):
    """Walked by those who see them: lines of the log, audit, events, dues, letters, messages to the worker."""
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        for user in (planted.curator, planted.head):
            walker = Walker(user, planted.things).walk()
            for canary in CANARIES.values():
                walker.send("families:family-search", q=canary)
        built = Walker(planted.head, planted.things)
        assert built.send("reports:report-build", form="tatarstan-414", period="2025Q1").status_code == 200
        sweep()
    told = {
        "log": caplog.text,
        "letters": "\n".join(f"{letter.subject} {letter.body} {letter.to}" for letter in mail.outbox),
        "messages": "\n".join(messages),
    }
    assert messages and caplog.records
    leaks = [f"{title} in {place}" for title, word in CANARIES.items() for place, text in told.items() if word in text]
    assert not leaks
    assert not copies()


def copies() -> list[str]:
    """Columns of the database, other than its own, in which a canary stands."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model is Session or model is User:
            continue
        for field in model._meta.concrete_fields:
            if not isinstance(field, (models.CharField, models.TextField, models.JSONField)):
                continue
            values = [str(value) for value in model._base_manager.values_list(field.attname, flat=True) if value]
            text = "\n".join(values)
            for title, canary in CANARIES.items():
                own = title == f"{model._meta.label}.{field.name}"
                if not own and (canary in text or canary.lower().replace("ё", "е") in text):
                    found.append(f"{title} in {model._meta.label}.{field.name}")
    return found
