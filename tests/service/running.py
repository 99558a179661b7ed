"""A real `nocontact serve`: a process on a free port, spoken to over HTTP, ended by its process id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import httpx
from click.testing import CliRunner

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT, Serving
from service.access.model import Role
from service.cli.main import app

RESTRICTION = (
    '{"id": "R1", "prisoner": "X1234BC", "pathway": 1, "protected": {"name": "Rhoswen Tallantyre"}, '
    '"contacts": [{"kind": "phone", "value": "07700 900123"}, '
    '{"kind": "address", "value": "14 Larkmead Street, Ambermouth, LS1 4AB"}]}\n'
)


class Said(NamedTuple):
    """What came of a command."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Service:
    """A data folder, and the process that serves it."""

    data: Path
    log: Path
    started: Serving
    password: str
    """The first administrator's."""
    settings: dict[str, str]

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.started.url

    def key(self, *roles: Role, prisons: tuple[str, ...] = ()) -> httpx.Client:
        """A machine with a new key."""
        options = [f"--role={role}" for role in roles] + [f"--prison={prison}" for prison in prisons]
        said = command(self.data, "key", "--label", "a test's", *options, settings=self.settings).stdout
        headers = {"authorization": f"Bearer {said.split()[-1]}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def admin(self) -> httpx.Client:
        """The first administrator, signed in, her temporary password changed."""
        client = httpx.Client(base_url=self.url, timeout=30)
        self.sign_in(client, "admin", self.password)
        new = "seven odd words in a row"
        begun = client.post("/v1/session/password", json={"old": self.password, "new": new})
        begun.raise_for_status()
        self.password = new
        return self._keep(client, begun)

    def sign_in(self, client: httpx.Client, name: str, password: str) -> httpx.Client:
        """Sign in with a local account."""
        begun = client.post("/v1/session", json={"name": name, "password": password})
        begun.raise_for_status()
        return self._keep(client, begun)

    def stop(self) -> int:
        """End it in an orderly way; gives its exit status."""
        return serving.stop(self.started)

    @staticmethod
    def _keep(client: httpx.Client, begun: httpx.Response) -> httpx.Client:
        # The cookie is for TLS, which a browser does not ask for on localhost; this client would.
        client.headers["cookie"] = begun.headers["set-cookie"].partition(";")[0]
        client.headers["x-csrf-token"] = begun.json()["csrf"]
        return client


def command(data: Path, *arguments: str, settings: dict[str, str] | None = None) -> Said:
    """One `nocontact` command on a data folder, whatever comes of it. `serve` has a process of its own."""
    environment = serving.environment(data) | (settings or {})
    if "serve" in arguments:
        run = subprocess.run([*NOCONTACT, *arguments], env=environment, capture_output=True, text=True)
        return Said(run.returncode, run.stdout, run.stderr)
    given = dict.fromkeys(os.environ) | environment
    done = CliRunner().invoke(app, arguments, env=given)
    return Said(done.exit_code, done.stdout, done.stderr)


@contextmanager
def service_in(folder: Path, *before: str, **settings: str) -> Iterator[Service]:
    """A new service with one restriction, ended at the end of the block. `before` runs its command."""
    data, log = folder / "data", folder / "log"
    made = command(data, "init", settings=settings)
    assert made.returncode == 0, made.stderr
    lines = folder / "restrictions.jsonl"
    lines.write_text(RESTRICTION)
    assert command(data, "import", str(lines), settings=settings).returncode == 0
    started = serving.start([*before, *NOCONTACT, "serve"], serving.environment(data) | settings, log)
    service = Service(data, log, started, made.stdout.strip(), settings)
    try:
        wait_for_list(service)
        yield service
    finally:
        if started.process.poll() is None:
            started.process.send_signal(signal.SIGKILL)
            started.process.wait()
        if started.process.stdout:
            started.process.stdout.close()


def wait_for_list(service: Service) -> None:
    """Until the first blocklist is in force."""
    for _ in range(600):
        if httpx.get(f"{service.url}/health/ready").status_code == 200:
            return
        if service.started.process.poll() is not None:
            sys.stderr.write(service.log.read_text()[-2000:])
            break
    raise AssertionError("the service does not get ready")
