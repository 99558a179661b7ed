"""Protected details at rest: sealed with AES-GCM, found again by keyed hash, the ledger signed with Ed25519.

Two layers of keys. The **master key** (32 bytes, a file or the environment) never touches the data: it wraps
the **data keys**, which stand in the database. Rotation (`rotate`) makes a new data key, which seals
everything from then on, and wraps all of them under a new master key; the old master key is then worthless.
The hash and the signing key live as long as the database: what was found or signed must stay so.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, insert, select, update

from service.settings import Settings
from service.storage.database import Database, Moment, metadata

NONCE = 12
"""Bytes; drawn at random, so that one data key is good for 2^32 records (NIST SP 800-38D, 8.3)."""
TAG = 16
"""Bytes behind what is sealed, which show that it is whole."""
DIGEST = 16
"""Bytes of a keyed hash."""

_ROW = b"nocontact row"
_INTAKE = b"nocontact intake"
_FEED = b"nocontact feed"
_NODE = b"nocontact node"

data_key = Table(
    "data_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("purpose", String(8), nullable=False),
    Column("made", Moment, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

PURPOSES = ("seal", "hash", "sign")


class SealError(Exception):
    """A key that is missing or wrong, or a sealed value that is not what it was. Never says what is in it."""


def opened_size(sealed: bytes | memoryview) -> int:
    """How many bytes `Vault.open_into` writes. Raises SealError for what is too short to be sealed."""
    size = len(sealed) - 4 - NONCE - TAG
    if size < 0:
        raise SealError("cut off")
    return size


def seal_with(key: bytes, plain: bytes, context: str) -> bytes:
    """Seal for one place with a key of its own, which the caller keeps: `Vault.seal` with no key's id."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def open_with(key: bytes, sealed: bytes | memoryview, context: str) -> bytes:
    """What was sealed so. Raises SealError."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], context.encode())
    except (InvalidTag, ValueError):
        raise SealError(f"cannot be opened: {context}") from None


class Vault:
    """Seals, opens, hashes and signs with the keys of one database. Safe to share between threads."""

    def __init__(self, seal: dict[int, bytes], hash_key: bytes, sign_key: bytes) -> None:
        """`seal` holds the data keys by id; the highest seals what is new."""
        self._open = {key_id: AESGCM(key) for key_id, key in seal.items()}
        self._newest = max(seal)
        self._prefix = self._newest.to_bytes(4, "big")
        self._seal_keys, self._hash_key = seal, hash_key
        self._private = Ed25519PrivateKey.from_private_bytes(sign_key)
        self.public_key = self._private.public_key()
        """With which anybody can check the signatures."""
        self.public_key_raw = self.public_key.public_bytes_raw()
        self.refused: dict[str, int] = {}
        """Rows that were read since the start and were not as the service wrote them, by table."""
        self.unread: dict[str, set[str]] = {}
        """What could not be read when it was last tried, by its kind (`service.storage.unread`)."""

    def seal(self, plain: bytes | memoryview, context: str) -> bytes:
        """Seal for one place: `context` names it (`restriction/R1/3`), and has to be named to open it."""
        nonce = os.urandom(NONCE)
        return self._prefix + nonce + self._open[self._newest].encrypt(nonce, plain, context.encode())

    def for_a_worker(self) -> bytes:
        """What another process needs to seal, open and find as this one does; it signs nothing."""
        return msgspec.msgpack.encode((self._seal_keys, self._hash_key))

    @classmethod
    def of_a_worker(cls, given: bytes) -> Vault:
        """The vault of what `for_a_worker` gave; what it signs is by nobody's key."""
        seal, hash_key = msgspec.msgpack.decode(given, type=tuple[dict[int, bytes], bytes])
        return cls(seal, hash_key, secrets.token_bytes(32))

    def open(self, sealed: bytes | memoryview, context: str) -> bytes:
        """What was sealed for this place. Raises SealError."""
        try:
            key = self._open[int.from_bytes(sealed[:4], "big")]
            return key.decrypt(sealed[4 : 4 + NONCE], sealed[4 + NONCE :], context.encode())
        except (KeyError, InvalidTag, ValueError):
            raise SealError(f"cannot be opened: {context}") from None

    def open_into(self, sealed: bytes | memoryview, context: str, out: memoryview) -> None:
        """The same into memory of the caller's, of `opened_size` bytes: nothing in it may be believed where
        this raises. Raises SealError."""
        try:
            key = self._open[int.from_bytes(sealed[:4], "big")]
            key.decrypt_into(sealed[4 : 4 + NONCE], sealed[4 + NONCE :], context.encode(), out)
        except (KeyError, InvalidTag, ValueError):
            raise SealError(f"cannot be opened: {context}") from None

    def digest(self, kind: str, canonical: str) -> bytes:
        """The keyed hash by which a value is found, 16 bytes; `kind` keeps a number apart from a name."""
        text = f"{kind}\0{canonical}".encode()
        return hashlib.blake2b(text, digest_size=DIGEST, key=self._hash_key).digest()

    def mark(self, row: bytes) -> bytes:
        """The keyed hash of a row, 16 bytes; never what `digest` gives for anything."""
        return hashlib.blake2b(row, digest_size=DIGEST, key=self._hash_key, person=_ROW).digest()

    @property
    def intake_key(self) -> X25519PrivateKey:
        """What opens the requests of the public form; its public half is all that the form has.

        Made from the key of the hashes, so that it lives as long as the database.
        """
        return X25519PrivateKey.from_private_bytes(self._derived(_INTAKE, b"x25519"))

    def feed_key(self, epoch: int) -> bytes:
        """What seals the feed to the nodes, 32 bytes: another one each time a node was withdrawn."""
        return self._derived(_FEED, b"%d" % epoch)

    def node_key(self, name: str) -> bytes:
        """What the node of this name shares with the centre alone, 32 bytes."""
        return self._derived(_NODE, name.encode())

    def _derived(self, person: bytes, what: bytes) -> bytes:
        return hashlib.blake2b(what, digest_size=32, key=self._hash_key, person=person).digest()

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature, 64 bytes."""
        return self._private.sign(message)

    @property
    def public_key_pem(self) -> bytes:
        """The same, to be kept where the service cannot write."""
        return self.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def new_master_key() -> bytes:
    """A master key: 32 random bytes."""
    return secrets.token_bytes(32)


def write_master_key(file: Path, key: bytes) -> None:
    """Write a key that only this user can read. Raises FileExistsError rather than lose an older one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(base64.b64encode(key) + b"\n")


