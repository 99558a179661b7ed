"""What comparison would call one door is found by the keys, whatever one side leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers import address
from matchers.address import keys
from matchers.address.keys import wider_keys
from tests.repeating import times

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


@given(
    number=st.integers(1, 300),
    street=st.sampled_from(("Alder Street", "High Street", "The Green", "Theatre Lane", "Park Road")),
    place=st.sampled_from(
        ("Holton", "Holton, Wexmoor", "The Hythe, Colchester", "Leeds", "Near Holton, Leeds")
    ),
    code=st.from_regex(r"(LS|B|CO|EC|QQ|L|EX|M)\d{1,2} \d[ABDEHLSTUVZ]{2}", fullmatch=True),
)
@settings(max_examples=times(300), deadline=None)
def test_a_plain_address_is_looked_up_by_the_keys_of_any_other(
    number: int, street: str, place: str, code: str
) -> None:
    plain = address.read(f"{number} {street}, {place}, {code}")
    assert set(address.probe_keys(plain)) == set(keys._keys(plain, probing=True))
