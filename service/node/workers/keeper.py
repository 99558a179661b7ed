"""The process that keeps: follows the feed, writes the ledger, and decides what needs all that went before.

A node's workers decide on calls and letters; each of their records comes here, and they answer once it is on
the disk. A message is decided here, where the window over messages is: a number that is split over several
is found whichever worker each of them reaches. So is everything else that is not a worker's.

Every second each worker is asked whether it is there. One that hangs would be given its share of the calls
all the same, and leave each without an answer: it is ended, and the first process starts another.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from service.check.deciding import MOST_ANSWERED
from service.errors import ServiceError, UnavailableError
from service.ledger.writer import Duplicate, Outcome
from service.node.app import NodeApp
from service.node.system import NodeSystem
from service.node.workers.frames import (
    AreYouThere,
    FirstAnswer,
    Frames,
    Here,
    Known,
    OnDisk,
    PassedBack,
    Question,
    ToAnswer,
    ToBar,
    ToCount,
    ToKeeper,
    ToName,
    ToRecall,
    Turn,
    TurnedDown,
    Write,
    from_worker,
)
from service.node.workers.handing import Handing

BEGINS = struct.Struct("<q")
"""What the first process says with a worker's two sockets: its process id."""
READY = b"r"
"""What the keeper says to the first process, once it has what is on the disk."""
ASK_EVERY = 1.0
"""Seconds between two questions whether a worker is there."""
MOST_UNANSWERED = 4
"""Questions in a row after which a worker hangs: it is ended four to five seconds after its last word. It
answers between two requests, of which none takes a tenth of a second. A machine with too much to do makes it
late, and this process as well: what is counted are questions, each a second or more after the one before by
this process's own turns, not seconds by the clock, so that nothing is counted while neither runs."""
UNANSWERED_AT_FIRST = 30
"""The same before its first word: it opens its doors then."""
_log = structlog.get_logger(__name__)


