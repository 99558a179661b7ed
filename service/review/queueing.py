"""What was flagged comes into the queue with its decision, in the transaction of its record."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, insert, select

from engine.canary import tried_by_us
from service.ledger import payloads
from service.ledger.payloads import Tried
from service.ledger.record import Kind, Record
from service.ledger.writer import Numbered
from service.registry.journal import Journal
from service.registry.tables import restriction_version
from service.review.model import GUARDED_GRAVITY, TARGET, ItemState, gravest
from service.review.tables import review_item, tried
from service.storage import rows
from service.storage.sealing import Vault


def queue_up(journal: Journal) -> Any:
    """What the ledger calls within each commit: every flag but a canary's goes into the queue with it."""

    def along(connection: Connection, numbered: Numbered) -> None:
        stopped = [
            (seq, record, payloads.tried(record.detail))
            for seq, record in numbered
            if record.kind is Kind.DECISION and record.outcome in ("flag", "block")
        ]
        stopped = [one for one in stopped if not tried_by_us(one[1].prisoner, one[2].restrictions)]
        if not stopped:
            return
        hashed = [
            {"contact": bytes.fromhex(detail.contact), "seq": seq}
            for seq, _, detail in stopped
            if detail.contact
        ]
        if hashed:
            connection.execute(insert(tried), hashed)
        flagged = [one for one in stopped if one[1].outcome == "flag"]
        enqueue(connection, journal.vault, flagged)

    return along


def queue_here(vault: Vault) -> Any:
    """The same for a node, whose flags are decided at the centre and wait here until that is told. Tries at
    one contact point are counted there alone."""

    def along(connection: Connection, numbered: Numbered) -> None:
        flagged = [
            (seq, record, payloads.tried(record.detail))
            for seq, record in numbered
            if record.kind is Kind.DECISION and record.outcome == "flag"
        ]
        if flagged := [one for one in flagged if not tried_by_us(one[1].prisoner, one[2].restrictions)]:
            enqueue(connection, vault, flagged)

    return along


def enqueue(connection: Connection, vault: Vault, flagged: Collection[tuple[int, Record, Tried]]) -> None:
    """Make an item of each record, in the transaction that writes it under its number."""
    named = {id_ for _, _, detail in flagged for id_ in detail.restrictions}
    guarded = _guarded(connection, vault, named)
    rows.insert(connection, vault, review_item, [_row(*one, guarded) for one in flagged])


def _guarded(connection: Connection, vault: Vault, ids: Collection[str]) -> set[str]:
    """Of these restrictions, those of pathway 1 and with a court order; and those that were changed in the
    database, or are gone from it."""
    if not ids:
        return set()
    table = restriction_version
    wanted = select(*rows.stored(table)).where(table.c.latest, table.c.id.in_(sorted(ids)))
    plain = {
        row.id
        for row in connection.execute(wanted)
        if row.pathway != 1 and not row.court_order and rows.stored_holds(vault, table, row)
    }
    return set(ids) - plain


def _row(seq: int, record: Record, detail: Tried, guarded: set[str]) -> dict[str, Any]:
    code, gravity = gravest(record.codes)
    is_guarded = not guarded.isdisjoint(detail.restrictions)
    channel = record.channel or "call"
    return {
        "seq": seq,
        "at": record.at,
        "channel": channel,
        "establishment": record.establishment,
        "prisoner": record.prisoner,
        "contact": bytes.fromhex(detail.contact) if detail.contact else None,
        "code": code,
        "gravity": gravity + GUARDED_GRAVITY * is_guarded,
        "guarded": is_guarded,
        "state": ItemState.OPEN.value,
        "due": record.at + TARGET[channel],
        "token": 0,
    }
