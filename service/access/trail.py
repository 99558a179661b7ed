"""Changes of who may do what, each written together with its ledger record: both are there, or neither."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from service.ledger import payloads
from service.ledger.chain import append
from service.ledger.record import Kind, Record
from service.operations.clock import Clock
from service.storage.database import Database
from service.storage.sealing import Vault


class Trail(NamedTuple):
    """The database with its keys, its clock, and its ledger."""

    database: Database
    vault: Vault
    clock: Clock

    def write(
        self, connection: Connection, kind: Kind, actor: str, subject: str, outcome: str, **detail: object
    ) -> None:
        """Record within the transaction of the change itself."""
        append(connection, self.vault, [self.record(kind, actor, subject, outcome, **detail)])

    def record(self, kind: Kind, actor: str, subject: str, outcome: str, **detail: object) -> Record:
        """A record of now. Everything in it is plain."""
        return Record(
            at=self.clock(),
            kind=kind,
            actor=actor,
            subject=subject,
            outcome=outcome,
            detail=payloads.plain(detail),
        )


def packed(values: frozenset[str]) -> str:
    """A set as the tables keep it."""
    return ",".join(sorted(values))


def unpacked(text: str) -> frozenset[str]:
    """And back."""
    return frozenset(text.split(",")) if text else frozenset()
