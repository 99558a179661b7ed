"""What a first look tells of a text is true of it."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import ciphers, email_handle, long_texts, spoken
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
    assert look.tokens == re.findall("[a-z0-9]+", look.searched)
    assert look.distinct == set(look.tokens if look.plain_words else look.words)
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


@given(WRITTEN)
def test_a_text_as_long_as_a_book_has_plain_words_where_a_short_one_has(text: str) -> None:
    assert Look(f"{text} and{' so on' * 1_000}").plain_words == Look(f"{text} and so on").plain_words


@given(st.text(alphabet="07 a,", max_size=30), st.integers(1, 600))
def test_a_long_text_is_full_of_digits_by_their_number_or_that_of_their_runs(text: str, times: int) -> None:
    body = text * times + " and so on" * 400
    runs = re.findall("[0-9]+", body)
    several = len(runs) > long_texts.MOST_PIECES
    assert long_texts.is_full_of_digits(body) == (several or sum(map(len, runs)) > long_texts.LONGEST_MESSAGE)


@given(
    st.lists(
        st.sampled_from("to too for seven double and the sunday 7even o1i0o1i0o snap".split()), max_size=12
    )
)
def test_digits_that_words_hold_are_counted_in_runs_of_two_and_more(words: list[str]) -> None:
    held = bytes(map(spoken.held_by, words))
    marks = [mark for mark in held if mark != spoken._FILLER[0]]
    digits = [0 if mark == spoken._CODE[0] else mark % spoken._PROPER for mark in marks]
    runs = [list(run) for holds, run in groupby(digits, bool) if holds]
    sums = [sum(run) for run in runs if len(run) > 1]
    told = spoken.said(held)
    assert (told.in_a_run, told.in_all) == (max(sums, default=0), sum(sums))
    assert told.in_code == (spoken._CODE[0] in marks)
    assert told.properly == sum(mark - spoken._PROPER for mark in marks if 64 <= mark < spoken._CODE[0])


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
