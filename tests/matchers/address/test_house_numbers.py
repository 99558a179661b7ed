"""A number that belongs to no house never stands for the one that does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.address import Address, compare, listing_keys, probe_keys, read

FRONTS = st.sampled_from(
    [
        "10 Larkspur Lane",
        "Flat 2, 10 Larkspur Lane",
        "Bramble Nook\n10 Larkspur Lane",
        "Marigold Fenwick\n10 Larkspur Lane",
        "3 Vesper Court\n10 Larkspur Lane",
        "12 Ffordd Y Felin",
        "28-30 Larkspur Lane",
        "12A Larkspur Lane",
        "l9 Larkspur Lane",
        "4 Tansy Mews\nMarlpit Road",
        "10 Broadway",
        "10 The Green",
        "10 Vesper Court",
        "10 Larkspur",
        "Larkspur Lane 10",
        "Larkspur Lane",
        "Bramble Nook\nLarkspur Lane",
    ]
)
BEHIND = st.sampled_from(
    [
        "\n4",
        " 1",
        " 2026",
        "\n12/05/2026 17:30",
        "\n12.05.26",
        "\n12th May 2026",
        "\nUK\n01632 960123",
        "\nTel: 01632 960 123",
        "\n+44 (0)7700 900123",
        "\n960 123",
        "\n4\n5",
        "\nB4",
        "\nA\n4",
        "\n4-6",
        "\n4 Holton",
        "\nHolton 4",
        "\nPage 1 of 2",
        "\nRef 4711",
        "\n(4)",
        "\n1l9",
        "\n123456789",
        "\nR Ashdown\n4 Mill Road",
        "\nMill Road 4",
    ]
)
ABOVE = st.sampled_from(
    [
        "4\nMs R Ashdown\n",
        "Ms R Ashdown 4\n",
        "Ms R Ashdown 01632 960123\n",
        "12/05/2026\nMs R Ashdown\n",
        "12.05.26\n",
        "Page 1 of 2\nMs R Ashdown\n",
        "4\nRowan Ashdown\n",
        "Rowan Ashdown 4\n",
    ]
)


def door(address: Address) -> tuple[tuple[str, ...], ...]:
    return address.numbers, address.units, address.streets


def level(given_text: str, listed: str) -> str:
    one, other = read(given_text), read(listed)
    return compare(one, other).level if set(probe_keys(one)) & set(listing_keys(other)) else "different"


@given(FRONTS, BEHIND)
def test_what_stands_behind_the_postcode_changes_no_door(front: str, behind: str) -> None:
    text = f"{front}\nDerby\nDE98 3TB"
    assert door(read(text + behind)) == door(read(text))


@given(FRONTS, st.sampled_from(["Derby 1", "Derby\n4", "Derby 1\nDerbyshire", "Holton Derby 1"]))
def test_what_stands_behind_the_town_changes_no_door(front: str, town: str) -> None:
    text = f"{front}\nDerby\nDE98 3TB"
    assert door(read(text.replace("Derby", town))) == door(read(text))


@given(FRONTS.filter(lambda front: any(map(str.isdecimal, front))), ABOVE)
def test_what_stands_above_a_name_or_behind_it_changes_no_number(front: str, above: str) -> None:
    text = f"{front}\nDerby\nDE98 3TB"
    found, plain = read(above + text), read(text)
    assert (found.numbers, found.units) == (plain.numbers, plain.units)


@given(st.integers(1, 299), st.integers(1, 299), BEHIND)
def test_another_number_of_the_street_is_another_door_whatever_stands_behind_it(
    one: int, other: int, behind: str
) -> None:
    listed = f"{one} Larkspur Lane, Derby DE98 3TB"
    plain = f"{other} Larkspur Lane\nDerby\nDE98 3TB"
    assert level(plain + behind, listed) == level(plain, listed)
    assert level(plain, listed + behind) == level(plain, listed)


@pytest.mark.parametrize(
    ("text", "numbers", "units"),
    [
        ("4, 10 Larkspur Lane, Derby DE98 3TB", ("10",), ("4",)),
        ("Ms R Ashdown\n4\n10 Larkspur Lane\nDerby\nDE98 3TB", ("10",), ("4",)),
        ("4, Great Oaks\n10 Larkspur Lane\nDerby\nDE98 3TB", ("10",), ("4",)),
        ("10\nLarkspur Lane\nDerby\nDE98 3TB", ("10",), ()),
        ("Ms R Ashdown 10\nLarkspur Lane\nDerby\nDE98 3TB", ("10",), ()),
        ("10\nMs R Ashdown\nLarkspur Lane\nDerby\nDE98 3TB", ("10",), ()),
        ("Level 4\n10 Larkspur Lane\nDerby\nDE98 3TB", ("10",), ("FLOOR 4",)),
        ("Vesper Court 4\n10 Larkspur Lane\nDerby\nDE98 3TB", ("10",), ("4",)),
        ("10 Larkspur Lane, 4 Vesper House, Derby DE98 3TB", ("10",), ("4",)),
        ("10 Larkspur Lane, Shop 4, Derby DE98 3TB", ("10",), ("4",)),
        ("10 Larkspur Lane\nDerby\nDE98 3TB\nFlat 4", ("10",), ("4",)),
        ("Larkspur Lane, 10, Wexmoor, Derby DE98 3TB", ("10",), ()),
        ("10\nDE98 3TB", ("10",), ()),
        ("DE98 3TB\nDerby\n10\nLarkspur Lane", ("10",), ()),
        ("10 May Street\nDerby\nDE98 3TB", ("10",), ()),
        ("10 Marlpit 2000, Derby DE98 3TB", ("10",), ()),
    ],
)
def test_a_number_that_belongs_to_a_house_or_a_part_of_it_stays(
    text: str, numbers: tuple[str, ...], units: tuple[str, ...]
) -> None:
    address = read(text)
    assert (address.numbers, address.units) == (numbers, units)


@pytest.mark.parametrize(
    ("end", "district"),
    [
        ("M9 9", "M9"),
        ("M9 99", "M9"),
        ("M9, 9", "M9"),
        ("M9 9\nUK", "M9"),
        ("M9\nUK", "M9"),
        ("DE98 3", "DE98"),
        ("DE983", "DE98"),
    ],
)
def test_a_postcode_that_is_cut_off_leaves_its_district(end: str, district: str) -> None:
    address = read(f"10 Larkspur Lane\nWexmoor\n{end}")
    assert address.district == district
    assert address.numbers == ("10",)
    assert address.units == ()
