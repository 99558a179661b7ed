"""Whether a key asks as somebody does who looks for what is listed, and not as a prison does.

Three signs, each within ten minutes of one key:

- **in order**: many contacts that are next to one another, numbers of one block or doors and postcodes that
  differ in their digits alone. What is next to one another is told without its order: shuffled is no way out.
- **rate**: more than it may ask about, or more than its prisons ever did.
- **unlisted**: many numbers that stand on no prisoner's list, where the phone system's lists are read.

Nothing is refused here: a person is told, and whoever watches the log and the metrics.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from enum import StrEnum

import structlog

from service.access.model import Principal

WITHIN = 600.0
"""Seconds that are looked at together."""
ROW = 25
"""Contacts next to one another. A switchboard has a few numbers that prisoners call; a family has two."""
BLOCK = 3
"""Digits at the end of a number that its neighbours differ in."""
OF_A_PRISON = 120 * WITHIN / 60
"""Checks of one prison: 50 a second for an estate of 120 prisons are 25 a minute for each, and a large one
has five times as many."""
UNLISTED = 50
"""Numbers on no list."""
AGAIN = 3600.0
"""Seconds after which the same sign of the same key is told again."""
MOST_KEYS = 1_000
MOST_BLOCKS = 100_000
"""Of one key. Beyond it no further one is begun until the time is over."""

_is_number = re.compile(r"[\d\s+().,*#/-]{4,}").fullmatch
_not_digits = re.compile(r"\D+").sub
_log = structlog.get_logger(__name__)


class Sign(StrEnum):
    """Why a key is told of."""

    IN_ORDER = "in_order"
    RATE = "rate"
    UNLISTED = "unlisted"


IN_WORDS = {
    Sign.IN_ORDER: f"{ROW} contacts next to one another within 10 minutes",
    Sign.RATE: "more checks than its prisons ever had",
    Sign.UNLISTED: f"{UNLISTED} numbers on no prisoner's list within 10 minutes",
}


class _Asked:
    """What one key asked about since `since`."""

    __slots__ = ("blocks", "checks", "numbers", "since")

    def __init__(self, since: float) -> None:
        self.since = since
        self.checks = 0
        self.blocks: dict[str, int | set[int]] = {}
        self.numbers: set[str] = set()


class Probing:
    """Watches every key. Safe to share between threads."""

    def __init__(
        self,
        tell: Callable[[str, str], object],
        count: Callable[[str], object] = lambda sign: None,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        row: int = ROW,
    ) -> None:
        """`tell` gets the key and the words for a person; `count` the sign."""
        self._tell, self._count, self._monotonic = tell, count, monotonic
        self._row = row
        self._lock = threading.Lock()
        self._asked: dict[str, _Asked] = {}
        self._told: dict[tuple[str, Sign], float] = {}

    def asked(self, principal: Principal, contacts: Iterable[str]) -> None:
        """Note what a key asks about."""
        with self._lock:
            now = self._monotonic()
            kept = self._asked.get(principal.id)
            if kept is None or now - kept.since > WITHIN:
                kept = self._begun(principal.id, now)
            in_order = False
            for contact in contacts:
                kept.checks += 1
                if self._is_in_order(kept, contact):
                    in_order = True
            is_fast = bool(principal.prisons) and kept.checks > OF_A_PRISON * len(principal.prisons)
        if in_order:
            self.found(principal.id, Sign.IN_ORDER)
        if is_fast:
            self.found(principal.id, Sign.RATE)

    def numbers(self) -> dict[str, set[str]]:
        """What each key dialled since this was asked last, for who knows the prisoners' lists."""
        with self._lock:
            taken = {key: kept.numbers for key, kept in self._asked.items() if kept.numbers}
            for kept in self._asked.values():
                kept.numbers = set()
        return taken

    def found(self, key: str, sign: Sign) -> None:
        """Tell of a key, once an hour."""
        with self._lock:
            now = self._monotonic()
            if now - self._told.get((key, sign), float("-inf")) < AGAIN:
                return
            if len(self._told) >= MOST_KEYS * len(Sign):
                self._told.clear()
            self._told[key, sign] = now
        _log.warning("probing", kind=sign.value)  # whose key it is stands in the ledger
        self._count(sign.value)
        self._tell(key, IN_WORDS[sign])

    def _begun(self, key: str, now: float) -> _Asked:
        if key not in self._asked and len(self._asked) >= MOST_KEYS:
            self._asked.clear()
        kept = self._asked[key] = _Asked(now)
        return kept

    def _is_in_order(self, kept: _Asked, contact: str) -> bool:
        if _is_number(contact):
            digits = contact if contact.isdecimal() else _not_digits("", contact)
            block, own = digits[:-BLOCK], hash(digits)
            if len(kept.numbers) < MOST_BLOCKS:
                kept.numbers.add(contact)
        else:
            block, own = _shape(contact), hash(contact)
        known = kept.blocks.get(block)
        if known is None:
            if len(kept.blocks) < MOST_BLOCKS:
                kept.blocks[block] = own
            return False
        if isinstance(known, int):
            if known == own:
                return False
            known = kept.blocks[block] = {known}
        known.add(own)
        return len(known) == self._row


def _shape(contact: str) -> str:
    """A text without what enumerates: its digits, and the letters in one word with them, as of a postcode."""
    return " ".join(
        "#" if any(map(str.isdecimal, word)) else word
        for word in contact.casefold().replace(",", " ").split()
    )
