"""A British address is the same door in every layout, and its neighbour never is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchers.address import compare, read
from tests.matchers.address.test_foreign import Example, layouts
from tests.repeating import times

BRITISH = [
    Example(
        "a house",
        ("18 Tansyfield Street", "18, Tansyfield St", "No. 18 Tansyfield St.", "18 Tansyfield  Str"),
        ("Leeds, LS6 4ZZ", "Leeds, West Yorkshire, LS6 4ZZ", "LEEDS LS64ZZ"),
        ("England", "UK", "United Kingdom", "Wielka Brytania"),
        ("Headingley",),
    ),
    Example(
        "a flat",
        (
            "Flat 2, 18 Tansyfield Road",
            "Apt 2, 18 Tansyfield Rd",
            "18 Tansyfield Road, Flat 2",
            "Flat 2 18 Tansyfield Rd.",
        ),
        ("Manchester, M14 5ZZ", "Manchester, Lancashire, M14 5ZZ"),
        ("England", "UK", "Great Britain"),
    ),
]


@pytest.mark.parametrize("example", BRITISH, ids=lambda example: example.name)
@given(data=st.data())
@settings(max_examples=times(60), deadline=None)
def test_it_is_the_same_door_in_every_layout(example: Example, data: st.DataObject) -> None:
    one, other = (read(data.draw(layouts(example, separated=True))) for _ in range(2))
    assert compare(one, other).level == "same"
    neighbour = replace(example, street=tuple(way.replace("18", "20") for way in example.street))
    assert compare(one, read(data.draw(layouts(neighbour, separated=True)))).level != "same"
