"""What stands nearest to a listed door is never taken for it for sure, and a sender's address hides none."""

from __future__ import annotations

import pytest

from tests.levels import best_of_parts as best

CODE = "Leeds\nLS6 1AA"


@pytest.mark.parametrize(
    ("listed", "neighbour"),
    [
        ("The Annexe, 18 Larkmead Crescent", "The Stables, 18 Larkmead Crescent"),
        ("North Wing, 18 Larkmead Crescent", "South Wing, 18 Larkmead Crescent"),
        ("5 Larkmead Road North", "5 Larkmead Road South"),
        ("5 Larkmead Lane East", "5 Larkmead Lane West"),
        ("5 Church Row", "5 Church Road"),
    ],
)
def test_another_name_or_direction_at_an_equal_number_is_a_doubt_at_most(listed: str, neighbour: str) -> None:
    assert best(f"{listed}\n{CODE}", f"{listed}\n{CODE}") == "same"
    for one, other in ((listed, neighbour), (neighbour, listed)):
        assert best(f"{one}\n{CODE}", f"{other}\n{CODE}") != "same"


@pytest.mark.parametrize("one", ["27A", "27/A", "27-A"])
@pytest.mark.parametrize("other", ["27B", "27/B", "27-B", "B/27"])
def test_another_letter_behind_a_number_is_another_door_however_it_is_written(one: str, other: str) -> None:
    assert best(f"{one} Larkmead Road\n{CODE}", f"{other} Larkmead Road\n{CODE}") != "same"
    assert best(f"{one} Larkmead Road\n{CODE}", f"27A Larkmead Road\n{CODE}") == "same"


@pytest.mark.parametrize("listed", ["12 or 14", "12 and 14", "12/14", "12 & 14"])
@pytest.mark.parametrize("number", [12, 14])
def test_each_of_two_listed_numbers_counts(listed: str, number: int) -> None:
    where = "Larkmead Road, Leeds, LS6 1AA"
    assert best(f"{number} {where}", f"{listed} {where}") in ("same", "probable")
    assert best(f"18 {where}", f"{listed} {where}") == "different"


@pytest.mark.parametrize(
    "sender",
    [
        "HMP Oakmere\nWelford Road\nLeicester\nLE2 9ZZ",
        "A1234BC Smith\nHMP Oakmere\nWelford Road\nLeicester",
        "Larkmead Bank\nMill Street\nRugby CV21 9ZZ",
    ],
)
def test_the_address_of_a_sender_below_hides_none(sender: str) -> None:
    listed = "63 Larkmead Avenue, Ipswich, IP4 9ZZ"
    assert best(f"63 Larkmead Avenue\nIpswich\n{sender}", listed) in ("same", "probable")
    assert best(f"65 Larkmead Avenue\nIpswich\n{sender}", listed) == "different"
