"""Canaries: restrictions of the service's own, tried on purpose to see that they stop. Known by their names.

A **canary** is an ordinary restriction whose id begins with `MARK`; the registry lets nobody else make one.
It names an imaginary prisoner of the service, whose number ends in QQ, as no prisoner's does. What he tries
and nothing but canaries stopped concerns nobody: it waits for no reviewer and is no pattern. Where anything
else was met, it is an attempt like any other: whoever asks in his name hides nothing.
"""

import re
from collections.abc import Iterable

MARK = "canary-"
PRISONERS = "Z[0-9]{4}QQ"
"""Numbers of the service's imaginary prisoners, as an expression without anchors."""
PRISONERS_LIKE = "Z____QQ"
"""The same for a database's LIKE."""

_prisoner = re.compile(PRISONERS).fullmatch


def is_canary(restriction: str) -> bool:
    """Whether a restriction is the service's own, by its id."""
    return restriction.startswith(MARK)


def canary_of(prison: str) -> str:
    """What the ids of a prison's canaries begin with."""
    return f"{MARK}{prison}"


def prison_of(canary: str) -> str:
    """The prison of a canary, by its id."""
    return canary.removeprefix(MARK)[:3]


def is_imaginary(prisoner: str | None) -> bool:
    """Whether a number is of an imaginary prisoner of the service."""
    return prisoner is not None and _prisoner(prisoner) is not None


def tried_by_us(prisoner: str | None, restrictions: Iterable[str]) -> bool:
    """Whether an attempt was a canary's: by an imaginary prisoner, and met by `restrictions` of our own
    alone."""
    met = set(restrictions)
    return bool(met) and is_imaginary(prisoner) and all(map(is_canary, met))
