"""In the place of reading, a file says what happens. It stands alone here: each reading process loads it, and
would load all that a file of tests does."""

from __future__ import annotations

import os
import time
from pathlib import Path

from adapters.mailroom.envelope import understand
from service.mail.reading import Read, read_file


def happens(data: bytes, privileged: bool) -> Read | str:
    """In a reading process."""
    what, _, rest = data.decode().partition(" ")
    if what == "die":
        os._exit(9)
    if what == "die-once" and not Path(rest).exists():
        Path(rest).touch()
        os._exit(9)
    if what == "sleep":
        time.sleep(float(rest))
    return Read(understand(()), body=str(os.getpid()), pictures=())


def begins(zip_codes: bool) -> None:
    """In a reading process: there is nothing to load."""


def begins_not(zip_codes: bool) -> None:
    """As where a file of the reader is missing."""
    raise FileNotFoundError("a model")


def dies_at_once(zip_codes: bool) -> None:
    """As where memory is short."""
    os._exit(9)


def impatient(data: bytes, privileged: bool) -> Read | str:
    """In a reading process: one second of the processor for a page."""
    from service.mail import pages  # what reads; the others need none of it

    pages.OPENING = 1.0
    return read_file(data, privileged)
