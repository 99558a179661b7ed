"""A list that holds one prison's restrictions lets nothing through for whoever is not known to be there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Decision,
    Exemption,
    ProtectedPerson,
    Restriction,
)
from engine.policy import UNCHOSEN, PolicyError, read_policy, write_policy
from engine.screener import Screener

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HERE, ELSEWHERE = "A1234BC", "B2345CD"
LISTED = Restriction(
    id="R1",
    prisoner=HERE,
    protected=ProtectedPerson(name="Sarah Jane Jones"),
    contacts=(Contact(kind="phone", value="07700 900123"),),
    exceptions=(Exemption(prisoner=ELSEWHERE, contact="07700 900123"),),
)
SOLICITOR = ConfidentialEntry(
    name="Example Law LLP", kind="legal", contacts=(Contact(kind="phone", value="020 7946 0123"),)
)
BLOCKLIST = compile_blocklist([LISTED], [SOLICITOR])
OF_ALL = Screener(BLOCKLIST, read_policy())
OF_ONE = Screener(BLOCKLIST, read_policy(), holds=lambda attempt: attempt.prisoner == HERE)


def check(screener: Screener, **given: Any) -> Decision:
    attempt = {"id": "C1", "channel": "call", "prisoner": ELSEWHERE, "establishment": "LEI"}
    return screener.check(Attempt(**attempt | {"to": "07700 900999"} | given), NOW)


def told(decision: Decision) -> tuple[str, str, list[str]]:
    return decision.decision, decision.action, [one.code.value for one in decision.reasons]


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({}, ("block", "refuse", ["NOT_HELD_HERE"])),
        ({"prisoner": None, "channel": "letter", "to": "1 Larkmead Street\nAmbermouth\nLS1 4AB"},
         ("flag", "hold", ["NOT_HELD_HERE"])),
        ({"channel": "message", "body": "hello"}, ("flag", "hold", ["NOT_HELD_HERE"])),
        ({"to": "020 7946 0123"}, ("flag", "connect_and_alert", ["CONFIDENTIAL", "NOT_HELD_HERE"])),
        ({"to": "07700 900123"}, ("block", "refuse", ["EXCEPTION", "NOT_HELD_HERE"])),
        ({"to": "0909 8790123"}, ("block", "refuse", ["NOT_HELD_HERE", "NUMBER_CLASS"])),
        ({"to": "nothing"}, ("block", "refuse", ["UNUSABLE_NUMBER"])),
    ],
)  # fmt: skip
def test_whoever_is_not_known_there_is_let_nothing(
    given: dict[str, Any], answer: tuple[str, str, list[str]]
) -> None:
    verdict, action, codes = told(check(OF_ONE, **given))
    assert (verdict, action, sorted(codes)) == answer


@given(
    st.sampled_from(["call", "message", "letter"]),
    st.sampled_from(["07700 900123", "07700 900124", "07700 900999", "020 7946 0123", "x", "S Jones\nLeeds"]),
    st.sampled_from([None, "ring 07700 900123", "hello"]),
)
def test_whoever_is_known_there_is_answered_as_ever(channel: str, to: str, body: str | None) -> None:
    given = {"channel": channel, "to": to, "body": body, "prisoner": HERE}
    assert check(OF_ONE, **given) == check(OF_ALL, **given)
    assert check(OF_ONE.as_stale(), **given) == check(OF_ALL.as_stale(), **given)


def test_nobody_elsewhere_is_let_through_on_an_old_list_either() -> None:
    assert check(OF_ONE.as_stale()).decision == "block"


@pytest.mark.parametrize("code", UNCHOSEN)
def test_no_policy_chooses_it(code: str) -> None:
    text = write_policy(read_policy()).replace("[reasons]", f'[reasons]\n{code} = "allow"')
    with pytest.raises(PolicyError, match=code):
        read_policy(text.encode())
