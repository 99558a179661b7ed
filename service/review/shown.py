"""What of the queue somebody asks for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_

from service.review.model import ESCALATED_GRAVITY, WAITING, ItemState
from service.review.tables import review_item

WHICH = {
    "mine": "Yours",
    "overdue": "Overdue",
    "late": "Held for too long",
    "second": "A second reviewer is needed",
    "escalated": "Escalated",
}
"""Parts of what waits, in words."""


class Filter(NamedTuple):
    """What of the queue is shown."""

    prisons: frozenset[str] = frozenset()
    """The reviewer's own; empty for all."""
    prison: str | None = None
    channel: str | None = None
    code: str | None = None
    which: str | None = None
    """One of `WHICH`."""
    by: str = ""
    """Whose are "mine"."""
    longest: timedelta = timedelta()
    """How long something may be held before it is "late"."""


def conditions(shown: Filter, now: datetime) -> list[ColumnElement[bool]]:
    """What an item that is shown meets."""
    found: list[ColumnElement[bool]] = [review_item.c.state.in_([state.value for state in WAITING])]
    if shown.prisons:
        found.append(review_item.c.establishment.in_(sorted(shown.prisons)))
    for column, value in (
        ("establishment", shown.prison),
        ("channel", shown.channel),
        ("code", shown.code),
    ):
        if value is not None:
            found.append(review_item.c[column] == value)
    if shown.which is not None:
        found.append(_part(shown, shown.which, now))
    return found


def _part(shown: Filter, which: str, now: datetime) -> ColumnElement[bool]:
    parts: dict[str, ColumnElement[bool]] = {
        "mine": and_(review_item.c.claimed_by == shown.by, review_item.c.lease_until > now),
        "overdue": review_item.c.due < now,
        "late": review_item.c.at < now - shown.longest,
        "second": review_item.c.state == ItemState.SECOND.value,
        "escalated": review_item.c.gravity >= ESCALATED_GRAVITY,
    }
    return parts[which]
