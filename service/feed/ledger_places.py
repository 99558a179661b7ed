"""Whether a node goes on from this ledger, or from one that is no more.

The hash of a record tells: it has all that is before it in it.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from service.feed.api_messages import LedgerPlace
from service.ledger.record import ledger


def last(connection: Connection) -> LedgerPlace:
    """Where the ledger ends."""
    row = connection.execute(
        select(ledger.c.seq, ledger.c.hash).order_by(ledger.c.seq.desc()).limit(1)
    ).first()
    return LedgerPlace() if row is None else LedgerPlace(row.seq, row.hash.hex())


def hash_at(connection: Connection, seq: int) -> str:
    """Of the record with this number, in hexadecimal; empty where there is none."""
    found: bytes | None = connection.execute(select(ledger.c.hash).where(ledger.c.seq == seq)).scalar()
    return "" if found is None else found.hex()


def is_known(connection: Connection, place: LedgerPlace) -> bool:
    """Whether this ledger has that record. Of a place without a hash only whether it has as many."""
    if not place.seq:
        return True
    here = hash_at(connection, place.seq)
    return bool(here) and place.hash in ("", here)
