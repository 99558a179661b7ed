"""A node hands in its decisions once, and all of them again where the centre has lost what it had."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.node.centre_line import CentreLine
from service.node.forwarding import FORWARDED, Forwarder
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
