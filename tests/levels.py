"""How alike two texts are as addresses, for the tests of addresses."""

from __future__ import annotations

from matchers import address


def best(given: str, listed: str) -> str:
    """The best level of any reading of the one with any of the other."""
    return _best([given], listed)


def best_of_parts(given: str, listed: str) -> str:
    """The same, of the one whole or in parts."""
    return _best([given, *address.parts(given)], listed)


def _best(given: list[str], listed: str) -> str:
    readings = [one for part in dict.fromkeys(given) for one in address.readings(part)]
    pairs = [address.compare(one, other) for one in readings for other in address.every_reading(listed)]
    return max(pairs, key=lambda found: found.rank).level
