"""A listed address named in a message by some of its parts."""

from __future__ import annotations

import pytest

from matchers.address import Words, location_code, mentioned_by_parts, read

HERS = read("Flat 2, 10 Larkmead Street, Ambermouth, QB1 4AB")


@pytest.mark.parametrize(
    "text",
    [
        "no. 10 on Larkmead Street",
        "ten Larkmead Street",
        "10 Larkmeed Street",
        "10, larkmead st",
        "number ten larkmead street",
        "go to number 10, you know the one, off larkmead street",
        "larkmead street. its number 10",
        "her house, 10 on larkmead",
        "10 Lark mead Street",
        "1O larkmead street",
        "visit 10larkmeadstreet",
        "10 Stryd Larkmead",
        "ONE ZERO LARKMEAD STREET",
        "flat 2 10 larkmead",
        "QB1 4AB door 10",
        "qb14ab",
        "Q.B.1.4.A.B",
        "q b one four a b",
        "postcode QB1 and the rest is 4AB",
    ],
)
def test_parts_that_say_the_door_are_told(text: str) -> None:
    assert mentioned_by_parts(HERS, Words(text)) is not None


@pytest.mark.parametrize(
    "text",
    [
        "14 Larkmead Street",
        "we grew up on Larkmead Street",
        "he is 10 now, loves larkmead",
        "12 Larkmead Street QB1 4AB",
        "12 QB1 4AB",
        "110 larkmead street",
        "10 Barkmoor Street",
        "see you at 10",
        "",
    ],
)
def test_a_neighbour_and_the_street_alone_are_nobody(text: str) -> None:
    assert mentioned_by_parts(HERS, Words(text)) is None


@pytest.mark.parametrize(
    ("listed", "text", "told"),
    [
        ("Rose Cottage, Ambermouth, QB1 4AB", "round to rose cottage tonight", True),
        ("The Old Forge, Church Lane, Ambermouth, QB1 4AB", "its the oldforge", True),
        ("Rose Cottage, Ambermouth, QB1 4AB", "a rose for the cottage", False),
        ("Flat 2 Kestrel Court, Leeds LS98 9ZZ", "flat two kestrel court", True),
        ("Flat 2 Kestrel Court, Leeds LS98 9ZZ", "everyone at kestrel court", False),
        ("10 High Street, Ambermouth, QB1 4AB", "10 high street", True),
        ("10 High Street, Ambermouth, QB1 4AB", "meet on the high street at 10", False),
        ("121 Larkmead Road, Ambermouth, QB1 4AB", "one hundred and twenty one larkmead rd", True),
        ("121 Larkmead Road, Ambermouth, QB1 4AB", "one two one Larkmead", True),
        ("14a Larkmead Road, Ambermouth, QB1 4AB", "fourteen a larkmead road", True),
        ("3 The Crescent, Ambermouth, QB1 4AB", "3 the crescent", True),
        ("3 Larkmead Road, Ambermouth, QB1 4AB", "three of us walked up to larkmead road", False),
    ],
)
def test_houses_flats_and_common_streets(listed: str, text: str, told: bool) -> None:
    assert (mentioned_by_parts(read(listed), Words(text)) is not None) == told


def test_the_words_and_the_way_are_told() -> None:
    found = mentioned_by_parts(HERS, Words("she's at No. 10 on Larkmead Street"))
    assert found is not None
    assert (found.given, found.how) == ("10 on larkmead", "its number and street")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("she is at 9C5M27Q9+XX", "9c5m27q9+xx"),
        ("///filled.lamp.soap", "///filled.lamp.soap"),
        ("go to 53.79648, -1.54785", "53.79648, -1.547"),
        ("2+2 is 4, and 1/2", ""),
        ("www.example.org/a+b", ""),
    ],
)
def test_a_place_given_as_a_code(text: str, code: str) -> None:
    assert location_code(text).startswith(code)
    assert bool(location_code(text)) == bool(code)


def test_a_street_named_too_often_is_told_as_such() -> None:
    found = mentioned_by_parts(HERS, Words("larkmead street " * 1000 + " 10"))
    assert found is not None
    assert "too often" in found.how
