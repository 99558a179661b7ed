"""Whatever words, numbers and marks an address is made of, it is read and answered the same both ways."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import compare, explain, listing_keys, probe_keys, read, sources
from matchers.address.doors import doors
from matchers.address.rewritten import rewritten
from matchers.address.vocabulary import FLAGS, fold

MARKS = [
    "/",
    "-",
    "?",
    "#",
    "&",
    ".",
    "'",
    "1/2",
    "3/2",
    "54/6",
    "9-",
    "-11",
    "0/0",
    "1?",
    "R/O",
    "N/A",
    "\u00bd",
]
CODES = [
    "2F1",
    "TFL",
    "G/R",
    "1/L",
    "/F/",
    "-A-",
    "53A-B",
    "17-JAN",
    "3.2",
    "12.5",
    "1_",
    "\u0663",
    "\u2460",
    "\u00b2",
]
WORDS = ["NO", "AND", "A", "UP", "HALF", "HAND", "XII", "TWENTY-", "-TWO", "HUNDRED", "BOX", "PO", "8irkdale"]
REST = ["Leeds", "LS1 4ZZ", "EH6 5ZZ", "c/o", "OF", "THE", "NULL", "12", "7", "00", "B"]
PIECES = st.sampled_from([*sorted(FLAGS), *MARKS, *CODES, *WORDS, *REST])
SOUP = st.lists(st.tuples(PIECES, st.sampled_from([" ", "\n", ", ", ""])), min_size=1, max_size=9).map(
    lambda pieces: "".join(piece + mark for piece, mark in pieces)
)


@settings(max_examples=300)
@given(SOUP | st.text(max_size=60), SOUP)
def test_no_text_raises_and_the_answer_has_no_direction(text: str, other: str) -> None:
    one, second = read(text), read(other)
    assert [reading.text for reading in rewritten(text, fold(text))] in ([], [text], [text, text])
    assert sources(one) is not None
    assert listing_keys(one) is not None
    assert set(probe_keys(one)) >= set(probe_keys(read(text)))
    assert compare(one, second).level == compare(second, one).level
    assert explain(one, second).level == compare(one, second).level
    assert doors(one, one)[0] != "different"
