"""How probable a doubtful door must be to hold a letter depends on who writes, and to whom."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.finding import Finding
from engine.listing import Listing, compile_restriction
from engine.model import Attempt, ReasonCode
from engine.policy import PolicyError, decide, read_policy
from tests.engine.asking import ANOTHER, HIS, NOW, POLICY_TOML, codes, letter, policy_with, restriction

PROTECTED = "Rhoswen Tallantyre"
FLAT_IN_IT = "Flat 2\n10 Quillet Row\nLeeds\nLS1 4AB"
LETTER_BEHIND = "10A Quillet Row\nLeeds\nLS1 4AB"
NAMED_HOUSE = "Bramble Nook\nQuillet Row\nLeeds\nLS1 4AB"
NO_NUMBER = "Quillet Row\nLeeds\nLS1 4AB"
HOUSE = restriction("10 Quillet Row, Leeds LS1 4AB", "address")
DOUBTS = [ReasonCode.PROBABLE_ADDRESS, ReasonCode.INCOMPLETE_ADDRESS]


def _verdict(
    score: float, sender: str | None, *, protected: bool = False, code: ReasonCode = DOUBTS[0]
) -> str:
    found = Finding(
        code=code, matcher="address", given="", score=score, listing=_LISTING, to_protected=protected
    )
    attempt = Attempt(id="L1", channel="letter", prisoner=sender, to="")
    return decide(read_policy(), attempt, NOW, [found], blocklist="").decision


_LISTING: Listing = compile_restriction(HOUSE)
_LEAST = read_policy().address


@given(st.floats(0, 1), st.sampled_from(DOUBTS))
def test_the_named_prisoner_and_an_unknown_sender_need_less_and_her_own_name_nothing(
    score: float, code: ReasonCode
) -> None:
    held = "flag" if score >= _LEAST.flag else "allow"
    assert _verdict(score, HIS, code=code) == held
    assert _verdict(score, None, code=code) == held
    assert _verdict(score, ANOTHER, protected=True, code=code) == "flag"
    assert _verdict(score, ANOTHER, code=code) == ("flag" if score >= _LEAST.others else "allow")


@given(st.floats(0, 1))
def test_an_equal_address_asks_for_no_score(score: float) -> None:
    assert _verdict(score, ANOTHER, code=ReasonCode.RESTRICTED_ADDRESS) == "flag"
    assert _verdict(score, HIS, code=ReasonCode.RESTRICTED_ADDRESS) == "block"


@pytest.mark.parametrize("to", [FLAT_IN_IT, LETTER_BEHIND, NO_NUMBER])
def test_a_door_like_the_listed_one_holds_the_named_prisoners_letter_alone(to: str) -> None:
    for sender, name, held in (
        (HIS, "Bernard Oakshott", "flag"),
        (None, "Bernard Oakshott", "flag"),
        (ANOTHER, PROTECTED, "flag"),
        (ANOTHER, "Bernard Oakshott", "allow"),
    ):
        assert letter(HOUSE, to=f"{name}\n{to}", prisoner=sender).decision == held, (sender, name)


def test_a_named_house_beside_a_listed_number_is_nobodys_doubt() -> None:
    for sender in (HIS, ANOTHER, None):
        assert codes(letter(HOUSE, to=f"Bernard Oakshott\n{NAMED_HOUSE}", prisoner=sender)) == []


@pytest.mark.parametrize(
    "to", ["10 Quillet Row\nLeeds", "10 Quillet Row\nLeeds\nLS1 4AD", "1O Quillet Row\nLS1 4AB"]
)
def test_a_probable_door_holds_every_prisoners_letter(to: str) -> None:
    for sender in (HIS, ANOTHER, None):
        assert letter(HOUSE, to=f"Bernard Oakshott\n{to}", prisoner=sender).decision in ("flag", "block")


@given(st.lists(st.floats(0, 0.4), min_size=2, max_size=2).map(sorted))
def test_a_policy_may_ask_more_of_others_and_never_less(thresholds: list[float]) -> None:
    low, high = thresholds
    kept = policy_with(
        (f"\nflag = {_LEAST.flag}\n", f"\nflag = {low}\n"), (_OTHERS, f"flag_others = {high}\n")
    )
    assert (kept.address.flag, kept.address.others) == (low, high)
    if low < high:
        with pytest.raises(PolicyError, match="flag_others"):
            policy_with(
                (f"\nflag = {_LEAST.flag}\n", f"\nflag = {high}\n"), (_OTHERS, f"flag_others = {low}\n")
            )


_OTHERS = f"flag_others = {_LEAST.others}\n"


def test_the_thresholds_of_addresses_argue_in_the_packaged_policy() -> None:
    lines = POLICY_TOML.splitlines()
    for before, line in pairwise(lines):
        if line.startswith(("flag = 0", "flag_others = 0", "block = 0")):
            assert before.startswith("#")


def test_a_policy_that_does_not_say_asks_no_more_of_others() -> None:
    assert policy_with((_OTHERS, "")).address.others == _LEAST.flag
