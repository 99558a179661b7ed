"""What falls due after a restriction is in force, and what then becomes of the restriction.

Nothing ends by itself but what was given a last day. All else is for an officer to look at; until then the
restriction holds as it was. `RULES` tells it for each happening.
"""

from __future__ import annotations

import heapq
import threading
from bisect import bisect_left, insort
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from engine import dates
from engine.model import ProtectedPerson, Restriction
from service.access.model import Principal, Right
from service.cases.resolution_reviews import ResolutionReviews
from service.cases.tables import CASE
from service.registry.following import Following
from service.registry.found import StoredVersion
from service.registry.journal import AT_ONCE, PRISONER, RESTRICTION, some_at_once
from service.registry.model import Document
from service.registry.prisoners import DIED, ON_THE_WAY, RELEASED
from service.registry.registry import Registry
from service.registry.tables import prisoner, restriction_version
from service.storage.unread import reading

AHEAD = timedelta(days=28)
"""How long before its day something is told, and how long after it an expired restriction still is."""
SOON = timedelta(days=7)
FOLLOW_EVERY = 60.0
"""Seconds between two looks at what changed, where nobody asks."""
PAUSE = 0.1
"""Seconds between some restrictions and the next at the first reading: calls are answered meanwhile. Whoever
asks does not wait for it."""
LAST = "~"
"""Comes behind every time of a day."""


