"""Short forms are known as they are spelt, and one name is not another for having a short form like it."""

from __future__ import annotations

import pytest

from matchers.person import compare, read
from matchers.person.facts import GIVEN_FREQUENCY, pet, short_forms

MATCHED = ("same", "compatible")
ENDINGS = ("y", "ie", "i", "ey")
FULL = "katherine charlotte frances nicola gillian rebecca robert georgina deborah victoria anthony".split()


def is_one(a: str, b: str) -> bool:
    return compare(read(f"{a} Quillfeather"), read(f"{b} Quillfeather")).level in MATCHED


@pytest.mark.parametrize("name", FULL)
def test_every_ending_of_a_short_form_is_that_form(name: str) -> None:
    shorts = [short for short in short_forms()[name] if len(short) > 4 and short.endswith(ENDINGS)]
    assert shorts
    for short in shorts:
        stem = short.rstrip("iey")
        for spelt in (stem + ending for ending in ENDINGS):
            if GIVEN_FREQUENCY.get(spelt, 0) < 20:  # no name that many have of its own
                assert is_one(spelt, name), (spelt, name)


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("Kath", "Katherine"), ("Charlie", "Charlotte"), ("Fran", "Francesca"), ("Toni", "Antonia"),
        ("Nikki", "Nicola"), ("Jill", "Gillian"), ("Bex", "Rebecca"), ("Robbie", "Robert"),
        ("Mick", "Michael"),
        ("Georgie", "Georgina"), ("Sasha", "Alexandra"), ("Shazza", "Sharon"), ("Ste", "Stephen"),
        ("Jacqui", "Jacqueline"), ("Loz", "Lauren"), ("Chris", "Krzysztof"), ("Peter", "Piotr"),
        ("Mo", "Mohamed"),
        ("Jaqueline", "Jacqueline"), ("Rebekah", "Rebecca"), ("Bob", "Rob"), ("Kate", "Katie"),
    ],
)  # fmt: skip
def test_a_short_form_or_spelling_is_the_name(short: str, name: str) -> None:
    assert is_one(short, name)
    assert is_one(name, short)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jack", "Jacqueline"), ("Peter", "Patrick"), ("Paul", "Paula"), ("Emma", "Emily"), ("Erin", "Aaron"),
        ("Simon", "Simone"), ("Lisa", "Alice"), ("Jane", "Jean"), ("Andrea", "Andrew"), ("Fred", "Will"),
        ("Helen", "Ellen"), ("Tony", "Toby"), ("Kate", "Kerry"), ("Ted", "Ned"),
    ],
)  # fmt: skip
def test_another_name_is_another_name(one: str, other: str) -> None:
    assert is_one(one, other) is (one == "Ted")  # Ted and Ned are both Edward


def test_a_short_form_is_none_of_a_family_name() -> None:
    assert compare(read("Sarah Harris"), read("Sarah Harrison")).level == "different"


def test_spellings_of_a_pet_form_sound_alike() -> None:
    assert len({pet(word) for word in ("nicky", "nicki", "nikki", "nickie", "nickey", "niky")}) == 1
    assert pet("kath") != pet("kate")
