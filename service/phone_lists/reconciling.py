"""The thread that keeps the lists reconciled: those concerned by a change at once, all of them once a day.

A change is followed once the blocklist in force holds it. Where several processes serve one database each of
them reads the lists; what they write is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from service.blocklist.current import Current
from service.operations.repeating import Repeating
from service.phone_lists import figures
from service.phone_lists.figures import PrisonFigures
from service.phone_lists.lists import PhoneLists, Round
from service.registry.registry import Registry

EVERY = 1.0
"""Seconds between looks."""
COUNTED = timedelta(minutes=1)
"""How old the figures for the metrics may be: counting goes through every restriction."""


class Reconciler:
    """Does it, once or for as long as the service runs."""

    def __init__(
        self,
        registry: Registry,
        current: Current,
        lists: PhoneLists | None,
        clock: Callable[[], datetime],
        *,
        every: timedelta,
    ) -> None:
        """Without `lists` there is no phone system, and nothing is ever done."""
        self.lists = lists
        self._registry, self._current = registry, current
        self._clock, self._every = clock, every
        self._change: int | None = None
        self._counted: datetime | None = None
        self._again = Repeating("phone-lists", self.step, EVERY)
        self.figures: list[PrisonFigures] = []
        """By prison, at most a minute old. Empty without a phone system."""

    @property
    def is_on(self) -> bool:
        """Whether there is a phone system whose lists are read."""
        return self.lists is not None

    @property
    def failure(self) -> str | None:
        """Why the last round could not be done. Holds no detail."""
        return self._again.failure

    def start(self) -> None:
        """Begin, where there is a phone system."""
        if self.is_on:
            self._again.start()

    def stop(self) -> None:
        """End; what was not read is read at the next start."""
        self._again.stop()

    def step(self) -> int:
        """Follow what changed, or read some of what is due. Gives how many lists were tried."""
        lists, screener, change = self.lists, self._current.screener, self._current.change
        if lists is None or screener is None:
            return 0
        if self._change is None:
            self._change = lists.last_change() or 0
        fresh = [one for one in self._registry.changes_since(self._change) if one.seq <= change]
        wanted = sorted(lists.concerned(fresh)) or lists.due(self._every)
        if wanted:
            lists.reconcile(wanted, screener, change)
        if fresh:
            self._change = fresh[-1].seq
        now = self._clock()
        if wanted or self._counted is None or now - self._counted > COUNTED:
            self.figures, self._counted = figures.by_prison(self._registry.journal), now
        return len(wanted)

    def now(self, prisoners: Collection[str] = ()) -> Round:
        """Read these lists now, all where none is named. Raises RuntimeError without a blocklist."""
        lists, screener = self.lists, self._current.screener
        if lists is None or screener is None:
            raise RuntimeError("no phone system, or no blocklist")
        change, began = self._current.change, self._clock()
        if prisoners:
            return lists.reconcile(prisoners, screener, change)
        done = Round()
        while wanted := lists.due(self._clock() - began):
            one = lists.reconcile(wanted, screener, change)
            done = Round(*(a + b for a, b in zip(done, one, strict=True)))
        return done
