"""The time: the machine's wall clock, held against its monotonic one, which nobody can set.

What is right by the calendar follows the wall clock wherever it is set to: the dates of a restriction, the
times in the ledger. What must not begin to live again when the clock is set back ends by `latest`; what is
destroyed for its age goes by `earliest`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec

TOLERANCE = timedelta(seconds=5)
"""A clock that is put right is not told; a machine that slept, or one whose clock was set, is."""

Wall = Callable[[], datetime]
Monotonic = Callable[[], float]


class Jump(msgspec.Struct, frozen=True):
    """The wall clock is not where it would be, had nobody set it."""

    expected: datetime
    found: datetime

    @property
    def is_back(self) -> bool:
        """Whether it was set back."""
        return self.found < self.expected


class Clock:
    """Called, it is the wall clock, in UTC. Safe to share between threads."""

    def __init__(self, wall: Wall | None = None, monotonic: Monotonic | None = None) -> None:
        """A wall clock without a monotonic one beside it never jumps: the two are one."""
        self._wall = wall or _now
        self._monotonic = monotonic or (time.monotonic if wall is None else lambda: self().timestamp())
        self._start = self._noted = (self._wall(), self._monotonic())

    @classmethod
    def of(cls, wall: Wall | None) -> Clock:
        """The clock that this is, or one that goes by it."""
        return wall if isinstance(wall, Clock) else cls(wall)

    def __call__(self) -> datetime:
        """Now, by the wall clock."""
        return self._wall()

    def latest(self) -> datetime:
        """Now, or later where the clock was set back since the start."""
        return max(self._wall(), self._steady(self._start))

    def earliest(self) -> datetime:
        """Now, or earlier where the clock was set forward since the start."""
        return min(self._wall(), self._steady(self._start))

    def jump(self) -> Jump | None:
        """How the wall clock was set since the last jump that was noted; None where it was not."""
        expected, found = self._steady(self._noted), self._wall()
        return Jump(expected, found) if abs(found - expected) > TOLERANCE else None

    def note(self, jump: Jump) -> None:
        """This one is in the ledger."""
        began, since = self._noted
        self._noted = (began + (jump.found - jump.expected), since)

    def is_set_back(self) -> bool:
        """Whether it was set back and the ledger does not say so yet."""
        jump = self.jump()
        return jump is not None and jump.is_back

    def _steady(self, anchor: tuple[datetime, float]) -> datetime:
        """The time, had nobody set the clock since."""
        began, since = anchor
        return began + timedelta(seconds=self._monotonic() - since)


def _now() -> datetime:
    return datetime.now(UTC)
