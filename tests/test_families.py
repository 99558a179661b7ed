"""A family whose files were renamed or went would leave `make check` without anybody's noticing."""

from __future__ import annotations

from tests.conftest import FAMILIES, HERE


def test_every_place_of_a_family_is_there() -> None:
    gone = [place for places in FAMILIES.values() for place in places if not list(HERE.glob(place))]
    assert gone == []
