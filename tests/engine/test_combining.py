"""Reasons become one decision: the most restrictive wins, and what is done follows from it."""

from __future__ import annotations

from itertools import permutations

import pytest

from engine.combining import CONTACT_ACTION, conclude, joined, most_restrictive, surest
from engine.model import Action, Decision, Reason, ReasonCode, Verdict
from engine.policy import read_policy

CALL: dict[Verdict, Action] = {**read_policy().action["call"], "flag": "refuse"}
ALLOW = Reason(code=ReasonCode.EXCEPTION, decision="allow", given="07700 900123")
FLAG = Reason(code=ReasonCode.NEAR_NUMBER, decision="flag", given="07700 900123")
BLOCK = Reason(code=ReasonCode.RESTRICTED_NUMBER, decision="block", given="07700 900123")


def concluded(*reasons: Reason, confidential: bool = False) -> Decision:
    return conclude("C1", "call", reasons, CALL, confidential=confidential, blocklist="sha256:0")


@pytest.mark.parametrize(
    ("reasons", "verdict"),
    [((), "allow"), ((ALLOW,), "allow"), ((ALLOW, FLAG), "flag"), ((FLAG, BLOCK, ALLOW), "block")],
)
def test_the_most_restrictive_reason_wins_in_whatever_order(
    reasons: tuple[Reason, ...], verdict: Verdict
) -> None:
    for some in permutations(reasons):
        assert most_restrictive(some) == verdict
        assert concluded(*some) == concluded(*reasons)
    assert concluded(*reasons).decision == verdict


def test_the_gravest_reason_stands_first() -> None:
    assert concluded(ALLOW, FLAG, BLOCK).reasons == (BLOCK, FLAG, ALLOW)


def test_a_confidential_call_that_is_flagged_goes_on_and_one_that_is_blocked_does_not() -> None:
    assert concluded(FLAG).action == "refuse"
    assert concluded(FLAG, confidential=True).action == "connect_and_alert"
    assert concluded(FLAG, BLOCK, confidential=True).action == "refuse"
    assert concluded(confidential=True).action == "connect"


@pytest.mark.parametrize(
    ("reasons", "action"), [((), "add"), ((ALLOW,), "add"), ((FLAG,), "hold"), ((FLAG, BLOCK), "refuse")]
)
def test_a_contact_is_added_held_or_refused(reasons: tuple[Reason, ...], action: str) -> None:
    decision = conclude("K1", "contact", reasons, CONTACT_ACTION, confidential=True, blocklist="sha256:0")
    assert (decision.id, decision.action, decision.confidential) == ("K1", action, True)


def test_what_several_parts_say_of_one_thing_is_said_once() -> None:
    other = Reason(code=ReasonCode.NEAR_NUMBER, decision="flag", given="07700 900125")
    assert joined([concluded(FLAG), concluded(FLAG, BLOCK), concluded(other)]) == [FLAG, BLOCK, other]


def test_of_findings_that_say_the_same_the_surest_is_told() -> None:
    weak, strong = (
        Reason(code=ReasonCode.NEAR_NUMBER, decision="flag", restriction="R1", listed="x", score=score)
        for score in (0.5, 0.9)
    )
    assert surest([weak, strong]) == surest([strong, weak]) == [strong]
    assert surest([weak, FLAG]) == [weak, FLAG]


def test_of_findings_that_are_equally_sure_the_first_is_told() -> None:
    first, second = (
        Reason(code=ReasonCode.NEAR_NUMBER, decision="flag", restriction="R1", listed="x", given=given)
        for given in ("07700 900123", "07700 900124")
    )
    assert surest([first, second]) == [first]
    assert surest([second, first]) == [second]


def test_reasons_equally_grave_stand_by_sureness_code_restriction_and_what_is_listed() -> None:
    def flag(code: ReasonCode, score: float = 1.0, **more: str) -> Reason:
        return Reason(code=code, decision="flag", score=score, **more)  # type: ignore[arg-type]

    ordered = (
        flag(ReasonCode.HIDDEN_NUMBER, restriction="R2"),
        flag(ReasonCode.NEAR_NUMBER),
        flag(ReasonCode.NEAR_NUMBER, restriction="R1", listed="a"),
        flag(ReasonCode.NEAR_NUMBER, restriction="R1", listed="b"),
        flag(ReasonCode.NEAR_NUMBER, restriction="R2", listed="a"),
        flag(ReasonCode.HIDDEN_NUMBER, score=0.9),
    )
    for some in permutations(ordered):
        assert concluded(*some).reasons == ordered