class Happening(StrEnum):
    """Why a restriction has to be looked at."""

    REVIEW = "review"
    RESOLUTION = "resolution"
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
    Happening.RESOLUTION: Rule(
        "A shared number or address is to be looked at again",
        "It goes on as it was decided: nothing is opened or closed by itself.",
        "On the case, say that it goes on and until when, or end it: what it let through is stopped.",
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
        "Say on its case that he lives. Without one, add a request on the restriction's page: either way it "
        "stands again at once.",
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
    case: str | None = None
    """On which it is done, where that is not the restriction's own page."""


class _Facts(msgspec.Struct, frozen=True, gc=False):
    """What is kept in memory of a restriction: nothing that is protected."""

    restriction: Restriction
    since: datetime
    review: str | None
    reviewed: str | None
    ended: datetime | None
    """When the last request was taken back; None where it stands."""

    @property
    def first_day(self) -> str | None:
        """Its last day or its review, whichever is sooner, while it stands."""
        if self.ended is not None:
            return None
        return min((day for day in (self.restriction.until, self.review) if day), default=None)

    @property
    def looked_at(self) -> datetime:
        """When somebody last considered it."""
        return max(self.since, datetime.fromisoformat(self.reviewed)) if self.reviewed else self.since


class _Moved(msgspec.Struct, frozen=True, gc=False):
    """The last change of where a number's prisoner is, and when it was merged."""

    at: datetime
    before: str | None
    now: str | None
    merged_at: datetime | None
    died: tuple[datetime, datetime] | None = None
    """From when until when he was wrongly noted as having died, the last time."""


class Reminders:
    """Follows the registry, from the first look on. Safe to share between threads.

    What is due is kept for each restriction, and looked at anew when the restriction or one of its prisoners
    changed, or when a day has come.
    """

    def __init__(self, registry: Registry) -> None:
        """Reads nothing yet."""
        self._registry, self._vault = registry, registry.journal.vault
        self._followed: Following | None = None
        self._facts: dict[str, _Facts] = {}
        self._moved: dict[str, _Moved] = {}
        self._naming: dict[str, tuple[str, ...]] = {}
        """Restrictions by each number that they name."""
        self._due: dict[str, list[Due]] = {}
        self._turns: list[tuple[datetime, str]] = []
        """A heap: when a restriction has to be looked at anew because of the time alone."""
        self._again: set[str] = set()
        """Restrictions that changed and were not looked at yet."""
        self._days: list[tuple[str, str]] = []
        """The first of last day and review of each restriction that has one, in order."""
        self._merged: dict[str, str] = {}
        self._resolved = ResolutionReviews(registry)
        self._following = threading.Lock()
        self._is_asked = threading.Event()
        self._is_closed = False

    def step(self) -> int:
        """Follow without being asked, so that nobody's first look waits until all is read. Gives 0."""
        with self._following:
            self._follow()
        return 0

    def close(self) -> None:
        """Read nothing more."""
        self._is_closed = True
        self._is_asked.set()

    def due(self, by: Principal, *, of: str | None = None) -> list[Due]:
        """What is due in the officer's prisons, or of one restriction; what fell due first is first."""
        by.require(Right.HANDLE_CASES)
        self._is_asked.set()
        with self._following:
            self._follow()
            kept = self._due if of is None else {of: self._due.get(of, [])}
            found = [
                due
                for id_, some in kept.items()
                if some and self._registry.versions.covers(by.prisons, self._facts[id_].restriction)
                for due in some
            ]
        return sorted(found, key=lambda due: (due.at, due.restriction, due.happening))

    def place_of(self, due: Due) -> str | None:
        """Where the prisoner of a reminder is now."""
        return self._registry.where_is(due.prisoner or due.prisoners[0])

    def ending(self, prisons: Collection[str], until: str) -> list[tuple[str, str]]:
        """Of what is in force in some prisons: those whose last day or review is not behind `until`, with
        that day, the soonest first. No `prisons` is every prison."""
        self._is_asked.set()
        with self._following:
            self._follow()
            soon = self._days[: bisect_left(self._days, (until + LAST,))]
            found = [(day, id_, self._facts[id_].restriction) for day, id_ in soon]
        now = self._registry.journal.clock()
        return [
            (day, id_)
            for day, id_, one in found
            if dates.in_force(one.from_, one.until, now) and self._registry.versions.covers(prisons, one)
        ]

    def looked_at(self, id_: str) -> datetime | None:
        """When somebody last considered a restriction that stands."""
        facts = self._facts.get(id_)
        return None if facts is None or facts.ended else facts.looked_at

    def _look(self, id_: str, facts: _Facts, now: datetime) -> None:
        """Find what is due of a restriction, and when time alone changes that."""
        due = list(self._of(id_, facts, now))
        if due:
            self._due[id_] = due
        shared = (dates.starts(day) - AHEAD for _, day in self._resolved.of(id_))
        turns = (
            *_turns(facts),
            *shared,
            *(one.at + AHEAD for one in due if one.happening is Happening.LIVES),
        )
        if (turn := min((at for at in turns if at > now), default=None)) is not None:
            heapq.heappush(self._turns, (turn, id_))

    def _of(self, id_: str, facts: _Facts, now: datetime) -> Iterator[Due]:
        restriction = facts.restriction
        every = restriction.prisoners

        def due(at: datetime, happening: Happening, number: str | None = None) -> Due:
            return Due(at, id_, happening, number, every)

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
        if over is not None and over - AHEAD <= now:
            yield due(over, Happening.EXPIRES_SOON if over - SOON <= now else Happening.EXPIRES)
        if facts.review is not None and (at := dates.starts(facts.review)) - AHEAD <= now:
            yield due(at, Happening.REVIEW)
        for case, day in self._resolved.of(id_):
            if (at := dates.starts(day)) - AHEAD <= now:
                yield due(at, Happening.RESOLUTION)._replace(case=case)
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
        """Take in what changed, the first time everything, and look at each that it concerns."""
        registry, again = self._registry, self._again
        if self._followed is None:
            following = Following(registry)  # first: what comes in meanwhile is looked at again
            with registry.journal.database.read() as connection:
                self._read_restrictions(connection, None)
                self._read_prisoners(connection, None)
            if self._is_closed:
                return
            self._resolved.read(None)
            self._days = sorted((day, id_) for id_, one in self._facts.items() if (day := one.first_day))
            self._followed = following
            again |= self._facts.keys()
        for ids in self._followed.changed():
            restrictions, numbers = ids.get(RESTRICTION, set()), ids.get(PRISONER, set())
            with registry.journal.database.read() as connection:
                if restrictions:
                    self._read_restrictions(connection, restrictions)
                if numbers:
                    self._read_prisoners(connection, numbers)
            again |= restrictions | self._naming_any(numbers) | self._resolved.read(ids.get(CASE, set()))
        merged = registry.prisoners.merged()
        if merged != self._merged:  # it may be known after the change was seen
            again |= self._naming_any({number for number, _ in merged.items() ^ self._merged.items()})
            self._merged = merged
        now = registry.journal.clock()
        while self._turns and self._turns[0][0] <= now:
            again.add(heapq.heappop(self._turns)[1])
        for id_ in again:
            self._due.pop(id_, None)
            if id_ in self._facts:
                with reading(self._vault, RESTRICTION, id_):  # one of its days may be none
                    self._look(id_, self._facts[id_], now)
        again.clear()

    def _naming_any(self, numbers: Collection[str]) -> set[str]:
        """Restrictions that name any of these prisoners, under whichever number."""
        group, named = self._registry.prisoners.group, set[str]()
        for number in {one for each in numbers for one in group(each)} | set(numbers):
            named.update(self._naming.get(number, ()))
        return named

    def _read_restrictions(self, connection: Connection, ids: Collection[str] | None) -> None:
        since = dict(self._since(connection, ids))
        for number, row in enumerate(self._registry.versions.stored(connection, ids), 1):
            if number % AT_ONCE == 0 and ids is None:
                self._is_asked.wait(PAUSE)
                if self._is_closed:
                    return
            self._forget(row.id)
            self._take(row, since.get(row.id, _NEVER))

    def _since(self, connection: Connection, ids: Collection[str] | None) -> Iterator[tuple[str, datetime]]:
        """When each was made."""
        columns = restriction_version.c
        wanted = select(columns.id, columns.at).where(columns.version == 1)
        if ids is None:
            yield from ((row.id, row.at) for row in connection.execute(wanted))
            return
        for some in some_at_once(sorted(ids)):
            found = connection.execute(wanted.where(columns.id.in_(some)))
            yield from ((row.id, row.at) for row in found)

    def _take(self, row: StoredVersion, since: datetime) -> None:
        document: Document | None = None
        with reading(self._vault, RESTRICTION, row.id):
            document = self._registry.versions.document(row.id, row.sealed, row.version)
        if document is None:
            return
        bare = msgspec.structs.replace(
            document.restriction,
            protected=ProtectedPerson(name=""),
            contacts=(),
            exceptions=(),
            court_order=None,
        )
        self._facts[row.id] = _Facts(bare, since, document.review, document.reviewed, _ended(document))
        if self._followed is not None and (day := self._facts[row.id].first_day):
            insort(self._days, (day, row.id))
        for number in bare.prisoners:
            self._naming[number] = (*self._naming.get(number, ()), row.id)

    def _forget(self, id_: str) -> None:
        facts = self._facts.pop(id_, None)
        if facts is None:
            return
        for number in facts.restriction.prisoners:
            self._naming[number] = tuple(one for one in self._naming[number] if one != id_)
        if self._followed is not None and (day := facts.first_day):
            del self._days[bisect_left(self._days, (day, id_))]

    def _read_prisoners(self, connection: Connection, numbers: Collection[str] | None) -> None:
        columns = prisoner.c
        wanted = select(columns.number, columns.at, columns.establishment, columns.merged_into)
        wanted = wanted.order_by(columns.number, columns.version)
        statements = (
            [wanted]
            if numbers is None
            else [wanted.where(columns.number.in_(some)) for some in some_at_once(sorted(numbers))]
        )
        for found in statements:
            moved: dict[str, _Moved] = {}
            for number, at, place, into in connection.execute(found):
                moved[number] = _after(moved.get(number), at, place, into)
            self._moved.update(moved)


def _turns(facts: _Facts) -> Iterator[datetime]:
    """When what `_of` says may become another."""
    until, review = facts.restriction.until, facts.review
    if until is not None:
        over = dates.ends(until)
        yield from (over - AHEAD, over - SOON, over, over + AHEAD)
    if review is not None:
        yield dates.starts(review) - AHEAD


def _after(one: _Moved | None, at: datetime, place: str | None, into: str | None) -> _Moved:
    """With one more version. A place that nobody knows is no move, nor is what a merge says of it."""
    if one is None:
        return _Moved(at, None, place, at if into is not None else None)
    if into is not None and one.merged_at is None:
        return msgspec.structs.replace(one, now=place or one.now, merged_at=at)
    if place is None or place == one.now:
        return one
    died = (one.at, at) if one.now == DIED else one.died
    return msgspec.structs.replace(one, at=at, before=one.now, now=place, died=died)


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
    is_end = due.happening in (Happening.EXPIRES, Happening.EXPIRES_SOON, Happening.EXPIRED)
    return dates.day_of(due.at - timedelta(seconds=1) if is_end else due.at)
