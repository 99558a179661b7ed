"""One flat in any two notations is never another door, and two flats are never one."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matchers.address import compare, read
from matchers.address.flats import relation

FLOORS = ("GROUND", "FIRST", "SECOND", "THIRD", "TOP", "BASEMENT")
ORDINALS = {"FIRST": "1st", "SECOND": "2nd", "THIRD": "3rd"}
CODES = {"GROUND": "G", "FIRST": "F", "SECOND": "S", "TOP": "T", "BASEMENT": "B"}
DIGITS = {"GROUND": "0", "FIRST": "1", "SECOND": "2", "THIRD": "3"}
SIDES = ("LEFT", "RIGHT", "FRONT", "REAR", "MIDDLE")


class Door(NamedTuple):
    """A flat that is known for certain, by its floor and side, its floor and place, or its number."""

    floor: str = ""
    side: str = ""
    place: int = 0
    name: str = ""


def notations(door: Door) -> list[str]:
    """Every way in which people write this flat in front of a house's number."""
    if door.name:
        digits = door.name.isdecimal()
        forms = [f"Flat {door.name}", f"Apartment {door.name}", f"FLAT NO. {door.name}", f"flat{door.name}"]
        forms += [f"Apt {door.name}", f"Flat Number {door.name}", f"Unit {door.name}", f"Room {door.name}"]
        return forms + ([f"Flat 0{door.name}", f"Flat {WORDS[int(door.name)]}"] if digits else [])
    words = [f"{door.floor} floor", f"{door.floor} flr"]
    if door.floor in ORDINALS:
        words += [f"{ORDINALS[door.floor]} floor", f"{ORDINALS[door.floor]} Flr"]
    if door.place:
        forms = [f"{word}, Flat {door.place}" for word in words]
        forms += [f"Flat {door.place}, {word}" for word in words]
        forms += [f"Flat {door.place} / {words[-1]}"]
        if door.floor in DIGITS:
            floor = DIGITS[door.floor]
            forms += [f"{floor}/{door.place}", f"Flat {floor}/{door.place}", f"{floor}.{door.place}"]
            forms += [f"{floor}F{door.place}", f"Flat {floor}F{door.place}"] if floor != "0" else []
        return forms + ([f"G/{door.place}", f"GF{door.place}"] if door.floor == "GROUND" else [])
    side = {"LEFT": ["left", "LHS", "left hand side"], "RIGHT": ["right", "RHS"], "REAR": ["rear", "back"]}
    sides = side.get(door.side, [door.side])
    forms = [f"{word} {one}" for word in words for one in sides]
    forms += [f"Flat {words[0]} {sides[0]}", f"{words[0]} {sides[0]} flat", f"Flat, {words[0]} {sides[-1]}"]
    if door.floor in CODES:
        letter = "B" if door.side == "REAR" else door.side[0]
        forms += [f"{CODES[door.floor]}F{letter}", f"Flat {CODES[door.floor]}F{letter}"]
    if door.floor in DIGITS and door.side in ("LEFT", "RIGHT"):
        floor = "G" if door.floor == "GROUND" else DIGITS[door.floor]
        forms += [f"{floor}/{door.side[0]}", f"Flat {floor}/{door.side[0]}"]
    return forms


WORDS = "nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
DOORS = st.sampled_from(
    [
        *(Door(floor, side=side) for floor in FLOORS for side in SIDES),
        *(Door(floor, place=place) for floor in DIGITS for place in (1, 2, 3, 4)),
        *(Door(name=str(number)) for number in range(1, 15)),
        *(Door(name=letter) for letter in "ACDEHJK"),
    ]
)


def envelope(flat: str, data: st.DataObject) -> str:
    layout = data.draw(
        st.sampled_from(
            [
                "{}, 54 Larkspur Street",
                "{}\n54 Larkspur Street",
                "54 Larkspur Street, {}",
                "{} 54 Larkspur Street",
            ]
        )
    )
    return str(layout.format(flat)) + "\nLeeds\nLS1 4ZZ"


@settings(max_examples=400)
@given(DOORS, st.data())
def test_one_flat_in_two_notations_is_never_another_door(door: Door, data: st.DataObject) -> None:
    one, other = (envelope(data.draw(st.sampled_from(notations(door))), data) for _ in range(2))
    assert compare(read(one), read(other)).level != "different", (one, other)


@settings(max_examples=400)
@given(DOORS, DOORS, st.data())
def test_two_flats_in_any_notation_are_never_one(door: Door, another: Door, data: st.DataObject) -> None:
    assume(door != another)
    assume(str(door.place) != another.name and str(another.place) != door.name)  # may be one: "Flat 1"
    one, other = (envelope(data.draw(st.sampled_from(notations(each))), data) for each in (door, another))
    assert compare(read(one), read(other)).level != "same", (one, other)


