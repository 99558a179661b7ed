"""How often one caller may ask: a token bucket each, that holds one second's worth."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil

from service.errors import TooManyError

MOST_CALLERS = 10_000
"""Buckets kept. Beyond it all are filled again: an issuer that makes up callers costs no memory."""


class TooFastError(TooManyError):
    """More checks than the caller may ask for; `wait` is whole seconds until the next may pass."""

    def __init__(self, wait: int) -> None:
        """`wait` goes into the header Retry-After."""
        super().__init__(f"more checks than this caller may ask for; try again in {wait} s")
        self.wait = wait


class Rate:
    """Counts each caller's checks."""

    def __init__(self, rate: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`rate` is checks a second; so many may come at once after a quiet second."""
        self._rate = rate
        self._most = max(rate, 1.0)
        self._monotonic = monotonic
        self._buckets: dict[str, list[float]] = {}

    def ask(self, caller: str) -> None:
        """Count one check. Raises TooFastError."""
        now = self._monotonic()
        bucket = self._buckets.get(caller)
        if bucket is None:
            if len(self._buckets) >= MOST_CALLERS:
                self._buckets.clear()
            self._buckets[caller] = [self._most - 1, now]
            return
        left = min(self._most, bucket[0] + (now - bucket[1]) * self._rate)
        bucket[1] = now
        if left < 1:
            bucket[0] = left
            raise TooFastError(max(1, ceil((1 - left) / self._rate)))
        bucket[0] = left - 1

    def add(self, caller: str, checks: int) -> None:
        """Count further checks of a request that was let in: a batch is paid for by what comes after it."""
        bucket = self._buckets.get(caller)
        if bucket is not None:
            bucket[0] -= checks
