"""A choice that a reader has to make is made the other way as well."""

from __future__ import annotations

import pytest

from matchers import address
from matchers.address.alternatives import alternatives


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        (
            "Mr T Blythe\nTigh an Lark\nBalnamead\nOban",
            "Tigh an Lark, Balnamead, Isle of Seil, Oban, PA34 9ZZ",
        ),
        ("14 Larkmead Avenue\nSheffield\nLeeds\nLS1 9ZZ", "14 Larkmead Avenue, Totley, Sheffield, S17 4ZZ"),
    ],
)
def test_the_other_choice_is_a_reading_too_and_never_a_sure_one(given: str, listed: str) -> None:
    other = address.read(listed)
    found = [address.compare(one, other).level for one in address.readings(given)]
    assert found[0] == "different"
    assert "probable" in found


@pytest.mark.parametrize(
    "text",
    [
        "Mr T Blythe\n14 Larkmead Avenue\nTotley\nSheffield\nS17 4ZZ",
        "Mr T Blythe\n14 High Street\nSheffield\nLeeds\nLS1 9ZZ",  # a street that every town has
        "14 Larkmead Avenue\nBradford\nLeeds",
        "Rose Cottage, Mill Lane, Selby, YO8 9ZZ",
    ],
)
def test_where_there_is_no_choice_there_is_no_other_reading(text: str) -> None:
    assert list(alternatives(address.read(text))) == []
