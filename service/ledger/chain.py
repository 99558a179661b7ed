"""The chain: each record's hash covers the record and the hash before it; the last one is signed.

What that shows, to `verify`:

- Somebody **with the database but without the signing key** cannot change, remove, swap or insert a record
  unseen: the hashes no longer meet, or, where they recomputed all of them, the signature of the head does
  not hold. What they can do is bring back an older state of the whole database, head and all; that shows
  only against a checkpoint kept elsewhere that is younger than this state.
- Somebody **with the database and the signing key** can write a whole new chain. It shows at the first
  checkpoint kept elsewhere, for every record up to the last checkpoint; what came after it is theirs.
- Somebody with those **and every copy of the checkpoints** is not found out.
- A record that the service never wrote, or wrote falsely, is not found out by anybody: the chain says that
  nothing changed since, not that it was true.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import repeat
from typing import Any

import msgspec
from sqlalchemy import Connection, String, select
from sqlalchemy.dialects import postgresql, sqlite

from service.errors import InvalidError
from service.ledger import heads, merkle, times
from service.ledger.heads import Head
from service.ledger.record import Record
from service.ledger.tables import HEAD, ledger, ledger_head
from service.ledger.times import Columns
from service.storage import plain
from service.storage.database import moment_text
from service.storage.sealing import Vault

BEGINNING = bytes(32)
"""The hash before the first record."""
AT_ONCE = 10_000
"""Hashes in memory."""

COLUMNS = tuple(column.name for column in ledger.columns if column.name not in ("seq", "hash"))
_LONGEST = {
    column.name: column.type.length or 0
    for column in ledger.columns
    if isinstance(column.type, String) and column.name != "detail"
}
_STORED = ("seq", *COLUMNS, "hash")
_encode = msgspec.msgpack.Encoder().encode


class End(msgspec.Struct, frozen=True):
    """Where the chain ends: its signed head, and the frontier of the tree up to it."""

    head: Head
    frontier: merkle.Frontier

    @property
    def seq(self) -> int:
        """The last record's number; 0 before the first."""
        return self.head.seq


def append(connection: Connection, vault: Vault, records: Sequence[Record]) -> int:
    """Add records, in the transaction of `Database.write()`. Gives the number of the first.

    Waits for any other process that is adding. Raises InvalidError for a record that cannot be stored.
    """
    rows = [columns(record) for record in records]
    end = lock(connection)
    if not rows:
        return end.seq + 1
    jump = times.behind(end.head.at, records[-1].at)
    marks = [columns(times.mark(jump))] if jump else []
    extend(connection, vault, end, [*marks, *rows], records[-1].at)
    return end.seq + 1 + len(marks)


def columns(record: Record) -> Columns:
    """What the table holds of a record. Raises InvalidError for a text that no database would take as it is.

    Checked here and not left to the database, because one record that it refuses would undo the records of
    everybody else in the same commit.
    """
    for name, longest in _LONGEST.items():
        value = getattr(record, name)
        if value is not None and (len(value) > longest > 0 or not value.isascii() or "\0" in value):
            _check_text(name, value, longest)
    try:
        detail = record.detail.decode()
    except UnicodeDecodeError:
        raise InvalidError("not UTF-8", "detail") from None
    _check_text("detail", detail, 0)
    return (
        moment_text(record.at),
        str(record.kind),
        record.actor,
        record.subject,
        record.prisoner,
        record.establishment,
        record.channel,
        record.outcome,
        record.codes,
        record.blocklist,
        record.policy,
        detail,
        record.sealed,
    )


def _check_text(name: str, value: str, longest: int) -> None:
    if longest and len(value) > longest:
        raise InvalidError(f"longer than {longest} characters", name)
    if "\0" in value or not (value.isascii() or _is_unicode(value)):
        raise InvalidError("has a character that is no text", name)


