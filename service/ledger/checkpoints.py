"""The checkpoint file: signed heads of the chain, kept outside the database, one JSON object a line.

Copy it to where whoever can write the database cannot write: it is what shows that a whole database was
brought back to an older state, or rewritten by somebody with the key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.ledger.chain import Head, head_message

FILE = "checkpoints.jsonl"
"""Its name in the data folder."""
LONGEST_LINE = 1_000
"""Bytes. A line of the service has some 300."""


class Checkpoint(msgspec.Struct, frozen=True):
    """One line; the hash and the signature in hexadecimal."""

    seq: int
    hash: str
    at: str
    signature: str


class Unreadable(msgspec.Struct, frozen=True):
    """A line that is no checkpoint; `line` counts from 1."""

    line: int


def note(path: Path, head: Head) -> None:
    """Add a line, on the disk when this returns. Raises OSError."""
    line = Checkpoint(head.seq, head.hash.hex(), head.at, head.signature.hex())
    with path.open("ab") as file:
        file.write(msgspec.json.encode(line) + b"\n")
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


def lines(path: Path) -> Iterator[Checkpoint | Unreadable]:
    """What the file holds, oldest first; an incomplete last line is nothing. Raises OSError."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                return
            try:
                yield _decode(line)
            except msgspec.MsgspecError:
                yield Unreadable(number)


_decode = msgspec.json.Decoder(Checkpoint).decode


def is_signed(head: Head, key: Ed25519PublicKey) -> bool:
    """Whether the head, or a checkpoint as `head_of` gives it, was signed with the key."""
    try:
        key.verify(head.signature, head_message(head.seq, head.hash, head.at))
    except (InvalidSignature, OverflowError, UnicodeEncodeError, TypeError, AttributeError):
        return False
    return True


def head_of(checkpoint: Checkpoint) -> Head | None:
    """The head that it was; None when it is not in hexadecimal."""
    try:
        hash_, signature = bytes.fromhex(checkpoint.hash), bytes.fromhex(checkpoint.signature)
    except ValueError:
        return None
    return Head(checkpoint.seq, hash_, checkpoint.at, signature)
