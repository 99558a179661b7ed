"""Reasons of a decision as the pages show them."""

from __future__ import annotations

from typing import Any

from engine.model import ReasonCode
from engine.policy import Policy
from service.access.view import ShownDecision, ShownReason
from service.console.marking import marked

HIDDEN = "Hidden"


def reasons_of(decision: ShownDecision, policy: Policy) -> list[dict[str, Any]]:
    """For `reason_list` of `reasons.html`: what their reader may see, no score without what is listed."""
    return [_shown(reason, policy) for reason in decision.reasons]


def _shown(reason: ShownReason, policy: Policy) -> dict[str, Any]:
    is_hidden = reason.score is None
    given, beside = (reason.given, "") if reason.listed is None else marked(reason.given, reason.listed)
    return {
        "code": reason.code.value,
        "decision": reason.decision,
        "restriction": reason.restriction,
        "score": reason.score,
        "threshold": None if is_hidden else _threshold(reason, policy),
        "given": given,
        "listed": HIDDEN if is_hidden else beside,
        "steps": reason.steps,
    }


def _threshold(reason: ShownReason, policy: Policy) -> float | None:
    """What the score had to reach, where the policy says so."""
    if reason.code is ReasonCode.RESTRICTED_PERSON:
        return policy.person.own_name_score
    if reason.code is ReasonCode.RESTRICTED_CONTENT and reason.matcher == "address":
        return policy.address.block
    if "ADDRESS" in reason.code and reason.listed:
        return policy.address.block if reason.decision == "block" else policy.address.flag
    return None
