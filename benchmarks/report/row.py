"""One figure beside its peer's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import NamedTuple, TypeVar

T = TypeVar("T")


A_SECOND = "a second"
"""The unit of what is the better the more there is of it."""


class Row(NamedTuple):
    """What was measured, in one unit on both sides; the ratio is what may be compared between machines."""

    what: str
    ours: float
    peer: str
    """Its name."""
    theirs: float
    unit: str
    goal: float | None
    """Of the ratio; None where nothing is promised."""

    @property
    def ratio(self) -> float:
        """Ours as a part of the peer's."""
        return self.ours / self.theirs

    @property
    def is_reached(self) -> bool | None:
        """Whether it is what was wanted: of what is counted by the second at least that, else at most."""
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.unit == A_SECOND else self.ratio <= self.goal


def interleaved(runs: Sequence[Callable[[], float]], rounds: int) -> list[list[float]]:
    """What each run gave, each in turn, so that whatever else the machine does meets all alike."""
    found: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for run, given in zip(runs, found, strict=True):
            given.append(run())
    return found


def timed(function: Callable[[T], object], inputs: Sequence[T]) -> Callable[[], float]:
    """A run that gives the seconds of processor time that `function` takes for the next of the inputs:
    what else the machine does would make the slowest hundredth."""
    endless = cycle(inputs)

    def run() -> float:
        one = next(endless)
        began = time.thread_time()
        function(one)
        return time.thread_time() - began

    return run


def at(share: float, found: list[float]) -> float:
    """The value below which that share of them lies."""
    return sorted(found)[int(len(found) * share)]
