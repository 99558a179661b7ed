"""What a first look tells of a text is true of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import ciphers, email_handle, spoken
from matchers.folding import digit_runs, in_ascii
from matchers.look import PLATFORM_WORDS, Look, digits_held
from matchers.said import Said

WRITTEN = st.text(alphabet=st.sampled_from("aZk 0719.,!?'\"-_@(\né·\u0663"), max_size=40)


@given(WRITTEN)
def test_the_digits_are_those_that_stand_there(text: str) -> None:
    assert digit_runs(in_ascii(text)) == [(m[0], m.start()) for m in re.finditer("[0-9]+", text)]


@given(WRITTEN)
def test_words_are_runs_of_letters_and_distinct_each_once(text: str) -> None:
    look = Look(text)
    assert look.words == re.findall("[a-z]+", look.searched)
    assert look.distinct == set(look.words)
    assert look.squeezed == "".join(re.findall("[a-z0-9]", look.searched))


@given(WRITTEN)
def test_plain_words_have_nothing_inside_that_a_reader_asks_for(text: str) -> None:
    look = Look(text)
    if look.plain_words:
        assert email_handle._INSIDE_A_WORD(look.searched) is None
        assert email_handle._SIGN_OF_SPELLING(look.searched) is None
    if look.plain_words and text.isascii():
        assert ciphers.decoded(text) == text
    assert Said(text, look if text.isascii() else None).words == Said(text).words


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("See you Sunday, mum. Don't worry!", True),
        ("ring 07700 900123, ok?", True),
        ("sally.j", False),
        ("sally_j", False),
        ("j92", False),
        ("9th", False),
        ("me@home", False),
    ],
)
def test_most_texts_are_of_plain_words(text: str, plain: bool) -> None:
    assert Look(text).plain_words is plain


@given(
    st.lists(st.sampled_from([*sorted(PLATFORM_WORDS), "to", "seven", "double", "and", "sunday"]), max_size=9)
)
def test_a_networks_name_is_told_and_takes_no_digit_from_the_others(words: list[str]) -> None:
    look = Look(" ".join(words))
    assert look.names_a_platform == (not PLATFORM_WORDS.isdisjoint(words))
    assert look.digits_held == digits_held(words) == bytes(map(spoken.held_by, words))
