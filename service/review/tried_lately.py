"""Who tried what a moment ago, counted as the ledger grows: what a pattern asks of each stopped attempt.

The ledger is the truth, and what stands here was read of it: of a contact point when it is tried first, of
the last hour's calls at the start. From then on an attempt costs as much however many were before it.
Attempts come in the ledger's order, and one that comes again is not counted again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple

from sqlalchemy import Connection, select

from engine.model import ReasonCode
from service.ledger.record import Kind, ledger
from service.registry.journal import some_at_once
from service.review.tables import tried
from service.storage.database import Database

SHARED_WITHIN = timedelta(days=7)
PROBED_WITHIN = timedelta(hours=1)
MOST_CONTACTS = 50_000
"""Contact points kept, each with who tried it in a prison. Beyond it the one that was tried longest ago goes,
and is read anew when it is tried again."""

_RESTRICTED = (
    ReasonCode.RESTRICTED_NUMBER,
    ReasonCode.RESTRICTED_EMAIL,
    ReasonCode.RESTRICTED_HANDLE,
    ReasonCode.RESTRICTED_ADDRESS,
    ReasonCode.OTHER_PRISONER,
)
_PROBING = (
    ReasonCode.RESTRICTED_NUMBER,
    ReasonCode.NEAR_NUMBER,
    ReasonCode.HIDDEN_NUMBER,
    ReasonCode.EXTRA_DIGITS,
    ReasonCode.INCOMPLETE_NUMBER,
    ReasonCode.UNUSABLE_NUMBER,
    ReasonCode.OTHER_PRISONER,
)


class Stopped(NamedTuple):
    """An attempt that was blocked or flagged, as its record says."""

    seq: int
    at: datetime
    prisoner: str
    establishment: str | None
    channel: str
    codes: str
    detail: str

    @property
    def is_at_restricted(self) -> bool:
        """Whether somebody tried a contact point that is restricted."""
        return self.establishment is not None and _has(self.codes, _RESTRICTED)

    @property
    def is_probe(self) -> bool:
        """Whether it is a call such as somebody makes who dials variants."""
        return self.channel == "call" and _has(self.codes, _PROBING)


_STOPPED = select(*(ledger.c[name] for name in Stopped._fields)).where(
    ledger.c.kind == Kind.DECISION.value,
    ledger.c.outcome.in_(("flag", "block")),
    ledger.c.prisoner.is_not(None),
)


def stopped(connection: Connection, after: int, most: int | None = None) -> list[Stopped]:
    """What was stopped behind this record, in its order."""
    wanted = _STOPPED.where(ledger.c.seq > after).order_by(ledger.c.seq).limit(most)
    return [Stopped(*row) for row in connection.execute(wanted)]


class Sharers:
    """Which prisoners of one prison tried a contact point. Times are in order: see `Patterns`."""

    def __init__(self, database: Database) -> None:
        """Reads what was tried before when it is asked for."""
        self._database = database
        self._latest: OrderedDict[tuple[bytes, str | None], dict[str, datetime]] = OrderedDict()

    def up_to(self, one: Stopped, contact: bytes) -> list[str]:
        """Those of the prison of `one` who tried `contact` up to it, within seven days; in their order."""
        place, since = (contact, one.establishment), one.at - SHARED_WITHIN
        latest = self._latest.get(place)
        if latest is None:
            latest = self._latest[place] = self._read(one, contact, since)
            if len(self._latest) > MOST_CONTACTS:
                self._latest.popitem(last=False)
        self._latest.move_to_end(place)
        latest[one.prisoner] = max(one.at, latest.get(one.prisoner, one.at))
        for prisoner in [prisoner for prisoner, at in latest.items() if at <= since]:
            del latest[prisoner]
        return sorted(latest)

    def _read(self, one: Stopped, contact: bytes, since: datetime) -> dict[str, datetime]:
        """By the contact point alone: SQLite would rather go through every record of the prison."""
        tries = select(tried.c.seq).where(tried.c.contact == contact, tried.c.seq <= one.seq)
        latest: dict[str, datetime] = {}
        with self._database.read() as connection:
            for some in some_at_once(connection.execute(tries.order_by(tried.c.seq)).scalars()):
                for row in connection.execute(_STOPPED.where(ledger.c.seq.in_(some))):
                    found = Stopped(*row)
                    if found.is_at_restricted and found.establishment == one.establishment:
                        latest[found.prisoner] = max(found.at, latest.get(found.prisoner, since))
        return latest


class Probes:
    """How often each prisoner called what was blocked or a near miss."""

    def __init__(self, database: Database) -> None:
        """Reads the hour before the first call that it is given."""
        self._database = database
        self._calls: OrderedDict[str, list[datetime]] = OrderedDict()
        """Who called last is the last. The calls of each are a heap: after the clock was set back the ledger
        is in no order of time."""
        self._counted = 0

    def up_to(self, one: Stopped) -> int:
        """How many calls of his there are up to `one`, within the hour."""
        since = one.at - PROBED_WITHIN
        if not self._counted:
            self._read(one, since)
        elif one.seq > self._counted:
            self._count(one.prisoner, one.at)
        self._counted = one.seq
        while not _within(self._calls[first := next(iter(self._calls))], since):
            del self._calls[first]
        return len(_within(self._calls[one.prisoner], since))

    def _count(self, prisoner: str, at: datetime) -> None:
        heappush(self._calls.setdefault(prisoner, []), at)
        self._calls.move_to_end(prisoner)

    def _read(self, one: Stopped, since: datetime) -> None:
        hour = select(ledger.c.seq).where(ledger.c.at > since)
        with self._database.read() as connection:
            first = min(connection.execute(hour).scalars())
            for found in stopped(connection, first - 1):
                if found.is_probe and since < found.at and found.seq <= one.seq:
                    self._count(found.prisoner, found.at)


def _within(calls: list[datetime], since: datetime) -> list[datetime]:
    """A heap of calls, those of before taken from it."""
    while calls and calls[0] <= since:
        heappop(calls)
    return calls


def _has(codes: str, wanted: Collection[ReasonCode]) -> bool:
    return not set(codes.split(",")).isdisjoint(wanted)
