"""Records to write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from service.ledger import chain
from service.ledger.record import Kind, Record
from service.storage.database import Database
from service.storage.sealing import Vault

BEGAN = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)


def record(number: int = 0) -> Record:
    """A decision with something in every column."""
    return Record(
        at=BEGAN + timedelta(seconds=number),
        kind=Kind.DECISION,
        actor="key:lei-phones",
        subject=f"attempt/{number}",
        prisoner=f"A{number % 10_000:04}AA",
        establishment="LEI",
        channel="call",
        outcome="block",
        codes="number_listed,name_close",
        blocklist="2026-01-01/5f2e",
        policy="7",
        detail=b'{"restrictions": ["R1"]}',
        sealed=b"\x00sealed %d" % number,
    )


def append(database: Database, vault: Vault, records: Sequence[Record]) -> int:
    """Write them in a transaction of their own."""
    with database.write() as connection:
        return chain.append(connection, vault, records)


def fill(database: Database, vault: Vault, count: int) -> None:
    """Write so many."""
    append(database, vault, [record(number) for number in range(1, count + 1)])
