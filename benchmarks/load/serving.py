"""A service process of the benchmarks' own: its data folder, its start, its end."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks import debian
from engine.model import Restriction

PATIENCE = 180.0
"""Seconds until a process that does not listen is given up: a list of 100,000 takes its time to build."""
NOCONTACT = (sys.executable, "-c", "from service.cli.main import main; main()")
AS_FAST_AS_IT_GOES = {f"NOCONTACT_{name}_RATE": "1000000000" for name in ("PRISONER", "UNKNOWN")} | {
    "NOCONTACT_RATE": "1000000"
}
"""Settings under which one key asks about one prisoner as often as it likes: what the service could do."""
LISTENING = re.compile(rb"listening on (http://[\w.:\[\]-]+)")


def processor(pid: int) -> float:
    """Seconds of processor time of a process so far, in it and in the system."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settle(pid: int) -> None:
    """Wait until a process that was started does no more than wait to be asked: what it reads in beside its
    answers, it has read. Raises NotServingError after five minutes."""
    for _ in range(150):
        began = processor(pid)
        time.sleep(2)
        if processor(pid) - began < 2 * IDLE:
            return
    raise NotServingError("it does not come to rest")


def resident(pid: int) -> dict[str, int]:
    """Megabytes of a process that are resident, by the names of the kernel: Pss, Private_Dirty and so on."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]
    return {row.split(":")[0]: int(row.split()[1]) // 1024 for row in rows}


IDLE = 0.05
"""Share of a core that a process may take while nobody asks it anything."""


class NotServingError(Exception):
    """The service could not be prepared or did not start; with what it said."""


class Serving(NamedTuple):
    """A process that answers at `url`."""

    process: subprocess.Popen[bytes]
    url: str

    def kill(self) -> None:
        """SIGKILL: no chance to save anything."""
        self.process.kill()
        self.process.wait()


def run(data: Path, *arguments: str, database: str | None = None) -> str:
    """One `nocontact` command on a data folder; gives what it printed. Raises NotServingError."""
    env = environment(data, database)
    done = subprocess.run(
        [*NOCONTACT, *arguments], env=env, capture_output=True, text=True, timeout=PATIENCE * 5
    )
    if done.returncode:
        raise NotServingError(f"nocontact {arguments[0]}: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout


def key(data: Path, role: str, database: str | None = None) -> str:
    """A new API key with a role: the last word that the command prints."""
    wanted = ("key", "--data", str(data), "--role", role, "--label", f"load-{role}")
    return run(data, *wanted, database=database).split()[-1]


def prepare(data: Path, restrictions: Iterable[Restriction], database: str | None = None) -> None:
    """A new data folder with these restrictions in force. `database` is a server's address, if any."""
    run(data, "init", "--data", str(data), database=database)
    file = data.with_suffix(".jsonl")
    with file.open("wb") as out:
        out.writelines(msgspec.json.encode(restriction) + b"\n" for restriction in restrictions)
    run(data, "import", "--data", str(data), str(file), database=database)
    file.unlink()


def environment(data: Path, database: str | None = None) -> dict[str, str]:
    """Settings of a service on a free port, with nothing of ours around it."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NOCONTACT_")}
    of_server = {"NOCONTACT_DATABASE_URL": database} if database else {}
    return {**plain, "NOCONTACT_DATA": str(data), "NOCONTACT_PORT": "0", **of_server}


def start(command: Sequence[str], settings: dict[str, str], log: Path, core: int | None = None) -> Serving:
    """Start a process, on one core where `core` says so, and wait until it says where it listens."""
    pinned = [] if core is None else [needed("taskset"), "--cpu-list", str(core)]
    with log.open("ab") as errors:
        process = subprocess.Popen(
            [*pinned, *command], env=settings, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL
        )
    try:
        return Serving(process, _wait(process))
    except BaseException:
        process.kill()
        process.wait()
        sys.stderr.write(log.read_text(errors="replace")[-2000:])
        raise


@contextmanager
def serving(
    command: Sequence[str], settings: dict[str, str], log: Path, core: int | None = None
) -> Iterator[Serving]:
    """The same, ended in an orderly way at the end of the block."""
    started = start(command, settings, log, core)
    try:
        yield started
    finally:
        stop(started)


def stop(started: Serving) -> int:
    """Ask it to end, and wait until it has. Gives its exit status."""
    started.process.send_signal(signal.SIGTERM)
    try:
        return started.process.wait(60)
    except subprocess.TimeoutExpired:
        started.kill()
        raise NotServingError("it did not stop within a minute of SIGTERM") from None
    finally:
        if started.process.stdout:
            started.process.stdout.close()


def needed(program: str) -> str:
    """Where a program is. Raises NotServingError that says how to get it."""
    package = {"taskset": "util-linux"}.get(program, program)
    found = debian.program(program, package)
    if found is None:
        raise NotServingError(f"{program} is missing: apt-get install {package}")
    return found


def _wait(process: subprocess.Popen[bytes]) -> str:
    """The address that it prints. What it prints later is left in the pipe: a line or two."""
    until = time.monotonic() + PATIENCE
    said = b""
    if process.stdout is None:
        raise NotServingError("nothing to read the address from")
    while time.monotonic() < until:
        if select.select([process.stdout], [], [], 0.2)[0]:
            chunk = os.read(process.stdout.fileno(), 4096)
            said += chunk
            if found := LISTENING.search(said):
                return found[1].decode()
            if not chunk:
                break
    raise NotServingError(f"it did not say where it listens: {said[-300:].decode(errors='replace')}")
