"""Every page of the console in a real Chromium: by keyboard, narrow, large, and without barriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from service.access.model import Role
from service.cases.model import Correction
from service.console import searching
from service.errors import NotSignedInError, ServiceError
from service.public.asked import EvidenceFile
from tests.service.cases.asking import approved, asked
from tests.service.cases.test_evidence import picture
from tests.service.console.accessibility import violations
from tests.service.console.browser import opened
from tests.service.console.filling import ANN
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


ERRORS = [
    one
    for one in ServiceError.__subclasses__()
    if one.__module__ == ServiceError.__module__ and one is not NotSignedInError
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: str(one.status))
def test_no_page_that_says_what_went_wrong_has_a_barrier(
    looking: Looking, monkeypatch: pytest.MonkeyPatch, error: type[ServiceError]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error("what is wrong is told in some words, with what to do next")

    monkeypatch.setattr(searching, "show", refuse)
    for width in (1280, 320):
        page, _ = looking.at("/search", width=width)
        assert page.locator("h1").inner_text() == error.title
        assert violations(page) == []
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room


EVIDENCE = (
    EvidenceFile(name="a photograph.png", content=picture("PNG")),
    EvidenceFile(name="a long name of words.txt", content=b"He rang on Sunday night. " * 40),
    EvidenceFile(name="not to be opened.png", content=b"\x89PNG\r\n\x1a\n"),
    EvidenceFile(name="", content=b"MZ\x90\x00\x03"),
)


def test_no_file_that_came_with_a_report_has_a_barrier_shown_or_not(
    looking: Looking, looked_at: Scene
) -> None:
    cases = looked_at.console.system.cases
    case = cases.take_in("intake", asked(kind="continuing", evidence=EVIDENCE), "form")
    assert case is not None
    titles = {}
    for is_opened in (False, True):
        if is_opened:
            cases.view(ANN, case, "to look at it")
        for width in (1280, 320):
            page, _ = looking.at("/cases", width=width)
            for number in range(1, len(EVIDENCE) + 2):
                page.goto(f"/cases/{case.id}/evidence/{number}")
                titles[is_opened, number] = page.inner_text("h1")
                assert violations(page) == []
                wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
                assert wide <= room, (is_opened, number)
    assert [titles[True, number] for number in (1, 4, 5)] == ["File 1 of 4", "File 4 of 4", "Not found"]


@pytest.mark.parametrize("width", [1280, 320])
def test_no_page_of_somebody_who_was_found_or_shown_has_a_barrier(looked_at: Scene, width: int) -> None:
    page, complaints = opened(looked_at.people.window(Role.CASE_OFFICER, name="ann", width=width), "/people")
    for address, field, typed in (
        ("/people", "#name", "Rhoswen Tallantyre"),
        ("/people", "#name", ""),
        ("/people/of/R1", "#why", "She rang"),
        ("/people/of/R1", "#why", ""),
    ):
        page.goto(address)
        page.fill(field, typed)
        with page.expect_navigation():
            page.click("main button")
        assert ("R1" if typed else "There is a problem") in page.inner_text("main")
        assert violations(page) == []
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room
    assert not [said for said in complaints if "422" not in said]
    page.context.close()


def test_what_is_put_right_on_a_case_has_no_barrier(looking: Looking, looked_at: Scene) -> None:
    cases = looked_at.console.system.cases
    case = cases.assign(ANN, (case := approved(cases)).id, case.version)
    cases.view(ANN, case, "to look at it")
    right = Correction(kind="phone", old="07700 900123", new="07700 900456", because="she said so")
    cases.correct(ANN, case.id, case.version, right)
    for width in (1280, 320):
        page, complaints = looking.at("/cases", width=width)
        page.goto(f"/cases/{case.id}")
        assert "still on the restriction" in page.inner_text("main")
        page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        assert violations(page) == []
        assert complaints == []
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room


def test_the_navigation_of_who_has_the_most_links_is_one_line(looking: Looking) -> None:
    """With a hundred cases overdue, and as many approvals waiting, beside a scroll bar."""
    page, _ = looking.at("/cases")
    tops = page.evaluate(
        """() => {
        const list = document.querySelector(".nc-nav__list");
        list.parentElement.style.paddingRight = "15px";
        for (const one of list.querySelectorAll('[href="/cases"], [href="/approvals"]')) {
            one.querySelector(".nc-nav__count")?.remove();
            one.insertAdjacentHTML("beforeend", ' <span class="nc-nav__count">100</span>');
        }
        return [...list.children].map(one => one.offsetTop);
        }"""
    )
    assert len(tops) > 12
    assert len(set(tops)) == 1


def test_no_month_of_a_figure_is_broken_in_two(looking: Looking) -> None:
    for width in (1280, 320):
        page, _ = looking.at("/cases/figures", width=width)
        lines = page.locator("section tbody th").evaluate_all(
            """all => all.filter(one => /^\\d{4}-\\d\\d$/.test(one.textContent)).map(one => {
            const range = document.createRange(); range.selectNodeContents(one);
            return new Set([...range.getClientRects()].map(box => box.top)).size })"""
        )
        assert lines
        assert set(lines) == {1}


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
