"""A long file of attempts needs no more memory than a short one."""

import json
import subprocess
import sys
from pathlib import Path

from tests.service.cli.test_files import RESTRICTION, call, write

MEASURE = """
import resource, sys
from service.cli.main import app
try:
    app(["screen", "-r", sys.argv[1], sys.argv[2]])
finally:
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def peak_memory(restrictions: Path, attempts: Path) -> int:
    """Peak resident memory in KiB of screening a file."""
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(restrictions), str(attempts)], capture_output=True, check=True
    )
    return int(run.stderr.split()[-1])


def test_a_hundred_times_as_many_attempts_take_no_more_memory(tmp_path: Path) -> None:
    restrictions = write(tmp_path / "r.jsonl", [RESTRICTION])
    short, long = tmp_path / "short.jsonl", tmp_path / "long.jsonl"
    with short.open("w") as few, long.open("w") as many:
        for n in range(40_000):
            line = json.dumps(call(f"C{n}", f"07700 9{n:05}")) + "\n"
            many.write(line)
            if n < 400:
                few.write(line)
    grown = peak_memory(restrictions, long) - peak_memory(restrictions, short)
    assert grown < 5 * 1024, f"{grown} KiB more"
