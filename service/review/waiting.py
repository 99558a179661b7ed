"""What is held, by channel, and what of it is held for too long: an alarm, since nobody comes back to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import case, func, select

from service.review.model import WAITING
from service.review.tables import review_item
from service.storage.database import Database

EVERY = 30.0
"""Seconds between looks. Metrics and health tell the last one, and ask the database nothing."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Of one channel, what nobody has decided."""

    channel: str
    count: int
    late: int
    """Held for longer than the operator set."""
    oldest: datetime


class Waiting:
    """Looks, and keeps what it saw. Safe to share between threads."""

    def __init__(self, database: Database, longest: timedelta, clock: Callable[[], datetime]) -> None:
        """`longest` is how long something may be held before that is an alarm."""
        self._database = database
        self._longest = longest
        self._clock = clock
        self.held: tuple[Held, ...] = ()
        """At the last look."""

    def look(self) -> int:
        """Count again. Gives 0: there is never more to be done at once."""
        late = func.sum(case((review_item.c.at < self._clock() - self._longest, 1), else_=0))
        wanted = (
            select(review_item.c.channel, func.count(), late, func.min(review_item.c.at))
            .where(review_item.c.state.in_([state.value for state in WAITING]))
            .group_by(review_item.c.channel)
            .order_by(review_item.c.channel)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        self.held = tuple(
            Held(channel=channel, count=int(count), late=int(too_long), oldest=oldest)
            for channel, count, too_long, oldest in rows
        )
        return 0
