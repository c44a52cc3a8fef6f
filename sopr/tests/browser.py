"""A person at the browser: Debian's Chromium driven by Playwright. A test module imports the fixtures it needs.

Nothing waits for a fixed time: each step waits for what a person waits for, up to `PATIENCE`.
"""

import datetime
import os
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import expect, sync_playwright

from conftest import PASSWORD

CHROMIUM = os.environ.get("SOPR_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=ru",
]
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PATIENCE = 40_000  # milliseconds; a busy machine is slow, a broken page never answers
SCREENSHOTS = os.environ.get("SOPR_SCREENSHOTS", "")  # a folder; empty: none are taken


@pytest.fixture
def visitor(live_server, monkeypatch):
    """`visitor(viewport)` opens a browser of its own, as another computer would; all are closed at the end.

    The test fails when any of them met an error in the console, a blocked resource or a broken answer.
    """
    # Playwright runs an event loop in this thread; Django would take a query of the test for one from async code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    # A browser keeps its connections open and the server a thread for each: with a database connection kept for every
    # one of them, a journey of many people has more of them than PostgreSQL lets in.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    expect.set_options(timeout=PATIENCE)
    opened = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, env=os.environ | {"LANGUAGE": "ru"}
        )
        yield lambda viewport=DESKTOP, **options: _come(chromium, live_server.url, viewport, opened, **options)
        chromium.close()
        connections.close_all()  # what the test read while the loop ran went by connections of its own
    troubles = [trouble for one in opened for trouble in one.troubles]
    assert not troubles, "\n".join(troubles)


def _come(chromium, url, viewport, opened, javascript=True, **options):
    context = chromium.new_context(
        base_url=url,
        viewport=viewport,
        locale="ru-RU",
        timezone_id="Europe/Moscow",
        accept_downloads=True,
        java_script_enabled=javascript,
        **options,
    )
    opened.append(Visitor(context))
    return opened[-1]


class Visitor:
    """Does what a person does, finds things by the words a person reads, and notes what goes wrong under the hood."""

    def __init__(self, context):
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.troubles = []
        self.page.on("console", lambda line: self._note(self._alarms(line), f"console: {line.text}"))
        self.page.on("pageerror", lambda error: self._note(True, f"script: {error}"))
        self.page.on("requestfailed", lambda request: self._note(self._matters(request), f"failed: {request.url}"))
        self.page.on("response", lambda answer: self._note(self._is_bad(answer), f"{answer.status}: {answer.url}"))

    def _note(self, wrong, text):
        if wrong:
            self.troubles.append(f"{self.page.url}: {text}")

    @staticmethod
    def _is_bad(answer) -> bool:
        """422 is a form that came back with its errors: the person reads them."""
        return answer.status >= 400 and answer.status != 422

    @staticmethod
    def _alarms(line) -> bool:
        if "registration blocked by Playwright" in line.text:  # a test asked for a browser without service workers
            return False
        return line.type in ("error", "warning") and "status of 422" not in line.text

    @staticmethod
    def _matters(request) -> bool:
        """A request the browser gave up because the person went on is no trouble."""
        return "ERR_ABORTED" not in (request.failure or "")

    @contextmanager
    def expecting_trouble(self):
        """What goes wrong within is what the test is about: a network that is cut, an answer that is refused."""
        before = len(self.troubles)
        yield
        del self.troubles[before:]

    # --- going about ---------------------------------------------------------------------------------------------

    def open(self, path):
        self.page.goto(path)
        return self

    def sign_in(self, user, password=PASSWORD):
        """Through the form of the first page, as everybody."""
        self.open("/")
        self.fill({"Учётная запись": user.username, "Пароль": password})
        self.press("Войти")
        expect(self.page.locator(".topbar")).to_contain_text(user.last_name)
        return self

    def follow(self, link, within="body"):
        """Go by a link with these words."""
        self.page.locator(within).get_by_role("link", name=_starts(link)).first.click()

    def open_more(self):
        """The rare acts of a page, under «Ещё»."""
        self.page.locator("summary:visible", has_text="Ещё").first.click()

    def press(self, button, within="body"):
        self.page.locator(within).get_by_role("button", name=_starts(button)).first.click()

    def search(self, words):
        """By the box of the top bar."""
        box = self.page.locator("header").get_by_role("combobox")
        box.fill(words)
        box.press("Enter")

    # --- filling in ----------------------------------------------------------------------------------------------

    def fill(self, values, within="main"):
        """{label: value}: text, date, moment, the words of a choice, or True and False for a box."""
        for label, value in values.items():
            self._fill_one(self.page.locator(within).get_by_label(_starts(label)).first, value)

    @staticmethod
    def _fill_one(field, value):
        if isinstance(value, bool):
            field.set_checked(value)
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=_option(field, value))
        elif isinstance(value, datetime.datetime):
            field.fill(f"{value:%Y-%m-%dT%H:%M}")
        elif isinstance(value, datetime.date):
            field.fill(value.isoformat())
        else:
            field.fill(value)

    def choose(self, words, group="body"):
        """A radio button by its words; `group` is the name of its group when the words repeat."""
        scope = self.page.locator("body") if group == "body" else self.page.get_by_role("radiogroup", name=group)
        field = scope.get_by_role("radio", name=_starts(words)).first
        self.page.locator(f"label[for={field.get_attribute('id')}]").click()  # where a person aims
        expect(field).to_be_checked()

    # --- looking -------------------------------------------------------------------------------------------------

    def sees(self, *texts, within="main"):
        for text in texts:
            expect(self.page.locator(within).first).to_contain_text(text)

    def is_told(self, message):
        """The notice that follows an act."""
        expect(self.page.locator(".notices")).to_contain_text(message)

    def sees_title(self, words):
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)

    # --- taking away ---------------------------------------------------------------------------------------------

    def take_pdf(self, link, within="body") -> bytes:
        """The document a link opens in its own tab."""
        href = self.page.locator(within).get_by_role("link", name=_starts(link)).first.get_attribute("href")
        answer = self.context.request.get(href)
        assert answer.status == 200, f"{href}: {answer.status}"
        assert answer.headers["content-type"] == "application/pdf"
        return answer.body()

    def download(self, link, folder, within="body") -> Path:
        """The file a link gives, under its own name."""
        with self.page.expect_download() as waiting:
            self.follow(link, within)
        path = Path(folder) / waiting.value.suggested_filename
        waiting.value.save_as(path)
        return path

    def shot(self, name):
        """A picture for the documentation, when somebody asked for pictures."""
        if SCREENSHOTS:
            Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
            self.page.evaluate("window.scrollTo(0, 0)")
            self.page.screenshot(path=f"{SCREENSHOTS}/{name}.png", full_page=True)

    def scrolls_sideways(self) -> bool:
        return self.page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth")


def _starts(words):
    """Labels go on with an asterisk or a note; names of choices with an explanation."""
    return re.compile(r"^\s*" + re.escape(words), re.IGNORECASE)


def _option(field, words):
    """The full text of the choice that begins with these words."""
    texts = [text.strip() for text in field.locator("option").all_inner_texts()]
    return next(text for text in texts if text.lower().startswith(words.lower()))
