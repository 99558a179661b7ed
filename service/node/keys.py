"""A node's keys: asked of the centre, and kept in memory alone, so that a stolen disk opens nothing.

They lie on a file system in memory: a node that is started again while the centre is cut off has them, a
machine that was switched off has not. In the data folder stands a link to the key, so that every command
works on it.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import msgspec
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from service.errors import PROBLEM_JSON
from service.feed.api_messages import KEYS_PATH, Enrolment, NodeKeys
from service.settings import Settings
from service.storage.sealing import SealError
from service.storage.writing import write_whole

PATIENCE = 10.0
"""Seconds for an answer of the centre."""
IN_MEMORY = {"tmpfs", "ramfs"}
"""File systems that are gone with the power."""
KEYS, MASTER = "keys.json", "node.key"

_log = structlog.get_logger(__name__)


class WithdrawnError(SealError):
    """The centre does not know this node any more."""


class NodeKeyring:
    """The keys of one node, and where they are had."""

    def __init__(self, enrolment: Enrolment, settings: Settings) -> None:
        """Raises SealError where keys would lie on a disk."""
        self._enrolment = enrolment
        self.folder = settings.node_keys or _default_folder(enrolment.name)
        self._link = settings.data / "master.key"
        if not is_in_memory(self.folder):
            raise SealError(f"{self.folder}: not in memory; NOCONTACT_NODE_KEYS names a folder on a tmpfs")

    def first(self) -> NodeKeys:
        """The keys of the last time, or the centre's. Raises SealError, WithdrawnError."""
        kept = self._kept()
        if kept is not None:
            self._point()
            return kept
        import httpx  # a start that has its keys does not wait for it to load

        try:
            return self.ask()
        except httpx.HTTPError as error:
            why = type(error).__name__
            raise SealError(f"the keys are at the centre, and it cannot be asked: {why}") from None

    def ask(self) -> NodeKeys:
        """The centre's, kept from now on. Raises WithdrawnError, and httpx.HTTPError without an answer."""
        import httpx

        answer = httpx.get(
            self._enrolment.centre + KEYS_PATH,
            headers={"authorization": f"Bearer {self._enrolment.token}"},
            timeout=PATIENCE,
        )
        is_ours = answer.headers.get("content-type", "").startswith(PROBLEM_JSON)
        if answer.status_code in (401, 403) and is_ours:  # what stands between the two takes no keys away
            self.forget()
            raise WithdrawnError("the centre says that this node was withdrawn")
        answer.raise_for_status()
        try:
            keys = msgspec.json.decode(answer.content, type=NodeKeys)
        except msgspec.DecodeError:
            raise httpx.DecodingError("not keys") from None
        self._keep(keys)
        return keys

    def feed_key_anew(self) -> bytes | None:
        """The feed's key as it is now; None, and told in the log, where it cannot be had. Raises
        WithdrawnError."""
        import httpx

        try:
            return self.ask().feed_key
        except (httpx.HTTPError, OSError) as error:
            _log.error("keys_not_had", error=type(error).__name__)
            return None

    def forget(self) -> None:
        """Nothing here can be opened at the next start."""
        for name in (KEYS, MASTER):
            (self.folder / name).unlink(missing_ok=True)

    def _kept(self) -> NodeKeys | None:
        try:
            return msgspec.json.decode((self.folder / KEYS).read_bytes(), type=NodeKeys)
        except (OSError, msgspec.DecodeError):
            return None

    def _keep(self, keys: NodeKeys) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.folder / MASTER, base64.b64encode(keys.node_key) + b"\n")
        write_whole(self.folder / KEYS, msgspec.json.encode(keys))
        self._point()

    def _point(self) -> None:
        """Let the data folder's own key be the one in memory."""
        target = self.folder / MASTER
        if self._link.is_symlink() and self._link.readlink() == target:
            return
        self._link.parent.mkdir(parents=True, exist_ok=True)
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(target)


def read_enrolment(file: Path) -> Enrolment:
    """What `nocontact node-add` printed. Raises OSError, ValueError that repeats nothing of it."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Enrolment)
    except msgspec.DecodeError:
        raise ValueError(f"{file}: not an enrolment of a node") from None


def read_public_key(enrolment: Enrolment) -> Ed25519PublicKey:
    """With which the centre signs. Raises ValueError."""
    try:
        found = load_pem_public_key(enrolment.public_key.encode())
    except (ValueError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise ValueError("the enrolment's public key is not an Ed25519 key in PEM")
    return found


def is_in_memory(folder: Path) -> bool:
    """Whether what is written there is on no disk."""
    place = next(one for one in (folder, *folder.parents) if one.exists()).resolve()
    kind, longest = "", -1
    for line in Path("/proc/mounts").read_text("utf-8", "replace").splitlines():
        _, at, found, *_ = line.split(" ")
        if place.is_relative_to(at) and len(at) >= longest:
            kind, longest = found, len(at)
    return kind in IN_MEMORY


def _default_folder(name: str) -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/run", "nocontact", name)
