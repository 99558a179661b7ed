"""The choices of `policy.toml`: which may be made, and what each changes."""

from __future__ import annotations

from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import (
    Channel,
    ReasonCode,
    Verdict,
)
from engine.policy import (
    HIGHEST_FLAG,
    NEVER_ALLOWED,
    UNCHOSEN,
    PolicyError,
    differences,
    read_policy,
    write_policy,
)
from tests.engine.asking import NEIGHBOUR, call, policy_saying, policy_with, restriction

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
    "HEIGHTENED",
    "STALE_BLOCKLIST",
    "MATCHER_FAILED",
]
"""Exact matches, what could not be read or not be made sure of, and failures."""


@pytest.mark.parametrize("code", FLOOR)
def test_an_exact_match_and_a_failure_cannot_be_made_an_allow(code: str) -> None:
    with pytest.raises(PolicyError, match=rf"^reasons\.{code}: may not be allow"):
        policy_saying("reasons", code, "allow")


@pytest.mark.parametrize("code", sorted({*ReasonCode} - {*FLOOR, *UNCHOSEN}))
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
    assert set(read_policy().reasons) == {*ReasonCode} - {*UNCHOSEN}


YEARS = 10 * 365 * 24
"""The longest that a list may go unconfirmed, in hours."""


@pytest.mark.parametrize(
    ("line", "kept", "refused", "why"),
    [
        ("own_name_score = 0.6", (0, 1), (-0.01, 1.01), "person.own_name_score: not between 0 and 1"),
        ("block = 0.4", (0.01, 0.8), (-0.01, 0.009, 1.01, 2), "address: not 0 <= flag <= block <= 1"),
        ("block = 0.4", (0.8,), (0.81, 1), "address: block above 0.8, or flag above 0.4"),
        ("flag = 0.01", (0, 0.1), (-0.01, 0.41), "address: not 0 <= flag <= block <= 1"),
        (
            "flag_others = 0.1",
            (0.01, 0.4),
            (0.009, 0.41, -1),
            "address.flag_others: not between flag and 0.4",
        ),
        (
            "stale_after_hours = 24",
            (0.5, 1, YEARS - 1),
            (0, YEARS, YEARS + 1),
            "blocklist.stale_after_hours: not between 0 and ten years",
        ),
    ],
)
def test_a_number_of_the_policy_is_kept_up_to_its_bounds_and_refused_beyond(
    line: str, kept: tuple[float, ...], refused: tuple[float, ...], why: str
) -> None:
    key = line.split(" = ")[0]
    for number in kept:
        policy = policy_with((f"\n{line}\n", f"\n{key} = {number}\n"))
        assert number in (
            *(policy.person.own_name_score, policy.address.block),
            *(policy.address.flag, policy.address.others),
            policy.blocklist.stale_after_hours,
        )
    for number in refused:
        with pytest.raises(PolicyError) as caught:
            policy_with((f"\n{line}\n", f"\n{key} = {number}\n"))
        assert str(caught.value) == why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('NEAR_NUMBER = "flag"\n', "reasons: NEAR_NUMBER is missing"),
        ('mobile = "allow"\n', "number_class: mobile is missing"),
        ('allow = "deliver"\n', "action.message: allow is missing"),
    ],
)
def test_what_is_missing_is_named_with_its_table(line: str, why: str) -> None:
    with pytest.raises(PolicyError) as caught:
        policy_with((line, ""))
    assert str(caught.value) == why


def test_an_action_that_is_none_is_told_with_those_that_are() -> None:
    with pytest.raises(PolicyError) as caught:
        policy_saying("action.message", "flag", "deliver")
    assert str(caught.value) == "action.message.flag: deliver is not hold or stop"


def test_a_channel_that_is_missing_is_named() -> None:
    with pytest.raises(PolicyError) as caught:
        policy_with(("[action.letter]", "[action.parcel]"))
    assert str(caught.value) == "action: letter is missing"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("é".encode("latin-1"), "not UTF-8: byte 1"),
        ("reasons = 1".encode("utf-16"), "not UTF-8: byte 1"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"a = " + b"9" * 5000, "a value that is no word and no number of a policy"),
        (b"reasons = 1979-05-27", "Expected `object`, got `str` - at `$.reasons`"),
    ],
)
def test_whatever_a_file_holds_it_is_a_policy_or_refused(text: bytes, why: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(text)

    assert str(caught.value) == why


def test_a_mark_at_the_front_of_the_file_is_no_part_of_it() -> None:
    assert (
        read_policy(b"\xef\xbb\xbf" + files("engine").joinpath("policy.toml").read_bytes()).version
        == read_policy().version
    )


VERDICTS = st.sampled_from(["allow", "flag", "block"])


@given(data=st.data())
def test_a_policy_is_written_as_it_is_read(data: st.DataObject) -> None:
    packaged = read_policy()
    reasons = {
        code: "flag" if code in NEVER_ALLOWED and word == "allow" else word
        for code, word in zip(packaged.reasons, data.draw(st.lists(VERDICTS, min_size=40)), strict=False)
    }
    policy = msgspec.structs.replace(
        packaged,
        reasons={**packaged.reasons, **reasons},
        person=msgspec.structs.replace(packaged.person, own_name_score=data.draw(st.floats(0, 1))),
        address=msgspec.structs.replace(
            packaged.address,
            flag_others=data.draw(st.none() | st.floats(packaged.address.flag, HIGHEST_FLAG)),
        ),
    )
    assert read_policy(write_policy(policy).encode()) == policy
    told = differences(packaged, policy)
    assert {f"reasons.{code}" for code, word in reasons.items() if word != packaged.reasons[code]} == {
        key for key, _, _ in told if key.startswith("reasons.")
    }
    assert all(before != after for _, before, after in told)
    assert (differences(packaged, packaged), [row[::2] for row in differences(policy, packaged)]) == (
        [],
        [row[:2] for row in told],
    )
