"""A number is found where a text tells what another has to be changed by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers import digits

HERS = 447700900123


def found(text: str) -> list[int]:
    return [one.key for one in digits.find(text, {HERS}.__contains__)]


@pytest.mark.parametrize(
    "text",
    [
        "7700900122 plus one",
        "add 1 to 07700900122",
        "07700 900122, and then one more",
        "07700900122 +1",
        "take 1 off 07700900124",
        "07700900124 -1",
        "+44 7700 900999 minus 876",
        "15401800246 divided by two",
        "7700900123 is half of it, 15401800246",
        "twice 3850450061.5, or 7700900122 add one",
        "seventy less than 07700 900193",
        "07700 900122 (plus 1)",
        "07700900122 Plus One x",
    ],
)
def test_a_number_told_as_a_sum_is_found(text: str) -> None:
    assert found(text) == [HERS]


@pytest.mark.parametrize(
    "text",
    [
        "07700900122",
        "07700900122 is mine, ring at 7",
        "add me on 07700900122",
        "07700900122 plus two",
        "+44 7700 900 079, take care",
        "more on 0113-496-0123",
        "07700900122 is half the price, 9 quid off",
        "ring 07700900122, I am on wing 1 and need more credit, take care",
        "we won 1-0, add me, 07700900122",
    ],
)
def test_a_neighbour_without_the_sum_is_not_found(text: str) -> None:
    assert found(text) == []


@given(st.integers(1, 9_999))
def test_a_change_of_any_size_is_made_the_way_it_is_told(change: int) -> None:
    less, more = (f"0{HERS + sign * change - 440_000_000_000}" for sign in (-1, 1))
    assert found(f"{less} plus {change}") == found(f"take {change} off {more}") == [HERS]
    assert found(f"{less} minus {change}") == found(f"add {change} to {more}") == []
