"""What was decided about one asker's attempts, in the order in which it took effect: for whoever holds them.

The order is the ledger's, which has no gaps: a record of a decision in effect is written under the lock that
numbers it, so that none comes later with a smaller number. Whoever asks from the last number on misses none.
Whoever knows a number that this ledger has not knew another one, before a restore: he asks from 0 on.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, cast, func, select

from service.ledger import payloads
from service.ledger.record import Kind, ledger
from service.review.model import Standing
from service.review.reviews import Reviews
from service.storage.sealing import SealError, Vault

SETTLED = "settled"
"""What the ledger calls a decision that is in effect."""
LOOKED_AT = 500
"""Decisions of one look, whoever asked."""


class Settled(NamedTuple):
    """One attempt, under its asker's own id, and what became of it."""

    id: str
    standing: Standing


class Settlements(NamedTuple):
    """What took effect after a number, and the number to go on from."""

    found: list[Settled]
    after: int
    more: bool
    """Whether there may be more at once."""


class Looked(NamedTuple):
    """Some decisions that took effect, whoever asked: of each the record of what it is about, and by that the
    number of its own."""

    about: dict[int, int]
    after: int
    more: bool


def look(connection: Connection, number: int, channel: str | None = None) -> Looked:
    """The next ones, of one channel or of all."""
    decided = cast(func.substr(ledger.c.subject, len("review/") + 1), BigInteger)
    wanted = (
        select(ledger.c.seq, decided.label("about"))
        .where(
            ledger.c.kind == Kind.REVIEW.value,
            ledger.c.outcome == SETTLED,
            ledger.c.seq > number,
        )
        .order_by(ledger.c.seq)
        .limit(LOOKED_AT)
    )
    if channel is not None:
        wanted = wanted.where(ledger.c.channel == channel)
    looked = connection.execute(wanted).all()
    return Looked(
        {row.about: row.seq for row in looked},
        looked[-1].seq if looked else number,
        more=len(looked) == LOOKED_AT,
    )


def after(
    connection: Connection, vault: Vault, reviews: Reviews, actor: str, channel: str, number: int
) -> Settlements:
    """The next decisions about what `actor` asked; none, and from 0 on, after a number that is no record's.
    One that cannot be read is left out: nobody acts on it."""
    if number and connection.execute(select(ledger.c.seq).where(ledger.c.seq == number)).first() is None:
        return Settlements([], 0, more=True)
    looked = look(connection, number, channel)
    about = looked.about
    theirs = select(ledger.c.seq, ledger.c.subject, ledger.c.sealed).where(
        ledger.c.seq.in_(about), ledger.c.actor == actor, ledger.c.kind == Kind.DECISION.value
    )
    rows = sorted(connection.execute(theirs), key=lambda row: about[row.seq])
    stood = reviews.stood(connection, [row.seq for row in rows])
    found = []
    for row in rows:
        try:
            decision = payloads.decision_of(vault, row.subject, row.sealed)
        except SealError:
            continue
        found.append(Settled(decision.id, stood[row.seq].standing if row.seq in stood else Standing.HELD))
    return Settlements(found, looked.after, looked.more)
