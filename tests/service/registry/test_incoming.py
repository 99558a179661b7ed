"""Lines of a list are read the same wherever they are read, and what was read of them is not read again."""

import json
import pickle
from io import BytesIO

import msgspec
import pytest

from benchmarks import estate
from engine.listing import area_codes
from service.registry import incoming, point
from service.registry.incoming import Incoming, read_restrictions
from service.storage.lines import read_lines

LISTED = [msgspec.json.encode(one) for one in estate.full_restrictions(30)]
ODD = [
    b"{",
    b"",
    b'{"id": "R1", "id": "R2"}',
    json.dumps(
        {
            "id": "R900",
            "prisoner": ["A1234BC", "B2345CD"],
            "protected": {"name": "Sarah Jones"},
            "contacts": [
                {"kind": "phone", "value": "07700 900123 / 020 7946 0123"},
                {"kind": "email", "value": "desk@justice.gov.uk"},
                {"kind": "phone", "value": "496 0123 and none"},
            ],
            "establishment": "LEI",
            "court_order": {"made": "2026-01-01"},
        }
    ).encode(),
    b"\xff",
    LISTED[3],
]


def read(lines: list[bytes]) -> list[Incoming]:
    return list(read_restrictions(read_lines(BytesIO(b"\n".join(lines)))))


def test_each_line_is_read_or_told_by_its_number_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = read([*LISTED, *ODD])
    assert [one.line for one in alone] == list(range(1, len(alone) + 1))
    assert [one.line for one in alone if one.error] == [31, 32, 33, 35]
    assert alone[33].restriction is not None
    assert [contact.value for contact in alone[33].restriction.contacts][:2] == [
        "07700 900123",
        "020 7946 0123",
    ]
    monkeypatch.setattr(incoming, "AT_ONCE", 4)
    monkeypatch.setattr(incoming, "FEW", 1)
    point.forget()
    assert read([*LISTED, *ODD]) == alone


def test_what_comes_from_a_process_is_what_is_read_here() -> None:
    lines = list(read_lines(BytesIO(b"\n".join([*LISTED, *ODD]))))
    there = incoming._read(pickle.loads(pickle.dumps(lines)))  # noqa: S301
    point.forget()
    assert pickle.loads(pickle.dumps(there)) == incoming._read(lines)  # noqa: S301


def test_what_was_read_elsewhere_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = read([ODD[3]])
    assert one.restriction is not None
    codes = area_codes(one.restriction)
    point.forget()
    again = [point.read_point(contact, codes) for contact in one.restriction.contacts]
    assert list(one.points) == again
    assert any(read.bodies for read in again)
    point.forget()
    one.keep_points()
    monkeypatch.setattr(point, "compile_contacts", None)
    assert [point.read_point(contact, codes) for contact in one.restriction.contacts] == again
