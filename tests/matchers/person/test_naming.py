"""A way of naming somebody is as sure as the surest of her names makes it, in whatever order they stand."""

from __future__ import annotations

from itertools import permutations

import pytest

from matchers.person.naming import KINDS, ways_of_naming


@pytest.mark.parametrize(
    "names",
    [
        ("S Jones", "Jones Sarah"),
        ("Sarah Jane Jones", "Sally Jones", "S Jones"),
        ("Hope", "Hope Okafor", "Okafor, H"),
        ("Mrs Blythe", "Blythe Carrow", "B Carrow-Blythe"),
    ],
)
def test_the_order_of_her_names_changes_nothing_and_no_name_weakens_another(names: tuple[str, ...]) -> None:
    found = [ways_of_naming(order) for order in permutations(names)]
    kinds = [{word: way.kind for word, way in one.words.items()} for one in found]
    assert all(one == kinds[0] for one in kinds)
    for name in names:
        for word, way in ways_of_naming((name,)).words.items():
            assert KINDS.index(kinds[0][word]) <= KINDS.index(way.kind), (name, word)
