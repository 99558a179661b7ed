"""Debian's packages that tests and benchmarks need, installed where this runs as root."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def program(name: str, package: str | None = None) -> str | None:
    """Where a program is, installed from the package of its name, or another; None where it cannot be had."""
    found = shutil.which(name)
    if found is None:
        install(package or name)
        found = shutil.which(name)
    return found


def install(*packages: str, recommended: bool = True) -> None:
    """Install packages, one process at a time; nothing where that is not ours to do, so look what is there.

    `recommended`: with what Debian recommends beside them.
    """
    if os.getuid() != 0 or shutil.which("apt-get") is None:
        return
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    options = [] if recommended else ["--no-install-recommends"]
    with (Path(tempfile.gettempdir()) / "nocontact-apt-get.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # apt-get itself gives up when another one is at work
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", *options, *packages]):
            subprocess.run(["apt-get", *arguments], check=False, stdout=subprocess.DEVNULL, env=environment)
