"""Turns at signing in: a few at once, each line in its turn, and no thread that waits.

Sixty clients that sign in again and again used up every thread that answers pages, and people who were signed
in already waited behind them. Who waits here holds a future and nothing else; a line with one sign-in is not
behind another's fifty.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from service.access.tries import SlowDownError

AT_ONCE = 2
"""Sign-ins under way."""
OF_LINE = 16
"""Of one line that wait; more are told to come again."""
MOST = 1_000
"""Of all together."""
COME_AGAIN = 2.0
"""Seconds."""

_Done = TypeVar("_Done")
_Lane = OrderedDict[str, deque[asyncio.Future[None]]]


class Turns:
    """Used on the event loop alone."""

    def __init__(self) -> None:
        """Threads are started when they are first needed."""
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sign-in")
        self._free = AT_ONCE
        self._waiting = 0
        self._lanes: tuple[_Lane, _Lane] = (OrderedDict(), OrderedDict())

    async def take(self, line: str, work: Callable[[], _Done], *, is_first: bool = False) -> _Done:
        """What `work` gives, done in a thread when it is the line's turn; before all that are not first.

        Raises SlowDownError.
        """
        loop = asyncio.get_running_loop()
        lane = self._lanes[not is_first]
        queue = lane.get(line)
        if self._waiting >= MOST or (queue is not None and len(queue) >= OF_LINE):
            raise SlowDownError(COME_AGAIN)
        turn: asyncio.Future[None] = loop.create_future()
        lane.setdefault(line, deque()).append(turn)
        self._waiting += 1
        self._next()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._over()
            raise
        try:
            return await loop.run_in_executor(self._threads, work)
        finally:
            self._over()

    def close(self) -> None:
        """Take no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _over(self) -> None:
        self._free += 1
        self._next()

    def _next(self) -> None:
        while self._free and (lane := self._lanes[0] or self._lanes[1]):
            line, queue = lane.popitem(last=False)
            turn = queue.popleft()
            self._waiting -= 1
            if queue:
                lane[line] = queue  # behind the other lines
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
