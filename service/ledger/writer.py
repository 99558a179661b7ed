"""Group commit: everything that waits is written in one transaction, and answered when it is on the disk.

A disk does some hundred to a thousand commits a second, however much is in each. While one is under way the
next gathers, so no time is spent on waiting for more. Nothing is answered as written that is not committed;
where a commit fails nobody in it is, although a server that was lost in the middle of it may have kept it:
whoever asks again under the same key is then told so.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import msgspec
import structlog
from sqlalchemy import Connection, func, insert, select

from service.errors import ServiceError, UnavailableError
from service.ledger import chain, payloads, times
from service.ledger.heads import Head
from service.ledger.keeping import Keeping
from service.ledger.record import Kind, Record
from service.ledger.tables import ledger_checkpoint
from service.ledger.times import Columns
from service.operations.clock import Clock, Jump
from service.operations.sparing import Sparing
from service.storage import plain
from service.storage.database import Database, in_short
from service.storage.sealing import DIGEST, Vault

MOST_AT_ONCE = 512
"""Records of one commit: some 10 ms. Far more, and the last of a burst would wait for all of it."""
CHECKPOINT_EVERY = 1_000
"""Records between checkpoints at the most, the one that comes by time not counted."""
PROBE_SECONDS = 1.0
"""How often a ledger that failed is tried again when nobody asks for it, and the clock is looked at."""

_log = structlog.get_logger(__name__)

Numbered = Sequence[tuple[int, Record]]
Along = Callable[[Connection, Numbered], None]
"""Called inside the transaction with every record that it adds. What it raises undoes the transaction."""
Beside = Callable[[Connection, int], None]
"""What belongs to one record, by its number, and is written in its transaction: both are there, or neither.
What it raises keeps this one record out, and no other."""


class Recorded(msgspec.Struct, frozen=True):
    """The record is on the disk, under this number."""

    seq: int


class Duplicate(msgspec.Struct, frozen=True):
    """Nothing was written: the key is that of the record `seq`."""

    seq: int
    digest: bytes
    """What was asked then."""
    same: bool
    """Whether the same is asked now."""


Outcome = Recorded | Duplicate
_Told = Outcome | ServiceError


@dataclass(slots=True, frozen=True)
class _Waiting:
    record: Record
    columns: Columns
    key: bytes | None
    digest: bytes
    since: float
    future: Future[Outcome] | asyncio.Future[Outcome]
    beside: Beside | None = None


class LedgerWriter:
    """The thread that commits, and its queue."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        keeping: Keeping,
        *,
        most_waiting: int,
        origin: str | None = None,
        along: Sequence[Along] = (),
        clock: Clock | None = None,
    ) -> None:
        """More than `most_waiting` records are refused, not queued. `origin` names the ledger in its head;
        without it, the name that it has, or one made from its key."""
        self._database = database
        self._vault = vault
        self._keeping = keeping
        self._origin = origin
        self._most_waiting = most_waiting
        self._along = tuple(along)
        self._clock = clock or Clock()
        self._queue: deque[_Waiting] = deque()
        self._batch: list[_Waiting] = []
        self._turn = threading.Condition()
        self._open = False
        self._thread: threading.Thread | None = None
        self._failure: str | None = None
        self._is_trying = False
        self._failures = Sparing("ledger_failed", level="error")
        self._last_seq = 0
        self._checkpointed = 0

    def start(self) -> None:
        """Begin. A database that is not there is no error here: `failure` says so until it is."""
        self._keeping.start()
        self._checkpoint()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more, write what waits, and a checkpoint."""
        with self._turn:
            self._open = False
            self._turn.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            self._checkpoint()
            self._keeping.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def write(
        self,
        record: Record,
        key: bytes | None = None,
        digest: bytes | None = None,
        beside: Beside | None = None,
    ) -> Outcome:
        """Write, and wait until it is on the disk.

        `key` (16 bytes) makes it once only, `digest` (16 bytes) tells what was asked under it; `beside` is
        written with it, not with a duplicate. Raises InvalidError for a record that cannot be stored,
        UnavailableError when it could not be written, and what `beside` raises.
        """
        return await self.writing(record, key, digest, beside)

    def writing(
        self,
        record: Record,
        key: bytes | None = None,
        digest: bytes | None = None,
        beside: Beside | None = None,
    ) -> asyncio.Future[Outcome]:
        """The same for who waits for many at a time."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._add(record, key, digest, future, beside)
        return future

    def write_now(self, record: Record) -> Recorded:
        """The same for a thread. Not from inside `Database.write()`, which it would wait for: `append`."""
        future: Future[Outcome] = Future()
        self._add(record, None, None, future)
        return Recorded(future.result().seq)

    @property
    def failure(self) -> str | None:
        """Why nothing can be written; None when the last commit was good. Holds no data."""
        return self._failure

    @property
    def checkpoint_failure(self) -> str | None:
        """Why checkpoints are behind. Records are written all the same: they are safe, only that a database
        brought back from before could go unnoticed."""
        return self._keeping.failure

    @property
    def waiting(self) -> int:
        """Records that are not on the disk yet."""
        return len(self._queue) + len(self._batch)

    @property
    def last_seq(self) -> int:
        """The end of the ledger at the last commit of this writer."""
        return self._last_seq

    @property
    def oldest_wait_seconds(self) -> float:
        """How long the first in the queue has waited; 0 when nobody does. Grows when a commit hangs."""
        with self._turn:
            first = self._batch[0] if self._batch else self._queue[0] if self._queue else None
        return time.monotonic() - first.since if first else 0.0

    def _add(
        self,
        record: Record,
        key: bytes | None,
        digest: bytes | None,
        future: Future[Outcome] | asyncio.Future[Outcome],
        beside: Beside | None = None,
    ) -> None:
        if (key is None) != (digest is None) or any(
            len(part) != DIGEST for part in (key, digest) if part is not None
        ):
            raise ValueError(f"a key and a digest, of {DIGEST} bytes each, or neither")
        one = _Waiting(record, chain.columns(record), key, digest or b"", time.monotonic(), future, beside)
        with self._turn:
            if not self._open:
                raise UnavailableError("the ledger is not running")
            if self._failure and self._is_trying:
                raise UnavailableError("the ledger cannot be written")
            if self.waiting >= self._most_waiting:
                raise UnavailableError("the ledger is behind")
            self._queue.append(one)
            self._turn.notify()

    def _run(self) -> None:
        while self._take():
            batch, outcomes = self._batch, None
            if batch or self._failure or self._clock.jump():
                outcomes = self._try(batch)
            with self._turn:
                self._batch, self._is_trying = [], False
                if self._failure:  # who came meanwhile has waited as well: a caller hears once, and soon
                    batch = [*batch, *self._queue]
                    self._queue.clear()
            _answer(batch, outcomes)
            self._failures.flush()
            self._keeping.keep()

    def _take(self) -> bool:
        """Wait for something to do, and take it. False when there is nothing and never will be."""
        with self._turn:
            while self._open and not self._queue:
                due = self._keeping.due_in()
                if not self._turn.wait(
                    PROBE_SECONDS if due is None or self._failure else min(due, PROBE_SECONDS)
                ):
                    break
            if not self._open and not self._queue:
                return False
            self._batch = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_AT_ONCE))]
            self._is_trying = True
            return True

    def _try(self, batch: Sequence[_Waiting]) -> list[_Told] | None:
        """Commit; None when it failed. After a failure the first commit also records that there was one."""
        try:
            outcomes = self._commit(batch)
        except Exception as error:  # whatever it is, it must reach those who wait, and not end the thread
            self._failed(error)
            return None
        if self._failure is not None:
            _log.warning("ledger_written_again")
        self._failure = None
        return outcomes

    def _failed(self, error: Exception) -> None:
        self._failure = in_short(error)
        self._failures.note(self._failure)

    def _commit(self, batch: Sequence[_Waiting]) -> list[_Told]:
        with self._database.write() as connection:
            keys = [one.key for one in batch if one.key is not None]
            end, answers = chain.lock_and_ask(connection, [_asking(connection, keys)] if keys else [])
            known = {key: (seq, digest) for found in answers for key, seq, digest in found}
            now, jump = self._clock(), self._clock.jump()
            first = self._firsts(end, now, jump)
            outcomes, fresh = _number(connection, batch, end.seq + len(first), known)
            added = [(record, chain.columns(record)) for record in first]
            added += [(one.record, one.columns) for one in fresh]
            if added:
                numbered = [(seq, record) for seq, (record, _) in enumerate(added, end.seq + 1)]
                with plain.together(connection):
                    _keep_keys(connection, fresh, end.seq + len(first) + 1)
                    end = chain.extend(connection, self._vault, end, [row for _, row in added], now)
                for each in self._along:
                    each(connection, numbered)
            is_due = end.seq - self._checkpointed >= CHECKPOINT_EVERY
            if is_due:
                _keep(connection, end.head)
        if jump is not None:
            self._clock.note(jump)
        self._committed(end.head, is_due=is_due)
        return outcomes

    def _firsts(self, end: chain.End, now: datetime, jump: Jump | None) -> list[Record]:
        """What goes before the records of a commit: that the clock was set, that nothing could be written."""
        found = jump or times.behind(end.head.at, now)
        if found is not None and jump is None:
            self._clock.elsewhere.is_over(found.expected.timestamp())
        marks = [times.mark(found)] if found else []
        return [*marks, *([self._recovery(self._failure)] if self._failure else [])]

    def _recovery(self, failure: str) -> Record:
        return Record(
            at=self._clock(),
            kind=Kind.SYSTEM,
            actor="system",
            subject="ledger",
            outcome="recovered",
            detail=payloads.plain({"failure": failure}),
        )

    def _checkpoint(self) -> None:
        """A checkpoint of the end as it is, unless there is one; in the file too."""
        try:
            with self._database.write() as connection:
                end = chain.named(connection, self._vault, chain.lock(connection), self._origin)
                if end.seq > (connection.execute(select(func.max(ledger_checkpoint.c.seq))).scalar() or 0):
                    _keep(connection, end.head)
        except Exception as error:
            self._failed(error)
            return
        self._committed(end.head, is_due=end.seq > self._checkpointed)
        self._keeping.keep()

    def _committed(self, head: Head, *, is_due: bool) -> None:
        self._last_seq = head.seq
        self._keeping.take(head, is_due=is_due)
        if is_due:
            self._checkpointed = head.seq


