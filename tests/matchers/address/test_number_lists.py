"""Each number of a list before one street is a door by itself, and what stands between them is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.address.number_lists import each_number
from tests.levels import best_of_parts as best

PLACE = "Leeds, LS6 1AA"
STREETS = st.sampled_from(["Larkmead Road", "The Ridings", "Larkmead", "High Street", "St Mary's Close"])
LAST = st.sampled_from([" and ", " & ", " or ", ", and ", "&", " + ", " and/or "])
COUNTS = st.lists(st.integers(1, 120).map(lambda n: 2 * n), min_size=2, max_size=5, unique=True).map(sorted)
LEADS = st.sampled_from(["", "No ", "Nos. ", "Numbers ", "either "])


def listing(numbers: list[int], last: str) -> str:
    return ", ".join(map(str, numbers[:-1])) + last + str(numbers[-1])


@given(COUNTS, LAST, LEADS, STREETS, st.sampled_from([", ", "\n"]))
def test_each_listed_number_is_that_door_and_no_number_between_is(
    numbers: list[int], last: str, lead: str, street: str, gap: str
) -> None:
    text = f"{lead}{listing(numbers, last)} {street}{gap}{PLACE}"
    assert each_number(text) == tuple(f"{number} {street}{gap}{PLACE}" for number in numbers)
    for number in numbers:
        one = f"{number} {street}\n{PLACE}"
        assert best(one, text) == best(text, one) == "same"
        if number + 1 < numbers[-1]:
            neighbour = f"{number + 1} {street}\n{PLACE}"
            assert best(neighbour, text) == best(text, neighbour) == "different"


@given(
    COUNTS,
    LAST,
    st.sampled_from(["Flats", "Units", "Rooms", "Apartments"]),
    st.sampled_from([", ", ",", " "]),
)
def test_each_listed_flat_is_that_door(numbers: list[int], last: str, word: str, gap: str) -> None:
    text = f"{word} {listing(numbers, last)}{gap}301 Mill Lane, {PLACE}"
    for number in numbers:
        one = f"{word[:-1]} {number}, 301 Mill Lane, {PLACE}"
        assert best(one, text) == best(text, one) == "same"
    other = f"{word[:-1]} {numbers[-1] + 1}, 301 Mill Lane, {PLACE}"
    assert "same" not in (best(other, text), best(text, other))


@pytest.mark.parametrize(
    ("text", "each"),
    [
        ("14 (was 12) Larkmead Road", ("14 Larkmead Road", "12 Larkmead Road")),
        ("14, formerly 12, Larkmead Road", ("14 Larkmead Road", "12 Larkmead Road")),
        ("14 Larkmead Road (was 12), Leeds", ("14 Larkmead Road, Leeds", "12 Larkmead Road, Leeds")),
        ("14 Larkmead Road or 16, Leeds", ("14 Larkmead Road, Leeds", "16 Larkmead Road, Leeds")),
        ("Larkmead Road 12 and 14, Leeds", ("Larkmead Road 12, Leeds", "Larkmead Road 14, Leeds")),
        ("12-16 and 20 Larkmead Road", ("12-16 Larkmead Road", "20 Larkmead Road")),
        ("12A, B and C Larkmead Road", tuple(f"12{letter} Larkmead Road" for letter in "ABC")),
        ("Flats A or B, 8 Mill Lane", ("FLAT A, 8 Mill Lane", "FLAT B, 8 Mill Lane")),
        ("Flat 1, 2 and 5, 8 Mill Lane", tuple(f"FLAT {flat}, 8 Mill Lane" for flat in "125")),
        ("Flat 2, 12 and 14 Elm Road", ("Flat 2, 12 Elm Road", "Flat 2, 14 Elm Road")),
        ("Hauptstr. 12 und 14, 10115 Berlin", ("Hauptstr. 12, 10115 Berlin", "Hauptstr. 14, 10115 Berlin")),
    ],
)
def test_a_list_is_written_out(text: str, each: tuple[str, ...]) -> None:
    assert each_number(text) == each


@pytest.mark.parametrize(
    "text",
    [
        "12 Larkmead Road, Leeds, LS6 1AA",
        "Flat 2, 10 Elm Grove, Tyne and Wear",
        "53A & B Mill Lane, Derby",
        "12 and a half Mill Lane, Derby",
        "12-16 Larkmead Road, Leeds",
        "3/2, 54 Mill Lane, Glasgow",
        "Elephant and Castle, 4 New Kent Road, London SE1 9ZZ",
    ],
)
def test_one_number_is_no_list(text: str) -> None:
    assert each_number(text) == ()


@pytest.mark.parametrize("numbers", ["12, 14", "12; 14", "12,14", "12, 14, 18", "12/14/18", "12 14 18"])
def test_numbers_with_marks_alone_between_are_each_perhaps_a_door(numbers: str) -> None:
    text = f"{numbers} Larkmead Road, {PLACE}"
    for number in (12, 14):
        one = f"{number} Larkmead Road\n{PLACE}"
        assert best(one, text) != "different" != best(text, one)
    assert best(f"Flat 12, 14 Larkmead Road\n{PLACE}", f"12, 14 Larkmead Road, {PLACE}") == "same"


@pytest.mark.parametrize(
    "word", ["St Andrew's Drive", "Stanley Road", "The Green", "Thornhill Road", "St Mary's Lane"]
)
@pytest.mark.parametrize("number", [1, 4, 21, 77, 112])
def test_a_number_run_into_its_street_is_read(word: str, number: int) -> None:
    glued, plain = f"{number}{word}\n{PLACE}", f"{number} {word}\n{PLACE}"
    assert best(glued, plain) == best(plain, glued) == "same"
