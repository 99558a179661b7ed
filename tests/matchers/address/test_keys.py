"""What comparison would call one door is found by the keys, whatever one side leaves out."""

from __future__ import annotations

import pytest

from matchers import address
from matchers.address.keys import wider_keys

FOUND = [
    ("44 Larkmead Lane, Northampton", "44 Larkmead Lane\nMoulton\nNN3 9ZX"),
    ("44 Larkmead Lane, Northampton", "44 Larkmead Ln NN39ZX"),
    ("8 Larkmead Lane, Holcombe", "8 Larkmead Lane\nRadstock\nBA3 9ZZ"),
    ("8 Larkmead Lane", "8 Larkmead Lane\nRadstock\nBA3 9ZZ"),
    ("Upper Larkmead Farm, Nr Longnor, Buxton, SK17 9ZZ", "Upper Larkmead Farm\nLongnor"),
    ("Drumlark, Ballinamead, Enniskillen, BT94 9ZZ", "Mr T Blythe\nDrumlark\nBallinamead\nCo Fermanagh"),
    ("Kilmalark, Ballymead, Tralee, Co. Kerry", "Mr T Blythe\nKilmalark\nBallymead\nKerry"),
]


@pytest.mark.parametrize(("listed", "given"), [*FOUND, *((given, listed) for listed, given in FOUND)])
def test_a_postcode_or_a_town_on_one_side_only_is_bridged(listed: str, given: str) -> None:
    pairs = [(a, b) for a in address.readings(given) for b in address.every_reading(listed)]
    assert any(address.compare(a, b).level != "different" for a, b in pairs)
    looked_up = [{*address.probe_keys(a), *wider_keys(a)} & {*address.listing_keys(b)} for a, b in pairs]
    assert any(looked_up)
