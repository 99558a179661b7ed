"""The precedence, rule by rule as `engine/policy.py` tells it, and the choices of `policy.toml`."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import permutations
from typing import Any

import msgspec
import pytest

from engine import screener as screening
from engine.blocklist import compile_blocklist
from engine.finding import Finding
from engine.model import (
    Attempt,
    Channel,
    ConfidentialEntry,
    Contact,
    Decision,
    Exemption,
    ProtectedPerson,
    ReasonCode,
    Restriction,
    Verdict,
)
from engine.policy import Policy, PolicyError, decide, read_policy
from engine.read_attempt import ReadAttempt
from engine.screener import Screener

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HIS, ANOTHER = "A1234BC", "B2345CD"
NUMBER, NEIGHBOUR, ELSEWHERE = "07700 900123", "07700 900124", "01632 960555"
HOUSE = "10 Quillet Row, Leeds LS1 4AB"
HELPLINE = ConfidentialEntry(
    name="Harrow & Pike Solicitors", kind="solicitor", contacts=(Contact(kind="phone", value=NUMBER),)
)
POLICY_TOML = files("engine").joinpath("policy.toml").read_text(encoding="utf-8")


def restriction(contact: str = NUMBER, kind: str = "phone", **fields: Any) -> Restriction:
    defaults: dict[str, Any] = {
        "id": "R1",
        "prisoner": HIS,
        "protected": ProtectedPerson(name="Rhoswen Tallantyre"),
        "contacts": (Contact(kind=kind, value=contact),),  # type: ignore[arg-type]
    }
    return Restriction(**{**defaults, **fields})


def policy_with(*changes: tuple[str, str]) -> Policy:
    text = POLICY_TOML
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return read_policy(text.encode())


def policy_saying(table: str, key: str, word: str) -> Policy:
    """The packaged policy with another word for one key."""
    before, after = POLICY_TOML.split(f"[{table}]\n")
    changed, count = re.subn(rf'(?m)^{key} = "\w+"', f'{key} = "{word}"', after, count=1)
    assert count == 1
    return read_policy(f"{before}[{table}]\n{changed}".encode())


def call(
    *restrictions: Restriction,
    to: str = NUMBER,
    prisoner: str = HIS,
    prison: str | None = "LEI",
    at: datetime = NOW,
    register: Iterable[ConfidentialEntry] = (),
    policy: Policy | None = None,
) -> Decision:
    by = Screener(compile_blocklist(restrictions, register), policy or read_policy())
    attempt = Attempt(id="C1", channel="call", prisoner=prisoner, establishment=prison, to=to)
    return by.check(attempt, at)


def message(
    *restrictions: Restriction,
    to: str = ELSEWHERE,
    body: str | None = None,
    prisoner: str = HIS,
    register: Iterable[ConfidentialEntry] = (),
) -> Decision:
    by = Screener(compile_blocklist(restrictions, register), read_policy())
    return by.check(Attempt(id="M1", channel="message", prisoner=prisoner, to=to, body=body), NOW)


def letter(*restrictions: Restriction, to: str, prisoner: str | None = HIS) -> Decision:
    by = Screener(compile_blocklist(restrictions), read_policy())
    return by.check(Attempt(id="L1", channel="letter", prisoner=prisoner, to=to), NOW)


def codes(decision: Decision) -> list[str]:
    return [reason.code.value for reason in decision.reasons]


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
    decision = by.check(Attempt(id="X1", channel=channel, prisoner=HIS, to=to, body="hello"), NOW)
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

SURER = policy_with(("block = 0.4", "block = 1.0"))


@pytest.mark.parametrize(
    "body",
    [f"go to {HOUSE}", "number 10 Quillet, postcode LS1 4AB", "come to 10 Quillet Row tonight"],
    ids=["an address", "a postcode", "a number and street"],
)
def test_an_address_in_a_text_has_to_be_as_sure_as_the_policy_says(body: str) -> None:
    attempt = Attempt(id="M1", channel="message", prisoner=HIS, to=ELSEWHERE, body=body)
    blocklist = compile_blocklist([AT_HOME])
    assert codes(Screener(blocklist, read_policy()).check(attempt, NOW)) == ["RESTRICTED_CONTENT"]
    assert Screener(blocklist, SURER).check(attempt, NOW).decision == "allow"


def test_an_address_on_an_envelope_on_the_register_or_excepted_has_to_be_as_sure_too() -> None:
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
        assert codes(Screener(blocklist, SURER).check(attempt, NOW)) == doubtful


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


# ── policy.toml ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('NEAR_NUMBER = "flag"\n', "", "NEAR_NUMBER is missing"),
        ('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "flag"\nNEAR_MISS = "flag"', "NEAR_MISS is unknown"),
        ('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "maybe"', "reasons"),
        ('mobile = "allow"\n', "", "number_class: mobile is missing"),
        ('mobile = "allow"', 'mobile = "allow"\nsatellite = "flag"', "number_class: satellite is unknown"),
        ("own_name_score = 0.6", "own_name_score = 1.6", "person.own_name_score"),
        ("own_name_score = 0.6", 'own_name_score = "high"', "person.own_name_score"),
        ("own_name_score = 0.6", "", "own_name_score"),
        ("stale_after_hours = 24", "stale_after = 24", "stale_after"),
        ('allow = "deliver"\n', "", "action.message: allow is missing"),
        ('allow = "post"', 'allow = "post"\nshred = "shred"', "shred"),
        ('STALE_BLOCKLIST = "flag"', 'STALE_BLOCKLIST = "allow"', "reasons.STALE_BLOCKLIST"),
        ('MATCHER_FAILED = "flag"', 'MATCHER_FAILED = "allow"', "reasons.MATCHER_FAILED"),
        ('UNUSABLE_ADDRESS = "flag"', 'UNUSABLE_ADDRESS = "allow"', "reasons.UNUSABLE_ADDRESS"),
        ('UNUSABLE_NUMBER = "block"', 'UNUSABLE_NUMBER = "allow"', "reasons.UNUSABLE_NUMBER"),
        ("stale_after_hours = 24", "stale_after_hours = -1", "blocklist.stale_after_hours"),
        ("stale_after_hours = 24", "stale_after_hours = inf", "blocklist.stale_after_hours"),
        ("stale_after_hours = 24", "stale_after_hours = nan", "blocklist.stale_after_hours"),
        ("[person]", "[persons]", "persons"),
        ("[reasons]", "[reasons", ""),
    ],
)
def test_a_wrong_policy_is_refused_and_the_key_named(old: str, new: str, named: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy_with((old, new))
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("channel", "verdict", "word"),
    [
        ("call", "allow", "connect_and_alert"),
        ("call", "allow", "refuse"),
        ("call", "allow", "deliver"),
        ("call", "flag", "connect"),
        ("call", "flag", "hold"),
        ("call", "block", "connect"),
        ("call", "block", "connect_and_alert"),
        ("message", "allow", "hold"),
        ("message", "flag", "deliver"),
        ("message", "flag", "connect_and_alert"),
        ("message", "block", "deliver"),
        ("letter", "allow", "stop"),
        ("letter", "flag", "post"),
        ("letter", "block", "post"),
        ("letter", "block", "refuse"),
        ("letter", "block", "shred"),
    ],
)
def test_an_action_that_does_not_belong_to_its_channel_and_verdict_is_refused(
    channel: str, verdict: str, word: str
) -> None:
    with pytest.raises(PolicyError, match=rf"^action\.{channel}\.{verdict}: {word} "):
        policy_saying(f"action.{channel}", verdict, word)


@pytest.mark.parametrize(
    ("channel", "verdict", "word"),
    [
        ("call", "flag", "refuse"),
        ("message", "flag", "stop"),
        ("message", "block", "hold"),
        ("letter", "flag", "stop"),
        ("letter", "block", "hold"),
    ],
)
def test_a_prison_may_choose_among_the_actions_that_keep_the_gate_shut(
    channel: Channel, verdict: Verdict, word: str
) -> None:
    assert policy_saying(f"action.{channel}", verdict, word).action[channel][verdict] == word


def test_a_policy_made_without_a_file_is_held_to_the_same_actions() -> None:
    packaged = read_policy()
    loose = {**packaged.action, "call": {**packaged.action["call"], "block": "connect"}}
    with pytest.raises(PolicyError, match=r"^action\.call\.block"):
        msgspec.structs.replace(packaged, action=loose)


FLOOR = [
    "RESTRICTED_NUMBER",
    "RESTRICTED_ADDRESS",
    "RESTRICTED_EMAIL",
    "RESTRICTED_HANDLE",
    "HOUSEHOLD",
    "OTHER_PRISONER",
    "CONFIDENTIAL_CONFLICT",
    "UNUSABLE_NUMBER",
    "UNUSABLE_ADDRESS",
    "DOUBTFUL_READING",
    "UNVERIFIED_PRIVILEGE",
    "STALE_BLOCKLIST",
    "MATCHER_FAILED",
]
"""Exact matches, what could not be read or not be made sure of, and failures."""


@pytest.mark.parametrize("code", FLOOR)
def test_an_exact_match_and_a_failure_cannot_be_made_an_allow(code: str) -> None:
    with pytest.raises(PolicyError, match=rf"^reasons\.{code}: may not be allow"):
        policy_saying("reasons", code, "allow")


@pytest.mark.parametrize("code", sorted({*ReasonCode} - {*FLOOR} - {ReasonCode.NUMBER_CLASS}))
def test_what_is_a_judgement_may_be_made_an_allow(code: str) -> None:
    assert policy_saying("reasons", code, "allow").reasons[code] == "allow"


@pytest.mark.parametrize(
    ("section", "key"), [("reasons", "NEAR_NUMBER"), ("number_class", "mobile"), ("number_class", "premium")]
)
def test_a_word_that_is_no_verdict_is_refused_and_its_key_named(section: str, key: str) -> None:
    with pytest.raises(PolicyError, match=rf"^{section}\.{key}: perhaps "):
        policy_saying(section, key, "perhaps")


def test_the_version_changes_with_a_choice_and_not_with_a_comment() -> None:
    packaged = read_policy()
    assert packaged.version == policy_with(("[reasons]", "# a comment\n[reasons]")).version
    assert packaged.version != policy_with(('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "block"')).version
    assert packaged.version.startswith("sha256:")


def test_a_choice_in_the_policy_is_what_happens() -> None:
    strict = policy_with(('NEAR_NUMBER = "flag"', 'NEAR_NUMBER = "block"'))
    assert call(restriction(), to=NEIGHBOUR).decision == "flag"
    assert call(restriction(), to=NEIGHBOUR, policy=strict).decision == "block"


def test_every_reason_code_has_its_word_in_the_packaged_policy() -> None:
    assert set(read_policy().reasons) == {*ReasonCode} - {ReasonCode.NUMBER_CLASS}


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
