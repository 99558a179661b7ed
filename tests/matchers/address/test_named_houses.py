"""A house that is known by its name, a refuge, a hall, a surgery, is found by its name and its town."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.addresses.named import letters
from benchmarks.addresses.notes import Letter, verdicts

LETTERS = list(letters())


@given(st.lists(st.sampled_from(LETTERS), min_size=20, max_size=20))
def test_by_name_and_town_alone(some: list[Letter]) -> None:
    for one, verdict in verdicts(iter(some)):
        assert verdict == "allow" if one.whose != "the door" else verdict != "allow", one


def test_a_flat_of_a_block_is_no_room_of_a_house() -> None:
    listed = "Tarnside Court, 31 Larkmead Road, Leeds, LS6 1AA"
    to = ("Flat 4\nTarnside Court\nLeeds", "Room 4\nFernlea Court\nLeeds", "Room 4\nLarkmead Road\nLeeds")
    some = (Letter("", "", "", False, "", listed, one) for one in to)
    assert [verdict for _, verdict in verdicts(some)] == ["allow"] * 3
