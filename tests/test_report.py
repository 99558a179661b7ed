"""The report of the speed of everything: `benchmarks/report`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.load.serving import NotServingError
from benchmarks.report import __main__ as report
from benchmarks.report.row import Row, at, interleaved

ROW = Row("call", 6.0, "a library", 3.0, "µs", 1.5)


def test_a_row_stands_beside_its_peer_with_its_ratio_and_goal() -> None:
    text = report.markdown({"python": "3.11"}, {"engine": [ROW]})
    assert "- python: 3.11" in text
    assert "| call | 6 µs | a library | 3 µs | **2** | 1.5 |" in text


def test_a_section_that_cannot_be_measured_is_told_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(size: float) -> Iterator[Row]:
        raise NotServingError("wrk is missing")

    monkeypatch.setattr(report, "SECTIONS", {"service": missing, "engine": lambda size: iter([ROW])})
    assert report.measured(["service", "engine"], 1.0) == {"engine": [ROW]}
    assert "service is left out: wrk is missing" in capsys.readouterr().err


def test_what_was_measured_before_something_is_missing_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def half(size: float) -> Iterator[Row]:
        yield ROW
        raise NotServingError("pgbench is missing")

    monkeypatch.setattr(report, "SECTIONS", {"service": half})
    assert report.measured(["service"], 1.0) == {"service": [ROW]}
    assert "service, from here on, is left out: pgbench is missing" in capsys.readouterr().err


def test_runs_take_turns_and_each_keeps_its_own() -> None:
    order: list[str] = []

    def run(name: str, figure: float) -> float:
        order.append(name)
        return figure

    assert interleaved([lambda: run("a", 1.0), lambda: run("b", 2.0)], 2) == [[1.0, 1.0], [2.0, 2.0]]
    assert order == ["a", "b", "a", "b"]


def test_the_slowest_hundredth_begins_at_p99() -> None:
    assert at(0.99, [float(n) for n in range(100)]) == 99.0
