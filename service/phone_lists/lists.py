"""Reads lists, screens every entry, and keeps what drifted: what is new, what is still there, what is gone.

Whatever is found or gone is in the ledger, without the number. What is restricted or doubtful waits in the
reviewers' queue as well, and anew once the restriction, the number or its name is another. A list that cannot
be read changes nothing of what was known of it, and is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from adapters.pin_phone.lists import ListedNumber, PhoneSystemError
from adapters.pin_phone.reconcile import (
    DriftKind,
    PrisonerList,
    Screened,
    ScreenedEntry,
    drift_of,
    read_lists,
)
from engine.canary import PRISONERS_LIKE, is_imaginary
from engine.model import ReasonCode
from engine.screener import Screener
from matchers import phone
from service.check.contact import screen_contact
from service.check.requests import ContactBody
from service.ledger import payloads
from service.ledger.payloads import Decided, DriftDetail
from service.ledger.record import Kind, Record
from service.operations.clock import Clock
from service.phone_lists.held import HELD
from service.phone_lists.tables import phone_drift, phone_entry, phone_list
from service.registry.journal import PRISONER, REGISTER, RESTRICTION, Journal, OutboxRow, some_at_once
from service.registry.prisoners import DIED, RELEASED
from service.registry.registry import Registry
from service.registry.tables import finder, prisoner, restriction_prisoner, restriction_version
from service.review.model import PHONE_LIST, Standing
from service.review.queueing import enqueue
from service.review.reviews import Reviews

ACTOR = "phone-lists"
"""Who it is in the ledger."""
NEW_FOR = timedelta(days=14)
"""How long a number is new. Two who got the same one within it are worth a look; two brothers are not."""
AGAIN = timedelta(minutes=5)
"""Until a list that could not be read is tried again."""
MOST_AT_ONCE = 100
"""Lists of one round, which ends in one transaction: for as long no answer to a call is written."""
DRIFT_HELD = "drift_held"
"""What the ledger calls a drift that waits for a reviewer."""

_NOT_SCREENED = frozenset({ReasonCode.STALE_BLOCKLIST.value, ReasonCode.MATCHER_FAILED.value})
_pack = msgspec.msgpack.Encoder().encode

Read = Callable[[str], tuple[ListedNumber, ...]]
Key = tuple[bytes, str]
"""Of a drift within a list: the number's hash, and the kind."""


class Kept(msgspec.Struct, frozen=True):
    """What is sealed of an entry."""

    number: str
    name: str
    id: str


class Round(NamedTuple):
    """What came of reading some lists."""

    read: int = 0
    failed: int = 0
    found: int = 0
    gone: int = 0


