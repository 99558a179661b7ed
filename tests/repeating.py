"""How often a test repeats itself: `make test` runs all of it, `make check` one part in so many.

What is left out of a repetition is never left out for good: `make test` has no part.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

PART = int(os.environ.get("REPEAT_ONE_IN", "1"))
"""One in how many repetitions is run; the Makefile says it for `make check`."""


def times(count: int) -> int:
    """As many of `count` repetitions as are to be run: at least two."""
    return max(2, count // PART)


def some(every: Sequence[T], turn: int) -> Sequence[T]:
    """Some of `every`, others at each `turn`; over as many turns as there are parts, all of them."""
    return every[turn % PART :: PART]
