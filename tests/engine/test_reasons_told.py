"""Each reason as it is told: what was given, what is listed, by which matcher, how sure, and every step."""

from __future__ import annotations

import pytest

from engine.model import Attempt, Decision, Exemption
from engine.policy import decide, read_policy
from tests.engine.asking import ANOTHER, ELSEWHERE, HIS, NOW, NUMBER
from tests.engine.telling import (
    WITHHELD,
    checked,
    restriction,
    told,
)

# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_restricted_number_is_told_with_what_was_dialled_and_how_it_was_read() -> None:
    to = "141 0044 7700 900123"
    assert checked("call", to).reasons == (
        told(
            "RESTRICTED_NUMBER",
            "block",
            "phone",
            to,
            NUMBER,
            steps=(WITHHELD, "international prefix 00 read"),
        ),
    )


def test_how_the_listed_number_was_read_is_told_behind_how_the_dialled_one_was() -> None:
    to, listed = "141 07700 900123", "O7700 900123"
    assert checked("call", to, restriction(("phone", listed))).reasons == (
        told(
            "RESTRICTED_NUMBER",
            "block",
            "phone",
            to,
            listed,
            steps=(WITHHELD, "listed: look-alike letters read as digits"),
        ),
    )


def test_a_number_of_the_prisons_own_exchange_is_told_as_a_guess() -> None:
    one = restriction(("phone", "0113 496 0123"))
    assert checked("call", "496 0123", one, by=ANOTHER, establishment="LEI").reasons == (
        told(
            "NEAR_NUMBER",
            "flag",
            "phone",
            "496 0123",
            "0113 496 0123",
            score=0.9,
            steps=("area code 0113 of the prison's own exchange added",),
        ),
    )


def test_a_number_without_its_area_code_is_told_beside_his_own_restricted_one() -> None:
    one = restriction(("phone", "0113 496 0123"))
    assert checked("call", "496 0123", one).reasons == (
        told("INCOMPLETE_NUMBER", "flag", "phone", "496 0123", steps=("no area code",)),
        told(
            "NEAR_NUMBER",
            "flag",
            "phone",
            "496 0123",
            "0113 496 0123",
            score=0.8,
            steps=("no area code", "area code left out"),
        ),
    )


@pytest.mark.parametrize(
    ("to", "slip"),
    [
        ("141 07700 900124", "one digit differs"),
        ("141 07700 900132", "two neighbouring digits swapped"),
        ("141 07700 900213", "two neighbouring digits swapped"),
    ],
)
def test_a_slip_from_his_own_restricted_number_is_told_with_its_kind(to: str, slip: str) -> None:
    assert checked("call", to).reasons == (
        told("NEAR_NUMBER", "flag", "phone", to, NUMBER, score=0.8, steps=(WITHHELD, slip)),
    )


def test_a_digit_fewer_than_his_own_restricted_number_has_is_told() -> None:
    assert checked("call", "07700 90012").reasons == (
        told("INCOMPLETE_NUMBER", "flag", "phone", "07700 90012"),
        told("NEAR_NUMBER", "flag", "phone", "07700 90012", NUMBER, score=0.8, steps=("one digit fewer",)),
    )


def test_a_country_code_left_out_is_told() -> None:
    one = restriction(("phone", "+353 87 012 3456"))
    assert checked("call", "087 012 3456", one).reasons[1:] == (
        told(
            "NEAR_NUMBER",
            "flag",
            "phone",
            "087 012 3456",
            "+353 87 012 3456",
            score=0.8,
            steps=("country code left out",),
        ),
    )


def test_digits_behind_a_number_are_told() -> None:
    to = "01632 960123,,12"
    steps = ("cut at 10 digits behind +44, 2 more kept as the tail",)
    assert checked("call", to).reasons == (told("EXTRA_DIGITS", "flag", "phone", to, steps=steps),)


def test_the_class_of_a_number_is_told_in_words() -> None:
    to = "141 0800 000 0000"
    steps = (WITHHELD, "class of the number: freephone")
    assert checked("call", to).reasons == (told("NUMBER_CLASS", "flag", "phone", to, steps=steps),)
    (reason,) = checked("call", "0843 000 0000").reasons
    assert reason.steps == ("class of the number: shared cost",)


def test_what_is_no_number_is_told_as_that() -> None:
    steps = ("no telephone number could be read",)
    assert checked("call", "mum").reasons == (told("UNUSABLE_NUMBER", "block", "phone", "mum", steps=steps),)


