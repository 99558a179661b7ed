"""A file that came with a report, shown as pictures or as plain text, never as the bytes that were sent.

Whoever sends a report may be the prisoner's friend, and a file may be made to break what opens it. So it is
opened in a process of its own, which has little memory and little time and nothing else in it, and what comes
out was drawn anew: JPEG pictures of pages, or characters.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import unicodedata
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from service.errors import UnavailableError

if TYPE_CHECKING:
    from adapters.mailroom.images import Picture

TIMEOUT = 30.0
"""Seconds for one file; a photo takes one or two, most of which are for the process to begin."""
MOST_MEMORY = 1536 * 1024 * 1024
"""Bytes of the process; the largest picture that is taken needs two thirds of it."""
MOST_PAGES = 20
SIDE, QUALITY = 1600, 80
"""Pixels on the long side and JPEG quality of what is shown."""
MOST_TEXT = 100_000
"""Characters that are shown of a text."""
ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")
"""Tried in this order; UTF-16 only with its mark at the beginning."""
AT_ONCE = 2
"""Files that are opened at the same time, so that nobody takes the memory of those who answer calls."""
NOT_SHOWN = "It is not a picture, a PDF or a text: it is not shown."


class Shown(msgspec.Struct, frozen=True):
    """What may be shown of a file. Where there is neither a picture nor a text, `told` says why."""

    pictures: tuple[bytes, ...] = ()
    text: str = ""
    is_cut: bool = False
    """Whether there is more of it than is shown."""
    told: str = ""


def shown(content: bytes) -> Shown:
    """A file as it may be shown. Never raises for what is in it; UnavailableError where many are opened."""
    if not content:
        return Shown(told="It is empty, or is kept with an earlier version.")
    if not _turns.acquire(timeout=TIMEOUT):
        raise UnavailableError("other files are being opened: try again in a moment")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "service.cases.evidence"],
            input=content,
            capture_output=True,
            timeout=TIMEOUT,
            check=True,
            env=_ENVIRONMENT,
        )
        return _read(done.stdout)
    except subprocess.TimeoutExpired:
        return Shown(told="It takes too long to open: it is not shown.")
    except (subprocess.CalledProcessError, msgspec.DecodeError):
        return Shown(told="It cannot be opened: it is not shown.")
    finally:
        _turns.release()


def render(content: bytes) -> Shown:
    """The same, in the process that opens it."""
    from adapters.mailroom.images import open_pages  # what answers calls loads nothing that opens pictures
    from adapters.mailroom.scans import KINDS, ImageError

    try:
        pages = [_jpeg(page) for page in islice(open_pages(content), MOST_PAGES + 1)]
    except ImageError as error:
        text = _text(content) if str(error) == f"not a {KINDS}" else None
        if text is not None:
            return Shown(text=text[:MOST_TEXT], is_cut=len(text) > MOST_TEXT)
        return Shown(told=NOT_SHOWN if str(error) == f"not a {KINDS}" else f"It is not shown: {error}.")
    return Shown(pictures=tuple(pages[:MOST_PAGES]), is_cut=len(pages) > MOST_PAGES)


def _jpeg(page: Picture) -> bytes:
    from PIL import Image

    image = Image.fromarray(page)
    image.thumbnail((SIDE, SIDE))
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _text(content: bytes) -> str | None:
    """A text as it is; None for what is none. Signs that are not seen, or turn the line round, are shown."""
    for encoding in ENCODINGS:
        if encoding == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = content.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
        if any(unicodedata.category(one) == "Cc" and one not in "\n\t\f\r" for one in text):
            return None
        return "".join(
            "\N{REPLACEMENT CHARACTER}" if unicodedata.category(one) == "Cf" else one for one in text
        )
    return None


def main() -> None:
    """In a process of its own: a file on standard input, what may be shown on standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(TIMEOUT), int(TIMEOUT)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.stdout.buffer.write(msgspec.msgpack.encode(render(sys.stdin.buffer.read())))


_turns = threading.BoundedSemaphore(AT_ONCE)
_ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    "PYTHONSAFEPATH": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""All that the process is given: not the master key, nor the database's password."""
_read = msgspec.msgpack.Decoder(Shown).decode

if __name__ == "__main__":
    main()
