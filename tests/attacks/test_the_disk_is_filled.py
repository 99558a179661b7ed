"""Somebody fills the disk: nothing is answered that cannot be recorded, and the log says why at once."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from benchmarks.load.serving import AS_FAST_AS_IT_GOES
from service.access.model import Role
from tests.attacks.attacking import HARMLESS, RESTRICTED, check, lines_about
from tests.service.running import service_in

PRLIMIT = shutil.which("prlimit") or "prlimit"


def test_a_full_disk_is_in_the_log_at_once_and_then_once_a_second(tmp_path: Path) -> None:
    """A file that may not grow fails like one on a full disk."""
    with service_in(tmp_path, **AS_FAST_AS_IT_GOES) as service:
        switch = service.key(Role.PHONE_SYSTEM)
        assert check(switch, "before", RESTRICTED)[:2] == (200, "block")
        limit = [PRLIMIT, "--pid", str(service.started.process.pid)]
        subprocess.run([*limit, "--fsize=1024:unlimited"], check=True)
        began = time.monotonic()
        asked = 0
        while time.monotonic() - began < 2.5:
            status, _, seconds = check(switch, f"full-{asked}", HARMLESS)
            assert (status, seconds < 1.7) == (503, True)
            asked += 1
        lines = lines_about(service, "ledger_failed")
        assert 2 <= len(lines) <= 4
        assert lines[0]["count"] == 1
        assert sum(line["count"] for line in lines) > 10
        subprocess.run([*limit, "--fsize=unlimited:unlimited"], check=True)
        assert check(switch, "after", HARMLESS)[:2] == (200, "allow")
        assert lines_about(service, "ledger_written_again")