def _number(
    connection: Connection, batch: Sequence[_Waiting], last: int, known: dict[bytes, tuple[int, bytes]]
) -> tuple[list[_Told], list[_Waiting]]:
    """What each will be told, and the ones to write: not keys that are `known` to be answered already, or
    twice here, nor what cannot have beside it what belongs there."""
    outcomes: list[_Told] = []
    fresh: list[_Waiting] = []
    for one in batch:
        if one.key is not None and one.key in known:
            seq, digest = known[one.key]
            outcomes.append(Duplicate(seq, digest, digest == one.digest))
            continue
        seq = last + len(fresh) + 1
        if one.beside is not None and (refused := _refused(connection, one.beside, seq)):
            outcomes.append(refused)
            continue
        fresh.append(one)
        outcomes.append(Recorded(seq))
        if one.key is not None:
            known[one.key] = (seq, one.digest)
    return outcomes, fresh


def _refused(connection: Connection, beside: Beside, seq: int) -> ServiceError | None:
    """Write what belongs to a record; or why that cannot be, with nothing of it written."""
    try:
        with connection.begin_nested():
            beside(connection, seq)
    except ServiceError as error:
        return error
    except Exception as error:  # one letter must not keep others' calls from the ledger
        _log.error("not_written_beside", error=in_short(error))
        return UnavailableError("it could not be kept")
    return None


