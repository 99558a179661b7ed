"""From reasons to one decision: the most restrictive wins, and what is done follows. It is done here alone.

An attempt, what is told of a call that is up, and somebody whom a prisoner asks to have on his list all end
here; `engine/policy.py` tells which reasons count.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from engine.model import Action, Channel, ContactAction, Decision, Reason, Verdict

SEVERITY: dict[Verdict, int] = {"allow": 0, "flag": 1, "block": 2}
CONTACT_ACTION: dict[Verdict, ContactAction] = {"allow": "add", "flag": "hold", "block": "refuse"}
"""What to do when a prisoner asks to have somebody on his list."""


def conclude(
    attempt: str,
    channel: Channel | Literal["contact"],
    reasons: Iterable[Reason],
    actions: Mapping[Verdict, Action],
    *,
    confidential: bool,
    blocklist: str,
) -> Decision:
    """The decision that reasons lead to, on the attempt with this id; without any it is an allow.

    `actions` are those of the channel. A confidential call that is flagged, for whatever reason, still
    connects.
    """
    ordered = tuple(sorted(reasons, key=_order)) if reasons else ()
    verdict = most_restrictive(ordered) if ordered else "allow"
    action = actions[verdict]
    if confidential and channel == "call" and verdict == "flag":
        action = "connect_and_alert"
    return Decision(
        id=attempt,
        decision=verdict,
        action=action,
        confidential=confidential,
        blocklist=blocklist,
        reasons=ordered,
    )


def most_restrictive(reasons: Iterable[Reason]) -> Verdict:
    """Block over flag over allow, which is what no reason at all argues for."""
    verdicts: list[Verdict] = [reason.decision for reason in reasons]
    return max(verdicts, key=SEVERITY.__getitem__) if verdicts else "allow"


def surest(reasons: Iterable[Reason]) -> list[Reason]:
    """One reason for each code, restriction and listed value: the one with the highest score."""
    best: dict[tuple[str, str | None, str], Reason] = {}
    for reason in reasons:
        key = (reason.code, reason.restriction, reason.listed)
        if key not in best or reason.score > best[key].score:
            best[key] = reason
    return list(best.values())


def joined(parts: Iterable[Decision]) -> list[Reason]:
    """The reasons of several decisions; where one thing was given to several of them, once."""
    distinct = {(r.code, r.restriction, r.given, r.listed): r for part in parts for r in part.reasons}
    return list(distinct.values())


def _order(reason: Reason) -> tuple[int, float, str, str, str]:
    return (-SEVERITY[reason.decision], -reason.score, reason.code, reason.restriction or "", reason.listed)
