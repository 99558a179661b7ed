"""Prisoners: where each is, and which numbers are one person's. In memory for whoever answers calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, or_, select
from sqlalchemy.exc import IntegrityError

from engine.policy import NOT_A_PRISON
from matchers.prison import is_prison_code
from service.access.model import Principal
from service.errors import ConflictError, InvalidError, NotFoundError
from service.registry.ids import check_person
from service.registry.journal import AT_ONCE, PRISONER, Journal, OutboxRow, some_at_once
from service.registry.tables import prisoner
from service.storage import rows as stored

RELEASED, ON_THE_WAY, DIED = NOT_A_PRISON

Whereabouts = dict[str, tuple[str | None, str | None]]
"""Of each prisoner number, the prison and the number that it was merged into."""


Lives = Callable[[str, Collection[str]], None]
"""Told who noted it, and of whom."""


class Received(NamedTuple):
    """What came of noting where many are."""

    merged: set[str]
    """Numbers that were merged into another: of them nothing is noted."""
    living: set[str]
    """Numbers that stood as having died, and do not any more."""


class Prisoner(msgspec.Struct, frozen=True, kw_only=True):
    """One version of what is known of a prisoner number."""

    number: str
    version: int
    at: datetime
    author: str
    establishment: str | None
    merged_into: str | None
    numbers: tuple[str, ...] = ()
    """Every number of the same person, this one included."""


class _Known(msgspec.Struct, frozen=True):
    """All of it, swapped whole: readers need no lock."""

    where: dict[str, str | None]
    into: dict[str, str]
    groups: dict[str, tuple[str, ...]]
    """The numbers of a person by the surviving one, where there are several."""
    rows: dict[str, Row[Any]] = {}
    """What it was read from."""


class Prisoners:
    """Keeps the prisoners. Safe to share between threads."""

    def __init__(self, journal: Journal) -> None:
        """Knows nobody until `reload`."""
        self._journal = journal
        self._known = _Known({}, {}, {})
        self.doubted: frozenset[str] = frozenset()
        """Whose row was changed in the database, or is gone: of them holds what was known before."""
        self._reloading = threading.Lock()
        self.lives: Lives | None = None
        """Told once somebody does not stand as having died any more, when all read so."""

    def tell_living(self, actor: str, numbers: Collection[str]) -> None:
        """These stood as having died, and do not any more."""
        if numbers and self.lives is not None:
            self.lives(actor, numbers)

    def reload(self, numbers: Collection[str] | None = None) -> None:
        """Read everybody anew, or those of whom something changed, with whatever another process wrote."""
        some = None if numbers is None or len(numbers) > AT_ONCE else set(numbers)
        with self._reloading:  # an older reading must not be put over a newer one
            self._known = self._read(some)

    def _read(self, numbers: set[str] | None) -> _Known:
        wanted = select(*stored.stored(prisoner)).where(prisoner.c.latest)
        if numbers is not None:
            wanted = wanted.where(prisoner.c.number.in_(sorted(numbers)))
        with self._journal.database.read() as connection:
            found = connection.execute(wanted.order_by(prisoner.c.number, prisoner.c.version)).all()
        known = self._known.rows
        last_known = {row.number: row for row in found if self._holds(row, known.get(row.number))}
        asked = known.keys() if numbers is None else known.keys() & numbers
        doubted = ({row.number for row in found} | asked) - last_known.keys()
        kept = {**known, **last_known}
        self.doubted = frozenset(doubted if numbers is None else (self.doubted - numbers) | doubted)
        rows = list(kept.values())
        into = {row.number: row.merged_into for row in rows if row.merged_into is not None}
        groups: dict[str, list[str]] = {}
        for number in into:
            last = _survivor(into, number)
            groups.setdefault(last, [last]).append(number)
        return _Known(
            {row.number: row.establishment for row in rows},
            into,
            {last: (last, *sorted(numbers[1:])) for last, numbers in groups.items()},
            kept,
        )

    def _holds(self, row: Row[Any], known: Row[Any] | None) -> bool:
        """Whether a row is as the service wrote it, and not older than what is known."""
        if known is not None and (row == known or row.version < known.version):
            return bool(row == known)
        return stored.stored_holds(self._journal.vault, prisoner, row)

    def missed(self, connection: Connection, numbers: Iterable[str] | None = None) -> set[str]:
        """Of these, or of all, those of whom the ledger records more than was read."""
        journal, known = self._journal, self._known.rows
        if numbers is None:
            versions = {number: row.version for number, row in known.items()}
            lost = journal.lost(connection, PRISONER, prisoner)
            return lost | journal.followed(connection, PRISONER, versions)
        some = {number: known[number].version for number in numbers if number in known}
        return journal.followed(connection, PRISONER, some) | (set(numbers) - known.keys())

    def everybody(self) -> Whereabouts:
        """Where everybody is, from memory."""
        known = self._known
        return {number: (prison, known.into.get(number)) for number, prison in known.where.items()}

    def merged(self) -> dict[str, str]:
        """The numbers that were merged, each with the one that it was merged into, from memory."""
        return self._known.into

    def where_is(self, number: str) -> str | None:
        """The prison, from memory; None when nobody knows."""
        known = self._known
        return known.where.get(_survivor(known.into, number) if known.into else number)

    def last_moved(self, numbers: Iterable[str]) -> int:
        """The last change of what is known of these (`outbox.seq`), from memory; 0 where that is nothing."""
        rows = self._known.rows
        return max((rows[number].seq for number in numbers if number in rows), default=0)

    def are_in(self, number: ColumnElement[Any], prisons: Collection[str]) -> ColumnElement[bool]:
        """What `where_is` says, for a statement: whether the prisoner of a column is in one of the prisons.

        A row that is doubted is not gone by, as it is not in memory.
        """
        there = select(prisoner.c.number).where(prisoner.c.latest, prisoner.c.establishment.in_(prisons))
        if not self.doubted:
            return number.in_(there)
        known = [one for one in self.doubted if self.where_is(one) in prisons]
        return or_(number.in_(there) & number.not_in(self.doubted), number.in_(known))

    def knows(self, number: str) -> bool:
        """Whether anybody noted where this prisoner is, or that the number is another's; from memory."""
        return number in self._known.where

    def group(self, number: str) -> tuple[str, ...]:
        """Every number of the person, the surviving one first."""
        known = self._known
        last = _survivor(known.into, number)
        return known.groups.get(last, (last,))

    def prisons_of(self, numbers: Iterable[str], recorded: tuple[str, ...]) -> tuple[str, ...]:
        """The prisons that these are in; the recorded ones as well while nobody knows of one of them."""
        found: dict[str, None] = {}
        for number in numbers:
            prison = self.where_is(number)
            if prison is None or prison == ON_THE_WAY:
                found.update(dict.fromkeys(recorded))
            elif prison not in NOT_A_PRISON:
                found[prison] = None
        return tuple(found)

    def get(self, number: str) -> Prisoner:
        """What is known now. Raises NotFoundError."""
        with self._journal.database.read() as connection:
            row = self._latest(connection, number)
        if row is None:
            raise NotFoundError("nobody knows this prisoner")
        return self._prisoner(row)

    def history(self, number: str) -> list[Prisoner]:
        """Every version, the newest first. Raises NotFoundError."""
        wanted = select(prisoner).where(prisoner.c.number == number).order_by(prisoner.c.version.desc())
        with self._journal.database.read() as connection:
            rows = connection.execute(wanted).all()
        if not rows:
            raise NotFoundError("nobody knows this prisoner")
        return [self._prisoner(row) for row in rows]

    def move(self, by: Principal, number: str, establishment: str | None) -> Prisoner:
        """Note where somebody is; None for not known. What is so already changes nothing.

        Raises InvalidError, NotAllowedError where neither prison is the caller's, ConflictError for a number
        that was merged into another.
        """
        check_person(number, "number")
        if establishment is not None and not is_prison_code(establishment):
            raise InvalidError("not a prison code (three capital letters)", "establishment")
        if not (by.covers(establishment) or by.covers(self.where_is(number))):
            by.require_prison(establishment)
        living = set[str]()
        with self._journal.write() as connection:
            row = self._latest(connection, number)
            if row is not None and row.merged_into is not None:
                raise ConflictError("this number was merged into another", "number")
            if row is None or row.establishment != establishment:
                everybody = self.group(number)  # a merged number is looked for by its prison too
                living = self._write(connection, by.id, "moved", dict.fromkeys(everybody, establishment), {})
        self.reload({number, *self.group(number)})
        self.tell_living(by.id, living)
        return self.get(number)

    def receive(self, connection: Connection, actor: str, places: Mapping[str, str]) -> Received:
        """Note where many are, in the caller's transaction. What is so already changes nothing. `reload` them
        afterwards, and `tell_living`."""
        rows = self._latest_of(connection, places)
        merged = {number for number, row in rows.items() if row.merged_into is not None}
        moved: dict[str, str | None] = {}
        for number in places.keys() - merged:
            if number not in rows or rows[number].establishment != places[number]:
                moved.update(dict.fromkeys(self.group(number), places[number]))
        living = self._write(connection, actor, "moved", moved, {}) if moved else set[str]()
        return Received(merged, living)

    def merge(self, by: Principal, removed: str, survivor: str) -> Prisoner:
        """Note that two numbers are one person's: what names either holds for both. Gives the survivor.

        Raises InvalidError, NotAllowedError, and ConflictError where the number was merged before.
        """
        check_person(removed, "number")
        check_person(survivor, "into")
        places = {self.where_is(removed), self.where_is(survivor)}
        for place in places - {None} or {None}:  # who takes another prison's number for theirs would see it
            by.require_prison(place)
        with self._journal.write() as connection:
            rows = {one: self._latest(connection, one) for one in (removed, survivor)}
            if removed == survivor or any(row is not None and row.merged_into for row in rows.values()):
                raise ConflictError("merged already, or into itself", "into")
            here, there = rows[survivor], rows[removed]
            place = here.establishment if here is not None else None
            place = place or (there.establishment if there is not None else None)
            numbers = dict.fromkeys((*self.group(survivor), *self.group(removed)), place)
            living = self._write(connection, by.id, "merged", numbers, {removed: survivor})
        self.reload({removed, survivor, *self.group(removed), *self.group(survivor)})
        self.tell_living(by.id, living)
        return self.get(survivor)

    def _write(
        self,
        connection: Connection,
        actor: str,
        outcome: str,
        places: dict[str, str | None],
        into: dict[str, str],
    ) -> set[str]:
        """Gives those who stood as having died, and do not any more."""
        journal, now = self._journal, self._journal.clock()
        latest_rows = self._latest_of(connection, places)
        rows = {number: latest_rows.get(number) for number in places}
        versions = {number: (row.version if row is not None else 0) + 1 for number, row in rows.items()}
        records = [
            journal.record(
                actor,
                f"prisoner/{number}/{versions[number]}",
                outcome,
                prisoner=number,
                establishment=place,
                merged_into=into.get(number),
            )
            for number, place in places.items()
        ]
        seqs = journal.append(connection, records)
        for some in some_at_once(sorted(places)):
            latest = (prisoner.c.number.in_(some), prisoner.c.latest)
            stored.update(connection, journal.vault, prisoner, latest, {"latest": False})
        made = [
            {
                "number": number,
                "version": versions[number],
                "seq": seq,
                "at": now,
                "author": actor,
                "latest": True,
                "establishment": place,
                "merged_into": into.get(number) or (row.merged_into if row is not None else None),
            }
            for seq, (number, place), row in zip(seqs, places.items(), rows.values(), strict=True)
        ]
        try:
            stored.insert(connection, journal.vault, prisoner, made)
        except IntegrityError:
            raise ConflictError("somebody changed it meanwhile: read it again") from None
        journal.announce(
            connection,
            [OutboxRow(seq, PRISONER, number, False) for seq, number in zip(seqs, places, strict=True)],
        )
        had_died = {number for number, row in latest_rows.items() if row.establishment == DIED}
        return {number for number in had_died if places[number] != DIED}

    def _latest(self, connection: Connection, number: str) -> Row[Any] | None:
        wanted = select(prisoner).where(prisoner.c.number == number, prisoner.c.latest).with_for_update()
        return connection.execute(wanted).one_or_none()

    def _latest_of(self, connection: Connection, numbers: Iterable[str]) -> dict[str, Row[Any]]:
        wanted = select(prisoner).where(prisoner.c.latest).with_for_update()
        return {
            row.number: row
            for some in some_at_once(sorted(numbers))
            for row in connection.execute(wanted.where(prisoner.c.number.in_(some)))
        }

    def _prisoner(self, row: Row[Any]) -> Prisoner:
        return Prisoner(
            number=row.number,
            version=row.version,
            at=row.at,
            author=row.author,
            establishment=row.establishment,
            merged_into=row.merged_into,
            numbers=self.group(row.number),
        )


def _survivor(into: dict[str, str], number: str) -> str:
    """The number at the end of the merges."""
    seen = {number}
    while (next_ := into.get(number)) is not None and next_ not in seen:
        seen.add(number := next_)
    return number
