"""The time: the machine's wall clock, held against its monotonic one, which nobody can set, and against what
is known beside it: the centre's clock in a node, what is recorded already.

The times in the ledger follow the wall clock wherever it is set to. What must not begin to live again when
the clock is set back ends by `latest`; what is destroyed for its age goes by `earliest`. A restriction that
is in force by any of the clocks holds, and an exemption that is not by all of them does not: `moment`.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from engine.dates import Between, When

TOLERANCE = timedelta(seconds=5)
"""A clock that is put right is not told; a machine that slept, or one whose clock was set, is."""

APART = timedelta(minutes=1)
"""By which two machines' clocks may differ before somebody is told. What says the other's time may be on its
way for seconds, and a clock that no time service keeps goes wrong by seconds a day; restrictions begin and
end with a day."""
SAME: Final = timedelta(seconds=1)
"""Clocks that are less apart say the same: each is set a little, again and again."""
LOWER: Final = 10.0
"""Seconds for which the other clock may say less than it is known to before that is believed: one word of it
that was late says less, a clock that was set back does so again and again."""
ELSEWHERE_BYTES: Final = 16
_NEVER: Final = float("-inf")
_YEAR_9999: Final = 253_370_764_800.0

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


class TimeElsewhere:
    """What is known of the time beside this machine's own clock, in memory that several processes may share.

    One of them tells it.
    """

    def __init__(self, shared: memoryview | None = None, monotonic: Monotonic = time.monotonic) -> None:
        """`shared` has `ELSEWHERE_BYTES`, and then `monotonic` is the same for all; whoever makes it calls
        `forget`."""
        own = memoryview(array("d", (_NEVER, _NEVER)))
        self._cells: Any = own if shared is None else shared.cast("d")
        self._monotonic = monotonic
        self._less: tuple[float, float] | None = None

    def forget(self) -> None:
        """Nothing is known."""
        self._cells[0] = self._cells[1] = _NEVER

    def hear(self, at: float) -> None:
        """Another clock says so now: seconds since 1970."""
        if not 0 <= at < _YEAR_9999:
            return
        now = self._monotonic()
        told = at - now
        if told >= self._cells[0]:
            self._cells[0], self._less = told, None
            return
        most, since = self._less or (told, now)
        if now - since < LOWER:
            self._less = max(told, most), since
        else:
            self._cells[0], self._less = max(told, most), None

    def is_over(self, at: float) -> None:
        """This time is over, whatever a clock says: seconds since 1970."""
        if 0 <= at < _YEAR_9999:
            self._cells[1] = max(self._cells[1], at - self._monotonic())

    @property
    def time(self) -> datetime | None:
        """Now by the other clock; None where it was never heard."""
        return self._since(self._cells[0])

    @property
    def over(self) -> datetime | None:
        """The latest time that is over for sure, where no other clock was heard."""
        return self._since(self._cells[1]) if self._cells[0] == _NEVER else None

    def _since(self, cell: float) -> datetime | None:
        return None if cell == _NEVER else datetime.fromtimestamp(cell + self._monotonic(), UTC)


class Clock:
    """Called, it is the wall clock, in UTC. Safe to share between threads."""

    def __init__(
        self,
        wall: Wall | None = None,
        monotonic: Monotonic | None = None,
        elsewhere: TimeElsewhere | None = None,
    ) -> None:
        """A wall clock without a monotonic one beside it never jumps: the two are one."""
        self._wall = wall or _now
        self._monotonic = monotonic or (time.monotonic if wall is None else lambda: self().timestamp())
        self._start = self._noted = (self._wall(), self._monotonic())
        self.elsewhere = elsewhere or TimeElsewhere(monotonic=self._monotonic)
        """What is known beside it."""

    @classmethod
    def of(cls, wall: Wall | None) -> Clock:
        """The clock that this is, or one that goes by it."""
        return wall if isinstance(wall, Clock) else cls(wall)

    def __call__(self) -> datetime:
        """Now, by the wall clock."""
        return self._wall()

    def latest(self) -> datetime:
        """Now, or later where the clock was set back since the start, or another is later."""
        now = self._wall()
        return max(now, *self._others(now))

    def earliest(self) -> datetime:
        """Now, or earlier where the clock was set forward since the start, or another is earlier."""
        now = self._wall()
        return min(now, *self._others(now))

    def moment(self) -> When:
        """Now, from the earliest to the latest that it may be: for what begins and ends by the calendar."""
        now = self._wall()
        times = (now, *self._others(now))
        earliest, latest = min(times), max(times)
        over = self.elsewhere.over
        if over is not None and over > latest:
            latest = over
        return now if latest - earliest < SAME else Between(now, earliest, latest)

    @property
    def apart(self) -> timedelta:
        """By how much it is ahead of the other clock, or behind it (less than 0); where that was not heard,
        behind what is over for sure. As far as anybody knows, it is right at 0."""
        now, other, over = self._wall(), self.elsewhere.time, self.elsewhere.over
        if other is not None:
            return now - other
        return min(now - over, timedelta()) if over is not None else timedelta()

    @property
    def trouble(self) -> str | None:
        """What somebody should see to, in words that stay the same for a while; None where it seems right."""
        apart = self.apart
        if abs(apart) <= APART:
            return None
        if self.elsewhere.time is None:
            return f"the clock is {_in_words(apart)} behind the last that was recorded"
        which = "ahead of" if apart > timedelta() else "behind"
        return f"the clock is {_in_words(apart)} {which} the centre's"

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

    def _others(self, now: datetime) -> Iterator[datetime]:
        """What time it is by the other clocks. Where the centre's says the same as the wall clock, what that
        was at the start is no matter any more."""
        other = self.elsewhere.time
        if other is not None:
            yield other
        if other is None or abs(now - other) > APART:
            yield self._steady(self._start)

    def _steady(self, anchor: tuple[datetime, float]) -> datetime:
        """The time, had nobody set the clock since."""
        began, since = anchor
        return began + timedelta(seconds=self._monotonic() - since)


def _now() -> datetime:
    return datetime.now(UTC)


def _in_words(apart: timedelta) -> str:
    seconds = abs(apart).total_seconds()
    for unit, of in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (many := round(seconds / of)) > 1 or unit == "minute":
            return f"{many} {unit}s" if many != 1 else f"{many} {unit}"
    raise AssertionError
