from __future__ import annotations

from datetime import timedelta

import pytest

from service.access.sessions import end_at_marks
from service.ledger import payloads, times
from service.ledger.record import Kind, Record
from service.operations.clock import Jump
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.access.conftest import Door
from tests.service.ledger.records import append

DAY = timedelta(days=1)


def started(door: Door) -> Record:
    detail = payloads.plain(times.Start(times_kept=True))
    return Record(
        at=door.now,
        kind=Kind.SYSTEM,
        actor="system",
        subject=times.STARTED,
        outcome="started",
        detail=detail,
    )


def write(database: Database, vault: Vault, record: Record) -> None:
    """What the ledger's writer does: the record, and what goes along with it."""
    seq = append(database, vault, [record])
    with database.write() as connection:
        end_at_marks(vault)(connection, [(seq, record)])


@pytest.mark.parametrize("way", ["back", "forward"])
def test_every_session_ends_when_the_clock_is_set_back_and_only_then(
    door: Door, database: Database, vault: Vault, way: str
) -> None:
    session = door.admin()
    moved = -DAY if way == "back" else DAY
    write(database, vault, times.mark(Jump(door.now, door.now + moved)))
    assert (door.access.signed_in(door.cookie(session)) is None) == (way == "back")


def test_a_start_ends_them_where_it_was_set_back_since_the_last_one(
    door: Door, database: Database, vault: Vault
) -> None:
    write(database, vault, started(door))
    session = door.admin()
    write(database, vault, started(door))
    assert door.access.signed_in(door.cookie(session)), "nobody set the clock"
    append(database, vault, [times.mark(Jump(door.now, door.now - DAY))])
    assert door.access.signed_in(door.cookie(session))
    write(database, vault, started(door))
    assert door.access.signed_in(door.cookie(session)) is None
