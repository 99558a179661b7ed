"""A node's decisions on their way to the centre: in order, again until they are there, once in effect.

The ledger of the node is the queue. Up to where the centre has them stands in a file: lost, or older than it
was, it has some sent again, which the centre knows by their names. With it stands the last record of the
centre's own ledger: a centre that has it no more was restored, and gets all of them again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog
from sqlalchemy import func, select

from service.feed.api_messages import (
    MOST_RECORDS,
    RECORDS_PATH,
    LedgerPlace,
    NodeRecord,
    NodeRecords,
    RecordsTaken,
    seal_record,
)
from service.ledger import payloads
from service.ledger.payloads import DecisionDetail
from service.ledger.record import Kind, ledger
from service.node.bookmark import Bookmark, read_bookmark
from service.node.centre_line import CentreLine
from service.storage.database import Database
from service.storage.sealing import SealError, Vault

EVERY = 0.5
"""Seconds between two looks for decisions."""
ASK_EVERY = 10.0
"""Seconds after which the centre is asked, with nothing to send, whether it still has the earlier ones."""
MOST_BYTES = 500_000
"""Of one request: half of what the centre takes where nothing is set."""
FORWARDED = "forwarded"
"""The file that says up to where."""

_log = structlog.get_logger(__name__)
_details = msgspec.json.Decoder(DecisionDetail)


class Forwarder:
    """Sends some at a time; `step` for a `Repeating`."""

    def __init__(
        self,
        line: CentreLine,
        node_key: bytes,
        database: Database,
        vault: Vault,
        folder: Path,
        era: Callable[[], int | None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`folder` holds the file. `era` is that of the list in force: a centre that begins anew has lost
        what it had, so all is sent again."""
        self._node_key, self._database, self._vault = node_key, database, vault
        self._file = folder / FORWARDED
        self._line = line
        self._lock = threading.Lock()
        self._era_now = era
        self._at = read_bookmark(self._file)
        self._monotonic = monotonic
        self._ask_at = float("-inf")
        self.refused = 0
        """Records that the centre will never take, since the start."""

    @property
    def until(self) -> int:
        """Up to which of its records the centre has them."""
        return self._at.until

    def waiting(self) -> int:
        """Decisions that the centre has not got yet."""
        wanted = select(func.count()).where(ledger.c.kind == Kind.DECISION, ledger.c.seq > self._at.until)
        with self._database.read() as connection:
            return connection.execute(wanted).scalar_one()

    def step(self) -> int:
        """Send the next ones; gives how many. Raises httpx.HTTPError where they were not taken."""
        with self._lock:
            era = self._era_now()
            if era is not None and era != self._at.era:
                self._note(Bookmark(era=era))
            records = self._next()
            if not records and self._monotonic() < self._ask_at:
                return 0
            known = self._at.centre if self._at.centre.hash else None
            content = msgspec.json.encode(NodeRecords(records, known))
            answer = self._line.post(RECORDS_PATH, content, "application/json")
            answer.raise_for_status()
            try:
                taken = msgspec.json.decode(answer.content, type=RecordsTaken)
            except msgspec.DecodeError:
                import httpx

                raise httpx.DecodingError("not what became of records") from None
            self._ask_at = self._monotonic() + ASK_EVERY
            return self._took(records, taken)

    def _took(self, records: list[NodeRecord], taken: RecordsTaken) -> int:
        """Go on behind the first ones that are settled, in their order; from the first of all where the
        centre lacks what it had."""
        for one in taken.refused:
            _log.error("record_refused_by_the_centre", seq=one.seq)
        settled = {*taken.recorded, *(one.seq for one in taken.refused)}
        done, until = 0, self._at.until
        for record in records:
            if record.seq not in settled:
                break
            done, until = done + 1, record.seq
        self.refused += len(taken.refused)
        if not taken.is_known:
            _log.warning("centre_lacks_what_it_had", seq=self._at.centre.seq)
            self._note(self._at._replace(until=0, centre=taken.until or LedgerPlace()))
            return 1
        if done or not self._at.centre.hash:
            self._note(self._at._replace(until=until, centre=taken.until or self._at.centre))
        return done

    def _note(self, at: Bookmark) -> None:
        if at != self._at:
            at.write(self._file)
            self._at = at

    def _next(self) -> list[NodeRecord]:
        wanted = (
            select(ledger)
            .where(ledger.c.kind == Kind.DECISION, ledger.c.seq > self._at.until)
            .order_by(ledger.c.seq)
            .limit(MOST_RECORDS)
        )
        with self._database.read() as connection:
            rows = list(connection.execute(wanted))
        records: list[NodeRecord] = []
        size = 0
        for row in rows:
            sealed = self._sealed(row.subject, row.sealed)
            size += len(sealed) * 4 // 3 + 1_000
            if records and size > MOST_BYTES:
                break
            records.append(
                NodeRecord(
                    seq=row.seq,
                    at=row.at,
                    actor=row.actor,
                    subject=row.subject,
                    prisoner=row.prisoner,
                    establishment=row.establishment,
                    channel=row.channel,
                    outcome=row.outcome,
                    codes=row.codes,
                    blocklist=row.blocklist,
                    policy=row.policy,
                    shadow=_details.decode(row.detail).shadow,
                    sealed=sealed,
                )
            )
        return records

    def _sealed(self, subject: str, sealed: bytes) -> bytes:
        """What was asked and answered, for the centre; empty where it cannot be read here any more."""
        try:
            return seal_record(self._node_key, subject, payloads.decided(self._vault, subject, sealed))
        except SealError:
            _log.error("record_unreadable", error="SealError")
            return b""
