"""An event of a call that is up, decided like an attempt: the number it moved to, and the event itself."""

from __future__ import annotations

import msgspec

from adapters.pin_phone.signals import CODES, CallEvent, EventKind
from engine.combining import conclude
from engine.dates import When
from engine.model import Attempt, Decision, Reason
from engine.screener import Screener


def screen_event(
    screener: Screener, event: CallEvent, call: Attempt, at: When, *, confidential: bool
) -> Decision:
    """Decide on an event. `call` goes where the event says, under its id; it was `confidential` or not.

    What is keyed in a confidential call is not looked at. A confidential call that is flagged goes on, also
    where it moves; from then on it is as confidential as the number that it moved to.
    """
    reasons: tuple[Reason, ...] = ()
    remains = confidential
    is_private = confidential and event.kind is EventKind.KEYED
    if event.to is not None and not is_private:
        reached = screener.check(call, at)
        reasons, remains = reached.reasons, reached.confidential
    code = CODES[event.kind]
    if code is not None:
        sure = () if event.score is None else (f"the switch is {event.score:.0%} sure",)
        own = Reason(
            code=code,
            decision=screener.policy.reasons[code],
            score=1.0 if event.score is None else event.score,
            matcher="switch",
            given=event.to or "",
            steps=(event.kind.value.replace("_", " "), *sure),
        )
        reasons = (*reasons, own)
    decision = conclude(
        event.id,
        "call",
        reasons,
        screener.policy.action["call"],
        confidential=confidential or remains,
        blocklist=screener.blocklist.version,
    )
    return msgspec.structs.replace(decision, confidential=remains)
