"""Patterns over several attempts, which no single answer shows. Each becomes an item of the queue.

A **shared contact**: two prisoners of one prison tried the same restricted contact point within seven days, a
borrowed PIN or a favour. **Probing**: a prisoner with five tries within an hour that were blocked or near
misses, somebody who dials variants to find what gets through; or a key that asks as no prison does.
"""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, Row, func, or_, select

from engine.model import Reason, ReasonCode
from service.ledger import payloads
from service.ledger.payloads import Decided, PatternDetail
from service.ledger.record import Kind, Record, ledger
from service.operations.repeating import Repeating
from service.registry.journal import Journal
from service.review.model import TARGET, ItemState, gravest
from service.review.tables import review_item, tried
from service.storage import rows
from service.storage.sealing import SealError
from service.storage.unread import reading

EVERY = 1.0
"""Seconds between looks."""
SHARED_WITHIN = timedelta(days=7)
PROBED_WITHIN = timedelta(hours=1)
PROBES = 5
"""A wrong digit happens, twice too; five of them in an hour do not happen."""
MOST_AT_ONCE = 1_000
ACTOR = "patterns"

_RESTRICTED = (
    ReasonCode.RESTRICTED_NUMBER,
    ReasonCode.RESTRICTED_EMAIL,
    ReasonCode.RESTRICTED_HANDLE,
    ReasonCode.RESTRICTED_ADDRESS,
    ReasonCode.OTHER_PRISONER,
)
_PROBING = (
    ReasonCode.RESTRICTED_NUMBER,
    ReasonCode.NEAR_NUMBER,
    ReasonCode.HIDDEN_NUMBER,
    ReasonCode.EXTRA_DIGITS,
    ReasonCode.INCOMPLETE_NUMBER,
    ReasonCode.UNUSABLE_NUMBER,
    ReasonCode.OTHER_PRISONER,
)
_log = structlog.get_logger(__name__)


