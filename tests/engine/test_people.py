"""Protected people named beside a number or account, and in what is said, for their own prisoner alone."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from engine.blocklist import compile_blocklist
from engine.model import (
    Attempt,
    Channel,
    Contact,
    Decision,
    Exemption,
    ProtectedPerson,
    ReasonCode,
    Restriction,
)
from engine.policy import read_policy
from engine.scores import SCORES
from engine.screener import Screener
from matchers.person import Naming, ways_of_naming

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HIS, ANOTHER, BROTHER = "A1234BC", "B2345CD", "C3456DE"
RESTRICTION = Restriction(
    id="R1",
    prisoner=(HIS, BROTHER),
    protected=ProtectedPerson(name="Sarah Jane Okafor", aliases=("Sally Okafor",)),
    contacts=(Contact(kind="phone", value="07700 900123"), Contact(kind="handle", value="@sal_o92")),
    exceptions=(Exemption(prisoner=BROTHER, contact="07700 900123"),),
)
SCREENER = Screener(compile_blocklist([RESTRICTION]), read_policy())


def check(channel: Channel, to: str, prisoner: str = HIS, body: str | None = None) -> Decision:
    return SCREENER.check(Attempt(id="A1", channel=channel, prisoner=prisoner, to=to, body=body), NOW)


def codes(decision: Decision) -> set[ReasonCode]:
    return {reason.code for reason in decision.reasons}


NAMED: list[tuple[Channel, str]] = [
    ("call", "Sarah Okafor 07700 900456"),
    ("call", "07700 900456 (S. Okafor)"),
    ("call", "Okafor, Sarah: 07700 900456"),
    ("call", "Mrs Okafor 07700900456"),
    ("message", "Sally Okafor <07700 900456>"),
    ("message", '"Sarah Jane Okafor" <new1@example.org>'),
    ("message", "sarah.okafor@example.org"),
    ("message", "Ѕаrah Okafor 07700 900456"),
]


@pytest.mark.parametrize(("channel", "to"), NAMED)
def test_her_name_beside_another_number_or_account_flags_for_her_own_prisoner(
    channel: Channel, to: str
) -> None:
    decision = check(channel, to)
    assert decision.decision == "flag"
    assert ReasonCode.RESTRICTED_PERSON in codes(decision)


@pytest.mark.parametrize(("channel", "to"), NAMED)
def test_it_is_a_namesake_for_anybody_else(channel: Channel, to: str) -> None:
    assert check(channel, to, ANOTHER).decision == "allow"


@pytest.mark.parametrize(
    "to", ["07700 900456", "Sarah 07700 900456", "Tom Okafor 07700 900456", "home: 07700 900456"]
)
def test_a_bare_number_a_first_name_and_another_name_beside_it_pass(to: str) -> None:
    assert ReasonCode.RESTRICTED_PERSON not in codes(check("call", to))


def test_her_own_number_is_blocked_with_her_name_or_without() -> None:
    assert check("call", "Sarah Okafor 07700 900123").decision == "block"


def test_who_may_use_the_number_may_write_her_name_beside_it() -> None:
    assert codes(check("call", "Sarah Okafor 07700 900123", BROTHER)) == {ReasonCode.EXCEPTION}
    assert check("call", "Sarah Okafor 07700 900456", BROTHER).decision == "flag"


@pytest.mark.parametrize(
    ("body", "code", "step"),
    [
        ("tell Sally I am sorry", "RELAY_REQUEST", 'asked to pass something on: "tell"'),
        ("have a word wiv sarah 4 me", "RELAY_REQUEST", 'asked to pass something on: "have a word with"'),
        ("make Sarah drop it", "RESTRICTED_CONTENT", 'pressure or a threat: "make … drop"'),
        (
            "whats Sarahs new number",
            "RESTRICTED_CONTENT",
            'speaks to her or him, or asks where she or he is: "whats … new number"',
        ),
        ("Sarah Okafor was on the news", "RESTRICTED_CONTENT", "the full name"),
        ("tell our kids mum im sorry", "RELAY_REQUEST", "what she or he is to him"),
        ("make her drop the charges", "RESTRICTED_CONTENT", "nobody is named"),
    ],
)
def test_what_is_said_is_held_for_her_own_prisoner_with_the_phrase_shown(
    body: str, code: str, step: str
) -> None:
    decision = check("message", "07700 900456", body=body)
    assert (decision.decision, codes(decision)) == ("flag", {ReasonCode(code)})
    assert any(step in reason.steps for reason in decision.reasons)
    assert check("message", "07700 900456", ANOTHER, body).decision == "allow"


@pytest.mark.parametrize("prisoner", [BROTHER, ANOTHER])
def test_a_restricted_account_is_held_for_every_prisoner(prisoner: str) -> None:
    decision = check("message", "07700 900456", prisoner, "she goes by sal_o92")

    assert (decision.decision, codes(decision)) == ("flag", {ReasonCode.RESTRICTED_CONTENT})
    assert "the account name" in decision.reasons[0].steps


def test_an_account_in_a_text_is_told_once_as_it_stands_there() -> None:
    one = msgspec.structs.replace(RESTRICTION, contacts=(Contact(kind="handle", value="@okaforium"),))
    screener = Screener(compile_blocklist([one]), read_policy())
    asked = Attempt(id="A1", channel="message", prisoner=HIS, to="07700 900456", body="okaforium is her name")
    (reason,) = screener.check(asked, NOW).reasons
    assert (reason.listed, reason.given, reason.restriction) == ("@okaforium", "okaforium", "R1")


def test_an_account_called_by_her_name_is_told_once_as_the_name() -> None:
    one = msgspec.structs.replace(RESTRICTION, contacts=(Contact(kind="handle", value="@okafor"),))
    screener = Screener(compile_blocklist([one]), read_policy())
    asked = Attempt(id="A1", channel="message", prisoner=HIS, to="07700 900456", body="Sarah Okafor was here")
    assert [reason.steps[0] for reason in screener.check(asked, NOW).reasons] == ["the full name"]


@pytest.mark.parametrize("broken", ["R1", "R2"])
def test_a_listing_that_cannot_be_looked_for_flags_and_the_others_are(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Restriction(
        id="R2",
        prisoner=HIS,
        protected=ProtectedPerson(name="Rhoswen Tallantyre"),
        contacts=(Contact(kind="phone", value="07700 900789"),),
    )
    screener = Screener(compile_blocklist([RESTRICTION, other]), read_policy())
    wrong = "Sarah Jane Okafor" if broken == "R1" else "Rhoswen Tallantyre"

    def fail_for_one(names: tuple[str, ...]) -> Naming:
        if wrong in names:
            raise KeyError(wrong)
        return ways_of_naming(names)

    monkeypatch.setattr("engine.people.ways_of_naming", fail_for_one)
    body = "tell Sarah Okafor and Rhoswen Tallantyre I am sorry"
    asked = Attempt(id="A1", channel="message", prisoner=HIS, to="07700 900456", body=body)
    told = {reason.restriction: reason for reason in screener.check(asked, NOW).reasons}
    assert told[broken].code is ReasonCode.MATCHER_FAILED
    assert (told[broken].matcher, told[broken].steps) == ("person", ("person failed: KeyError",))
    assert told["R2" if broken == "R1" else "R1"].code is ReasonCode.RELAY_REQUEST


def test_an_alias_is_told_as_the_name_that_was_meant() -> None:
    told = check("call", "Sally Okafor 07700 900456").reasons
    reason = max(told, key=lambda one: one.score)
    assert reason.listed in ("Sally Okafor", "Sarah Jane Okafor")
    assert reason.given == "Sally Okafor 07700 900456"
    assert reason.steps[-1] == "beside the number or account"
    assert reason.restriction == "R1"
    assert reason.score == 1.0


@pytest.mark.parametrize(
    ("to", "step"),
    [
        ("Mrs Okafor 07700900456", "title and family name"),
        ("07700 900456 (S. Okafor)", "initial and family name"),
        ("Sarah Okafor 07700 900456", "the full name"),
    ],
)
def test_how_she_is_named_beside_a_number_is_told(to: str, step: str) -> None:
    (reason,) = check("call", to).reasons
    assert (reason.steps[0], reason.matcher, reason.score > 0) == (step, "person", True)


def test_who_may_use_one_of_her_accounts_may_write_her_name_beside_no_other() -> None:
    one = msgspec.structs.replace(RESTRICTION, exceptions=(Exemption(prisoner=BROTHER, contact="@sal_o92"),))
    screener = Screener(compile_blocklist([one]), read_policy())

    def told(to: str, by: str) -> set[ReasonCode]:
        asked = Attempt(id="A1", channel="message", prisoner=by, to=to)
        return {reason.code for reason in screener.check(asked, NOW).reasons}

    assert ReasonCode.RESTRICTED_PERSON not in told("@sal_o92", BROTHER)
    assert ReasonCode.RESTRICTED_PERSON in told("Sarah Okafor <new1@example.org>", BROTHER)
    assert ReasonCode.RESTRICTED_PERSON in told("Sarah Okafor 07700 900456", BROTHER)
    assert ReasonCode.RESTRICTED_PERSON in told("Sarah Okafor <new1@example.org>", HIS)


@pytest.mark.parametrize(
    ("body", "given"),
    [
        ("tell Sally I am sorry", "tell … sally"),
        ("make Sarah drop it", "make … sarah … drop"),
        ("Sarah better watch out", "sarah … better watch"),
    ],
)
def test_the_phrase_is_shown_around_the_name_as_it_was_said(body: str, given: str) -> None:
    assert given in [reason.given for reason in check("message", "07700 900456", body=body).reasons]


def test_what_is_said_of_nobody_is_told_of_the_protected_person() -> None:
    (reason,) = check("message", "07700 900456", body="make her drop the charges").reasons
    assert (reason.listed, reason.steps[0]) == ("Sarah Jane Okafor", "nobody is named")


def test_a_name_beside_a_number_is_as_sure_as_its_form() -> None:
    for to, kind in (("Sarah Okafor 07700 900456", "full"), ("07700 900456 (S. Okafor)", "initial_surname")):
        (reason,) = [one for one in check("call", to).reasons if one.code is ReasonCode.RESTRICTED_PERSON]
        assert reason.score == SCORES["name", kind]
    assert SCORES["name", "full"] != SCORES["name", "initial_surname"]


@pytest.mark.parametrize("body", ["message @sal_o92 for me", "tell sal_o92 I am sorry"])
def test_a_request_to_pass_something_on_to_her_account_is_one_to_her(body: str) -> None:
    told = check("message", "07700 900888", body=body).reasons
    named = [one for one in told if one.matcher == "person" and one.steps[0] == "the account name"]
    assert [(one.code, one.listed) for one in named] == [(ReasonCode.RELAY_REQUEST, "@sal_o92")]


def test_only_an_account_is_looked_for_as_one() -> None:
    told = check("message", "07700 900888", body="tell 07700 900123 I am sorry")
    assert not any(one.matcher == "person" for one in told.reasons)
