"""Telling of what may come thousands of times a second: at once, then once a second with a count."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import structlog

EVERY = 1.0
"""Seconds between two tellings of one kind. An attack must be seen, and must not fill the disk."""
MOST_KINDS = 4096

_Kind = TypeVar("_Kind", bound=Hashable)
_log = structlog.get_logger(__name__)


class OnceASecond(Generic[_Kind]):
    """Counts what happens, by its kind, and says when it is told. Safe to share between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Nothing has happened."""
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: dict[_Kind, tuple[float, int]] = {}

    def count(self, kind: _Kind) -> int | None:
        """How many went untold before this one; None where this one goes untold too."""
        now = self._monotonic()
        with self._lock:
            last, untold = self._seen.pop(kind, (float("-inf"), 0))
            if now - last < EVERY:
                self._seen[kind] = (last, untold + 1)
                return None
            if len(self._seen) >= MOST_KINDS:
                self._seen.pop(next(iter(self._seen)))
            self._seen[kind] = (now, 0)
            return untold

    def due(self) -> list[tuple[_Kind, int]]:
        """What is only counted, of kinds whose second is over: it counts as told with this."""
        now = self._monotonic()
        with self._lock:
            due = [
                (kind, untold)
                for kind, (last, untold) in self._seen.items()
                if untold and now - last >= EVERY
            ]
            self._seen.update((kind, (now, 0)) for kind, _ in due)
        return due

    def rest(self) -> list[tuple[_Kind, int]]:
        """All that is only counted; everything is forgotten with this."""
        with self._lock:
            left = [(kind, untold) for kind, (_, untold) in self._seen.items() if untold]
            self._seen.clear()
        return left


class Sparing:
    """Lines of one event in the log, told apart by their kind. Safe to share between threads."""

    def __init__(
        self, event: str, *, level: str = "warning", monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`event` is a constant in words."""
        self._level = level
        self._event = event
        self._kinds = OnceASecond[str](monotonic)

    def note(self, kind: str) -> None:
        """It happened once more."""
        untold = self._kinds.count(kind)
        if untold is not None:
            self._write(kind, untold + 1)

    def flush(self) -> None:
        """Write what is only counted, of kinds whose second is over: for when nothing more comes."""
        for kind, untold in self._kinds.due():
            self._write(kind, untold)

    def _write(self, kind: str, count: int) -> None:
        getattr(_log, self._level)(self._event, kind=kind, count=count)
