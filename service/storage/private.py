"""What is kept is its owner's alone: folders 0700, files 0600, whatever the machine's own custom is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
_OTHERS = 0o077


def keep_private(folder: Path) -> None:
    """Take the folder, and what is in it, from everybody but its owner; what this process makes is born so.

    What belongs to somebody else is left as it is. Links are not followed.
    """
    os.umask(os.umask(0o777) | _OTHERS)
    if not folder.is_dir():
        return
    _narrow(folder)
    for above, folders, files in os.walk(folder):
        for name in (*folders, *files):
            _narrow(Path(above, name))


def _narrow(path: Path) -> None:
    try:
        found = path.lstat()
        is_kept = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        if is_kept and found.st_mode & _OTHERS:
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
    except (FileNotFoundError, PermissionError):  # gone meanwhile, or another's
        return
