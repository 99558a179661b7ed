"""Restricted and doubtful numbers that stand on a list: each waits in the reviewers' queue, as a flag does.

It ends when the list was read without the number, or when a reviewer lets it stand there with her reason.
What she upholds has to come off the list, and until it has it is as late as if nobody had looked.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, select

from adapters.pin_phone.reconcile import DriftKind
from service.phone_lists.tables import phone_drift
from service.registry.prisoners import DIED, RELEASED
from service.registry.tables import prisoner
from service.review.model import PHONE_LIST, Standing
from service.review.reviews import Reviews
from service.review.tables import review_item
from service.review.waiting import Held

HELD = (DriftKind.RESTRICTED, DriftKind.DOUBTFUL)
"""Kinds that wait for a reviewer. Of the others one cannot be called, one is for the register, one ages."""


class DriftState(StrEnum):
    """Where a drift stands. One that is gone is in the ledger alone."""

    FOUND = "found"
    """Nobody has decided."""
    TO_REMOVE = "to_remove"
    """Upheld: it has to come off the list."""
    RELEASED = "released"
    """A reviewer lets it stand, until the number, its name, or the restriction changes."""


_STATES = {Standing.RELEASED: DriftState.RELEASED, Standing.STOPPED: DriftState.TO_REMOVE}


class OpenDrift(NamedTuple):
    """A row of the table, and what was decided of it."""

    row: Row[Any]
    state: DriftState
    review: int | None
    """The item of the queue; None for a kind that does not wait there."""


def open_drifts(connection: Connection, reviews: Reviews) -> list[OpenDrift]:
    """What stands on lists and should not, the oldest first.

    An item counts for the prisoner and the number that it is about, and only as the service wrote it.
    """
    item = review_item.c
    own = and_(
        item.seq == phone_drift.c.review,
        item.prisoner == phone_drift.c.prisoner,
        item.contact == phone_drift.c.number,
    )
    wanted = (
        select(phone_drift, item.seq.label("item"))
        .outerjoin(review_item, own)
        .where(phone_drift.c.gone_at.is_(None))
        .order_by(phone_drift.c.found_at)
    )
    found = connection.execute(wanted).all()
    stood = reviews.stood(connection, [row.item for row in found if row.item is not None])
    states = {seq: _STATES.get(one.standing, DriftState.FOUND) for seq, one in stood.items()}
    return [OpenDrift(row, states.get(row.item, DriftState.FOUND), row.item) for row in found]


def held(connection: Connection, reviews: Reviews, late: datetime) -> list[Held]:
    """What still has to come off a list or be released; `late` is what was found before that.

    A prisoner who was released or died has none: nobody keeps his list, which is read if he is received.
    """
    left = (
        select(prisoner.c.number)
        .join(phone_drift, phone_drift.c.prisoner == prisoner.c.number)
        .where(prisoner.c.latest, prisoner.c.establishment.in_((RELEASED, DIED)))
    )
    gone = set(connection.execute(left).scalars())
    since = [
        one.row.found_at
        for one in open_drifts(connection, reviews)
        if one.row.kind in HELD and one.state is not DriftState.RELEASED and one.row.prisoner not in gone
    ]
    if not since:
        return []
    too_long = sum(at < late for at in since)
    return [Held(channel=PHONE_LIST, count=len(since), late=too_long, oldest=since[0])]
