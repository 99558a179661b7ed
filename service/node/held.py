"""The list in force as whoever answers sees it: the process that follows the feed, and each worker.

What decides how old it may be is one pair of numbers in memory that all of them map: the process that hears
the centre writes them, so that no worker allows on a list that is too old, or holds a fresh one for stale.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from engine.policy import Policy
from engine.screener import Screener
from service.node.followed import Followed, Linked
from service.operations.clock import ELSEWHERE_BYTES, TimeElsewhere
from service.storage.memory import Memory

NEVER = float("-inf")
FRESHNESS_BYTES = 16 + ELSEWHERE_BYTES


def since_boot() -> float:
    """Seconds since the machine was started, its sleep included: nobody sets that clock, and all processes
    have the same."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Freshness:
    """When the list was last known to be the newest, and until when an allow may rest on it: `since_boot`.
    And what is known of the time beside this machine's clock."""

    def __init__(self, shared: memoryview | None = None) -> None:
        """`shared` has `FRESHNESS_BYTES`; without it nobody else reads them. Whoever makes it calls
        `forget`."""
        whole = memoryview(bytearray(FRESHNESS_BYTES)) if shared is None else shared
        self._cells: Any = whole[:-ELSEWHERE_BYTES].cast("d")
        self.elsewhere = TimeElsewhere(whole[-ELSEWHERE_BYTES:], since_boot)
        if shared is None:
            self.forget()

    def forget(self) -> None:
        """Nothing is known."""
        self._cells[0] = self._cells[1] = NEVER
        self.elsewhere.forget()

    @property
    def confirmed_at(self) -> float | None:
        """When it was known; None for never."""
        at: float = self._cells[0]
        return None if at == NEVER else at

    @confirmed_at.setter
    def confirmed_at(self, at: float | None) -> None:
        self._cells[0] = NEVER if at is None else at

    @property
    def until(self) -> float:
        """Until when nothing is too old."""
        until: float = self._cells[1]
        return until

    @until.setter
    def until(self, until: float) -> None:
        self._cells[1] = until


class Workers(Protocol):
    """The processes that answer, to whom a list is handed: back when all of them have it in force."""

    def whole(self, memory: Memory, version: str) -> None:
        """The list of this version, as `packed`."""

    def links(self, links: Sequence[Linked], version: str) -> None:
        """Changes of it, already verified, that lead to this version."""


class ListHeld:
    """The list. Its readers take `screener` as it is and never wait."""

    def __init__(
        self,
        policy: Policy,
        *,
        fixed: bool = False,
        freshness: Freshness | None = None,
        monotonic: Callable[[], float] = since_boot,
    ) -> None:
        """`policy` holds until the feed brings one, and where `fixed` says so always."""
        self._given, self._fixed = policy, fixed
        self._monotonic = monotonic
        self._screener: Screener | None = None
        self.fresh = freshness or Freshness()
        self.shadow: Policy | None = None
        """Policies are tried at the centre."""
        self.followed: Followed | None = None
        """What the list in force stands on."""

    def put(self, followed: Followed) -> None:
        """Put a list in force."""
        self.followed = followed
        self._screener = Screener(
            followed.blocklist, self.policy, holds=followed.holds if followed.prison else None
        )

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        followed = self.followed
        if self._fixed or followed is None or followed.policy is None:
            return self._given
        return followed.policy

    @property
    def screener(self) -> Screener | None:
        """The list in force with its policy; None before the first."""
        screener = self._screener
        if screener is None or self._monotonic() <= self.fresh.until:
            return screener
        return screener.as_stale()

    @property
    def why_not(self) -> str | None:
        """Why there is none."""
        return None if self.followed is not None else "nothing has come from the centre yet"

    @property
    def confirmed_at(self) -> float | None:
        """When the list was last known to be the newest, on the monotonic clock."""
        return self.fresh.confirmed_at

    @confirmed_at.setter
    def confirmed_at(self, at: float | None) -> None:
        self.fresh.confirmed_at = at

    @property
    def age(self) -> float | None:
        """Seconds since the list was known to be the newest; None where it never was."""
        confirmed = self.confirmed_at
        return None if confirmed is None else max(0.0, self._monotonic() - confirmed)
