"""Doors of every country beside their neighbours: by unit, floor, side, stair, block, wing, letter and box.

Each kind is a few ways to write one door, with what each part of it may be. A neighbour differs in one part
and is never the same for sure; the door itself, written another of the ways, is never another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.levels import best
from tests.repeating import some


class Kind(NamedTuple):
    """One shape of address: where it is, the ways to write a door, and what each part may be."""

    name: str
    place: str
    ways: list[str]
    parts: dict[str, list[str]]


CASES = Path(__file__).parents[2] / "cases" / "doors_abroad.yaml"
KINDS = [Kind(**kind) for kind in yaml.safe_load(CASES.read_text(encoding="utf-8"))]


def door(one: Kind, way: str, values: dict[str, str], *, on_one_line: bool) -> str:
    """The text of a door."""
    text = f"{way.format(**values)}\n{one.place}"
    return text.replace("\n", ", ") if on_one_line else text


def neighbours(one: Kind) -> Iterator[dict[str, str]]:
    """What each part may be instead, one part at a time, and two numbers in each other's place."""
    listed = {part: values[0] for part, values in one.parts.items()}
    for part, values in one.parts.items():
        for value in values[1:]:
            yield listed | {part: value}
    numbers = [part for part, value in listed.items() if value.isdecimal()]
    for part, other in combinations(numbers, 2):
        yield listed | {part: listed[other], other: listed[part]}


def writings(one: Kind) -> list[str]:
    """The listed door in every way, on lines and in one line."""
    listed = {part: values[0] for part, values in one.parts.items()}
    return [door(one, way, listed, on_one_line=line) for way in one.ways for line in (False, True)]


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.name)
def test_no_neighbour_is_the_same_however_both_are_written(one: Kind) -> None:
    for turn, other in enumerate(neighbours(one)):
        for way, line, text in some(list(product(one.ways, (False, True), writings(one))), turn):
            neighbour = door(one, way, other, on_one_line=line)
            assert best(neighbour, text) != "same", (neighbour, text)
            assert best(text, neighbour) != "same", (text, neighbour)


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.name)
def test_a_door_written_another_way_is_no_other_one(one: Kind) -> None:
    for given, text in product(writings(one), writings(one)):
        assert best(given, text) != "different", (given, text)
    for text in writings(one):
        assert best(text, text) == "same" or one.place.endswith(_DOUBTFUL), text


_DOUBTFUL = ("India", "Cork\nIreland")
"""Where an equal address is a doubt too: of many readings, or without the postcode that each has there."""


def test_bis_and_ter_are_two_houses_of_a_number() -> None:
    rest = "rue des Tanneurs-Blancs\n69999 Lyon\nFrance"
    words = ("bis", "ter", "quater")
    for one in words:
        for other in words:
            same = best(f"P Gaillard\n12 {one} {rest}", f"12 {other} {rest}") != "different"
            assert same is (one == other)
