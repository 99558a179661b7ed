"""The first process of a node with several: opens the doors, starts the others, and starts again what ends.

It answers nothing and holds no list, so that it has no reason to end. All others are made out of it, and
share what it loaded. Each worker has a socket of its own on the one port (SO_REUSEPORT): the kernel spreads
connections over them, and who waits at a worker that died is served by the one that takes its place.
"""

from __future__ import annotations

import gc
import mmap
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, NoReturn

import structlog

from service.feed.api_messages import Enrolment
from service.node.held import FRESHNESS_BYTES, Freshness
from service.node.system import open_node
from service.node.workers.handing import Handing
from service.node.workers.keeper import READY, Keeper, begins
from service.node.workers.worker import work
from service.settings import Settings
from service.web.answering import LAST_ANSWERS, Doors, running

_WATCHED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
AGAIN = 0.5
"""Seconds before a worker is started again that ended as soon as it began."""
PATIENCE = LAST_ANSWERS + 5.0
"""Seconds for a worker's last answers, before it is killed."""

_log = structlog.get_logger(__name__)


class _Begun(NamedTuple):
    """A worker: its place, and when it was started."""

    place: int
    at: float


class FirstProcess:
    """The first process."""

    def __init__(self, settings: Settings, enrolment: Enrolment, doors: Sequence[Doors]) -> None:
        """`doors` are each worker's."""
        self._settings, self._enrolment, self._doors = settings, enrolment, doors
        self._shared = mmap.mmap(-1, FRESHNESS_BYTES)
        self._freshness = Freshness(memoryview(self._shared))
        self._freshness.forget()
        self._control, self._keepers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._keeper = 0
        self._kept: int | None = None
        """How the keeper ended."""
        self._workers: dict[int, _Begun] = {}

    def run(self) -> None:
        """Until SIGTERM or SIGINT, or until the keeper ends. SystemExit with the keeper's status."""
        gc.freeze()  # what was loaded is shared by all, and never garbage
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        self._keeper = os.fork()
        if not self._keeper:  # what goes wrong there is told as of any command
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
            self._keep()
            return
        self._keepers.close()
        if self._control.recv(len(READY)):
            for place in range(len(self._doors)):
                self._start(place)
        while signal.sigwait(_WATCHED) == signal.SIGCHLD:
            for pid, status in _ended():
                if pid == self._keeper:
                    self._kept = status
                elif self._kept is None:
                    self._start_again(pid, status)
            if self._kept is not None:
                break
        self._stop()
        self._control.close()  # which ends the keeper
        if self._kept is None:
            _, self._kept = os.waitpid(self._keeper, 0)
        sys.exit(os.waitstatus_to_exitcode(self._kept))

    def _keep(self) -> None:
        for told in (signal.SIGTERM, signal.SIGINT):  # it ends when the first process says so, or is gone
            signal.signal(told, signal.SIG_IGN)
        self._control.close()
        for doors in self._doors:
            for one in doors.sockets:
                one.close()
        with open_node(self._settings, self._enrolment, self._freshness, Handing) as system:
            assert isinstance(system.workers, Handing)  # noqa: S101 - as was just said
            gc.enable()
            running(Keeper(system, system.workers, self._keepers).run())

    def _start(self, place: int) -> None:
        records, at_worker = socket.socketpair()
        lists, taken = socket.socketpair()

        def begin() -> None:
            for one in (self._control, records, lists):
                one.close()
            work(self._settings, self._doors[place], at_worker, taken, self._freshness)

        pid = _forked(begin)
        with suppress(ConnectionError):  # the keeper ended: that is told next
            socket.send_fds(self._control, [begins(pid)], [records.fileno(), lists.fileno()])
        for one in (records, at_worker, lists, taken):
            one.close()
        self._workers[pid] = _Begun(place, time.monotonic())

    def _start_again(self, pid: int, status: int) -> None:
        ended = self._workers.pop(pid)
        _log.error("worker_ended", status=os.waitstatus_to_exitcode(status))
        if time.monotonic() - ended.at < AGAIN:
            time.sleep(AGAIN)
        self._start(ended.place)

    def _stop(self) -> None:
        """Let nobody else in, and wait for the last answers."""
        for doors in self._doors:
            for one in doors.sockets:
                one.close()
        for pid in self._workers:
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + PATIENCE
        while self._workers:
            for pid, status in _ended():
                self._workers.pop(pid, None)
                if pid == self._keeper:
                    self._kept = status
            if time.monotonic() > until:
                for pid in self._workers:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)


def _forked(begin: Callable[[], None]) -> int:
    """A process that does this alone; gives its id to the one that made it."""
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
        _only(begin)
    return pid


def _only(begin: Callable[[], None]) -> NoReturn:
    status = 1
    try:
        begin()
        status = 0
    except Exception as error:  # its text could hold what was given
        _log.error("worker_failed", error=type(error).__name__)
    finally:
        sys.stdout.flush()
        os._exit(status)


def _ended() -> list[tuple[int, int]]:
    """Processes that ended, each with its status."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if not pid:
            return found
        found.append((pid, status))
