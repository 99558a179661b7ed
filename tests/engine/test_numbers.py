"""The recipient's number: country codes left out, slips of the finger, and what is behind a solicitor's."""

from __future__ import annotations

import pytest

from engine.model import ConfidentialEntry, Contact, Decision, Exemption
from tests.engine.asking import ANOTHER, ELSEWHERE, HELPLINE, HIS, NEIGHBOUR, NUMBER, call, codes, restriction

SOLICITOR = ConfidentialEntry(
    name="Lantern & Quill", kind="solicitor", contacts=(Contact(kind="phone", value="020 7946 0123"),)
)
BEHIND_HER_SOLICITOR = f"020 7946 0123 {NUMBER}"


def steps(decision: Decision, code: str) -> tuple[str, ...]:
    return next(reason.steps for reason in decision.reasons if reason.code == code)


@pytest.mark.parametrize(("listed", "to"), [("+45 32 12 34 56", "32123456"), ("+354 561 2345", "561 2345")])
def test_a_short_foreign_number_without_its_country_code_flags_for_its_own_prisoner(
    listed: str, to: str
) -> None:
    decision = call(restriction(listed), to=to, prison=None)
    assert (decision.decision, decision.reasons[-1].listed) == ("flag", listed)
    assert steps(decision, "NEAR_NUMBER")[-1] == "country code left out"
    assert codes(call(restriction(listed), to=to, prisoner=ANOTHER, prison=None)) == ["INCOMPLETE_NUMBER"]


def test_the_same_digits_in_another_country_are_somebody_elses() -> None:
    assert call(restriction("+47 32 12 34 56"), to="+65 3212 3456").reasons == ()


def test_a_digit_more_than_his_own_restricted_number_has_is_told() -> None:
    decision = call(restriction("+49 30 1234567"), to="+49 30 12345678")
    assert decision.decision == "flag"
    assert steps(decision, "NEAR_NUMBER") == ("one digit more",)


@pytest.mark.parametrize("to", [f"{NUMBER} ext 5", f"{NUMBER},,5"])
def test_an_extension_of_a_number_both_restricted_and_confidential_is_a_conflict(to: str) -> None:
    decision = call(restriction(), to=to, register=[HELPLINE])
    assert (decision.decision, decision.confidential) == ("flag", True)
    assert codes(decision) == ["CONFIDENTIAL_CONFLICT"]


@pytest.mark.parametrize(
    ("prisoner", "prison", "confidential"),
    [
        (HIS, "BXI", False),
        (ANOTHER, "LEI", False),
        (ANOTHER, None, False),
        (ANOTHER, "TRN", False),
        (ANOTHER, "OUT", False),
        (ANOTHER, "BXI", True),
    ],
)
def test_behind_a_solicitor_a_number_counts_for_whom_it_is_restricted_and_who_may_be_with_him(
    prisoner: str, prison: str | None, confidential: bool
) -> None:
    one = restriction(scope="prisoner", establishment="LEI")
    decision = call(one, to=BEHIND_HER_SOLICITOR, prisoner=prisoner, prison=prison, register=[SOLICITOR])
    assert decision.confidential is confidential
    assert (decision.decision == "allow") is confidential


@pytest.mark.parametrize(
    "to", [f"01632 960999 {NUMBER} 01632960999077009001239", f"016329609990770090012399 {NUMBER}"]
)
def test_a_number_set_apart_blocks_though_the_same_is_run_together_with_others_too(to: str) -> None:
    decision = call(restriction(), to=to, prisoner=ANOTHER)
    assert (decision.decision, decision.reasons[0].code.value) == ("block", "RESTRICTED_NUMBER")


def test_a_slip_from_a_number_restricted_for_several_is_told_of_his_own_restriction_alone() -> None:
    his, theirs = restriction(), restriction(id="R2", prisoner=ANOTHER)
    decision = call(his, theirs, to=NEIGHBOUR)
    assert [(reason.code.value, reason.restriction) for reason in decision.reasons] == [("NEAR_NUMBER", "R1")]


def test_another_local_number_is_not_told_beside_his_own_restricted_one() -> None:
    assert codes(call(restriction("0113 496 0123"), to="496 0999", prison=None)) == ["INCOMPLETE_NUMBER"]


def test_what_is_restricted_for_the_estate_counts_behind_a_solicitor_for_everybody() -> None:
    decision = call(
        restriction(), to=BEHIND_HER_SOLICITOR, prisoner=ANOTHER, prison="BXI", register=[SOLICITOR]
    )
    assert (decision.decision, decision.confidential) == ("block", False)


def test_an_exception_lets_its_prisoner_call_its_number_and_nobody_else_and_no_other() -> None:
    both = restriction(
        prisoner=(HIS, ANOTHER),
        contacts=tuple(Contact(kind="phone", value=one) for one in (NUMBER, ELSEWHERE)),
        exceptions=(Exemption(prisoner=HIS, contact=NUMBER),),
    )
    assert call(both, to=NUMBER).decision == "allow"
    assert call(both, to=ELSEWHERE).decision == "block"
    assert call(both, to=NUMBER, prisoner=ANOTHER).decision == "block"


@pytest.mark.parametrize(
    ("to", "code", "step"),
    [
        (f"{NEIGHBOUR} ext 5", "EXTRA_DIGITS", "extension kept as the tail"),
        ("496 0123", "INCOMPLETE_NUMBER", "no area code"),
    ],
)
def test_how_a_number_was_read_is_told_with_what_is_odd_about_it(to: str, code: str, step: str) -> None:
    assert steps(call(to=to, prison=None), code) == (step,)


def test_a_local_number_is_guessed_and_never_sure() -> None:
    asked = call(restriction("0113 496 0123", prisoner=ANOTHER), to="496 0123", prison="LEI")
    assert steps(asked, "NEAR_NUMBER") == ("area code 0113 of the prison's own exchange added",)
    assert codes(asked) == ["NEAR_NUMBER"]
