"""What follows from a decision once it can no longer be taken back: an exception is asked for.

An exception lets something through for good, so a second person confirms it like every loosening.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection

from engine.model import Exemption, Reason, ReasonCode
from service.ledger.payloads import Decided
from service.operations.repeating import Repeating
from service.registry.model import loosens
from service.registry.registry import Registry
from service.review.model import REVIEW, Outcome, ReviewItem
from service.review.reviews import Reviews
from service.storage.unread import reading

EVERY = 1.0
"""Seconds between looks."""

_AT_THE_LISTED = frozenset(
    {
        ReasonCode.RESTRICTED_NUMBER,
        ReasonCode.RESTRICTED_ADDRESS,
        ReasonCode.RESTRICTED_EMAIL,
        ReasonCode.RESTRICTED_HANDLE,
        ReasonCode.HOUSEHOLD,
        ReasonCode.PROBABLE_ADDRESS,
        ReasonCode.OTHER_PRISONER,
        ReasonCode.EXTRA_DIGITS,
    }
)
"""Reasons that found the listed contact point itself."""


class Settler:
    """Does it, once or for as long as the service runs."""

    def __init__(self, reviews: Reviews, registry: Registry) -> None:
        """Approvals go to the registry."""
        self._reviews = reviews
        self._registry = registry
        again = Repeating("settling", self.settle, EVERY)
        self.start, self.stop = again.start, again.stop

    def settle(self) -> int:
        """Do what is due, once. Gives how many. What cannot be read stays as it is, and is told."""
        done, journal = 0, self._registry.journal
        for item in self._reviews.due():
            with reading(journal.vault, REVIEW, str(item.seq)), journal.database.write() as connection:
                if self._reviews.settle(connection, item):
                    if item.outcome is Outcome.EXCEPTION and item.prisoner is not None:
                        self._ask_exception(connection, item, item.prisoner)
                    done += 1
        return done

    def _ask_exception(self, connection: Connection, item: ReviewItem, prisoner: str) -> None:
        """One approval for each restriction that was met."""
        opened = self._reviews.peek(item.seq)
        wanted = {reason.restriction: reason for reason in _naming(opened)}
        registry = self._registry
        for id_, before in registry.versions.latest(connection, sorted(filter(None, wanted))).items():
            reason = wanted[id_]
            listed = reason.code in _AT_THE_LISTED and bool(reason.listed)
            contact = reason.listed if listed else _met_at(opened.attempt, reason)
            exemption = Exemption(prisoner=prisoner, contact=contact, note=f"review/{item.seq}")
            old = before.document
            exceptions = (*old.restriction.exceptions, exemption)
            changed = msgspec.structs.replace(old.restriction, exceptions=exceptions)
            after = msgspec.structs.replace(old, restriction=changed, reason=f"review/{item.seq}")
            actor = item.second_by or item.decided_by or "system"
            if old.stands and (loosened := loosens(old, after)):
                registry.restrictions.ask_change(connection, actor, before, after, loosened)


def _met_at(attempt: dict[str, Any], reason: Reason) -> str:
    """What an attempt was sent to; of somebody whom a prisoner would have on his list, the contact point that
    the reason met, and his first one where it met his name."""
    if "to" in attempt:
        return str(attempt["to"])
    points = (*attempt.get("numbers", ()), *attempt.get("emails", ()), attempt.get("address"))
    given = [str(one) for one in points if one]
    return reason.given if reason.given in given else next(iter(given), "")


def _naming(opened: Decided) -> Iterator[Reason]:
    """Reasons that name a restriction, the ones at the listed contact point last."""
    named = [reason for reason in opened.decision.reasons if reason.restriction is not None]
    yield from sorted(named, key=lambda reason: reason.code in _AT_THE_LISTED)
