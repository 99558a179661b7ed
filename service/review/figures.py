"""Figures about the queue and the decisions: counts and times, of the viewer's prisons. Prisoner numbers are
the only thing in them that belongs to anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, String, func, select, type_coerce

from engine import dates
from engine.canary import PRISONERS_LIKE
from engine.model import ReasonCode
from service.ledger.record import Kind, ledger
from service.registry.journal import RESTRICTION, Journal
from service.registry.model import Document
from service.registry.tables import restriction_version
from service.review.model import LETS_GO, ItemState, Outcome
from service.review.tables import review_item
from service.storage.unread import reading

VERDICTS = ("allow", "flag", "block")
AGES = (("under an hour", 1), ("1 to 4 hours", 4), ("4 to 24 hours", 24), ("1 to 3 days", 72))
"""Steps of age, and the hours that each ends with; what is older comes last."""
NEAR = (
    ReasonCode.NEAR_NUMBER,
    ReasonCode.HIDDEN_NUMBER,
    ReasonCode.EXTRA_DIGITS,
    ReasonCode.PROBABLE_ADDRESS,
    ReasonCode.RELAY_REQUEST,
)
"""Reasons of tries that came near a restricted contact."""
MOST_SHOWN = 20
MOST_OPENED = 2_000
"""Restrictions whose requests are opened for a time: a tenth of a second."""


class Figure(NamedTuple):
    """A table that is drawn as well: a row is a label and one number for each series."""

    id: str
    title: str
    label: str
    """What the rows are."""
    series: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str = ""
    """Behind a number, as ` %`."""
    note: str = ""
    adds_up: bool = True
    """Whether the series are parts of one whole: else their bars lie one under the other."""


_IS_REAL = ledger.c.prisoner.not_like(PRISONERS_LIKE)
"""Not an imaginary prisoner of the service."""


def figures(journal: Journal, prisons: Collection[str], days: int) -> list[Figure]:
    """All of them, of the last `days`."""
    now = journal.clock()
    since = now - timedelta(days=days)
    with journal.database.read() as connection:
        return [
            _decisions(connection, prisons, since),
            _ages(connection, prisons, now),
            _times(connection, prisons, since),
            _release_rates(connection, prisons, since),
            _near_misses(connection, prisons, since),
            _in_force(connection, journal, prisons, since),
        ]


def _decisions(connection: Connection, prisons: Collection[str], since: datetime) -> Figure:
    day = func.substr(type_coerce(ledger.c.at, String), 1, 10).label("day")
    wanted = (
        select(day, ledger.c.channel, ledger.c.outcome, func.count())
        .where(
            ledger.c.kind == Kind.DECISION.value,
            ledger.c.at >= since,
            ledger.c.prisoner.is_(None) | _IS_REAL,
            *_of(ledger.c.establishment, prisons),
        )
        .group_by("day", ledger.c.channel, ledger.c.outcome)
    )
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(VERDICTS, 0))
    for when, channel, outcome, count in connection.execute(wanted):
        if outcome in VERDICTS:
            counts[f"{when} {channel}"][outcome] += count
    rows = tuple((label, tuple(float(n) for n in each.values())) for label, each in sorted(counts.items()))
    return Figure("decisions", "Decisions a day by channel", "Day and channel", VERDICTS, rows)


def _ages(connection: Connection, prisons: Collection[str], now: datetime) -> Figure:
    counts = []
    newest = now
    for label, hours in AGES:
        oldest = now - timedelta(hours=hours)
        counts.append((label, _waiting(connection, prisons, oldest, newest)))
        newest = oldest
    counts.append(("older", _waiting(connection, prisons, None, newest)))
    rows = tuple((label, (float(count),)) for label, count in counts)
    return Figure("ages", "Age of what waits now", "Age", ("items",), rows)


def _waiting(
    connection: Connection, prisons: Collection[str], oldest: datetime | None, newest: datetime
) -> int:
    wanted = select(func.count()).where(
        review_item.c.state.in_([ItemState.OPEN.value, ItemState.SECOND.value]),
        review_item.c.at <= newest,
        *_of(review_item.c.establishment, prisons),
    )
    if oldest is not None:
        wanted = wanted.where(review_item.c.at > oldest)
    return int(connection.execute(wanted).scalar_one())


def _times(connection: Connection, prisons: Collection[str], since: datetime) -> Figure:
    wanted = select(review_item.c.channel, review_item.c.at, review_item.c.decided_at).where(
        review_item.c.decided_at >= since, *_of(review_item.c.establishment, prisons)
    )
    hours: dict[str, list[float]] = defaultdict(list)
    for channel, at, decided in connection.execute(wanted):
        hours[channel].append((decided - at).total_seconds() / 3600)
    return Figure(
        "times",
        "Hours from a flag to its decision",
        "Channel",
        ("median", "longest"),
        tuple(
            (channel, (round(median(some), 2), round(max(some), 2)))
            for channel, some in sorted(hours.items())
        ),
        note="Hours on the clock, nights included.",
        adds_up=False,
    )


def _release_rates(connection: Connection, prisons: Collection[str], since: datetime) -> Figure:
    wanted = (
        select(review_item.c.code, review_item.c.outcome, func.count())
        .where(review_item.c.decided_at >= since, *_of(review_item.c.establishment, prisons))
        .where(review_item.c.state.in_([ItemState.DECIDED.value, ItemState.SETTLED.value]))
        .group_by(review_item.c.code, review_item.c.outcome)
    )
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for code, outcome, count in connection.execute(wanted):
        counts[code][Outcome(outcome) in LETS_GO] += count
    rows = tuple(
        (
            code.replace("_", " ").capitalize(),
            (round(100 * released / (upheld + released), 1), float(upheld + released)),
        )
        for code, (upheld, released) in sorted(counts.items())
    )
    return Figure(
        "release-rate",
        "How often a reason is released",
        "Reason",
        ("released, per cent", "decided"),
        rows,
        note="A reason that is always released is a rule to mend; one that never is could block.",
        adds_up=False,
    )


def _near_misses(connection: Connection, prisons: Collection[str], since: datetime) -> Figure:
    near = [f",{code.value}," for code in NEAR]
    codes = "," + ledger.c.codes + ","
    matches: ColumnElement[bool] = codes.contains(near[0])
    for code in near[1:]:
        matches = matches | codes.contains(code)
    wanted = (
        select(ledger.c.prisoner, func.count().label("tries"))
        .where(ledger.c.kind == Kind.DECISION.value, ledger.c.at >= since, matches)
        .where(ledger.c.prisoner.is_not(None), _IS_REAL, *_of(ledger.c.establishment, prisons))
        .group_by(ledger.c.prisoner)
        .order_by(func.count().desc(), ledger.c.prisoner)
        .limit(MOST_SHOWN)
    )
    rows = tuple((str(row.prisoner), (float(row.tries),)) for row in connection.execute(wanted))
    return Figure(
        "near-misses",
        "Tries that came near a restricted contact, by prisoner",
        "Prisoner",
        ("tries",),
        rows,
        note=f"The {MOST_SHOWN} with the most.",
    )


def _in_force(connection: Connection, journal: Journal, prisons: Collection[str], since: datetime) -> Figure:
    wanted = (
        select(restriction_version.c.id, restriction_version.c.version, restriction_version.c.at)
        .add_columns(restriction_version.c.sealed, restriction_version.c.pathway)
        .where(restriction_version.c.version == 1, restriction_version.c.at >= since)
        .where(*_of(restriction_version.c.establishment, prisons))
        .order_by(restriction_version.c.seq.desc())
        .limit(MOST_OPENED)
    )
    days: dict[str, list[float]] = defaultdict(list)
    unread = 0
    for row in connection.execute(wanted):
        pathway = f"pathway {row.pathway}" if row.pathway else "no pathway"
        with reading(journal.vault, RESTRICTION, row.id):
            context = f"restriction/{row.id}/{row.version}"
            document = _documents(journal.vault.open(row.sealed, context))
            for received in _received(document):
                days[pathway].append(max(0.0, (row.at - received).total_seconds() / 86400))
            continue
        unread += 1
    return Figure(
        "in-force",
        "Days from a request to its restriction",
        "Pathway",
        ("median", "longest"),
        tuple((name, (round(median(some), 1), round(max(some), 1))) for name, some in sorted(days.items())),
        note="Of restrictions whose request has a date. In force is a restriction within a second."
        + f" Not counted, since they cannot be read: {unread}." * bool(unread),
        adds_up=False,
    )


def _received(document: Document) -> Iterable[datetime]:
    return [dates.starts(one.received) for one in document.requests if one.received]


def _of(column: ColumnElement[Any], prisons: Collection[str]) -> list[ColumnElement[bool]]:
    return [column.in_(sorted(prisons))] if prisons else []


_documents: Callable[[bytes], Document] = msgspec.msgpack.Decoder(Document).decode
