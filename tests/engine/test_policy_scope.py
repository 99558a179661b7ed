"""Whom a restriction holds for, where, when, and how sure an address has to be."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Exemption,
)
from engine.policy import Policy, read_policy
from engine.screener import Screener
from tests.engine.asking import (
    ANOTHER,
    ELSEWHERE,
    HIS,
    HOUSE,
    NOW,
    NUMBER,
    call,
    codes,
    letter,
    policy_with,
    restriction,
)

# ── scope ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("here", "there", "verdict"),
    [
        ("LEI", "LEI", "flag"),
        ("LEI", "BXI", "allow"),
        ("LEI", None, "allow"),
        (None, "LEI", "flag"),
        (None, None, "flag"),
        ("OUT", "LEI", "flag"),
        ("LEI", "OUT", "allow"),
        ("TRN", "LEI", "flag"),
        ("LEI", "TRN", "allow"),
        ("OUT", "TRN", "flag"),
        ("LEI", ("BXI", "LEI"), "flag"),
        ("MDI", ("BXI", "LEI"), "allow"),
        ("LEI", (), "allow"),
    ],
)
def test_a_restriction_of_one_prisoner_and_an_attempt_by_another(
    here: str | None, there: str | tuple[str, ...] | None, verdict: str
) -> None:
    one = restriction(scope="prisoner", establishment=there)
    decision = call(one, prisoner=ANOTHER, prison=here)
    assert decision.decision == verdict
    assert codes(decision) == (["OTHER_PRISONER"] if verdict == "flag" else [])


@pytest.mark.parametrize("prison", ["LEI", "BXI", None, "OUT"])
def test_the_prisoner_whom_it_names_is_blocked_wherever_he_is(prison: str | None) -> None:
    for scope in ("prisoner", "estate"):
        assert call(restriction(scope=scope, establishment="LEI"), prison=prison).decision == "block"


@pytest.mark.parametrize("prison", ["LEI", "BXI", None])
def test_a_restriction_for_the_estate_blocks_everybody(prison: str | None) -> None:
    assert call(restriction(establishment="LEI"), prisoner=ANOTHER, prison=prison).decision == "block"


@pytest.mark.parametrize("prison", ["LEI", "BXI", None])
def test_a_letter_of_unknown_sender_from_any_prison_may_be_his(prison: str | None) -> None:
    one = restriction(HOUSE, "address", scope="prisoner", establishment="LEI")
    by = Screener(compile_blocklist([one]), read_policy())
    to = f"Bernard Oakshott\n{HOUSE}"
    unknown = Attempt(id="L1", channel="letter", prisoner=None, establishment=prison, to=to)
    assert codes(by.check(unknown, NOW)) == ["OTHER_PRISONER"]
    known = msgspec.structs.replace(unknown, prisoner=ANOTHER)
    assert codes(by.check(known, NOW)) == ([] if prison == "BXI" else ["OTHER_PRISONER"])


# ── letters: the household and the person ───────────────────────────────────────────────────────────────

AT_HOME = restriction(HOUSE, "address")
TO_HER = f"Rhoswen Tallantyre\n{HOUSE}"
TO_ANOTHER_NAME = f"Bernard Oakshott\n{HOUSE}"


def test_whom_the_restriction_names_may_write_to_nobody_at_the_address() -> None:
    for to in (TO_HER, TO_ANOTHER_NAME, HOUSE):
        assert letter(AT_HOME, to=to).decision == "block", to


def test_anybody_else_is_blocked_to_her_own_name_and_flagged_to_another() -> None:
    assert letter(AT_HOME, to=TO_HER, prisoner=ANOTHER).decision == "block"
    decision = letter(AT_HOME, to=TO_ANOTHER_NAME, prisoner=ANOTHER)
    assert (decision.decision, codes(decision)) == ("flag", ["HOUSEHOLD"])


def test_a_letter_of_unknown_sender_to_the_address_is_at_least_flagged() -> None:
    assert letter(AT_HOME, to=TO_ANOTHER_NAME, prisoner=None).decision == "flag"
    assert letter(AT_HOME, to=TO_HER, prisoner=None).decision == "block"


def test_an_exception_for_the_household_does_not_reach_the_protected_person() -> None:
    one = restriction(HOUSE, "address", exceptions=(Exemption(prisoner=HIS, contact=HOUSE),))
    assert letter(one, to=TO_ANOTHER_NAME).decision == "allow"
    assert letter(one, to=TO_HER).decision == "flag"


def test_her_name_at_another_address_flags_for_him_alone() -> None:
    elsewhere = "Rhoswen Tallantyre\n7 Bramble Court\nYork\nYO1 7AA"
    decision = letter(AT_HOME, to=elsewhere)
    assert (decision.decision, codes(decision)) == ("flag", ["RESTRICTED_PERSON"])
    assert letter(AT_HOME, to=elsewhere, prisoner=ANOTHER).decision == "allow"


def test_the_house_next_door_is_nobodys_concern() -> None:
    assert letter(AT_HOME, to="Bernard Oakshott\n12 Quillet Row\nLeeds LS1 4AB").decision == "allow"


# ── dates ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("since", "until", "at", "verdict"),
    [
        ("2026-03-01", None, "2026-02-28T23:59:59+00:00", "allow"),
        ("2026-03-01", None, "2026-03-01T00:00:00+00:00", "block"),
        (None, "2026-03-01", "2026-03-01T23:59:59+00:00", "block"),
        (None, "2026-03-01", "2026-03-02T00:00:00+00:00", "allow"),
        ("2026-07-01", None, "2026-06-30T22:59:59+00:00", "allow"),
        ("2026-07-01", None, "2026-06-30T23:00:00+00:00", "block"),
        (None, "2026-07-01", "2026-07-01T22:59:59+00:00", "block"),
        (None, "2026-07-01", "2026-07-01T23:00:00+00:00", "allow"),
        ("2026-03-29", "2026-03-29", "2026-03-29T00:00:00+00:00", "block"),
        ("2026-03-29", "2026-03-29", "2026-03-29T22:59:59+00:00", "block"),
        ("2026-03-29", "2026-03-29", "2026-03-29T23:00:00+00:00", "allow"),
        ("2026-03-01T10:00:00", None, "2026-03-01T09:59:59+00:00", "allow"),
        ("2026-07-01T10:00:00", None, "2026-07-01T09:00:00+00:00", "block"),
        (None, "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00", "allow"),
        (None, "9999-12-31", "2026-03-01T10:00:00+00:00", "block"),
        (None, None, "1999-01-01T00:00:00+00:00", "block"),
    ],
)
def test_a_restriction_holds_from_its_first_day_through_its_last_in_uk_time(
    since: str | None, until: str | None, at: str, verdict: str
) -> None:
    one = restriction(from_=since, until=until)
    assert call(one, at=datetime.fromisoformat(at)).decision == verdict


def test_a_court_order_that_is_over_blocks_nothing() -> None:
    assert call(restriction(court_order="order 7", until="2026-02-01")).decision == "allow"


def test_the_time_of_the_attempt_itself_goes_before_the_callers_clock() -> None:
    by = Screener(compile_blocklist([restriction(until="2026-02-01")]), read_policy())
    attempt = Attempt(id="C1", channel="call", prisoner=HIS, to=NUMBER, at="2026-01-15T10:00:00Z")
    assert by.check(attempt, NOW).decision == "block"


def test_another_request_in_force_holds_up_what_one_that_is_over_does_not() -> None:
    decision = call(restriction(until="2026-02-01"), restriction(id="R2"))
    assert [reason.restriction for reason in decision.reasons] == ["R2"]


# ── the thresholds of an address hold wherever addresses are compared ───────────────────────────────────


@pytest.fixture
def surer(monkeypatch: pytest.MonkeyPatch) -> Policy:
    """A threshold that even an equal address does not reach: higher than any policy may have it."""
    monkeypatch.setattr("engine.policy.HIGHEST_BLOCK", 1.0)
    return policy_with(("block = 0.4", "block = 1.0"))


@pytest.mark.parametrize(
    "body",
    [f"go to {HOUSE}", "number 10 Quillet, postcode LS1 4AB", "come to 10 Quillet Row tonight"],
    ids=["an address", "a postcode", "a number and street"],
)
def test_an_address_in_a_text_has_to_be_as_sure_as_the_policy_says(surer: Policy, body: str) -> None:
    attempt = Attempt(id="M1", channel="message", prisoner=HIS, to=ELSEWHERE, body=body)
    blocklist = compile_blocklist([AT_HOME])
    assert codes(Screener(blocklist, read_policy()).check(attempt, NOW)) == ["RESTRICTED_CONTENT"]
    assert Screener(blocklist, surer).check(attempt, NOW).decision == "allow"


def test_an_address_on_an_envelope_on_the_register_or_excepted_has_to_be_as_sure_too(surer: Policy) -> None:
    firm = ConfidentialEntry(
        name="Harrow & Pike", kind="solicitor", contacts=(Contact(kind="address", value=HOUSE),)
    )
    attempt = Attempt(id="L1", channel="letter", prisoner=ANOTHER, to=f"Harrow & Pike\n{HOUSE}")
    elsewhere, excepted = (
        restriction(),
        restriction(HOUSE, "address", exceptions=(Exemption(prisoner=ANOTHER, contact=HOUSE),)),
    )
    for restrictions, register, sure, doubtful in (
        ([AT_HOME], [], "HOUSEHOLD", ["PROBABLE_ADDRESS"]),
        ([elsewhere], [firm], "CONFIDENTIAL", []),
        ([excepted], [], "EXCEPTION", ["PROBABLE_ADDRESS"]),
    ):
        blocklist = compile_blocklist(restrictions, register)
        assert codes(Screener(blocklist, read_policy()).check(attempt, NOW)) == [sure]
        assert codes(Screener(blocklist, surer).check(attempt, NOW)) == doubtful


@pytest.mark.parametrize("order", [None, "order 7"])
def test_an_exception_for_somebody_whom_a_restriction_does_not_concern_is_nothing(order: str | None) -> None:
    exempt = (Exemption(prisoner=ANOTHER, contact=NUMBER),)
    one = restriction(scope="prisoner", establishment="LEI", court_order=order, exceptions=exempt)
    decision = call(one, prisoner=ANOTHER, prison="BXI")
    assert (decision.decision, codes(decision)) == ("allow", [])
