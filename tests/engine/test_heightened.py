"""Heightened monitoring: each letter and message of a prisoner is held, and nothing else of his changes."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from engine.blocklist import change_blocklist, compile_blocklist
from engine.model import (
    Attempt,
    ConfidentialEntry,
    Contact,
    Decision,
    Exemption,
    Monitoring,
    ProtectedPerson,
    ReasonCode,
    Restriction,
)
from engine.policy import PolicyError, read_policy
from engine.saved import load, save
from engine.screener import Screener

HIS, ANOTHERS = "X1234BC", "X5678DE"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
FRIENDS = "Mr J Brown\n7 Quarry Lane\nOtherstead\nQB9 9ZZ"
FIRM = "Hale and Partners\n3 Assize Court\nAmbermouth\nQB2 1AA"
RESTRICTION = Restriction(
    id="R1",
    prisoner=HIS,
    protected=ProtectedPerson(name="Rhoswen Tallantyre"),
    contacts=(Contact(kind="phone", value="07700 900123"),),
)
REGISTER = ConfidentialEntry(
    name="Hale and Partners", kind="legal", contacts=(Contact(kind="address", value=FIRM),)
)
MONITORED = {HIS: Monitoring(from_="2026-05-01", until="2026-05-31")}
PLAIN = compile_blocklist([RESTRICTION], [REGISTER])
LIST = change_blocklist(PLAIN, heightened=MONITORED)
LETTER: dict[str, Any] = {"channel": "letter", "to": FRIENDS}
MESSAGE: dict[str, Any] = {"channel": "message", "to": "07700 900456", "body": "See you soon."}
CALL: dict[str, Any] = {"channel": "call", "to": "07700 900456"}


def check(attempt: dict[str, Any], at: datetime = NOW, **fields: Any) -> Decision:
    given = Attempt(**{"id": "1", "prisoner": HIS, "establishment": "LEI", **attempt, **fields})
    return Screener(LIST, read_policy()).check(given, at)


def told(decision: Decision) -> tuple[str, list[str]]:
    return decision.decision, [reason.code.value for reason in decision.reasons]


@pytest.mark.parametrize("attempt", [LETTER, MESSAGE], ids=["letter", "message"])
def test_each_letter_and_message_of_his_is_held_while_it_lasts_and_no_longer(attempt: dict[str, Any]) -> None:
    assert told(check(attempt)) == ("flag", ["HEIGHTENED"])
    assert check(attempt).action == "hold"
    assert told(check(attempt, prisoner=ANOTHERS)) == ("allow", [])
    assert told(check(attempt, datetime(2026, 5, 31, 22, 59, tzinfo=UTC))) == ("flag", ["HEIGHTENED"])
    assert told(check(attempt, datetime(2026, 5, 31, 23, 0, tzinfo=UTC))) == ("allow", [])
    assert told(check(attempt, datetime(2026, 4, 30, tzinfo=UTC))) == ("allow", [])


def test_his_calls_are_decided_as_ever() -> None:
    assert told(check(CALL)) == ("allow", [])


def test_a_block_stays_a_block() -> None:
    assert told(check(MESSAGE, to="07700 900123")) == ("block", ["RESTRICTED_NUMBER", "HEIGHTENED"])


def test_confidential_mail_is_not_opened_for_it() -> None:
    assert told(check(LETTER, to=FIRM)) == ("allow", ["CONFIDENTIAL"])
    assert told(check(LETTER, privileged=True)) == ("flag", ["UNVERIFIED_PRIVILEGE"])


def test_an_exception_lets_nothing_past_it() -> None:
    exception = Exemption(prisoner=HIS, contact="07700 900123")
    with_exception = msgspec.structs.replace(RESTRICTION, exceptions=(exception,))
    blocklist = compile_blocklist([with_exception], heightened=MONITORED)
    attempt = Attempt(id="1", prisoner=HIS, **{**MESSAGE, "to": "07700 900123"})
    decision = Screener(blocklist, read_policy()).check(attempt, NOW)
    assert (decision.decision, decision.reasons[0].code.value) == ("flag", "HEIGHTENED")


def test_the_list_has_another_version_with_it_and_its_own_again_without() -> None:
    assert len({PLAIN.version, LIST.version}) == 2
    assert LIST.version == compile_blocklist([RESTRICTION], [REGISTER], heightened=MONITORED).version
    assert change_blocklist(LIST, put=[RESTRICTION]).version == LIST.version
    assert change_blocklist(LIST, heightened={}).version == PLAIN.version


def test_a_saved_list_holds_as_well() -> None:
    attempt = Attempt(id="1", prisoner=HIS, **LETTER)
    assert told(Screener(load(save(LIST)), read_policy()).check(attempt, NOW)) == ("flag", ["HEIGHTENED"])


def test_a_policy_of_before_flags_and_none_allows() -> None:
    text = files("engine").joinpath("policy.toml").read_text()
    line = next(line for line in text.splitlines() if line.startswith("HEIGHTENED"))
    assert read_policy(text.replace(line, "").encode()).reasons[ReasonCode.HEIGHTENED] == "flag"
    with pytest.raises(PolicyError, match="HEIGHTENED: may not be allow"):
        read_policy(text.replace(line, 'HEIGHTENED = "allow"').encode())
