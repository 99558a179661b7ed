"""What falls due after a restriction is in force, and what then becomes of the restriction.

Nothing ends by itself but what was given a last day. All else is for an officer to look at; until then the
restriction holds as it was. `RULES` tells it for each happening.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from engine import dates
from engine.model import ProtectedPerson, Restriction
from service.access.model import Principal, Right
from service.registry.journal import AT_ONCE, PRISONER, RESTRICTION
from service.registry.model import Document
from service.registry.prisoners import DIED, ON_THE_WAY, RELEASED
from service.registry.registry import Registry
from service.registry.tables import prisoner, restriction_version
from service.registry.versions import StoredVersion
from service.storage.sealing import SealError

AHEAD = timedelta(days=28)
"""How long before its day something is told, and how long after it an expired restriction still is."""
SOON = timedelta(days=7)
MOST_CHANGES = 10_000


class Happening(StrEnum):
    """Why a restriction has to be looked at."""

    REVIEW = "review"
    EXPIRES = "expires"
    EXPIRES_SOON = "expires_soon"
    EXPIRED = "expired"
    TRANSFERRED = "transferred"
    RELEASED = "released"
    DIED = "died"
    LIVES = "lives"
    MERGED = "merged"


class Rule(NamedTuple):
    """What happened, what becomes of the restriction, and what an officer does."""

    what: str
    then: str
    act: str


RULES: dict[Happening, Rule] = {
    Happening.REVIEW: Rule(
        "A review is due",
        "It goes on: a passed review ends nothing.",
        "Say that it goes on, why, and when it is looked at again.",
    ),
    Happening.EXPIRES: Rule(
        "It ends within 28 days",
        "It holds up to the end of its last day.",
        "Ask whether it is still needed, and change its last day.",
    ),
    Happening.EXPIRES_SOON: Rule(
        "It ends within 7 days",
        "It holds up to the end of its last day.",
        "Ask whether it is still needed, and change its last day.",
    ),
    Happening.EXPIRED: Rule(
        "It has expired",
        "It stops nothing any more: its last day was set.",
        "Where it is still needed, give it a later last day, or none: it is in force again at once.",
    ),
    Happening.TRANSFERRED: Rule(
        "The prisoner came to another prison",
        "It stands, and follows him.",
        "The receiving prison tells him again, or for the first time. Then say that it goes on.",
    ),
    Happening.RELEASED: Rule(
        "The prisoner was released",
        "It stands, since he may be recalled.",
        "Say that it goes on, and when it is looked at again.",
    ),
    Happening.DIED: Rule(
        "The prisoner died",
        "It stands until two people end it.",
        "Propose the end; a second person confirms. Whom else it names holds it up.",
    ),
    Happening.LIVES: Rule(
        "He lives: it was ended since he was noted as having died",
        "It stops nothing: two people ended it.",
        "Add a request on the restriction's page: it stands again at once.",
    ),
    Happening.MERGED: Rule(
        "Two prisoner numbers are one person's",
        "It holds for both numbers.",
        "Make sure that it is the same person, and that he was told. Then say that it goes on.",
    ),
}


class Due(NamedTuple):
    """One reason to look at one restriction. `at` is when it fell due, or will."""

    at: datetime
    restriction: str
    happening: Happening
    prisoner: str | None
    prisoners: tuple[str, ...]
    place: str | None
    """Where he is now."""


class _Facts(NamedTuple):
    """What is kept in memory of a restriction: nothing that is protected."""

    restriction: Restriction
    since: datetime
    review: str | None
    reviewed: str | None
    ended: datetime | None
    """When the last request was taken back; None where it stands."""

    @property
    def looked_at(self) -> datetime:
        """When somebody last considered it."""
        return max(self.since, datetime.fromisoformat(self.reviewed)) if self.reviewed else self.since


class _Moved(NamedTuple):
    """The last change of where a number's prisoner is, and when it was merged."""

    at: datetime
    before: str | None
    now: str | None
    merged_at: datetime | None
    died: tuple[datetime, datetime] | None = None
    """From when until when he was wrongly noted as having died, the last time."""