class Patterns:
    """Follows the ledger. One of several processes writes each item: its subject says whether it is there."""

    def __init__(self, journal: Journal) -> None:
        """Begins where it ended: behind the last item that it made, or a week ago."""
        self._journal = journal
        self._seq: int | None = None
        self._suspects: deque[tuple[str, str]] = deque(maxlen=MOST_AT_ONCE)
        again = Repeating("patterns", self.step, EVERY)
        self.start, self.stop = again.start, again.stop

    def step(self) -> int:
        """Look at what was decided since. Gives how many items were made."""
        with self._journal.database.read() as connection:
            if self._seq is None:
                self._seq = self._begin(connection)
            rows = self._stopped(connection, self._seq)
            last = connection.execute(select(func.max(ledger.c.seq))).scalar() or 0
        made = 0
        for row in rows:
            with reading(self._journal.vault, "ledger", str(row.seq)):
                made += self._look(row)
        made += self._suspected()
        self._seq = rows[-1].seq if len(rows) == MOST_AT_ONCE else int(last)
        return made

    def suspect(self, actor: str, what: str) -> None:
        """Have an item made of a key that asks as no prison does, with its last attempt. Never waits."""
        self._suspects.append((actor, what))

    def _suspected(self) -> int:
        made = 0
        for _ in range(len(self._suspects)):
            actor, what = self._suspects[0]
            wanted = select(ledger).where(ledger.c.actor == actor, ledger.c.kind == Kind.DECISION.value)
            with self._journal.database.read() as connection:
                row = connection.execute(wanted.order_by(ledger.c.seq.desc()).limit(1)).one_or_none()
            if row is not None:
                subject = f"pattern/{ReasonCode.PROBING}/{actor}"
                made += self._queue(row, ReasonCode.PROBING, subject, f"{actor}: {what}", PROBED_WITHIN)
            self._suspects.popleft()
        return made

    def _begin(self, connection: Connection) -> int:
        since = self._journal.clock() - SHARED_WITHIN
        found = connection.execute(select(func.min(ledger.c.seq)).where(ledger.c.at >= since)).scalar()
        return int(found) - 1 if found is not None else 0

    def _stopped(self, connection: Connection, after: int) -> list[Row[Any]]:
        wanted = (
            select(ledger)
            .where(
                ledger.c.seq > after,
                ledger.c.kind == Kind.DECISION.value,
                ledger.c.outcome.in_(("flag", "block")),
                ledger.c.prisoner.is_not(None),
            )
            .order_by(ledger.c.seq)
            .limit(MOST_AT_ONCE)
        )
        return list(connection.execute(wanted).all())

    def _look(self, row: Row[Any]) -> int:
        codes = set(row.codes.split(","))
        made = 0
        if row.establishment is not None and not codes.isdisjoint(_RESTRICTED):
            made += self._shared(row)
        if row.channel == "call" and not codes.isdisjoint(_PROBING):
            made += self._probed(row)
        return made

    def _shared(self, row: Row[Any]) -> int:
        contact = payloads.tried(row.detail).contact
        if contact is None:
            return 0
        wanted = (
            select(ledger.c.prisoner)
            .join(tried, tried.c.seq == ledger.c.seq)
            .where(
                tried.c.contact == bytes.fromhex(contact),
                ledger.c.establishment == row.establishment,
                ledger.c.at > row.at - SHARED_WITHIN,
                ledger.c.seq <= row.seq,
                ledger.c.prisoner.is_not(None),
                or_(*(_has(code) for code in _RESTRICTED)),
            )
            .distinct()
        )
        with self._journal.database.read() as connection:
            prisoners = sorted(connection.execute(wanted).scalars())
        if len(prisoners) < 2:
            return 0
        step = f"{len(prisoners)} prisoners of {row.establishment} within 7 days: {', '.join(prisoners)}"
        subject = f"pattern/{ReasonCode.SHARED_CONTACT}/{contact}/{row.establishment}/{row.prisoner}"
        return self._queue(row, ReasonCode.SHARED_CONTACT, subject, step, SHARED_WITHIN)

    def _probed(self, row: Row[Any]) -> int:
        wanted = select(func.count()).where(
            ledger.c.prisoner == row.prisoner,
            ledger.c.kind == Kind.DECISION.value,
            ledger.c.channel == "call",
            ledger.c.outcome.in_(("flag", "block")),
            ledger.c.at > row.at - PROBED_WITHIN,
            ledger.c.seq <= row.seq,
            or_(*(_has(code) for code in _PROBING)),
        )
        with self._journal.database.read() as connection:
            count = int(connection.execute(wanted).scalar_one())
        if count < PROBES:
            return 0
        step = f"{count} tries within an hour that were blocked or near misses"
        subject = f"pattern/{ReasonCode.PROBING}/{row.prisoner}"
        return self._queue(row, ReasonCode.PROBING, subject, step, PROBED_WITHIN)

    def _queue(self, row: Row[Any], code: ReasonCode, subject: str, step: str, once_in: timedelta) -> int:
        """One item for a pattern, with the attempt that completed it; none where there is one already."""
        journal = self._journal
        try:
            kept = payloads.decided(journal.vault, row.subject, row.sealed)
        except SealError:
            _log.error("pattern_unreadable", seq=row.seq)
            return 0
        own = Reason(
            code=code,
            decision="flag",
            matcher="patterns",
            given=str(kept.attempt.get("to", "")),
            steps=(step,),
        )
        decision = msgspec.structs.replace(
            kept.decision, decision="flag", reasons=(own, *kept.decision.reasons)
        )
        record = Record(
            at=row.at,
            kind=Kind.SYSTEM,
            actor=ACTOR,
            subject=subject,
            prisoner=row.prisoner,
            establishment=row.establishment,
            channel=row.channel,
            outcome="pattern",
            codes=code.value,
            detail=payloads.plain(PatternDetail(row.seq)),
            sealed=payloads.seal(journal.vault, subject, Decided(kept.attempt, decision)),
        )
        with journal.write() as connection:
            known = select(ledger.c.seq).where(
                ledger.c.subject == subject, ledger.c.at > row.at - once_in, ledger.c.seq > 0
            )
            if connection.execute(known.limit(1)).first() is not None:
                return 0
            (seq,) = journal.append(connection, [record])
            rows.insert(connection, journal.vault, review_item, [_item(seq, row, code)])
        return 1


def _item(seq: int, row: Row[Any], code: ReasonCode) -> dict[str, Any]:
    name, gravity = gravest(code.value)
    contact = payloads.tried(row.detail).contact
    channel = row.channel or "call"
    return {
        "seq": seq,
        "at": row.at,
        "channel": channel,
        "establishment": row.establishment,
        "prisoner": row.prisoner,
        "contact": bytes.fromhex(contact) if contact else None,
        "code": name,
        "gravity": gravity,
        "guarded": False,
        "state": ItemState.OPEN.value,
        "due": row.at + TARGET[channel],
        "token": 0,
    }


def _has(code: ReasonCode) -> Any:
    """Whether a record's codes have this one."""
    wrapped = "," + ledger.c.codes + ","
    return wrapped.contains(f",{code.value},", autoescape=True)
