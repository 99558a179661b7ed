"""A registry on an SQLite file with its queue, and flags put into it as the ledger puts them there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.model import Decision, Reason, ReasonCode
from service.access.model import Principal, Role
from service.ledger import payloads
from service.ledger.payloads import Decided, DecisionDetail
from service.ledger.record import Kind, Record
from service.registry.registry import Registry
from service.review.model import UNDO, Outcome
from service.review.queueing import queue_up
from service.review.reviews import Reviews
from tests.service.registry.listings import HIS, Clock

ANN = Principal("oidc:ann", frozenset({Role.REVIEWER}), person=True)
BEN = Principal("oidc:ben", frozenset({Role.REVIEWER}), person=True)
OTHER = "07700 900777"
"""Another number of the restriction R1."""
WHY = {Outcome.UPHOLD: "restricted", Outcome.RELEASE: "verified", Outcome.EXCEPTION: "relative"}


@dataclass
class Queue:
    """A queue, and what stands around it."""

    registry: Registry
    reviews: Reviews
    clock: Clock

    def flag(
        self,
        *reasons: Reason,
        to: str = "",
        prisoner: str | None = HIS,
        asked: dict[str, Any] | None = None,
        **columns: Any,
    ) -> int:
        """A flag for these reasons; gives its number. `asked` is there for what is no call."""
        journal = self.registry.journal
        subject = f"attempt/{self.clock().isoformat()}"
        decision = Decision(
            id="C1",
            decision="flag",
            action="hold",
            confidential=False,
            blocklist="sha256:0",
            reasons=reasons,
        )
        attempt = asked or {"id": "C1", "channel": "call", "to": to, "prisoner": prisoner}
        ids = [reason.restriction for reason in reasons if reason.restriction is not None]
        fields: dict[str, Any] = {
            "at": self.clock(),
            "kind": Kind.DECISION,
            "actor": "key:switch",
            "subject": subject,
            "prisoner": prisoner,
            "establishment": "LEI",
            "channel": "call",
            "outcome": "flag",
            "codes": ",".join(reason.code for reason in reasons),
            "detail": payloads.plain(DecisionDetail(ids, "hold", False)),
            "sealed": payloads.seal(journal.vault, subject, Decided(attempt, decision)),
        }
        record = Record(**{**fields, **columns})
        with journal.write() as connection:
            (seq,) = journal.append(connection, [record])
            queue_up(journal)(connection, [(seq, record)])
        return seq

    def decide(self, seq: int, outcome: Outcome, *by: Principal) -> None:
        """What each of these reviewers decides in turn; in effect when this returns."""
        for who in by or (ANN,):
            self.reviews.decide(who, seq, opened(self.reviews, who, seq), outcome, WHY[outcome])
        self.clock.now += UNDO


def opened(reviews: Reviews, who: Principal, seq: int) -> int:
    """The token of an item that they claimed and opened."""
    item = reviews.claim(who, seq)
    reviews.open(who, item, "to decide")
    return item.token


def reason(code: ReasonCode, restriction: str | None, listed: str = "") -> Reason:
    """A reason of a flag."""
    return Reason(code=code, decision="flag", restriction=restriction, listed=listed)
