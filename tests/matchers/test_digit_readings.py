"""The digits a text may be, from the plainest reading to the boldest, each with the steps taken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers import tables
from matchers.digit_readings import ways
from matchers.folding import search_form


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("07700 900123", [("07700900123", ())]),
        ("+44 (0)7700 900123", [("+447700900123", ("trunk 0 in brackets dropped",))]),
        ("07700w900p123", [("07700900123", ())]),
        ("mum 07700 900123", [("07700900123", ("words around the number dropped",))]),
        ("O77OO 9OO123", [("07700900123", ("look-alike letters read as digits",))]),
        (
            "0800 FLOWERS",
            [
                ("0800", ("words around the number dropped",)),
                ("08003569377", ("letters read as keypad digits",)),
            ],
        ),
    ],
)
def test_a_text_is_these_digits(text: str, readings: list[tuple[str, tuple[str, ...]]]) -> None:
    assert list(ways(text)) == readings


def test_number_words_are_digits_behind_the_reading_without_them() -> None:
    *_, spoken = ways("oh seven seven double oh nine double oh one two three")
    assert spoken == ("07700900123", ("number words read as digits",))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("0123456789 +()-OIlSB|!pw;seven"), max_size=30))
def test_whatever_is_written_only_digits_come_out(text: str) -> None:
    for digits, _ in ways(text):
        assert digits.removeprefix("+") == "" or digits.removeprefix("+").isdigit()


def test_number_words_of_all_languages_are_written_as_they_are_looked_for() -> None:
    words = [row[0] for row in tables.rows("number_words_wide")]
    assert [search_form(word) for word in words] == words
