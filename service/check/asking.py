"""Asking costs something: rates of a key and of a prisoner, and a look at what a key asks about.

Whether a contact is restricted has to be answered, so that whoever may ask can learn it one contact at a
time. Here it is made slow and seen. Prisoners whom the service does not know are together one prisoner of
their key: a number that somebody makes up gives no further turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Protocol

from engine.screener import Screener
from service.access.model import Principal
from service.check.probing import Probing, Sign
from service.errors import NotAllowedError
from service.web.limits import Rate, TooFastError

MOST_PRISONERS = 200_000
"""Prisoners whose checks are counted at a time: twice those of an estate."""
SEARCHES = 60
"""Searches for a contact point or a name, a minute, of one person or key."""
OF_NOBODY = 10
"""Letters of which nobody knows whose they are: so many times what one prisoner writes, of one key."""
_UNKNOWN = "unknown"


class AskingLimits(Protocol):
    """The settings that bound who asks."""

    @property
    def rate(self) -> float:
        """Checks a second of one caller."""
        ...

    @property
    def prisoner_rate(self) -> float:
        """Checks a minute about one prisoner."""
        ...

    @property
    def unknown_rate(self) -> float:
        """Checks a minute about prisoners whom the service does not know, together."""
        ...


class KnownPrisoners(Protocol):
    """Who is known."""

    def knows(self, prisoner: str) -> bool:
        """Whether the registry has the prisoner, from memory."""
        ...


class AskingCounts(Protocol):
    """What is counted."""

    def unknown_prisoner(self, channel: str) -> None:
        """A check about a prisoner whom the service does not know."""
        ...

    def probing(self, sign: str) -> None:
        """A key that is told of."""
        ...


class Asking:
    """What every check passes before it is decided. Safe to share between threads."""

    def __init__(
        self,
        limits: AskingLimits,
        prisoners: KnownPrisoners,
        counts: AskingCounts,
        tell: Callable[[str, str], object],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tell` gets a key and in words what a person should know of it."""
        self._prisoners, self._counts = prisoners, counts
        self._keys = Rate(limits.rate, monotonic)
        self._of_prisoner = _a_minute(limits.prisoner_rate, monotonic)
        self._of_nobody = _a_minute(OF_NOBODY * limits.prisoner_rate, monotonic)
        self._of_unknown = _a_minute(limits.unknown_rate, monotonic) if limits.unknown_rate else None
        self._searches = _a_minute(SEARCHES, monotonic)
        self.probing = Probing(tell, counts.probing, monotonic)

    def key(self, principal: Principal, checks: int = 1) -> None:
        """Count a request before it is read. Raises TooFastError."""
        try:
            self._keys.ask(principal.id, checks)
        except TooFastError:
            self.probing.found(principal.id, Sign.RATE)
            raise

    def further(self, principal: Principal, checks: int) -> None:
        """Count what else is in a request that was let in."""
        self._keys.add(principal.id, checks)

    def attempt(
        self,
        principal: Principal,
        channel: str,
        prisoner: str | None,
        contacts: Collection[str],
        screener: Screener | None,
    ) -> None:
        """Count an attempt that is asked about for the first time, with each contact point in it.

        Raises TooFastError; NotAllowedError about an unknown prisoner where the settings refuse all of them.
        """
        self.probing.asked(principal, contacts)
        self.further(principal, len(contacts) - 1)
        try:
            if prisoner is None:
                what = "more letters of which nobody knows whose they are than one key may ask about"
                self._of_nobody.ask(principal.id, len(contacts), what=what, field="prisoner")
                return
            self._prisoner(principal, channel, prisoner, len(contacts), screener)
        except (TooFastError, NotAllowedError):
            self.probing.found(principal.id, Sign.RATE)
            raise

    def search(self, principal: Principal) -> None:
        """Count a search among the restrictions. Raises TooFastError."""
        self._searches.ask(principal.id, what="more searches than one person makes")

    def _prisoner(
        self, principal: Principal, channel: str, prisoner: str, checks: int, screener: Screener | None
    ) -> None:
        if self._is_known(prisoner, screener):
            what = "more checks than one prisoner's"
            self._of_prisoner.ask((principal.id, prisoner), checks, what=what, field="prisoner")
            return
        self._counts.unknown_prisoner(channel)
        if self._of_unknown is None:
            raise NotAllowedError("this prisoner is not known here", "prisoner")
        what = "more checks about prisoners who are not known here than one key may ask for"
        self._of_unknown.ask((principal.id, _UNKNOWN), checks, what=what, field="prisoner")

    def _is_known(self, prisoner: str, screener: Screener | None) -> bool:
        if self._prisoners.knows(prisoner):
            return True
        return screener is not None and len(screener.blocklist.restricted.rows_of(prisoner)) > 0


def _a_minute(rate: float, monotonic: Callable[[], float]) -> Rate:
    return Rate(rate / 60, monotonic, most=rate, callers=MOST_PRISONERS)
