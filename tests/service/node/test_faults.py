"""Whatever fails between a centre and its prisons, each node answers right, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.load import faults
from benchmarks.load.prisons import compared
from tests.service.conftest import SKIPPED

AWAY = 0.2
"""Seconds; `make faults` takes its time."""
SHORT = (
    "redis_killed",
    "postgres_killed",
    "publisher_killed",
    "disk_full",
    "clock_stepped",
    "cut",
)
"""Those that cost little; a node that is killed is in `test_serving.py`, and Redis full, Redis failed over, a
network split, a node killed under load and a centre restored are in `make faults`."""


@pytest.mark.skipif("postgres" in SKIPPED, reason="PostgreSQL is left out")
def test_one_thing_fails_after_the_other_and_every_answer_is_right_and_recorded(tmp_path: Path) -> None:
    assert faults.run(SHORT, AWAY, tmp_path, print) == []


@pytest.mark.parametrize(
    ("here", "says"),
    [
        ({"a1": ["block"]}, "a2"),
        ({"a1": ["allow"], "a2": ["allow"]}, "told block"),
        ({"a1": ["block", "block"], "a2": ["allow"]}, "more than once"),
        ({"a1": ["block"], "a2": ["allow"], "a9": ["allow"]}, "nobody asked"),
    ],
)
def test_what_a_ledger_lacks_or_has_too_much_is_told(here: dict[str, list[str]], says: str) -> None:
    wrong = compared("it", {"a1": "block", "a2": "allow"}, {"a1": "1", "a2": "2"}, here)
    assert any(says in one for one in wrong)
    assert compared("it", {"a1": "block"}, {"a1": "1"}, {"a1": ["block"]}) == []
