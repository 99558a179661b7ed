"""An event of a call that is up, decided like an attempt: the number it moved to, and the event itself."""

from __future__ import annotations

from datetime import datetime

import msgspec

from adapters.pin_phone.signals import CODES, CallEvent, EventKind
from engine.model import Attempt, Decision, Reason, Verdict
from engine.screener import Screener

_SEVERITY: dict[Verdict, int] = {"allow": 0, "flag": 1, "block": 2}


def screen_event(
    screener: Screener, event: CallEvent, call: Attempt, at: datetime, *, confidential: bool
) -> Decision:
    """Decide on an event. `call` goes where the event says, under its id; it was `confidential` or not.

    What is keyed in a confidential call is not looked at.
    """
    policy = screener.policy
    is_private = confidential and event.kind is EventKind.KEYED
    if event.to is None or is_private:
        base = Decision(
            id=event.id,
            decision="allow",
            action=policy.action["call"]["allow"],
            confidential=confidential,
            blocklist=screener.blocklist.version,
            reasons=(),
        )
    else:
        base = screener.check(call, at)
    code = CODES[event.kind]
    if code is None:
        return base
    sure = () if event.score is None else (f"the switch is {event.score:.0%} sure",)
    own = Reason(
        code=code,
        decision=policy.reasons[code],
        score=1.0 if event.score is None else event.score,
        matcher="switch",
        given=event.to or "",
        steps=(event.kind.value.replace("_", " "), *sure),
    )
    verdict = max(base.decision, own.decision, key=_SEVERITY.__getitem__)
    reasons = tuple(sorted((*base.reasons, own), key=lambda reason: -_SEVERITY[reason.decision]))
    action = policy.action["call"][verdict]
    return msgspec.structs.replace(base, decision=verdict, action=action, reasons=reasons)
