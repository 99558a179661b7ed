"""A slip in a town's first letters hides no door, however common its street's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.addresses.misspelt import letters
from benchmarks.addresses.notes import Letter, verdicts
from matchers.address.keys import listing_keys, probe_keys
from matchers.address.read import read

SLIPS = [one for one in letters() if one.whose == "the door"]
ELSEWHERE = [one for one in letters() if one.whose != "the door" and one.kind != "Larkmead Road"]


@given(st.lists(st.sampled_from(SLIPS), min_size=10, max_size=10))
def test_the_door_is_found(some: list[Letter]) -> None:
    for one, verdict in verdicts(iter(some)):
        assert verdict == "flag", one


@given(st.lists(st.sampled_from(ELSEWHERE), min_size=10, max_size=10))
def test_next_door_and_the_same_street_in_another_town_go_out(some: list[Letter]) -> None:
    for one, verdict in verdicts(iter(some)):
        assert verdict == "allow", one


@pytest.mark.parametrize("place", ["Keeds", "Leedz, Yorkshire", "Leds", "Elds", "Menston"])
def test_a_town_a_slip_away_is_looked_up_and_no_other(place: str) -> None:
    found = set(probe_keys(read(f"14 Church Road, {place}"))) & set(
        listing_keys(read("14 Church Road, Leeds LS6 1AA"))
    )
    assert bool(found) is (place not in ("Elds", "Menston"))
