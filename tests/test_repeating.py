"""What `make check` leaves out of a repetition `make test` runs."""

from __future__ import annotations

import re

import pytest

from tests import repeating
from tests.conftest import HERE

MAKEFILE = (HERE.parent / "Makefile").read_text("utf-8")


@pytest.mark.parametrize("part", [1, 2, 4, 7])
def test_over_all_turns_everything_has_its_turn_once(monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    monkeypatch.setattr(repeating, "PART", part)
    every = list(range(20))
    turns = [repeating.some(every, turn) for turn in range(part)]
    assert sorted(one for turn in turns for one in turn) == every
    assert all(turns)
    assert repeating.some(every, part + 1) == repeating.some(every, 1)


def test_a_part_is_never_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert repeating.times(100) * repeating.PART in range(101 - repeating.PART, 101)
    monkeypatch.setattr(repeating, "PART", 4)
    assert [repeating.times(count) for count in (400, 7, 1)] == [100, 2, 2]


def test_only_the_short_loop_runs_a_part() -> None:
    loops = dict(re.findall(r"^(\w+): rules\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE))
    assert "REPEAT_ONE_IN=" in loops["check"]
    assert MAKEFILE.count("REPEAT_ONE_IN") == 1
    assert "-m " not in loops["test"]
