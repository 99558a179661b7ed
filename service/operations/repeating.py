"""A thread that does one thing again and again beside the answers."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

SOON = 0.05
"""Seconds until the next time when there was something to do: then there may be more."""

_log = structlog.get_logger(__name__)


class Repeating:
    """What fails is logged by its type, which holds nobody's details, and tried again."""

    def __init__(self, name: str, step: Callable[[], int], every: float) -> None:
        """`step` gives how much it did; `every` is in seconds, when there was nothing to do."""
        self._name, self._step, self._every = name, step, every
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.failure: str | None = None
        """What the last time failed with; None when it did not."""

    def start(self) -> None:
        """Begin."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; what is left is done at the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stop.is_set():
            done = 0
            try:
                done = self._step()
                self.failure = None
            except Exception as error:
                self.failure = type(error).__name__
                _log.error("step_failed", kind=self._name, error=self.failure)
            self._stop.wait(SOON if done else self._every)
