"""The compiled list on the disk: sealed, signed, and held to the registry. A start need not compile it.

What is in the file is believed where the vault opens it and its signature holds, and then for as much as the
registry still says: every restriction of it by its version, every prisoner by where he is, the register by
its versions. What differs is read anew before the list is put in force. A registry that says less than the
file (a version that stood and is gone, or withdrawn without a version that says so) is not obeyed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature

from engine import saved
from engine.blocklist import Blocklist
from engine.saved import SavedBlocklistError
from service.registry.prisoners import Whereabouts
from service.storage.memory import Memory, mapped
from service.storage.sealing import SealError, Vault, opened_size
from service.storage.writing import write_whole

FILE = "blocklist.kept"
EVERY = 60.0
"""Seconds between two savings of a list that changes: each takes a moment of a processor, and memory."""
MOST_CHANGED = 0.2
"""Share of the list that may be read anew on top of it; beyond, all of it is compiled again."""
AT_LEAST = 1_000
"""Restrictions that are read anew in any case: a second."""

_MAGIC = b"nocontact-kept-list 1\n"
_CONTEXT = "blocklist/kept"
_SIGNATURE = 64
_log = structlog.get_logger(__name__)


class Origins(msgspec.Struct):
    """What a list was compiled from."""

    versions: dict[str, int] = {}
    """Of each restriction, by its id."""
    register: dict[str, int] = {}
    """Of each entry of the register."""
    prisoners: Whereabouts = {}


class KeptList(NamedTuple):
    """A list with what it was compiled from."""

    blocklist: Blocklist
    origins: Origins


def keep(folder: Path, vault: Vault, blocklist: Blocklist, origins: Origins) -> None:
    """Put a list into the file, whole or not at all. Raises OSError."""
    head = msgspec.msgpack.encode(origins)
    plain = b"".join((len(head).to_bytes(8, "big"), head, *saved.pieces(blocklist)))
    sealed = vault.seal(plain, _CONTEXT)
    write_whole(folder / FILE, _MAGIC + vault.sign(_signed(sealed)), sealed)


def load(folder: Path, vault: Vault) -> KeptList | None:
    """The list in the file; None, and told in the log, where there is none that can be believed."""
    try:
        return _read(mapped(folder / FILE), vault)
    except FileNotFoundError:
        return None
    except (
        OSError,
        SealError,
        InvalidSignature,
        SavedBlocklistError,
        msgspec.DecodeError,
        ValueError,
    ) as error:
        _log.error("kept_list_refused", error=type(error).__name__)
        return None


def _read(content: memoryview, vault: Vault) -> KeptList:
    """Where it lies, since each copy of a list of a million contact points would take a fifth of a second."""
    start = len(_MAGIC) + _SIGNATURE
    if content[: len(_MAGIC)] != _MAGIC:
        raise SavedBlocklistError("not a kept list")
    sealed = content[start:]
    vault.public_key.verify(bytes(content[len(_MAGIC) : start]), _signed(sealed))
    plain = Memory.filled(opened_size(sealed), lambda out: vault.open_into(sealed, _CONTEXT, out)).content
    size = int.from_bytes(plain[:8], "big")
    origins = msgspec.msgpack.decode(plain[8 : 8 + size], type=Origins)
    return KeptList(saved.load(plain[8 + size :], verified=True), origins)


def _signed(sealed: bytes | memoryview) -> bytes:
    return _MAGIC + hashlib.sha256(sealed).digest()
