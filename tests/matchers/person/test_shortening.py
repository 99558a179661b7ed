"""A short form that no table lists is known by how it is made; a name of its own is never one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from matchers.person.facts import GIVEN_FREQUENCY
from matchers.person.shortening import is_made_from, is_name

KNOWN = sorted(name for name, borne in GIVEN_FREQUENCY.items() if borne > 10 and name.isascii())


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("nav", "navdeep"), ("raj", "rajwinder"), ("shab", "shabnam"), ("taz", "tasneem"), ("wak", "waqar"),
        ("maj", "majid"), ("lachie", "lachlan"), ("kully", "kulvinder"), ("shaks", "shakeel"),
        ("bhavs", "bhavesh"), ("deano", "dean"), ("rhodders", "rhodri"), ("gezza", "gerard"),
        ("iwonka", "iwona"), ("slawek", "slawomir"), ("kunle", "adekunle"), ("gbenga", "olugbenga"),
        ("karim", "abdulkarim"), ("funmi", "olufunmilayo"),
    ],
)  # fmt: skip
def test_a_short_form_is_known_by_how_it_is_made(word: str, name: str) -> None:
    assert is_made_from(word, name)
    assert not is_made_from(name, word)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("carl", "carla"), ("jan", "janet"), ("deepa", "deepak"), ("ama", "chiamaka"), ("amir", "samir"),
        ("fergus", "fergal"), ("anca", "andreea"), ("mark", "marcia"), ("dan", "dana"), ("na", "nadia"),
        ("thom", "simon"), ("", "simon"),
    ],
)  # fmt: skip
def test_another_name_is_not_made_from_it(word: str, name: str) -> None:
    assert not is_made_from(word, name)


def test_no_name_that_many_have_is_made_from_another() -> None:
    assert all(map(is_name, KNOWN))
    assert not any(is_made_from(a, b) for a, b in pairwise(KNOWN))
