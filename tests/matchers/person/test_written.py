"""The other ways in which a word of a name may have been written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.person import written_as

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=10)


@pytest.mark.parametrize(
    ("word", "other"),
    [("sally", "sarah"), ("sarah", "sara"), ("mohammad", "muhammed"), ("tallantire", "tallantyre")],
)
def test_a_name_is_looked_up_as_its_short_form_its_spelling_and_its_slip(word: str, other: str) -> None:
    assert other in written_as(word)


@given(WORDS, st.data())
def test_whoever_slips_once_is_understood_both_ways(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    slips = (word[:at] + word[at + 1 :], word[:at] + "q" + word[at:], word[:at] + "q" + word[at + 1 :])
    for slip in (*slips, word[:at] + word[at + 1] + word[at] + word[at + 2 :]):
        assert slip in written_as(word)
        assert word in written_as(slip)


def test_a_short_name_is_not_another_for_a_letter() -> None:
    assert "dan" not in written_as("ann")
