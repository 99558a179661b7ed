"""The precedence, rule by rule as `engine/policy.py` tells it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from engine import screener as screening
from engine.blocklist import compile_blocklist
from engine.finding import Finding
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Exemption,
    ReasonCode,
    Restriction,
)
from engine.policy import decide, read_policy
from engine.read_attempt import ReadAttempt
from engine.screener import Screener
from tests.engine.asking import (
    ANOTHER,
    ELSEWHERE,
    HELPLINE,
    HIS,
    NEIGHBOUR,
    NOW,
    NUMBER,
    call,
    codes,
    letter,
    message,
    policy_with,
    restriction,
)

# ── 1: the confidential register ────────────────────────────────────────────────────────────────────────


def test_a_confidential_number_is_allowed_and_marked() -> None:
    decision = call(restriction(ELSEWHERE), register=[HELPLINE])
    assert (decision.decision, decision.action, decision.confidential) == ("allow", "connect", True)
    assert codes(decision) == ["CONFIDENTIAL"]


@pytest.mark.parametrize("to", ["0800 000 0000", "116 123", "1571", "141 0800 0000000"])
def test_a_confidential_number_is_allowed_whatever_its_class(to: str) -> None:
    entry = ConfidentialEntry(
        name="Lantern Line", kind="helpline", contacts=(Contact(kind="phone", value=to.removeprefix("141 ")),)
    )
    assert call(restriction(ELSEWHERE), to=to, register=[entry]).decision == "allow"


def test_the_content_of_a_confidential_message_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(_: ReadAttempt) -> Iterable[Finding]:
        raise AssertionError("the content was looked at")

    monkeypatch.setattr(screening, "CONTENT", (look,))
    decision = message(
        restriction(ELSEWHERE), to=NUMBER, body=f"tell Rhoswen Tallantyre {ELSEWHERE}", register=[HELPLINE]
    )
    assert (decision.decision, codes(decision)) == ("allow", ["CONFIDENTIAL"])


def test_a_number_both_confidential_and_restricted_flags_and_still_connects() -> None:
    for prisoner in (HIS, ANOTHER):
        decision = call(restriction(), register=[HELPLINE], prisoner=prisoner)
        assert (decision.decision, decision.action, decision.confidential) == (
            "flag",
            "connect_and_alert",
            True,
        )
        assert codes(decision) == ["CONFIDENTIAL_CONFLICT"]
        assert decision.reasons[0].restriction == "R1"


def test_a_conflict_connects_even_where_flagged_calls_are_refused() -> None:
    strict = policy_with(('flag = "connect_and_alert"', 'flag = "refuse"'))
    assert call(restriction(), register=[HELPLINE], policy=strict).action == "connect_and_alert"
    assert call(restriction(), to="070 0000 0000", policy=strict).action == "refuse"


def test_a_court_order_on_a_confidential_number_is_a_conflict_too() -> None:
    decision = call(restriction(court_order="order 7"), register=[HELPLINE])
    assert (decision.decision, codes(decision)) == ("flag", ["CONFIDENTIAL_CONFLICT"])


def test_a_conflict_needs_the_same_number_and_not_one_digit_away() -> None:
    decision = call(restriction(NEIGHBOUR), register=[HELPLINE])
    assert (decision.decision, codes(decision)) == ("allow", ["CONFIDENTIAL"])


def test_a_restriction_that_is_over_makes_no_conflict() -> None:
    assert call(restriction(until="2026-02-01"), register=[HELPLINE]).decision == "allow"


def test_a_number_near_a_confidential_one_is_not_confidential() -> None:
    decision = call(restriction(NEIGHBOUR), to=NEIGHBOUR, register=[HELPLINE])
    assert (decision.decision, decision.confidential) == ("block", False)


@pytest.mark.parametrize("to", ["900123", "07700 90012", "Harrow & Pike Solicitors"])
def test_only_a_sure_match_is_confidential(to: str) -> None:
    assert not call(restriction(ELSEWHERE), to=to, register=[HELPLINE]).confidential


# ── 2: exceptions ───────────────────────────────────────────────────────────────────────────────────────

BROTHER = (Exemption(prisoner=ANOTHER, contact="+44 7700 900123"),)


def test_an_exception_allows_its_prisoner_on_its_number_however_written() -> None:
    decision = call(restriction(exceptions=BROTHER), prisoner=ANOTHER, to="141 07700900123")
    assert (decision.decision, decision.action, codes(decision)) == ("allow", "connect", ["EXCEPTION"])


def test_an_exception_is_for_nobody_else_and_for_nothing_else() -> None:
    one = restriction(
        exceptions=BROTHER,
        contacts=(Contact(kind="phone", value=NUMBER), Contact(kind="phone", value=ELSEWHERE)),
    )
    assert call(one, prisoner=HIS).decision == "block"
    assert call(one, prisoner="C3456DE").decision == "block"
    assert call(one, prisoner=ANOTHER, to=ELSEWHERE).decision == "block"


def test_an_exception_yields_to_a_court_order_by_a_flag() -> None:
    decision = call(restriction(exceptions=BROTHER, court_order="order 7"), prisoner=ANOTHER)
    assert (decision.decision, codes(decision)) == ("flag", ["EXCEPTION"])
    assert "a court order stands" in decision.reasons[0].steps


def test_another_restriction_on_the_same_number_holds_in_spite_of_an_exception() -> None:
    decision = call(restriction(exceptions=BROTHER), restriction(id="R2"), prisoner=ANOTHER)
    assert (decision.decision, decision.reasons[0].restriction) == ("block", "R2")
    assert codes(decision) == ["RESTRICTED_NUMBER", "EXCEPTION"]


def test_an_exception_for_a_bridging_number_silences_its_class() -> None:
    number = "0800 000 0000"
    one = restriction(number, exceptions=(Exemption(prisoner=ANOTHER, contact=number),))
    assert call(one, prisoner=ANOTHER, to=number).decision == "allow"


@pytest.mark.parametrize("order", ["order 7", True, {"court": "Ambermouth"}, {}])
def test_a_court_order_of_any_form_is_one(order: Any) -> None:
    assert call(restriction(exceptions=BROTHER, court_order=order), prisoner=ANOTHER).decision == "flag"


def test_a_court_order_alone_blocks() -> None:
    assert call(restriction(court_order=True)).decision == "block"


def test_an_excepted_recipient_does_not_excuse_what_the_message_says() -> None:
    one = restriction(exceptions=BROTHER)
    decision = message(one, to=NUMBER, body="ring 07700 900123", prisoner=ANOTHER)
    assert decision.decision == "flag"


# ── 3: the most restrictive reason ──────────────────────────────────────────────────────────────────────


def test_a_block_outweighs_a_flag_and_stands_first() -> None:
    decision = call(restriction("0800 000 0000"), to="0800 000 0000")
    assert decision.decision == "block"
    assert codes(decision) == ["RESTRICTED_NUMBER", "NUMBER_CLASS"]


def test_a_flag_outweighs_an_exception() -> None:
    one = restriction(exceptions=BROTHER, scope="prisoner", establishment="LEI")
    two = restriction(id="R2", scope="prisoner", establishment="LEI")
    decision = call(one, two, prisoner=ANOTHER)
    assert (decision.decision, codes(decision)) == ("flag", ["OTHER_PRISONER", "EXCEPTION"])


def test_no_reason_at_all_allows() -> None:
    decision = call(restriction(), to=ELSEWHERE)
    assert (decision.decision, decision.action, decision.reasons) == ("allow", "connect", ())


@pytest.mark.parametrize(
    ("to", "verdict", "action"),
    [(NUMBER, "block", "stop"), (NEIGHBOUR, "flag", "hold"), (ELSEWHERE, "allow", "deliver")],
)
def test_each_verdict_has_a_messages_action(to: str, verdict: str, action: str) -> None:
    decision = message(restriction(), to=to)
    assert (decision.decision, decision.action) == (verdict, action)


# ── 4: what cannot be read ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("to", ["", "mum", "???", "00000000000"])
def test_an_unusable_number_blocks_a_call_and_flags_a_message(to: str) -> None:
    asked, written = call(restriction(), to=to), message(restriction(), to=to, body="hello")
    assert (asked.decision, asked.action, codes(asked)) == ("block", "refuse", ["UNUSABLE_NUMBER"])
    assert (written.decision, written.action, codes(written)) == ("flag", "hold", ["UNUSABLE_NUMBER"])


def test_an_unusable_address_flags() -> None:
    decision = letter(restriction(), to="???")
    assert (decision.decision, decision.action, codes(decision)) == ("flag", "hold", ["UNUSABLE_ADDRESS"])


# ── 5: failures and a list that nothing may rest on ─────────────────────────────────────────────────────


def test_a_stale_list_lifts_an_allow_to_a_flag_and_leaves_a_block() -> None:
    blocklist, policy = compile_blocklist([restriction()]), read_policy()
    at_the_limit = Screener(blocklist, policy, confirmed=NOW - policy.stale_after)
    beyond = Screener(blocklist, policy, confirmed=NOW - policy.stale_after - timedelta(seconds=1))
    other = Attempt(id="C1", channel="call", prisoner=HIS, to=ELSEWHERE)
    hers = Attempt(id="C2", channel="call", prisoner=HIS, to=NUMBER)
    assert at_the_limit.check(other, NOW).decision == "allow"
    assert (beyond.check(other, NOW).decision, codes(beyond.check(other, NOW))) == (
        "flag",
        ["STALE_BLOCKLIST"],
    )
    assert codes(beyond.check(hers, NOW)) == ["RESTRICTED_NUMBER"]


def test_an_attempt_cannot_make_a_stale_list_fresh_by_its_own_time() -> None:
    by = Screener(compile_blocklist([restriction()]), read_policy(), confirmed=NOW - timedelta(days=9))
    attempt = Attempt(id="C1", channel="call", prisoner=HIS, to=ELSEWHERE, at="2026-02-20T12:00:00Z")
    assert by.check(attempt, NOW).decision == "flag"


@pytest.mark.parametrize(("restrictions", "complete"), [((), True), ((restriction(),), False)])
def test_an_empty_or_incomplete_list_lifts_an_allow_to_a_flag(
    restrictions: tuple[Restriction, ...], complete: bool
) -> None:
    by = Screener(compile_blocklist(restrictions, complete=complete), read_policy())
    decision = by.check(Attempt(id="C1", channel="call", prisoner=HIS, to=ELSEWHERE), NOW)
    assert (decision.decision, codes(decision)) == ("flag", ["STALE_BLOCKLIST"])


def test_a_stale_list_lifts_an_exception_too() -> None:
    by = Screener(compile_blocklist([restriction(exceptions=BROTHER)], complete=False), read_policy())
    decision = by.check(Attempt(id="C1", channel="call", prisoner=ANOTHER, to=NUMBER), NOW)
    assert (decision.decision, codes(decision)) == ("flag", ["STALE_BLOCKLIST", "EXCEPTION"])


def _broken(_: ReadAttempt) -> Iterable[Finding]:
    raise RuntimeError(NUMBER)


NOT_PLAIN = "h\u00e9llo"
"""A text that is not answered before the matchers are asked."""

FAILING: list[tuple[str, str, Callable[[pytest.MonkeyPatch], None]]] = [
    ("call", "recipient", lambda patch: patch.setitem(screening.RECIPIENT, "call", (_broken,))),
    ("message", "recipient", lambda patch: patch.setitem(screening.RECIPIENT, "message", (_broken,))),
    ("letter", "recipient", lambda patch: patch.setitem(screening.RECIPIENT, "letter", (_broken,))),
    ("message", "content", lambda patch: patch.setattr(screening, "CONTENT", (_broken,))),
    ("call", "register", lambda patch: patch.setitem(screening.CONFIDENTIAL, "call", _broken)),
]


@pytest.mark.parametrize(("channel", "part", "break_it"), FAILING, ids=[f"{c} {p}" for c, p, _ in FAILING])
def test_a_part_that_fails_flags_and_says_so_without_repeating_what_it_was_given(
    channel: Any, part: str, break_it: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(monkeypatch)
    by = Screener(compile_blocklist([restriction()]), read_policy())
    to = "Ada Bell\n4 Quillet Row\nLeeds\nLS1 4AB" if channel == "letter" else ELSEWHERE
    decision = by.check(Attempt(id="X1", channel=channel, prisoner=HIS, to=to, body=NOT_PLAIN), NOW)
    assert (decision.decision, codes(decision)) == ("flag", ["MATCHER_FAILED"]), part
    assert "RuntimeError" in decision.reasons[0].steps[0]
    assert NUMBER not in repr(decision)


def test_a_failing_part_does_not_silence_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "CONTENT", (_broken, *screening.CONTENT))
    decision = message(restriction(), to=NUMBER, body="hello")
    assert (decision.decision, codes(decision)) == ("block", ["RESTRICTED_NUMBER", "MATCHER_FAILED"])
    decision = message(restriction(), body=f"ring {NUMBER}")
    assert set(codes(decision)) == {"RESTRICTED_CONTENT", "MATCHER_FAILED"}


def test_a_register_that_cannot_be_asked_lets_nothing_through_as_confidential(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(screening.CONFIDENTIAL, "call", _broken)
    decision = call(restriction(), register=[HELPLINE])
    assert (decision.decision, decision.confidential) == ("block", False)


# ── the same question, the same answer ──────────────────────────────────────────────────────────────────


def test_the_order_of_the_restrictions_changes_nothing() -> None:
    several = [
        restriction(),
        restriction(id="R2", court_order=True),
        restriction(id="R3", scope="prisoner"),
        restriction(NEIGHBOUR, id="R4"),
    ]
    answers = {repr(call(*some)) for some in permutations(several)}
    assert len(answers) == 1


def test_reasons_stand_from_the_most_restrictive_down() -> None:
    severity = {"block": 2, "flag": 1, "allow": 0}
    decision = call(
        restriction(exceptions=(Exemption(prisoner=HIS, contact=NUMBER),)),
        restriction(id="R2"),
        restriction(NEIGHBOUR, id="R3"),
        restriction(id="R0"),
    )
    ranks = [severity[reason.decision] for reason in decision.reasons]
    assert ranks == sorted(ranks, reverse=True)
    assert [r.restriction for r in decision.reasons] == ["R0", "R2", "R3", "R1"]


def test_one_reason_stands_for_findings_that_say_the_same() -> None:
    findings = [
        Finding(code=ReasonCode.EXTRA_DIGITS, matcher="phone", given=NUMBER, score=score, steps=(str(score),))
        for score in (0.2, 0.9, 0.5)
    ]
    attempt = Attempt(id="C1", channel="call", prisoner=HIS, to=NUMBER)
    for order in permutations(findings):
        decision = decide(read_policy(), attempt, NOW, order, blocklist="sha256:0")
        assert [reason.score for reason in decision.reasons] == [0.9]


def test_an_answer_names_its_blocklist_and_its_attempt() -> None:
    blocklist = compile_blocklist([restriction()])
    decision = Screener(blocklist, read_policy()).check(
        Attempt(id="C-77", channel="call", prisoner=HIS, to=NUMBER), NOW
    )
    assert (decision.id, decision.blocklist) == ("C-77", blocklist.version)


def test_the_same_attempts_in_any_order_get_the_same_answers() -> None:
    by = Screener(compile_blocklist([restriction(), restriction(NEIGHBOUR, id="R2")]), read_policy())
    attempts = [
        Attempt(id=str(n), channel="call", prisoner=(HIS, ANOTHER)[n % 2], to=f"07700 900{n + 100}")
        for n in range(60)
    ]
    first = {attempt.id: by.check(attempt, NOW) for attempt in attempts}
    random.Random(3).shuffle(attempts)
    assert {attempt.id: by.check(attempt, NOW) for attempt in attempts} == first


# ── a restriction that does not hold hides nothing ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "over",
    [
        {"until": "2020-01-01"},
        {"from_": "2999-01-01"},
        {"scope": "prisoner", "establishment": "BXI", "prisoner": ANOTHER},
    ],
    ids=str,
)
@pytest.mark.parametrize("to", ["07700 900123,5551234", "07700 900123 ext 5", "0113 496"])
def test_what_is_odd_about_a_number_flags_though_a_restriction_that_does_not_hold_lists_it(
    over: dict[str, Any], to: str
) -> None:
    unlisted = call(restriction("01632 960999"), to=to)
    listed = call(restriction("01632 960999"), restriction(id="R2", **over), to=to)
    assert (listed.decision, codes(listed)) == (unlisted.decision, codes(unlisted))
    assert listed.decision == "flag"


def test_a_listed_number_says_more_than_what_is_odd_about_it() -> None:
    assert codes(call(restriction(), to="07700 900123,5551234")) == ["RESTRICTED_NUMBER"]
    assert codes(call(restriction("496 0123"), to="496 0123", prison=None)) == ["NEAR_NUMBER"]


def test_a_number_like_a_listed_one_says_no_more_than_what_is_odd_about_it() -> None:
    assert codes(call(restriction(), to="07700 900124,5551234")) == ["EXTRA_DIGITS", "NEAR_NUMBER"]
    area_code_left_out = call(restriction("0113 496 0123"), to="496 0123", prison=None)
    assert codes(area_code_left_out) == ["INCOMPLETE_NUMBER", "NEAR_NUMBER"]


def test_a_listed_number_in_the_text_excuses_nothing_about_the_recipient() -> None:
    assert set(codes(message(restriction(), to=f"{ELSEWHERE},5551234", body=f"ring {NUMBER}"))) == {
        "EXTRA_DIGITS",
        "RESTRICTED_CONTENT",
    }
