"""The console in a real Chromium: by keyboard, without script, narrow, large, and without barriers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from service.access.model import Principal, Role
from service.review.model import LEASE, ItemState
from tests.service.console.accessibility import violations
from tests.service.console.browser import browsing
from tests.service.console.places import MAY, NOT_A_PAGE
from tests.service.console.scene import Scene, scene

ANN = Principal("oidc:ann", frozenset({Role.REVIEWER}), person=True)
PLACES = [place.partition(" ")[2] for place in MAY if place.startswith("GET") and place not in NOT_A_PAGE]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with browsing() as opened:
        yield opened


@pytest.fixture(scope="module")
def looked_at(browser: Browser) -> Iterator[Scene]:
    """One console for the tests that only look."""
    with scene(browser) as made:
        yield made


@pytest.fixture
def stage(browser: Browser) -> Iterator[Scene]:
    """A console for one test that does something."""
    with scene(browser) as made:
        yield made


class Looking:
    """Windows of people who only look: one for each role and size, in which page after page is opened."""

    def __init__(self, made: Scene) -> None:
        self._made = made
        self._windows: dict[tuple[Role, int, float], tuple[Page, list[str]]] = {}

    def at(self, pattern: str, *, width: int = 1280, zoom: float = 1) -> tuple[Page, list[str]]:
        """A page as somebody sees who may, and what the browser complains of."""
        address, role = next((address, role) for one, address, role in self._made.pages() if one == pattern)
        if (role, width, zoom) not in self._windows:
            context = self._made.people.window(role, name="ann", width=width, zoom=zoom)
            self._windows[role, width, zoom] = opened(context, address)
        else:
            page, complaints = self._windows[role, width, zoom]
            complaints.clear()
            page.goto(address)
        return self._windows[role, width, zoom]


@pytest.fixture(scope="module")
def looking(looked_at: Scene) -> Looking:
    """Their windows."""
    return Looking(looked_at)


def opened(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """A page, and what the browser complains of."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    return page, complaints


def take(page: Page) -> str:
    """Take the next item by keyboard; gives its address."""
    page.goto("/queue")
    page.keyboard.press("n")
    page.wait_for_url(re.compile(r"/queue/\d+$"))
    return page.url


def decide(page: Page, outcome: str, reason: str) -> None:
    """Decide as somebody without a mouse does."""
    page.keyboard.press(outcome)
    page.keyboard.press("w")
    page.keyboard.type(reason)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("pattern", PLACES)
def test_no_page_has_a_barrier(looking: Looking, pattern: str) -> None:
    page, complaints = looking.at(pattern)
    assert page.locator("h1").count() == 1
    assert violations(page) == []
    assert complaints == []


@pytest.mark.parametrize("pattern", PLACES)
def test_every_page_fits_a_narrow_window_and_a_large_print(looking: Looking, pattern: str) -> None:
    for width, zoom in ((320, 1.0), (1280, 2.0)):
        page, _ = looking.at(pattern, width=width, zoom=zoom)
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, (width, zoom)


@pytest.mark.parametrize("pattern", PLACES)
def test_every_control_is_reached_by_keyboard_and_shows_it(looking: Looking, pattern: str) -> None:
    page, _ = looking.at(pattern)
    shown = "a[href], button, input:not([type=hidden]), select, textarea, summary"
    # Of radio buttons one is reached by Tab, the others by the arrows.
    wanted = page.evaluate(
        """shown => { const seen = new Set(); return [...document.querySelectorAll(shown)].filter(one => {
            if (!one.checkVisibility() || one.disabled) return false;
            if (one.type !== "radio") return true;
            if (seen.has(one.name)) return false; seen.add(one.name); return true; }).length }""",
        shown,
    )
    reached: set[int] = set()
    for _ in range(wanted + 25):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """shown => { const here = document.activeElement; const style = getComputedStyle(here);
            const all = [...document.querySelectorAll(shown)]; const place = all.indexOf(here);
            const label = here.labels && here.labels[0];
            const drawn = label ? getComputedStyle(label, "::before").boxShadow : "none";
            const seen = style.outlineStyle !== "none" || style.boxShadow !== "none" || drawn !== "none"
              || style.backgroundColor === "rgb(255, 221, 0)";
            return [place, seen, here.outerHTML.slice(0, 120)] }""",
            shown,
        )
        if found[0] >= 0:
            assert found[1], f"focus cannot be seen: {found[2]}"
            reached.add(found[0])
    assert len(reached) >= wanted