def test_a_restricted_number_run_together_with_others_is_told_as_hidden() -> None:
    to = "01632 9609990770090012399"
    cut = "cut at 10 digits behind +44, 13 more kept as the tail"
    assert checked("call", to, by=ANOTHER).reasons == (
        told("EXTRA_DIGITS", "flag", "phone", to, steps=(cut,)),
        told(
            "HIDDEN_NUMBER",
            "flag",
            "phone",
            to,
            NUMBER,
            score=0.8,
            steps=(cut, "a whole number inside the digits given"),
        ),
    )


def test_a_restricted_number_set_apart_behind_another_is_told_as_itself() -> None:
    to = "01632 960999 07700 900123"
    cut = "cut at 10 digits behind +44, 11 more kept as the tail"
    assert checked("call", to, by=ANOTHER).reasons[0] == told(
        "RESTRICTED_NUMBER",
        "block",
        "phone",
        to,
        NUMBER,
        steps=(cut, "a whole number inside the digits given"),
    )


def test_her_name_beside_a_number_is_told() -> None:
    to = "Rhoswen Tallantyre 01632 960555"
    assert checked("call", to).reasons == (
        told(
            "RESTRICTED_PERSON",
            "flag",
            "person",
            to,
            "Rhoswen Tallantyre",
            steps=("the full name", "beside the number or account"),
        ),
    )


# ── the register, exceptions, and a list that nothing may rest on ───────────────────────────────────────


def test_a_confidential_recipient_is_told_as_dialled_and_as_registered() -> None:
    to, elsewhere = "141 07700 900123", restriction(("phone", ELSEWHERE))
    assert checked("call", to, elsewhere, register=True).reasons == (
        told("CONFIDENTIAL", "allow", "register", to, NUMBER, restriction=None),
    )


def test_a_conflict_keeps_the_restriction_and_its_steps_and_says_what_it_conflicts_with() -> None:
    to = "141 07700 900123"
    steps = (WITHHELD, "also on the confidential register")
    assert checked("call", to, register=True).reasons == (
        told("CONFIDENTIAL_CONFLICT", "flag", "phone", to, NUMBER, steps=steps),
    )


def test_an_exception_is_told_and_a_court_order_over_it() -> None:
    to, his = "141 07700 900123", (Exemption(prisoner=ANOTHER, contact=NUMBER),)
    one = restriction(("phone", NUMBER), exceptions=his)
    assert checked("message", to, one, by=ANOTHER).reasons == (
        told("EXCEPTION", "allow", "phone", to, NUMBER, steps=(WITHHELD,)),
    )
    ordered = restriction(("phone", NUMBER), exceptions=his, court_order="order 7")
    assert checked("message", to, ordered, by=ANOTHER).reasons == (
        told("EXCEPTION", "flag", "phone", to, NUMBER, steps=(WITHHELD, "a court order stands")),
    )


def test_a_list_that_nothing_may_rest_on_is_told_as_that() -> None:
    steps = ("the blocklist is missing, incomplete or too old to allow anything on",)
    assert checked("call", ELSEWHERE, complete=False).reasons == (
        told("STALE_BLOCKLIST", "flag", "blocklist", steps=steps),
    )


def test_a_number_set_apart_behind_another_says_more_than_that_there_are_digits_behind() -> None:
    decision = checked("call", f"01632 960999 {NUMBER}", by=ANOTHER)
    assert "EXTRA_DIGITS" not in [reason.code.value for reason in decision.reasons]


def test_an_exception_holds_for_its_number_behind_another_too() -> None:
    one = restriction(("phone", NUMBER), exceptions=(Exemption(prisoner=ANOTHER, contact=NUMBER),))
    excepted = checked("call", f"01632 960999 {NUMBER}", one, by=ANOTHER)
    told_codes = {reason.code.value for reason in excepted.reasons}
    assert "EXCEPTION" in told_codes
    assert not told_codes & {"RESTRICTED_NUMBER", "HIDDEN_NUMBER"}
    for prisoner in (HIS, "C3456DE"):
        assert checked("call", f"01632 960999 {NUMBER}", one, by=prisoner).decision == "block"


def test_nothing_found_is_an_allow_that_names_its_attempt_and_its_list() -> None:
    attempt = Attempt(id="C7", channel="call", prisoner=HIS, to=ELSEWHERE)
    assert decide(read_policy(), attempt, NOW, [], blocklist="sha256:7") == Decision(
        id="C7", decision="allow", action="connect", confidential=False, blocklist="sha256:7", reasons=()
    )
