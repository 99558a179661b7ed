"""What reviewers decided of a node's flags, for that node: by it what is held in the prison goes on."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from service.feed import ledger_places
from service.feed.api_messages import LedgerPlace, NodeSettled, NodeSettlements
from service.feed.records import asked_at
from service.ledger import payloads
from service.ledger.payloads import DecisionDetail
from service.ledger.record import Kind, ledger
from service.review import settled
from service.review.model import Standing
from service.review.reviews import Reviews
from service.storage.sealing import SealError, Vault

_details = msgspec.json.Decoder(DecisionDetail)


def of_node(
    connection: Connection, vault: Vault, reviews: Reviews, node: str, place: LedgerPlace
) -> NodeSettlements:
    """The next decisions about flags of this node, from a place in the ledger on; none from one that this
    ledger does not have. One that cannot be read is left out: nobody acts on it."""
    if not ledger_places.is_known(connection, place):
        return NodeSettlements([], 0, more=False, is_known=False)
    looked = settled.look(connection, place.seq)
    before = asked_at(node)
    theirs = select(ledger).where(
        ledger.c.seq.in_(looked.about),
        ledger.c.actor.startswith(before, autoescape=True),
        ledger.c.kind == Kind.DECISION.value,
    )
    rows = sorted(connection.execute(theirs), key=lambda row: looked.about[row.seq])
    stood = reviews.stood(connection, [row.seq for row in rows])
    found = []
    for row in rows:
        now = stood[row.seq].standing if row.seq in stood else Standing.HELD
        at = _details.decode(row.detail).decided
        if now not in (Standing.RELEASED, Standing.STOPPED) or at is None:
            continue
        try:
            asked = payloads.decision_of(vault, row.subject, row.sealed).id
        except SealError:
            continue
        found.append(
            NodeSettled(
                actor=row.actor.removeprefix(before),
                channel=row.channel,
                id=asked,
                at=at,
                released=now is Standing.RELEASED,
            )
        )
    there = ledger_places.hash_at(connection, looked.after)
    return NodeSettlements(found, looked.after, looked.more, there)
