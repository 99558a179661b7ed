"""What became of a letter by now, and what is to be done with it: by its answer, or a reviewer's decision."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from engine.model import Verdict
from service.mail.tables import mail_asked, mail_item
from service.registry.journal import some_at_once
from service.review.model import ANSWERED, Standing, Stood
from service.review.reviews import Reviews
from service.storage import rows
from service.storage.sealing import Vault


class Todo(StrEnum):
    """What is to be done with a letter now."""

    POST = "post"
    KEEP = "keep"
    """Nobody has decided yet."""
    RETURN = "return"
    """To the prisoner: it is not sent."""


TODO = {
    Standing.ALLOWED: Todo.POST,
    Standing.RELEASED: Todo.POST,
    Standing.HELD: Todo.KEEP,
    Standing.STOPPED: Todo.RETURN,
}


def believed(vault: Vault, row: Row[Any]) -> dict[str, Any]:
    """An item's columns; a letter whose row was changed in the database is held, whatever that says."""
    held = {} if rows.holds(vault, mail_item, row) else {"decision": "flag", "action": "hold"}
    return {**row._mapping, **held, "privileged": row.privileged and not held}


class Standings:
    """Tells it. Safe to share between threads."""

    def __init__(self, vault: Vault, reviews: Reviews) -> None:
        """`reviews` says what reviewers decided."""
        self._vault = vault
        self._reviews = reviews

    def of(self, connection: Connection, items: Sequence[Row[Any]]) -> dict[str, Stood]:
        """By the items' ids, of whole rows of theirs. One that was changed in the database is held, whatever
        it says and whoever released it."""
        flagged: list[tuple[str, int]] = []
        found: dict[str, Stood] = {}
        for row in items:
            verdict: Verdict = row.decision if rows.holds(self._vault, mail_item, row) else "flag"
            found[row.id] = Stood(ANSWERED[verdict])
            if row.decision == verdict == "flag":
                flagged.append((row.id, row.version))
        seqs = self._seqs(connection, flagged)
        decided = self._reviews.stood(connection, seqs.values())
        return found | {item: decided[seq] for item, seq in seqs.items() if seq in decided}

    def _seqs(self, connection: Connection, versions: Sequence[tuple[str, int]]) -> dict[str, int]:
        """The records that answered these versions of items."""
        found: dict[str, int] = {}
        key = tuple_(mail_asked.c.item, mail_asked.c.version)
        for some in some_at_once(versions):
            for row in connection.execute(select(mail_asked).where(key.in_(some))):
                if rows.holds(self._vault, mail_asked, row):
                    found[row.item] = row.seq
        return found
