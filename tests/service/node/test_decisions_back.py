"""What reviewers decided takes effect on a node's own flag, once, and on nothing else; else all is held."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from adapters.pin_phone.signals import CallEvent, EventKind
from service.check.deciding import Decider
from service.feed.api_messages import SETTLED_PATH, NodeSettlements, seal_settlements
from service.node.centre_line import CentreLine
from service.node.decisions_back import ASKED_UP_TO, DecisionsBack
from service.storage.sealing import SealError
from tests.service.check.running import NOW, NUMBER, PRINCIPALS, PRISONER, ask, call
from tests.service.node.centre import Centre
from tests.service.node.desk import NODE_KEY, Desk, desk
from tests.service.node.held_here import NEAR, Here, decided, here


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Here]:
    """A node's folder."""
    with here(tmp_path) as made:
        yield made


@pytest.fixture
def open_desk() -> Iterator[Desk]:
    """The centre's."""
    with desk(Centre()) as made:
        yield made


def back(node: Here, open_desk: Desk, folder: Path, era: int | None = None) -> DecisionsBack:
    """As after a start."""
    return DecisionsBack(CentreLine(open_desk.enrolment), NODE_KEY, node.journal, folder, lambda: era)


def test_each_takes_effect_once_over_kills_and_a_lost_file(
    node: Here, open_desk: Desk, tmp_path: Path
) -> None:
    assert [node.message(name) for name in ("M1", "M2", "M3")] == ["hold"] * 3
    assert set(node.standings().values()) == {"held"}
    open_desk.settled = [decided("M2"), decided("M1", released=False)]
    killed = patch("service.node.bookmark.write_whole", side_effect=OSError("full"))
    with killed, pytest.raises(OSError, match="full"):
        back(node, open_desk, tmp_path).step()  # it took effect, and up to where is not noted
    assert node.standings() == {"M1": "stopped", "M2": "released", "M3": "held"}
    again = back(node, open_desk, tmp_path)
    assert (again.step(), again.step()) == (2, 0)
    assert (tmp_path / ASKED_UP_TO).read_text() == "2 0"
    (tmp_path / ASKED_UP_TO).unlink()
    assert back(node, open_desk, tmp_path, 1_764_500_000).step() == 2, "another era asks for all"
    open_desk.settled += [decided("M2", released=False), decided("M1")]
    assert back(node, open_desk, tmp_path, 1_764_500_000).step() == 2
    assert node.standings() == {"M1": "stopped", "M2": "released", "M3": "held"}, "the first counts"
    assert len(node.settled()) == len(set(node.settled())) == 2


def test_a_centre_with_another_ledger_is_asked_from_the_first_on_and_each_takes_effect_once(
    node: Here, open_desk: Desk, tmp_path: Path
) -> None:
    for name in ("M1", "M2", "M3"):
        node.message(name)
    open_desk.settled, open_desk.ledger = [decided("M1"), decided("M2", released=False)], "Monday's"
    assert back(node, open_desk, tmp_path).step() == 2
    assert (tmp_path / ASKED_UP_TO).read_text() == f"2 0 2 {open_desk.place(2).hash}"
    open_desk.settled, open_desk.ledger = [decided("M3")], "Sunday's, restored"
    asks = back(node, open_desk, tmp_path)
    assert (asks.step(), node.standings()["M3"]) == (1, "held"), "it is told to begin again"
    assert (asks.step(), asks.step()) == (1, 0)
    assert node.standings() == {"M1": "released", "M2": "stopped", "M3": "released"}
    open_desk.settled += [decided("M1", released=False), decided("M2")]
    assert asks.step() == 2
    assert node.standings() == {"M1": "released", "M2": "stopped", "M3": "released"}, "what took effect stays"
    assert len(node.settled()) == 3


def test_what_is_cut_off_or_asks_a_centre_of_before_goes_on_holding(
    node: Here, open_desk: Desk, tmp_path: Path
) -> None:
    node.message("M1")
    open_desk.settled = [decided("M1")]
    asks = back(node, open_desk, tmp_path)
    open_desk.is_older = True
    assert (asks.step(), node.standings()) == (0, {"M1": "held"})
    open_desk.is_older, open_desk.is_withdrawn = False, True
    with pytest.raises(httpx.HTTPStatusError):
        asks.step()
    assert node.standings() == {"M1": "held"}
    open_desk.is_withdrawn = False
    assert (asks.step(), node.standings()) == (1, {"M1": "released"})


