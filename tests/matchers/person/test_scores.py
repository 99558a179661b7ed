"""The scores of names keep the order that their reasons give."""

from __future__ import annotations

import msgspec

from matchers.person import compare, read
from matchers.person.scores import SCORES


def test_what_makes_two_names_different_scores_below_one_half() -> None:
    different = (SCORES.family_alone, SCORES.nothing_sure, SCORES.titles_clash, SCORES.first_alone)
    assert max(*different, SCORES.title_clashes_alone, SCORES.organisation) < 0.5


def test_only_a_households_initial_and_rare_name_raise_a_score() -> None:
    assert {name for name, score in msgspec.structs.asdict(SCORES).items() if score > 1} == {
        "household_initial",
        "household_rare",
    }


def test_a_score_of_the_table_is_the_score_of_the_answer() -> None:
    assert compare(read("Jones Sarah Anne"), read("Sarah Anne Jones")).score == SCORES.any_order
    assert compare(read("Sally Jones"), read("Sarah Jones")).score == SCORES.short_form
    assert compare(read("Mrs Jones"), read("Sarah Jones")).score == SCORES.title_and_family
