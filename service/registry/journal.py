"""The journal: what every write of the registry leaves in its transaction, a record and an outbox row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Table, insert, select
from sqlalchemy.exc import IntegrityError

from service.errors import ConflictError
from service.ledger import payloads
from service.ledger.chain import append, lock
from service.ledger.record import Kind, Record, ledger, of_no_attempt
from service.registry.model import ListingState
from service.registry.tables import finder, outbox
from service.storage import rows as stored
from service.storage.database import Database
from service.storage.sealing import Vault

RESTRICTION, REGISTER, PRISONER, DIRECTORY, APPROVAL, POLICY, MONITORING = (
    "restriction", "register", "prisoner", "directory", "approval", "policy", "monitoring",
)  # fmt: skip
"""Kinds of things that change."""
AT_ONCE = 500
"""Values looked up in one statement: a database takes some thousand parameters."""
T = TypeVar("T")


def some_at_once(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in their order, as many at a time as one statement takes."""
    every = list(values)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def subject_id(subject: str) -> str:
    """The id in a record's `kind/ID/VERSION`."""
    return subject.partition("/")[2].rpartition("/")[0]


class OutboxRow(NamedTuple):
    """A row of the outbox."""

    seq: int
    kind: str
    id: str
    removed: bool


class Journal(NamedTuple):
    """Where changes are written down: the database with its keys, its clock, its ledger and its outbox."""

    database: Database
    vault: Vault
    clock: Callable[[], datetime]

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that has the end of the ledger from its beginning.

        So writers in several processes take their turns before they read, and none can wait for another that
        waits for it.
        """
        with self.database.write() as connection:
            lock(connection)
            yield connection

    @contextmanager
    def whole(self) -> Iterator[Connection]:
        """The same for whatever this thread reads and writes until the block ends (`Database.whole`)."""
        with self.database.whole() as connection:
            lock(connection)
            yield connection

    def record(
        self,
        actor: str,
        subject: str,
        outcome: str,
        *,
        kind: Kind = Kind.CHANGE,
        prisoner: str | None = None,
        establishment: str | None = None,
        **detail: object,
    ) -> Record:
        """A record of now. Everything in it is plain."""
        return Record(
            at=self.clock(),
            kind=kind,
            actor=actor,
            subject=subject,
            outcome=outcome,
            prisoner=prisoner,
            establishment=establishment,
            detail=payloads.plain(detail),
        )

    def append(self, connection: Connection, records: Sequence[Record]) -> range:
        """Write records; gives their numbers."""
        first = append(connection, self.vault, records)
        return range(first, first + len(records))

    def saw(
        self,
        actor: str,
        subject: str,
        why: str,
        *,
        prisoner: str | None = None,
        establishment: str | None = None,
    ) -> None:
        """Record, on the disk, that somebody sees what is sealed. Why is sealed too."""
        record = self.record(
            actor, subject, "seen", kind=Kind.VIEW, prisoner=prisoner, establishment=establishment
        )
        sealed = payloads.seal(self.vault, subject, why)
        with self.write() as connection:
            self.append(connection, [msgspec.structs.replace(record, sealed=sealed)])

    def follow(self, connection: Connection, kind: str, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows of versions in the place of the latest ones, and put them into the outbox.

        Raises ConflictError where one was written meanwhile, ChangedRowError where a latest one is not as
        the service wrote it.
        """
        followed = [row["id"] for row in rows if row["version"] > 1]
        for some in some_at_once(followed):
            latest = (table.c.id.in_(some), table.c.latest)
            stored.update(connection, self.vault, table, latest, {"latest": False})
        try:
            stored.insert(connection, self.vault, table, rows)
        except IntegrityError:
            raise ConflictError("somebody changed it meanwhile: read it again") from None
        withdrawn = ListingState.WITHDRAWN.value
        self.announce(
            connection,
            [OutboxRow(row["seq"], kind, row["id"], row.get("state") == withdrawn) for row in rows],
        )

    def followed(self, connection: Connection, kind: str, versions: Mapping[str, int]) -> set[str]:
        """Of these ids those of which the ledger records a later version than this."""
        subjects = {f"{kind}/{id_}/{version + 1}": id_ for id_, version in versions.items()}
        wanted = select(ledger.c.subject, ledger.c.kind)  # by the subject's index: of one kind there are many
        later: set[str] = set()
        for some in some_at_once(subjects):
            found = connection.execute(wanted.where(ledger.c.subject.in_(some), of_no_attempt))
            later.update(subjects[subject] for subject, said in found if said == Kind.CHANGE.value)
        return later

    def checked(
        self, connection: Connection, kind: str, table: Table, found: Sequence[Row[Any]]
    ) -> Iterator[tuple[Row[Any], bool]]:
        """Latest versions that were read by the columns of `rows.stored`, and whether each is as the service
        wrote it and the last that the ledger knows of."""
        followed = self.followed(connection, kind, {row.id: row.version for row in found})
        for row in found:
            yield row, stored.stored_holds(self.vault, table, row) and row.id not in followed

    def lost(self, connection: Connection, kind: str, table: Table) -> set[str]:
        """Ids of which the ledger records a version that is in the table no more, or none is the latest."""
        name = table.c.number if "number" in table.c else table.c.id
        changes = select(ledger.c.seq, ledger.c.subject).where(ledger.c.kind == Kind.CHANGE.value)
        versions = connection.execute(select(table.c.seq, name, table.c.version)).all()
        there = {(seq, f"{kind}/{id_}/{version}") for seq, id_, version in versions}
        headed = set(connection.execute(select(name).where(table.c.latest)).scalars())
        gone = {id_ for _, id_, _ in versions if id_ not in headed}
        # Held against each other here: as one statement it took the square of the time in SQLite.
        for seq, subject in connection.execute(changes.execution_options(yield_per=10_000)):
            if subject.startswith(f"{kind}/") and (seq, subject) not in there:
                gone.add(subject_id(subject))
        return gone

    def announce(self, connection: Connection, changes: Iterable[OutboxRow]) -> None:
        """Put changes into the outbox."""
        at = self.clock()
        rows = [{**change._asdict(), "at": at} for change in changes]
        if rows:
            connection.execute(insert(outbox), rows)

    def find_by(self, connection: Connection, kind: str, keys: Iterable[tuple[str, bytes]]) -> None:
        """Let listings be found by digests, given as (id, digest)."""
        in_order = sorted(set(keys), key=itemgetter(1, 0))  # so that each page of the table is written once
        if in_order:
            sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
            row = f"INSERT INTO finder (digest, kind, id) VALUES ({sign}, {sign}, {sign})"  # noqa: S608
            connection.exec_driver_sql(
                f"{row} ON CONFLICT DO NOTHING", [(digest, kind, id_) for id_, digest in in_order]
            )

    def found_any(
        self, connection: Connection, kind: str, digests: Collection[bytes]
    ) -> Iterator[tuple[bytes, str]]:
        """For many values at once, which listings any version of held each: (digest, id)."""
        wanted = select(finder.c.digest, finder.c.id).where(finder.c.kind == kind)
        for some in some_at_once(digests):
            for row in connection.execute(wanted.where(finder.c.digest.in_(some))):
                yield row.digest, row.id

    def found(self, connection: Connection, kind: str, digest: bytes) -> list[str]:
        """Listings any version of which held a value."""
        wanted = select(finder.c.id).where(finder.c.digest == digest, finder.c.kind == kind)
        return list(connection.execute(wanted.order_by(finder.c.id)).scalars())
