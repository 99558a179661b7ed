"""Somebody whom a prisoner asks to have on his list: everything about him screened, one decision.

Every number is screened as a call, every e-mail address as a message, the address as a letter to his name,
and the name against the restrictions of this prisoner. The most restrictive of them decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine.addresses import find_person
from engine.model import Attempt, Channel, Decision, Reason, Verdict
from engine.policy import decide
from engine.read_attempt import ReadAttempt
from engine.screener import Screener
from service.check.requests import ContactBody

ACTION: dict[Verdict, str] = {"allow": "add", "flag": "hold", "block": "refuse"}
"""What to do with the request."""
_SEVERITY: dict[Verdict, int] = {"allow": 0, "flag": 1, "block": 2}


def screen_contact(
    screener: Screener, contact: ContactBody, establishment: str | None, at: datetime
) -> Decision:
    """Decide on a contact. It is confidential when every contact point of it is."""
    parts = [screener.check(attempt, at) for attempt in _attempts(contact, establishment)]
    confidential = all(part.confidential for part in parts)
    if not confidential:
        parts.append(_screen_name(screener, contact, establishment, at))
    verdict = max((part.decision for part in parts), key=_SEVERITY.__getitem__)
    return Decision(
        id=contact.id,
        decision=verdict,
        action=ACTION[verdict],
        confidential=confidential,
        blocklist=screener.blocklist.version,
        reasons=_reasons(parts),
    )


def _attempts(contact: ContactBody, establishment: str | None) -> Iterator[Attempt]:
    def attempt(channel: Channel, to: str) -> Attempt:
        return Attempt(
            id=contact.id, channel=channel, to=to, prisoner=contact.prisoner, establishment=establishment
        )

    for number in contact.numbers:
        yield attempt("call", number)
    for email in contact.emails:
        yield attempt("message", email)
    if contact.address is not None:
        yield attempt("letter", f"{contact.name}\n{contact.address}")


def _screen_name(
    screener: Screener, contact: ContactBody, establishment: str | None, at: datetime
) -> Decision:
    """The name by itself. Whether the blocklist is usable, the contact points' own decisions say."""
    attempt = Attempt(
        id=contact.id,
        channel="letter",
        to=contact.name,
        prisoner=contact.prisoner,
        establishment=establishment,
    )
    blocklist, policy = screener.blocklist, screener.policy
    read = ReadAttempt(attempt, blocklist.restricted, blocklist.confidential, policy)
    return decide(policy, attempt, at, list(find_person(read)), blocklist=blocklist.version)


def _reasons(parts: list[Decision]) -> tuple[Reason, ...]:
    """The reasons of all parts, each once, the gravest first."""
    distinct = {(r.code, r.restriction, r.given, r.listed): r for part in parts for r in part.reasons}
    return tuple(sorted(distinct.values(), key=lambda r: (-_SEVERITY[r.decision], -r.score)))
