"""A reviewer sees what a node holds as what is held here, its picture with the details and nobody else's."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest

from engine.model import Attempt, Decision
from service.access.model import Principal, Role
from service.errors import InvalidError
from service.feed.api_messages import NodeRecord, NodeRecords, seal_picture, seal_record
from service.feed.nodes import EnrolledNode
from service.ledger.payloads import Decided
from tests.adapters.mailroom.drawing import encoded, envelope
from tests.service.console.browser import People, browsing, listening, opened
from tests.service.console.conftest import PRISONER, Console

FRONT = encoded(envelope(), "JPEG")
DATA = f"data:image/jpeg;base64,{base64.b64encode(FRONT).decode()}"
ITEM = "mail-ABCDEFGHIJKLMNOP-1-0123abcd"
NOT_YET = "The picture has not come"


def node(console: Console, name: str = "leeds-1", prison: str = "LEI") -> EnrolledNode:
    """An enrolled one."""
    admin = Principal("operator:test", frozenset({Role.ADMIN}))
    system = console.system
    system.nodes.add(admin, system.access, name, prison, "https://nocontact.example")
    return next(one for one in system.nodes.all() if one.name == name)


def held(console: Console, by: EnrolledNode, *, picture: bytes | None = FRONT) -> int:
    """A letter that a node holds; gives its number in the queue."""
    system = console.system
    vault, subject, at = system.vault, "attempt/" + "0" * 32, console.clock()
    asked = Attempt(
        id=ITEM,
        channel="letter",
        prisoner=PRISONER,
        establishment=by.prison,
        to="Ms R Tallantyre",
    )
    told = {"id": ITEM, "decision": "flag", "action": "hold", "confidential": False, "blocklist": "sha256:5f"}
    told["reasons"] = [{"code": "DOUBTFUL_READING", "decision": "flag", "steps": ["no address"]}]
    decided = Decided(msgspec.to_builtins(asked), msgspec.convert(told, Decision))
    record = NodeRecord(
        seq=1,
        at=at,
        actor="key:scanner",
        subject=subject,
        prisoner=PRISONER,
        establishment=by.prison,
        channel="letter",
        outcome="flag",
        sealed=seal_record(vault.node_key(by.name), subject, decided),
    )
    with ThreadPoolExecutor(1) as thread:  # a browser test's own thread has a loop of its browser's
        taken = thread.submit(asyncio.run, system.records.take(by, NodeRecords([record]))).result()
    assert taken.recorded == [1]
    if picture is not None:
        sealed = seal_picture(vault.node_key(by.name), subject, at, 1, picture)
        system.pictures.take(by, subject, at, 1, sealed, console.clock())
    return system.ledger.last_seq


def test_its_picture_comes_with_the_details_to_who_may_see_them(console: Console) -> None:
    seq = held(console, node(console))
    reviewer = console.visitor(Role.REVIEWER, name="ann", prisons=("LEI",))
    before = reviewer.get(f"/queue/{seq}")
    assert DATA not in before.text
    assert "leeds-1" in before.text
    shown = reviewer.post(f"/queue/{seq}/show", why="review")
    assert DATA in shown.text
    assert NOT_YET not in shown.text
    elsewhere = console.visitor(Role.REVIEWER, name="ben", prisons=("MDI",))
    for answer in (elsewhere.get(f"/queue/{seq}"), elsewhere.post(f"/queue/{seq}/show", why="review")):
        assert answer.status_code == 404
        assert DATA not in answer.text


def test_one_that_has_not_come_is_told_and_another_node_s_of_the_same_name_is_not_shown(
    console: Console,
) -> None:
    first = held(console, node(console))
    second = held(console, node(console, "moorland-1", "MDI"), picture=None)
    assert first != second
    reviewer = console.visitor(Role.REVIEWER, name="ann")
    shown = reviewer.post(f"/queue/{second}/show", why="review")
    assert NOT_YET in shown.text
    assert DATA not in shown.text
    console.clock.ahead += timedelta(days=console.system.settings.mail_days)
    console.system.pictures.forget(console.clock())
    assert DATA not in reviewer.post(f"/queue/{first}/show", why="review").text


def test_the_queue_marks_the_letters_of_nodes_that_have_no_picture_here(console: Console) -> None:
    console.restrict()
    first = held(console, node(console))
    second = held(console, node(console, "moorland-1", "MDI"), picture=None)
    own = console.flag("L1", channel="letter", to="Ms R Tallantyre, 14 Larkmead Street")
    assert console.system.pictures.lacking([first, second, own]) == {second}
    page = console.visitor(Role.REVIEWER, name="ann").get("/queue").text
    rows = {seq: page.partition(f'href="/queue/{seq}"')[2].partition("</tr>")[0] for seq in (first, second)}
    assert {seq: "No picture" in row for seq, row in rows.items()} == {first: False, second: True}


def test_what_is_no_picture_is_not_shown(console: Console) -> None:
    with pytest.raises(InvalidError):
        held(console, node(console), picture=b"<svg onload='alert(1)'/>")


@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_is_as_wide_as_the_screen(console: Console, width: int) -> None:
    seq = held(console, node(console))
    with browsing() as browser, listening(console.app) as url:
        window = People(browser, console, url).window(Role.REVIEWER, name="ann", width=width)
        page, complaints = opened(window, f"/queue/{seq}")
        page.get_by_role("button", name="Show details").click()
        page.get_by_role("img", name="The envelope's front").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert complaints == []
