"""A house's number is the same in digits, in words and Roman figures, as a half, with letters, as a range."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.address import compare, listing_keys, probe_keys, read
from matchers.address.said_numbers import roman, said
from matchers.address.written_numbers import number_at

TAIL = "Larkspur Road\nIpswich\nIP4 1ZZ"
UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
UNITS += "sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int) -> str:
    if number < 20:
        return UNITS[number - 1]
    if number < 100:
        ten, unit = divmod(number, 10)
        return f"{TENS[ten - 2]}-{UNITS[unit - 1]}" if unit else TENS[ten - 2]
    hundred, rest = divmod(number, 100)
    return f"{UNITS[hundred - 1]} hundred" + (f" and {in_words(rest)}" if rest else "")


def in_figures(number: int) -> str:
    written = ""
    for worth, sign in (
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
    ):
        written += sign * (number // worth)
        number %= worth
    return written + "I" * number


def level(given_text: str, listed: str) -> str:
    one, other = read(given_text), read(listed)
    return compare(one, other).level if set(probe_keys(one)) & set(listing_keys(other)) else "not found"


@given(st.integers(1, 399), st.sampled_from(["{} ", "{}\n", "Number {}, ", "No. {} ", "No {}\n"]))
def test_a_number_in_words_is_the_number(number: int, layout: str) -> None:
    for written in (in_words(number), in_words(number).upper(), in_words(number).replace("-", " ")):
        assert read(layout.format(written) + TAIL).numbers == (str(number),)


@given(st.integers(1, 399).filter(lambda number: len(in_figures(number)) > 1))
def test_a_roman_figure_is_its_number(number: int) -> None:
    assert roman(in_figures(number)) == str(number)
    assert read(f"{in_figures(number)} {TAIL}").numbers == (str(number),)
    assert read(f"Flat {in_figures(number)}, 12 {TAIL}").units == (str(number),)


@given(st.text("IVXLCDM", max_size=6))
def test_what_is_written_as_no_roman_figure_has_no_value(word: str) -> None:
    value = roman(word)
    assert not value or in_figures(int(value)) == word


@given(st.lists(st.sampled_from([*UNITS, *TENS, "hundred", "and", "mill", "-"]), max_size=6))
def test_the_words_of_a_number_are_taken_from_the_front(words: list[str]) -> None:
    tokens = [word.upper() for word in words]
    digits, size = said(tokens, 0)
    assert bool(digits) == bool(size)
    assert size <= len(tokens)
    assert not digits or tokens[0].lower() in UNITS + TENS


@pytest.mark.parametrize(
    "street",
    ["Seven Sisters Road", "Ten Acre Lane", "Four Oaks Road", "One Tree Hill", "Five Ways", "Two Street"],
)
def test_a_number_word_that_belongs_to_a_streets_name_stays_there(street: str) -> None:
    assert read(f"{street}\nIpswich\nIP4 1ZZ").numbers == ()
    assert read(f"4 {street}\nIpswich\nIP4 1ZZ").numbers == ("4",)
    assert level(f"4 {street}\nIpswich\nIP4 1ZZ", f"4 {street}, Ipswich, IP4 1ZZ") == "same"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12½", "12½"),
        ("12 ½", "12½"),
        ("12 1/2", "12½"),
        ("12.1/2", "12½"),
        ("12.5", "12½"),
        ("123.5", "123½"),
        ("12 and a half", "12½"),
        ("12 half", "12½"),
        ("17.0", "17"),
        ("17.00", "17"),
        ("9 -11", "9-11"),
        ("9- 11", "9-11"),
        ("9 - 11", "9-11"),
        ("9 \u2013 11", "9-11"),
        ("9 to 11", "9-11"),
        ("53A-B", "53A-B"),
        ("53A & B", "53A-B"),
        ("53A & 53B", "53A-B"),
        ("53 A-B", "53A-B"),
        ("53a/53b", "53A-B"),
        ("17-Jan", "17/1"),
        ("Jan-17", "1/17"),
        ("1\u200e7", "17"),
        ("1\u20637", "17"),
        ("1\u20647", "17"),
        ("\u202a17\u202c", "17"),
        ("\uff11\uff17", "17"),
    ],
)
def test_a_number_in_another_form_is_the_number(written: str, number: str) -> None:
    assert read(f"{written} {TAIL}").numbers == (number,)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("12½", "12.5", "same"),
        ("12½", "12", "probable"),
        ("12½", "12A", "probable"),
        ("12½", "13", "different"),
        ("12½", "125", "different"),
        ("53A-B", "53B", "same"),
        ("53A-C", "53B", "same"),
        ("53A-B", "53C", "different"),
        ("53A-B", "53", "probable"),
        ("53A-B", "55A", "different"),
        ("11-11A", "11", "same"),
        ("11-11A", "11B", "different"),
        ("143/143A", "143-143A", "same"),
        ("A12", "12A", "probable"),
        ("1?", "17", "probable"),  # the last digit is open
        ("1_", "17", "probable"),
        ("1?", "27", "different"),
    ],
)
def test_two_numbers_are_held_against_one_another(one: str, other: str, expected: str) -> None:
    assert compare(read(f"{one} {TAIL}"), read(f"{other} {TAIL}")).level == expected
    assert compare(read(f"{other} {TAIL}"), read(f"{one} {TAIL}")).level == expected


@pytest.mark.parametrize(
    ("number", "street"),
    [
        ("72", "8irkdale Drive"),
        ("17", "A1bet Road"),
        ("6", "5tation Road"),
        ("6", "0ld Mill Lane"),
        ("3", "6rove Road"),
    ],
)
def test_a_capital_read_as_a_digit_is_no_number(number: str, street: str) -> None:
    clean = street.replace("8", "B").replace("1", "l").replace("5", "S").replace("0", "O").replace("6", "G")
    assert read(f"{number} {street}\nIpswich").numbers == (number,)
    assert level(f"{number} {street}\nIpswich", f"{number} {clean}, Ipswich, IP4 1ZZ") == "probable"


@pytest.mark.parametrize(
    "name", ["5imon Otherman", "Mr 5imon Otherman", "8en Otherman", "1an Otherman", "S1mon Otherman"]
)
def test_a_name_with_a_capital_read_as_a_digit_is_no_flat(name: str) -> None:
    given_address = read(f"{name}\n14 {TAIL}")
    assert (given_address.numbers, given_address.units) == (("14",), ())


@pytest.mark.parametrize(
    ("one", "other"),
    [("6 1st Avenue", "6 First Avenue"), ("6 1 st Ave", "6 First Avenue"), ("18 3rd St", "18 Third Street")],
)
def test_an_ordinal_in_a_streets_name_is_its_word(one: str, other: str) -> None:
    assert compare(read(f"{one}\nIpswich\nIP4 1ZZ"), read(f"{other}\nIpswich\nIP4 1ZZ")).level == "same"


@given(
    st.lists(
        st.text(string.ascii_uppercase + string.digits + "-/?", min_size=1, max_size=6),
        min_size=1,
        max_size=5,
    )
)
def test_a_number_takes_tokens_and_never_raises(tokens: list[str]) -> None:
    found = number_at(list(tokens), 0, halves=True)
    assert found is None or (0 < found.end <= len(tokens) and found.text)


@pytest.mark.parametrize(
    ("given_text", "listed"),
    [
        ("16, 8agmar Street", "16 Dagmar Street"),
        ("16,3Dagmar Street", "16 Dagmar Street"),
        ("Flat 2, 16, 0agmar Street", "Flat 2, 16 Dagmar Street"),
    ],
)
def test_a_digit_run_into_the_street_behind_a_comma_may_be_a_letter(given_text: str, listed: str) -> None:
    tail = "Teignmouth, TQ14 0ZZ"
    assert compare(read(f"{given_text}, {tail}"), read(f"{listed}, {tail}")).level == "probable"
    assert (
        compare(read(f"{given_text}, {tail}"), read(f"{listed.replace('16', '18')}, {tail}")).level
        == "different"
    )
