"""A line is read whole or refused with the field that is wrong; no message repeats a value."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.jsonl import (
    NOT_UNICODE,
    InputError,
    check_attempt,
    check_confidential,
    check_restriction,
    read_attempt,
    read_confidential,
    read_restriction,
)
from engine.model import Attempt, ConfidentialEntry, Contact, Exemption, ProtectedPerson, Restriction

RESTRICTION: dict[str, Any] = {
    "id": "R1",
    "prisoner": "A1234BC",
    "protected": {"name": "Sarah Jones"},
    "contacts": [{"kind": "phone", "value": "07700 900123"}],
}
ATTEMPT: dict[str, Any] = {"id": "C1", "channel": "call", "prisoner": "A1234BC", "to": "07700 900123"}
PROTECTED = "07700 900777"


def line(base: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({k: v for k, v in {**base, **changes}.items() if v != "left out"}).encode()


def test_a_restriction_needs_only_four_fields() -> None:
    read = read_restriction(line(RESTRICTION))
    assert read.problems == ()
    assert (read.restriction.scope, read.restriction.prisoners) == ("estate", ("A1234BC",))


def test_every_field_of_the_format_is_read() -> None:
    read = read_restriction(
        line(
            RESTRICTION,
            prisoner=["A1234BC", "B2345CD"],
            scope="prisoner",
            establishment="LEI",
            pathway=4,
            until=None,
            court_order="FL-1",
            exceptions=[{"prisoner": "A9999ZZ", "contact": "07700 900123", "note": "her brother"}],
            **{"from": "2026-01-01"},
        )
    )
    assert read.restriction.prisoners == ("A1234BC", "B2345CD")
    assert read.restriction.from_ == "2026-01-01"
    assert read.restriction.exceptions[0].note == "her brother"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"prisoner": "1234"}, "prisoner"),
        ({"prisoner": ["A1234BC", "a1234bc"]}, "prisoner[1]"),
        ({"prisoner": []}, "prisoner"),
        ({"prisoner": "left out"}, "prisoner"),
        ({"id": " "}, "id"),
        ({"id": 7}, "id"),
        ({"colour": "blue"}, "colour"),
        ({"protected": {"name": "  "}}, "protected.name"),
        ({"protected": {"name": "\u3164\u200b-"}}, "protected.name"),
        ({"protected": {"name": "S", "born": "1990"}}, "protected"),
        ({"contacts": []}, "contacts"),
        ({"contacts": [{"kind": "fax", "value": PROTECTED}]}, "contacts"),
        ({"contacts": [{"kind": "phone", "value": "none"}]}, "contacts[0].value"),
        ({"contacts": [{"kind": "email", "value": "sally"}]}, "contacts[0].value"),
        ({"contacts": [{"kind": "phone", "value": PROTECTED}] * 300}, "contacts"),
        ({"from": "2026-02-30"}, "from"),
        ({"until": "31/12/2026"}, "until"),
        ({"from": "2026-05-01", "until": "2026-04-01"}, "until"),
        ({"establishment": "Leeds"}, "establishment"),
        ({"pathway": 5}, "pathway"),
        ({"scope": "world"}, "scope"),
    ],
)
def test_a_wrong_restriction_is_refused_by_field(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError) as refused:
        read_restriction(line(RESTRICTION, **changes))
    assert named in str(refused.value)
    assert PROTECTED not in str(refused.value)


def test_one_unusable_contact_point_does_not_lose_the_others() -> None:
    contacts = [{"kind": "phone", "value": "unknown"}, {"kind": "phone", "value": "07700 900123"}]
    read = read_restriction(line(RESTRICTION, contacts=contacts))
    assert [c.value for c in read.restriction.contacts] == ["07700 900123"]
    assert tuple(map(str, read.problems)) == ("contacts[0].value: no telephone number can be read",)


def test_an_unusable_exception_is_left_out_and_named() -> None:
    exceptions = [{"prisoner": "nobody", "contact": "07700 900123"}]
    read = read_restriction(line(RESTRICTION, exceptions=exceptions))
    assert read.restriction.exceptions == ()
    assert read.problems[0].field == "exceptions[0].prisoner"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"prisoner": "A12345C"}, "prisoner"),
        ({"prisoner": None}, "prisoner"),
        ({"channel": "telegram"}, "channel"),
        ({"to": None}, "to"),
        ({"to": "left out"}, "to"),
        ({"establishment": "lei"}, "establishment"),
        ({"at": "2026-13-01T10:00:00Z"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"extra": 1}, "extra"),
        ({"id": ""}, "id"),
    ],
)
def test_a_wrong_attempt_is_refused_by_field(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError) as refused:
        read_attempt(line(ATTEMPT, **changes))
    assert named in str(refused.value)


def test_only_a_letter_may_come_from_nobody() -> None:
    assert read_attempt(line(ATTEMPT, channel="letter", prisoner=None)).prisoner is None
    assert read_attempt(line(ATTEMPT, channel="letter", prisoner="left out")).prisoner is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"id": "\xe9"}',
        b"[" * 100_000,
        b"{'id': 1}",
        b'"text"',
        b"NaN",
    ],
)
def test_what_is_not_an_object_in_utf8_json_is_refused(text: bytes) -> None:
    for read in (read_attempt, read_restriction, read_confidential):
        with pytest.raises(InputError):
            read(text)


def test_a_register_entry_keeps_its_usable_contact_points() -> None:
    entry = {
        "name": "Samaritans",
        "kind": "helpline",
        "contacts": [{"kind": "phone", "value": "116 123"}, {"kind": "email", "value": "none"}],
    }
    read = read_confidential(json.dumps(entry).encode())
    assert [c.value for c in read.entry.contacts] == ["116 123"]
    assert tuple(map(str, read.problems)) == ("contacts[1].value: no e-mail address",)


def test_an_error_names_its_field_apart_from_what_is_wrong() -> None:
    error = InputError("contacts[0].value", "no address can be read: none")
    assert (error.field, error.what) == ("contacts[0].value", "no address can be read: none")
    assert str(error) == "contacts[0].value: no address can be read: none"
    assert str(InputError("", "not JSON: cut off")) == "not JSON: cut off"


@pytest.mark.parametrize("reader", [read_restriction, read_confidential, read_attempt])
def test_a_key_that_stands_twice_is_an_error(reader: Callable[[bytes], object]) -> None:
    with pytest.raises(InputError) as refused:
        reader(b'{"id": "R1", "until": null, "until": "2020-01-01"}')

    assert (refused.value.field, refused.value.what) == ("until", "the same key twice")


def test_several_values_of_a_field_are_contact_points_of_their_own_and_told() -> None:
    read = read_restriction(
        line(RESTRICTION, contacts=[{"kind": "phone", "value": "1) 07700 900123 2) 020 7946 0123"}])
    )

    assert [c.value for c in read.restriction.contacts] == ["07700 900123", "020 7946 0123"]
    assert read.problems == ()
    assert {one.field for one in read.told} == {"contacts[0].value"}


def test_a_contact_point_in_three_spellings_is_one() -> None:
    values = ("07700 900123", "+44 7700 900123", "0044 7700 900123")
    read = read_restriction(
        line(RESTRICTION, contacts=[{"kind": "phone", "value": value} for value in values])
    )

    assert [c.value for c in read.restriction.contacts] == ["07700 900123"]
    assert len(read.told) == 2


def test_what_kills_the_reader_of_one_value_is_that_values_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(text: str) -> None:
        raise KeyError(text)

    monkeypatch.setattr("engine.entry.address.reach", killed)
    read = read_restriction(
        line(
            RESTRICTION,
            contacts=[
                {"kind": "address", "value": "1 Elm Road, Leeds LS1 4AB"},
                {"kind": "phone", "value": "07700 900123"},
            ],
        )
    )

    assert [c.value for c in read.restriction.contacts] == ["07700 900123"]
    assert tuple(map(str, read.problems)) == ("contacts[0].value: it cannot be read",)


def test_the_register_may_name_what_a_restriction_may_not() -> None:
    contact = [{"kind": "phone", "value": "116 123"}]
    entry = {"name": "Samaritans", "kind": "helpline", "contacts": contact}
    assert read_confidential(json.dumps(entry)).problems == ()
    with pytest.raises(InputError, match="may never be listed"):
        read_restriction(line(RESTRICTION, contacts=contact))


HALF = "half \ud800 of a character"
WHOLE = Restriction(
    id="R1",
    prisoner="A1234BC",
    protected=ProtectedPerson(name="Sarah Jones"),
    contacts=(Contact(kind="phone", value="07700 900123"),),
)


@pytest.mark.parametrize("field", ["id", "to", "body", "readings", "also_to", "doubts"])
def test_an_attempt_with_half_of_a_character_is_refused(field: str) -> None:
    many = field in ("readings", "also_to", "doubts")
    whole = {"id": "L1", "channel": "letter", "to": "a"}
    with pytest.raises(InputError) as refused:
        check_attempt(Attempt(**{**whole, field: (HALF,) if many else HALF}))  # type: ignore[arg-type]
    assert (refused.value.field, refused.value.what) == (f"{field}[0]" if many else field, NOT_UNICODE)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("id", {"id": HALF}),
        ("protected.name", {"protected": ProtectedPerson(name=HALF)}),
        ("protected.aliases", {"protected": ProtectedPerson(name="A", aliases=(HALF,))}),
        ("court_order", {"court_order": {"court": HALF}}),
        ("contacts[0].value", {"contacts": (Contact(kind="address", value=f"{HALF}, 1 Row, LS1 4AB"),)}),
    ],
)
def test_a_restriction_with_half_of_a_character_is_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        check_restriction(msgspec.structs.replace(WHOLE, **changes))
    assert (refused.value.field, refused.value.what) == (field, NOT_UNICODE)


def test_half_of_a_character_in_an_exception_or_an_entry_is_named() -> None:
    exemption = Exemption(prisoner="B2345CD", contact="07700 900123", note=HALF)
    read = check_restriction(msgspec.structs.replace(WHOLE, exceptions=(exemption,)))
    assert [problem.field for problem in read.problems] == ["exceptions[0].note"]
    with pytest.raises(InputError) as refused:
        check_confidential(ConfidentialEntry(name=HALF, kind="legal", contacts=WHOLE.contacts))
    assert refused.value.field == "name"
