"""A file that is there whole or not at all, whatever happens to whoever writes it."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(file: Path, *parts: bytes | memoryview, mode: int = 0o600) -> None:
    """Put a file in the place of the one that is there, on the disk. Raises OSError.

    `mode` is for its owner alone where nothing is said; the process's mask is taken off.
    """
    clear_up(file)
    written = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
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


def read_number(file: Path) -> int | None:
    """The whole number that a file holds; None where there is none that can be read."""
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return None


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
