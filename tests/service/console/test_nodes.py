"""The page of the nodes, and where a restriction is in force on its own page."""

from __future__ import annotations

import html
import re

import msgspec
import pytest

from service.access.model import Role
from service.feed.carrier import GivenReport
from service.feed.messages import Report, make_report
from service.registry.model import Request
from tests.service.api.calling import ADMIN
from tests.service.console.conftest import Console
from tests.service.registry.listings import ASKER, SECOND, confirmed, restriction


def enrol(console: Console, *names: str) -> None:
    system = console.system
    for name in names:
        system.nodes.add(ADMIN, system.access, name, "LEI", "https://nocontact.example")


def reports(console: Console, name: str, reaches: int, **said: object) -> None:
    system = console.system
    report = Report(node=name, number=1, reaches=reaches, at=0.0, counter=reaches + 1, **said)  # type: ignore[arg-type]
    made = make_report(system.vault.node_key(name), report)
    system.reports.take([GivenReport("1-0", name, made)])


def text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_restriction_says_where_it_is_in_force(console: Console) -> None:
    console.system.registry.restrictions.create(ASKER, restriction("R1"))
    visitor = console.visitor(Role.AUDITOR)
    page = "/restrictions/view/R1"
    assert "In force in" not in text(visitor.get(page).text), "nothing without nodes"
    enrol(console, "leeds-1", "leeds-2")
    made = console.system.registry.last_change()
    reports(console, "leeds-1", made)
    assert "In force in 1 of 2 nodes. Not in: leeds-2" in text(visitor.get(page).text)
    reports(console, "leeds-2", made)
    assert "In force in every prison’s node" in text(visitor.get(page).text)


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        ({"from_": "2199-02-03"}, "it holds from 3/2/2199"),
        ({"until": "2020-02-03"}, "it held until 3/2/2020"),
        ({"from_": "2199-02-03T08:00:00+00:00", "until": "2199-05-01"}, "it holds from 3/2/2199"),
        ({"from_": "2020-02-03", "until": "2199-05-01"}, None),
    ],
)
def test_what_is_in_every_node_and_does_not_hold_today_is_not_said_to_be_in_force(
    console: Console, dates: dict[str, str], says: str | None
) -> None:
    console.system.registry.restrictions.create(ASKER, restriction("R1", **dates))
    visitor = console.visitor(Role.AUDITOR)
    enrol(console, "leeds-1", "leeds-2")
    made = console.system.registry.last_change()
    reports(console, "leeds-1", made)
    for name, counted in (("leeds-1", "1 of 2 nodes"), ("leeds-2", "very prison’s node")):
        reports(console, name, made)
        page = text(visitor.get("/restrictions/view/R1").text)
        assert counted in page
        assert ("In force" in page) is (says is None)
        assert says is None or f"Not in force: {says}" in page.replace("force :", "force:")


def test_a_withdrawn_one_is_not_said_to_be_in_force(console: Console) -> None:
    registry = console.system.registry
    registry.restrictions.create(ASKER, restriction("R1"), Request(id="police"))
    enrol(console, "leeds-1")
    asked = registry.restrictions.withdraw_request(ASKER, "R1", 1, "police", "no longer wanted")
    assert asked.approval is not None
    confirmed(registry, SECOND, asked.approval.id)
    reports(console, "leeds-1", registry.last_change())
    page = text(console.visitor(Role.AUDITOR).get("/restrictions/view/R1").text)
    assert "In force" not in page
    assert "it is withdrawn" in page


def test_what_troubles_a_node_is_told_in_words_of_the_centres_own(console: Console) -> None:
    enrol(console, "leeds-1", "leeds-2")
    reports(console, "leeds-1", 7, troubles=("ledger", "list"))
    reports(console, "leeds-2", 7, troubles=("<b>what a later version knows</b>",))
    page = console.visitor(Role.MONITOR).get("/nodes").text
    assert "Its ledger cannot be written: checks are refused; the newest list is not on its disk" in text(
        page
    )
    assert "Something that this version does not know" in text(page)
    assert "later version" not in html.unescape(page)
    console.system.reports.look()
    assert [name.split()[0] for name in console.system.reports.trouble_words] == ["leeds-1", "leeds-2"]
    reports(console, "leeds-1", 8)
    console.system.reports.look()
    assert [name.split()[0] for name in console.system.reports.trouble_words] == ["leeds-2"]


def test_a_restriction_for_some_says_which_nodes_do_not_have_it(console: Console) -> None:
    registry = console.system.registry
    one = restriction("R1")
    prisoner = one.prisoners[0]
    registry.prisoners.move(ASKER, prisoner, "LEI")
    registry.restrictions.create(ASKER, msgspec.structs.replace(one, scope="prisoner", establishment="LEI"))
    console.system.current.refresh()
    visitor = console.visitor(Role.AUDITOR)
    page = "/restrictions/view/R1"
    enrol(console, "leeds-1", "moors-1")
    made = registry.last_change()
    reports(console, "leeds-1", made, own="LEI")
    reports(console, "moors-1", made, own="MDI")
    said = text(visitor.get(page).text)
    assert "In force in every node that has to hold it" in said
    assert "One node holds the restrictions of other prisons alone, and not this one" in said
    assert "own prisoners’ restrictions alone" in text(console.visitor(Role.MONITOR).get("/nodes").text)
    registry.prisoners.move(ASKER, prisoner, "MDI")
    console.system.current.refresh()
    assert "In force in 0 of 1 nodes. Not in: moors-1" in text(visitor.get(page).text)
    reports(console, "moors-1", registry.last_change(), own="MDI")
    assert "In force in every node that has to hold it" in text(visitor.get(page).text)
    registry.prisoners.move(ASKER, prisoner, "WWI")
    console.system.current.refresh()
    assert "No node is in a prison where it holds. 2 nodes hold" in text(visitor.get(page).text)


def test_the_page_of_nodes_tells_what_each_has_and_refuses(console: Console) -> None:
    visitor = console.visitor(Role.MONITOR)
    assert "There is no node" in visitor.get("/nodes").text
    enrol(console, "leeds-1", "leeds-2")
    reports(console, "leeds-1", 7, refused=2, why="a wrong <signature>", waiting=12)
    page = visitor.get("/nodes").text
    assert "leeds-1" in page
    assert "2: a wrong <signature>" in html.unescape(page)
    assert "<signature>" not in page
    assert "never" in page
    elsewhere = console.visitor(Role.REVIEWER, prisons=("MDI",)).get("/nodes").text
    assert "leeds-1" not in elsewhere