def read_master_key(settings: Settings) -> bytes:
    """The master key of the settings. Raises SealError that says where it was looked for."""
    if settings.key is not None:
        return decode_master_key(settings.key.get_secret_value(), "NOCONTACT_KEY")
    file = settings.master_key_file
    try:
        text = file.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise SealError(f"no master key: {file} cannot be read; `nocontact init` makes one") from None
    return decode_master_key(text, str(file))


def decode_master_key(text: str, where: str) -> bytes:
    """A key from its base64 text. Raises SealError."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise SealError(f"{where}: not a master key (32 bytes in base64)")
    return key


def make_keys(connection: Connection, master: bytes) -> None:
    """The first data keys of a new database."""
    for key_id, purpose in enumerate(PURPOSES, 1):
        _insert(connection, master, key_id, purpose, secrets.token_bytes(32))


def open_vault(database: Database, master: bytes) -> Vault:
    """The vault of a database. Raises SealError when it has no keys or the master key is another one's."""
    with database.read() as connection:
        return vault_on(connection, master)


def vault_on(connection: Connection, master: bytes) -> Vault:
    """The same, inside a transaction that is open."""
    keys = _unwrap(connection, master)
    by_purpose: dict[str, dict[int, bytes]] = {}
    for key_id, (purpose, key) in keys.items():
        by_purpose.setdefault(purpose, {})[key_id] = key
    if set(by_purpose) != set(PURPOSES):
        raise SealError("the database has no keys yet: `nocontact init` makes them")
    (hash_key,), (sign_key,) = by_purpose["hash"].values(), by_purpose["sign"].values()
    return Vault(by_purpose["seal"], hash_key, sign_key)


def rotate(connection: Connection, old: bytes, new: bytes) -> None:
    """Wrap every data key under a new master key, and add one that seals from now on. Raises SealError."""
    keys = _unwrap(connection, old)
    for key_id, (purpose, key) in keys.items():
        wrapped = _wrap(new, key_id, purpose, key)
        connection.execute(update(data_key).where(data_key.c.id == key_id).values(wrapped=wrapped))
    _insert(connection, new, max(keys) + 1, "seal", secrets.token_bytes(32))


def _insert(connection: Connection, master: bytes, key_id: int, purpose: str, key: bytes) -> None:
    wrapped = _wrap(master, key_id, purpose, key)
    row = {"id": key_id, "purpose": purpose, "made": datetime.now(UTC), "wrapped": wrapped}
    connection.execute(insert(data_key), row)


def _wrap(master: bytes, key_id: int, purpose: str, key: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(master).encrypt(nonce, key, f"data key/{key_id}/{purpose}".encode())


def _unwrap(connection: Connection, master: bytes) -> dict[int, tuple[str, bytes]]:
    keys: dict[int, tuple[str, bytes]] = {}
    for row in connection.execute(select(data_key).order_by(data_key.c.id)):
        place = f"data key/{row.id}/{row.purpose}".encode()
        try:
            key = AESGCM(master).decrypt(row.wrapped[:NONCE], row.wrapped[NONCE:], place)
        except InvalidTag:
            raise SealError("the master key is not this database's") from None
        keys[row.id] = (row.purpose, key)
    return keys
