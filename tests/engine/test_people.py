"""Protected people named beside a number or account, and in what is said, for their own prisoner alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    Channel,
    Contact,
    Decision,
    Exemption,
    ProtectedPerson,
    ReasonCode,
    Restriction,
)
from engine.policy import read_policy
from engine.screener import Screener

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HIS, ANOTHER, BROTHER = "A1234BC", "B2345CD", "C3456DE"
RESTRICTION = Restriction(
    id="R1",
    prisoner=(HIS, BROTHER),
    protected=ProtectedPerson(name="Sarah Jane Okafor", aliases=("Sally Okafor",)),
    contacts=(Contact(kind="phone", value="07700 900123"), Contact(kind="handle", value="@sal_o92")),
    exceptions=(Exemption(prisoner=BROTHER, contact="07700 900123"),),
)
SCREENER = Screener(compile_blocklist([RESTRICTION]), read_policy())


def check(channel: Channel, to: str, prisoner: str = HIS, body: str | None = None) -> Decision:
    return SCREENER.check(Attempt(id="A1", channel=channel, prisoner=prisoner, to=to, body=body), NOW)


def codes(decision: Decision) -> set[ReasonCode]:
    return {reason.code for reason in decision.reasons}


NAMED: list[tuple[Channel, str]] = [
    ("call", "Sarah Okafor 07700 900456"),
    ("call", "07700 900456 (S. Okafor)"),
    ("call", "Okafor, Sarah: 07700 900456"),
    ("call", "Mrs Okafor 07700900456"),
    ("message", "Sally Okafor <07700 900456>"),
    ("message", '"Sarah Jane Okafor" <new1@example.org>'),
    ("message", "sarah.okafor@example.org"),
    ("message", "Ѕаrah Okafor 07700 900456"),
]


@pytest.mark.parametrize(("channel", "to"), NAMED)
def test_her_name_beside_another_number_or_account_flags_for_her_own_prisoner(
    channel: Channel, to: str
) -> None:
    decision = check(channel, to)
    assert decision.decision == "flag"
    assert ReasonCode.RESTRICTED_PERSON in codes(decision)


@pytest.mark.parametrize(("channel", "to"), NAMED)
def test_it_is_a_namesake_for_anybody_else(channel: Channel, to: str) -> None:
    assert check(channel, to, ANOTHER).decision == "allow"


@pytest.mark.parametrize(
    "to", ["07700 900456", "Sarah 07700 900456", "Tom Okafor 07700 900456", "home: 07700 900456"]
)
def test_a_bare_number_a_first_name_and_another_name_beside_it_pass(to: str) -> None:
    assert ReasonCode.RESTRICTED_PERSON not in codes(check("call", to))


def test_her_own_number_is_blocked_with_her_name_or_without() -> None:
    assert check("call", "Sarah Okafor 07700 900123").decision == "block"


def test_who_may_use_the_number_may_write_her_name_beside_it() -> None:
    assert codes(check("call", "Sarah Okafor 07700 900123", BROTHER)) == {ReasonCode.EXCEPTION}
    assert check("call", "Sarah Okafor 07700 900456", BROTHER).decision == "flag"


@pytest.mark.parametrize(
    ("body", "code", "step"),
    [
        ("tell Sally I am sorry", "RELAY_REQUEST", 'asked to pass something on: "tell"'),
        ("have a word wiv sarah 4 me", "RELAY_REQUEST", 'asked to pass something on: "have a word with"'),
        ("make Sarah drop it", "RESTRICTED_CONTENT", 'pressure or a threat: "make … drop"'),
        (
            "whats Sarahs new number",
            "RESTRICTED_CONTENT",
            'speaks to her or him, or asks where she or he is: "whats … new number"',
        ),
        ("Sarah Okafor was on the news", "RESTRICTED_CONTENT", "the full name"),
        ("tell our kids mum im sorry", "RELAY_REQUEST", "what she or he is to him"),
        ("make her drop the charges", "RESTRICTED_CONTENT", "nobody is named"),
    ],
)
def test_what_is_said_is_held_for_her_own_prisoner_with_the_phrase_shown(
    body: str, code: str, step: str
) -> None:
    decision = check("message", "07700 900456", body=body)
    assert (decision.decision, codes(decision)) == ("flag", {ReasonCode(code)})
    assert any(step in reason.steps for reason in decision.reasons)
    assert check("message", "07700 900456", ANOTHER, body).decision == "allow"


@pytest.mark.parametrize("prisoner", [BROTHER, ANOTHER])
def test_a_restricted_account_is_held_for_every_prisoner(prisoner: str) -> None:
    decision = check("message", "07700 900456", prisoner, "she goes by sal_o92")

    assert (decision.decision, codes(decision)) == ("flag", {ReasonCode.RESTRICTED_CONTENT})
    assert "the account name" in decision.reasons[0].steps
