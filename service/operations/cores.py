"""Work on every core: chunks of it go to processes, and what is made of them comes back in their order.

Whoever asks never waits. While the chunk whose turn it is is not done it works on others, and at the end on
those that a process has still before it. So a process that begins slowly, hangs or is killed costs nothing
but its help; where there is one core, or no process can be made, all is done here, by the same function.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar, cast

if TYPE_CHECKING:  # loaded where there is so much work: a command that has little does not wait for it
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

MOST = 8
"""Processes: who puts together what they make has enough to do with that of so many."""
AHEAD = 2
"""Chunks that a process has before it: the next one is there when it is done with one."""
MOST_KEPT = 64
"""Chunks that are begun or done and whose turn has not come: they are held in memory."""

C = TypeVar("C")
R = TypeVar("R")


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(
    work: Callable[[C], R], chunks: Iterable[C], *, few: int = 0, processes: int | None = None
) -> Iterator[tuple[C, R]]:
    """Each chunk with what `work` makes of it, in their order. Raises what `work` or `chunks` raise, in turn.

    `work` is a function of a module; chunks, and what is made of them, can be pickled. So `few` chunks are
    not worth a process, which takes a second to begin. There are as many `processes` as cores besides this
    one where nothing is said.
    """
    others = min(cores() - 1, MOST) if processes is None else processes
    coming = _Coming(chunks)
    if others < 1:
        return _alone(work, coming, coming)
    first = list(islice(coming, few + 1))
    if len(first) <= few:
        return _alone(work, first, coming)
    return _spread(work, chain(first, coming), coming, _Processes(work, others))


def end_with_parent() -> None:
    """Have this process end when the one that began it does, even where that is killed: nothing else would
    tell it."""
    from multiprocessing import parent_process

    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


class _Coming(Generic[C]):
    """Chunks as they come. Where that breaks off, what came before is worked on first."""

    def __init__(self, chunks: Iterable[C]) -> None:
        self._rest, self._broken = iter(chunks), cast("Exception | None", None)

    def __iter__(self) -> Iterator[C]:
        return self

    def __next__(self) -> C:
        try:
            return next(self._rest)
        except StopIteration:
            raise
        except Exception as error:
            self._broken = error
            raise StopIteration from None

    def end(self) -> None:
        """Raises why no more came, where it is not that there were no more."""
        if self._broken is not None:
            raise self._broken


def _alone(work: Callable[[C], R], chunks: Iterable[C], coming: _Coming[C]) -> Iterator[tuple[C, R]]:
    for chunk in chunks:
        yield chunk, work(chunk)
    coming.end()


class _Turn(Generic[C, R]):
    """A chunk on its way."""

    __slots__ = ("chunk", "failed", "found", "is_away")

    def __init__(self, chunk: C) -> None:
        self.chunk = chunk
        self.is_away = False
        """Whether a process is asked for it; where that failed, it is as if none had been."""
        self.found: tuple[R] | None = None
        """What was made of it."""
        self.failed: Exception | None = None
        """Why nothing was made of it here."""

    @property
    def is_done(self) -> bool:
        """Whether its turn may come."""
        return self.found is not None or self.failed is not None

    def do(self, work: Callable[[C], R]) -> None:
        """Work on it here."""
        try:
            self.found = (work(self.chunk),)
        except Exception as error:  # raised when it is its turn, wherever it was worked on
            self.failed = error


class _Processes(Generic[C, R]):
    """Processes, each with a thread that hands it chunks and takes what it makes: only that one may wait."""

    def __init__(self, work: Callable[[C], R], count: int) -> None:
        self._work, self._count = work, count
        self._asked: SimpleQueue[_Turn[C, R] | None] = SimpleQueue()
        self._all: list[BaseProcess] = []
        self._is_closed = False
        self._losing = Lock()
        self._threads = [Thread(target=self._attend, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def have_room(self, waiting: Iterable[_Turn[C, R]]) -> bool:
        """Whether one of them will soon have nothing to do."""
        return sum(turn.is_away and not turn.is_done for turn in waiting) < self._count * AHEAD

    def ask(self, turn: _Turn[C, R]) -> None:
        """Have one work on a chunk."""
        turn.is_away = True
        self._asked.put(turn)

    def close(self) -> None:
        """End them: what they have still before them is not asked for any more."""
        self._is_closed = True
        for _ in self._threads:
            self._asked.put(None)
        for process in self._all:
            process.kill()

    def _attend(self) -> None:
        """One process from its beginning to its end."""
        try:
            from multiprocessing import get_context

            context = get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._work), daemon=True)
            process.start()
        except Exception as error:  # a system without room for it, or whatever it lacks
            self._lose(error)
            return
        theirs.close()
        self._all.append(process)
        try:
            with ours:
                self._hand_out(ours)
        except Exception as error:  # it was killed, or could not load the work
            self._lose(error)
        finally:
            process.kill()
            process.join()

    def _hand_out(self, ours: Connection) -> None:
        while (turn := self._asked.get()) is not None and not self._is_closed:
            try:
                written = pickle.dumps(turn.chunk)
            except Exception:  # what does not bear to be sent is worked on where it is asked for
                turn.is_away = False
                continue
            try:
                ours.send_bytes(written)
                answer = ours.recv_bytes()
                with suppress(Exception):
                    turn.found = pickle.loads(answer)  # noqa: S301 - of our own process
            finally:
                turn.is_away = False

    def _lose(self, error: Exception) -> None:
        """There is one less; what the last one leaves is worked on where it is asked for."""
        if self._is_closed:
            return
        import structlog  # a third of the start of a process, which has no use for it

        structlog.get_logger(__name__).warning("process_lost", error=type(error).__name__)
        with self._losing:
            self._count -= 1


def _serve(theirs: Connection, work: Callable[[C], R]) -> None:
    """In a process: what is made of each chunk, or None. Ends when nobody is there who could ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is typed to end the command is not its to tell of
    with suppress(EOFError, OSError):
        while True:
            theirs.send_bytes(_made(work, theirs.recv_bytes()))


def _made(work: Callable[[C], R], written: bytes) -> bytes:
    try:
        turn: _Turn[C, R] = _Turn(pickle.loads(written))  # noqa: S301 - of our own process
        turn.do(work)
        return pickle.dumps(turn.found)
    except Exception:  # what does not bear to be sent
        return pickle.dumps(None)


def _spread(
    work: Callable[[C], R], chunks: Iterator[C], coming: _Coming[C], processes: _Processes[C, R]
) -> Iterator[tuple[C, R]]:
    waiting: deque[_Turn[C, R]] = deque()

    def begun() -> _Turn[C, R] | None:
        """The next chunk; None behind the last, or where too many wait."""
        if len(waiting) < MOST_KEPT:
            for chunk in chunks:
                waiting.append(_Turn(chunk))
                return waiting[-1]
        return None

    try:
        while True:
            while processes.have_room(waiting) and (turn := begun()):
                processes.ask(turn)
            if waiting and waiting[0].is_done:
                done = waiting.popleft()
                if done.found is None:
                    raise cast("Exception", done.failed)
                yield done.chunk, done.found[0]
            elif turn := begun():
                turn.do(work)
            elif waiting:
                at = 0 if len(waiting) == MOST_KEPT else -1
                [one for one in waiting if not one.is_done][at].do(work)
            else:
                coming.end()
                return
    finally:
        processes.close()
