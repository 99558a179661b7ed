"""What a machine read of an envelope: other readings, other addresses, doubts and markings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from engine.blocklist import compile_blocklist
from engine.jsonl import InputError, check_attempt
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Decision,
    ProtectedPerson,
    ReasonCode,
    Restriction,
)
from engine.policy import read_policy
from engine.screener import Screener
from matchers import address
from matchers.address import Address, Comparison

NOW = datetime(2026, 5, 4, tzinfo=UTC)
HERS = "14 Larkmead Street\nAmbermouth\nQB1 4AB"
OTHER = "Mr J Brown\n7 Quarry Lane\nOtherstead\nQB9 9ZZ"
FIRM = "Hale and Partners\n3 Assize Court\nAmbermouth\nQB2 1AA"
RESTRICTION = Restriction(
    id="R1",
    prisoner="X1234BC",
    protected=ProtectedPerson(name="Rhoswen Tallantyre"),
    contacts=(Contact(kind="address", value=HERS), Contact(kind="phone", value="07700 900123")),
)
REGISTER = ConfidentialEntry(
    name="Hale and Partners", kind="legal", contacts=(Contact(kind="address", value=FIRM),)
)
SCREENER = Screener(compile_blocklist([RESTRICTION], [REGISTER]), read_policy())


def check(**fields: Any) -> Decision:
    given: dict[str, Any] = {"id": "L1", "channel": "letter", "to": OTHER, "prisoner": "X1234BC", **fields}
    return SCREENER.check(check_attempt(Attempt(**given)), NOW)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_restricted_address_among_the_other_readings_flags_and_never_blocks() -> None:
    misread = HERS.replace("14", "19")
    assert check(to=misread).decision == "allow"
    decision = check(to=misread, readings=(OTHER, HERS))
    assert (decision.decision, codes(decision)) == ("flag", [ReasonCode.PROBABLE_ADDRESS])
    (reason,) = decision.reasons
    assert (reason.given, reason.steps[0]) == (HERS, "read another way")


def test_readings_of_somebody_elses_address_say_nothing() -> None:
    assert check(readings=(OTHER.replace("7", "1"), "unreadable", "")).decision == "allow"


def test_a_reading_without_the_number_that_was_read_says_nothing() -> None:
    without = HERS.replace("14 ", "")
    assert check(to=HERS.replace("14", "19"), readings=(without,)).decision == "allow"
    unnumbered = "The Old Forge\nQuarry Lane\nOtherstead\nQB9 9ZZ"
    assert check(to=unnumbered).decision == "allow"
    assert codes(check(to=unnumbered, readings=(without,))) == [ReasonCode.PROBABLE_ADDRESS]


def test_what_blocks_as_it_was_read_blocks_whatever_else_it_may_be() -> None:
    assert check(to=HERS, readings=(OTHER,)).decision == "block"


def test_an_address_inside_is_checked_as_the_one_outside() -> None:
    decision = check(also_to=(HERS,))
    assert (decision.decision, codes(decision)) == ("block", [ReasonCode.RESTRICTED_ADDRESS])
    assert check(also_to=("Rhoswen Tallantyre\n2 Far Street\nElsewhere\nQB7 7AA",)).decision == "flag"


@pytest.mark.parametrize("to", [f"{OTHER}\n{HERS}", f"{HERS}\n{OTHER}", f"{OTHER}, {HERS}"])
def test_a_second_address_under_the_first_is_checked_too(to: str) -> None:
    assert check(to=to).decision == "block"
    assert check(also_to=(to,)).decision == "block"


def test_a_postcode_written_twice_makes_no_second_address() -> None:
    assert check(to=f"{OTHER}\nQB9 9ZZ").decision == "allow"


def test_a_doubt_flags_and_says_why() -> None:
    decision = check(doubts=("the postcode cannot be read",))
    assert (decision.decision, codes(decision)) == ("flag", [ReasonCode.DOUBTFUL_READING])
    assert decision.reasons[0].steps == ("the postcode cannot be read",)
    several = ("the postcode cannot be read", "two addresses could be meant")
    (reason,) = check(doubts=several).reasons
    assert reason.steps == several


def test_a_marking_proves_nothing_and_its_text_is_not_looked_at() -> None:
    decision = check(privileged=True, body="ring 07700 900123")
    assert codes(decision) == [ReasonCode.UNVERIFIED_PRIVILEGE]
    assert ReasonCode.RESTRICTED_CONTENT in codes(check(body="ring 07700 900123"))


def test_the_register_proves_it() -> None:
    decision = check(to=FIRM, privileged=True, body="ring 07700 900123")
    assert (decision.decision, decision.confidential) == ("allow", True)


@pytest.mark.parametrize("name", ["Mr J Brown", "Rhoswen Tallantyre", "Pike and Partners", ""])
def test_the_registers_address_counts_only_with_the_entrys_own_name(name: str) -> None:
    decision = check(to=FIRM.replace("Hale and Partners", name).strip(), body="ring 07700 900123")
    assert (decision.decision, decision.confidential) == ("flag", False)
    assert ReasonCode.RESTRICTED_CONTENT in codes(decision)


@pytest.mark.parametrize(
    "fields",
    [
        {"also_to": (HERS,)},
        {"also_to": (HERS.replace("Larkmead", "Larkmaed"),)},
        {"also_to": ("Rhoswen Tallantyre\n2 Far Street\nElsewhere\nQB7 7AA",)},
        {"readings": (HERS,)},
        {"doubts": ("two addresses could be meant",)},
    ],
)
def test_the_register_proves_the_recipient_and_nothing_else(fields: dict[str, Any]) -> None:
    decision = check(to=FIRM, **fields)
    assert (decision.decision, decision.confidential) == ("flag", True)


@pytest.mark.parametrize("part", ["to", "body"])
@pytest.mark.parametrize("broken", ["R1", "R2"])
def test_an_address_that_cannot_be_compared_flags_for_its_restriction_and_the_others_are_compared(
    part: str, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = msgspec.structs.replace(
        RESTRICTION,
        id="R2",
        prisoner="Y1234BC",
        contacts=(Contact(kind="address", value=HERS.replace("14", "18")),),
    )
    by = Screener(compile_blocklist([RESTRICTION, second]), read_policy())
    wrong, right = ("14", "18") if broken == "R1" else ("18", "14")
    compare = address.compare

    def fail_for_one(given: Address, listed: Address, **thresholds: float) -> Comparison:
        if wrong in listed.numbers:
            raise KeyError(wrong)
        return compare(given, listed, **thresholds)

    monkeypatch.setattr(address, "compare", fail_for_one)
    hers = HERS.replace("14", right)
    given: dict[str, Any] = {"to": hers} if part == "to" else {"to": OTHER, "body": f"write to {hers}"}
    decision = by.check(Attempt(id="L1", channel="letter", prisoner="X1234BC", **given), NOW)
    told = {reason.restriction: reason.code for reason in decision.reasons}
    assert told[broken] == ReasonCode.MATCHER_FAILED
    assert told["R2" if broken == "R1" else "R1"] != ReasonCode.MATCHER_FAILED
    assert decision.decision in ("flag", "block")


def test_a_failed_matcher_flags_a_confidential_letter_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matchers.envelope_names._is_sign", _fails)
    decision = check(to=FIRM)
    assert (decision.decision, codes(decision)[0]) == ("flag", ReasonCode.MATCHER_FAILED)


def _fails(*_: Any) -> Any:
    raise RuntimeError


def test_a_marked_letter_to_a_restricted_address_is_blocked() -> None:
    assert check(to=HERS, privileged=True).decision == "block"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"readings": ("x",) * 33}, "readings: more than 32"),
        ({"also_to": ("x" * 20_001,)}, "also_to[0]: longer"),
        ({"channel": "call", "to": "07700 900456", "doubts": ("x",)}, "doubts: not for a call"),
        ({"channel": "message", "to": "07700 900456", "readings": ("x",)}, "readings: not for a message"),
        ({"channel": "call", "to": "07700 900456", "privileged": True}, "privileged: not for a call"),
    ],
)
def test_bad_fields_are_named(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as raised:
        check(**fields)
    assert str(raised.value).startswith(says)
