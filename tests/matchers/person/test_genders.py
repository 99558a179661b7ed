"""A title that a first name contradicts is another's; where either is silent, it may be hers."""

from __future__ import annotations

import pytest

from matchers import tables
from matchers.person import compare, read
from matchers.person.facts import GENDERS, TITLES

MATCHED = ("same", "compatible")
OF = {"f": ("Mrs", "Miss", "Ms", "Lady"), "m": ("Mr", "Sir")}


@pytest.mark.parametrize("family", ["Jones", "Quillfeather", "Okafor-Blythe"])
@pytest.mark.parametrize(
    ("first", "gender"), [("Emma", "f"), ("Daniel", "m"), ("Fatima", "f"), ("Rhys", "m")]
)
def test_a_family_name_is_hers_behind_a_title_that_her_first_name_allows(
    first: str, gender: str, family: str
) -> None:
    for stated, titles in OF.items():
        for title in (*titles, "Dr", "Mx"):
            one, other = read(f"{title} {family}"), read(f"{first} {family}")
            allowed = stated == gender or TITLES[title.lower()] == "-"
            assert (compare(one, other).level in MATCHED) is allowed
            assert (compare(other, one).level in MATCHED) is allowed


@pytest.mark.parametrize("first", "Ashley Kim Gurpreet Sasha Andrea Nicola Alex Xyla".split())
def test_a_first_name_of_both_or_unknown_says_nothing(first: str) -> None:
    for title in ("Mr", "Mrs"):
        assert compare(read(f"{title} Jones"), read(f"{first} Jones")).level in MATCHED


def test_a_listed_title_goes_before_the_first_name() -> None:
    assert compare(read("Mr Jones"), read("Mr Emma Jones")).level in MATCHED
    assert compare(read("Mrs Jones"), read("Mr Emma Jones")).level == "different"


@pytest.mark.parametrize("written", ["Mr E Jones", "Mr Emma Jones", "E Jones", "Mr Em Jones"])
def test_a_first_name_or_its_initial_outweighs_a_title(written: str) -> None:
    assert compare(read(written), read("Emma Jones")).level in MATCHED


def test_a_couple_has_a_man_and_a_woman() -> None:
    for first in ("Emma", "Daniel"):
        assert compare(read("Mr & Mrs Quillfeather"), read(f"{first} Quillfeather")).score >= 0.6


def test_no_name_is_listed_as_both() -> None:
    assert len(GENDERS) > 800
    for name, gender in GENDERS.items():
        rows = {row[0] for row in tables.rows("person_genders") if name in row[2].split()}
        assert rows == {gender}
