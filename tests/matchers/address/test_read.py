"""What reading an envelope finds on it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import Address, read


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=160))
def test_reading_any_text_never_raises(text: str) -> None:
    assert read(text).text == text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="FLAT 0123456789ABCDEF,\n-/?&'.HIGHSTRDW", max_size=60))
def test_reading_scraps_of_addresses_never_raises(text: str) -> None:
    assert read(text).text == text


def test_every_part_of_an_envelope_finds_its_field() -> None:
    address = read(
        "Mrs M Fenwick\nFlat 2, Brackenfield House\n41 Marlpit St\nWexmoor\nLeeds\nW Yorks\nls98 4ne"
    )
    assert address.names == ("Mrs M Fenwick",)
    assert address.units == ("2",)
    assert address.sub_building == "FLAT 2"
    assert address.building == "BRACKENFIELD HOUSE"
    assert address.numbers == ("41",)
    assert address.street == "MARLPIT STREET"
    assert address.locality == "WEXMOOR"
    assert address.town == "LEEDS"
    assert address.county == "WEST YORKSHIRE"
    assert address.postcode == "LS98 4NE"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("c/o Rowan Ashdown, 9 Larkspur Lane, Derby DE98 3TB", "care_of", ("ROWAN ASHDOWN",)),
        ("FAO Rowan Ashdown\n9 Larkspur Lane\nDerby", "care_of", ("ROWAN ASHDOWN",)),
        ("PO Box 417, Leeds LS98 4NE", "po_box", "417"),
        ("BFPO 58", "po_box", "BFPO 58"),
        ("28 - 30 Marlpit Street, Leeds", "numbers", ("28-30",)),
        ("12 A Marlpit Street, Leeds", "numbers", ("12A",)),
        ("Ground Floor Flat 70 Marlpit Street Leeds", "units", ("GROUND",)),
        ("Ground Floor Flat 70 Marlpit Street Leeds", "numbers", ("70",)),
        ("FLTC, 9 Larkspur Lane, Derby", "units", ("C",)),
        ("9 Larkspur Lane, London SE19", "district", "SE19"),
        ("9 Larkspur Lane, Bury St Edmunds IP33 9ZZ", "town", "BURY ST EDMUNDS"),
        ("9 Larkspur Lane, Springfield, IL 62799", "country", "US"),
        ("12 rue de Tansy, 75999 Paris, France", "country", "FR"),
    ],
)
def test_a_part_is_read(text: str, field: str, value: object) -> None:
    assert getattr(read(text), field) == value


def test_a_damaged_postcode_keeps_what_it_may_be() -> None:
    address = read("9 Larkspur Lane, Leeds, LS98 4N8")
    assert address.postcode == ""
    assert address.postcode_fragment == "LS984N8"
    assert address.postcode_readings[0] == "LS98 4NB"


def test_an_unclear_number_keeps_its_possible_readings() -> None:
    assert "119" in read("1l9 Marlpit Street\nLeeds").number_readings


@pytest.mark.parametrize("text", ["", "???", "Marigold Fenwick", "by hand"])
def test_an_envelope_without_an_address_is_not_usable(text: str) -> None:
    assert not read(text).usable


@pytest.mark.parametrize("text", ["9 Larkspur Lane", "PO Box 417", "LS98 4NE", "Foxholes Farm, Banbury"])
def test_an_envelope_with_any_premises_is_usable(text: str) -> None:
    assert read(text).usable


def test_an_address_survives_msgpack() -> None:
    address = read("Marigold Fenwick\nFlat 2, 41 Marlpit Street\nLeeds\nLS98 4NE")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(address), type=Address) == address
