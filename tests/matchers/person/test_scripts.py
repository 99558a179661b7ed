"""A name in another script is held against one in Latin letters by what is heard of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.person import compare, read
from matchers.person.scripts import heard_alike, in_latin, is_latin


@pytest.mark.parametrize(
    ("written", "latin"),
    [
        ("王小明", (("xiaoming",), ("wang",))),
        ("李伟", (("wei",), ("li",))),
        ("欧阳娜", (("na",), ("ouyang",))),
        ("김민수", (("min", "su"), ("gim",))),
        ("მარიამ გელაშვილი", (("mariam",), ("gelashvili",))),
    ],
)
def test_a_name_is_put_into_latin_letters_family_name_last(
    written: str, latin: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    person = in_latin(read(written))
    assert is_latin(person)
    assert ("".join(person.given), "".join(person.surname)) == tuple("".join(part) for part in latin) or (
        "".join((*person.given, *person.surname)) == "".join((*latin[1], *latin[0]))
    )


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        ("خالد الهاشمي", "Khalid al-Hashimi", True),
        ("سلمى مراد", "Salma Murad", True),
        ("خالد الهاشمي", "Walid al-Hashimi", False),
        ("سلمى مراد", "Salma Barakat", False),
        ("דוד לוי", "David Levy", True),
    ],
)
def test_consonants_decide_where_no_vowels_are_written(a: str, b: str, *, alike: bool) -> None:
    assert heard_alike(in_latin(read(a)), in_latin(read(b))) is alike
    assert (compare(read(a), read(b)).level == "compatible") is alike
    assert compare(read(b), read(a)) == compare(read(a), read(b))


def test_two_names_in_one_script_are_compared_as_they_are_written() -> None:
    assert compare(read("李伟"), read("李玮")).level == "different"


@given(st.text(max_size=12), st.sampled_from(["Khalid al-Hashimi", "Li Wei", "李伟"]))
def test_no_text_ends_the_comparison(text: str, listed: str) -> None:
    assert 0 <= compare(read(text), read(listed)).score <= 1