class PhoneLists:
    """Keeps what is known of the lists. Safe to share between threads; one round at a time."""

    def __init__(self, registry: Registry, read: Read) -> None:
        """`read` gives one prisoner's list, and raises PhoneSystemError."""
        self._registry = registry
        self._journal: Journal = registry.journal
        self._reviews = Reviews(registry.journal)
        self._read = read

    def reconcile(self, prisoners: Iterable[str], screener: Screener, change: int) -> Round:
        """Read these lists and hold them against the restrictions, of which `change` is the last one."""
        wanted = list(dict.fromkeys(prisoners))
        done = Round()
        for start in range(0, len(wanted), MOST_AT_ONCE):
            some = wanted[start : start + MOST_AT_ONCE]
            lists = self._lists(some, screener)
            with self._journal.write() as connection:
                one = self._keep(connection, lists, screener, change)
            done = Round(*(a + b for a, b in zip(done, one, strict=True)))
        return done

    def concerned(self, changes: Iterable[OutboxRow]) -> set[str]:
        """Whose lists have to be looked at after these changes."""
        by_kind: dict[str, set[str]] = {}
        for change in changes:
            by_kind.setdefault(change.kind, set()).add(change.id)
        moved = by_kind.get(PRISONER, set())
        found = {number for one in moved for number in self._registry.prisoners.group(one)}
        with self._journal.database.read() as connection:
            for kind in (RESTRICTION, REGISTER):
                ids = sorted(by_kind.get(kind, ()))
                for start in range(0, len(ids), 500):
                    found |= _holders(connection, kind, ids[start : start + 500])
            if REGISTER in by_kind:
                claimed = select(phone_drift.c.prisoner).where(
                    phone_drift.c.gone_at.is_(None), phone_drift.c.kind == DriftKind.UNPROVEN.value
                )
                found |= set(connection.execute(claimed).scalars())
        return {number for number in found if not is_imaginary(number)}

    def due(self, every: timedelta) -> list[str]:
        """Whose lists were not read for so long, the longest first; those never read before them."""
        now = self._journal.clock()
        known = select(prisoner.c.number).where(
            prisoner.c.latest,
            prisoner.c.merged_into.is_(None),
            or_(prisoner.c.establishment.is_(None), prisoner.c.establishment.not_in((RELEASED, DIED))),
        )
        everybody = known.union(select(restriction_prisoner.c.prisoner)).subquery()
        wanted = (
            select(everybody.c.number)
            .outerjoin(phone_list, phone_list.c.prisoner == everybody.c.number)
            .where(
                everybody.c.number.not_like(PRISONERS_LIKE),
                or_(
                    phone_list.c.prisoner.is_(None),
                    phone_list.c.tried_at < now - every,
                    and_(phone_list.c.failed.is_not(None), phone_list.c.tried_at < now - AGAIN),
                ),
            )
            .order_by(phone_list.c.tried_at.is_not(None), phone_list.c.tried_at)
            .limit(MOST_AT_ONCE)
        )
        with self._journal.database.read() as connection:
            return list(connection.execute(wanted).scalars())

    def last_change(self) -> int | None:
        """The registry's change up to which lists were followed; None before the first."""
        with self._journal.database.read() as connection:
            found = connection.execute(select(func.max(phone_list.c.change))).scalar()
        return None if found is None else int(found)

    def opened(self, prisoner_number: str, number: bytes) -> Kept | None:
        """The entry behind a drift; None once it is off the list. Raises SealError."""
        wanted = select(phone_entry.c.sealed).where(
            phone_entry.c.prisoner == prisoner_number, phone_entry.c.number == number
        )
        with self._journal.database.read() as connection:
            sealed = connection.execute(wanted).scalar()
        if sealed is None:
            return None
        plain = self._journal.vault.open(sealed, _context(prisoner_number, number))
        return msgspec.msgpack.decode(plain, type=Kept)

    def _lists(self, prisoners: Sequence[str], screener: Screener) -> list[PrisonerList]:
        at = Clock.of(self._journal.clock).moment()
        known = [(number, self._registry.where_is(number)) for number in prisoners]

        def screen(number: str, prison: str | None, entry: ListedNumber) -> Screened:
            decision = screen_contact(screener, _as_asked_for(number, prison, entry), prison, at)
            codes = tuple(dict.fromkeys(reason.code.value for reason in decision.reasons))
            if not screener.blocklist.usable or not _NOT_SCREENED.isdisjoint(codes):
                raise PhoneSystemError("not screened: the blocklist cannot be used")
            named = tuple(dict.fromkeys(r.restriction for r in decision.reasons if r.restriction is not None))
            return Screened(decision.decision, decision.confidential, codes, named)

        return list(read_lists(known, self._read, screen))

    def _keep(
        self, connection: Connection, lists: Collection[PrisonerList], screener: Screener, change: int
    ) -> Round:
        now = self._journal.clock()
        good = [lst for lst in lists if lst.error is None]
        names = [lst.prisoner for lst in lists]
        before = {
            row.prisoner: row
            for row in connection.execute(select(phone_list).where(phone_list.c.prisoner.in_(names)))
        }
        self._keep_entries(connection, good, before, now)
        drifts = {lst.prisoner: self._drifts(lst) for lst in good}
        for number, holder in self._shared(connection, good, now):
            drifts[holder][number, DriftKind.SHARED.value] = None
        found, gone = self._keep_drifts(connection, good, drifts, screener, now)
        connection.execute(delete(phone_list).where(phone_list.c.prisoner.in_(names)))
        rows = [_row(lst, before.get(lst.prisoner), now, change) for lst in lists]
        if rows:
            connection.execute(insert(phone_list), rows)
        return Round(len(good), len(lists) - len(good), found, gone)

    def _keep_entries(
        self,
        connection: Connection,
        lists: Iterable[PrisonerList],
        before: dict[str, Row[Any]],
        now: datetime,
    ) -> None:
        numbers = [lst.prisoner for lst in lists]
        seen = {
            (row.prisoner, row.number): row.first_seen
            for row in connection.execute(
                select(phone_entry.c.prisoner, phone_entry.c.number, phone_entry.c.first_seen).where(
                    phone_entry.c.prisoner.in_(numbers)
                )
            )
        }
        connection.execute(delete(phone_entry).where(phone_entry.c.prisoner.in_(numbers)))
        rows: dict[tuple[str, bytes], dict[str, Any]] = {}
        for lst in lists:
            was_read = lst.prisoner in before and before[lst.prisoner].read_at is not None
            for one in lst.entries:
                key = lst.prisoner, self._digest(one)
                kept = Kept(one.entry.number, one.entry.name, one.entry.id)
                rows[key] = {
                    "prisoner": key[0],
                    "number": key[1],
                    "first_seen": seen.get(key, now if was_read else None),
                    "confidential": one.screened.confidential,
                    "sealed": self._journal.vault.seal(_pack(kept), _context(*key)),
                }
        if rows:
            connection.execute(insert(phone_entry), list(rows.values()))

    def _drifts(self, lst: PrisonerList) -> dict[Key, ScreenedEntry | None]:
        return {(self._digest(one.entry), one.kind.value): one.entry for one in drift_of(lst)}

    def _shared(
        self, connection: Connection, lists: Collection[PrisonerList], now: datetime
    ) -> Iterator[tuple[bytes, str]]:
        """New numbers that several have, with those of these prisoners who have them."""
        mine: dict[bytes, list[str]] = {}
        for lst in lists:
            for one in lst.entries:
                if not one.screened.confidential:
                    mine.setdefault(self._digest(one), []).append(lst.prisoner)
        keys = sorted(mine)
        for start in range(0, len(keys), 500):
            wanted = (
                select(phone_entry.c.number)
                .where(phone_entry.c.number.in_(keys[start : start + 500]))
                .group_by(phone_entry.c.number)
                .having(
                    func.count() > 1,
                    func.count() == func.count(phone_entry.c.first_seen),
                    func.min(phone_entry.c.first_seen) > now - NEW_FOR,
                )
            )
            for number in connection.execute(wanted).scalars():
                for holder in dict.fromkeys(mine[number]):
                    yield number, holder

    def _keep_drifts(
        self,
        connection: Connection,
        lists: Collection[PrisonerList],
        drifts: dict[str, dict[Key, ScreenedEntry | None]],
        screener: Screener,
        now: datetime,
    ) -> tuple[int, int]:
        numbers = [lst.prisoner for lst in lists]
        rows = connection.execute(select(phone_drift).where(phone_drift.c.prisoner.in_(numbers))).all()
        known = {(row.prisoner, (row.number, row.kind)): row for row in rows}
        versions = self._versions(connection, drifts)
        new: list[tuple[dict[str, Any], Record]] = []
        for lst in lists:
            for key, one in drifts[lst.prisoner].items():
                row = known.pop((lst.prisoner, key), None)
                values = self._values(key, one, versions)
                is_there = row is not None and row.gone_at is None
                if row is not None and is_there and _is_same(row, values):
                    if (row.codes, row.restrictions) != (values["codes"], values["restrictions"]):
                        connection.execute(_where(update(phone_drift), lst.prisoner, key).values(values))
                    continue
                since = self._since(connection, row, now) if row is not None and is_there else now
                if row is not None:
                    connection.execute(_where(delete(phone_drift), lst.prisoner, key))
                made = {"prisoner": lst.prisoner, "number": key[0], "kind": key[1], **values}
                record = self._found(lst, key, one, values, screener)
                new.append(({**made, "found_at": since, "gone_at": None, "review": None}, record))
        where = {lst.prisoner: lst for lst in lists}
        gone = [row for row in known.values() if row.gone_at is None]
        for row in gone:
            key = row.number, row.kind
            connection.execute(_where(update(phone_drift), row.prisoner, key).values(gone_at=now))
        self._reviews.withdraw(connection, [row.review for row in gone if row.review is not None])
        self._queue(connection, new)
        self._journal.append(connection, [self._gone(where[row.prisoner], row) for row in gone])
        return len(new), len(gone)

    def _queue(self, connection: Connection, new: Sequence[tuple[dict[str, Any], Record]]) -> None:
        """Write what was found with its records; what waits for a reviewer becomes an item with them."""
        seqs = self._journal.append(connection, [record for _, record in new])
        items = []
        for seq, (row, record) in zip(seqs, new, strict=True):
            if record.outcome == DRIFT_HELD:
                row["review"] = seq
                items.append((seq, record, payloads.tried(record.detail)))
        if new:
            connection.execute(insert(phone_drift), [row for row, _ in new])
        enqueue(connection, self._journal.vault, items)

    def _since(self, connection: Connection, row: Row[Any], now: datetime) -> datetime:
        """Since when it counts what is found anew: what nobody let stand is as old as it was."""
        queued = [row.review] if row.review is not None else []
        before = self._reviews.stood(connection, queued).get(row.review)
        self._reviews.withdraw(connection, queued)
        if before is not None and before.standing is Standing.RELEASED:
            return now
        since: datetime = row.found_at
        return since

    def _versions(
        self, connection: Connection, drifts: dict[str, dict[Key, ScreenedEntry | None]]
    ) -> dict[str, int]:
        """The latest version of each restriction that is met."""
        every = filter(None, (one for found in drifts.values() for one in found.values()))
        ids = sorted({id_ for one in every for id_ in one.screened.restrictions})
        found: dict[str, int] = {}
        table = restriction_version.c
        for some in some_at_once(ids):
            wanted = select(table.id, table.version).where(table.latest, table.id.in_(some))
            found |= {row.id: row.version for row in connection.execute(wanted)}
        return found

    def _values(self, key: Key, one: ScreenedEntry | None, versions: dict[str, int]) -> dict[str, Any]:
        """What is kept of a drift; `basis` for what a reviewer decides about: anything else is another."""
        if one is None:
            return {"codes": "", "restrictions": "", "basis": None}
        met = one.screened.restrictions
        basis = None
        if key[1] in HELD:
            told = (one.entry.number, one.entry.name, one.screened.codes, [(i, versions.get(i)) for i in met])
            basis = self._journal.vault.digest("drift", repr(told))
        codes = ",".join(one.screened.codes)
        return {"codes": codes[:300], "restrictions": " ".join(met)[:2000], "basis": basis}

    def _found(
        self,
        lst: PrisonerList,
        key: Key,
        one: ScreenedEntry | None,
        values: dict[str, Any],
        screener: Screener,
    ) -> Record:
        """The record: of what waits for a reviewer with the number sealed in it, as of a contact check."""
        if one is None or key[1] not in HELD:
            plain = {"codes": values["codes"], "restrictions": values["restrictions"]}
            return self._record(lst, key, "drift_found", plain)
        asked = _as_asked_for(lst.prisoner, lst.establishment, one.entry)
        decision = screen_contact(screener, asked, lst.establishment, Clock.of(self._journal.clock).moment())
        record = self._record(lst, key, DRIFT_HELD, {})
        detail = DriftDetail(key[1], list(one.screened.restrictions), key[0].hex())
        return msgspec.structs.replace(
            record,
            channel=PHONE_LIST,
            codes=",".join(one.screened.codes),
            detail=payloads.plain(detail),
            sealed=payloads.seal(self._journal.vault, record.subject, Decided(asked, decision)),
        )

    def _gone(self, lst: PrisonerList, row: Row[Any]) -> Record:
        values = {"codes": row.codes, "restrictions": row.restrictions}
        return self._record(lst, (row.number, row.kind), "drift_gone", values)

    def _record(self, lst: PrisonerList, key: Key, outcome: str, values: dict[str, Any]) -> Record:
        return self._journal.record(
            ACTOR,
            f"phone-list/{lst.prisoner}/{key[0].hex()}",
            outcome,
            kind=Kind.SYSTEM,
            prisoner=lst.prisoner,
            establishment=lst.establishment,
            drift=key[1],
            **values,
        )

    def _digest(self, one: ScreenedEntry) -> bytes:
        """As restrictions' numbers are hashed, so that a new restriction finds the lists that hold it."""
        key = phone.read(one.entry.number).key
        return self._journal.vault.digest("phone", str(key or one.canonical))


