"""The last messages of each prisoner to each recipient: a number may be split over several.

In bounded memory; at the start it is filled again from the ledger.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select

from engine.model import Attempt
from service.check.recipient import recipient
from service.check.requests import request_key
from service.cli.screening import LONGEST_REMEMBERED, MESSAGES_REMEMBERED, RECIPIENTS_REMEMBERED
from service.ledger import payloads
from service.ledger.record import Kind, ledger
from service.storage.database import Database
from service.storage.sealing import SealError, Vault

RECALLED_FOR = timedelta(days=14)
"""Age of the oldest message that is filled in again at the start."""
MOST_RECALLED = 20_000
"""Messages filled in again: opening them takes a start about a second."""
RECORDS_SEARCHED = 500_000
"""Records at the ledger's end among which they are looked for, so that a start never reads years of calls."""

Pair = tuple[str | None, str]

_log = structlog.get_logger(__name__)


class MessageWindow:
    """Bodies of the last messages of each prisoner and recipient, each with its attempt's key."""

    def __init__(self) -> None:
        """Start with none."""
        self._bodies: OrderedDict[Pair, dict[bytes, str]] = OrderedDict()

    def before(self, attempt: Attempt, key: bytes) -> tuple[str, ...]:
        """Bodies before this message, oldest first, whether or not it is remembered already."""
        if attempt.channel != "message" or not attempt.body:
            return ()
        bodies = self._bodies.get(_pair(attempt))
        if not bodies:
            return ()
        earlier = []
        for known, body in bodies.items():
            if known == key:
                break
            earlier.append(body)
        return tuple(earlier)

    def remember(self, attempt: Attempt, key: bytes) -> None:
        """Keep a message; the same one again changes nothing."""
        if attempt.channel != "message" or not attempt.body:
            return
        pair = _pair(attempt)
        bodies = self._bodies.setdefault(pair, {})
        self._bodies.move_to_end(pair)
        if key in bodies:
            return
        bodies[key] = attempt.body[-LONGEST_REMEMBERED:]
        if len(bodies) > MESSAGES_REMEMBERED:
            del bodies[next(iter(bodies))]
        if len(self._bodies) > RECIPIENTS_REMEMBERED:
            self._bodies.popitem(last=False)


def recall(database: Database, vault: Vault, now: datetime) -> MessageWindow:
    """The window as the ledger's last messages leave it. Confidential ones are not kept there."""
    window = MessageWindow()
    with database.read() as connection:
        last = connection.scalar(select(func.max(ledger.c.seq))) or 0
        rows = connection.execute(
            select(ledger.c.actor, ledger.c.subject, ledger.c.sealed)
            .where(ledger.c.seq > last - RECORDS_SEARCHED)
            .where(ledger.c.kind == Kind.DECISION, ledger.c.channel == "message")
            .where(ledger.c.at >= now - RECALLED_FOR)
            .order_by(ledger.c.seq.desc())
            .limit(MOST_RECALLED)
        ).all()
    lost = 0
    for actor, subject, sealed in reversed(rows):
        try:
            attempt = payloads.attempt_of(vault, subject, sealed)
        except SealError:
            lost += 1
            continue
        window.remember(attempt, request_key(vault, actor, attempt.channel, attempt.id))
    if lost:
        _log.warning("messages_not_recalled", count=lost)
    return window


def _pair(attempt: Attempt) -> Pair:
    """Who writes to whom."""
    return attempt.prisoner, recipient(attempt.channel, attempt.to)
