"""What is held of a text: up to which bounds it is read, under which policy, and what one failure leaves."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from engine import content
from engine.blocklist import compile_blocklist
from engine.model import Attempt, Decision, ReasonCode, Restriction
from engine.policy import read_policy
from engine.screener import Screener
from matchers import address
from matchers.address import Address, Comparison
from tests.engine.asking import ANOTHER, ELSEWHERE, HIS, NOW, NUMBER
from tests.engine.telling import HOUSE, checked, restriction, told


def said(body: str, *listed: Restriction, by: str = HIS, block: float | None = None) -> Decision:
    """A message under a policy that blocks an address from a score on."""
    policy = read_policy()
    if block is not None:
        policy = msgspec.structs.replace(policy, address=msgspec.structs.replace(policy.address, block=block))
    attempt = Attempt(id="M1", channel="message", prisoner=by, to=ELSEWHERE, body=body)
    return Screener(compile_blocklist(listed or (restriction(),)), policy).check(attempt, NOW)


def codes(decision: Decision) -> list[str]:
    return [reason.code.value for reason in decision.reasons]


def test_a_text_of_more_addresses_than_are_read_is_held_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_ADDRESSES", 2)
    street = "{} Quarry Lane, Leeds LS9 7AB. ".format
    assert said(street(1) + street(2)).reasons == ()
    assert said(street(1) + street(2) + street(3)).reasons == (
        told(
            "MATCHER_FAILED",
            "flag",
            "address",
            steps=("more addresses than the 2 that are read of one text",),
        ),
    )


def test_an_address_written_again_and_again_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_ADDRESSES", 2)
    street = "{} Quarry Lane, Leeds LS9 7AB. ".format
    assert said(street(1) * 3 + street(2)).decision == "allow"
    (reason,) = said(street(1) * 3 + HOUSE).reasons
    assert (reason.given, reason.listed) == (HOUSE, HOUSE)


def test_a_text_of_more_postcodes_than_are_looked_at_is_held_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(content, "MOST_POSTCODES", 2)
    assert said("LS9 7AB, LS9 7AD").reasons == ()
    assert said("LS9 7AB, LS9 7AD, LS9 7AE").reasons == (
        told(
            "MATCHER_FAILED",
            "flag",
            "address",
            steps=("more postcodes than the 2 that are looked at in one text",),
        ),
    )


def test_what_is_read_before_the_bound_counts_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_POSTCODES", 2)
    assert set(codes(said(f"{HOUSE}, LS9 7AD, LS9 7AE"))) == {"RESTRICTED_CONTENT", "MATCHER_FAILED"}


@pytest.mark.parametrize(
    ("block", "whole", "at_postcode", "in_parts"),
    [(0.7, True, True, True), (0.71, True, True, False), (0.8, True, True, False)],
)
def test_the_policys_threshold_decides_how_much_of_an_address_counts(
    block: float, whole: bool, at_postcode: bool, in_parts: bool
) -> None:
    for body, counts in (
        (f"write to {HOUSE}", whole),
        ("that house, LS1 4AB, 10 Quillet Row, flat 2", at_postcode),
        ("10 quillet row at nine", in_parts),
    ):
        assert (said(body, block=block).decision == "flag") is counts, body


def test_an_address_only_like_hers_is_not_held_in_a_strangers_text() -> None:
    assert said(f"write to {HOUSE.replace('10', '12')}", by=ANOTHER).decision == "allow"


def test_every_restriction_at_one_postcode_is_looked_for_at_each_of_its_places() -> None:
    other = restriction(("address", "Flat 9, 77 Quillet Row, Leeds LS1 4AB"), ("phone", "07700 900456"))
    other = msgspec.structs.replace(other, id="R2", prisoner=ANOTHER)
    body = "LS1 4AB 10 quillet row" + " and so on" * 30 + " ls1 4ab 77 quillet row"
    found = said(body, restriction(), other, by="C3456DE").reasons
    assert {(reason.restriction, reason.given) for reason in found} == {("R1", "LS1 4AB"), ("R2", "ls1 4ab")}


def test_a_place_given_as_a_code_is_told_for_his_own_address() -> None:
    body = "she's at 9C5M27Q9+XX"
    (reason,) = said(body).reasons
    assert (reason.listed, reason.score, reason.restriction) == (HOUSE, 0.7, "R1")
    assert reason.given.casefold() in body.casefold()
    assert reason.steps == ("a place given as a code, which cannot be held against an address",)
    assert said(body, by=ANOTHER).decision == "allow"
    assert said(body, restriction(("phone", NUMBER))).decision == "allow", "he has no address to be at"


def test_each_of_his_own_addresses_is_looked_for() -> None:
    second = "3 Caskmead Street, Wexmoor, Derby DE98 3TB"
    both = restriction(("phone", NUMBER), ("address", HOUSE), ("address", second))
    found = said("3 caskmead street, then 10 quillet row", both).reasons
    assert {reason.listed for reason in found} == {HOUSE, second}
    other = msgspec.structs.replace(restriction(("address", second)), id="R2")
    found = said("3 caskmead street, then 10 quillet row", restriction(), other).reasons
    assert {reason.restriction for reason in found} == {"R1", "R2"}


def test_an_address_that_cannot_be_compared_is_told_as_the_matchers_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise KeyError("lost")

    monkeypatch.setattr(address, "compare", fails)
    (reason,) = [r for r in said(f"write to {HOUSE}", by=ANOTHER).reasons if r.code == "MATCHER_FAILED"]
    assert (reason.matcher, reason.restriction, reason.steps) == (
        "address",
        "R1",
        ("address failed: KeyError",),
    )


@pytest.mark.parametrize("broken", ["10", "77"])
def test_where_one_address_cannot_be_compared_the_next_still_is(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = msgspec.structs.replace(
        restriction(("address", HOUSE.replace("10", "77"))), id="R2", prisoner=ANOTHER
    )
    compare = address.compare

    def fail_for_one(given: Address, listed: Address, **thresholds: float) -> Comparison:
        if broken in listed.numbers:
            raise KeyError(broken)
        return compare(given, listed, **thresholds)

    monkeypatch.setattr(address, "compare", fail_for_one)
    whole = HOUSE if broken == "77" else HOUSE.replace("10", "77")
    found = said(f"write to {whole}", restriction(), other, by="C3456DE").reasons
    assert ("R1" if broken == "77" else "R2", whole) in {
        (reason.restriction, reason.given) for reason in found
    }
    assert ReasonCode.MATCHER_FAILED in {reason.code for reason in found}


def test_a_listed_number_is_told_as_it_was_listed() -> None:
    dialled = restriction(("phone", "141 07700 900123"))
    (reason,) = said("ring 07700 900123", dialled).reasons
    assert (reason.listed, reason.given, reason.code) == (
        "141 07700 900123",
        "07700 900123",
        ReasonCode.RESTRICTED_CONTENT,
    )
    assert [step for step in reason.steps if step.startswith("listed: ")] == list(reason.steps)
    assert reason.steps


def test_an_account_is_told_with_each_step_of_its_reading() -> None:
    (reason,) = checked("message", ELSEWHERE, body="mail RHOS@EXAMPLE.ORG", by=ANOTHER).reasons
    assert (reason.matcher, reason.restriction, reason.listed) == ("email", "R1", "rhos@example.org")


def test_a_letter_without_text_holds_nothing() -> None:
    for body in (None, "", " "):
        asked = Attempt(
            id="L1", channel="letter", to="Ann Lee\n7 Low Road\nYork YO1 7HH", prisoner=HIS, body=body
        )
        told_ = Screener(compile_blocklist([restriction()]), read_policy()).check(asked, NOW)
        assert (told_.decision, told_.reasons) == ("allow", ())


@pytest.mark.parametrize(
    "body", ["0770 5\u03364\u03360900123", "".join(chr(0xE0000 + ord(sign)) for sign in NUMBER)]
)
def test_a_number_that_stands_in_another_reading_of_the_text_is_found(body: str) -> None:
    """Its decoys struck through; in letters that only programs see."""
    assert codes(said(f"so {body} then")) == ["RESTRICTED_CONTENT"]
