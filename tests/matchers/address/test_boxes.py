"""A box at a post office is known by every name it has, and a street that begins alike is no box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from matchers.address import compare, read, readings
from matchers.address.boxes import box_at
from matchers.address.vocabulary import rows

OWN = [row[0] for row in rows("post_boxes") if row[1] == "-"]


@given(
    st.sampled_from(OWN), st.integers(1, 9999), st.sampled_from(["{} {}", "{} No {}", "{} no. {}", "{}: {}"])
)
def test_a_box_by_any_name_is_the_box_of_that_number(name: str, number: int, layout: str) -> None:
    given_address = read(layout.format(name.title(), number) + "\nCardiff\nCF10 9ZZ")
    assert given_address.po_box == str(number)
    assert compare(given_address, read(f"PO Box {number}, Cardiff, CF10 9ZZ")).level == "same"
    assert compare(given_address, read(f"PO Box {number + 1}, Cardiff, CF10 9ZZ")).level == "different"


@pytest.mark.parametrize(
    ("line", "box"),
    [
        ("P.O. Box 77", "77"),
        ("POBox77", "77"),
        ("P.O.B. 77", "77"),
        ("PO Box Seventy Seven", "77"),
        ("PO Box LXXVII", "77"),
        ("PO Box #77", "77"),
        ("BFPO58", "BFPO 58"),
        ("B.F.P.O. 58", "BFPO 58"),
        ("P.M.B. 77", "PMB 77"),
        ("Private Bag 77", "PRIVATE BAG 77"),
        ("Locked Bag 77", "LOCKED BAG 77"),
        ("Freepost RTXX-YYZZ", "FREEPOST RTXX-YYZZ"),
        ("Poste Restante", "POSTE RESTANTE"),
    ],
)
def test_a_box_has_its_number_and_its_kind(line: str, box: str) -> None:
    assert read(f"Rowan Ashdown\n{line}\nCardiff\nCF10 9ZZ").po_box == box


@pytest.mark.parametrize(
    "line",
    [
        "4 Box Lane",
        "Box Hill",
        "Box 4 Elm Road",
        "Post Office Lane",
        "Private Road",
        "Locked Lane",
        "Po Street",
    ],
)
def test_a_street_that_begins_like_a_box_is_none(line: str) -> None:
    assert read(f"{line}\nCardiff\nCF10 9ZZ").po_box == ""
    assert box_at(line.upper().split()) is None


def test_a_less_likely_reading_of_a_box_is_never_sure() -> None:
    box = read("PO Box 77, Leeds LS6 1AA")
    assert compare(box, box).level == "same"
    for one, other in ((replace(box, rather="US"), box), (box, replace(box, rather="US"))):
        assert compare(one, other).level == "probable"


@pytest.mark.parametrize("name", ["Willow House Refuge", "Willow Women's Aid", "St Anne's Hostel"])
def test_a_house_that_is_listed_by_its_box_is_found_by_its_name_and_town(name: str) -> None:
    for listed in (f"{name}, PO Box 77, Leeds, LS1 9ZZ", f"{name}, PO Box 77, Leeds"):
        assert best(f"{name}\nLeeds", listed) == "incomplete"
        assert best("Oak House Refuge\nLeeds", listed) == "different"
        assert best(f"{name}\nPO Box 78\nLeeds LS1 9ZZ", listed) == "different"


def best(to: str, listed: str) -> str:
    pairs = (compare(one, other) for one in readings(to) for other in readings(listed))
    return max(pairs, key=lambda found: found.rank).level


@given(
    st.sampled_from([row[0] for row in rows("post_boxes") if row[2] == "strong" and "O" in row[0]]),
    st.integers(1, 999),
    st.integers(1, 63),
)
def test_a_nought_for_the_letter_o_hides_no_box(name: str, number: int, which: int) -> None:
    places = [place for place, letter in enumerate(name) if letter == "O"]
    misread = "".join(
        "0" if place in places and which >> places.index(place) & 1 else letter
        for place, letter in enumerate(name)
    )
    plain, found = (read(f"{lead} {number}\nCardiff\nCF10 9ZZ") for lead in (name, misread))
    assert found.po_box == plain.po_box


@pytest.mark.parametrize(
    ("line", "box"),
    [
        ("P0 Box 123", "123"),
        ("PO B0X 123", "123"),
        ("P0B0X123", "123"),
        ("PO 8ox 12", "12"),
        ("BFP0 12", "BFPO 12"),
        ("BFP012", "BFPO 12"),
        ("POBOX077", "077"),
    ],
)
def test_a_box_read_or_typed_with_figures_is_the_same_box(line: str, box: str) -> None:
    assert read(f"{line}, Leeds, LS1 4AB").po_box == box