def _asking(connection: Connection, keys: Sequence[bytes]) -> tuple[str, plain.Values]:
    """The query for what these keys were answered."""
    condition, values = plain.any_of(connection, "key", keys)
    return f"SELECT key, seq, digest FROM answered WHERE {condition}", values  # noqa: S608


def _keep_keys(connection: Connection, fresh: Sequence[_Waiting], first: int) -> None:
    """Write which attempts have their answer with these records, numbered from `first` on."""
    keys = [(one.key, one.digest, seq) for seq, one in enumerate(fresh, first) if one.key is not None]
    if keys:
        plain.insert(connection, "answered", ("key", "digest", "seq"), keys)


def _keep(connection: Connection, head: Head) -> None:
    at = datetime.fromisoformat(head.at)
    values = {
        "seq": head.seq,
        "hash": head.hash,
        "at": at,
        "signature": head.signature,
        "origin": head.origin,
        "root": head.root,
    }
    connection.execute(insert(ledger_checkpoint), values)


def _answer(batch: Sequence[_Waiting], outcomes: Sequence[_Told] | None) -> None:
    """Tell everybody; each event loop is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Outcome], _Told | None]]] = {}
    for place, one in enumerate(batch):
        outcome = outcomes[place] if outcomes is not None else None
        if isinstance(one.future, Future):
            _tell(one.future, outcome)
        else:
            by_loop.setdefault(one.future.get_loop(), []).append((one.future, outcome))
    for loop, told in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed, and nobody waits in it
            loop.call_soon_threadsafe(_tell_all, told)


def _tell_all(told: Sequence[tuple[asyncio.Future[Outcome], _Told | None]]) -> None:
    for future, outcome in told:
        if not future.done():  # whoever gave up waiting
            _tell(future, outcome)


def _tell(future: Future[Outcome] | asyncio.Future[Outcome], outcome: _Told | None) -> None:
    if outcome is None or isinstance(outcome, ServiceError):
        future.set_exception(outcome or UnavailableError("the ledger cannot be written"))
    else:
        future.set_result(outcome)
