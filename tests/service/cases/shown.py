"""The public form and the service behind it in a real browser: from who asks to a call that does not ring."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from service.access.model import Principal, Role
from service.cases.cases import Cases
from service.public.settings import PublicSettings
from service.storage import sealing
from tests.service.cases.asking import OFFICER
from tests.service.console.browser import People, listening, opened
from tests.service.console.conftest import SWITCH, Console, console_on
from tests.service.console.test_case_candidates import received
from tests.service.databases import MASTER, sqlite_in
from tests.service.public.visiting import Desk

MAILROOM = Principal("key:mailroom", frozenset({Role.MAILROOM}))
REFERENCE = re.compile(r"UPC-\w{4}-\w{4}")
Answers = Mapping[str, str | Sequence[str]]
"""What somebody answers, by the name of the field."""


def fill(root: Page | Locator, name: str, value: str | Sequence[str]) -> None:
    """One field as a person fills it in, whatever it is."""
    fields = root.locator(f'[name="{name}"]:not([type=hidden])')
    kind = fields.first.get_attribute("type")
    if kind in ("radio", "checkbox"):
        for one in [value] if isinstance(value, str) else value:
            root.locator(f'[name="{name}"][value="{one}"]').check()
    elif isinstance(value, str):
        fields.first.fill(value)
    else:
        for place, one in enumerate(value):
            if place >= fields.count():
                root.locator('button[value="another"]').click()
            fields.nth(place).fill(one)


class Officer:
    """Somebody at the pages of cases, who takes each that he works on."""

    def __init__(self, context: BrowserContext) -> None:
        self.page, self.complaints = opened(context, "/cases")

    def take(self, case: str) -> None:
        """Take it, and see what was asked."""
        self.page.goto(f"/cases/{case}")
        for act, given in (("assign", {}), ("open", {"why": "To work on it"})):
            if self.page.locator(f'form[action$="/{act}"]').count():
                self.do(act, **given)

    def do(self, act: str, **given: str) -> None:
        """Fill in the first form of an act, which may be folded away, and press its button."""
        form = self.page.locator(f'main form[action$="/{act}"]').first
        fold = form.locator("xpath=ancestor::details[not(@open)]")
        if fold.count():
            fold.locator("summary").click()
        for name, value in given.items():
            fill(form, name, value)
        with self.page.expect_navigation():
            form.locator("button").last.click()

    def says(self, text: str) -> None:
        """That the page says something."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def confirm(self) -> None:
        """Confirm what waits for a second person, having seen it."""
        self.page.goto("/approvals")
        self.page.locator('main a[href^="/approvals/"]').first.click()
        self.do("show", why="To confirm it")
        self.do("decide", answer="confirm", note="Seen")


@dataclass
class Shown:
    """The form, the service, and whoever is before them."""

    browser: Browser
    console: Console
    desk: Desk
    people: People
    form_url: str
    keys: dict[str, dict[str, str]]
    """By the channel that a machine asks about."""

    def __post_init__(self) -> None:
        self.urls: list[str] = []
        """Every address that a browser has asked for."""
        self._attempts = count()
        self._form = self._noted(self.browser.new_context(base_url=self.form_url)).new_page()
        self._officers: dict[tuple[str, timedelta], Officer] = {}

    def ask(self, given: Answers, start: str = "/") -> Page:
        """Fill in the form, page after page, and send it; gives the last page."""
        page = self._form
        page.goto(start)
        page.locator(".govuk-button--start").click()
        while not page.locator('button[value="send"], button[value="evidence"]').count():
            for name in page.eval_on_selector_all(
                "main form [name]:not([type=hidden]):not(button)",
                "every => [...new Set(every.map(one => one.name))]",
            ):
                if name in given:
                    fill(page, name, given[name])
            page.locator('button[value="next"]').click()
            assert page.locator(".govuk-error-summary").count() == 0, page.inner_text("main")
        if page.locator('button[value="evidence"]').count():
            page.locator('button[value="evidence"]').click()
        self.desk.seconds += 60
        page.locator('button[value="send"]').click()
        expect(page.locator(".govuk-panel")).to_be_visible()
        return page

    def case(self, given: Answers, start: str = "/") -> str:
        """What somebody asks becomes a case; its id."""
        return self.taken_in(self.ask(given, start))

    def taken_in(self, page: Page) -> str:
        """The case of what was sent, by the reference on its last page."""
        found = REFERENCE.search(page.inner_text("main"))
        assert found is not None
        assert self.console.system.intake.step() == 1
        (id_,) = (one.id for one in self.cases.page(OFFICER) if one.document.asked.reference == found[0])
        return id_

    @property
    def cases(self) -> Cases:
        """Those of the service."""
        return self.console.system.cases

    def officer(self, name: str) -> Officer:
        """Somebody who is signed in; where the clock was set forward, anew."""
        now = (name, self.console.clock.ahead)
        if now not in self._officers:
            context = self._noted(self.people.window(Role.CASE_OFFICER, name=name))
            self._officers[now] = Officer(context)
        return self._officers[now]

    def _noted(self, context: BrowserContext) -> BrowserContext:
        context.on("request", lambda asked: self.urls.append(asked.url))
        return context

    def call(self, prisoner: str, to: str) -> str:
        """What the service answers to a prisoner's call."""
        return self._decided("call", prisoner, to)

    def letter(self, prisoner: str, to: str) -> str:
        """What the service answers to a prisoner's letter, by the lines of its envelope."""
        return self._decided("letter", prisoner, to)

    def _decided(self, channel: str, prisoner: str, to: str) -> str:
        self.console.system.current.refresh()
        body = {"id": f"S{next(self._attempts)}", "prisoner": prisoner, "establishment": "LEI", "to": to}
        answer = httpx.post(f"{self.people.url}/v1/check/{channel}", json=body, headers=self.keys[channel])
        assert answer.status_code == 200, answer.text
        return str(answer.json()["decision"])


@contextmanager
def shown(browser: Browser, prisoners: Sequence[str]) -> Iterator[Shown]:
    """On SQLite, in a temporary folder, with these lines of a directory: number, name, born, prison."""
    with TemporaryDirectory(prefix="nocontact-shown-") as name:
        folder = Path(name)
        database = sqlite_in(folder)
        vault = sealing.open_vault(database, MASTER)
        settings = PublicSettings(telephone="0113 496 0199", hsts_days=0)
        desk = Desk(folder / "intake", settings, private=vault.intake_key)
        with (
            console_on(database, vault, folder, intake=desk.folder) as console,
            listening(console.app) as url,
            listening(desk.app) as form_url,
        ):
            console.system.taking_in.stop()  # a test takes in what it has sent
            received(console, *prisoners)
            console.restrict()  # on an empty list nothing is allowed
            people = People(browser, console, url)
            keys = {"call": console.key_of(SWITCH), "letter": console.key_of(MAILROOM)}
            yield Shown(browser, console, desk, people, form_url, keys)
        database.close()
