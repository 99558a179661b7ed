"""What a node says of its canaries: what was asked last at each entrance, and what became of it.

It goes in the node's reports, sealed for the centre. Where one was let through, had no answer, or was not
asked for too long, that is an alarm: silence is not success.
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
NEVER = "never asked a canary"


class CanarySeen(CanaryTrace, frozen=True, kw_only=True):
    """The last question at one entrance, with the list that answered."""

    blocklist: str = ""

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
    """What is to be recorded: each that was not stopped, once, and the first that was again."""
    last = {one.entrance: one for one in before}
    found = []
    for one in now:
        was = last.get(one.entrance)
        is_new = was is None or was.at != one.at
        if is_new and (one.outcome != "stopped" or (was is not None and was.outcome != "stopped")):
            found.append(one)
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
