"""What a caller is told: the decision alone, or with its reasons to staff who may see them."""

from __future__ import annotations

import msgspec

from engine.model import Decision, Reason, Verdict
from service.access.model import Principal, Right


class ShortDecision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the phone system is told: nothing that says who is protected."""

    id: str
    decision: Verdict
    action: str
    confidential: bool


class ItemError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands in the place of an attempt of a batch that got no decision."""

    index: int
    """Its place in the batch, from 0."""
    error: str
    status: int
    """The HTTP status that it would have got by itself."""
    field: str | None = None


Answer = Decision | ShortDecision | ItemError

encode = msgspec.json.Encoder().encode


def for_caller(principal: Principal, decision: Decision) -> Decision | ShortDecision:
    """As much of the decision as this caller may see."""
    if principal.may(Right.SEE_REASONS):
        return decision
    return ShortDecision(
        id=decision.id,
        decision=decision.decision,
        action=decision.action,
        confidential=decision.confidential,
    )


__all__ = ["Answer", "Decision", "ItemError", "Reason", "ShortDecision", "encode", "for_caller"]
