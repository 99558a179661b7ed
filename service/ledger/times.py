"""The order of time in the ledger: no record is earlier than the one before it, unless a mark says why.

Threads and processes take the time of a record before they take their turn at the chain, so records come a
little out of order. It is decided under the chain's lock, by the clock of whoever adds:

- That clock is behind the last record by more than `TOLERANCE`: it was set back. A mark goes first, with the
  time by that clock, so that the times after it start from there.
- Else a record that is earlier than the one before it waited, or two machines differ by a little: it gets the
  time of the one before it. One that is later than the clock was made before the clock was set back: it gets
  the clock's time.

The service marks as well how its wall clock was set while it ran, forward or back, which the monotonic clock
shows. From the record of a start on that says that times are kept, `verify` holds every record to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import Connection, func, select

from service.ledger import payloads
from service.ledger.record import Kind, Record, ledger, of_no_attempt
from service.operations.clock import TOLERANCE, Jump
from service.storage.database import moment_text

SUBJECT = "clock"
"""Of the marks."""
BACK, FORWARD = "set_back", "set_forward"
"""Their outcomes."""
STARTED = "service"
"""Of the record of a start."""

Columns = tuple[str | bytes | None, ...]
"""The values of one record, in the order of the table between `seq` and `hash`; `sealed` is the last."""

_log = structlog.get_logger(__name__)


class Start(msgspec.Struct, frozen=True):
    """What the record of a start holds."""

    times_kept: bool = False
    """Whether from it on no record is earlier without a mark: those of older versions do not say so."""
    queued_elsewhere: bool = False
    """Whether flags from it on wait in another queue: those of a node, at the centre."""


def of_service(at: datetime, outcome: str, detail: bytes = b"{}") -> Record:
    """The record of a start or of an end: `outcome` says which."""
    return Record(at=at, kind=Kind.SYSTEM, actor="system", subject=STARTED, outcome=outcome, detail=detail)


class _Set(msgspec.Struct, frozen=True):
    """What a mark holds: from where to where the clock was set, as text, and by how many seconds."""

    before: str
    after: str
    seconds: float


def mark(jump: Jump) -> Record:
    """What says in the ledger that the clock was set; it is told in the log too."""
    seconds = round((jump.found - jump.expected).total_seconds(), 3)
    _log.warning("clock_was_set", seconds=seconds)
    return Record(
        at=jump.found,
        kind=Kind.SYSTEM,
        actor="system",
        subject=SUBJECT,
        outcome=BACK if jump.is_back else FORWARD,
        detail=payloads.plain(_Set(moment_text(jump.expected), moment_text(jump.found), seconds)),
    )


def behind(last: str, now: datetime) -> Jump | None:
    """What there is to mark before a record of `now` is written after one of the time `last`."""
    if moment_text(now) >= last:
        return None
    before = datetime.fromisoformat(last)
    return Jump(before, now) if before - now > TOLERANCE else None


def in_order(last: str, now: datetime, rows: Iterable[Columns]) -> Iterator[Columns]:
    """Rows with the times that they are written with, after a record of the time `last`."""
    latest = moment_text(now)
    for row in rows:
        given = str(row[0])
        at = given if is_mark(row[1], row[3], row[7]) else max(last, min(given, latest))
        yield row if at == given else (at, *row[1:])
        last = at


def is_mark(kind: object, subject: object, outcome: object) -> bool:
    """Whether a record with these is one that allows to be earlier than the one before it."""
    return kind == Kind.SYSTEM and subject == SUBJECT and outcome == BACK


def is_kept(detail: str) -> bool:
    """Whether a record of a start says that times are kept in order from it on."""
    try:
        return msgspec.json.decode(detail, type=Start).times_kept
    except msgspec.DecodeError:
        return False


def was_set_back(connection: Connection, started: int) -> bool:
    """Whether there is a mark since the start before the one of this number."""
    before = _last(connection, started, STARTED, "started")
    return _last(connection, started, SUBJECT, BACK) > before


def _last(connection: Connection, before: int, subject: str, outcome: str) -> int:
    wanted = select(func.max(ledger.c.seq)).where(
        ledger.c.subject == subject, of_no_attempt, ledger.c.outcome == outcome, ledger.c.seq < before
    )
    return connection.execute(wanted).scalar() or 0
