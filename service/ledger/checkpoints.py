"""The checkpoint file: signed heads of the chain, kept outside the database, one JSON object a line.

A line is `{"note": "…"}`, a signed note as `heads` tells; in the form of before it is the parts of a head.
Copy it to where whoever can write the database cannot write: it is what shows that a whole database was
brought back to an older state, or rewritten by somebody with the key.
"""

from __future__ import annotations

import os
import re
from binascii import a2b_base64
from collections.abc import Iterator
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.ledger import heads
from service.ledger.heads import Head
from service.settings import Settings

FILE = "checkpoints.jsonl"
"""Its name in the data folder, and in the folder beside it."""
LONGEST_LINE = 2_000
"""Bytes. A line of the service has some 400."""


Claim = tuple[int, bytes]
"""The number of a record, and its hash."""
_CLAIM = re.compile(rb'\{"note":"[^"\\]+\\n([1-9][0-9]{0,18})\\n[^"\\]+\\nchain ([A-Za-z0-9+/]{43}=)\\n')
"""A line of the service, as far as that."""


class Unreadable(msgspec.Struct, frozen=True):
    """A line that is no checkpoint; `line` counts from 1."""

    line: int


class _Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    note: str


class _Parts(msgspec.Struct, frozen=True):
    """A line of before; the hash and the signature in hexadecimal."""

    seq: int
    hash: str
    at: str
    signature: str


def files(settings: Settings) -> list[Path]:
    """The files that a start is held against: the data folder's, and the second folder's if there is one."""
    folders = [settings.data, *([settings.checkpoint_folder] if settings.checkpoint_folder else [])]
    return [folder / FILE for folder in folders]


def add(path: Path, note: str) -> None:
    """Add a signed note, on the disk when this returns. Raises OSError."""
    with path.open("ab") as file:
        file.write(msgspec.json.encode(_Note(note)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def mend(path: Path) -> None:
    """Make the file, or take away a last line that a power cut left incomplete. Raises OSError."""
    path.touch()
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        tail_at = max(0, size - LONGEST_LINE)
        file.seek(tail_at)
        tail = file.read()
        if tail and not tail.endswith(b"\n") and (b"\n" in tail or not tail_at):
            file.truncate(tail_at + tail.rfind(b"\n") + 1)


def lines(path: Path, key: Ed25519PublicKey) -> Iterator[Head | Unreadable]:
    """What the file holds, oldest first; an incomplete last line is nothing. Raises OSError.

    Nothing is known of a head before `heads.is_signed` was asked.
    """
    for number, line in _whole(path):
        yield _head(line, key) or Unreadable(number)


def claims(path: Path, key: Ed25519PublicKey) -> Iterator[Claim | Unreadable]:
    """The same, read no further than a start needs: a year has half a million lines. Raises OSError."""
    for number, line in _whole(path):
        found = _CLAIM.match(line)
        if found:
            yield int(found[1]), a2b_base64(found[2])
            continue
        head = _head(line, key)
        yield (head.seq, head.hash) if head else Unreadable(number)


def _whole(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                return
            yield number, line


def _head(line: bytes, key: Ed25519PublicKey) -> Head | None:
    try:
        if line.startswith(b'{"note"'):
            return heads.from_note(_note(line).note, key)
        parts = _parts(line)
        return Head(parts.seq, bytes.fromhex(parts.hash), parts.at, bytes.fromhex(parts.signature))
    except (ValueError, RecursionError):  # no JSON, no hexadecimal, no note
        return None


_note = msgspec.json.Decoder(_Note).decode
_parts = msgspec.json.Decoder(_Parts).decode
