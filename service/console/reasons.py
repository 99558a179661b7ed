"""Reasons of a decision as the pages show them."""

from __future__ import annotations

from typing import Any

from engine.model import Decision, Reason, ReasonCode
from engine.policy import Policy
from service.console.marking import marked

HIDDEN = "Hidden"


def reasons_of(decision: Decision, policy: Policy, *, listed: bool = True) -> list[dict[str, Any]]:
    """For `reason_list` of `reasons.html`.

    With `listed` False nothing shows of what is listed: no value, no mark, and no step, as steps tell what
    was compared with what.
    """
    return [_shown(reason, policy, listed=listed) for reason in decision.reasons]


def _shown(reason: Reason, policy: Policy, *, listed: bool) -> dict[str, Any]:
    given, beside = marked(reason.given, reason.listed) if listed else (reason.given, "")
    is_hidden = not listed and bool(reason.listed or reason.restriction)
    return {
        "code": reason.code.value,
        "decision": reason.decision,
        "restriction": reason.restriction,
        "score": reason.score,
        "threshold": _threshold(reason, policy),
        "given": given,
        "listed": HIDDEN if is_hidden else beside,
        "steps": () if is_hidden else reason.steps,
    }


def _threshold(reason: Reason, policy: Policy) -> float | None:
    """What the score had to reach, where the policy says so."""
    if reason.code is ReasonCode.RESTRICTED_PERSON:
        return policy.person.own_name_score
    if reason.code is ReasonCode.RESTRICTED_CONTENT and reason.matcher == "address":
        return policy.address.block
    if "ADDRESS" in reason.code and reason.listed:
        return policy.address.block if reason.decision == "block" else policy.address.flag
    return None