class Reminders:
    """Follows the registry, from the first look on. Safe to share between threads."""

    def __init__(self, registry: Registry) -> None:
        """Reads nothing yet."""
        self._registry = registry
        self._seq: int | None = None
        self._facts: dict[str, _Facts] = {}
        self._moved: dict[str, _Moved] = {}
        self._following = threading.Lock()
        self.unread: set[str] = set()
        """Restrictions that stand and could not be read."""

    def due(self, by: Principal, *, of: str | None = None) -> list[Due]:
        """What is due in the officer's prisons, or of one restriction; what fell due first is first."""
        by.require(Right.HANDLE_CASES)
        with self._following:
            self._follow()
            facts = dict(self._facts) if of is None else {k: v for k, v in self._facts.items() if k == of}
        now, covers = self._registry.journal.clock(), self._registry.versions.covers
        found = [
            due
            for id_, one in facts.items()
            if covers(by.prisons, one.restriction)
            for due in self._of(id_, one, now)
        ]
        return sorted(found, key=lambda due: (due.at, due.restriction, due.happening))

    def looked_at(self, id_: str) -> datetime | None:
        """When somebody last considered a restriction that stands."""
        facts = self._facts.get(id_)
        return None if facts is None or facts.ended else facts.looked_at

    def _of(self, id_: str, facts: _Facts, now: datetime) -> Iterator[Due]:
        restriction = facts.restriction
        every = restriction.prisoners

        def due(at: datetime, happening: Happening, number: str | None = None) -> Due:
            return Due(at, id_, happening, number, every, self._registry.where_is(number or every[0]))

        if facts.ended is not None:
            for number in every:
                lives = self._lives(number, facts.ended)
                if lives is not None and now < lives + AHEAD:
                    yield due(lives, Happening.LIVES, number)
            return
        over = None if restriction.until is None else dates.ends(restriction.until)
        if over is not None and over <= now:
            if now < over + AHEAD:
                yield due(over, Happening.EXPIRED)
            return
        if over is not None and over <= now + AHEAD:
            yield due(over, Happening.EXPIRES_SOON if over <= now + SOON else Happening.EXPIRES)
        if facts.review is not None and (at := dates.starts(facts.review)) <= now + AHEAD:
            yield due(at, Happening.REVIEW)
        for number in every:
            for at, happening in self._happened(number, facts.looked_at):
                yield due(at, happening, number)

    def _happened(self, number: str, since: datetime) -> Iterator[tuple[datetime, Happening]]:
        """What happened to a prisoner since somebody considered it; that he died is told until it ended."""
        moves = [one for each in self._registry.prisoners.group(number) if (one := self._moved.get(each))]
        told = set[Happening]()
        for one in moves:
            if one.merged_at is not None and one.merged_at > since and Happening.MERGED not in told:
                told.add(Happening.MERGED)
                yield one.merged_at, Happening.MERGED
            happening = _happening(one)
            is_new = one.at > since or happening is Happening.DIED
            if happening is not None and is_new and happening not in told:
                told.add(happening)
                yield one.at, happening

    def _lives(self, number: str, ended: datetime) -> datetime | None:
        """When it was noted that he lives, if he stood as having died when a restriction ended."""
        for each in self._registry.prisoners.group(number):
            one = self._moved.get(each)
            if one is not None and one.died is not None and one.died[0] <= ended < one.died[1]:
                return one.died[1]
        return None

    def _follow(self) -> None:
        """Take in what changed, the first time everything."""
        registry = self._registry
        if self._seq is None:
            seq = registry.last_change()  # read first: what comes in meanwhile is looked at again
            with registry.journal.database.read() as connection:
                self._read_restrictions(connection, None)
                self._read_prisoners(connection, None)
            self._seq = seq
            return
        while changes := registry.changes_since(self._seq, MOST_CHANGES):
            ids = {one.id for one in changes if one.kind == RESTRICTION}
            numbers = {one.id for one in changes if one.kind == PRISONER}
            with registry.journal.database.read() as connection:
                if ids:
                    self._read_restrictions(connection, ids)
                if numbers:
                    self._read_prisoners(connection, numbers)
            self._seq = changes[-1].seq

    def _read_restrictions(self, connection: Connection, ids: Collection[str] | None) -> None:
        since = dict(self._since(connection, ids))
        for row in self._registry.versions.stored(connection, ids):
            self._facts.pop(row.id, None)
            self.unread.discard(row.id)
            self._take(row, since.get(row.id, _NEVER))

    def _since(self, connection: Connection, ids: Collection[str] | None) -> Iterator[tuple[str, datetime]]:
        """When each was made."""
        columns = restriction_version.c
        wanted = select(columns.id, columns.at).where(columns.version == 1)
        if ids is None:
            yield from ((row.id, row.at) for row in connection.execute(wanted))
            return
        every = sorted(ids)
        for start in range(0, len(every), AT_ONCE):
            some = wanted.where(columns.id.in_(every[start : start + AT_ONCE]))
            yield from ((row.id, row.at) for row in connection.execute(some))

    def _take(self, row: StoredVersion, since: datetime) -> None:
        try:
            document = self._registry.versions.document(row.id, row.sealed, row.version)
        except (SealError, msgspec.DecodeError):
            self.unread.add(row.id)
            return
        bare = msgspec.structs.replace(
            document.restriction,
            protected=ProtectedPerson(name=""),
            contacts=(),
            exceptions=(),
            court_order=None,
        )
        self._facts[row.id] = _Facts(bare, since, document.review, document.reviewed, _ended(document))

    def _read_prisoners(self, connection: Connection, numbers: Collection[str] | None) -> None:
        columns = prisoner.c
        wanted = select(columns.number, columns.at, columns.establishment, columns.merged_into)
        wanted = wanted.order_by(columns.number, columns.version)
        every = [None] if numbers is None else sorted(numbers)
        for start in range(0, len(every), AT_ONCE):
            some = every[start : start + AT_ONCE]
            found = wanted if numbers is None else wanted.where(columns.number.in_(some))
            moved: dict[str, _Moved] = {}
            for number, at, place, into in connection.execute(found):
                moved[number] = _after(moved.get(number), at, place, into)
            self._moved.update(moved)


