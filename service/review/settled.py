"""What was decided about one asker's attempts, in the order in which it took effect: for whoever holds them.

The order is the ledger's, which has no gaps: a record of a decision in effect is written under the lock that
numbers it, so that none comes later with a smaller number. Whoever asks from the last number on misses none.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, cast, func, select

from service.ledger import payloads
from service.ledger.record import Kind, ledger
from service.review.model import Standing
from service.review.reviews import Reviews
from service.storage.sealing import SealError, Vault

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


def after(
    connection: Connection, vault: Vault, reviews: Reviews, actor: str, channel: str, number: int
) -> Settlements:
    """The next decisions about what `actor` asked. One that cannot be read is left out: nobody acts on it."""
    decided = cast(func.substr(ledger.c.subject, len("review/") + 1), BigInteger)
    wanted = (
        select(ledger.c.seq, decided.label("about"))
        .where(
            ledger.c.kind == Kind.REVIEW.value,
            ledger.c.outcome == "settled",
            ledger.c.channel == channel,
            ledger.c.seq > number,
        )
        .order_by(ledger.c.seq)
        .limit(LOOKED_AT)
    )
    looked = connection.execute(wanted).all()
    if not looked:
        return Settlements([], number, more=False)
    about = {row.about: row.seq for row in looked}
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
    return Settlements(found, looked[-1].seq, more=len(looked) == LOOKED_AT)
