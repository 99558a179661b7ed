"""A tray of twenty in a real Chromium: three held, two of them released, one stopped; closed, and printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from adapters.mailroom.images import open_pages
from service.access.model import Role
from service.review.model import UNDO
from tests.service.console.accessibility import violations
from tests.service.console.browser import opened
from tests.service.console.scene import Scene, scene
from tests.service.console.test_browser_at_work import decide
from tests.service.mail.mailing import ELSEWHERE, SCANNER, put

COUNT, HELD = 20, (4, 9, 17)
"""Letters, and the places of those that the reader was not sure of."""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Scene]:
    with scene(browser) as made:
        yield made


def filled(stage: Scene) -> list[int]:
    """A tray of twenty; gives the numbers of the three in the queue."""
    console, flags = stage.console, []
    console.system.trays.begin(SCANNER, "TUESDAY-1", "LEI", COUNT)
    for place in range(1, COUNT + 1):
        put(console, "TUESDAY-1", f"{'?' if place in HELD else ''}{ELSEWHERE}|{place}")
        if place in HELD:
            flags.append(console.system.ledger.last_seq)
    return flags


def review(stage: Scene, seq: int, key: str, reason: str) -> None:
    """One reviewer's decision, by keyboard, on a page of her own."""
    page, _ = opened(stage.people.window(Role.REVIEWER, name="ann"), f"/queue/{seq}")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    page.keyboard.press("d")
    expect(page.get_by_text("LS9 9ZZ").first).to_be_visible()
    decide(page, key, reason)
    expect(page.get_by_role("heading", name="Decided")).to_be_visible()
    page.context.close()


def shown(page: Page, name: str) -> str:
    facts = dict(zip(page.locator("dt").all_inner_texts(), page.locator("dd").all_inner_texts(), strict=True))
    return facts[name]


def test_a_tray_is_closed_and_printed_when_its_reviewers_have_decided(stage: Scene, tmp_path: Path) -> None:
    flags = filled(stage)
    page, complaints = opened(stage.people.window(Role.MAILROOM, name="mo"), "/mail/TUESDAY-1/list")
    assert (shown(page, "In"), shown(page, "Allowed"), shown(page, "Held")) == ("20", "17", "3")
    page.keyboard.press("x")
    expect(page.locator(".govuk-error-summary")).to_contain_text("a reviewer has not decided: 3")
    review(stage, flags[0], "r", "Another address")
    review(stage, flags[1], "u", "Cannot be told")
    review(stage, flags[2], "r", "Another address")
    page.goto("/mail/TUESDAY-1/list")
    assert shown(page, "Held") == "3", "it can be taken back yet"
    stage.console.clock.ahead += UNDO
    page.goto("/mail/TUESDAY-1/list")
    todo = page.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert [todo[place - 1] for place in HELD] == ["● Post it", "■ Return it to the prisoner", "● Post it"]
    page.screenshot(path=tmp_path / "open.png", full_page=True)
    assert violations(page) == []
    page.keyboard.press("x")
    expect(page.get_by_text("Closed on")).to_be_visible()
    assert (shown(page, "Released"), shown(page, "Stopped"), shown(page, "Held")) == ("2", "1", "0")
    assert page.get_by_role("button", name="Close the tray").count() == 0
    page.screenshot(path=tmp_path / "closed.png", full_page=True)
    page.emulate_media(media="print")
    rows = [row for row in page.locator("tbody tr").all() if row.is_visible()]
    assert [row.locator("th").inner_text() for row in rows] == [str(place) for place in HELD]
    assert page.locator("nav").is_hidden()
    page.screenshot(path=tmp_path / "print.png", full_page=True)
    page.pdf(path=tmp_path / "list.pdf", format="A4")
    (sheet,) = open_pages((tmp_path / "list.pdf").read_bytes())
    Image.fromarray(sheet).save(tmp_path / "list.png")
    assert len([one for one in complaints if "409" not in one]) == 0
    page.context.close()


def test_a_released_letter_says_so_where_it_is_looked_at_and_on_a_narrow_screen(
    stage: Scene, tmp_path: Path
) -> None:
    flags = filled(stage)
    review(stage, flags[0], "r", "Another address")
    stage.console.clock.ahead += UNDO
    page, _ = opened(stage.people.window(Role.MAILROOM, name="mo", width=320), "/mail/TUESDAY-1/list")
    page.screenshot(path=tmp_path / "narrow.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == []
    page.get_by_role("link", name=str(HELD[0]), exact=True).click()
    expect(page.locator(".nc-station__answer")).to_contain_text("Post it")
    expect(page.get_by_text("A reviewer decided: released.")).to_be_visible()
    page.screenshot(path=tmp_path / "item.png", full_page=True)
    page.context.close()
