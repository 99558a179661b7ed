"""The soak finds what was forgotten; a short one is run against the service itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.load import kill
from benchmarks.load.kill import compare, noted

NOTES = [
    ["asked", "a1", "020 7946 0018"],
    ["told", "a1", "allow"],
    ["asked", "a2", "07700 900123"],
    ["changing", "K1", "07700 900456"],
    ["changed", "K1"],
    ["changing", "K2", "07700 900789"],
    ["withdrawing", "K1"],
    ["withdrawn", "K1"],
    ["withdrawing", "K2"],
]


def test_notes_are_what_was_told_and_acknowledged() -> None:
    told = noted(NOTES)
    assert told[:3] == ({"a1": {"allow"}}, {"a1", "a2"}, {"K1": "07700 900456"})
    assert (set(told.withdrawn), set(told.doubtful)) == ({"K1"}, {"K2"})


def test_nothing_is_wrong_with_a_ledger_that_has_everything() -> None:
    assert compare(noted(NOTES), {"a1": ["allow"], "a2": ["block"]}, {"K1", "K2"}) == []


@pytest.mark.parametrize(
    ("decisions", "changes", "says"),
    [
        ({}, {"K1"}, "not in the ledger"),
        ({"a1": ["block"]}, {"K1"}, "the ledger says block"),
        ({"a1": ["allow", "allow"]}, {"K1"}, "2 times"),
        ({"a1": ["allow"], "a9": ["allow"]}, {"K1"}, "never asked"),
        ({"a1": ["allow"]}, set(), "no change in the ledger"),
    ],
)
def test_what_is_wrong_is_told(decisions: dict[str, list[str]], changes: set[str], says: str) -> None:
    (wrong,) = compare(noted(NOTES), decisions, changes)
    assert says in wrong


def test_two_answers_to_one_attempt_are_told() -> None:
    told = noted([*NOTES, ["told", "a1", "block"]])
    assert any("told allow and block" in wrong for wrong in compare(told, {"a1": ["allow"]}, {"K1"}))


def test_a_service_killed_under_load_forgets_nothing(tmp_path: Path) -> None:
    outcome = kill.soak(3, tmp_path, seed=1)
    assert outcome.wrong == []
    assert outcome.told.decisions
    assert outcome.told.changed
    assert outcome.tried >= len(outcome.told.changed) - len(outcome.told.doubtful)
    assert outcome.from_kept == 4  # all but the first
