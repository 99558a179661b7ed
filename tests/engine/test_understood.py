"""What another version wrote is understood as far as it is known here: never milder, and told by name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.blocklist import FORMAT, compile_blocklist
from engine.combining import SEVERITY
from engine.model import Attempt, Decision, Reason, ReasonCode, Restriction
from engine.policy import ACTIONS, NEVER_ALLOWED, Policy, read_policy
from engine.screener import Screener
from engine.understood import Understanding

PACKED = msgspec.msgpack.Encoder().encode
PLAIN: dict[str, Any] = msgspec.to_builtins(read_policy())
policies, restrictions = Understanding(Policy), Understanding(Restriction)
NAMES = st.sampled_from(["NEW_REASON", "SECOND_NEW", "RESTRICTED_NUMBER", "HEIGHTENED", "NEAR_NUMBER"])
LISTED = {
    "id": "R1",
    "prisoner": "A1234BC",
    "protected": {"name": "Rhoswen Tallantyre"},
    "contacts": [{"kind": "phone", "value": "07700 900123"}],
}


def test_what_is_wholly_known_is_as_it_was() -> None:
    assert policies.decode(PACKED(read_policy())) == (read_policy(), ())


@given(
    more=st.dictionaries(NAMES, st.sampled_from(["allow", "flag", "block", "delay"])),
    fewer=st.sets(st.sampled_from(sorted(PLAIN["reasons"]))),
    classes=st.dictionaries(st.sampled_from(["premium", "satellite"]), st.sampled_from(["flag", "tell"])),
    action=st.dictionaries(
        st.tuples(
            st.sampled_from(["call", "message", "letter", "video"]), st.sampled_from(["flag", "block", "ask"])
        ),
        st.sampled_from(["refuse", "hold", "stop", "connect", "deliver", "wait"]),
    ),
    fields=st.sets(st.sampled_from(["address", "blocklist", "person", ""])),
)
def test_no_policy_of_another_version_is_milder_than_the_most_careful_that_is_known(
    more: dict[str, str],
    fewer: set[str],
    classes: dict[str, str],
    action: dict[tuple[str, str], str],
    fields: set[str],
) -> None:
    plain = msgspec.json.decode(msgspec.json.encode(PLAIN))
    plain["reasons"] = {name: word for name, word in plain["reasons"].items() if name not in fewer} | more
    plain["number_class"] |= classes
    for (channel, verdict), word in action.items():
        plain["action"].setdefault(channel, {})[verdict] = word
    for name in fields:
        (plain[name] if name else plain)["some_day"] = 1
    read, unknown = policies.decode(PACKED(plain))
    for code, verdict in read.reasons.items():
        told = plain["reasons"].get(code)
        assert verdict == told or f"reasons.{code}" in unknown
        assert SEVERITY[verdict] >= 1 or told == "allow"
    assert all(read.reasons[code] != "allow" for code in NEVER_ALLOWED)
    for channel, verdicts in ACTIONS.items():
        assert all(read.action[channel][verdict] in words for verdict, words in verdicts.items())
    for name in more.keys() - PLAIN["reasons"].keys():
        assert f"reasons.{name}" in unknown
    assert bool(unknown) or read == msgspec.convert(plain, Policy)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"language": "cy"}, "language"),
        ({"scope": "region"}, "scope"),
        ({"pathway": 9}, "pathway"),
        ({"contacts": [*LISTED["contacts"], {"kind": "video", "value": "room 9"}]}, "contacts.kind"),
        ({"contacts": [{**LISTED["contacts"][0], "since": "2026-01-01"}]}, "contacts.since"),  # type: ignore[index]
    ],
)
def test_a_restriction_that_is_known_in_part_blocks_and_allows_nothing_to_whom_it_names(
    more: dict[str, object], name: str
) -> None:
    read, unknown = restrictions.decode(PACKED(LISTED | more))
    assert unknown == (name,)
    assert read.unread == (f"{name}: not known to this version",)
    screener = Screener(compile_blocklist([read]), read_policy())

    def decided(prisoner: str, to: str) -> str:
        attempt = Attempt(id="C1", channel="call", prisoner=prisoner, to=to)
        return screener.check(attempt, datetime(2026, 1, 1, tzinfo=UTC)).decision

    assert decided("A1234BC", "07700 900123") == "block"
    assert decided("A1234BC", "020 7946 0018") == "flag"
    assert decided("A9999ZZ", "020 7946 0018") == "allow"


def test_a_decision_for_a_reason_that_is_not_known_stays_the_decision_that_it_was() -> None:
    made = Decision(
        id="C1",
        decision="flag",
        action="connect_and_alert",
        confidential=False,
        blocklist="",
        reasons=(Reason(code=ReasonCode.NEAR_NUMBER, decision="flag", given="020"),),
    )
    plain = msgspec.to_builtins(made)
    plain["reasons"][0]["code"] = "NEW_REASON"
    read, unknown = Understanding(Decision).decode(PACKED(plain))
    assert (read.decision, read.action, unknown) == ("flag", "connect_and_alert", ("reasons.code",))
    assert read.reasons[0].code is ReasonCode.MATCHER_FAILED
    assert read.reasons[0].steps == ("NEW_REASON: not known to this version",)


def test_what_is_no_such_thing_is_refused() -> None:
    for given_ in (PACKED("x"), PACKED({}), b"\xc1"):
        with pytest.raises(ValueError, match="e"):
            policies.decode(given_)


def test_a_field_more_in_a_listing_is_another_format_of_the_saved_list() -> None:
    """A node compiles a list of another format anew, with what it knows of each restriction; of its own it
    believes that it knows all."""
    assert (FORMAT, len(Restriction.__struct_fields__)) == (11, 12)
