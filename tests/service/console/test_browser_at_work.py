"""A reviewer's work in a real Chromium: by keyboard, beside others, and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from service.access.model import Principal, Role
from service.review.model import LEASE, ItemState
from tests.service.console.accessibility import violations
from tests.service.console.browser import opened
from tests.service.console.scene import Scene, scene

ANN = Principal("oidc:ann", frozenset({Role.REVIEWER}), person=True)


@pytest.fixture
def stage(browser: Browser) -> Iterator[Scene]:
    """A console for one test that does something."""
    with scene(browser) as made:
        yield made


def take(page: Page) -> str:
    """Take the next letter by keyboard; gives its address."""
    page.goto("/queue?channel=letter")
    page.keyboard.press("n")
    page.wait_for_url(re.compile(r"/queue/\d+$"))
    return page.url


def see(page: Page) -> None:
    """Open the details by keyboard."""
    page.keyboard.press("d")
    expect(page.locator("mark").first).to_be_visible()


def decide(page: Page, outcome: str, reason: str) -> None:
    """Decide as somebody without a mouse does."""
    page.keyboard.press(outcome)
    page.keyboard.press("w")
    page.keyboard.type(reason)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_details_that_are_shown_have_no_barrier_either(stage: Scene) -> None:
    page, complaints = opened(stage.people.window(Role.REVIEWER, name="ann"), "/queue")
    take(page)
    see(page)
    assert violations(page) == []
    assert complaints == []


def test_a_reviewer_decides_and_undoes_by_keyboard_alone(stage: Scene) -> None:
    page, _ = opened(stage.people.window(Role.REVIEWER, name="ann"), "/queue")
    where = take(page)
    see(page)
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
    expect(first.get_by_text("Open its details first").first).to_be_visible()
    see(first)
    decide(first, "r", "Another address")
    expect(first.get_by_role("heading", name="A second reviewer is needed")).to_be_visible()
    expect(first.get_by_role("button", name="Claim")).to_have_count(0)
    second, _ = opened(stage.people.window(Role.REVIEWER, name="ben"), where)
    second.keyboard.press("c")
    expect(second.get_by_role("heading", name="Decide", exact=True)).to_be_visible()
    see(second)
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
    page, _ = opened(stage.people.window(Role.REVIEWER, name="ann", script=False), "/queue?channel=letter")
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


def test_what_was_typed_outlives_the_session(stage: Scene) -> None:
    """Warned, kept awake; then ended, signed in again elsewhere, and sent."""
    window = stage.people.window(Role.CASE_OFFICER, name="eve")
    page = window.new_page()
    page.clock.install()
    page.goto("/register/new")
    page.fill("#name", "Ambermouth Law")
    dialog = page.locator("dialog[open]")
    page.clock.fast_forward("28:30")
    expect(dialog).to_contain_text("You will be signed out soon")
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in window.cookies())
    stage.console.system.access.sign_out({"cookie": cookie})
    page.clock.fast_forward("31:00")
    expect(dialog).to_contain_text("You were signed out")
    assert violations(page) == []
    window.add_cookies(stage.people.window(Role.CASE_OFFICER, name="eve").cookies())  # type: ignore[arg-type]
    page.get_by_text("I have signed in: go on").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Ask for it").click()
    expect(page.locator("#kind-error")).to_be_visible()
    assert page.input_value("#name") == "Ambermouth Law"
