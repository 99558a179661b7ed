"""A file that is there whole or not at all, whatever happens to whoever writes it."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(file: Path, *parts: bytes | memoryview) -> None:
    """Put a file in the place of the one that is there, on the disk; for its owner alone. Raises OSError."""
    clear_up(file)
    written = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            for part in parts:
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        os.replace(written, file)
        _sync_folder(file.parent)
    except OSError:
        written.unlink(missing_ok=True)
        raise


def clear_up(file: Path) -> None:
    """Take away what processes left half written when they were killed: as much as the file, each of them."""
    for left in file.parent.glob(f"{file.name}.*"):
        try:
            os.kill(int(left.name.rpartition(".")[2]), 0)
        except ProcessLookupError:
            left.unlink(missing_ok=True)
        except (ValueError, OSError):  # not ours, or somebody else's process
            continue


def _sync_folder(folder: Path) -> None:
    """Have the folder say so too when the machine loses its power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
