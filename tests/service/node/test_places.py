"""Where prisoners are, in a table that is read where it lies: the same as a dictionary of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.node.places import Places

NUMBERS = st.sampled_from([f"A{n:04}BC" for n in range(12)])
WHERE = st.dictionaries(
    NUMBERS, st.tuples(st.sampled_from([None, "LEI", "MDI", "released"]), st.none() | NUMBERS)
)


@given(WHERE, st.lists(WHERE, max_size=4))
def test_it_says_what_a_dictionary_says_after_every_change_and_saved(
    first: dict[str, tuple[str | None, str | None]], changes: list[dict[str, tuple[str | None, str | None]]]
) -> None:
    places, wanted = Places.of(first), dict(first)
    for moved in changes:
        before, places = dict(places), places.changed(moved)
        assert before == wanted, "the one before stays as it was"
        wanted |= moved
        assert dict(places) == wanted
        assert dict(Places.from_bytes(memoryview(places.to_bytes()))) == wanted
    assert "A9999ZZ" not in places
    assert len(places) == len(wanted)


def test_what_is_cut_off_is_refused() -> None:
    saved = Places.of({"A0001BC": ("LEI", None)}).to_bytes()
    for end in range(8, len(saved)):
        with pytest.raises(ValueError, match="cut off"):
            Places.from_bytes(saved[:end])
