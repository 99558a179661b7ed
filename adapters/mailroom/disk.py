"""What was renamed is on the disk, before anything that rests on it."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def keep(*folders: Path) -> None:
    """Wait until what was renamed in them is on the disk, so that a power cut cannot undo the order."""
    for folder in folders:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some network folders know no such thing
                raise
        finally:
            os.close(opened)
