"""The scanning station in a real Chromium: a tray of twenty without a mouse, at 1366 x 768."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs
from playwright.sync_api import Browser, Page, expect

from adapters.mailroom.barcodes import CodeKind, find
from adapters.mailroom.images import open_pages
from service.access.model import Role
from tests.adapters.mailroom.drawing import encoded, envelope
from tests.service.console.accessibility import violations
from tests.service.console.browser import ARGUMENTS, chromium
from tests.service.console.conftest import Console
from tests.service.console.scene import Scene, scene

HERS = ("Mr T Okafor", "14 Larkmead Street", "Ambermouth", "LS1 4AB")
FROM = ("From: X1234BC", "HMP Leeds")
COUNT = 20
UNREADABLE, RESTRICTED = 7, 12
"""Places in the tray."""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Scene]:
    with scene(browser) as made:
        yield made


def letters(folder: Path) -> list[Path]:
    """Twenty scans: one blank, one to the restricted address."""
    paths = []
    for place in range(1, COUNT + 1):
        to = (f"Mr J Brown {place}", f"{place} Quarry Lane", "Otherstead", "LS9 9ZZ")
        if place == RESTRICTED:
            to = HERS
        path = folder / f"{place:02}.jpg"
        path.write_bytes(encoded(envelope(() if place == UNREADABLE else to, FROM), "JPEG"))
        paths.append(path)
    return paths


def answer(page: Page) -> str:
    return (page.locator(".nc-station__answer").text_content() or "").split(" ", 1)[1]


def test_a_tray_of_twenty_is_done_by_keyboard(stage: Scene, tmp_path: Path) -> None:
    context = stage.people.window(Role.MAILROOM, name="mo", prisons=("LEI",), width=1366)
    page = context.new_page()
    page.set_viewport_size({"width": 1366, "height": 768})
    page.set_default_timeout(120_000)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto("/mail")
    page.locator("#tray").focus()
    page.keyboard.type("TUESDAY-1")
    page.keyboard.press("Tab")
    page.keyboard.type("LEI")
    page.keyboard.press("Tab")
    page.keyboard.type(str(COUNT))
    page.keyboard.press("Enter")
    page.wait_for_url("**/mail/TUESDAY-1")
    page.locator("#files").set_input_files(letters(tmp_path))
    page.wait_for_selector(".nc-station")
    labels = 0
    seen = []
    for place in range(1, COUNT + 1):
        expect(page.locator("h1")).to_contain_text(f"Letter {place} ")
        seen.append(answer(page))
        if place == UNREADABLE:
            page.keyboard.press("e")
            page.keyboard.press("Control+a")
            page.keyboard.type("Mrs A Person\n3 Quarry Lane\nOtherstead\nLS9 9ZZ")
            page.keyboard.press("Control+Enter")
            expect(page.locator("label[for=to]")).to_contain_text("What was typed")
            assert answer(page) == "Post it"
        if place == RESTRICTED:
            page.screenshot(path=tmp_path / "stopped.png")
            with context.expect_page():
                page.keyboard.press("l")
            href = page.locator("a[data-key=l]").get_attribute("href") or ""
            label = context.request.get(href)
            assert label.headers["content-type"] == "application/pdf"
            (picture,) = open_pages(label.body())
            (code,) = find(picture)
            assert (code.kind, code.item) == (CodeKind.OWN_LABEL, page.url.rsplit("/", 1)[1])
            page.bring_to_front()
            labels += 1
        page.keyboard.press("Enter")
        if place < COUNT:
            expect(page.locator("h1")).to_contain_text(f"Letter {place + 1} ")
    expect(page.locator("h1")).to_have_text("Tray TUESDAY-1")
    assert [place for place, said in enumerate(seen, 1) if said == "Hold it"] == [UNREADABLE]
    assert [place for place, said in enumerate(seen, 1) if said == "Stop it"] == [RESTRICTED]
    assert seen.count("Post it") == COUNT - 2
    assert labels == 1
    facts = dict(zip(page.locator("dt").all_inner_texts(), page.locator("dd").all_inner_texts(), strict=True))
    assert (facts["In"], facts["Missing"], facts["Too many"], facts["Stopped"]) == ("20", "0", "0", "1")
    page.screenshot(path=tmp_path / "tray.png", full_page=True)
    assert complaints == []
    context.close()


def test_a_correction_is_asked_again_and_what_is_wrong_with_it_is_said(stage: Scene) -> None:
    context = stage.people.window(Role.MAILROOM, name="mo", width=1366)
    page = context.new_page()
    page.goto("/mail/MONDAY-1")
    assert answer(page) == "Hold it"
    page.keyboard.press("p")
    page.keyboard.press("Control+a")
    page.keyboard.type("nobody")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#prisoner-error")).to_contain_text("Enter a prisoner number")
    page.locator("#prisoner").fill("X1234BC")
    page.locator("#to").fill("\n".join(HERS))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nc-station__answer")).to_contain_text("Stop it")
    expect(page.locator(".nc-station__reasons")).to_contain_text("Restricted address")
    assert violations(page) == []
    context.close()


def test_a_letter_enclosed_is_checked_too_and_each_one_needs_an_address(stage: Scene) -> None:
    context = stage.people.window(Role.MAILROOM, name="mo")
    page = context.new_page()
    page.goto("/mail/MONDAY-1")
    page.locator("#to").fill("Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("two")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#enclosed-error")).to_contain_text("Enter how many letters are inside")
    page.locator("#enclosed").fill("2")
    page.locator("#enclosures").fill("Mr J Brown\n8 Quarry Lane\nOtherstead\nLS9 9ZZ")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nc-station__answer")).to_contain_text("Hold it")
    expect(page.locator(".nc-station__reasons")).to_contain_text("enclosed letters without an address: 1")
    page.keyboard.press("i")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\n9 Quarry Lane\nOtherstead\nLS9 9ZZ")
    page.locator("#enclosures").press("Control+Enter")
    expect(page.locator(".nc-station__answer")).to_contain_text("Post it")
    page.locator("#enclosures").fill("\n".join(HERS))
    page.locator("#enclosures").press("Control+Enter")
    expect(page.locator(".nc-station__answer")).to_contain_text("Stop it")
    context.close()


def test_the_whole_station_is_seen_at_once_on_a_small_screen(stage: Scene) -> None:
    context = stage.people.window(Role.MAILROOM, name="mo", width=1366)
    page = context.new_page()
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto("/mail/MONDAY-1")
    page.locator("#to").fill("\n".join(HERS))
    page.locator("#prisoner").fill("X9999BC")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nc-station__reasons li")).to_have_count(1)
    for name in (
        ".nc-station__picture",
        ".nc-station__answer",
        "#to",
        "#enclosures",
        "[data-key=a]",
        "[data-scan]",
    ):
        box = page.locator(name).bounding_box()
        assert box is not None, name
        assert box["y"] + box["height"] <= 768, name
    context.close()


def test_a_reviewer_sees_the_picture_with_the_details_and_not_before(stage: Scene) -> None:
    console: Console = stage.console
    misspelt = "Mr T Okafor\n14 Larkmaed Street\nAmbermouth\nLS1 4AB"
    attempt = f"mail-{stage.values['item']}-1-0123abcd"
    seq = console.flag(attempt, channel="letter", to=misspelt, prisoner="X9999BC")
    context = stage.people.window(Role.REVIEWER, name="ann")
    page = context.new_page()
    page.goto(f"/queue/{seq}")
    expect(page.locator(".nc-station__picture")).to_have_count(0)
    page.keyboard.press("d")
    expect(page.locator(".nc-station__picture")).to_have_count(1)
    assert page.evaluate("document.querySelector('.nc-station__picture').naturalWidth") > 1000
    context.close()


def test_what_the_machine_doubted_is_left_until_the_officer_says_what_it_says(stage: Scene) -> None:
    page = station(stage)
    page.locator("#prisoner").fill("X9999BC")
    page.keyboard.press("Control+Enter")
    expect(page.locator("label[for=to]")).to_contain_text("What was typed")
    expect(page.locator(".nc-station__reasons")).to_contain_text("the reader is not sure")
    page.locator("#to").fill("Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".nc-station__answer")).to_contain_text("Post it")
    page.context.close()


def test_an_officer_may_say_that_it_was_read_right(stage: Scene) -> None:
    page = station(stage, "Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ")
    page.keyboard.press("c")
    expect(page.locator(".nc-station__answer")).to_contain_text("Post it")
    page.context.close()


def test_what_was_stopped_is_not_let_go_by_one_officer(stage: Scene) -> None:
    page = station(stage, "\n".join(HERS))
    page.locator("#prisoner").fill("X1234BC")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nc-station__answer")).to_contain_text("Stop it")
    page.locator("#to").fill("Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".nc-station__answer")).to_contain_text("Hold it")
    expect(page.locator(".nc-station__reasons")).to_contain_text("what was read at first was stopped")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.locator(".nc-station__reasons")).to_contain_text("what was read at first was stopped")
    page.context.close()


def test_a_letter_that_was_corrected_meanwhile_is_seen_before_it_is_done(stage: Scene) -> None:
    late, quick = station(stage), station(stage)
    quick.locator("#to").fill("\n".join(HERS))
    quick.locator("#prisoner").fill("X1234BC")
    quick.keyboard.press("Control+Enter")
    expect(quick.locator(".nc-station__answer")).to_contain_text("Stop it")
    with late.expect_navigation():
        late.keyboard.press("Enter")
    expect(late.locator(".nc-station__answer")).to_contain_text("Stop it")
    late.context.close()
    quick.context.close()


def test_a_key_that_is_held_down_lets_no_letter_go_by_unseen(stage: Scene) -> None:
    page = station(stage)
    pressed = page.evaluate(
        """() => {
            let sent = 0;
            document.querySelector(".nc-station__next").addEventListener("submit", (event) => {
                sent += 1;
                event.preventDefault();
            });
            const how = { key: "Enter", repeat: true, bubbles: true, cancelable: true };
            const held = new KeyboardEvent("keydown", how);
            const taken = !document.querySelector("[data-key=Enter]").dispatchEvent(held);
            return [sent, taken];
        }"""
    )
    assert pressed == [0, True]
    page.context.close()


def station(stage: Scene, to: str | None = None) -> Page:
    """The station with the tray's letter, which the machine doubts, read as `to`."""
    console: Console = stage.console
    item = console.system.mail.find(stage.values["item"])
    assert item is not None
    assert item.reading is not None
    reading = structs.replace(
        item.reading, to=to or item.reading.to, doubts=("the reader is not sure of a line",)
    )
    after = structs.replace(item, reading=reading, version=item.version + 1)
    with console.system.database.write() as connection:
        console.system.mail.correcting(item, after)(connection, 1)
    page = stage.people.window(Role.MAILROOM, name="mo").new_page()
    page.goto("/mail/MONDAY-1")
    return page


def test_a_letter_under_a_camera_is_taken_by_keyboard(stage: Scene) -> None:
    fake = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    usual, with_camera = (
        stage.people.browser,
        stage.people.browser.browser_type.launch(executable_path=chromium(), args=[*ARGUMENTS, *fake]),
    )
    try:
        stage.people.browser = with_camera
        context = stage.people.window(Role.MAILROOM, name="mo")
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto("/mail/MONDAY-1")
        page.keyboard.press("v")
        expect(page.locator("[data-said]")).to_contain_text("Lay the letter under the camera")
        with page.expect_navigation():  # once it is read, to the first that nobody has looked at
            page.keyboard.press("v")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Letter 2 ")
        assert page.evaluate("document.querySelector('.nc-station__picture').naturalWidth") >= 640
    finally:
        stage.people.browser = usual
        with_camera.close()
