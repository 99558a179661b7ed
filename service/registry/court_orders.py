"""A court's order: nothing that a restriction stops ends before it does, by however many people.

Its last day is told under `until` of an order that is an object. Of any other nobody knows it, and it holds
until two people have recorded that it was discharged, or varied so that it has one. That is a change of the
order alone: what it makes possible is asked for after it. An exception is none of this: what it would let
through is held all the same while there is an order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from engine import dates
from engine.model import Restriction
from service.errors import ConflictError, InvalidError

UNTIL = "until"
"""Where an order that is an object tells its last day, an ISO 8601 date."""
TEXT = "text"
"""Where one that was a text tells what it said."""
FURTHER = "further"
OFF = "the court order is taken off"
VARIED = "the court order is varied"
LATER = "the court's order goes on for longer than that"
STANDS = (
    "a court's order stands, before which nothing ends: first record that alone as discharged or varied, and "
    "where that is known from, and let a second person confirm it"
)
NO_SOURCE = "say where it is known from that the order was discharged or varied"
_BESIDE_IT = {"an exception is added", "an exception takes hold of a new contact point"}
_NO_MATTER = "it is no victim's any more: one reviewer alone can let its flags go"
_SOONER = "it ends sooner"
_NEVER = datetime.max.replace(tzinfo=UTC)


def last_day(order: Any) -> str | None:
    """The last day of an order; None where nobody knows it."""
    told = order.get(UNTIL) if isinstance(order, dict) else None
    if not isinstance(told, str):
        return None
    try:
        dates.ends(told)
    except ValueError:
        return None
    return told


def over(order: Any) -> datetime:
    """The instant at which an order is over, as far as is known."""
    day = last_day(order)
    return _NEVER if day is None else dates.ends(day)


def holds(restriction: Restriction, now: datetime) -> bool:
    """Whether a court's order holds a restriction up."""
    return restriction.has_court_order and now < over(restriction.court_order)


def lessened(old: Restriction, new: Restriction) -> Iterator[str]:
    """What of an order a next version takes away. Unsure means less: another text is another order."""
    if not old.has_court_order:
        return
    if not new.has_court_order:
        yield OFF
    elif not _goes_on(old.court_order, new.court_order):
        yield VARIED


def together(old: Any, new: Any) -> Any:
    """Two orders as one, of which neither says less than it did; of both nobody knows the last day."""
    if not (old or isinstance(old, dict)):
        return new or None
    if not new or _goes_on(new, old):
        return old
    if not _said(old):
        return new if last_day(new) is None else old
    if isinstance(old, str) and isinstance(new, str):
        return f"{old}\n{new}"
    both = old if isinstance(old, dict) else {TEXT: old}
    return {**{name: value for name, value in both.items() if name != UNTIL}, FURTHER: new}


def require(before: Restriction, after: Restriction, loosened: tuple[str, ...], now: datetime) -> None:
    """Raises ConflictError for a next version of a restriction that stands, where it takes something away
    that an order holds up; `loosened` is what it takes."""
    if not holds(before, now):
        return
    allowed = {OFF, VARIED, _NO_MATTER}
    if {OFF, VARIED}.isdisjoint(loosened):
        allowed |= _BESIDE_IT
    if after.until is not None and dates.ends(after.until) >= over(before.court_order):
        allowed.add(_SOONER)
    if not set(loosened) <= allowed:
        raise ConflictError(STANDS, "reason")


def check(restriction: Restriction, before: Restriction | None = None, reason: str = "") -> None:
    """A restriction is not over before its order; what takes of the order of the one `before` has a source.

    Raises InvalidError.
    """
    if before is not None and before.court_order == restriction.court_order:
        return
    order, until = restriction.court_order, restriction.until
    if last_day(order) is not None and until is not None and dates.ends(until) < over(order):
        raise InvalidError(LATER, "until")
    if before is not None and any(lessened(before, restriction)) and not reason.strip():
        raise InvalidError(NO_SOURCE, "reason")


def _goes_on(old: Any, new: Any) -> bool:
    """Whether an order says all that it said before, and is over no sooner."""
    return over(new) >= over(old) and _said(old) <= _said(new)


def _said(order: Any) -> set[tuple[str, str]]:
    """What an order says, but for its last day: each line of a text, each part of an object."""
    parts = order if isinstance(order, dict) else {TEXT: order} if isinstance(order, str) else {}
    return {
        (name, line)
        for name, value in parts.items()
        if name != UNTIL
        for line in (value.split("\n") if isinstance(value, str) else (repr(value),))
    }
