"""English spellings of one given name sound alike; a short vowel is not a long one, a man's no woman's."""

from __future__ import annotations

import pytest

from matchers.person.aloud import aloud, may_sound_alike

ALIKE = (
    "denise denice", "jane jayne", "carl karl", "haley hayley hailey", "kayleigh kaylee kayley",
    "tracy tracie tracey", "lindsay lindsey linsey lynsey", "nicole nichole nicolle", "claire clare clair",
    "gillian jillian", "sheryl cheryl", "joleen jolene", "maureen maurene", "rebekah rebecca",
    "jacqueline jacquelyn jackelyn", "michael micheal", "rachael rachel", "philippa phillipa filipa",
    "kieran keiran", "abigail abigale", "neil neal neale", "selina celina", "suzan susan",
)  # fmt: skip
APART = (
    "jane jan jean joan", "denise denis", "simone simon", "daniel danielle", "michel michelle",
    "gabriel gabrielle", "justin justine", "martin martine", "robin robina", "louis louise", "paul paula",
    "leanne lena", "joann joan", "carol carla", "callie kayleigh", "jeannie jenny", "eileen ellen",
    "gene jean", "chan shan",
)  # fmt: skip


@pytest.mark.parametrize("names", ALIKE)
def test_spellings_of_one_name_sound_alike(names: str) -> None:
    first, *others = names.split()
    assert {aloud(name) for name in (first, *others)} == {aloud(first)}
    assert all(may_sound_alike(first, other) for other in others)


@pytest.mark.parametrize("names", APART)
def test_other_names_do_not(names: str) -> None:
    words = names.split()
    assert len({aloud(word) for word in words}) == len(words)


def test_too_few_sounds_are_no_key() -> None:
    assert aloud("lee") == aloud("leigh") == ""
