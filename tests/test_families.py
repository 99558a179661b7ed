"""A family whose files were renamed or went would leave `make check` without anybody's noticing."""

from __future__ import annotations

from tests.conftest import FAMILIES, HERE, in_turns, of_file


def test_every_place_of_a_family_is_there() -> None:
    gone = [place for places in FAMILIES.values() for place in places if not list(HERE.glob(place))]
    assert gone == []


def test_every_file_has_its_turn_once_and_long_ones_are_among_the_first() -> None:
    files = sorted(HERE.rglob("test_*.py"))
    turns = in_turns([files[0], *files])
    assert sorted(turns) == files
    last = max(number for number, path in enumerate(turns) if of_file(path))
    assert last < 3 * len([path for path in files if of_file(path)])
    assert in_turns(files[:0]) == []