class Keeper:
    """Answers the workers until the first process is gone, or says that all is over."""

    def __init__(self, system: NodeSystem, handing: Handing, control: socket.socket) -> None:
        """`control` is where new workers are told of."""
        self._system, self._handing, self._control = system, handing, control
        self._app = NodeApp(system)
        self._seen: OrderedDict[bytes, None] = OrderedDict()
        self._over: asyncio.Event | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._workers: dict[int, _Worker] = {}

    async def run(self) -> None:
        """Answer."""
        self._over = asyncio.Event()
        self._control.send(READY)
        self._control.setblocking(False)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._control.fileno(), self._hear_control)
        watching = asyncio.create_task(self._watch())
        try:
            await self._over.wait()
        finally:
            watching.cancel()
            loop.remove_reader(self._control.fileno())

    def _hear_control(self) -> None:
        said, descriptors, _, _ = socket.recv_fds(self._control, BEGINS.size, 2)
        if not said:
            assert self._over is not None  # noqa: S101 - it is made before anything is heard
            self._over.set()
            return
        (pid,) = BEGINS.unpack(said)
        records, lists = (socket.socket(fileno=one) for one in descriptors)
        self._begin(self._open(pid, records, lists))

    async def _open(self, pid: int, records: socket.socket, lists: socket.socket) -> None:
        records.setblocking(False)
        worker = _Worker(self, pid)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: worker.frames, sock=records)
        if not await asyncio.to_thread(self._handing.add, pid, lists):
            worker.frames.close()
        elif worker.frames.is_open:
            self._workers[pid] = worker

    async def _watch(self) -> None:
        """Ask each worker again and again whether it is there."""
        while True:
            await asyncio.sleep(ASK_EVERY)
            for pid, worker in [*self._workers.items()]:
                if worker.unanswered < worker.most_unanswered:
                    worker.ask()
                    continue
                _log.error("worker_hangs", unanswered=worker.unanswered)
                del self._workers[pid]
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def lost(self, pid: int) -> None:
        """A worker ended."""
        self._workers.pop(pid, None)
        self._begin(asyncio.to_thread(self._handing.gone, pid))

    def count(self, one: ToCount) -> None:
        """Count what a worker counted."""
        getattr(self._system.metrics, one.of)(*one.arguments)

    def write(self, frames: Frames, one: Write) -> None:
        """Write a record, and say so once it is on the disk."""
        try:
            if one.turn is not None and one.key is not None:
                self._take_turn(one.turn, one.key)
            writing = self._system.ledger.writing(one.record, one.key, one.digest)
        except Exception as error:  # of one record, whatever it is: the others go on
            frames.send(_refused(one.number, error))
            return
        writing.add_done_callback(partial(_written, frames, one.number))

    def answer(self, frames: Frames, one: Question) -> None:
        """Answer a question, when the answer is known."""
        self._begin(self._answer(frames, one))

    def _take_turn(self, turn: Turn, key: bytes) -> None:
        """Count an attempt, once whichever workers are asked. Raises TooFastError, NotAllowedError."""
        if key in self._seen:
            return
        asking = self._system.asking
        asking.key(turn.principal)
        screener = self._system.current.screener
        asking.attempt(turn.principal, turn.channel, turn.prisoner, turn.contacts, screener)
        self._seen[key] = None
        if len(self._seen) > MOST_ANSWERED:
            self._seen.popitem(last=False)

    async def _answer(self, frames: Frames, one: Question) -> None:
        access = self._system.access
        try:
            if isinstance(one, ToName):
                principal = await asyncio.to_thread(access.authenticate, one.method, one.headers)
                frames.send(Known(one.number, principal))
            elif isinstance(one, ToBar):
                await asyncio.to_thread(access.refused, one.principal, one.right, one.path)
                frames.send(OnDisk(one.number, 0))
            elif isinstance(one, ToRecall):
                decider = self._app.checks.decider
                decision = await asyncio.to_thread(decider.first_answer, one.seq, one.key)
                frames.send(FirstAnswer(one.number, decision))
            else:
                await self._pass_on(frames, one)
        except Exception as error:  # of one request, whatever it is
            frames.send(_refused(one.number, error))

    async def _pass_on(self, frames: Frames, one: ToAnswer) -> None:
        bodies: list[bytes] = []
        start: dict[str, Any] = {}
        given = [{"type": "http.request", "body": one.body, "more_body": False}]

        async def receive() -> Any:
            if not given:
                await asyncio.Event().wait()  # whoever asked waits for the answer
            return given.pop()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                bodies.append(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "server": None,
            "client": None,
            "root_path": "",
            "method": one.method,
            "path": one.path,
            "raw_path": one.path.encode(),
            "query_string": one.query,
            "headers": one.headers,
        }
        await self._app(scope, receive, send)
        headers = [(bytes(name), bytes(value)) for name, value in start["headers"]]
        frames.send(PassedBack(one.number, start["status"], headers, b"".join(bodies)))

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _written(frames: Frames, number: int, writing: asyncio.Future[Outcome]) -> None:
    error = writing.exception()
    if error is not None:
        frames.send(_refused(number, error))
        return
    outcome = writing.result()
    if type(outcome) is Duplicate:
        frames.send(OnDisk(number, outcome.seq, outcome.digest, outcome.same))
    else:
        frames.send(OnDisk(number, outcome.seq))


def _refused(number: int, error: BaseException) -> TurnedDown:
    """What a worker is told; a database's text could hold what was written."""
    if not isinstance(error, ServiceError):
        _log.error("worker_not_served", error=type(error).__name__)
        error = UnavailableError("it cannot be recorded, or not be known, at the moment")
    return TurnedDown.of(number, error)


class _Worker:
    """One worker's end here."""

    def __init__(self, keeper: Keeper, pid: int) -> None:
        self.keeper = keeper
        self.frames = Frames(from_worker, self._take, partial(keeper.lost, pid))
        self.unanswered, self.most_unanswered = 0, UNANSWERED_AT_FIRST
        """Questions whether it is there since its last word, and after how many it hangs."""

    def ask(self) -> None:
        """Whether it is there."""
        self.unanswered += 1
        self.frames.send(AreYouThere())

    def _take(self, one: ToKeeper) -> None:
        self.unanswered, self.most_unanswered = 0, MOST_UNANSWERED
        if isinstance(one, Write):
            self.keeper.write(self.frames, one)
        elif isinstance(one, ToCount):
            self.keeper.count(one)
        elif not isinstance(one, Here):
            self.keeper.answer(self.frames, one)


def begins(pid: int) -> bytes:
    """What is said with a worker's sockets."""
    return BEGINS.pack(pid)