@given(DOORS, st.data())
def test_a_flat_is_never_the_house_without_one(door: Door, data: st.DataObject) -> None:
    one = envelope(data.draw(st.sampled_from(notations(door))), data)
    assert compare(read(one), read("54 Larkspur Street, Leeds LS1 4ZZ")).level == "incomplete", one


CODED = st.text("0123456789ABCDFGLMRSTU/-", min_size=1, max_size=5)


@given(CODED, CODED)
def test_flats_are_held_against_one_another_the_same_way_round(one: str, other: str) -> None:
    assert relation((one,), (other,))[0] == relation((other,), (one,))[0]
    assert relation((one,), (one,))[0] == "same"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("3/2",), ("2", "THIRD"), "compatible"),
        (("3/2",), ("3F2",), "same"),
        (("3/2",), ("32",), "near"),  # the stroke lost
        (("3/2",), ("3/1",), "different"),
        (("3/2",), ("THIRD RIGHT",), "near"),  # two flats on the landing, or more
        (("3/2",), ("SECOND RIGHT",), "different"),
        (("TFL",), ("TOP LEFT",), "same"),
        (("TFL",), ("TFR",), "different"),
        (("TFL",), ("1FL",), "different"),  # a tenement has more than one floor above the ground
        (("TOP",), ("FIRST",), "near"),  # a house may have no more
        (("TOP",), ("ATTIC",), "same"),
        (("TOP",), ("UPPER",), "near"),
        (("BASEMENT",), ("LOWER GROUND",), "same"),
        (("BASEMENT",), ("GARDEN",), "near"),
        (("GARDEN",), ("GROUND",), "near"),
        (("GARDEN",), ("FIRST",), "different"),
        (("FFF",), ("FIRST",), "near"),  # first floor flat, or front
        (("FFF",), ("FFR",), "different"),
        (("FFR",), ("FIRST REAR",), "near"),
        (("FFR",), ("FIRST RIGHT",), "near"),
        (("C4",), ("C", "4"), "compatible"),
        (("C",), ("C", "20"), "missing"),
        (("C4",), ("C-4",), "same"),
        (("C4",), ("4",), "near"),
        (("7",), ("BASEMENT",), "different"),  # more than a house has below its ground floor
        (("2",), ("BASEMENT",), "near"),
        (("1",), ("SECOND",), "near"),  # counted from above
        (("2",), ("GROUND", "2"), "compatible"),
        (("2", "FIRST"), ("2", "SECOND"), "different"),
        (("2",), ("B",), "near"),
        (("3",), ("B",), "different"),
        (("2FI",), ("2F1",), "near"),  # misread
        (("XQ",), ("ZK",), "different"),  # codes that nobody knows
        (("XQ",), (), "missing"),
    ],
)
def test_flats_are_held_against_one_another_part_by_part(
    one: tuple[str, ...], other: tuple[str, ...], level: str
) -> None:
    assert relation(one, other)[0] == level
    assert relation(other, one)[0] == level


def test_a_flat_and_a_room_of_it_are_not_the_room_and_its_flat() -> None:
    listed = read("Room 3, Flat 2, 54 Larkspur Street, Leeds, LS1 4ZZ")
    assert compare(read("Flat 2, Room 3, 54 Larkspur Street, Leeds, LS1 4ZZ"), listed).level == "same"
    assert compare(read("Flat 3, Room 2, 54 Larkspur Street, Leeds, LS1 4ZZ"), listed).level == "different"


@pytest.mark.parametrize(
    "code", ["TFL", "FFF", "G.F.F.", "B/F", "PF1", "G/R", "1/L", "Flat XQ", "Flat TLR", "GND FLR LHS"]
)
def test_a_flat_code_is_never_taken_for_none(code: str) -> None:
    listed = read("54 Larkspur Street, Leeds, LS1 4ZZ")
    assert compare(read(f"{code}, 54 Larkspur Street, Leeds, LS1 4ZZ"), listed).level == "incomplete"


@pytest.mark.parametrize(
    "name", ["Front Street", "Left Bank Road", "Middle Lane", "Back Lane", "Upper Street", "Garden Street"]
)
def test_a_word_for_a_side_in_a_streets_name_is_no_flat(name: str) -> None:
    assert read(f"54 {name}, Leeds, LS1 4ZZ").units == ()
    assert read(f"54 {name}, Leeds, LS1 4ZZ").street == name.upper()
