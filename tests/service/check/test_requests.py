"""Bodies of requests: what they may hold, and in which words a refusal names what is wrong."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from engine.listing import LONGEST_CONTACT
from engine.model import Attempt
from service.check import requests
from service.check.requests import ContactBody
from service.errors import BadRequestError, InvalidError, ServiceError
from service.storage.sealing import Vault

CALL = {"id": "C1", "prisoner": "A1234BC", "to": "07700 900999"}
LETTER = {"id": "L1", "to": "Ann Lee\n7 Low Road\nYork"}
CONTACT = {"id": "K1", "prisoner": "A1234BC", "name": "Ann Lee", "numbers": ["07700 900888"]}
OUTSIDE: dict[str, Any] = {
    "readings": ["Ann Lee\n1 Low Road"],
    "also_to": ["Tom Blythe\n5 Quay Street"],
    "doubts": ["the ink has run"],
    "privileged": True,
}
WHOLE = {"prisoner": "A1234BC", "establishment": "LEI", "body": "hello", "at": "2026-03-01"}


def body(of: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({**of, **more}).encode()


def refusal(error: pytest.ExceptionInfo[ServiceError]) -> tuple[str | None, str | None]:
    return error.value.field, error.value.detail


def test_a_call_and_a_message_are_read_whole() -> None:
    for channel in ("call", "message"):
        read = requests.read_attempt(channel, body(CALL, **WHOLE))
        assert msgspec.to_builtins(read) == {**CALL, **WHOLE, "channel": channel}


def test_a_letter_is_read_whole_with_everything_on_its_outside() -> None:
    read = requests.read_attempt("letter", body(LETTER, **WHOLE, **OUTSIDE))
    assert json.loads(msgspec.json.encode(read)) == {**LETTER, **WHOLE, **OUTSIDE, "channel": "letter"}


def test_a_batch_has_items_of_every_channel() -> None:
    (item,) = requests.read_batch(b"[" + body(LETTER, **WHOLE, **OUTSIDE, channel="letter") + b"]")
    told = json.loads(msgspec.json.encode(requests.read_item(item)))
    assert told == {**LETTER, **WHOLE, **OUTSIDE, "channel": "letter"}


def test_a_message_has_what_nobody_could_read_of_it_and_nothing_else_of_a_letter() -> None:
    doubts = {"doubts": ["a picture"]}
    assert requests.read_attempt("message", body(CALL, **doubts)).doubts == ("a picture",)
    (item,) = requests.read_batch(b"[" + body(CALL, **doubts, channel="message") + b"]")
    assert requests.read_item(item).doubts == ("a picture",)
    for channel, field in (("call", "doubts"), ("message", "also_to")):
        (item,) = requests.read_batch(b"[" + body(CALL, channel=channel, **{field: ["x"]}) + b"]")
        with pytest.raises(InvalidError) as error:
            requests.read_item(item)
        assert refusal(error) == (field, f"not for a {channel}")


def test_a_letter_needs_no_sender() -> None:
    assert requests.read_attempt("letter", body(LETTER)) == Attempt(
        id="L1", channel="letter", to=LETTER["to"]
    )


def test_a_contact_is_read_whole() -> None:
    fields = {"establishment": "LEI", "emails": ["ann@mail.example"], "address": "7 Low Road\nYork"}
    read = requests.read_contact(body(CONTACT, **fields))
    assert json.loads(msgspec.json.encode(read)) == {**CONTACT, **fields}


@pytest.mark.parametrize(
    "part",
    [
        {"numbers": []},
        {"numbers": [], "emails": ["ann@mail.example"]},
        {"numbers": [], "address": "7 Low Road"},
        {"numbers": [], "address": ""},
    ],
)
def test_a_contact_needs_one_way_to_reach_him(part: dict[str, Any]) -> None:
    if len(part) > 1:
        assert isinstance(requests.read_contact(body(CONTACT, **part)), ContactBody)
        return
    with pytest.raises(InvalidError) as error:
        requests.read_contact(body(CONTACT, **part))
    assert refusal(error) == (
        "numbers",
        "at least one number, e-mail address or postal address is needed",
    )


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": " \n"}, "name", "empty"),
        ({"numbers": ["1", "2" * 2_001]}, "numbers[1]", "longer than 2,000 characters"),
        ({"emails": ["e" * 2_001]}, "emails[0]", "longer than 2,000 characters"),
        ({"address": "a" * 1_501}, "address", "longer than 1,500 characters"),
        ({"id": " K1"}, "id", "not 1 to 200 printable characters"),
        ({"establishment": "leeds"}, "establishment", None),
        ({"prisoner": "A1"}, "prisoner", None),
    ],
)
def test_what_is_wrong_with_a_contact_is_said(given: dict[str, Any], field: str, words: str | None) -> None:
    with pytest.raises(InvalidError) as error:
        requests.read_contact(body(CONTACT, **given))
    assert error.value.field == field
    assert words is None or error.value.detail == words
    assert error.value.detail


@pytest.mark.parametrize(
    "given",
    [
        {"numbers": ["1" * LONGEST_CONTACT]},
        {"emails": ["e" * LONGEST_CONTACT]},
        {"address": "a" * requests.LONGEST_ADDRESS},
        {"name": "n" * requests.LONGEST_NAME},
        {"id": "x" * 200},
    ],
)
def test_the_longest_that_a_contact_may_hold_is_taken(given: dict[str, Any]) -> None:
    assert requests.read_contact(body(CONTACT, **given))


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        (b"7", None, "Expected `object`, got `int`"),
        (body(CALL, to=7), "to", "Expected `str`, got `int`"),
        (b'{"prisoner": "A1234BC", "to": "1"}', "id", "Object missing required field `id`"),
        (body(CALL, surprise=1), "surprise", "unknown field"),
        (body(CALL, **{"07700900123": 1}), None, "unknown field"),
        (body(CALL, **{"a\nb": 1}), None, "unknown field"),
        (body(CALL, **{"x" * 21: 1}), None, "unknown field"),
        (body(CALL, id=""), "id", "not 1 to 200 printable characters"),
        (b'{"id": "C1", "id": "C2"}', "id", "the same key twice"),
        (b'{"07700900123": 1, "07700900123": 2}', None, "the same key twice"),
    ],
)
def test_what_is_wrong_with_a_call_is_said_and_not_repeated(
    given: bytes, field: str | None, words: str
) -> None:
    with pytest.raises(InvalidError) as error:
        requests.read_attempt("call", given)
    assert refusal(error) == (field, words)


def test_a_field_of_another_channel_is_named_and_its_value_not_repeated() -> None:
    for given, field, words in (
        ({"channel": "0770 090 0123"}, "channel", "not one of the values allowed"),
        ({}, "channel", "Object missing required field `channel`"),
        ({"channel": "call", "readings": [1]}, "readings[0]", "Expected `str`, got `int`"),
    ):
        with pytest.raises(InvalidError) as error:
            requests.read_item(msgspec.Raw(body(CALL, **given)))
        assert refusal(error) == (field, words)


@pytest.mark.parametrize(("name", "value"), OUTSIDE.items())
def test_only_a_letter_has_an_outside(name: str, value: object) -> None:
    with pytest.raises(InvalidError) as error:
        requests.read_item(msgspec.Raw(body(CALL, channel="call", **{name: value})))
    assert error.value.field == name
    with pytest.raises(InvalidError) as error:
        requests.read_attempt("call", body(CALL, **{name: value}))
    assert refusal(error) == (name, "unknown field")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (b"", "not JSON: Input data was truncated"),
        (b"[]x", "not JSON: JSON is malformed: trailing characters (byte 3)"),
        (b"[" * 100_000, "not JSON: nested too deeply"),
    ],
)
def test_what_is_no_json_is_said_to_be_none(given: bytes, words: str) -> None:
    with pytest.raises(BadRequestError) as error:
        requests.read_batch(given)
    assert refusal(error) == (None, words)


def test_what_is_not_utf_8_is_no_json() -> None:
    with pytest.raises(BadRequestError) as error:
        requests.read_attempt("call", b'{"id": "\xff"}')
    assert refusal(error) == (None, "not JSON: not UTF-8")


def test_a_batch_is_a_list_and_says_so() -> None:
    with pytest.raises(InvalidError) as error:
        requests.read_batch(b"7")
    assert refusal(error) == (None, "Expected `array`, got `int`")


def test_the_key_of_an_attempt_is_its_callers_channels_and_ids_own() -> None:
    vault = Vault({1: bytes(32)}, bytes(range(32)), bytes(32))
    asked = [(who, channel, name) for who in "ab" for channel in ("call", "message") for name in "ab"]
    assert len({requests.request_key(vault, *one) for one in asked}) == len(asked)
    assert requests.request_key(vault, "a", "call", "b") == vault.digest("attempt", "a\0call\0b")
