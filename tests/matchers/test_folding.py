"""Unicode is folded to what a reader sees, and plain text is left alone."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.folding import (
    CONFUSABLE_DIGITS,
    CONFUSABLE_MAP,
    MOST_MARKS,
    normalized,
    other_readings,
    plain,
    search_form,
    without_marks,
)

NUMBER = "07700900123"


@pytest.mark.parametrize(
    "text",
    [
        "０７７００９００１２３",
        "٠٧٧٠٠٩٠٠١٢٣",
        "۰۷۷۰۰۹۰۰۱۲۳",
        "०७७००९००१२३",
        "𝟎𝟕𝟕𝟎𝟎𝟗𝟎𝟎𝟏𝟐𝟑",
        "𝟬𝟳𝟳𝟬𝟬𝟵𝟬𝟬𝟭𝟮𝟯",
        "⁰⁷⁷⁰⁰⁹⁰⁰¹²³",
        "₀₇₇₀₀₉₀₀₁₂₃",
        "⓪⑦⑦⓪⓪⑨⓪⓪①②③",
        "⓿❼❼⓿⓿❾⓿⓿❶❷❸",
        "0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣2️⃣3️⃣",
    ],
)
def test_digits_of_every_form_become_plain_digits(text: str) -> None:
    assert plain(text)[0] == NUMBER


@given(st.sampled_from([chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) == "Nd"]))
def test_any_decimal_digit_of_unicode_becomes_its_value(char: str) -> None:
    assert plain(char)[0] == str(unicodedata.digit(char))


@pytest.mark.parametrize(
    "mark", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202a", "\u2066"]
)
def test_invisible_characters_vanish_and_the_step_is_told(mark: str) -> None:
    assert plain(f"07700{mark}900123") == (NUMBER, ("invisible characters removed",))


MARKS = [char for char in map(chr, range(0x80, 0x110000)) if unicodedata.category(char)[0] == "M"]
DIGITS = [char for char in map(chr, range(0x110000)) if unicodedata.decimal(char, None) is not None]


def test_a_digit_is_read_under_every_mark_of_unicode() -> None:
    """Strokes, rings, keycaps, accents, vowel signs: on each digit, on every script's, and on the spaces."""
    for mark in MARKS:
        assert plain("".join(digit + mark for digit in f"+44 {NUMBER}"))[0] == f"+44 {NUMBER}"
        assert plain(mark + NUMBER)[0] == NUMBER


@given(st.lists(st.tuples(st.sampled_from(DIGITS), st.text(st.sampled_from(MARKS), max_size=3)), min_size=1))
def test_any_digits_under_any_marks_are_their_values(marked: list[tuple[str, str]]) -> None:
    text = "".join(digit + marks for digit, marks in marked)
    assert plain(text)[0] == "".join(str(unicodedata.decimal(digit)) for digit, _ in marked)


def test_letters_keep_the_marks_of_their_alphabet_and_no_strokes() -> None:
    assert plain("Zo\u00eb n\u0330 \u0939\u093f\u0928\u094d\u0926\u0940")[0] == (
        "Zo\u00eb n\u0330 \u0939\u093f\u0928\u094d\u0926\u0940"
    )
    assert plain("s\u0336e\u20ddv\u0901e\u0338n")[0] == "seven"
    assert plain("\U0001f162\U0001f174ven")[0] == "SEven"


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("07705\u03364\u20e00900123", NUMBER),
        ("s\u00e9v\u0330en", "seven"),
        ("\U0001f1f4\U0001f1ed 7", "OH 7"),
        ("".join(chr(0xE0000 + ord(digit)) for digit in NUMBER), NUMBER),
    ],
)
def test_a_text_has_other_readings_than_the_plain_one(text: str, reading: str) -> None:
    assert reading in list(other_readings(text, plain(text)[0]))


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u2009", "\u202f", "\u3000"])
def test_every_kind_of_space_becomes_a_plain_one_and_is_no_disguise(space: str) -> None:
    assert plain(f"07700{space}900123") == ("07700 900123", ())


def test_circled_tens_are_two_digits() -> None:
    assert plain("⑫")[0] == "12"


