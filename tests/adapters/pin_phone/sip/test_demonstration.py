"""The demonstration and the load run, as an operator starts them; the load in a short form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.phone import calls
from benchmarks.phone.demonstration import RESTRICTED

PATIENT = "3000"
"""Milliseconds: on a busy machine nothing here is to fail for being late."""
ROOT = Path(__file__).parents[4]


def test_the_demonstration_shows_what_phones_heard_and_what_rang() -> None:
    command = [sys.executable, "-m", "benchmarks.phone.demonstration", "--timeout", PATIENT]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert run.returncode == 0, run.stderr
    assert "the restricted number never rang" in run.stdout
    assert run.stdout.count("603 declined") == 11
    assert run.stdout.count("503 check unavailable") == 2


def test_calls_under_load_are_all_answered_and_none_rings_that_must_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert calls.measure(tmp_path, rate=50, seconds=2, timeout=int(PATIENT)) == 0
    table = capsys.readouterr().out
    assert "http_client" in table
    assert RESTRICTED not in table
