"""The whole form in a real Chromium, by keyboard: no barrier on any page, narrow or wide, in Welsh too."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from playwright._impl._api_structures import FilePayload
from playwright.sync_api import Browser, Page

from service.public import app as public_app
from service.public.answers import Answers, carried
from service.public.app import PublicForm
from service.public.intake import IntakeFolder, IntakeFullError
from service.public.pages import Pages
from service.public.questions import QUESTIONS, asked_of
from service.public.settings import PublicSettings
from service.public.waiting import QUICKEST
from tests.service.console.accessibility import violations
from tests.service.console.browser import listening
from tests.service.public.keyboard import Keyboard
from tests.service.public.running import Form, form_in
from tests.service.public.visiting import CONTINUING, SELF

A_KEY, A_PAGE = 0.28, 1.35
"""Seconds for a key and to think once, of who types without much practice (Card, Moran and Newell 1980)."""
MOST_SECONDS = 240
"""In which the form can be filled in by keyboard alone."""
MOST_STEPS = 12
"""Keys on a page beside what is written, on average."""
TYPED = " “Ünï”\t<b>&amp;</b> \u202eüber\u202c 👩‍👧 O'Neill "
"""What browsers, pages and forms are tempted to change."""


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Form]:
    folder = tmp_path_factory.mktemp("form")
    with form_in(folder, telephone="0113 496 0199", hsts_days="0") as running:
        yield running


class Walk:
    """Somebody's way through the form; each page is looked at when it is come to."""

    def __init__(self, browser: Browser, form: Form, start: str, *, width: int = 1280, script: bool = True):
        self.context = browser.new_context(
            base_url=form.url, viewport={"width": width, "height": 720}, java_script_enabled=script
        )
        self.page = self.context.new_page()
        self.pages = 0
        self.complaints: list[str] = []
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type == "error" else None
        )
        self.page.goto(start)
        self.look(self.page)
        self.keyboard = Keyboard(self.page, self.look)
        self.keyboard.go(".govuk-button--start")
        self.begun = time.monotonic()

    def look(self, page: Page) -> None:
        self.pages += 1
        assert page.locator("h1").count() == 1
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room

    def send(self) -> str:
        """No sooner than anybody could, counted from the first question: the form began before it."""
        time.sleep(max(0.0, QUICKEST + 0.1 - (time.monotonic() - self.begun)))
        self.keyboard.press("send")
        assert violations(self.page) == []
        assert self.complaints == []
        assert self.page.context.cookies() == []
        assert self.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        assert "?" not in self.page.url
        return self.page.inner_text("main")


@pytest.mark.parametrize(
    ("start", "pages", "width"),
    [("/", SELF, 320), ("/", CONTINUING, 1280), ("/cy", SELF, 1280)],
    ids=["for herself, narrow", "police with evidence", "in Welsh"],
)
def test_the_form_is_filled_in_by_keyboard_alone(
    browser: Browser, form: Form, start: str, pages: Sequence[dict[str, Any]], width: int, tmp_path: Path
) -> None:
    walk = Walk(browser, form, start, width=width)
    walk.keyboard.answer(pages)
    if pages is CONTINUING:
        walk.keyboard.press("evidence")
        letter = tmp_path / "letter.pdf"
        letter.write_bytes(b"%PDF-1.7 invented")
        walk.page.set_input_files("#evidence", letter)
    said = walk.send()
    steps = walk.keyboard.pressed - walk.keyboard.typed
    assert steps <= MOST_STEPS * walk.pages
    assert A_KEY * walk.keyboard.pressed + A_PAGE * walk.pages < MOST_SECONDS
    asked = form.taken()[-1]
    assert asked.reference in said
    assert asked.asker.language == ("cy" if start == "/cy" else "en")
    assert asked.person.name == "Rhoswen Tallantyre"
    assert asked.person.numbers == ("07700 900123",)
    if pages is CONTINUING:
        assert [(one.name, one.content) for one in asked.evidence] == [("letter.pdf", b"%PDF-1.7 invented")]
    log = form.log.read_text()
    assert "unexpected" not in log
    for typed in ("Tallantyre", "07700", "900123", "Pellow", "letter.pdf", asked.reference):
        assert typed not in log
    walk.context.close()


SOMEBODY = {
    "herself": Answers(kind="stop", who="self"),
    "police": Answers(kind="stop", who="police"),
    "a report": Answers(kind="continuing", who="self"),
}
"""Between them they are asked every question."""
DONE: dict[str, Any] = {
    "kind": "stop",
    "who": "self",
    "asker": "Rhoswen Tallantyre",
    "phone": "07700 900123",
    "prisoner": "Osric Pellow",
    "danger": "no",
    "urgency": "soon",
}
REPORTED: dict[str, Any] = {
    **DONE,
    "kind": "continuing",
    "how": ("call",),
    "when": "Sunday",
    "happened": "He rang",
    "danger": "",
}
OTHERS: dict[str, tuple[Answers, str]] = {
    "check": (Answers(**DONE), "next"),
    "evidence": (Answers(**REPORTED), "evidence"),
    "wait": (Answers(**DONE), "send"),
}
"""Pages that are no question, with what leads to them."""


