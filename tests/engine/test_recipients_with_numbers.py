"""A message's recipient that looks like an e-mail address is a telephone number too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.blocklist import compile_blocklist
from engine.model import Attempt, ConfidentialEntry, Contact, ProtectedPerson, Restriction
from engine.policy import read_policy
from engine.screener import Screener

BY = Screener(
    compile_blocklist(
        [
            Restriction(
                id="R1",
                prisoner="A1234BC",
                protected=ProtectedPerson(name="Rhoswen Tallantyre"),
                contacts=(Contact(kind="phone", value="07700 900123"),),
            )
        ]
    ),
    read_policy(),
)


def verdict(to: str) -> str:
    attempt = Attempt(id="M1", channel="message", prisoner="B2345CD", establishment="LEI", to=to)
    return BY.check(attempt, at=datetime(2026, 3, 1, 12, tzinfo=UTC)).decision


@pytest.mark.parametrize(
    "template",
    [
        "{e164}@s.whatsapp.net",
        "{national}@txt.example",
        '"{national}" <x@example.org>',
        "+{e164}@sms.example.org",
    ],
)
def test_a_restricted_number_in_an_address_is_stopped_and_its_neighbour_is_not(template: str) -> None:
    assert verdict(template.format(e164="447700900123", national="07700900123")) == "block"
    assert verdict(template.format(e164="447700900124", national="07700900124")) == "allow"


@pytest.mark.parametrize("to", ["{one},{other}", "{other}, {one}", "{other};{one}", "{other} {one}"])
@pytest.mark.parametrize("other", ["07700 900789", "0117 496 0200"])
def test_a_second_recipient_is_asked_about_as_the_first_is(to: str, other: str) -> None:
    person = Restriction(
        id="R1",
        prisoner="A1234BC",
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="email", value="rhoswen@example.org"),),
    )
    firm = ConfidentialEntry(
        name="Harrow & Pike", kind="solicitor", contacts=(Contact(kind="phone", value="0117 496 0200"),)
    )
    screener = Screener(compile_blocklist([person], [firm]), read_policy())
    attempt = Attempt(
        id="M1", channel="message", prisoner="A1234BC", to=to.format(one="rhoswen@example.org", other=other)
    )

    decision = screener.check(attempt, at=datetime(2026, 3, 1, 12, tzinfo=UTC))

    assert (decision.decision, decision.confidential) == ("block", False)
