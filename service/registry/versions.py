"""Versions of restrictions: each change writes the next, sealed; what was, what is, what it means today.

Nothing is deleted. The latest version of an id is marked; what stood at any moment can be told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, insert, select

from engine import dates
from engine.listing import area_codes
from engine.model import Restriction
from matchers import person
from service.access.view import concerns_prisons
from service.errors import NotFoundError
from service.registry import lookup
from service.registry.found import Drafted, FoundVersions, Page, StoredVersion
from service.registry.journal import RESTRICTION, Journal
from service.registry.local_numbers import exceptions_with_area_codes, with_area_codes
from service.registry.model import Document, ListingState, RestrictionVersion
from service.registry.prisoners import DIED, Prisoners
from service.registry.tables import outbox, restriction_prisoner, restriction_version
from service.storage import rows
from service.storage.rows import ChangedRowError
from service.storage.sealing import SealError
from service.storage.unread import CANNOT_BE_READ, History, each, history_of

CHUNK = 500
"""Rows read or written at once: a database takes some thousand parameters in one statement."""

LIKELY_NAME = 0.5
"""From which score two names are not different ones."""

_documents = msgspec.msgpack.Decoder(Document)
_pack = msgspec.msgpack.Encoder().encode
_LATEST = select(restriction_version).where(restriction_version.c.latest)


class Versions:
    """Reads and writes versions. Safe to share between threads."""

    def __init__(self, journal: Journal, prisoners: Prisoners) -> None:
        """`prisoners` says where they are and which numbers are one person's."""
        self._journal = journal
        self._prisoners = prisoners

    def get(self, id_: str, at: datetime | None = None, prisons: Collection[str] = ()) -> RestrictionVersion:
        """The latest version, or the one of a moment. Raises NotFoundError, also for one that concerns none
        of the prisons; where that is theirs and cannot be read, as `service.storage.unread` lists it."""
        wanted = select(restriction_version).where(restriction_version.c.id == id_)
        if at is not None:
            wanted = wanted.where(restriction_version.c.at <= at)
        with self._journal.database.read() as connection:
            found = wanted.order_by(restriction_version.c.version.desc()).limit(1)
            row = connection.execute(found).one_or_none()
        if row is None:
            raise NotFoundError("there is no such restriction" + ("" if at is None else " at that time"))
        try:
            version = self._version(row)
        except CANNOT_BE_READ:
            if self.may_concern(prisons, [id_]):
                raise
            raise NotFoundError("there is no such restriction") from None
        if not self.covers(prisons, version.document.restriction):
            raise NotFoundError("there is no such restriction")
        return version

    def last_change(self, id_: str) -> int:
        """The number of the change that wrote the latest version, which is plain. Raises NotFoundError."""
        wanted = select(restriction_version.c.seq).where(restriction_version.c.id == id_)
        with self._journal.database.read() as connection:
            seq = connection.execute(wanted.where(restriction_version.c.latest)).scalar_one_or_none()
        if seq is None:
            raise NotFoundError("there is no such restriction")
        return int(seq)

    def version(self, id_: str, number: int) -> RestrictionVersion:
        """One version. Raises NotFoundError, and as `get` for one that cannot be read."""
        this = (restriction_version.c.id == id_, restriction_version.c.version == number)
        with self._journal.database.read() as connection:
            row = connection.execute(select(restriction_version).where(*this)).one_or_none()
        if row is None:
            raise NotFoundError("there is no such version")
        return self._version(row)

    def numbered(self, connection: Connection, id_: str, version: int) -> Document:
        """One version by its number, in a transaction that is open."""
        this = (restriction_version.c.id == id_, restriction_version.c.version == version)
        row = connection.execute(select(restriction_version).where(*this)).one()
        return self._version(row).document

    def history(self, id_: str) -> History[RestrictionVersion]:
        """Every version. Raises NotFoundError."""
        wanted = select(restriction_version).where(restriction_version.c.id == id_)
        with self._journal.database.read() as connection:
            found = connection.execute(wanted.order_by(restriction_version.c.version.desc())).all()
        if not found:
            raise NotFoundError("there is no such restriction")
        return history_of(self._journal.vault, RESTRICTION, id_, found, self._version)

    def page(
        self,
        *,
        prisons: Collection[str] = (),
        prisoner_number: str | None = None,
        state: ListingState | None = None,
        after: str = "",
        limit: int = 50,
    ) -> Page:
        """Latest versions in the order of their ids, from behind `after`. No `prisons` is every prison."""
        wanted = _LATEST.where(restriction_version.c.id > after)
        if state is not None:
            wanted = wanted.where(restriction_version.c.state == state.value)
        if prisoner_number is not None:
            wanted = wanted.where(lookup.of_prisoners(self._prisoners.group(prisoner_number)))
        if prisons:
            wanted = wanted.where(lookup.of_prisons(self._journal.vault, prisons))
        with self._journal.database.read() as connection:
            found = connection.execute(wanted.order_by(restriction_version.c.id).limit(limit)).all()
        opened, unread = each(self._journal.vault, RESTRICTION, found, self._version)
        # not those that only once concerned these prisons, or make an exception for somebody there
        versions = tuple(one for one in opened if self.covers(prisons, one.document.restriction))
        if prisoner_number is not None:  # not those that only once named him, or make an exception for him
            group = set(self._prisoners.group(prisoner_number))
            versions = tuple(one for one in versions if group & set(one.document.restriction.prisoners))
        return Page(versions, found[-1].id if len(found) == limit else None, tuple(unread))

    def find(
        self, *, contact: str | None = None, name: str | None = None, prisons: Collection[str] = ()
    ) -> FoundVersions:
        """Latest versions that hold a contact point, or a name, as it is typed; withdrawn ones too."""
        vault = self._journal.vault
        digests = lookup.value_digests(vault, contact) if contact is not None else []
        by_name = list(lookup.name_digests(vault, [name])) if name is not None else []
        with self._journal.database.read() as connection:
            found: set[str] | None = None
            if contact is not None:
                found = {id_ for key in digests for id_ in self._journal.found(connection, RESTRICTION, key)}
            for key in by_name:  # every part of the name
                named = set(self._journal.found(connection, RESTRICTION, key))
                found = named if found is None else found & named
            opened = self.opened(connection, sorted(found or ()))
            unread = self._theirs(connection, opened.unread, prisons)
        mine = [one for one in opened.versions if self.covers(prisons, one.document.restriction)]
        return FoundVersions(mine, unread)

    def named_like(self, name: str, *, prisons: Collection[str] = (), limit: int = 50) -> FoundVersions:
        """Latest versions with a protected person whose name may be this one in any spelling, the likest
        first: each part as `person.written_as` tells, and together as `person.compare` does. At most `CHUNK`
        of those that share the parts are looked at."""
        parts = lookup.like_name_digests(self._journal.vault, name)
        if not parts:
            return FoundVersions([], [])
        found: set[str] | None = None
        with self._journal.database.read() as connection:
            for digests in parts:
                named = {id_ for _, id_ in self._journal.found_any(connection, RESTRICTION, digests)}
                found = named if found is None else found & named
            opened = self.opened(connection, sorted(found or ())[:CHUNK])
            unread = self._theirs(connection, opened.unread, prisons)
        given, is_one_word = person.read(name), len(parts) == 1
        alike: list[tuple[float, RestrictionVersion]] = []
        for version in opened.versions:
            restriction = version.document.restriction
            names = (restriction.protected.name, *restriction.protected.aliases)
            score = person.compare_any(given, [person.read(one) for one in names]).score
            if (is_one_word or score >= LIKELY_NAME) and self.covers(prisons, restriction):
                alike.append((score, version))
        alike.sort(key=lambda one: (-one[0], one[1].id))
        return FoundVersions([version for _, version in alike[:limit]], unread)

    def in_force(
        self, at: datetime, *, prisons: Collection[str] = (), after: str = "", limit: int = 50
    ) -> Page:
        """What was in force at a moment: standing then, and within its own dates. From behind `after`; one
        that cannot be read may have been."""
        other = restriction_version.alias()
        newest = (
            select(func.max(other.c.version))
            .where(other.c.id == restriction_version.c.id, other.c.at <= at)
            .scalar_subquery()
        )
        wanted = select(restriction_version).where(
            restriction_version.c.id > after,
            restriction_version.c.version == newest,
            restriction_version.c.state == ListingState.STANDING.value,
        )
        found: list[RestrictionVersion] = []
        unread: list[str] = []
        with self._journal.database.read() as connection:
            for row in connection.execute(wanted.order_by(restriction_version.c.id)):
                opened, not_read = each(self._journal.vault, RESTRICTION, [row], self._version)
                unread += self._theirs(connection, not_read, prisons)
                found += (one for one in opened if self._is_of(one.document.restriction, prisons, at))
                if len(found) == limit:
                    break
        return Page(tuple(found), found[-1].id if len(found) == limit else None, tuple(unread))

    def latest(self, connection: Connection, ids: Sequence[str]) -> dict[str, RestrictionVersion]:
        """Latest versions by id, in a transaction that is open, for whoever writes the next ones. Raises as
        `service.storage.unread` lists it."""
        return {row.id: self._version(row) for row in self._rows(connection, ids)}

    def opened(self, connection: Connection, ids: Sequence[str]) -> FoundVersions:
        """Latest versions in the order of their ids, in a transaction that is open; one that cannot be read
        stops no other."""
        return FoundVersions(
            *each(self._journal.vault, RESTRICTION, self._rows(connection, ids), self._version)
        )

    def standing(self, connection: Connection) -> Iterator[tuple[str, bytes, int]]:
        """Everything that stands, sealed: id, document, version. Raises ChangedRowError."""
        for row in self.stored(connection):
            if not row.holds:
                raise ChangedRowError
            if row.stands:
                yield row.id, row.sealed, row.version

    def stored(self, connection: Connection, ids: Collection[str] | None = None) -> Iterator[StoredVersion]:
        """The latest versions, of these or of all, as they are in the database; of one id side by side."""
        wanted = select(*rows.stored(restriction_version)).where(restriction_version.c.latest)
        wanted = wanted.order_by(restriction_version.c.id, restriction_version.c.version)
        if ids is None:
            found = connection.execute(wanted.execution_options(yield_per=CHUNK))
            for some in found.partitions():
                yield from self._checked(connection, some)
            return
        names = sorted(ids)
        for start in range(0, len(names), CHUNK):
            these = restriction_version.c.id.in_(names[start : start + CHUNK])
            yield from self._checked(connection, connection.execute(wanted.where(these)).all())

    def states(self, connection: Connection) -> dict[str, tuple[int, bool]]:
        """Of every restriction the number of its latest version, and whether that is said to stand."""
        wanted = select(restriction_version.c.id, restriction_version.c.version, restriction_version.c.state)
        latest = connection.execute(wanted.where(restriction_version.c.latest)).all()
        standing = ListingState.STANDING.value
        return {id_: (version, state == standing) for id_, version, state in latest}

    def stands(self, id_: str, sealed: bytes, version: int) -> bool:
        """Whether the version itself, which nobody makes without the key, says so; yes where it cannot be
        read."""
        try:
            return self.document(id_, sealed, version).stands
        except (SealError, msgspec.DecodeError):
            return True

    def effective(self, id_: str, sealed: bytes, version: int) -> Restriction:
        """What a version means today: every number of its prisoners, and the prisons they are in.

        Raises SealError, or msgspec's error, for one that cannot be read.
        """
        return self.today(self.document(id_, sealed, version).restriction)

    def today(self, restriction: Restriction) -> Restriction:
        """The restriction with merged numbers filled in; scope `prisoner` follows where he is.

        An exception that was given to somebody else is not his because two numbers turned out to be one
        person's.
        """
        prisoners = self._prisoners
        named = restriction.prisoners
        everyone = tuple(dict.fromkeys(number for one in named for number in prisoners.group(one)))
        exceptions = tuple(
            dict.fromkeys(
                msgspec.structs.replace(exception, prisoner=number)
                for exception in restriction.exceptions
                if exception.prisoner in named or exception.prisoner not in everyone
                for number in prisoners.group(exception.prisoner)
            )
        )
        changed: dict[str, Any] = {}
        if everyone != named:
            changed["prisoner"] = everyone if len(everyone) > 1 else everyone[0]
        if exceptions != restriction.exceptions:
            changed["exceptions"] = exceptions
        if restriction.scope == "prisoner":
            prisons = prisoners.prisons_of(named, restriction.establishments)
            if prisons != restriction.establishments:
                changed["establishment"] = prisons or None
                changed["contacts"] = with_area_codes(restriction)
                changed["exceptions"] = exceptions_with_area_codes(restriction, exceptions)
        return msgspec.structs.replace(restriction, **changed) if changed else restriction

    def naming(self, connection: Connection, numbers: Iterable[str]) -> list[str]:
        """Ids of restrictions that name any of these prisoners, or an exception for one."""
        wanted = select(restriction_prisoner.c.id).where(restriction_prisoner.c.prisoner.in_(list(numbers)))
        return sorted(set(connection.execute(wanted).scalars()))

    def growth(self, connection: Connection, since: int) -> int:
        """By how many more stand than at the change `since`, by what was written; fewer is below 0."""
        changed = (
            select(outbox.c.id, outbox.c.removed)
            .where(outbox.c.kind == RESTRICTION, outbox.c.seq > since)
            .order_by(outbox.c.seq)
        )
        stands = {row.id: not row.removed for row in connection.execute(changed)}
        stood: set[str] = set()
        ids = sorted(stands)
        for start in range(0, len(ids), CHUNK):
            before = (
                select(restriction_version.c.id, restriction_version.c.state)
                .where(restriction_version.c.id.in_(ids[start : start + CHUNK]))
                .where(restriction_version.c.seq <= since)
                .order_by(restriction_version.c.version)
            )
            last = {row.id: row.state for row in connection.execute(before)}
            stood.update(id_ for id_, state in last.items() if state == ListingState.STANDING)
        return sum(stands.values()) - len(stood)

    def covers(self, prisons: Collection[str], restriction: Restriction) -> bool:
        """Whether it concerns one of these prisons: one of its prisoners is there, or it was made there."""
        return concerns_prisons(prisons, restriction, self._prisoners.where_is)

    def all_died(self, restriction: Restriction) -> bool:
        """Whether everybody whom it names is noted as having died."""
        return all(self._prisoners.where_is(number) == DIED for number in restriction.prisoners)

    def concerning(self, prisons: Collection[str], ids: Iterable[str]) -> set[str]:
        """Of these restrictions, those that surely concern one of the prisons; one that nobody has, or that
        cannot be read, does not."""
        return self._concerning(prisons, ids)[0]

    def may_concern(self, prisons: Collection[str], ids: Iterable[str]) -> set[str]:
        """Those, and those that cannot be read and concern them by what is plain: their ids may be told."""
        return set().union(*self._concerning(prisons, ids))

    def _concerning(self, prisons: Collection[str], ids: Iterable[str]) -> tuple[set[str], set[str]]:
        wanted = sorted(set(ids))
        if not prisons:
            return set(wanted), set()
        with self._journal.database.read() as connection:
            found = self.opened(connection, wanted)
            unread = self._theirs(connection, found.unread, prisons)
        theirs = {one.id for one in found.versions if self.covers(prisons, one.document.restriction)}
        return theirs, set(unread)

    def unread(self, prisons: Collection[str]) -> list[str]:
        """Of these prisons, the ids of those that could not be read when somebody last tried."""
        known = sorted(self._journal.vault.unread.get(RESTRICTION, set()).copy())
        with self._journal.database.read() as connection:
            return self._theirs(connection, known, prisons)

    def write(
        self, connection: Connection, actor: str, drafts: Sequence[Drafted]
    ) -> tuple[RestrictionVersion, ...]:
        """Write versions, their records and outbox rows, in the transaction that is open.

        Raises ConflictError where one was written meanwhile.
        """
        journal, now = self._journal, self._journal.clock()
        seqs = journal.append(connection, [self._record(actor, draft) for draft in drafts])
        versions = []
        made: list[dict[str, Any]] = []
        for seq, (id_, before, document, _, second) in zip(seqs, drafts, strict=True):
            state = ListingState.STANDING if document.stands else ListingState.WITHDRAWN
            row: dict[str, Any] = {
                "id": id_,
                "version": before + 1,
                "seq": seq,
                "at": now,
                "author": actor,
                "confirmed_by": second,
                "state": state,
                "establishment": (document.restriction.establishments or (None,))[0],
            }
            versions.append(RestrictionVersion(document=document, **row))
            sealed = journal.vault.seal(_pack(document), _context(id_, before + 1))
            plain = {
                "state": state.value,
                "latest": True,
                "pathway": document.restriction.pathway,
                "court_order": document.restriction.has_court_order,
            }
            made.append({**row, **plain, "sealed": sealed})
        journal.follow(connection, RESTRICTION, restriction_version, made)
        self._index(connection, drafts)
        return tuple(versions)

    def document(self, id_: str, sealed: bytes, version: int) -> Document:
        """A version, opened. Raises SealError."""
        return _documents.decode(self._journal.vault.open(sealed, _context(id_, version)))

    def latest_number(self, connection: Connection, id_: str) -> int:
        """The number of the latest version, 0 for an id that was never used; nobody changes it meanwhile."""
        wanted = select(restriction_version.c.version).where(restriction_version.c.latest)
        found = wanted.where(restriction_version.c.id == id_).with_for_update()
        return connection.execute(found).scalar_one_or_none() or 0

    def standing_of(self, connection: Connection, ids: Sequence[str]) -> list[RestrictionVersion]:
        """The latest versions of these that stand, in a transaction that is open."""
        found = map(self._version, self._rows(connection, ids))
        return [one for one in found if one.state is ListingState.STANDING]

    def _record(self, actor: str, draft: Drafted) -> Any:
        restriction = draft.document.restriction
        named = restriction.prisoners
        return self._journal.record(
            actor,
            f"restriction/{draft.id}/{draft.before + 1}",
            draft.outcome,
            prisoner=named[0] if len(named) == 1 else None,
            establishment=(restriction.establishments or (None,))[0],
            prisoners=list(named),
            scope=restriction.scope,
            pathway=restriction.pathway,
            contacts=len(restriction.contacts),
            confirmed_by=draft.confirmed_by,
        )

    def _index(self, connection: Connection, drafts: Sequence[Drafted]) -> None:
        vault = self._journal.vault
        keys: list[tuple[str, bytes]] = []
        named: dict[tuple[str, str], None] = {}
        for draft in drafts:
            restriction = draft.document.restriction
            codes = area_codes(restriction)
            for contact in restriction.contacts:
                keys += [(draft.id, one) for one in lookup.contact_digests(vault, contact, codes)]
            keys += [(draft.id, lookup.prison_digest(vault, prison)) for prison in restriction.establishments]
            protected = restriction.protected
            names = (protected.name, *protected.aliases)
            keys += [(draft.id, one) for one in lookup.name_digests(vault, names)]
            numbers = [*restriction.prisoners, *(one.prisoner for one in restriction.exceptions)]
            named.update(dict.fromkeys((number, draft.id) for number in numbers))
        self._journal.find_by(connection, RESTRICTION, keys)
        known = self._known_prisoners(connection, [draft.id for draft in drafts if draft.before])
        new = [{"prisoner": number, "id": id_} for number, id_ in named if (number, id_) not in known]
        if new:
            connection.execute(insert(restriction_prisoner), new)

    def _known_prisoners(self, connection: Connection, ids: Sequence[str]) -> set[tuple[str, str]]:
        known: set[tuple[str, str]] = set()
        for start in range(0, len(ids), CHUNK):
            wanted = select(restriction_prisoner.c.prisoner, restriction_prisoner.c.id)
            found = wanted.where(restriction_prisoner.c.id.in_(ids[start : start + CHUNK]))
            known.update((row.prisoner, row.id) for row in connection.execute(found))
        return known

    def _checked(self, connection: Connection, found: Sequence[Row[Any]]) -> Iterator[StoredVersion]:
        """Whether each holds, and is the last that the ledger knows of."""
        for row, holds in self._journal.checked(connection, RESTRICTION, restriction_version, found):
            stands = row.state == ListingState.STANDING.value
            yield StoredVersion(row.id, row.sealed, row.version, stands, holds)

    def _rows(self, connection: Connection, ids: Sequence[str]) -> Iterator[Row[Any]]:
        for start in range(0, len(ids), CHUNK):
            wanted = _LATEST.where(restriction_version.c.id.in_(ids[start : start + CHUNK]))
            yield from connection.execute(wanted.order_by(restriction_version.c.id)).all()

    def _is_of(self, restriction: Restriction, prisons: Collection[str], at: datetime) -> bool:
        is_then = dates.in_force(restriction.from_, restriction.until, at)
        return is_then and self.covers(prisons, restriction)

    def _theirs(self, connection: Connection, ids: Sequence[str], prisons: Collection[str]) -> list[str]:
        """Those of some that cannot be read which concern these prisons, by what is plain of them."""
        if not (ids and prisons):
            return list(ids)
        theirs = lookup.of_prisons(self._journal.vault, prisons)
        wanted = _LATEST.where(restriction_version.c.id.in_(ids), theirs)
        return [row.id for row in connection.execute(wanted.order_by(restriction_version.c.id))]

    def _version(self, row: Row[Any]) -> RestrictionVersion:
        """Whether it stands and where it belongs is what the sealed document says."""
        document = self.document(row.id, row.sealed, row.version)
        return RestrictionVersion(
            id=row.id,
            version=row.version,
            seq=row.seq,
            at=row.at,
            author=row.author,
            confirmed_by=row.confirmed_by,
            state=ListingState.STANDING if document.stands else ListingState.WITHDRAWN,
            document=document,
            establishment=(document.restriction.establishments or (None,))[0],
        )


def _context(id_: str, version: int) -> str:
    return f"restriction/{id_}/{version}"
