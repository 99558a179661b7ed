"""Whole answers: nothing found, a confidential envelope, an account that bears her name."""

from __future__ import annotations

from engine.model import (
    Attempt,
    Decision,
    Exemption,
)
from engine.policy import decide, read_policy
from tests.engine.asking import ANOTHER, ELSEWHERE, HIS, NOW
from tests.engine.test_reasons_told import TO_HIM_THERE, checked, restriction, told


def test_nothing_found_is_an_allow_that_names_its_attempt_and_its_list() -> None:
    attempt = Attempt(id="C7", channel="call", prisoner=HIS, to=ELSEWHERE)
    assert decide(read_policy(), attempt, NOW, [], blocklist="sha256:7") == Decision(
        id="C7", decision="allow", action="connect", confidential=False, blocklist="sha256:7", reasons=()
    )


def test_what_else_is_in_a_confidential_envelope_counts_beside_it() -> None:
    to = "Harrow & Pike Solicitors\n4 Larder Street\nLeeds\nLS1 4AB"
    box = "Ada Bell\nPO Box 123\nLeeds\nLS1 4AB"
    decision = checked("letter", to, register=True, also_to=(box,))
    assert (decision.decision, decision.action, decision.confidential) == ("flag", "hold", True)
    assert [reason.code.value for reason in decision.reasons] == ["PO_BOX", "CONFIDENTIAL"]
    inside = checked("letter", to, register=True, also_to=(TO_HIM_THERE,))
    assert [reason.code.value for reason in inside.reasons] == ["CONFIDENTIAL_CONFLICT"]
    doubted = checked("letter", to, register=True, doubts=("smudged",))
    assert [reason.code.value for reason in doubted.reasons] == ["DOUBTFUL_READING", "CONFIDENTIAL"]


HERS_BY_NAME = "Rhoswen Tallantyre <rhos@example.org>"


def test_an_excepted_account_may_bear_her_name_and_no_other_may() -> None:
    his = (Exemption(prisoner=HIS, contact="rhos@example.org"),)
    excepted = checked("message", HERS_BY_NAME, restriction(exceptions=his))
    assert [reason.code.value for reason in excepted.reasons] == ["EXCEPTION"]
    other = "Rhoswen Tallantyre <other@example.org>"
    by_another = checked("message", other, restriction(exceptions=his))
    assert [reason.code.value for reason in by_another.reasons] == ["RESTRICTED_PERSON"]
    called = checked("call", f"Rhoswen Tallantyre {ELSEWHERE}", restriction(exceptions=his))
    assert [reason.code.value for reason in called.reasons] == ["RESTRICTED_PERSON"]


def test_his_own_restricted_number_without_its_area_code_is_told_and_nobody_elses() -> None:
    one = restriction(("phone", "0113 496 0123"))
    assert checked("message", ELSEWHERE, one, body="ring 496 0123").reasons == (
        told("HIDDEN_NUMBER", "flag", "digits", "496 0123", "0113 496 0123", steps=("area code left out",)),
    )
    assert checked("message", ELSEWHERE, one, by=ANOTHER, body="ring 496 0123").reasons == ()


def test_a_name_without_a_request_is_told_as_it_is_written() -> None:
    (reason,) = checked("message", ELSEWHERE, body="we saw Rhoswen Tallantyre").reasons
    assert (reason.code.value, reason.given) == ("RESTRICTED_CONTENT", "rhoswen tallantyre")
