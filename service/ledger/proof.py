"""That one record is as it was written: its hash, the chain from it to what is signed, and the signature.

It says nothing of the records before it, nor of a database that was brought back from before: `verify` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from service.ledger import chain, heads
from service.ledger.heads import Head
from service.ledger.record import ledger
from service.ledger.tables import ledger_checkpoint
from service.ledger.verify import CHECKPOINTS, STORED, UNREADABLE, checkpoint_of

FARTHEST = 5_000
"""Records from one to its checkpoint that are walked: a checkpoint comes every thousand."""

Stored = Sequence[Any]


class Step(msgspec.Struct, frozen=True):
    """One thing that was checked, in words, and whether it holds."""

    what: str
    holds: bool


class Proof(msgspec.Struct, frozen=True):
    """What was checked. `before` is the hash before the record's, None where that record is missing."""

    steps: list[Step]
    before: bytes | None

    @property
    def holds(self) -> bool:
        """Whether every step does."""
        return all(step.holds for step in self.steps)


def prove(connection: Connection, key: Ed25519PublicKey, seq: int) -> Proof:
    """Check the record `seq`, which is there, and the chain to the nearest checkpoint or the head.

    Raises DBAPIError where the database went away.
    """
    try:
        return _prove(connection, key, seq)
    except UNREADABLE as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        return Proof([Step("The record, or one that it is proved with, cannot be read", False)], None)


def _prove(connection: Connection, key: Ed25519PublicKey, seq: int) -> Proof:
    head = chain.head(connection)
    checkpoint = _checkpoint(connection, seq)
    end = checkpoint or head
    rows = {row[0]: row for row in _rows(connection, seq - 1, max(seq, end.seq if end else 0))}
    before = chain.BEGINNING if seq == 1 else rows[seq - 1][-1] if seq - 1 in rows else None
    steps = [_own_hash(rows, seq, before)]
    if end is not None:
        steps += [_walk(rows, seq, end.seq), *_signed_end(rows, end, key, is_head=checkpoint is None)]
    if head is None:
        steps.append(Step("The ledger has no signed head", False))
    elif checkpoint is not None:
        steps.append(_signature(head, key, "head of the ledger"))
    return Proof(steps, before)


def _checkpoint(connection: Connection, seq: int) -> Head | None:
    """The first at or after a record."""
    row = connection.execute(CHECKPOINTS.where(ledger_checkpoint.c.seq >= seq).limit(1)).one_or_none()
    return checkpoint_of(row) if row else None


def _rows(connection: Connection, first: int, last: int) -> Sequence[Stored]:
    wanted = select(*STORED).where(ledger.c.seq >= first, ledger.c.seq <= last)
    return connection.execute(wanted.order_by(ledger.c.seq).limit(FARTHEST)).all()


def _own_hash(rows: dict[int, Stored], seq: int, before: bytes | None) -> Step:
    if before is None:
        return Step(f"Record {seq - 1:,}, whose hash is part of this one's, is missing", False)
    origin = f"the hash of record {seq - 1:,}" if seq > 1 else "nothing before it, as the first record does"
    if _follows(before, rows[seq]):
        return Step(f"Its hash, computed again, follows from what it says and from {origin}", True)
    return Step(f"Its hash does not follow from what it says and from {origin}: it was changed", False)


def _walk(rows: dict[int, Stored], seq: int, last: int) -> Step:
    """The records after this one, up to and with what is signed."""
    if last < seq:
        return Step(f"It stands beyond record {last:,}, the last that is signed: it was inserted", False)
    if last == seq:
        return Step("It is the very record that is signed", True)
    if last - seq >= FARTHEST - 1:
        return Step(f"What is signed next is over {FARTHEST:,} records away: verify the whole ledger", False)
    for number in range(seq + 1, last + 1):
        if number not in rows:
            return Step(f"Record {number:,}, between it and what is signed, is missing", False)
        if not _follows(rows[number - 1][-1], rows[number]):
            return Step(f"Record {number:,}, between it and what is signed, was changed", False)
    count = f"{last - seq:,} records after it follow" if last - seq > 1 else "record after it follows"
    return Step(f"The {count} from each other, up to record {last:,}, which is signed", True)


def _signed_end(rows: dict[int, Stored], end: Head, key: Ed25519PublicKey, *, is_head: bool) -> list[Step]:
    steps = [_signature(end, key, "head of the ledger" if is_head else "checkpoint")]
    if end.seq in rows:
        agrees = bool(rows[end.seq][-1] == end.hash)
        said = "is the one" if agrees else "is not the one"
        steps.append(Step(f"The hash of record {end.seq:,} {said} that is signed", agrees))
    return steps


def _follows(before: bytes, row: Stored) -> bool:
    return bool(chain.chained(before, row[0], row[1:-1]) == row[-1])


def _signature(head: Head, key: Ed25519PublicKey, name: str) -> Step:
    holds = heads.is_signed(head, key)
    said = "is signed with this service’s key" if holds else "is not signed with this service’s key"
    return Step(f"The {name}, record {head.seq:,}, {said}", holds)
