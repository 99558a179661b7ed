"""A real `nocontact public`: a process on a free port, with a folder and a public key."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks.load import serving
from benchmarks.load.serving import NOCONTACT, Serving
from service.public.asked import PublicRequest
from tests.service.public.visiting import opened


@dataclass
class Form:
    """The process, and what only the case handlers have."""

    started: Serving
    folder: Path
    log: Path
    private: X25519PrivateKey

    @property
    def url(self) -> str:
        return self.started.url

    def taken(self) -> list[PublicRequest]:
        """What is in the intake, opened."""
        return opened(self.folder, self.private)


@contextmanager
def form_in(folder: Path, **settings: str) -> Iterator[Form]:
    """A form, ended at the end of the block."""
    private = X25519PrivateKey.generate()
    key, intake, log = folder / "key", folder / "intake", folder / "log"
    key.write_bytes(base64.b64encode(private.public_key().public_bytes_raw()))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NOCONTACT_")}
    started = serving.start(
        [*NOCONTACT, "public", "--intake", str(intake), "--key", str(key), "--port", "0"],
        plain | {f"NOCONTACT_PUBLIC_{name.upper()}": value for name, value in settings.items()},
        log,
    )
    try:
        yield Form(started, intake, log, private)
    finally:
        serving.stop(started)


def command(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command where it does not start, run in a folder."""
    root = Path(__file__).parents[3]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NOCONTACT_")}
    plain["PYTHONPATH"] = f"{root}:{plain.get('PYTHONPATH', '')}"
    return subprocess.run(
        [*NOCONTACT, "public", *arguments], env=plain | settings, cwd=folder, capture_output=True, text=True
    )