def _is_unicode(value: str) -> bool:
    """Whether there is no lone surrogate in it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def next_hash(previous: bytes, seq: int, record: Record) -> bytes:
    """The hash of a record, 32 bytes."""
    return chained(previous, seq, columns(record))


def chained(previous: bytes, seq: int, row: Sequence[Any]) -> bytes:
    """The same from what the table holds."""
    return hashlib.sha256(encoded(previous, seq, row)).digest()


def encoded(previous: bytes, seq: int, row: Sequence[Any]) -> bytes:
    """What is hashed: one MessagePack array, in which each value has its type and its length before it.

    So no two records are written the same way, and nothing, an empty text and an empty list of bytes all
    differ. Of what is sealed only the SHA-256 goes in: it can be shown to whoever may not have it.
    """
    return _encode((previous, seq, *row[:-1], hashlib.sha256(row[-1]).digest()))


def lock(connection: Connection) -> End:
    """Where the chain ends, nobody else being able to add until this transaction is over.

    Makes the frontier anew, from every record, where there is none: after an upgrade.
    """
    return lock_and_ask(connection, [])[0]


def lock_and_ask(
    connection: Connection, queries: Sequence[tuple[str, plain.Values]]
) -> tuple[End, list[list[tuple[Any, ...]]]]:
    """The same, and what these find once it is so, which a server is asked together with it."""
    query = _LOCK if connection.dialect.name == "postgresql" else _LOOK
    found, *answers = plain.rows_of_each(connection, [(query, ()), *queries])
    if not found:
        _begin(connection)
        found, *answers = plain.rows_of_each(connection, [(query, ()), *queries])
    head, frontier = _read(*found[0])
    if frontier is None:
        frontier = merkle.extended(0, (), hashes(connection, head.seq))
    return End(head, frontier), answers


def head(connection: Connection) -> Head | None:
    """Where the chain ends, for readers; None before the first record."""
    row = connection.exec_driver_sql(_LOOK).one_or_none()
    return _read(*row)[0] if row else None


def hashes(connection: Connection, size: int) -> Iterator[bytes]:
    """The hash of each of the first `size` records, zeros for one that is missing or damaged."""
    wanted = select(ledger.c.seq, ledger.c.hash).where(ledger.c.seq.between(1, size)).order_by(ledger.c.seq)
    last = 0
    for seq, stored in connection.execute(wanted.execution_options(yield_per=AT_ONCE)):
        yield from repeat(BEGINNING, seq - last - 1)
        yield stored if isinstance(stored, bytes) else BEGINNING
        last = seq
    yield from repeat(BEGINNING, size - last)


def _read(
    seq: int, hash_: bytes, at: str, signature: bytes, origin: str | None, kept: bytes | None
) -> tuple[Head, merkle.Frontier | None]:
    """A head, and its frontier where there is one.

    A frontier that is another head's comes from a program of before, which wrote on and left it: so then is
    the signature in the form of before.
    """
    frontier = merkle.unpacked(seq, kept or b"") if seq else ()
    if frontier is None or not origin:
        return Head(seq, hash_, at, signature), frontier
    return Head(seq, hash_, at, signature, origin, merkle.root(frontier)), frontier


_LOOK = f"SELECT seq, hash, at, signature, origin, frontier FROM ledger_head WHERE id = {HEAD}"  # noqa: S608
_LOCK = f"{_LOOK} FOR UPDATE"
_WRITE_HEAD = """
    UPDATE ledger_head SET seq = ?, hash = ?, at = ?, key = ?, signature = ?, origin = ?, frontier = ?
    WHERE id = ?
"""


def _begin(connection: Connection) -> None:
    """Make the row that is locked. Two processes may come here together: the second finds it made."""
    row = {"id": HEAD, "seq": 0, "hash": BEGINNING, "at": datetime(1970, 1, 1, tzinfo=UTC)}
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    made = insert(ledger_head).values(**row, key=b"", signature=b"")
    connection.execute(made.on_conflict_do_nothing())


def extend(connection: Connection, vault: Vault, end: End, rows: Sequence[Columns], now: datetime) -> End:
    """Add at least one row after an end that `lock` gave, its time in order. Gives the new end, signed.

    `now` is by the clock of who adds: where that is behind the end, the first row is the mark of it.
    """
    last, stored, hashes = end.head.hash, [], []
    for seq, row in enumerate(times.in_order(end.head.at, now, rows), end.seq + 1):
        last = chained(last, seq, row)
        stored.append((seq, *row, last))
        hashes.append(last)
    plain.insert(connection, "ledger", _STORED, stored)
    frontier = merkle.extended(end.seq, end.frontier, hashes)
    grown = Head(end.seq + len(rows), last, str(stored[-1][1]), b"", end.head.origin)
    return _sign(connection, vault, grown, frontier)


def named(connection: Connection, vault: Vault, end: End, origin: str | None) -> End:
    """The end signed under this name, or under the one that it has; one of the older form is signed anew."""
    wanted = origin or end.head.origin or heads.default_origin(vault.public_key)
    if wanted == end.head.origin:
        return end
    head = end.head
    return _sign(connection, vault, Head(head.seq, head.hash, head.at, b"", wanted), end.frontier)


def _sign(connection: Connection, vault: Vault, head: Head, frontier: merkle.Frontier) -> End:
    origin = head.origin or heads.default_origin(vault.public_key)
    whole = msgspec.structs.replace(head, origin=origin, root=merkle.root(frontier))
    whole = msgspec.structs.replace(whole, signature=vault.sign(heads.message(whole)))
    key, packed = vault.public_key_raw, merkle.packed(head.seq, frontier)
    values = whole.seq, whole.hash, whole.at, key, whole.signature, whole.origin, packed, HEAD
    plain.run(connection, _WRITE_HEAD, values)
    return End(whole, frontier)
