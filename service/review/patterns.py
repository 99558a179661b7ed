"""Patterns over several attempts, which no single answer shows. Each becomes an item of the queue.

A **shared contact**: two prisoners of one prison tried the same restricted contact point within seven days, a
borrowed PIN or a favour. **Probing**: a prisoner with five tries within an hour that were blocked or near
misses, somebody who dials variants to find what gets through; or a key that asks as no prison does.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, Row, func, select

from engine.canary import is_imaginary, tried_by_us
from engine.model import Reason, ReasonCode
from service.ledger import payloads
from service.ledger.payloads import Decided, PatternDetail
from service.ledger.record import Kind, Record, ledger, of_no_attempt
from service.operations.repeating import Repeating
from service.registry.journal import Journal
from service.review.model import TARGET, ItemState, gravest
from service.review.tables import review_item
from service.review.tried_lately import PROBED_WITHIN, SHARED_WITHIN, Probes, Sharers, Stopped, stopped
from service.storage import rows
from service.storage.sealing import SealError
from service.storage.unread import reading

EVERY = 1.0
"""Seconds between looks."""
PROBES = 5
"""A wrong digit happens, twice too; five of them in an hour do not happen."""
MOST_AT_ONCE = 1_000
MOST_KNOWN = 100_000
"""Patterns whose item is known to be there. Beyond it all are forgotten, and the ledger is asked again."""
ACTOR = "patterns"

_log = structlog.get_logger(__name__)


class Patterns:
    """Follows the ledger. One of several processes writes each item: its subject says whether it is there."""

    def __init__(self, journal: Journal) -> None:
        """Begins where it ended: behind the last item that it made, or a week ago."""
        self._journal = journal
        self._seq: int | None = None
        self._newest: datetime | None = None
        self._begin_counts()
        self._known: dict[str, datetime] = {}
        """When the last item of a pattern was made, by its subject."""
        self._suspects: deque[tuple[str, str]] = deque(maxlen=MOST_AT_ONCE)
        again = Repeating("patterns", self.step, EVERY)
        self.start, self.stop = again.start, again.stop

    def step(self) -> int:
        """Look at what was decided since. Gives how many items were made."""
        with self._journal.database.read() as connection:
            if self._seq is None:
                self._seq = self._begin(connection)
            found = stopped(connection, self._seq, MOST_AT_ONCE)
            last = connection.execute(select(func.max(ledger.c.seq))).scalar() or 0
        made = 0
        for one in found:
            with reading(self._journal.vault, "ledger", str(one.seq)):
                made += self._look(one)
            self._seq = one.seq
        made += self._suspected()
        if len(found) < MOST_AT_ONCE:
            self._seq = int(last)
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

    def _look(self, one: Stopped) -> int:
        if self._newest is not None and one.at < self._newest:  # the clock was set back: what was over is not
            self._begin_counts()
        self._newest = one.at
        made = 0
        if is_imaginary(one.prisoner) and tried_by_us(one.prisoner, payloads.tried(one.detail).restrictions):
            return 0
        if one.is_at_restricted:
            made += self._shared(one)
        if one.is_probe:
            made += self._probed(one)
        return made

    def _begin_counts(self) -> None:
        self._sharers = Sharers(self._journal.database)
        self._probes = Probes(self._journal.database)

    def _shared(self, one: Stopped) -> int:
        contact = payloads.tried(one.detail).contact
        if contact is None:
            return 0
        prisoners = self._sharers.up_to(one, bytes.fromhex(contact))
        if len(prisoners) < 2:
            return 0
        step = f"{len(prisoners)} prisoners of {one.establishment} within 7 days: {', '.join(prisoners)}"
        subject = f"pattern/{ReasonCode.SHARED_CONTACT}/{contact}/{one.establishment}/{one.prisoner}"
        return self._complete(one, ReasonCode.SHARED_CONTACT, subject, step, SHARED_WITHIN)

    def _probed(self, one: Stopped) -> int:
        count = self._probes.up_to(one)
        if count < PROBES:
            return 0
        step = f"{count} tries within an hour that were blocked or near misses"
        subject = f"pattern/{ReasonCode.PROBING}/{one.prisoner}"
        return self._complete(one, ReasonCode.PROBING, subject, step, PROBED_WITHIN)

    def _complete(self, one: Stopped, code: ReasonCode, subject: str, step: str, once_in: timedelta) -> int:
        """The item of a pattern that this attempt completes; nothing is read where one is known."""
        known = self._known.get(subject)
        if known is not None and known > one.at - once_in:
            return 0
        with self._journal.database.read() as connection:
            row = connection.execute(select(ledger).where(ledger.c.seq == one.seq)).one()
        return self._queue(row, code, subject, step, once_in)

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
            known = select(func.max(ledger.c.at)).where(ledger.c.subject == subject, of_no_attempt)
            at = connection.execute(known).scalar()
            if at is not None and at > row.at - once_in:
                self._note(subject, at)
                return 0
            (seq,) = journal.append(connection, [record])
            rows.insert(connection, journal.vault, review_item, [_item(seq, row, code)])
        self._note(subject, row.at)
        return 1

    def _note(self, subject: str, at: datetime) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[subject] = at


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
