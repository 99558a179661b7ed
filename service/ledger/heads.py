"""The end of the ledger, signed: a checkpoint in the form of C2SP's tlog-checkpoint and signed-note.

The text that is signed is the origin, the number of records, the root of the tree over them, and two lines of
our own, the hash of the chain and the time of the last record:

    nocontact/3b0c44298fc1c149
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    chain 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    last 2026-01-01T09:30:00.000000Z

In the form of before it is the number, the hash of the chain and the time, in bytes: it has no origin.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.settings import ORIGIN

_ED25519 = b"\x01"
"""The kind of signature, in the identifier of a key."""
_TEXT = re.compile(
    rf"(?P<origin>{ORIGIN})\n(?P<size>0|[1-9][0-9]{{0,18}})\n(?P<root>[A-Za-z0-9+/]{{43}}=)\n"
    r"chain (?P<hash>[A-Za-z0-9+/]{43}=)\nlast (?P<at>[0-9T:.Z-]{27})\n"
)
_SIGNED = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")


class Head(msgspec.Struct, frozen=True):
    """Where the chain ended. `at` is the last record's time, as text."""

    seq: int
    hash: bytes
    at: str
    signature: bytes
    origin: str = ""
    """Empty in the form of before, which had no tree."""
    root: bytes = b""


def default_origin(key: Ed25519PublicKey) -> str:
    """The name of a log that nobody gave one: another for each key."""
    return f"nocontact/{hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]}"


def message(head: Head) -> bytes:
    """What is signed of it."""
    if not head.origin:
        return b"nocontact ledger head\0" + head.seq.to_bytes(8, "big") + head.hash + head.at.encode()
    lines = head.origin, str(head.seq), _base64(head.root), f"chain {_base64(head.hash)}", f"last {head.at}"
    return "".join(f"{line}\n" for line in lines).encode()


def is_signed(head: Head, key: Ed25519PublicKey) -> bool:
    """Whether it was signed with the key. What is of another type than it should be was not."""
    try:
        key.verify(head.signature, message(head))
    except (InvalidSignature, OverflowError, ValueError, TypeError, AttributeError):
        return False
    return True


def to_note(head: Head, key: Ed25519PublicKey) -> str:
    """The signed note of a head that has an origin; `key` is what it was signed with."""
    signed = _base64(key_id(head.origin, key) + head.signature)
    return f"{message(head).decode()}\n— {head.origin} {signed}\n"


def from_note(note: str, key: Ed25519PublicKey) -> Head:
    """The head in a note, with the signature that is said to be this key's, empty where there is none.

    Signatures of others, witnesses say, are passed over. Raises ValueError for what is no checkpoint of ours.
    """
    text, _, signatures = note.rpartition("\n\n")
    found = _TEXT.fullmatch(f"{text}\n")
    if found is None:
        raise ValueError("not a checkpoint of this service")
    origin = found["origin"]
    hash_, root = (base64.b64decode(found[part]) for part in ("hash", "root"))
    signature = _signature(signatures, origin, key_id(origin, key))
    head = Head(int(found["size"]), hash_, found["at"], signature, origin, root)
    if message(head).decode() != found[0]:  # bits that no decoder looks at
        raise ValueError("not a checkpoint of this service")
    return head


def _signature(lines: str, name: str, identifier: bytes) -> bytes:
    for line in lines.split("\n"):
        found = _SIGNED.fullmatch(line)
        if found is None or found[1] != name:
            continue
        try:
            signed = base64.b64decode(found[2], validate=True)
        except binascii.Error:
            continue
        if signed[:4] == identifier:
            return signed[4:]
    return b""


def key_id(name: str, key: Ed25519PublicKey) -> bytes:
    """Four bytes that tell which key signed, under which name."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:4]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