def test_no_page_of_the_form_is_left_out_here() -> None:
    asked = {one.name for answers in SOMEBODY.values() for one in asked_of(answers)}
    assert asked == {one.name for one in QUESTIONS}
    seen_otherwise = {
        "start",
        "question",
        "problem",
        "done",
    }  # the last at the end of each way through the form
    assert {one for one in vars(Pages) if not one.startswith("_")} == seen_otherwise | set(OTHERS)


class Jumping:
    """One window that goes to any page of the form at once: the answers are put into the first."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, answers: Answers, go: str, start: str = "/form") -> None:
        self.page.goto(start)
        with self.page.expect_navigation():
            self.page.eval_on_selector(
                "main form",
                """(form, [answers, go]) => {
                form.elements.answers.value = answers; form.elements.at.value = "";
                const button = form.querySelector("button[name=go]"); button.value = go; button.click() }""",
                [carried(answers).decode(), go],
            )


@pytest.fixture(scope="module", params=[("/form", 1280), ("/cy/form", 320)], ids=["wide", "narrow in Welsh"])
def jumping(request: pytest.FixtureRequest, browser: Browser, form: Form) -> Iterator[tuple[Jumping, str]]:
    start, width = request.param
    context = browser.new_context(base_url=form.url, viewport={"width": width, "height": 720})
    yield Jumping(context.new_page()), start
    context.close()


@pytest.mark.parametrize("name", [one.name for one in QUESTIONS])
def test_no_question_has_a_barrier(jumping: tuple[Jumping, str], name: str) -> None:
    jump, start = jumping
    answers = next(one for one in SOMEBODY.values() if name in {asked.name for asked in asked_of(one)})
    jump.to(answers, f"change {name}", start)
    page = jump.page
    assert page.locator('main input[name="at"]').get_attribute("value") == name
    if page.locator('button[value="another"]').count():
        page.click('button[value="another"]')
    elif start == "/cy/form":  # what is missing is told
        page.click('button[value="next"]')
    assert violations(page) == []


@pytest.mark.parametrize("name", ["start", "problem", *OTHERS])
def test_no_other_page_has_a_barrier(jumping: tuple[Jumping, str], name: str) -> None:
    jump, start = jumping
    if name in OTHERS:
        jump.to(*OTHERS[name], start)
        assert jump.page.locator("main form").count() == 1
    else:
        jump.page.goto("/cy" if start == "/cy/form" else "/")
        if name == "problem":
            jump.page.goto(start.replace("form", "nothing"))
    assert violations(jump.page) == []


class FullIntake(IntakeFolder):
    """Takes nothing in, and says so when something comes, or before."""

    def __init__(self, *, is_told: bool) -> None:
        self._is_told = is_told

    def require_room(self) -> None:
        if self._is_told:
            raise IntakeFullError

    def put(self, sealed: bytes) -> None:
        raise IntakeFullError


class BrokenIntake(FullIntake):
    """Whose disk gives way."""

    def put(self, sealed: bytes) -> None:
        raise OSError


FILES = [FilePayload(name=name, mimeType="image/png", buffer=b"1") for name in ("one.png", "two.png")]
TROUBLES: dict[str, tuple[IntakeFolder, dict[str, Any], int]] = {
    "too many pages": (FullIntake(is_told=False), {"pages_rate": 0.01, "pages_burst": 1.0}, 429),
    "full before it is begun": (FullIntake(is_told=True), {}, 503),
    "full when it is sent": (FullIntake(is_told=False), {}, 503),
    "an error of ours": (BrokenIntake(is_told=False), {}, 500),
    "too many uploads": (FullIntake(is_told=False), {}, 503),
    "too many files": (FullIntake(is_told=False), {"evidence_files": 1}, 422),
    "too large files": (FullIntake(is_told=False), {"evidence_bytes": 1}, 422),
    "not to be read": (FullIntake(is_told=False), {}, 400),
}
"""What may go wrong: the intake behind the form, its settings, the status of the page that says so."""


@pytest.mark.parametrize(("start", "width"), [("/form", 1280), ("/cy/form", 320)], ids=["wide", "in Welsh"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_page_that_says_what_went_wrong_has_a_barrier(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, trouble: str, start: str, width: int
) -> None:
    intake, settings, status = TROUBLES[trouble]
    key = X25519PrivateKey.generate().public_key().public_bytes_raw()
    app = PublicForm(PublicSettings(telephone="0113 496 0199", **settings), intake, key)
    if trouble == "too many uploads":
        monkeypatch.setattr(public_app, "OF_ADDRESS", 0)
    is_report = "uploads" in trouble or "files" in trouble
    with listening(app) as url:
        context = browser.new_context(base_url=url, viewport={"width": width, "height": 720})
        page = context.new_page()
        answered: list[int] = []
        page.on(
            "response",
            lambda one: answered.append(one.status) if one.request.is_navigation_request() else None,
        )
        jump = Jumping(page)
        if trouble == "too many pages":
            page.goto(start)
            page.goto(start)
        elif trouble == "full before it is begun":
            page.goto(start)
        elif trouble == "not to be read":
            page.goto(start)
            page.eval_on_selector("main form", "form => { form.elements.answers.value = '[' }")
            with page.expect_navigation():
                page.locator('main button[name="go"]').first.click()
        else:
            jump.to(Answers(**(REPORTED if is_report else DONE)), "evidence" if is_report else "check", start)
            if is_report:
                page.set_input_files("#evidence", FILES)
            else:
                time.sleep(QUICKEST + 0.1)
            with page.expect_navigation():
                page.locator('button[name="go"][value="send"]').first.click()
        assert answered[-1] == status
        assert page.locator("h1").count() == 1
        assert violations(page) == []
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room
        context.close()


def test_errors_are_told_to_whoever_cannot_see_them(browser: Browser, form: Form) -> None:
    walk = Walk(browser, form, "/")
    walk.keyboard.press("next")
    assert walk.page.title().startswith("Error: ")
    assert walk.page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    walk.keyboard.key("Tab")
    walk.keyboard.key("Enter")
    assert walk.page.evaluate("document.activeElement.name") == "kind"
    described = walk.page.locator("fieldset").get_attribute("aria-describedby")
    assert walk.page.inner_text(f"#{described}").split("\n") == ["Error:", "Choose what you want to do"]
    walk.context.close()


def test_what_is_typed_survives_every_way_through_a_real_browser(browser: Browser, form: Form) -> None:
    context = browser.new_context(base_url=form.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/form")
    lines = f"\n {TYPED}\n\n{TYPED}\n"

    def press(go: str) -> None:
        page.locator(f'button[name="go"][value="{go}"]').first.click()

    for given in SELF:
        for name, value in given.items():
            field = page.locator(f'[name="{name}"]:not([type=hidden])').first
            if field.get_attribute("type") in ("radio", "checkbox"):
                for one in [value] if isinstance(value, str) else value:
                    page.check(f'[name="{name}"][value="{one}"]')
            elif name == "addresses":
                field.fill(lines)
            elif name in ("asker", "email", "numbers", "aliases", "emails"):
                field.fill(f"a@b{TYPED}")
            elif name == "safely":
                field.fill(lines)
        if page.locator('[name="prisoner"]').count():
            page.fill('[name="prisoner"]', TYPED)
        press("next")
    for name in ("reach", "addresses"):
        press(f"change {name}")
        press("show")
        press("show")
        press("next")
    time.sleep(QUICKEST)
    press("send")
    asked = form.taken()[-1]
    line = f"a@b{TYPED}"
    assert (asked.asker.name, asked.asker.email, asked.person.aliases) == (line, line, (line,))
    assert (asked.sought.name, asked.asker.safely, asked.person.addresses) == (TYPED, lines, (lines,))
    context.close()


def test_enter_goes_on_and_the_other_language_keeps_what_was_typed(browser: Browser, form: Form) -> None:
    context = browser.new_context(base_url=form.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/form")
    for given in SELF[:2]:
        for name, value in given.items():
            page.check(f'[name="{name}"][value="{value}"]')
        page.locator('button[value="next"]').click()
    page.fill("#asker", "Rhoswen")
    page.locator('button[value="show"]').click()
    assert page.locator("html").get_attribute("lang") == "cy"
    assert page.input_value("#asker") == "Rhoswen"
    page.press("#asker", "Enter")
    page.wait_for_selector("#email")
    page.fill("#email", "rhoswen@example.com")
    page.locator('button[value="back"]').click()
    page.press("#asker", "Enter")
    page.wait_for_selector("#email")
    assert page.input_value("#email") == "rhoswen@example.com"
    context.close()


def test_leaving_is_one_press_and_shift_three_times(browser: Browser, form: Form) -> None:
    walk = Walk(browser, form, "/")
    link = walk.page.get_by_role("button", name="Exit this page")
    assert link.get_attribute("href") == "https://www.bbc.co.uk/weather"
    walk.context.route("https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather"))
    for _ in range(3):
        walk.keyboard.key("Shift")
    walk.page.wait_for_url("https://www.bbc.co.uk/weather")
    walk.context.close()
