"""What troubles a node beside the feed, in codes, for its reports: a node whose disk is full answers no check
and follows the list all the same, and from afar looks well."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from service.operations.health import LEDGER_PATIENCE

LASTING = 60.0
"""Seconds after which something that is tried again and again is told: one try that failed is none."""


class _Ledger(Protocol):
    """The ledger's writer."""

    @property
    def failure(self) -> str | None: ...
    @property
    def checkpoint_failure(self) -> str | None: ...
    @property
    def waiting(self) -> int: ...
    @property
    def oldest_wait_seconds(self) -> float: ...


class _Current(Protocol):
    """The list in force."""

    @property
    def not_kept(self) -> str | None: ...


class _Tried(Protocol):
    """What is done again and again, or begun when it is needed."""

    @property
    def failure(self) -> str | None: ...


class NodeTroubles:
    """Gives the codes, `service.feed.messages.TROUBLES`. For one thread."""

    def __init__(
        self,
        ledger: _Ledger,
        current: _Current,
        readers: _Tried,
        tried: Mapping[str, _Tried],
        *,
        most_waiting: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tried` are told by their code once they have failed for `LASTING` seconds; `most_waiting` records
        and no more wait for the disk."""
        self._ledger, self._current, self._readers, self._tried = ledger, current, readers, tried
        self._most_waiting, self._monotonic = most_waiting, monotonic
        self._since: dict[str, float] = {}

    def __call__(self) -> tuple[str, ...]:
        """What is wrong now, the gravest first."""
        now, ledger = self._monotonic(), self._ledger
        stands_still = ledger.waiting >= self._most_waiting or ledger.oldest_wait_seconds > LEDGER_PATIENCE
        at_once = {
            "ledger": ledger.failure is not None or stands_still,
            "list": self._current.not_kept is not None,
            "readers": self._readers.failure is not None,
        }
        failing = {code for code, one in self._tried.items() if one.failure is not None}
        if ledger.checkpoint_failure is not None:
            failing.add("checkpoints")
        self._since = {code: self._since.get(code, now) for code in sorted(failing)}
        lasting = [code for code, since in self._since.items() if now - since >= LASTING]
        return (*(code for code, is_so in at_once.items() if is_so), *lasting)
