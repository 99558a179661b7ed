"""What is left to compare of an address: a name alone, at no place, is no door."""

from __future__ import annotations

import pytest

from matchers import address


@pytest.mark.parametrize("text", ["<㈀;<", "Rose Cottage", "The Old Forge"])
def test_a_name_at_no_place_is_no_door(text: str) -> None:
    assert not any(one.usable for one in address.readings(text))


@pytest.mark.parametrize(
    "text", ["Rose Cottage, Selby", "Rose Cottage, Mill Lane", "Flat 2, Rose Cottage", "Rose Cottage YO8 4AB"]
)
def test_a_name_at_a_place_is_one(text: str) -> None:
    assert any(one.usable for one in address.readings(text))
