"""A name is found by its other spellings, with its initial too, and no other name is taken for it."""

from __future__ import annotations

import pytest

from matchers.person import compare, read
from matchers.person.facts import FAMILY_FREQUENCY
from matchers.person.tokens import agree_given, agree_surname

MATCHED = ("same", "compatible")


@pytest.mark.parametrize("first", ["Emma", "E", "Miss E"])
@pytest.mark.parametrize(
    "families",
    "Cook/Cooke Clark/Clarke Brown/Browne Low/Lowe Moor/Moore Sharp/Sharpe Osborn/Osborne Fry/Frye Ash/Ashe "
    "Wolf/Wolfe Read/Reid Reid/Reed Davis/Davies Stephens/Stevens Stephenson/Stevenson Gray/Grey Neal/Neil "
    "Pearce/Pierce Shepherd/Sheppard".split(),
)
def test_a_family_name_is_found_by_its_other_spelling(families: str, first: str) -> None:
    one, other = families.split("/")
    assert compare(read(f"{first} {other}"), read(f"Emma {one}")).level in MATCHED
    assert compare(read(f"{first} {one}"), read(f"Emma {other}")).level in MATCHED


@pytest.mark.parametrize(
    "names",
    "Bronwen/Bronwyn Olwen/Olwyn Carys/Cerys Ffion/Fion Rhiannon/Rhianon Megan/Meghan Chloe/Cloe "
    "Chloe/Khloe Leanne/Leeann Leanne/Leighanne Leanne/Lianne".split(),
)
def test_a_first_name_is_found_by_its_other_spelling(names: str) -> None:
    one, other = names.split("/")
    assert agree_given(one.lower(), other.lower()).kind == "spelling"


def test_an_e_that_changes_the_sound_makes_another_name() -> None:
    for one, other in (("hop", "hope"), ("pop", "pope"), ("ros", "rose"), ("le", "lee"), ("pik", "pike")):
        assert agree_surname(one, other).kind == "none"


def test_an_e_that_changes_no_sound_is_hardly_ever_a_common_name_more() -> None:
    many = [name for name, bearers in FAMILY_FREQUENCY.items() if bearers >= 100]
    spelt = {(one, one + "e") for one in many if FAMILY_FREQUENCY.get(one + "e", 0) >= 100}
    assert {pair for pair in spelt if agree_surname(*pair).kind == "spelling"} <= {
        ("clark", "clarke"),
        ("brown", "browne"),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hannah", "Anna"), ("Georgina", "George"), ("Georgia", "George"), ("Gwyn", "Gwen"), ("Arwyn", "Arwen")],
)
def test_names_of_their_own_are_two(one: str, other: str) -> None:
    assert compare(read(f"{one} Quillfeather"), read(f"{other} Quillfeather")).level == "different"
    assert compare(read(f"{other} Quillfeather"), read(f"{one} Quillfeather")).level == "different"