@pytest.mark.parametrize("forgery", ["another node's", "an earlier answer", "of an earlier place", "noise"])
def test_an_answer_that_is_not_the_centres_to_this_question_lets_nothing_go(
    node: Here, open_desk: Desk, tmp_path: Path, forgery: str
) -> None:
    node.message("M1")
    told = NodeSettlements([decided("M1")], 1, more=False)
    honest = open_desk.answer

    def answer(path: str, token: str, body: bytes) -> tuple[int, bytes]:
        if not path.startswith(SETTLED_PATH):
            return honest(path, token, body)
        word = path.rpartition("asked=")[2]
        return 200, {
            "another node's": seal_settlements(bytes(32), word, 0, told),
            "an earlier answer": seal_settlements(NODE_KEY, "0" * 32, 0, told),
            "of an earlier place": seal_settlements(NODE_KEY, word, 7, told),
            "noise": bytes(100),
        }[forgery]

    with patch.object(open_desk, "answer", answer), pytest.raises(SealError):
        back(node, open_desk, tmp_path).step()
    assert (node.standings(), node.settled()) == ({"M1": "held"}, [])


def test_a_decision_is_of_one_flag_of_this_node_and_of_no_other_attempt(
    node: Here, open_desk: Desk, tmp_path: Path
) -> None:
    node.message("M1")
    assert node.message("STOPPED", NUMBER) == "stop"
    open_desk.settled = [
        decided("STOPPED"),
        decided("M1", at=NOW + timedelta(seconds=1)),
        decided("M1", actor="key:other"),
        decided("M1", channel="call"),
        decided("M9"),
    ]
    assert back(node, open_desk, tmp_path).step() == 5
    assert (node.standings(), node.settled()) == ({"M1": "held"}, [])


def test_a_row_that_was_changed_in_the_database_stays_held_and_holds_up_no_other(
    node: Here, open_desk: Desk, tmp_path: Path
) -> None:
    node.message("M1")
    node.message("M2")
    with node.journal.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE review_item SET state = 'settled', outcome = 'release', effective_at = at "
            "WHERE seq = (SELECT min(seq) FROM review_item)"
        )
    assert node.standings() == {"M1": "held", "M2": "held"}
    with node.journal.database.write() as connection:
        connection.exec_driver_sql("UPDATE review_item SET state = 'open' WHERE state = 'settled'")
    open_desk.settled = [decided("M1"), decided("M2")]
    assert back(node, open_desk, tmp_path).step() == 2
    assert node.standings() == {"M1": "held", "M2": "released"}


def test_a_flag_of_a_version_that_kept_no_queue_goes_on_too(open_desk: Desk, tmp_path: Path) -> None:
    with here(tmp_path, queued=False) as node:
        node.message("M1")
        assert node.standings() == {}
        open_desk.settled = [decided("M1")]
        assert back(node, open_desk, tmp_path).step() == 1
        assert node.standings() == {"M1": "released"}


def test_a_letter_goes_on_as_its_picture_was_decided(node: Here, open_desk: Desk, tmp_path: Path) -> None:
    held = node.letter("?Mr J Brown\n7 Quarry Lane\nOtherstead\nLS9 9ZZ")
    assert held.todo == "keep"
    assert held.reading is not None
    assert held.reading.decision is not None
    open_desk.settled = [decided(held.reading.decision.id, channel="letter")]
    back(node, open_desk, tmp_path).step()
    now = node.items.find(held.id)
    assert now is not None
    assert now.todo == "post"


def test_calls_their_events_and_contacts_go_on_too(node: Here, open_desk: Desk, tmp_path: Path) -> None:
    running, switch = node.running, PRINCIPALS["switch"]
    assert asyncio.run(ask(running.api(), "call", call("C1", to=NEAR))).json["decision"] == "flag"
    moved = CallEvent(id="E1", check="C1", kind=EventKind.VOICE_MISMATCH, at=NOW, score=0.9)
    decider = Decider(running)
    attempt, confidential = decider.call_of(switch, "C1")
    deciding = decider.event(switch, moved, attempt, confidential, decider.screener())
    assert asyncio.run(decider.recorded(deciding)).decision == "flag"
    wanted = {"id": "A1", "prisoner": PRISONER, "establishment": "LEI", "name": "A Friend", "numbers": [NEAR]}
    assert asyncio.run(ask(running.api(), "contact", wanted, who="switch")).json["decision"] == "flag"
    assert node.standings() == {"C1": "held", "E1": "held", "A1": "held"}
    open_desk.settled = [
        decided("C1", channel="call", released=False),
        decided("E1", channel="call"),
        decided("A1", channel="contact"),
    ]
    back(node, open_desk, tmp_path).step()
    assert node.standings() == {"C1": "stopped", "E1": "released", "A1": "released"}