@pytest.mark.parametrize(("text", "folded"), [("½", "1⁄2"), ("四", "四"), ("百", "百"), ("Ａ１", "A1")])
def test_fractions_and_letters_with_a_value_are_no_digits(text: str, folded: str) -> None:
    assert plain(text)[0] == folded


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_comes_back_as_it_is(text: str) -> None:
    assert plain(text) == (text, ())


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = plain(text)[0]
    assert plain(once)[0] == once


@given(st.text())
def test_the_search_form_of_any_text_is_stable_and_has_no_capitals(text: str) -> None:
    form = search_form(text)
    assert search_form(form) == form
    assert not any(char.isascii() and char.isupper() for char in form)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SARAH", "sarah"),
        ("Siân Élan", "sian elan"),
        ("Łukasz Bjørk", "lukasz bjork"),
        ("Ｓａｌｌｙ", "sally"),
        ("𝓢𝓪𝓵𝓵𝔂", "sally"),
        ("S\u200bally", "sally"),
        ("STRAẞE", "strasse"),
    ],
)
def test_words_are_looked_for_without_case_accents_or_disguise(text: str, form: str) -> None:
    assert search_form(text) == form


def test_every_digit_but_none_other_has_a_look_alike() -> None:
    assert set(CONFUSABLE_DIGITS.values()) == set("0123456789")
    assert all(len(char) == 1 and not char.isdigit() for char in CONFUSABLE_DIGITS)


@pytest.mark.parametrize(
    ("text", "digits"), [("O77OO", "07700"), ("9OOl23", "900123"), ("ΟОο", "000"), ("S8B", "588")]
)
def test_look_alikes_map_to_the_digits_that_they_look_like(text: str, digits: str) -> None:
    assert text.translate(CONFUSABLE_MAP) == digits


EVERY = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]


def test_every_combining_mark_is_taken_away_and_nothing_else() -> None:
    assert without_marks("".join(EVERY)) == "".join(c for c in EVERY if not unicodedata.combining(c))


@given(st.text(), st.sampled_from(["", "x" * 10_000]))
def test_few_marks_in_a_long_text_are_taken_away_as_many_are(text: str, rest: str) -> None:
    assert without_marks(text + rest) == "".join(c for c in text if not unicodedata.combining(c)) + rest


def test_every_digit_of_every_script_is_folded() -> None:
    digits = [char for char in EVERY if unicodedata.digit(char, None) is not None]
    assert plain("".join(digits))[0] == "".join(str(unicodedata.digit(char)) for char in digits)


@given(st.text())
def test_what_is_known_of_a_text_need_not_be_folded_again(text: str) -> None:
    assert search_form(text, plain(text)[0]) == search_form(text)


@given(
    letters=st.text(alphabet="aé०ع漢😀", max_size=8),
    marks=st.text(alphabet="\u0301\u0323\u0344\u0f71\u0f72\U0001d165", max_size=MOST_MARKS),
)
def test_as_many_marks_as_any_language_needs_are_put_in_order_as_ever(letters: str, marks: str) -> None:
    text = "".join(letter + marks for letter in letters) + "x" * 1_000
    for form in ("NFC", "NFKC", "NFKD"):
        assert normalized(form, text) == unicodedata.normalize(form, text)


def test_signs_of_later_planes_are_no_marks() -> None:
    faces, stems = "😀" * 1_000, "\U0001d165" * 1_000
    assert normalized("NFC", faces + "e" + stems + faces) == f"{faces}e{stems[:MOST_MARKS]}{faces}"


@pytest.mark.parametrize("marks", ["\u0301" * 50_000 + "\u0323" * 50_000, "\u0f71\u0f72" * 50_000])
def test_more_marks_than_that_are_left_out_before_they_are_put_in_order(
    marks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest: list[int] = []
    normal = unicodedata.normalize

    def counted(form: str, text: str) -> str:
        longest.append(len(text))
        return normal(form, text)  # type: ignore[arg-type]

    monkeypatch.setattr("matchers.folding.unicodedata.normalize", counted)
    assert search_form(f"ring 0{marks}7700 900123") == "ring 07700 900123"
    assert max(longest) < 1_000
