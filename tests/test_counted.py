"""What a check costs is what was recorded: `benchmarks/counted.py`, on this Python."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.counted import MOST, beyond, instructions


def test_no_check_costs_more_than_was_recorded() -> None:
    run = subprocess.run([sys.executable, "-m", "benchmarks.counted"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_more_and_less_and_what_stands_on_one_side_are_told() -> None:
    known = {"same": 100.0, "near": 100.0, "more": 100.0, "less": 100.0, "gone": 1.0}
    near, far = 100 * (1 + MOST) - 1, 100 * (1 + MOST) + 1
    found = {"same": 100.0, "near": near, "more": far, "less": 100 * (1 - MOST) - 1, "new": 1.0}
    assert beyond(known, found) == ["gone", "less", "more", "new"]


def test_instructions_grow_with_the_work_and_are_the_same_each_time() -> None:
    def work(times: int) -> int:
        return sum(n * n for n in range(times))

    one, two = instructions(lambda: work(1_000)), instructions(lambda: work(2_000))
    assert one == instructions(lambda: work(1_000))
    assert 1.9 < two / one < 2.1
