"""A character of a damaged postcode is read by its place; the reader of envelopes tries more than one."""

from __future__ import annotations

from matchers.address.misreadings import AS_DIGIT, AS_LETTER, FOR_READER
from matchers.address.postcode import readings


def test_the_comparison_reads_a_character_as_its_place_needs() -> None:
    assert "LS1 4AB" in readings("LSI4AB")
    assert "OX1 4JF" in readings("0X14JF")
    assert "LS1 4AB" in readings("LS!4AB")


def test_a_digit_is_always_meant_by_a_letter_or_a_mark_and_a_letter_by_a_digit_or_a_mark() -> None:
    assert all(meant.isdecimal() and not read.isdecimal() for read, meant in AS_DIGIT.items())
    assert all(meant.isalpha() and not read.isalpha() for read, meant in AS_LETTER.items())


def test_the_last_two_letters_are_never_meant_to_be_what_no_postcode_ends_in() -> None:
    last = [meant for (place, _), some in FOR_READER.items() if place == "last letter" for meant, _ in some]
    assert last
    assert not set(last) & set("CIKMOV")


def test_the_reader_tries_every_character_that_may_be_meant_and_charges_more_for_a_seldom_one() -> None:
    assert dict(FOR_READER["last letter", "2"]) == {"Q": 1, "Z": 1}
    assert dict(FOR_READER["digit", "Q"]) == {"0": 2}
