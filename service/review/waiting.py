"""What is held, by channel, and what of it is held for too long: an alarm, since nobody comes back to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, case, func, select

from service.review.model import PHONE_LIST, WAITING
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


OnLists = Callable[[Connection, datetime], Sequence[Held]]


class Waiting:
    """Looks, and keeps what it saw. Safe to share between threads."""

    def __init__(
        self, database: Database, longest: timedelta, clock: Callable[[], datetime], on_lists: OnLists
    ) -> None:
        """`longest` is how long something may be held before that is an alarm. `on_lists` tells of numbers
        on prisoners' lists, which wait until they are off them, a decision or not; late before a moment."""
        self._database = database
        self._on_lists = on_lists
        self._longest = longest
        self._clock = clock
        self.held: tuple[Held, ...] = ()
        """At the last look."""

    def look(self) -> int:
        """Count again. Gives 0: there is never more to be done at once."""
        before = self._clock() - self._longest
        late = func.sum(case((review_item.c.at < before, 1), else_=0))
        wanted = (
            select(review_item.c.channel, func.count(), late, func.min(review_item.c.at))
            .where(
                review_item.c.state.in_([state.value for state in WAITING]),
                review_item.c.channel != PHONE_LIST,
            )
            .group_by(review_item.c.channel)
            .order_by(review_item.c.channel)
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
            on_lists = self._on_lists(connection, before)
        self.held = (
            *(
                Held(channel=channel, count=int(count), late=int(too_long), oldest=oldest)
                for channel, count, too_long, oldest in rows
            ),
            *on_lists,
        )
        return 0
