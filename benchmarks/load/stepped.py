"""A wall clock that somebody steps: `nocontact` as it is, on a machine whose time is set while it runs.

    STEPPED=FILE python -m benchmarks.load.stepped node --enrolment …

FILE holds by how many seconds the clock is wrong, a double. The monotonic clocks are the machine's.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

_FORM = "<d"


def step(file: Path, seconds: float) -> None:
    """Set the clock of whoever runs by this file."""
    if not file.exists():
        file.write_bytes(struct.pack(_FORM, 0.0))
    with file.open("r+b") as written:
        written.write(struct.pack(_FORM, seconds))


def _run_by(file: Path) -> None:
    from service.cli.main import main
    from service.operations import clock

    with file.open("rb") as opened:
        shared = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
    true = time.time

    def wall() -> float:
        return true() + float(struct.unpack_from(_FORM, shared)[0])

    time.time = wall
    clock._now = lambda: datetime.fromtimestamp(wall(), UTC)
    main()


if __name__ == "__main__":
    _run_by(Path(os.environ["STEPPED"]))
