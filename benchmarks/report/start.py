"""What a command costs before it does anything, beside an interpreter that does nothing."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks import estate
from benchmarks.load.serving import NOCONTACT
from benchmarks.report.row import Row, interleaved

ROUNDS = 15
MS = 1e3


def rows(size: float) -> Iterator[Row]:
    """The same whatever the size."""
    with TemporaryDirectory(prefix="nocontact-start-") as folder:
        listed, tried = Path(folder) / "restrictions", Path(folder) / "attempts"
        listed.write_bytes(msgspec.json.encode(next(estate.phone_restrictions(1))) + b"\n")
        tried.write_bytes(msgspec.json.encode(estate.calls(1)[0]) + b"\n")
        bare = _used([sys.executable, "-c", "pass"])
        shown = _used([*NOCONTACT, "--help"])
        screened = _used([*NOCONTACT, "screen", "--restrictions", str(listed), str(tried)])
        nothing, *ours = map(statistics.median, interleaved((bare, shown, screened), ROUNDS))
    for what, found, goal in zip(("--help", "screen, one call"), ours, (5.0, 12.0), strict=True):
        yield Row(f"nocontact {what}", found * MS, "python -c pass", nothing * MS, "ms", goal)


def _used(command: list[str]) -> Callable[[], float]:
    """A run that gives the processor time of a process, in seconds. Raises where it fails."""

    def run() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return run
