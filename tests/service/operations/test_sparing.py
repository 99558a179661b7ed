from __future__ import annotations

import json

import pytest

from service.operations import logs
from service.operations.sparing import Sparing


def test_at_once_and_then_once_a_second_with_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("WARNING")
    now = [0.0]
    lines = Sparing("something_failed", level="error", monotonic=lambda: now[0])
    for _ in range(100):
        lines.note("one")
        now[0] += 0.03
    lines.note("other")
    lines.flush()
    now[0] += 1
    lines.flush()
    lines.flush()
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert {line["event"] for line in said} == {"something_failed"}
    assert [line["count"] for line in said if line["kind"] == "one"] == [1, 34, 34, 31]
    assert [line["count"] for line in said if line["kind"] == "other"] == [1]