def listing_number(connection: Connection, numbers: Collection[bytes]) -> set[str]:
    """Prisoners on whose lists one of these numbers stands, each as a restriction's is hashed."""
    wanted = select(phone_entry.c.prisoner).where(phone_entry.c.number.in_(list(numbers)))
    return set(connection.execute(wanted).scalars())


def _holders(connection: Connection, kind: str, ids: Sequence[str]) -> set[str]:
    """Prisoners whom listings name, and those on whose lists one of their numbers stands."""
    on_lists = (
        select(phone_entry.c.prisoner)
        .join(finder, finder.c.digest == phone_entry.c.number)
        .where(finder.c.kind == kind, finder.c.id.in_(ids))
    )
    found = set(connection.execute(on_lists).scalars())
    if kind == RESTRICTION:
        named = select(restriction_prisoner.c.prisoner).where(restriction_prisoner.c.id.in_(ids))
        found |= set(connection.execute(named).scalars())
    return found


def _as_asked_for(prisoner_number: str, prison: str | None, entry: ListedNumber) -> ContactBody:
    """An entry as if the prisoner asked to have it on his list."""
    return ContactBody(
        id=entry.id,
        prisoner=prisoner_number,
        name=entry.name or "-",
        numbers=(entry.number,),
        establishment=prison,
    )


def _is_same(row: Row[Any], values: dict[str, Any]) -> bool:
    """Whether a reviewer has it already, as it is now. What waits for none is the same in any case."""
    return row.kind not in HELD or (row.review is not None and row.basis == values["basis"])


def _where(statement: Any, holder: str, key: Key) -> Any:
    number, kind = key
    return statement.where(
        phone_drift.c.prisoner == holder, phone_drift.c.number == number, phone_drift.c.kind == kind
    )


def _row(lst: PrisonerList, before: Row[Any] | None, now: datetime, change: int) -> dict[str, Any]:
    read: datetime | None = now
    entries = len(lst.entries)
    if lst.error is not None:
        read, entries = (before.read_at, before.entries) if before is not None else (None, 0)
    return {
        "prisoner": lst.prisoner,
        "read_at": read,
        "tried_at": now,
        "failed": lst.error[:100] if lst.error is not None else None,
        "entries": entries,
        "change": change,
    }


def _context(prisoner_number: str, number: bytes) -> str:
    return f"phone-entry/{prisoner_number}/{number.hex()}"
