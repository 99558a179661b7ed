"""How late the centre's beats come, by their own clock: whoever carries them can keep them back.

A beat is signed, and none counts twice; but recorded ones, handed on more slowly than they were made, would
keep an old list fresh. So each says how long its leader has been there, and a node holds the time between
two beats against its own clock: a beat came at the soonest with no delay, and what any later one lags behind
it was on its way for so long. A slow network only makes age.
"""

from __future__ import annotations

from typing import Final

import msgspec

from service.feed.messages import Beat

DRIFT: Final = 1e-4
"""By how much of the time two machines' clocks may run apart with nobody holding anything back: crystals are
good to 50 millionths. Less, and a node whose clock nobody sets grows stale by its own clock within weeks."""


class Pace(msgspec.Struct, frozen=True, array_like=True):
    """The soonest beat of a leader."""

    era: int
    term: int
    apart: float
    """This machine's clock less the leader's as it came, seconds."""
    at: float
    """When it came, by this machine's clock."""


def held_to(pace: Pace | None, beat: Beat, now: float) -> tuple[Pace | None, float]:
    """The pace with a beat that came now, and how many seconds late that was at the least.

    Another leader has another clock: its first beat is taken as it comes. A centre of a version that says no
    time is believed as before.
    """
    if beat.steady is None:
        return pace, 0.0
    apart = now - beat.steady
    if pace is not None and (pace.era, pace.term) == (beat.era, beat.term):
        soonest = pace.apart + DRIFT * (now - pace.at)
        if apart > soonest:
            return pace, apart - soonest
    return Pace(beat.era, beat.term, apart, now), 0.0
