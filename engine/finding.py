"""What a matcher has found: a fact about an attempt and a listing. What follows from it, the policy says."""

from typing import Literal

import msgspec

from engine.listing import Listing
from engine.model import ReasonCode

Place = Literal["recipient", "other", "content"]
"""Whom it goes to; another address on a letter, in it, or that the first may be read as; what is said."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One fact: the values compared, the steps that made them equal, the matcher, its score (0 to 1)."""

    code: ReasonCode
    matcher: str
    given: str
    listed: str = ""
    score: float = 1.0
    exact: bool = False
    """Whether it goes to the listed contact point itself: not to one like it, and not only in the text."""
    steps: tuple[str, ...] = ()
    place: Place = "recipient"
    listing: Listing | None = None
    to_protected: bool = False
    """Whether a letter names the protected person."""
    to_nobody: bool = False
    """Whether a letter bears nobody's name, and no flat."""
    exempt: bool = False
    """Whether an exception of the listing names this prisoner and this contact point."""
    number_class: str = ""


def failure(what: str, error: Exception, listing: Listing | None = None) -> Finding:
    """A finding that says which part failed and how, on which listing; never what it was given."""
    steps = (f"{what} failed: {type(error).__name__}",)
    return Finding(code=ReasonCode.MATCHER_FAILED, matcher=what, given="", steps=steps, listing=listing)
