"""The report of the speed of everything: `benchmarks/report`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from benchmarks import estate
from benchmarks.load.serving import NotServingError
from benchmarks.report import __main__ as report
from benchmarks.report import curve, plots
from benchmarks.report.engine import NOW
from benchmarks.report.row import A_SECOND, Row, at, interleaved
from engine.blocklist import Index, compile_blocklist
from engine.policy import read_policy
from engine.screener import Screener

ROW = Row("call", 6.0, "a library", 3.0, "µs", 1.5)


def test_a_row_stands_beside_its_peer_with_its_ratio_and_goal() -> None:
    text = report.markdown({"python": "3.11"}, {"engine": [ROW]}, {"engine": Path("REPORT-engine.svg")})
    assert "- python: 3.11" in text
    assert "(REPORT-engine.svg)" in text
    assert "| call | 6 µs | a library | 3 µs | **2** | 1.5 | missed |" in text


@pytest.mark.parametrize(
    ("row", "is_reached"),
    [
        (ROW, False),
        (ROW._replace(goal=2.0), True),
        (ROW._replace(goal=None), None),
        (ROW._replace(unit=A_SECOND), True),
        (ROW._replace(unit=A_SECOND, goal=2.5), False),
    ],
)
def test_a_goal_is_reached_from_its_own_side(row: Row, is_reached: bool | None) -> None:
    assert row.is_reached is is_reached


def test_each_section_is_drawn_the_same_each_time(tmp_path: Path) -> None:
    rows = {"engine": [ROW, ROW._replace(what="letter", goal=None)], "mail": [ROW]}
    made = plots.draw(rows, tmp_path)
    drawn = {section: path.read_text("utf-8") for section, path in made.items()}
    assert set(drawn) == {"engine", "mail"}
    assert "call  /  a library" in drawn["engine"]
    assert "letter" not in drawn["mail"]
    plots.draw(rows, tmp_path)
    assert drawn == {section: path.read_text("utf-8") for section, path in made.items()}


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


def test_a_list_without_records_is_looked_up_in_like_the_one_that_was_compiled() -> None:
    listed = list(estate.phone_restrictions(400))
    compiled, made = compile_blocklist(listed), curve.without_records(*curve.restricted(listed))
    assert isinstance(compiled.restricted, Index)
    assert isinstance(made.restricted, Index)
    for name in ("_numbers", "_prisoners", "_own_numbers", "_near"):
        of_one, of_other = (getattr(one.restricted, name).to_bytes() for one in (compiled, made))
        assert of_one == of_other, name
    answers = [Screener(one, read_policy()) for one in (compiled, made)]
    for call in estate.calls(200):
        one, other = (msgspec.structs.replace(each.check(call, NOW), blocklist="") for each in answers)
        assert one == other
