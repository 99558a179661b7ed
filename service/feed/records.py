"""Decisions that were made in a prison come into the centre's ledger, each once; its flags into the queue."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from engine.model import Attempt
from service.check.recording import decision_record
from service.errors import InvalidError
from service.feed.api_messages import (
    MOST_RECORDS,
    NodeRecord,
    NodeRecords,
    RecordsTaken,
    RefusedRecord,
    open_record,
)
from service.feed.nodes import EnrolledNode
from service.ledger.payloads import Decided
from service.ledger.record import Record
from service.ledger.writer import Duplicate, LedgerWriter
from service.storage.database import moment_text
from service.storage.sealing import SealError, Vault

CHANNELS = {"call", "message", "letter"}
ASKED_AT = "node:"
"""Before a node's name, in who asked."""
_log = structlog.get_logger(__name__)


class _Counts(Protocol):
    def forwarded(self, node: str, outcome: str) -> None:
        """A decision of a node came in."""


class RecordIntake:
    """Takes them in. For the event loop."""

    def __init__(self, vault: Vault, ledger: LedgerWriter, counts: _Counts) -> None:
        """Whatever the ledger does along with a record is done with these too: a flag is queued."""
        self._vault, self._ledger, self._counts = vault, ledger, counts

    async def take(self, node: EnrolledNode, given: NodeRecords) -> RecordsTaken:
        """Record them. What is in the answer as recorded is on the disk.

        Raises InvalidError for too many, UnavailableError when they could not be written: some may be.
        """
        if len(given.records) > MOST_RECORDS:
            raise InvalidError(f"more than {MOST_RECORDS}", "records")
        refused: list[RefusedRecord] = []
        writing: list[tuple[NodeRecord, asyncio.Task[bool]]] = []
        for one in given.records:
            try:
                key, record, digest = self._record(node, one)
            except (SealError, ValueError) as error:  # their texts hold nothing of what is in it
                why = str(error) if isinstance(error, SealError) else "it cannot be read"
                _log.error("node_record_refused", node=node.name, seq=one.seq, error=type(error).__name__)
                refused.append(RefusedRecord(one.seq, why))
                continue
            writing.append((one, asyncio.ensure_future(self._write(node, key, record, digest))))
        done = await asyncio.gather(*(task for _, task in writing), return_exceptions=True)
        recorded = []
        for (one, _), outcome in zip(writing, done, strict=True):
            if isinstance(outcome, InvalidError):
                refused.append(RefusedRecord(one.seq, "it cannot be stored"))
            elif isinstance(outcome, BaseException):
                raise outcome
            elif outcome:
                recorded.append(one.seq)
            else:
                refused.append(RefusedRecord(one.seq, "another record of this attempt and moment is there"))
        return RecordsTaken(recorded, refused)

    async def _write(self, node: EnrolledNode, key: bytes, record: Record, digest: bytes) -> bool:
        """Whether it is there, now or before."""
        outcome = await self._ledger.write(record, key, digest)
        if isinstance(outcome, Duplicate):
            return outcome.same
        self._counts.forwarded(node.name, record.outcome or "")
        return True

    def _record(self, node: EnrolledNode, one: NodeRecord) -> tuple[bytes, Record, bytes]:
        """The centre's own record: what was decided is what is sealed in the node's. Raises SealError,
        ValueError."""
        decided = open_record(self._vault.node_key(node.name), one.subject, one.sealed)
        if one.at.tzinfo is None:
            raise ValueError("a time without a zone")
        key = record_key(self._vault, node.name, one.subject, one.at)
        record = decision_record(
            self._vault,
            key,
            at=one.at,
            actor=f"{asked_at(node.name)}{one.actor}"[:200],
            channel=one.channel,
            prisoner=one.prisoner,
            establishment=one.establishment,
            asked=_attempt(one, decided),
            kept=decided.attempt,
            decision=decided.decision,
            policy=one.policy,
            shadow=one.shadow,
            node=node.name,
            decided=one.at,
        )
        return key, record, self._digest(one, decided)

    def _digest(self, one: NodeRecord, decided: Decided) -> bytes:
        """By which the same record is known again, sealed anew or not."""
        plain = msgspec.structs.replace(one, seq=0, sealed=b"")
        content = msgspec.json.encode((plain, decided), order="deterministic")
        return self._vault.digest("node record content", content.decode())


def record_key(vault: Vault, node: str, subject: str, at: datetime) -> bytes:
    """Under what the centre's ledger knows a node's record. Raises ValueError for a time without a zone."""
    return vault.digest("node record", f"{node}\0{subject}\0{moment_text(at)}")


def asked_at(node: str) -> str:
    """What stands in the centre's ledger before the name of who asked a node."""
    return f"{ASKED_AT}{node}/"


def _attempt(one: NodeRecord, decided: Decided) -> Attempt | None:
    """What was asked; None of a contact check. Raises ValueError for what is no attempt."""
    if one.channel not in CHANNELS:
        return None
    return msgspec.convert(decided.attempt, Attempt)
