"""A word broken by a line, and a number word in front of a name, have a second reading."""

from __future__ import annotations

import pytest

from matchers.address import compare, read
from matchers.address.rewritten import rewritten
from matchers.address.vocabulary import fold

LISTED = read("17 Larkspur Road, Ipswich, IP4 1ZZ")


@pytest.mark.parametrize(
    "line", ["17 Larks\npur Road", "17 Larks-\npur Road", "17 Larkspur Ro\nad", "17 Lark\nspur Rd"]
)
def test_a_word_that_a_line_breaks_is_joined(line: str) -> None:
    text = f"Rowan Ashdown\n{line}\nIpswich\nIP4 1ZZ"
    found = list(rewritten(text, fold(text)))
    assert [one.text for one in found] == [text]
    assert compare(found[0], LISTED).level == "same"


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        ("Twelve Adams Road", "12 Adams Road"),
        ("Twelve The Green", "12 The Green"),
        ("Two Elm Court", "2 Elm Court"),
    ],
)
def test_a_number_word_that_may_be_a_names_is_read_as_a_number_too(line: str, listed: str) -> None:
    text = f"{line}\nIpswich\nIP4 1ZZ"
    (found,) = rewritten(text, fold(text))
    assert compare(found, read(f"{listed}, Ipswich, IP4 1ZZ")).level == "same"


@pytest.mark.parametrize(
    "text",
    [
        "17 Larkspur Road\nIpswich\nIP4 1ZZ",
        "Rowan Ashdown\nc/o Mary Fenwick\n17 Larkspur Road\nIpswich",
        "17 Larkspur\nroad\nIpswich",
        "17 Larkspur Road\nipswich",
        "The Old Rectory\nnear Holton\nIpswich",
    ],
)
def test_most_texts_have_no_other_reading(text: str) -> None:
    assert list(rewritten(text, fold(text))) == []
