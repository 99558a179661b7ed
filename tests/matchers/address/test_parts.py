"""Two addresses in one text are two."""

from __future__ import annotations

import pytest
from msgspec import structs

from matchers.address import every_reading, left_out, parts, readings
from matchers.address.line_marks import in_lines
from matchers.address.parts import MOST

ONE, OTHER = "14 Larkmead Street\nAmbermouth\nQB1 4AB", "7 Quarry Lane\nOtherstead\nQB9 9ZZ\nUK"


@pytest.mark.parametrize("between", ["\n", ", ", "\n\n"])
def test_a_text_is_cut_behind_each_postcode(between: str) -> None:
    assert parts(f"{ONE}{between}{OTHER}") == (ONE, OTHER)
    assert parts(f"{ONE.lower()}{between}{OTHER}") == (ONE.lower(), OTHER)


@pytest.mark.parametrize("text", [ONE, OTHER, "14 Larkmead Street", "", f"{ONE}\nQB1 4AB", f"{ONE} qb14ab"])
def test_one_address_stays_whole(text: str) -> None:
    assert parts(text) == (text,)


@pytest.mark.parametrize(
    "written",
    [
        "22 Park Road, Leeds|\n|17 Larkmead Close\nDerby\nDE22 9ZZ",
        "4 Elm Road, York, YO1 9ZZ|\n|c/o 17 Larkmead Close",
        "4 Elm Road, York| or |17 Larkmead Close, Derby",
        "4 Elm Road, York|; formerly |The Barn, Mill Lane, Selby",
        "4 Elm Road, York| (moved from |The Barn, Mill Lane, Selby",
        "4 Elm Road, York| (now at |17 Larkmead Close, Derby",
        "Rose Cottage, Mill Lane, Selby| / |The Barn, Church Lane, York",
    ],
)
def test_a_second_door_or_a_word_that_joins_begins_another_address(written: str) -> None:
    first, between, second = written.split("|")
    found = parts(first + between + second)
    assert found == (first, second.removeprefix("c/o "))


def test_one_that_names_no_place_has_that_of_the_next() -> None:
    assert parts("3 Mill Road\n17 Larkmead Close\nDerby") == (
        "3 Mill Road\nDerby",
        "17 Larkmead Close\nDerby",
    )
    assert parts("Flat 2, 10 Elm Grove, Flat 3, 22 Park Road, Selby") == (
        "Flat 2, 10 Elm Grove\nSelby",
        "Flat 3, 22 Park Road, Selby",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Flat 3 Mill Court, 12 Larkmead Road, Leeds",
        "Unit 4 Mill Park\n7 Station Road\nYork",
        "12 Larkmead Road\nGateshead\nTyne and Wear\nNE9 9ZZ",
        "5 Elm Road, King's Lynn, King's Lynn and West Norfolk, PE31 9ZZ",
        "Elephant and Castle, 4 New Kent Road, London SE1 9ZZ",
        "17 Larkmead Close\n17 Larkmead Close\nDerby",
        "78 Otley Old Road, Leeds LS16 9ZZ",
    ],
)
def test_a_building_its_street_and_names_with_and_in_them_are_one(text: str) -> None:
    assert parts(text) == (text,)


@pytest.mark.parametrize("street", ["Orton Way", "The Ridings", "Larkmead"])
@pytest.mark.parametrize(
    "whose",
    [
        " (sister: {})",
        "; mum's {}",
        ", mother lives at {}",
        " (parents at {})",
        "; work - {}",
        "\nwork: {}",
        ", c/o {}",
        "\nc/o {}",
        " (also at {})",
        "; girlfriend's {}",
        ", now {}",
    ],
)
@pytest.mark.parametrize("first", ["31 Fairholme Close", "31 Fairholme Close, Derby, DE22 9ZZ"])
def test_the_address_of_another_begins_another_and_gives_the_first_no_place(
    first: str, whose: str, street: str
) -> None:
    second = f"8 {street}, Leicester LE4 1AA"
    assert parts(first + whose.format(second)) == (first, second)


@pytest.mark.parametrize("joint", [" and ", " or ", " & ", "; "])
def test_two_doors_of_one_place_both_have_it(joint: str) -> None:
    assert parts(f"31 Fairholme Close{joint}8 The Ridings, Leicester") == (
        "31 Fairholme Close\nLeicester",
        "8 The Ridings, Leicester",
    )


@pytest.mark.parametrize(
    "text",
    [
        "12 School Lane, Leeds",
        "The Old School House, 5 School Lane, York",
        "Mother Well Cottage, Mill Lane, York",
        "Home Farm, Mill Lane, York",
        "Jo Thornley\nc/o 17 Larkmead Close\nDerby",
    ],
)
def test_a_word_of_relation_within_a_name_parts_nothing(text: str) -> None:
    assert parts(text) == (text,)


def test_addresses_beyond_those_that_are_read_are_counted() -> None:
    text = "; ".join(f"{number} Elm Road, York, YO1 {number}ZZ" for number in range(1, 10))
    assert (len(parts(text)), left_out(text)) == (MOST, 1)
    assert left_out("12 Elm Road, York") == 0


@pytest.mark.parametrize(
    "mark", ["|", " | ", "<br>", "<br/>", "<BR />", "\\n", "\\r\\n", "\u2022", " \u2022 ", "\t", "&#10;"]
)
@pytest.mark.parametrize(
    "lines",
    [
        ("17 Larkmead Close", "Derby", "DE22 9ZZ"),
        ("Flat 2", "17 Larkmead Close", "Derby", "DE22 9ZZ"),
        ("Jo Thornley", "Rose Cottage", "Larkmead Lane", "Derby DE22 9ZZ"),
    ],
)
def test_what_stands_for_a_line_break_is_one(mark: str, lines: tuple[str, ...]) -> None:
    text, plain = mark.join(lines), "\n".join(lines)
    assert readings(text)[0] == structs.replace(readings(plain)[0], text=text)
    assert len(every_reading(text)) == len(every_reading(plain))
    second = mark.join(("4 Elm Road", "York", "YO1 9ZZ"))
    assert parts(text + mark + second) == (plain, "4 Elm Road\nYork\nYO1 9ZZ")


@pytest.mark.parametrize("text", ["12 Mi|l Lane, Derby", "1|9 Mill Lane", "|9 Mill Lane", "12 M|LL LANE"])
def test_a_lone_bar_within_a_word_or_number_is_none(text: str) -> None:
    assert "\n" not in in_lines(text)
