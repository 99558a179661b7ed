"""Looking back: what of the last weeks a restriction would have stopped, had it been in force.

Asked before an approval it shows what the restriction would touch; after it, what got through. The engine
answers, as it would today, with this one restriction and nothing else listed.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from engine.blocklist import compile_blocklist
from engine.model import Restriction
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


class LookedBack(NamedTuple):
    """What came of it in the reader's prisons. `counts` are by channel and by what it would be."""

    attempts: int
    unreadable: int
    counts: tuple[tuple[str, str, int], ...]
    last: tuple[WouldBeStopped, ...]
    """The last ones, the newest first."""


def look_back(journal: Journal, by: Principal, restriction: Restriction, policy: Policy) -> LookedBack:
    """Screen what was allowed in the last DAYS once more, against this restriction alone."""
    screener = Screener(compile_blocklist([restriction]), policy)
    window, counts = MessageWindow(), Counter[tuple[str, str]]()
    found: list[WouldBeStopped] = []
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
        found.append(
            WouldBeStopped(
                past.seq, past.at, one.channel, one.prisoner, past.establishment, decision.decision
            )
        )
    by_kind = tuple((channel, verdict, count) for (channel, verdict), count in sorted(counts.items()))
    return LookedBack(attempts, unreadable, by_kind, tuple(reversed(found[-SHOWN:])))
