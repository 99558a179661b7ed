"""Invented addresses abroad: other ways to write each, and other doors beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from matchers.address import Address, compare
from matchers.address.foreign import read_other, signs
from matchers.address.us import read_us
from matchers.address.vocabulary import fold


def read(text: str) -> Address:
    folded = fold(text)
    return read_us(text, folded) if "US" in signs(folded) else read_other(text, folded)


CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "abroad.yaml").read_text(encoding="utf-8"))
SAME = [(case["listed"], given) for case in CASES for given in case["same"]]
OTHER = [(case["listed"], given) for case in CASES for given in case.get("other", ())]


@pytest.mark.parametrize(("listed", "given"), SAME)
def test_another_way_to_write_it_is_no_other_door(listed: str, given: str) -> None:
    assert compare(read(given), read(listed)).level != "different"
    assert compare(read(listed), read(given)).level != "different"


@pytest.mark.parametrize(("listed", "given"), OTHER)
def test_another_door_is_never_the_same(listed: str, given: str) -> None:
    assert compare(read(given), read(listed)).level != "same"


@pytest.mark.parametrize("listed", [case["listed"] for case in CASES])
@pytest.mark.parametrize(
    "street", ["Flat 2, 99 Other Road", "Otherweg 99", "Calle Otra 99", "99 rue des Autres"]
)
def test_an_equal_postcode_with_another_street_never_blocks(listed: str, street: str) -> None:
    one = read(listed)
    town = f"{one.postcode} {one.town}".title()
    assert compare(read(f"{street}\n{town}\n{one.country}"), one).level != "same"
