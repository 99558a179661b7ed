"""What of a decision somebody may see. The one place that cuts an answer down to a role and its prisons.

Every channel that answers takes its decision from here: checks, batches, mail, the pages, the ledger.

- Without `see_reasons`: the decision alone.
- With it: codes, what was given, and the steps that tell of nothing else.
- A restriction's id: with `see_restrictions`, where it concerns a prison of theirs.
- What is listed, how near it was, and every step: with `reveal`, after a look that is in the ledger already.
- Of a restriction that concerns none of their prisons: the code and what was given, whatever the role.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from engine.model import Decision, Reason, ReasonCode, Restriction, Verdict
from service.access.model import Principal, Right

Concerns = Callable[[str], bool]
"""Whether the restriction of this id concerns a prison of theirs."""


class ShortDecision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the phone system is told: nothing that says who is protected."""

    id: str
    decision: Verdict
    action: str
    confidential: bool


class ShownReason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As much of a reason as somebody may see; what is hidden is left out."""

    code: ReasonCode
    decision: Verdict
    matcher: str
    given: str
    steps: tuple[str, ...]
    restriction: str | None = None
    score: float | None = None
    listed: str | None = None
    """What is listed: after a recorded look alone."""

    def __repr__(self) -> str:
        return f"ShownReason({self.code})"


class ShownDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision with as much of its reasons as somebody may see."""

    id: str
    decision: Verdict
    action: str
    confidential: bool
    blocklist: str
    reasons: tuple[ShownReason, ...]

    def __repr__(self) -> str:
        return f"ShownDecision({self.decision}, {len(self.reasons)} reasons)"


def view(decision: Decision, principal: Principal, concerns: Concerns) -> ShownDecision | ShortDecision:
    """As much of a decision as may be told to them at any time."""
    if principal.may(Right.SEE_REASONS):
        return reasons_seen(decision, principal, concerns)
    return ShortDecision(
        id=decision.id,
        decision=decision.decision,
        action=decision.action,
        confidential=decision.confidential,
    )


def reasons_seen(
    decision: Decision, principal: Principal, concerns: Concerns, *, looked: bool = False
) -> ShownDecision:
    """The same with its reasons. `looked`: that they see what is listed is in the ledger already."""
    looked = looked and principal.may(Right.REVEAL)
    return ShownDecision(
        id=decision.id,
        decision=decision.decision,
        action=decision.action,
        confidential=decision.confidential,
        blocklist=decision.blocklist,
        reasons=tuple(_reason(reason, principal, concerns, looked) for reason in decision.reasons),
    )


def is_told(restriction: str, principal: Principal, concerns: Concerns) -> bool:
    """Whether somebody may know that this restriction had to do with an attempt."""
    return principal.may(Right.SEE_RESTRICTIONS) and (not principal.prisons or concerns(restriction))


def detail_seen(detail: Mapping[str, Any], principal: Principal, concerns: Concerns) -> dict[str, Any]:
    """The plain part of a record, without the restrictions of other prisons than theirs."""
    named = detail.get("restrictions")
    if not principal.prisons or not isinstance(named, list):
        return dict(detail)
    return {**detail, "restrictions": [one for one in named if concerns(one)]}


def concerns_prisons(
    prisons: Collection[str], restriction: Restriction, where_is: Callable[[str], str | None]
) -> bool:
    """Whether it concerns one of these prisons: one of its prisoners is there, or it was made there.

    No `prisons` is every prison.
    """
    if not prisons:
        return True
    where = {where_is(number) for number in restriction.prisoners}
    return not where.isdisjoint(prisons) or not set(restriction.establishments).isdisjoint(prisons)


def _reason(reason: Reason, principal: Principal, concerns: Concerns, looked: bool) -> ShownReason:
    restriction = reason.restriction
    is_theirs = restriction is None or not principal.prisons or concerns(restriction)
    is_open = looked and is_theirs
    is_whole = is_open or (restriction is None and not reason.listed)
    steps = tuple(step for step in reason.steps if is_whole or (is_theirs and _is_of_given(step, reason)))
    is_told = is_theirs and principal.may(Right.SEE_RESTRICTIONS)
    return ShownReason(
        code=reason.code,
        decision=reason.decision,
        matcher=reason.matcher,
        given=reason.given,
        steps=steps,
        restriction=restriction if is_told else None,
        score=reason.score if is_whole else None,
        listed=reason.listed if is_open else None,
    )


_words = re.compile(r"[^\W_]+").findall
_is_ordinary = re.compile(r"[a-z]+", re.ASCII).fullmatch
_OF_OURS = frozenset({"po", "ascii", "latin", "e"})
"""Words with capitals of our own."""


def _is_of_given(step: str, reason: Reason) -> bool:
    """Whether a step tells of what was given alone.

    It may hold small words of ours, and whatever stands in what was given; a name, a number or a word of
    another alphabet from anywhere else, or a word of what is listed, hides the whole of it.
    """
    if step.startswith("listed:"):
        return False
    given = set(_words(reason.given.casefold()))
    digits = "".join(filter(str.isdecimal, reason.given))
    listed = set(_words(reason.listed.casefold())) - given
    for word in _words(step):
        small = word.casefold()
        if small in given or (word.isdecimal() and word in digits):
            continue
        if small in listed or not (_is_ordinary(word) or small in _OF_OURS):
            return False
    return True