def _after(one: _Moved | None, at: datetime, place: str | None, into: str | None) -> _Moved:
    """With one more version. A place that nobody knows is no move, nor is what a merge says of it."""
    if one is None:
        return _Moved(at, None, place, at if into is not None else None)
    if into is not None and one.merged_at is None:
        return one._replace(now=place or one.now, merged_at=at)
    if place is None or place == one.now:
        return one
    died = (one.at, at) if one.now == DIED else one.died
    return one._replace(at=at, before=one.now, now=place, died=died)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _ended(document: Document) -> datetime | None:
    if document.stands:
        return None
    taken_back = (datetime.fromisoformat(one.withdrawn) for one in document.requests if one.withdrawn)
    return max(taken_back, default=_NEVER)


def _happening(moved: _Moved) -> Happening | None:
    """What a change of place means: nothing where nobody knew before, or he is on the way."""
    if moved.now == DIED:
        return Happening.DIED
    if moved.now == RELEASED:
        return Happening.RELEASED
    if moved.now is None or moved.now == ON_THE_WAY or moved.before is None:
        return None
    return Happening.TRANSFERRED


def day_of(due: Due) -> date:
    """The day under which it is listed: the last one of what expires."""
    at = due.at.astimezone(dates.UK)
    is_end = due.happening in (Happening.EXPIRES, Happening.EXPIRES_SOON, Happening.EXPIRED)
    return (at - timedelta(seconds=1)).date() if is_end else at.date()
