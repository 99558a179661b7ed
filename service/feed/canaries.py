"""What a node says of its canaries: what was asked last at each entrance, and what became of it.

It goes in the node's reports, sealed for the centre. Where one was let through, had no answer, or was not
asked for too long, that is an alarm: silence is not success. A report may be lost, or not made while Redis is
away: each tells what was not stopped before the last as well, and the centre knows what it was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from adapters.canaries.canary import CanaryTrace
from service.feed.messages import FeedError
from service.storage.sealing import SealError, open_with, seal_with

LONGEST = 200
"""Characters of a form, and of an answer."""
MOST_EARLIER = 100
"""At one entrance: two days of rounds that all fail. They are in each report of the node."""
EARLIER_FOR = timedelta(days=30)
NEVER = "never asked a canary"


class CanarySeen(CanaryTrace, frozen=True, kw_only=True, omit_defaults=True):
    """The last question at one entrance, with the list that answered."""

    blocklist: str = ""
    earlier: tuple[CanarySeen, ...] = ()
    """Those before it that were not stopped, and the first that was again, the oldest first."""

    def behind(self, before: CanarySeen | None) -> CanarySeen:
        """This one, asked at the entrance after another."""
        if before is None:
            return self
        earlier = before.earlier
        was = earlier[-1] if earlier else None
        if before.outcome != "stopped" or (was is not None and was.outcome != "stopped"):
            earlier = (*earlier, msgspec.structs.replace(before, earlier=()))
        lately = [one for one in earlier if abs(self.at - one.at) <= EARLIER_FOR]
        return msgspec.structs.replace(self, earlier=tuple(lately[-MOST_EARLIER:]))

    def trouble(self, now: datetime, within: timedelta) -> str | None:
        """What somebody should see to; None of a canary that was stopped not longer ago than `within`."""
        if self.outcome == "let_through":
            return f"a canary was let through at {self.entrance}"
        if abs(now - self.at) > within:
            return f"no canary was asked at {self.entrance} for too long"
        return f"a canary had no answer at {self.entrance}" if self.outcome == "unanswered" else None


_decode = msgspec.json.Decoder(tuple[CanarySeen, ...]).decode


def pack(seen: Iterable[CanarySeen]) -> bytes:
    """By entrance, as they are kept."""
    return msgspec.json.encode(sorted(seen, key=lambda one: one.entrance))


def unpack(packed: bytes | None) -> tuple[CanarySeen, ...]:
    """The same, read; nothing of what is none."""
    try:
        return _decode(packed or b"[]")
    except (msgspec.DecodeError, ValueError):
        return ()


def troubles(seen: Sequence[CanarySeen], now: datetime, within: timedelta) -> tuple[str, ...]:
    """What somebody should see to, in words, the gravest first."""
    found = sorted(seen, key=lambda one: one.outcome != "let_through")
    return tuple(trouble for one in found if (trouble := one.trouble(now, within)) is not None)


def turned(before: Iterable[CanarySeen], now: Iterable[CanarySeen]) -> list[CanarySeen]:
    """What is to be recorded: each that was not stopped, once, and the first that was again, in their order
    at each entrance."""
    last = {one.entrance: one for one in before}
    found = []
    for one in now:
        was = last.get(one.entrance)
        told = {each.at for each in (*was.earlier, was)} if was is not None else set()
        for each in (*one.earlier, one):
            if each.at in told:
                continue
            if each.outcome != "stopped" or (was is not None and was.outcome != "stopped"):
                found.append(each)
            was = each
    return found


def seal(node_key: bytes, node: str, packed: bytes) -> bytes:
    """For the centre alone: over what carries reports it cannot be read."""
    return seal_with(node_key, packed, _context(node)) if packed else b""


def opened(node_key: bytes, node: str, sealed: bytes) -> bytes:
    """What `seal` sealed. Raises FeedError."""
    try:
        return open_with(node_key, sealed, _context(node)) if sealed else b""
    except SealError:
        raise FeedError("canaries that this node did not seal") from None


def _context(node: str) -> str:
    return f"canaries/{node}"
