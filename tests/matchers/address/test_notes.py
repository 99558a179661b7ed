"""A note between the lines of an address hides no door, and makes none of another."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.addresses.notes import NOTES, Letter, letters, verdicts
from matchers.address.fields import is_belied
from matchers.address.notes import without_notes
from matchers.address.read import readings
from tests.levels import best_of_parts as best

LETTERS = list(letters())
TO_THE_DOOR = [one for one in LETTERS if one.whose == "the door"]
TO_OTHERS = [one for one in LETTERS if one.whose != "the door"]
ACCEPTED = ("M1",)
"""The first half of a postcode that the town has, beside a street of a name that every district has."""


@given(st.lists(st.sampled_from(TO_THE_DOOR), min_size=20, max_size=20))
def test_a_letter_to_the_door_is_stopped_whatever_is_noted_on_it(some: list[Letter]) -> None:
    for one, verdict in verdicts(iter(some)):
        assert verdict != "allow" or one.to.endswith(ACCEPTED), one


@given(st.lists(st.sampled_from(TO_OTHERS), min_size=20, max_size=20))
def test_a_letter_to_another_door_is_never_blocked_for_a_note(some: list[Letter]) -> None:
    for one, verdict in verdicts(iter(some)):
        assert verdict != "block", one


@pytest.mark.parametrize(
    "note", ["PIN 4471", "Ref 48213", "A/C 20394", "Module M1 3AB", "Customer no. 58213", "Cell B2 14"]
)
@pytest.mark.parametrize("town", ["Manchester\nM14 5NP", "Leeds\nLS6 1AA", "Leeds"])
def test_a_note_makes_no_other_door_of_an_address(note: str, town: str) -> None:
    listed = "14 Larkmead Road, Derby, DE22 1GH"
    assert best(f"{note}\n14 Larkmead Road\n{town}", listed) == "different"
    assert best(f"14 Larkmead Road\n{note}\n{town}", listed) == "different"
    assert best(f"16 Larkmead Road\n{note}\nDerby\nDE22 1GH", listed) == "different"


@pytest.mark.parametrize(
    "line",
    [
        "Unit E2",
        "Block E1",
        "Room 7",
        "B Wing",
        "North Wing",
        "Flat 3",
        "14 Case Street",
        "Cell Barnes Road",
        "1 Course Road",
        "Order Lane",
        "The Wing",
        "Ref B2 14 Church Road",
        "2 Open Court",
        "Sun Street",
        "Roll Farm",
        "File Mill 2",
    ],
)
def test_what_may_name_a_door_is_no_note(line: str) -> None:
    text = f"{line}\nTarnside Court\nLeeds"
    assert without_notes(text) == text


@pytest.mark.parametrize("kind", ["reference", "account"])
@pytest.mark.parametrize("place", range(3))
def test_a_note_is_taken_out_wherever_it_stands(kind: str, place: int) -> None:
    lines = ["14 Larkmead Road", "Leeds"]
    for note in NOTES[kind]:
        for between in ("\n", ", "):
            noted = between.join((*lines[:place], note, *lines[place:]))
            assert without_notes(noted).strip("\n, ") == between.join(lines), noted


def test_a_text_that_is_nothing_but_a_note_is_left() -> None:
    for note in chain.from_iterable(NOTES.values()):
        assert without_notes(note) == note


@given(st.text(alphabet="ref cell pin B2,\n 14-wing:open9am", max_size=80))
def test_any_text_is_gone_through_and_nothing_is_added(text: str) -> None:
    bare = without_notes(text)
    assert len(bare) <= len(text)
    assert readings(text)


@pytest.mark.parametrize("word", ["Ref", "Case", "Cell", "Account", "Batch"])
@pytest.mark.parametrize("code", ["LS6 1AA", "14"])
def test_the_postcode_or_the_number_by_another_name_saves_no_letter(word: str, code: str) -> None:
    lines = {"LS6 1AA": "14 Larkmead Road\n{}", "14": "{}\nLarkmead Road\nLeeds LS6 1AA"}[code]
    assert best(lines.format(f"{word} {code}"), "14 Larkmead Road, Leeds LS6 1AA") != "different"


@pytest.mark.parametrize(
    ("text", "belied"),
    [
        ("14 Larkmead Road\nLondon\nB1234", True),  # of Birmingham, however it is read
        ("14 Larkmead Road\nBirmingham\nB1234", False),
        ("14 Larkmead Road\nMenston\nB1234", False),  # no post town: nothing says otherwise
        ("14 Larkmead Road\nLeeds\nLS6 1A?", False),
    ],
)
def test_a_damaged_postcode_of_which_the_town_has_no_reading_is_belied(text: str, belied: bool) -> None:
    assert is_belied(readings(text)[0]) is belied


@pytest.mark.parametrize("room", ["Room 101", "Rm 12B", "Block E1", "Bedsit 4"])
@pytest.mark.parametrize("house", ["Tarnside Hostel, 31 Larkmead Road", "Bramble Cottage, Larkmead Road"])
def test_a_room_of_the_listed_house_is_held(room: str, house: str) -> None:
    for code in ("", " LS6 1AA"):
        one = Letter("", "", "", bool(code), "", f"{house}, Leeds LS6 1AA", f"{room}, {house}, Leeds{code}")
        assert [verdict for _, verdict in verdicts(iter([one]))] == ["flag"]


@pytest.mark.parametrize("house", ["Tarnside Hostel", "Tarnside Refuge"])
def test_a_flat_of_a_hostel_or_a_refuge_is_held_and_another_of_a_block_is_not(house: str) -> None:
    for named, held in ((house, "flag"), ("Tarnside Court", "allow")):
        listed = f"{named}, Larkmead Road, Leeds LS6 1AA"
        one = Letter("", "", "", True, "", listed, f"Flat 5, {listed}")
        assert [verdict for _, verdict in verdicts(iter([one]))] == [held]
