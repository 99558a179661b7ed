"""A node hands in its decisions once, and all of them again where the centre has lost what it had."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.node.centre_line import CentreLine
from service.node.forwarding import ASK_EVERY, FORWARDED, Forwarder
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.check.running import Running, ask, call, writer
from tests.service.databases import sqlite_in
from tests.service.node.centre import Centre
from tests.service.node.desk import NODE_KEY, Desk, desk


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = sqlite_in(tmp_path)
    yield made
    made.close()


def test_a_centre_that_lacks_what_it_had_gets_all_again_in_whatever_era_and_is_asked_with_nothing_to_send(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    with writer(database, vault, tmp_path) as ledger:
        running = Running(database, vault, ledger)
        for name in ("C1", "C2"):
            assert asyncio.run(ask(running.api(), "call", call(name))).status == 200
    now = [0.0]

    def forwarder(open_desk: Desk) -> Forwarder:
        line = CentreLine(open_desk.enrolment)
        return Forwarder(line, NODE_KEY, database, vault, tmp_path, lambda: 0, lambda: now[0])

    with desk(Centre()) as open_desk:
        made = forwarder(open_desk)
        assert (made.step(), made.step()) == (2, 0)
        assert (tmp_path / FORWARDED).read_text() == "2 0", "of a centre of before, which tells no place"
        open_desk.ledger = "Monday's"
        now[0] += ASK_EVERY
        assert (made.step(), made.until) == (0, 2)
        assert (tmp_path / FORWARDED).read_text() == f"2 0 2 {open_desk.place(2).hash}"
        asked = open_desk.requests
        assert (made.step(), open_desk.requests) == (0, asked), "not at every look"
        open_desk.ledger = "Sunday's, restored"
        open_desk.records.clear()
        open_desk.is_failing = True
        now[0] += ASK_EVERY
        with pytest.raises(Exception, match="503"):
            made.step()
        open_desk.is_failing = False
        again = forwarder(open_desk)  # it was killed meanwhile
        assert (again.step(), again.until) == (1, 0), "it is told at once"
        assert (again.step(), again.step(), again.until) == (2, 0, 2)
        assert len(open_desk.records) == 2
        open_desk.ledger, now[0] = "and again, while it sends", now[0] + 1
        with writer(database, vault, tmp_path) as ledger:
            running = Running(database, vault, ledger)
            assert asyncio.run(ask(running.api(), "call", call("C3"))).status == 200
        assert (again.step(), again.until) == (1, 0)
        assert (again.step(), again.until) == (3, 3)


def test_in_a_new_era_all_is_handed_in_again_over_a_kill_too(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    with writer(database, vault, tmp_path) as ledger:
        running = Running(database, vault, ledger)
        for name in ("C1", "C2", "C3"):
            assert asyncio.run(ask(running.api(), "call", call(name))).status == 200
    era: list[int | None] = [None]

    def forwarder(open_desk: Desk) -> Forwarder:
        return Forwarder(CentreLine(open_desk.enrolment), NODE_KEY, database, vault, tmp_path, lambda: era[0])

    with desk(Centre()) as open_desk:
        made = forwarder(open_desk)
        assert (made.step(), made.step(), made.waiting()) == (3, 0, 0)
        era[0] = 0
        assert forwarder(open_desk).step() == 0, "no list yet, and the first era, are the same"
        (tmp_path / FORWARDED).write_text((tmp_path / FORWARDED).read_text().partition(" ")[0])
        assert forwarder(open_desk).step() == 0, "as a version wrote it that knew of no eras"
        open_desk.records.clear()  # what a centre has that was restored
        era[0] = 1_764_500_000
        open_desk.is_failing = True
        with pytest.raises(Exception, match="503"):
            made.step()
        open_desk.is_failing = False
        made = forwarder(open_desk)
        assert (made.step(), made.step()) == (3, 0)
        assert len(open_desk.records) == 3
        assert forwarder(open_desk).step() == 0
