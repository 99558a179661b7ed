"""A house that is told by another's number in its street is compared as well as that one."""

from __future__ import annotations

import pytest

from tests.levels import best

LISTED = "10 Larkmead Street, Leeds, LS14 4AB"
PLACE = "Leeds\nLS14 4AB"


@pytest.mark.parametrize(
    "words",
    [
        "next door to 8",
        "the house next to no. 12",
        "neighbour of 8",
        "opposite 9",
        "across the road from number 11",
        "the house between 8 and 12",
        "between 6 and 14",
    ],
)
def test_the_house_beside_a_number_is_perhaps_the_listed_one(words: str) -> None:
    assert best(f"T Blythe\n{words} Larkmead Street\n{PLACE}", LISTED) not in ("different", "same")
    for other in ("30 Larkmead Street, Leeds, LS14 4AB", "10 Mill Lane, Leeds, LS14 4AD"):
        assert best(f"T Blythe\n{words} Larkmead Street\n{PLACE}", other) == "different"


@pytest.mark.parametrize(
    "words",
    [
        "pass on to no 10",
        "please give to number 10",
        "leave with 10",
        "c/o no. 10",
        "hand to the people at 10",
    ],
)
@pytest.mark.parametrize("envelope", ["8 Larkmead St, {}\n" + PLACE, "8 Larkmead St\n" + PLACE + "\n({})"])
def test_a_letter_that_is_to_be_passed_on_is_perhaps_to_the_house_of_the_number(
    words: str, envelope: str
) -> None:
    to = f"T Blythe\n{envelope.format(words)}"
    assert best(to, LISTED) not in ("different", "same")
    assert best(to, LISTED.replace("10", "8", 1)) == "same"
    assert best(to, LISTED.replace("10", "12", 1)) == "different"


@pytest.mark.parametrize("words", ["opposite no 11", "next door to 12", "next door to the Co-op"])
def test_what_says_where_a_numbered_house_is_makes_no_other_of_it(words: str) -> None:
    assert best(f"T Blythe\n22 Larkmead Street, {words}\n{PLACE}", LISTED) == "different"
