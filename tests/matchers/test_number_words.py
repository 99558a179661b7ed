"""Digits said in words are read as they are said on the telephone, in English and in Welsh."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import number_words


def said(words: str) -> str:
    return "".join(digits for digits, _ in number_words.read(words.split()))


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("oh one two three four five six seven eight nine", "0123456789"),
        ("zero one two", "012"),
        ("nought one", "01"),
        ("nil nil seven", "007"),
        ("o seven", "07"),
        ("double seven", "77"),
        ("treble nine", "999"),
        ("triple oh one", "0001"),
        ("double double seven", "77"),
        ("double", ""),
        ("double twelve", "12"),
        ("ten", "10"),
        ("nineteen", "19"),
        ("twenty", "20"),
        ("twenty five", "25"),
        ("seventy seven double oh", "7700"),
        ("ninety oh", "900"),
        ("nine hundred", "900"),
        ("two thousand", "2000"),
        ("0 seven 7 oh 0", "07700"),
        ("double 7", "77"),
        ("dim un dau tri pedwar pump chwech saith wyth naw", "0123456789"),
        ("sero saith saith", "077"),
        ("dim dwy dair bedair", "0234"),
        ("dwbl saith", "77"),
        ("trebl naw", "999"),
        ("dim seven saith oh", "0770"),
    ],
)
def test_number_words_are_read_as_they_are_said(words: str, digits: str) -> None:
    assert said(words) == digits


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("doubleseven", ("double", "seven")),
        ("ohsevenseven", ("oh", "seven", "seven")),
        ("trebleoh", ("treble", "oh")),
        ("seventyseven", ("seventy", "seven")),
        ("saithsaith", ("saith", "saith")),
    ],
)
def test_words_run_together_are_taken_apart(word: str, parts: tuple[str, ...]) -> None:
    assert number_words.split_joined(word) == parts


@pytest.mark.parametrize(
    "word", ["seven", "sevenish", "someone", "often", "phone", "", "onerous", "tonight", "fortune"]
)
def test_other_words_are_not_taken_apart(word: str) -> None:
    assert number_words.split_joined(word) == ()


@pytest.mark.parametrize(
    ("word", "digits"),
    [
        ("seven", 1),
        ("twelve", 2),
        ("hundred", 2),
        ("thousand", 3),
        ("double", 1),
        ("treble", 2),
        ("sally", 0),
    ],
)
def test_the_most_digits_that_a_word_adds_are_known(word: str, digits: int) -> None:
    assert number_words.most_digits([word]) == digits


@given(st.lists(st.sampled_from(sorted(number_words.WORDS)) | st.from_regex(r"[0-9]{1,4}", fullmatch=True)))
def test_every_word_of_a_run_is_used_once_and_gives_digits_only(words: list[str]) -> None:
    read = number_words.read(words)
    assert sum(used for _, used in read) == len(words)
    assert all(digits.isdigit() or not digits for digits, _ in read)


@given(st.text())
def test_no_text_breaks_the_taking_apart(word: str) -> None:
    assert all(part in number_words.WORDS for part in number_words.split_joined(word))


def test_no_number_word_is_an_everyday_word_of_three_letters_or_more_with_another_spelling() -> None:
    assert not {"to", "too", "for", "ate", "won", "sex", "tree"} & number_words.WORDS
