"""What each way for two names to agree counts, read once from `matchers/tables/person_scores.tsv`."""

from __future__ import annotations

from typing import Final

import msgspec

from matchers import tables


class Scores(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One score, 0 to 1, or factor for each row of the table, which says when it counts."""

    family_alone: float
    nothing_sure: float
    titles_clash: float
    title_clashes_alone: float
    first_alone: float
    organisation: float
    other_alphabet: float
    heard_alike: float
    family_order: float
    family_part: float
    family_former: float
    family_plural: float
    family_initial: float
    middle_missing: float
    middle_order: float
    middle_initial: float
    shared_alone: float
    first_left_out: float
    shared_left_out: float
    two_initials: float
    each_initial: float
    given_joined: float
    words_joined: float
    any_order: float
    some_left_out: float
    household: float
    household_rare: float
    household_initial: float
    household_other: float
    title_and_family: float
    short_form: float
    made_short: float
    two_short_forms: float
    initial: float
    spelling: float
    sounds_like: float
    feminine: float
    slip_long: float
    slip: float
    slip_ending: float
    two_slips: float
    near: float


SCORES: Final = msgspec.convert(
    {name: float(score) for name, score, _ in tables.rows("person_scores")}, Scores
)
