"""Every address of the case file is read part by part, and each part is placed in its text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from matchers.address import Address, read
from matchers.address.sources import sources

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "parsing.yaml").read_text(encoding="utf-8")
)
PARTS = (
    "names",
    "care_of",
    "organisation",
    "po_box",
    "units",
    "inner_building",
    "building",
    "numbers",
    "dependent_street",
    "street",
    "locality",
    "town",
    "county",
    "postcode",
    "district",
    "postcode_fragment",
)


def parts_of(address: Address) -> dict[str, Any]:
    found = {part: getattr(address, part) for part in PARTS if getattr(address, part)}
    return {part: list(value) if isinstance(value, tuple) else value for part, value in found.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["kind"])
def test_the_address_is_read_part_by_part(case: dict[str, Any]) -> None:
    assert parts_of(read(case["text"])) == case["parts"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["kind"])
def test_every_part_has_its_place_in_the_text(case: dict[str, Any]) -> None:
    assert set(case["parts"]) <= set(sources(read(case["text"])))


def test_two_buildings_are_kept_apart() -> None:
    assert read("Marlpit House, Tansy Court, Dye Road, Leeds").buildings == ("MARLPIT HOUSE", "TANSY COURT")
    assert read("Tansy Court, Dye Road, Leeds").buildings == ("TANSY COURT",)
    assert read("9 Larkspur Lane, Leeds").buildings == ()
