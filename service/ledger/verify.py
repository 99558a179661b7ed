"""Whether the ledger is as it was written: every hash, the tree, the signed head, and the checkpoints.

Who can be found out with it, and who cannot, stands at the top of `chain`. Only the records are in the chain:
`answered` and the tables that others write along with it are not, and a change to them does not show here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, Select, String, select, type_coerce
from sqlalchemy.exc import DBAPIError

from service.ledger import chain, checkpoints, heads, merkle, times
from service.ledger.heads import Head
from service.ledger.record import Kind, ledger
from service.ledger.rollback import settled
from service.ledger.tables import ledger_checkpoint
from service.storage.database import Database

AT_ONCE = 2_000
"""Rows in memory."""
MOST_PROBLEMS = 1_000
"""Beyond it no more are told: the ledger is in ruins, and the list would be as long."""

IN_FILE = "checkpoint file"

UNREADABLE = (DBAPIError, TypeError, ValueError, AttributeError, OverflowError)
"""What a value of the wrong type, or bytes that are no text, come to: SQLite keeps either in any column."""


class ChainFault(msgspec.Struct, frozen=True):
    """Something that is not as it was written, and the record where it shows."""

    seq: int
    what: str


class ChainReport(msgspec.Struct, frozen=True):
    """What was found; good when there are no problems."""

    records: int
    problems: list[ChainFault]
    settled: int = 0
    """Checkpoints of a ledger that was put back to an older one since, which an operator accepted."""


def verify(database: Database, public_key: Ed25519PublicKey, *checkpoint_files: Path) -> ChainReport:
    """Check everything that is committed now, while the service may go on writing.

    `public_key` has to come from where whoever may have changed the ledger cannot write, and so has one of
    `checkpoint_files`: it is what shows a database that was brought back from before. Memory does not grow
    with the records, but with the checkpoints. Raises OSError when a file cannot be read.
    """
    check = _Check(public_key)
    for file in checkpoint_files:  # before the database, which may only be ahead of it
        check.take_file(file)
    with database.read() as connection:
        check.take_head(connection)
        check.walk(connection)
    check.end()
    return ChainReport(check.records, sorted(check.problems, key=lambda problem: problem.seq), check.settled)


class _Check:
    """One walk along the chain."""

    def __init__(self, public_key: Ed25519PublicKey) -> None:
        self.key = public_key
        self.problems: list[ChainFault] = []
        self.records = 0
        self.last = 0
        self.signed = 0
        self.end_is_known = True
        self.met: dict[int, list[tuple[Head, str]]] = {}
        """Signed heads that the chain has to come by, with where they stand."""
        self.until = ""
        """Up to which time an operator has accepted that an older ledger was put back."""
        self.settled = 0
        self.frontier: merkle.Frontier = ()
        self.at: str | None = None
        """The last record's time; None before the service began to keep them in order."""
        self.has_tree = True
        """Whether every record so far holds: the tree over others would tell the same again."""

    def say(self, seq: int, what: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(ChainFault(seq, what))

    def take_file(self, path: Path) -> None:
        for line in checkpoints.lines(path, self.key):
            if isinstance(line, checkpoints.Unreadable):
                self.say(0, f"line {line.line} of the checkpoint file cannot be read")
            else:
                self._expect(line, IN_FILE)

    def take_head(self, connection: Connection) -> None:
        try:
            for row in connection.execute(CHECKPOINTS):
                self._expect(checkpoint_of(row), "checkpoint table")
            head = chain.head(connection)
            self.until = settled(connection, self.key)
        except UNREADABLE as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            self.say(0, "the head or the checkpoints in the database cannot be read")
            self.end_is_known = False
            return
        if head and (head.seq or head.signature):
            self.end_is_known = self._expect(head, "signed head")
            self.signed = head.seq

    def _expect(self, head: Head, place: str) -> bool:
        if not heads.is_signed(head, self.key):
            self.say(head.seq if isinstance(head.seq, int) else 0, f"{place}: not signed with this key")
            return False
        self.met.setdefault(head.seq, []).append((head, place))
        return True

    def walk(self, connection: Connection) -> None:
        try:
            self._walk(connection)
        except UNREADABLE as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            self.say(self.last + 1, f"one of the {AT_ONCE:,} from here cannot be read; the rest is unchecked")
            self.met.clear()
            self.end_is_known = False

    def _walk(self, connection: Connection) -> None:
        previous = chain.BEGINNING
        for rows in _rows(connection):
            for row in rows:
                seq, stored = row[0], row[-1]
                if seq < 1:
                    self.say(seq, "inserted: records are numbered from 1")
                    continue
                if seq != self.last + 1:
                    self._gap(seq)
                elif chain.chained(previous, seq, row[1:-1]) != stored:
                    self.say(seq, "changed: its hash does not follow from it and from the record before")
                    self.has_tree = False
                elif self.has_tree:
                    self.frontier = merkle.extended(self.last, self.frontier, (stored,))
                self._time(row)
                if seq in self.met:
                    self._meet(seq, stored)
                self.last, previous = seq, stored
            self.records += len(rows)

    def _time(self, row: Row[Any]) -> None:
        """Hold a record's time against that of the one before it."""
        at, kind, subject, outcome = row.at, row.kind, row.subject, row.outcome
        if self.at is None:
            if kind == Kind.SYSTEM and subject == times.STARTED and times.is_kept(row.detail):
                self.at = at
            return
        if at < self.at and not times.is_mark(kind, subject, outcome):
            self.say(
                row.seq, "earlier than the record before it, and no mark says that the clock was set back"
            )
        self.at = at

    def _gap(self, seq: int) -> None:
        self.has_tree = False
        if seq == self.last + 2:
            self.say(seq - 1, "missing")
        else:
            self.say(self.last + 1, f"missing, up to and with {seq - 1}")

    def _meet(self, seq: int, stored: bytes) -> None:
        for head, place in self.met.pop(seq):
            if head.hash != stored:
                if not self._is_settled(head, place):
                    self.say(seq, f"another record stood here: {place}")
            elif head.root and self.has_tree and head.root != merkle.root(self.frontier):
                self.say(seq, f"the tree over the records up to here has another root: {place}")

    def end(self) -> None:
        """What the chain should have come to."""
        beyond = {
            place: seq
            for seq in sorted(self.met)
            if seq > self.last
            for head, place in self.met[seq]
            if not self._is_settled(head, place)
        }
        for place, seq in beyond.items():
            self.say(self.last + 1, f"cut off, up to and with {seq}: {place}")
        if self.end_is_known and self.last > self.signed:
            self.say(self.signed + 1, "inserted: beyond the signed head")

    def _is_settled(self, head: Head, place: str) -> bool:
        """Whether it is of a ledger that an operator gave up; counted."""
        if place != IN_FILE or head.at > self.until:
            return False
        self.settled += 1
        return True


STORED = [type_coerce(column, String) if column.name == "at" else column for column in ledger.columns]
"""The columns of a record as they are kept, which is how they are hashed: its time as text."""
CHECKPOINTS: Select[Any] = select(
    ledger_checkpoint.c.seq,
    ledger_checkpoint.c.hash,
    type_coerce(ledger_checkpoint.c.at, String).label("at"),
    ledger_checkpoint.c.signature,
    ledger_checkpoint.c.origin,
    ledger_checkpoint.c.root,
).order_by(ledger_checkpoint.c.seq)
"""The checkpoints of the database as they are kept, oldest first."""


def checkpoint_of(row: Row[Any]) -> Head:
    """One of them."""
    return Head(row.seq, row.hash, row.at, row.signature, row.origin or "", row.root or b"")


def _rows(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    """Every record as it is stored, times as text, in the order of their numbers."""
    every = select(*STORED).order_by(ledger.c.seq).execution_options(yield_per=AT_ONCE)
    found = connection.execute(every)
    yield from found.partitions()
