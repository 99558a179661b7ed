"""The window over the last messages, filled again from the ledger at the start."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select

from engine.window import MessageWindow
from service.check.requests import request_key
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

_log = structlog.get_logger(__name__)


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
            decision = payloads.decision_of(vault, subject, sealed)
        except SealError:
            lost += 1
            continue
        key = request_key(vault, actor, attempt.channel, attempt.id)
        window.remember(attempt, key, decision)
    if lost:
        _log.warning("messages_not_recalled", count=lost)
    return window
