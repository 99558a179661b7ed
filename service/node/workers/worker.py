"""A worker: decides on calls, letters and contacts by the shared list; the keeper records, then it answers.

It keeps nothing: whatever else is asked goes to the keeper as it came. Where the keeper is gone nothing can
be recorded, so nothing is answered, and the worker ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from engine.model import Decision
from engine.policy import read_policy
from engine.screener import Screener
from engine.window import MessageWindow
from service.access.model import Principal, Right
from service.check.api import PREFIX, CheckAPI
from service.check.deciding import Decider, Deciding
from service.errors import ServiceError, UnavailableError
from service.ledger.record import Record
from service.ledger.writer import Beside, Duplicate, Outcome, Recorded
from service.node.app import age_header
from service.node.held import Freshness, ListHeld
from service.node.system import FollowedWhereabouts
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
    ToName,
    ToRecall,
    ToWorker,
    Turn,
    TurnedDown,
    Write,
    from_keeper,
)
from service.node.workers.handing import Taking
from service.operations.clock import Clock
from service.settings import Settings
from service.storage.database import Database
from service.storage.sealing import Vault
from service.web.answering import Doors, answer
from service.web.guard import longest_picture_or
from service.web.http import (
    ClientGoneError,
    Receive,
    RequestHead,
    Scope,
    Send,
    error_answer,
    read_body,
    send_answer,
)
from service.web.limits import Rate

REMEMBERED = 1.0
"""Seconds that a key is taken without asking the keeper, which asks the database every four."""
MOST_REMEMBERED = 4096
_GONE = "the keeper of this node is gone"
_HERE = {PREFIX + name for name in ("call", "letter", "contact")}
_URLS = {path.encode() for path in _HERE}
_log = structlog.get_logger(__name__)


class KeeperLine:
    """What a worker asks of the keeper. Its methods but `said_now` are the event loop's."""

    def __init__(self, sock: socket.socket) -> None:
        """Nothing is opened yet."""
        self._sock = sock
        self._frames: Frames | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[int, asyncio.Future[ToWorker]] = {}
        self._number = 0

    async def open(self) -> None:
        """Begin, in the loop that runs."""
        self._loop = asyncio.get_running_loop()
        self._sock.setblocking(False)
        _, self._frames = await self._loop.create_connection(
            lambda: Frames(from_keeper, self._take, self._lost), sock=self._sock
        )

    async def write(
        self,
        record: Record,
        key: bytes | None = None,
        digest: bytes | None = None,
        beside: Beside | None = None,
        turn: Turn | None = None,
    ) -> Outcome:
        """As the ledger's. Nothing is written beside a record here. Raises what the keeper's refusal says."""
        if beside is not None:
            raise UnavailableError("this is kept nowhere in a node")
        said = await self._said(lambda number: Write(number, record, key, digest, turn))
        if not isinstance(said, OnDisk):
            raise UnavailableError(_GONE)
        if said.digest is not None:
            return Duplicate(said.seq, said.digest, said.same)
        return Recorded(said.seq)

    async def ask(self, scope: Scope, body: bytes) -> PassedBack:
        """What the keeper answers to a request."""
        method, path, query = scope["method"], scope["path"], scope["query_string"]
        headers = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
        said = await self._said(lambda number: ToAnswer(number, method, path, query, headers, body))
        if not isinstance(said, PassedBack):
            raise UnavailableError(_GONE)
        return said

    def said_now(self, say: Callable[[int], Write | Question]) -> ToWorker:
        """What is answered, for a thread that waits. Raises what the keeper's refusal says."""
        if self._loop is None:
            raise UnavailableError(_GONE)
        return asyncio.run_coroutine_threadsafe(self._said(say), self._loop).result()

    def count(self, of: str, *arguments: Any) -> None:
        """Have something counted."""
        if self._frames is not None:
            self._frames.send(ToCount(of, [*arguments]))

    async def _said(self, say: Callable[[int], Write | Question]) -> ToWorker:
        if self._frames is None or not self._frames.is_open:
            raise UnavailableError(_GONE)
        self._number = number = self._number + 1
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._frames.send(say(number))
        try:
            said: ToWorker = await waiting
        finally:
            self._waiting.pop(number, None)
        if type(said) is TurnedDown:
            raise said.error
        return said

    def _take(self, said: ToWorker) -> None:
        waiting = self._waiting.get(said.number)
        if waiting is not None and not waiting.done():
            waiting.set_result(said)
        elif type(said) is AreYouThere and self._frames is not None:
            self._frames.send(Here())

    def _lost(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(UnavailableError(_GONE))
        _end()


class WorkerCounts:
    """What a worker counts, where it is told of all of them."""

    def __init__(self, line: KeeperLine) -> None:
        """Over the line."""
        self._line = line

    def decision(self, channel: str, decision: str, codes: Collection[str], seconds: float) -> None:
        """One decision."""
        self._line.count("decision", channel, decision, codes, seconds)

    def refused(self, channel: str, status: int) -> None:
        """A check that got none."""
        self._line.count("refused", channel, status)


class WorkerDoor:
    """Who asks: the keeper says so, and for a moment it is remembered."""

    def __init__(self, line: KeeperLine) -> None:
        """Over the line."""
        self._line = line
        self._remembered: dict[str, tuple[Principal, float]] = {}

    def known(self, authorization: str) -> Principal | None:
        """As `Access.known`."""
        found = self._remembered.get(authorization)
        return found[0] if found is not None and time.monotonic() < found[1] else None

    def authenticate(self, method: str, headers: Mapping[str, str]) -> Principal:
        """As `Access.authenticate`."""
        said = self._line.said_now(lambda number: ToName(number, method, dict(headers)))
        if not isinstance(said, Known):
            raise UnavailableError(_GONE)
        authorization = headers.get("authorization")
        if authorization is not None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered = {}
            self._remembered[authorization] = (said.principal, time.monotonic() + REMEMBERED)
        return said.principal

    def refused(self, principal: Principal, right: Right, path: str) -> None:
        """As `Access.refused`."""
        self._line.said_now(lambda number: ToBar(number, principal, right, path))


class WorkerAsking:
    """What a worker counts itself: requests of a caller before they are read. The keeper counts attempts."""

    def __init__(self, settings: Settings) -> None:
        """By the same rate as the keeper."""
        self._keys = Rate(settings.rate)

    def key(self, principal: Principal, checks: int = 1) -> None:
        """Raises TooFastError."""
        self._keys.ask(principal.id, checks)

    def further(self, principal: Principal, checks: int) -> None:
        """Count what else is in it."""
        self._keys.add(principal.id, checks)

    def attempt(
        self,
        principal: Principal,
        channel: str,
        prisoner: str | None,
        contacts: Collection[str],
        screener: Screener | None,
    ) -> None:
        """Counted with its record."""


class WorkerDecider(Decider):
    """Decides here; has its turn taken, and its record written, by the keeper."""

    def __init__(self, system: WorkerSystem) -> None:
        """Looks at no message, so that it remembers none."""
        super().__init__(system, MessageWindow())
        self._line = system.ledger

    async def _recorded(self, deciding: Deciding, record: Record, beside: Beside | None) -> Outcome:
        turn = Turn(*deciding.turn) if deciding.turn is not None else None
        return await self._line.write(record, deciding.key, deciding.digest, beside, turn)

    def first_answer(self, seq: int, key: bytes) -> Decision:
        """The answer that was given before, as the keeper reads it. Raises UnavailableError."""
        said = self._line.said_now(lambda number: ToRecall(number, seq, key))
        if not isinstance(said, FirstAnswer):
            raise UnavailableError(_GONE)
        return said.decision


@dataclass(frozen=True)
class WorkerSystem:
    """The parts that checks need."""

    settings: Settings
    clock: Clock
    vault: Vault
    registry: FollowedWhereabouts
    ledger: KeeperLine
    access: WorkerDoor
    current: ListHeld
    asking: WorkerAsking
    metrics: WorkerCounts

    @property
    def database(self) -> Database:
        """A worker has none: all that is read from there the keeper reads."""
        raise UnavailableError("a worker has no database")


class WorkerChecks(CheckAPI):
    """The checks that a worker decides. Messages are none: their window is the keeper's."""

    def takes(self, method: bytes, url: bytes) -> bool:
        """Whether it is one of them."""
        return url in _URLS and method == b"POST"


class WorkerApp:
    """The ASGI application."""

    def __init__(self, system: WorkerSystem) -> None:
        """`system` has its list."""
        self._system = system
        self.checks = WorkerChecks(system, partial(age_header, system.current), WorkerDecider(system))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if scope["path"] in _HERE:
            await self.checks(scope, receive, send)
        else:
            await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = RequestHead(scope["headers"])
        try:
            longest = longest_picture_or(scope["path"], self._system.settings.longest_body)
            body = await read_body(head, receive, longest)
            said = await self._system.ledger.ask(scope, body)
        except ClientGoneError:
            return
        except ServiceError as error:
            await send_answer(send, error_answer(head, error))
            return
        await send({"type": "http.response.start", "status": said.status, "headers": said.headers})
        await send({"type": "http.response.body", "body": said.body})


def work(
    settings: Settings,
    doors: Doors,
    records: socket.socket,
    lists: socket.socket,
    freshness: Freshness,
) -> None:
    """Answer until SIGTERM, or until the keeper is gone. Raises OSError where it is gone before that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    policy = read_policy(settings.policy.read_bytes() if settings.policy else None)
    held = ListHeld(policy, fixed=settings.policy is not None, freshness=freshness)
    taking = Taking(lists, held)
    vault = taking.begin()
    threading.Thread(target=_follow, args=(taking,), name="list", daemon=True).start()
    line = KeeperLine(records)
    system = WorkerSystem(
        settings=settings,
        clock=Clock(elsewhere=freshness.elsewhere),
        vault=vault,
        registry=FollowedWhereabouts(held),
        ledger=line,
        access=WorkerDoor(line),
        current=held,
        asking=WorkerAsking(settings),
        metrics=WorkerCounts(line),
    )
    answer(WorkerApp(system), settings, doors, before=line.open)


def _follow(taking: Taking) -> None:
    try:
        while True:
            taking.step()
    except Exception as error:  # without the list in force nothing may be answered
        _log.error("worker_ends", error=type(error).__name__)
        os._exit(1)


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
