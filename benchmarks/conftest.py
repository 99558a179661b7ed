"""A table at the end of a run: each measurement, its budget, its ratio to the peer of the same run."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from _pytest.terminal import TerminalReporter

MICROSECOND = 1e-6


class Measured(NamedTuple):
    """One measurement in seconds, with what was promised; None where nothing was."""

    what: str
    median: float
    p99: float
    peer: str
    budget_median: float | None
    budget_p99: float | None


_measured: dict[str, Measured] = {}


@pytest.fixture
def record(benchmark: object) -> Callable[..., None]:
    """Keep what the benchmark measured for the table: record("what", peer="its peer's name")."""

    def keep(what: str, *, peer: str = "", median: float | None = None, p99: float | None = None) -> None:
        data = sorted(benchmark.stats.stats.data)  # type: ignore[attr-defined]
        _measured[what] = Measured(what, data[len(data) // 2], data[int(len(data) * 0.99)], peer, median, p99)

    return keep


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the table."""
    if not _measured:
        return
    write = terminalreporter.write_line
    write("")
    write(f"{'what':44} {'median':>10} {'budget':>8} {'p99':>10} {'budget':>8}   beside its peer")
    for m in _measured.values():
        peer = _measured.get(m.peer)
        ratio = f"{m.median / peer.median:.2f} of {peer.what}" if peer else ""
        write(
            f"{m.what:44} {_time(m.median):>10} {_time(m.budget_median):>8} "
            f"{_time(m.p99):>10} {_time(m.budget_p99):>8}   {ratio}"
        )


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds >= 0.1:
        return f"{seconds:.2f} s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.1f} ms"
    return f"{seconds / MICROSECOND:.1f} µs"
