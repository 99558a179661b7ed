"""Wrong passwords, counted by where they come from before they count against an account.

A lock on the account alone lets a stranger shut out anybody with five wrong passwords. So the place is slowed
down first: an address, or a browser in which somebody has signed in to this account before (OWASP's device
cookies). After so many wrong ones from many places the account is closed to strangers (NIST SP
800-63B, 5.2.2: at most 100), and open to such a browser still. In memory: what was counted is lost with the
process, the account's own count is not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from service.errors import TooManyError

OF_ADDRESS = 10
"""Wrong passwords that an address has at once, of all accounts together: a shift of people behind one."""
AGAIN = 6.0
"""Seconds after which it has one more."""
MOST_PLACES = 10_000
"""Places kept. Beyond it the oldest is forgotten: made-up addresses cost no memory."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class FromWhere(NamedTuple):
    """Where somebody signs in from."""

    address: str = ""
    device: str | None = None
    """What its device cookie holds."""


class TriedFrom(NamedTuple):
    """The same, seen from one account."""

    key: tuple[str, str]
    address: str
    is_known: bool
    """Whether somebody has signed in to this account there before."""


class SlowDownError(TooManyError):
    """Not now; `wait` is whole seconds."""

    def __init__(self, wait: float) -> None:
        """`wait` goes into the header Retry-After."""
        self.wait = max(1, round(wait))
        super().__init__(f"too many sign-ins; try again in {self.wait} s")


class Tries:
    """Counts. Safe to share between threads."""

    def __init__(self, most: int, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """After `most` wrong ones in a row a place is kept from the account for `seconds`."""
        self._most, self._seconds, self._monotonic = most, seconds, monotonic
        self._lock = threading.Lock()
        self._wrong: dict[tuple[str, str], tuple[int, float]] = {}
        self._addresses: dict[str, tuple[float, float]] = {}

    def ask(self, place: TriedFrom) -> bool:
        """Whether the place may try now. Raises SlowDownError where its address has to wait."""
        now = self._monotonic()
        with self._lock:
            _, until = self._wrong.get(place.key, (0, 0.0))
            if now < until:
                return False
            if not place.is_known:
                left = self._left(place.address, now)
                if left < 1:
                    raise SlowDownError((1 - left) * AGAIN)
            return True

    def is_spotless(self, place: TriedFrom) -> bool:
        """Whether nothing wrong came from there of late: who waits for a turn waits for no others."""
        with self._lock:
            return place.is_known or self._left(place.address, self._monotonic()) >= OF_ADDRESS

    def wrong(self, place: TriedFrom) -> bool:
        """Count a wrong one; whether that keeps the place out from now on."""
        now = self._monotonic()
        with self._lock:
            count = self._wrong.pop(place.key, (0, 0.0))[0] + 1
            is_out = count >= self._most
            _put(self._wrong, place.key, (0, now + self._seconds) if is_out else (count, 0.0))
            if not place.is_known:
                left = self._left(place.address, now)
                self._addresses.pop(place.address, None)
                _put(self._addresses, place.address, (left - 1, now))
            return is_out

    def right(self, place: TriedFrom) -> None:
        """Forget what was wrong before with this account."""
        with self._lock:
            self._wrong.pop(place.key, None)

    def forget(self, name: str) -> None:
        """Let every place try an account again: it has a new password."""
        with self._lock:
            self._wrong = {key: value for key, value in self._wrong.items() if key[0] != name}

    def _left(self, address: str, now: float) -> float:
        left, at = self._addresses.get(address, (float(OF_ADDRESS), now))
        return min(float(OF_ADDRESS), left + (now - at) / AGAIN)


def _put(kept: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(kept) >= MOST_PLACES:
        kept.pop(next(iter(kept)))
    kept[key] = value
