"""Floods and robots, bounded without asking anybody else: who sends much has to wait.

Every form carries a ticket with the reference it will have, signed with a key that this process drew. Sending
costs a turn. Where an address, or everybody together, has used up what may come at once, the ticket says from
when it may be sent, and the page asks to press again then: a wait that needs no script. A turn is kept for
whoever waits, so that more requests only make the wait longer; where it gets too long, the page says so with
the telephone number. What a robot does, filling in what nobody sees or sending within seconds, makes it wait.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

import msgspec

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of a reference: nothing that is mistaken for something else when it is read out."""
TICKET_LASTS = 24 * 3600.0
"""Seconds. A form is left open while somebody looks for a number; not for days."""
QUICKEST = 5.0
"""Seconds from the first page to the last that nobody needs less than."""
ROBOT_WAITS = 30.0
MOST_KEPT = 100_000
"""Addresses whose turns are counted; beyond it the one that was longest quiet is forgotten."""


class Ticket(msgspec.Struct, frozen=True):
    """What a form carries beside its answers."""

    reference: str
    begun: float
    """Seconds of this process's clock, as the next."""
    ready: float = 0.0
    """From when it may be sent; 0 where it has no turn yet."""


class Tickets:
    """Makes tickets, and knows its own again."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Tickets of another process, or of before a start, are none of these."""
        self._key = secrets.token_bytes(32)
        self._monotonic = monotonic

    def new(self) -> Ticket:
        """For a form that begins now."""
        drawn = "".join(secrets.choice(LETTERS) for _ in range(8))
        return Ticket(f"UPC-{drawn[:4]}-{drawn[4:]}", self._monotonic())

    def written(self, ticket: Ticket) -> str:
        """As it stands in a form."""
        said = f"{ticket.reference} {ticket.begun:.1f} {ticket.ready:.1f}"
        return f"{said} {self._mark(said)}"

    def read(self, text: str) -> Ticket | None:
        """What stood in a form; None for what is not ours, or too old."""
        said, _, mark = text.rpartition(" ")
        if not hmac.compare_digest(mark.encode(), self._mark(said).encode()):
            return None
        reference, begun, ready = said.split()
        ticket = Ticket(reference, float(begun), float(ready))
        since = max(ticket.begun, ticket.ready)
        return None if self._monotonic() - since > TICKET_LASTS else ticket

    def _mark(self, said: str) -> str:
        return hmac.digest(self._key, said.encode(), "sha256").hex()


class WaitTooLongError(Exception):
    """So many wait that nobody can be asked to."""


class Queueing:
    """Turns, handed out so fast at most: a bucket that may owe, and tells for how long it does."""

    def __init__(self, every: float, at_once: int, longest: float) -> None:
        """A turn each `every` seconds; `at_once` after a quiet time; nobody waits more than `longest`."""
        self._every, self._at_once, self._longest = every, at_once, longest
        self._next: OrderedDict[str, float] = OrderedDict()

    def wait(self, caller: str, now: float) -> float:
        """Seconds until the caller's next turn. Raises WaitTooLongError."""
        wait = max(0.0, self._next.get(caller, 0.0) - now)
        if wait > self._longest:
            raise WaitTooLongError
        return wait

    def take(self, caller: str, now: float) -> None:
        """That turn is taken."""
        at_least = now - self._every * (self._at_once - 1)
        self._next[caller] = max(self._next.pop(caller, at_least), at_least) + self._every
        if len(self._next) > MOST_KEPT:
            self._next.popitem(last=False)


class Turnstile:
    """Who may send now. Used on the event loop alone."""

    def __init__(
        self,
        tickets: Tickets,
        of_address: Queueing,
        of_all: Queueing,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Both have to have a turn."""
        self._tickets, self._of_address, self._of_all, self._monotonic = (
            tickets,
            of_address,
            of_all,
            monotonic,
        )

    def pass_through(self, ticket: Ticket | None, address: str, *, is_robot: bool) -> tuple[Ticket, int]:
        """The ticket to go on with, and how many seconds it has to wait yet. Raises WaitTooLongError."""
        now = self._monotonic()
        if ticket is not None and ticket.ready:
            return ticket, _whole(ticket.ready - now)
        known = ticket or self._tickets.new()
        line = line_of(address)
        wait = max(self._of_address.wait(line, now), self._of_all.wait("", now))
        if is_robot or ticket is None or now - ticket.begun < QUICKEST:
            wait = max(wait, ROBOT_WAITS)
        self._of_address.take(line, now)
        self._of_all.take("", now)
        return msgspec.structs.replace(known, ready=now + wait), _whole(wait)


def _whole(wait: float) -> int:
    return max(0, ceil(wait))


def line_of(address: str) -> str:
    """What an address is counted by: one household has any number of IPv6 addresses."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv6Address):
        return (
            read.ipv4_mapped.compressed if read.ipv4_mapped else str(ipaddress.ip_network((read, 64), False))
        )
    return address
