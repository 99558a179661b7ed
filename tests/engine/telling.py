"""A restriction of everything, an attempt screened against it, and a reason as it should be told."""

from __future__ import annotations

from typing import Any

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    Channel,
    ConfidentialEntry,
    Contact,
    ContactKind,
    Decision,
    ProtectedPerson,
    Reason,
    ReasonCode,
    Restriction,
    Verdict,
)
from engine.policy import read_policy
from engine.screener import Screener
from tests.engine.asking import HIS, NOW, NUMBER

WITHHELD = "dialling code 141 removed (withhold the caller's number)"
HOUSE = "Flat 2, 10 Quillet Row, Leeds LS1 4AB"
TO_HER = "Rhoswen Tallantyre\nFlat 2\n10 Quillet Row\nLeeds\nLS1 4AB"
TO_HIM_THERE = "Ada Bell\nFlat 2\n10 Quillet Row\nLeeds\nLS1 4AB"
TO_ADA = "Ada Bell\n99 Larder Street\nLeeds\nLS1 4AB"
NO_BUILDING = "building: on neither side"
TO_HER_OWN_NAME = "addressed to the protected person"
LAWYERS = ConfidentialEntry(
    name="Harrow & Pike Solicitors",
    kind="solicitor",
    contacts=(
        Contact(kind="phone", value=NUMBER),
        Contact(kind="address", value="4 Larder Street, Leeds LS1 4AB"),
    ),
)
HERS: tuple[tuple[ContactKind, str], ...] = (
    ("phone", NUMBER),
    ("address", HOUSE),
    ("handle", "@rhoswent"),
    ("email", "rhos@example.org"),
)


def restriction(*contacts: tuple[ContactKind, str], **more: Any) -> Restriction:
    return Restriction(
        id="R1",
        prisoner=HIS,
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=tuple(Contact(kind=kind, value=value) for kind, value in contacts or HERS),
        **more,
    )


def checked(
    channel: Channel,
    to: str,
    one: Restriction | None = None,
    *,
    by: str | None = HIS,
    register: bool = False,
    complete: bool = True,
    **more: Any,
) -> Decision:
    blocklist = compile_blocklist([one or restriction()], [LAWYERS] if register else [], complete=complete)
    attempt = Attempt(id="X1", channel=channel, prisoner=by, to=to, **more)
    return Screener(blocklist, read_policy()).check(attempt, NOW)


def told(
    code: str, decision: Verdict, matcher: str, given: str = "", listed: str = "", **more: Any
) -> Reason:
    """A reason of restriction R1 where something is listed; of none where nothing is."""
    return Reason(
        code=ReasonCode(code),
        decision=decision,
        matcher=matcher,
        given=given,
        listed=listed,
        **{"restriction": "R1" if listed else None, **more},
    )
