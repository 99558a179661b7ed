"""The table of scores: every way of finding has its score, in the order of how much it tells."""

from __future__ import annotations

from engine.people import _STEPS
from engine.scores import SCORES


def test_every_way_of_naming_somebody_has_its_score() -> None:
    assert {found for what, found in SCORES if what == "name"} == {*_STEPS}


def test_scores_are_probabilities_and_the_whole_tells_more_than_its_part() -> None:
    assert all(0 < score <= 1 for score in SCORES.values())
    for what, order in {
        "number": ("exact", "guessed", "alternative"),
        "address": ("postcode", "street"),
        "name": ("full", "nickname_surname", "title_surname", "initial_surname", "first"),
    }.items():
        scores = [SCORES[what, found] for found in order]
        assert scores == sorted(scores, reverse=True)
        assert len({*scores}) == len(scores)
