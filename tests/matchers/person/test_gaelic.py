"""A Gaelic family name is one family's as a man, a daughter and a wife bear it, and in English."""

from __future__ import annotations

from itertools import product

import pytest

from matchers.person import compare, read
from matchers.person.gaelic import is_one_family

FAMILIES = (
    ("Ó Briain", "Ní Bhriain", "Uí Bhriain", "O'Brien"),
    ("Mac Lachlainn", "NicLachlainn", "Nic Lochlainn", "MacLachlan", "McLachlan"),
    ("Ó Ceallaigh", "Ní Cheallaigh", "Kelly"),
    ("Mac Cárthaigh", "Nic Cárthaigh", "Mhic Cárthaigh", "McCarthy"),
    ("MacDhòmhnaill", "NicDhòmhnaill", "MacDonald"),
    ("Ó Murchú", "Ní Mhurchú", "Murphy"),
)
WOMEN = ("Ní", "Uí", "Nic", "Mhic")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_form_of_a_family_name_with_a_womans_is_one(family: tuple[str, ...]) -> None:
    for a, b in product(family, family):
        if a.startswith(WOMEN):
            match = compare(read(f"Aoife {a}"), read(f"Aoife {b}"))
            assert match.level in ("same", "compatible"), (a, b)


@pytest.mark.parametrize("family", FAMILIES)
def test_another_family_is_another(family: tuple[str, ...]) -> None:
    for other in FAMILIES:
        if other is not family:
            for a, b in product(family, other):
                assert compare(read(f"Aoife {a}"), read(f"Aoife {b}")).level == "different", (a, b)


@pytest.mark.parametrize(
    ("one", "other"),
    [("nicholson", "macnicol"), ("nixon", "oxon"), ("niven", "oven"), ("nichols", "cholls"), ("ni", "o")],
)
def test_a_name_that_only_begins_so_is_not_marked(one: str, other: str) -> None:
    assert not is_one_family(one, other)
