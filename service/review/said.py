"""What reviewers did with an item and said of it, each under her own name; read from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from service.ledger import payloads, search
from service.review.model import REASONS, Outcome
from service.storage.sealing import Vault

MOST = 200
"""Acts of one item that are read: beyond it, the newest."""
TAKEN_BACK = "undone"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One act, its reason in words and its note, which is empty until the item is opened."""

    at: datetime
    by: str
    act: str
    why: str
    has_note: bool
    note: str


class _Detail(msgspec.Struct, frozen=True):
    reason: str | None = None
    answer: str | None = None


_detail = msgspec.json.Decoder(_Detail)


def acts(connection: Connection, seq: int, notes: Vault | None) -> list[Act]:
    """Everything that was done with the item `seq`, the newest first; its notes where there is a vault for
    them, which is after the reader's look is recorded. Raises SealError for a note that was changed."""
    subject = f"review/{seq}"
    return [_act(row, subject, notes) for row in search.search(connection, subject=subject, limit=MOST)]


def decisions(done: Sequence[Act]) -> list[Act]:
    """Of these, the ones that decided and were not taken back, the oldest first."""
    standing: list[Act] = []
    for act in reversed(done):
        if act.act == TAKEN_BACK:
            del standing[-1:]
        elif act.why:
            standing.append(act)
    return standing


def _act(row: search.Row, subject: str, notes: Vault | None) -> Act:
    detail, act = _detail.decode(row.detail), row.outcome or ""
    has_note = bool(row.sealed) and act != "seen"
    return Act(
        at=row.at,
        by=row.actor,
        act=act,
        why=_in_words(detail.answer or act, detail.reason),
        has_note=has_note,
        note=payloads.text(notes, subject, row.sealed) if notes is not None and has_note else "",
    )


def _in_words(outcome: str, reason: str | None) -> str:
    """A reason as its list has it. Of a record that does not say what was decided, any list's."""
    if reason is None:
        return ""
    lists = [REASONS[Outcome(outcome)]] if outcome in [*Outcome] else [*REASONS.values()]
    return next((words[reason] for words in lists if reason in words), reason)
