"""The confidential register: who is on it is beyond every check, so each addition takes two people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, select

from engine.jsonl import InputError, check_confidential
from engine.model import ConfidentialEntry
from service.access.model import Principal
from service.errors import ConflictError, InvalidError, NotFoundError
from service.registry import lookup
from service.registry.approvals import Approval, Approvals, Asked
from service.registry.ids import check_id
from service.registry.journal import REGISTER, Journal
from service.registry.model import EntryDocument, EntryVersion, ListingState, widens
from service.registry.tables import register_version
from service.storage import rows
from service.storage.unread import History, each, history_of, known

ENTRY = "register"
"""What an approval of an entry is called."""

_documents = msgspec.msgpack.Decoder(EntryDocument)
_pack = msgspec.msgpack.Encoder().encode


class EntryWritten(NamedTuple):
    """A version in force, or an approval that it waits for."""

    version: EntryVersion | None
    approval: Approval | None = None


class FoundEntries(NamedTuple):
    """Entries, and the ids of those among them that cannot be read."""

    entries: Sequence[EntryVersion]
    unread: Sequence[str]
    next: str | None = None
    """Behind which id there may be more."""


class StoredEntry(NamedTuple):
    """A latest version as it is in the database: what its row says, and whether the service wrote that."""

    id: str
    sealed: bytes
    version: int
    stands: bool
    holds: bool


class EntryDraft(NamedTuple):
    """A version that is about to be written. `before` is the version that it follows, 0 for none."""

    id: str
    before: int
    state: ListingState
    document: EntryDocument
    outcome: str
    confirmed_by: str | None = None


class Register:
    """Keeps the entries. Safe to share between threads."""

    def __init__(self, journal: Journal, approvals: Approvals) -> None:
        """Additions go to `approvals` first."""
        self._journal = journal
        self._approvals = approvals

    def add(self, by: Principal, entry: ConfidentialEntry, verified: str, reason: str = "") -> EntryWritten:
        """Ask for an entry; `verified` says how. It needs an `id`. Raises InvalidError, ConflictError."""
        entry = _checked(entry)
        document = EntryDocument(entry=entry, verified=verified, reason=reason)
        with self._journal.write() as connection:
            if self._latest_row(connection, self.id_of(entry)) is not None:
                raise ConflictError("there is, or was, an entry with this id", "id")
            return EntryWritten(None, self._ask(connection, by, self.id_of(entry), 0, document, None))

    def change(
        self,
        by: Principal,
        id_: str,
        version: int,
        entry: ConfidentialEntry,
        verified: str,
        reason: str,
    ) -> EntryWritten:
        """The next version; what puts more beyond the checks needs a second person.

        Raises InvalidError, NotFoundError, ConflictError.
        """
        entry = _checked(entry)
        if self.id_of(entry) != id_:
            raise InvalidError("not the id of this entry", "id")
        document = EntryDocument(entry=entry, verified=verified, reason=reason)
        with self._journal.write() as connection:
            before = self._expect(connection, id_, version)
            old = before.document if before.state is ListingState.STANDING else None
            if widens(old, document):
                return EntryWritten(None, self._ask(connection, by, id_, version, document, old))
            draft = EntryDraft(id_, version, ListingState.STANDING, document, "changed")
            return EntryWritten(self.write(connection, by.id, [draft])[0])

    def remove(self, by: Principal, id_: str, version: int, reason: str) -> EntryVersion:
        """Take an entry off, at once: what it covered is checked again.

        Raises NotFoundError, ConflictError.
        """
        with self._journal.write() as connection:
            before = self._expect(connection, id_, version)
            if before.state is not ListingState.STANDING:
                raise ConflictError("it was removed before")
            document = msgspec.structs.replace(before.document, reason=reason)
            draft = EntryDraft(id_, version, ListingState.WITHDRAWN, document, "removed")
            return self.write(connection, by.id, [draft])[0]

    def confirmed(self, connection: Connection, by: Principal, approval: Approval, payload: bytes) -> None:
        """Put in force what waited for a second person, who is `by`. Raises ConflictError when it changed."""
        row = self._latest_row(connection, approval.subject)
        if (row.version if row is not None else 0) != approval.base:
            raise ConflictError("the entry changed since: it has to be asked for again")
        document = proposed(payload)
        outcome = "changed" if approval.base else "created"
        draft = EntryDraft(approval.subject, approval.base, ListingState.STANDING, document, outcome, by.id)
        self.write(connection, approval.asked_by, [draft])

    def id_of(self, entry: ConfidentialEntry) -> str:
        """What an entry is called: its id, or a keyed hash of its name where it has none."""
        return entry.id or f"N-{self._journal.vault.digest('register', entry.name).hex()}"

    def get(self, id_: str) -> EntryVersion:
        """The latest version. Raises NotFoundError."""
        with self._journal.database.read() as connection:
            row = self._latest_row(connection, id_)
        if row is None:
            raise NotFoundError("there is no such entry")
        return self._version(row)

    def history(self, id_: str) -> History[EntryVersion]:
        """Every version. Raises NotFoundError."""
        wanted = select(register_version).where(register_version.c.id == id_)
        with self._journal.database.read() as connection:
            found = connection.execute(wanted.order_by(register_version.c.version.desc())).all()
        if not found:
            raise NotFoundError("there is no such entry")
        return history_of(self._journal.vault, REGISTER, id_, found, self._version)

    def list(self, *, after: str = "", limit: int = 50) -> FoundEntries:
        """Standing entries in the order of their ids, from behind `after`."""
        wanted = (
            select(register_version)
            .where(register_version.c.latest, register_version.c.state == ListingState.STANDING.value)
            .where(register_version.c.id > after)
            .order_by(register_version.c.id)
            .limit(limit)
        )
        with self._journal.database.read() as connection:
            found = connection.execute(wanted).all()
        return self._found(found)._replace(next=found[-1].id if len(found) == limit else None)

    def standing_of(self, connection: Connection, ids: Sequence[str]) -> FoundEntries:
        """Those of these ids that stand, in a transaction that is open."""
        wanted = select(register_version).where(register_version.c.latest, register_version.c.id.in_(ids))
        wanted = wanted.where(register_version.c.state == ListingState.STANDING.value)
        return self._found(connection.execute(wanted.order_by(register_version.c.id)))

    def standing(self, connection: Connection) -> Iterator[tuple[str, bytes, int]]:
        """Everything that stands, sealed: id, document, version. Without what was changed in the database:
        that is checked like anybody else."""
        for row in self.stored(connection):
            if row.holds and row.stands:
                yield row.id, row.sealed, row.version

    def stored(self, connection: Connection) -> Iterator[StoredEntry]:
        """Every latest version as it is in the database."""
        wanted = select(*rows.stored(register_version)).where(register_version.c.latest)
        found = connection.execute(wanted.order_by(register_version.c.id)).all()
        for row, holds in self._journal.checked(connection, REGISTER, register_version, found):
            stands = row.state == ListingState.STANDING.value
            yield StoredEntry(row.id, row.sealed, row.version, stands, holds)

    def entry(self, id_: str, sealed: bytes, version: int) -> ConfidentialEntry:
        """What a sealed version says. Raises SealError."""
        return self._open(id_, sealed, version).entry

    def latest(self, connection: Connection, id_: str) -> EntryVersion | None:
        """The latest version, in a transaction that is open."""
        row = self._latest_row(connection, id_)
        return None if row is None else self._version(row)

    def write(
        self, connection: Connection, actor: str, drafts: Sequence[EntryDraft]
    ) -> tuple[EntryVersion, ...]:
        """Write versions, their records and outbox rows, in the transaction that is open.

        Raises ConflictError where one was written meanwhile.
        """
        journal, now = self._journal, self._journal.clock()
        records = [
            journal.record(
                actor,
                f"register/{draft.id}/{draft.before + 1}",
                draft.outcome,
                entry_kind=draft.document.entry.kind,
                contacts=len(draft.document.entry.contacts),
                confirmed_by=draft.confirmed_by,
            )
            for draft in drafts
        ]
        versions, made, keys = [], [], []
        for seq, draft in zip(journal.append(connection, records), drafts, strict=True):
            row: dict[str, Any] = {
                "id": draft.id,
                "version": draft.before + 1,
                "seq": seq,
                "at": now,
                "author": actor,
                "confirmed_by": draft.confirmed_by,
                "state": draft.state,
            }
            versions.append(EntryVersion(document=draft.document, **row))
            sealed = journal.vault.seal(_pack(draft.document), _context(draft.id, draft.before + 1))
            made.append({**row, "state": draft.state.value, "latest": True, "sealed": sealed})
            for contact in draft.document.entry.contacts:
                keys += [(draft.id, one) for one in lookup.contact_digests(journal.vault, contact)]
        journal.follow(connection, REGISTER, register_version, made)
        journal.find_by(connection, REGISTER, keys)
        return tuple(versions)

    def _ask(
        self,
        connection: Connection,
        by: Principal,
        id_: str,
        base: int,
        document: EntryDocument,
        before: EntryDocument | None,
    ) -> Approval:
        asked = Asked(ENTRY, id_, base, None, _pack(document), widens(before, document))
        return self._approvals.ask(connection, by.id, asked)

    def _expect(self, connection: Connection, id_: str, version: int) -> EntryVersion:
        row = self._latest_row(connection, id_)
        if row is None:
            raise NotFoundError("there is no such entry")
        if row.version != version:
            raise ConflictError("somebody changed it meanwhile: read it again", "version")
        return self._version(row)

    def _latest_row(self, connection: Connection, id_: str) -> Row[Any] | None:
        wanted = select(register_version).where(register_version.c.id == id_, register_version.c.latest)
        return connection.execute(wanted.with_for_update()).one_or_none()

    def _found(self, found: Iterable[Row[Any]]) -> FoundEntries:
        return FoundEntries(*each(self._journal.vault, REGISTER, found, self._version))

    def _version(self, row: Row[Any]) -> EntryVersion:
        return EntryVersion(
            id=row.id,
            version=row.version,
            seq=row.seq,
            at=row.at,
            author=row.author,
            confirmed_by=row.confirmed_by,
            state=known(ListingState, row.state),
            document=self._open(row.id, row.sealed, row.version),
        )

    def _open(self, id_: str, sealed: bytes, version: int) -> EntryDocument:
        return _documents.decode(self._journal.vault.open(sealed, _context(id_, version)))


def proposed(payload: bytes) -> EntryDocument:
    """The next version, from the approval that it waits for."""
    return _documents.decode(payload)


def _checked(entry: ConfidentialEntry) -> ConfidentialEntry:
    """An entry every part of which can be used. Raises InvalidError."""
    try:
        read = check_confidential(entry)
    except InputError as error:
        raise InvalidError(error.what, error.field) from None
    if read.problems:
        raise InvalidError(read.problems[0].what, read.problems[0].field)
    if entry.id is not None:
        check_id(entry.id)
    return read.entry


def _context(id_: str, version: int) -> str:
    return f"register/{id_}/{version}"
