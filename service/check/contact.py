"""Somebody whom a prisoner asks to have on his list: everything about him screened, one decision.

Every number is screened as a call, every e-mail address as a message, the address as a letter to his name,
and the name against the restrictions of this prisoner. The most restrictive of them decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.combining import CONTACT_ACTION, conclude, joined
from engine.dates import When
from engine.envelope_people import find_person
from engine.model import Attempt, Channel, Decision
from engine.policy import decide
from engine.read_attempt import ReadAttempt
from engine.screener import Screener
from service.check.requests import ContactBody


def screen_contact(screener: Screener, contact: ContactBody, establishment: str | None, at: When) -> Decision:
    """Decide on a contact. It is confidential when every contact point of it is."""
    parts = [screener.check(attempt, at) for attempt in _attempts(contact, establishment)]
    confidential = all(part.confidential for part in parts)
    if not confidential:
        parts.append(_screen_name(screener, contact, establishment, at))
    return conclude(
        contact.id,
        "contact",
        joined(parts),
        CONTACT_ACTION,
        confidential=confidential,
        blocklist=screener.blocklist.version,
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


def _screen_name(screener: Screener, contact: ContactBody, establishment: str | None, at: When) -> Decision:
    """The name by itself. Whether the blocklist is usable, the contact points' own decisions say; whether it
    holds what concerns the prisoner, this too: a contact may have no point."""
    attempt = Attempt(
        id=contact.id,
        channel="letter",
        to=contact.name,
        prisoner=contact.prisoner,
        establishment=establishment,
    )
    blocklist, policy = screener.blocklist, screener.policy
    read = ReadAttempt(attempt, blocklist.restricted, blocklist.confidential, policy)
    return decide(
        policy,
        attempt,
        at,
        list(find_person(read)),
        blocklist=blocklist.version,
        held=screener.holds(attempt),
    )
