"""How often somebody may ask: a token bucket for each, that holds what may come at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from math import ceil

from service.errors import TooManyError

MOST_CALLERS = 10_000
"""Buckets kept. Beyond it full ones are forgotten, and where none is full all of them: an issuer that makes
up callers costs no memory."""
CALLER = "more checks than this caller may ask for"


class TooFastError(TooManyError):
    """More checks than somebody may ask for; `wait` is whole seconds until the next may pass."""

    def __init__(self, wait: int, what: str = CALLER, field: str | None = None) -> None:
        """`wait` goes into the header Retry-After."""
        super().__init__(f"{what}; try again in {wait} s", field)
        self.wait = wait


class Rate:
    """Counts each caller's checks. Safe to share between threads."""

    def __init__(
        self,
        rate: float,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        most: float | None = None,
        callers: int = MOST_CALLERS,
    ) -> None:
        """`rate` is checks a second; `most` may come at once after a quiet time, one second's without it."""
        self._rate = rate
        self._most = max(rate if most is None else most, 1.0)
        self._callers = callers
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: dict[Hashable, list[float]] = {}

    def ask(self, caller: Hashable, checks: int = 1, *, what: str = CALLER, field: str | None = None) -> None:
        """Count so many checks. Raises TooFastError, with these words."""
        with self._lock:
            now = self._monotonic()
            bucket = self._buckets.get(caller)
            if bucket is None:
                if len(self._buckets) >= self._callers:
                    self._make_room(now)
                self._buckets[caller] = [self._most - checks, now]
                return
            left = min(self._most, bucket[0] + (now - bucket[1]) * self._rate)
            bucket[1] = now
            if left < 1:
                bucket[0] = left
                raise TooFastError(max(1, ceil((1 - left) / self._rate)), what, field)
            bucket[0] = left - checks

    def add(self, caller: Hashable, checks: int) -> None:
        """Count further checks of a request that was let in: a batch is paid for by what comes after it."""
        if not checks:
            return
        with self._lock:
            bucket = self._buckets.get(caller)
            if bucket is not None:
                bucket[0] -= checks

    def _make_room(self, now: float) -> None:
        full = [
            caller
            for caller, (left, since) in self._buckets.items()
            if left + (now - since) * self._rate >= self._most
        ]
        for caller in full:
            del self._buckets[caller]
        if not full:
            self._buckets.clear()