def test_details_that_are_shown_have_no_barrier_either(stage: Scene) -> None:
    page, complaints = opened(stage.people.window(Role.REVIEWER, name="ann"), "/queue")
    take(page)
    page.keyboard.press("d")
    expect(page.locator("mark").first).to_be_visible()
    assert violations(page) == []
    assert complaints == []


# ── working ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reviewer_decides_and_undoes_by_keyboard_alone(stage: Scene) -> None:
    page, _ = opened(stage.people.window(Role.REVIEWER, name="ann"), "/queue")
    where = take(page)
    page.keyboard.press("d")
    expect(page.locator("mark").first).to_be_visible()
    decide(page, "u", "It is the restricted contact")
    expect(page.get_by_role("heading", name="Decided: Uphold")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    item = stage.console.system.reviews.get(ANN, int(where.rsplit("/", 1)[1]))
    assert (item.state, item.claimed_by, item.outcome) == (ItemState.OPEN, ANN.id, None)


def test_pathway_1_waits_for_a_second_reviewer_in_another_window(stage: Scene) -> None:
    first, _ = opened(stage.people.window(Role.REVIEWER, name="ann"), "/queue")
    where = take(first)
    decide(first, "r", "Another address")
    expect(first.get_by_role("heading", name="A second reviewer is needed")).to_be_visible()
    expect(first.get_by_role("button", name="Claim")).to_have_count(0)
    second, _ = opened(stage.people.window(Role.REVIEWER, name="ben"), where)
    second.keyboard.press("c")
    expect(second.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    decide(second, "r", "Another address")
    expect(second.get_by_role("heading", name="Decided: Release")).to_be_visible()


def test_two_reviewers_at_one_item_and_one_gets_it(stage: Scene) -> None:
    address = f"/queue/{stage.values['seq']}"
    pages = [opened(stage.people.window(Role.REVIEWER, name=name), address)[0] for name in ("ann", "ben")]
    for page in pages:
        page.keyboard.press("c")
    got, missed = "Decide", "Somebody else has it"
    for page in pages:
        expect(page.get_by_text(got, exact=True).or_(page.get_by_text(missed)).first).to_be_visible()
    assert sorted(page.get_by_role("heading", name=got, exact=True).count() for page in pages) == [0, 1]
    assert sorted(page.get_by_text(missed, exact=True).count() > 0 for page in pages) == [False, True]


def test_who_comes_back_after_the_lease_is_told_so(stage: Scene) -> None:
    address = f"/queue/{stage.values['seq']}"
    late, _ = opened(stage.people.window(Role.REVIEWER, name="ann"), address)
    late.keyboard.press("c")
    expect(late.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    stage.console.clock.ahead += LEASE
    other, _ = opened(stage.people.window(Role.REVIEWER, name="ben"), address)
    other.keyboard.press("c")
    expect(other.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    decide(late, "u", "It is the restricted contact")
    expect(late.get_by_text("Your claim has run out").first).to_be_visible()


def test_live_counts_change_without_a_new_page(stage: Scene) -> None:
    page, _ = opened(stage.people.window(Role.REVIEWER, name="ann"), "/queue")
    count = page.locator("[data-count=total]")
    before = int(count.inner_text())
    stage.console.flag("one more")
    expect(count).to_have_text(str(before + 1))


def test_everything_works_without_script(stage: Scene) -> None:
    page, _ = opened(stage.people.window(Role.REVIEWER, name="ann", script=False), "/queue")
    page.get_by_role("button", name="Take the next item").click()
    page.get_by_role("button", name="Show details").click()
    expect(page.locator("mark").first).to_be_visible()
    page.get_by_label(re.compile("^Uphold")).check()
    page.get_by_label("Reason", exact=True).select_option(label="It is the restricted contact")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", name="Decided: Uphold")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
