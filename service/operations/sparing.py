"""A log line for what may come thousands of times a second: at once, then once a second with a count."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

EVERY = 1.0
"""Seconds between two lines of one kind. An attack must be seen, and must not fill the disk."""

_log = structlog.get_logger(__name__)


class Sparing:
    """Lines of one event, told apart by their kind. Safe to share between threads."""

    def __init__(
        self, event: str, *, level: str = "warning", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`event` is a constant in words."""
        self._write = getattr(_log, level)
        self._event = event
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def note(self, kind: str) -> None:
        """It happened once more."""
        now = self._monotonic()
        with self._lock:
            count = self._unsaid.get(kind, 0) + 1
            if now - self._said.get(kind, float("-inf")) < EVERY:
                self._unsaid[kind] = count
                return
            self._said[kind] = now
            self._unsaid[kind] = 0
        self._write(self._event, kind=kind, count=count)

    def flush(self) -> None:
        """Write what is only counted, of kinds whose second is over: for when nothing more comes."""
        now = self._monotonic()
        with self._lock:
            due = [
                (kind, count)
                for kind, count in self._unsaid.items()
                if count and now - self._said[kind] >= EVERY
            ]
            for kind, _ in due:
                self._said[kind], self._unsaid[kind] = now, 0
        for kind, count in due:
            self._write(self._event, kind=kind, count=count)
