"""A part of a building is told from what stands around it."""

from __future__ import annotations

import pytest

from matchers.address import compare, read
from matchers.address.units import part_at


@pytest.mark.parametrize(
    ("line", "level", "label", "designator", "rest"),
    [
        ("FLAT 2 MILL ROAD", "", "FLAT 2", "2", "MILL ROAD"),
        ("FLAT 2 B MILL ROAD", "", "FLAT 2B", "2B", "MILL ROAD"),
        ("FLAT 2 TO 4 MILL ROAD", "", "FLAT 2-4", "2-4", "MILL ROAD"),
        ("FLAT NO 3 MILL ROAD", "", "FLAT 3", "3", "MILL ROAD"),
        ("FLAT NUMBER 3B MILL ROAD", "", "FLAT 3B", "3B", "MILL ROAD"),
        ("GROUND FLOOR FLAT 70 ACORN ROAD", "GROUND", "GROUND FLAT", "", "70 ACORN ROAD"),
        ("FLAT GROUND FLOOR FLAT MILL ROAD", "GROUND", "GROUND FLAT", "", "MILL ROAD"),
        ("LOWER GROUND FLOOR MILL ROAD", "LOWER GROUND", "", "", "MILL ROAD"),
        ("FIRST FLOOR FRONT MILL ROAD", "FIRST FRONT", "", "", "MILL ROAD"),
        ("FLOOR 2 MILL ROAD", "FLOOR 2", "", "", "MILL ROAD"),
    ],
)
def test_a_part_of_a_building_ends_where_the_rest_of_the_address_begins(
    line: str, level: str, label: str, designator: str, rest: str
) -> None:
    tokens = line.split()
    part = part_at(tokens, 0)
    assert part is not None
    assert (part.level, part.label, part.designator) == (level, label, designator)
    assert " ".join(tokens[part.end :]) == rest


@pytest.mark.parametrize(
    "line", ["FIRST AVENUE", "FLAT LANE", "FLOOR LANE", "BASEMENT STREET", "GROUND LANE"]
)
def test_a_word_for_a_part_that_begins_a_name_is_none(line: str) -> None:
    assert part_at(line.split(), 0) is None


@pytest.mark.parametrize("written", ["Flat No 3", "Flat no. 3", "Flat Number 3", "Flat Nº 3"])
def test_a_flat_written_with_no_is_the_flat(written: str) -> None:
    given = read(f"Rowan Ashdown\n{written}\n12 Larkspur Lane\nLeeds\nLS1 4ZZ")
    assert compare(given, read("Flat 3, 12 Larkspur Lane, Leeds, LS1 4ZZ")).level == "same"
    assert compare(given, read("Flat 4, 12 Larkspur Lane, Leeds, LS1 4ZZ")).level == "different"
