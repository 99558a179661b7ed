"""How far the phone system's lists bear the restrictions out, by prison and with age.

A restriction is **applied** the moment it is in force here: a call is refused whatever a list says. It is
**confirmed** for a prisoner once his list was read after the restriction's last change and holds nothing that
it forbids. It is **on a list** while a forbidden number stands there, and **not read** until his list was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from adapters.pin_phone.reconcile import DriftKind
from engine.canary import MARK
from service.phone_lists.held import DriftState, open_drifts
from service.phone_lists.tables import phone_list
from service.registry.journal import Journal
from service.registry.model import ListingState
from service.registry.tables import prisoner, restriction_prisoner, restriction_version
from service.review.reviews import Reviews

MOST_SHOWN = 200
"""Drifts of one prison on one page."""
_Of = Callable[[str], "PrisonFigures"]
_ON_A_LIST = (DriftKind.RESTRICTED.value, DriftKind.BARRED.value)


class PrisonFigures(msgspec.Struct, kw_only=True):
    """One prison. Restrictions are counted once for each prisoner of the prison whom they name."""

    establishment: str | None
    lists: int = 0
    """Lists that were read."""
    failed: int = 0
    """Lists that could not be read the last time."""
    oldest_read: datetime | None = None
    applied: int = 0
    confirmed: int = 0
    on_a_list: int = 0
    not_read: int = 0
    oldest_open: datetime | None = None
    """Since when the oldest that is not confirmed is so."""
    drift: dict[str, int] = msgspec.field(default_factory=dict)
    """By kind, without what a reviewer lets stand."""
    released: int = 0
    """What reviewers let stand."""


class ShownDrift(msgspec.Struct, frozen=True, kw_only=True):
    """One drift, without the number."""

    prisoner: str
    establishment: str | None
    number: bytes
    kind: DriftKind
    found_at: datetime
    codes: tuple[str, ...]
    restrictions: tuple[str, ...]
    state: DriftState
    review: int | None
    """Its item of the queue."""


class UnreadList(NamedTuple):
    """A list that could not be read: what is known of it is as old as its last reading."""

    prisoner: str
    read_at: datetime | None
    tried_at: datetime
    why: str


def by_prison(journal: Journal, prisons: Collection[str] = ()) -> list[PrisonFigures]:
    """The figures of these prisons, of all where none is named, in the order of their codes."""
    with journal.database.read() as connection:
        where = _where_everybody_is(connection)
        made: dict[str | None, PrisonFigures] = {}

        def of(number: str) -> PrisonFigures:
            place = where.get(number)
            return made.setdefault(place, PrisonFigures(establishment=place))

        _count_lists(connection, of)
        on_a_list = _count_drift(connection, Reviews(journal), of)
        _count_restrictions(connection, of, on_a_list)
    shown = [one for one in made.values() if not prisons or one.establishment in prisons]
    return sorted(shown, key=lambda one: one.establishment or "")


def drift_in(journal: Journal, establishment: str | None) -> list[ShownDrift]:
    """What is wrong with the lists of one prison, what is released last, what is restricted first, then the
    oldest."""
    return [one for one in all_drift(journal) if one.establishment == establishment][:MOST_SHOWN]


def all_drift(journal: Journal, prisoners: Collection[str] = ()) -> list[ShownDrift]:
    """The same of these prisoners, of everybody where none is named."""
    order = {kind.value: place for place, kind in enumerate(DriftKind)}
    with journal.database.read() as connection:
        where = _where_everybody_is(connection)
        drifts = open_drifts(connection, Reviews(journal))
    here = [one for one in drifts if not prisoners or one.row.prisoner in prisoners]
    here.sort(key=lambda one: (one.state is DriftState.RELEASED, order[one.row.kind]))
    return [
        ShownDrift(
            prisoner=row.prisoner,
            establishment=where.get(row.prisoner),
            number=row.number,
            kind=DriftKind(row.kind),
            found_at=row.found_at,
            codes=tuple(filter(None, row.codes.split(","))),
            restrictions=tuple(row.restrictions.split()),
            state=state,
            review=review,
        )
        for row, state, review in here
    ]


def unread_in(journal: Journal, establishment: str | None) -> list[UnreadList]:
    """Lists of one prison that could not be read the last time, those that never were before the others."""
    with journal.database.read() as connection:
        where = _where_everybody_is(connection)
        wanted = select(phone_list).where(phone_list.c.failed.is_not(None))
        failed = connection.execute(
            wanted.order_by(phone_list.c.read_at.is_not(None), phone_list.c.read_at)
        ).all()
    here = [row for row in failed if where.get(row.prisoner) == establishment]
    return [UnreadList(row.prisoner, row.read_at, row.tried_at, row.failed) for row in here[:MOST_SHOWN]]


def _where_everybody_is(connection: Connection) -> dict[str, str | None]:
    wanted = select(prisoner.c.number, prisoner.c.establishment).where(prisoner.c.latest)
    return {row.number: row.establishment for row in connection.execute(wanted)}


def _count_lists(connection: Connection, of: _Of) -> None:
    for row in connection.execute(select(phone_list)):
        one = of(row.prisoner)
        one.failed += row.failed is not None
        if row.read_at is not None:
            one.lists += 1
            one.oldest_read = min(one.oldest_read or row.read_at, row.read_at)


def _count_drift(connection: Connection, reviews: Reviews, of: _Of) -> dict[tuple[str, str], datetime]:
    """Counts them; gives since when a restriction's number is on a prisoner's list, released or not."""
    found: dict[tuple[str, str], datetime] = {}
    for row, state, _ in open_drifts(connection, reviews):
        prison = of(row.prisoner)
        if state is DriftState.RELEASED:
            prison.released += 1
        else:
            prison.drift[row.kind] = prison.drift.get(row.kind, 0) + 1
        if row.kind in _ON_A_LIST:
            for id_ in row.restrictions.split():
                key = row.prisoner, id_
                found[key] = min(found.get(key, row.found_at), row.found_at)
    return found


def _count_restrictions(connection: Connection, of: _Of, on_a_list: dict[tuple[str, str], datetime]) -> None:
    wanted = (
        select(
            restriction_prisoner.c.prisoner,
            restriction_version.c.id,
            restriction_version.c.at,
            phone_list.c.read_at,
        )
        .join(restriction_version, restriction_version.c.id == restriction_prisoner.c.id)
        .outerjoin(phone_list, phone_list.c.prisoner == restriction_prisoner.c.prisoner)
        .where(
            restriction_version.c.latest,
            restriction_version.c.state == ListingState.STANDING.value,
            restriction_version.c.id.not_like(f"{MARK}%"),
        )
    )
    for number, id_, since, read_at in connection.execute(wanted):
        one = of(number)
        one.applied += 1
        found = on_a_list.get((number, id_))
        if found is None and read_at is not None and read_at >= since:
            one.confirmed += 1
            continue
        one.on_a_list += found is not None
        one.not_read += found is None
        one.oldest_open = min(one.oldest_open or since, since, found or since)
