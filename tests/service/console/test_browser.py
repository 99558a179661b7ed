"""Every page of the console in a real Chromium: by keyboard, narrow, large, and without barriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from service.access.model import Role
from tests.service.console.accessibility import violations
from tests.service.console.browser import opened
from tests.service.console.places import MAY, NOT_A_PAGE
from tests.service.console.scene import Scene, scene

PLACES = [place.partition(" ")[2] for place in MAY if place.startswith("GET") and place not in NOT_A_PAGE]


@pytest.fixture(scope="module")
def looked_at(browser: Browser) -> Iterator[Scene]:
    """One console for the tests that only look."""
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
