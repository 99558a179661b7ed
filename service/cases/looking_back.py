"""Looking back: what of the last weeks a restriction would have stopped, had it been in force.

Asked before an approval it shows what the restriction would touch; after it, what got through. The engine
answers, as it would today, with this one restriction and nothing else listed.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime
from typing import NamedTuple

from engine import entry
from engine.blocklist import compile_blocklist
from engine.listing import area_codes
from engine.model import Decision, Restriction
from engine.policy import Policy
from engine.screener import Screener
from engine.window import MessageWindow
from service.access.model import Principal
from service.blocklist.backtesting import past_attempts
from service.registry.journal import Journal

DAYS = 90
MOST = 20_000
"""Attempts that are gone through, the newest: some seconds."""
SHOWN = 50


class WouldBeStopped(NamedTuple):
    """An attempt that was allowed, and would not be."""

    seq: int
    at: datetime
    channel: str
    prisoner: str | None
    establishment: str | None
    decision: str


class PointTried(NamedTuple):
    """What one contact point of it would have stopped."""

    blocked: int
    flagged: int
    prisoners: frozenset[str]
    """Who tried it, where that is known."""


class LookedBack(NamedTuple):
    """What came of it in the reader's prisons. `counts` are by channel and by what it would be."""

    attempts: int
    unreadable: int
    counts: tuple[tuple[str, str, int], ...]
    last: tuple[WouldBeStopped, ...]
    """The last ones, the newest first."""
    points: tuple[PointTried, ...]
    """Of each contact point of the restriction, in their order; her name alone is none of them."""


def look_back(journal: Journal, by: Principal, restriction: Restriction, policy: Policy) -> LookedBack:
    """Screen what was allowed in the last DAYS once more, against this restriction alone."""
    screener = Screener(compile_blocklist([restriction]), policy)
    window, counts = MessageWindow(), Counter[tuple[str, str]]()
    places, by_point = _places(restriction), Counter[tuple[int, str]]()
    tried_by: list[set[str]] = [set() for _ in restriction.contacts]
    last: deque[WouldBeStopped] = deque(maxlen=SHOWN)
    attempts = unreadable = 0
    for past in past_attempts(journal, DAYS, MOST, outcome="allow"):
        if not by.covers(past.establishment):
            continue  # what happens in another prison is not told here, not even as a number
        if past.attempt is None:
            unreadable += 1
            continue
        attempts += 1
        decision = screener.check(past.attempt, past.at, window.before(past.attempt, past.seq))
        window.remember(past.attempt, past.seq, decision)
        if decision.decision == "allow":
            continue
        counts[past.attempt.channel, decision.decision] += 1
        one = past.attempt
        for place, verdict in _stopped_by(decision, places).items():
            by_point[place, verdict] += 1
            tried_by[place].update((one.prisoner,) if one.prisoner else ())
        last.append(
            WouldBeStopped(
                past.seq, past.at, one.channel, one.prisoner, past.establishment, decision.decision
            )
        )
    by_kind = tuple((channel, verdict, count) for (channel, verdict), count in sorted(counts.items()))
    points = tuple(
        PointTried(by_point[place, "block"], by_point[place, "flag"], frozenset(who))
        for place, who in enumerate(tried_by)
    )
    return LookedBack(attempts, unreadable, by_kind, tuple(reversed(last)), points)


def _places(restriction: Restriction) -> dict[str, int]:
    """The place of each contact point, by all that a reason may call it: a field may hold several values."""
    codes = area_codes(restriction)
    places: dict[str, int] = {}
    for place, contact in enumerate(restriction.contacts):
        values = (point.contact.value for point in entry.read(contact, codes, for_register=True).points)
        for value in (contact.value, *values):
            places.setdefault(value, place)
    return places


def _stopped_by(decision: Decision, places: dict[str, int]) -> dict[int, str]:
    """Which contact points argue against an attempt, and how strongly each."""
    found: dict[int, str] = {}
    for reason in decision.reasons:
        place = places.get(reason.listed) if reason.restriction is not None else None
        if place is not None and reason.decision != "allow" and found.get(place) != "block":
            found[place] = reason.decision
    return found
