"""One record's proof in a file, for somebody who has neither the database nor this program.

It holds the record as it is hashed, what is sealed in it as its SHA-256 alone, the hash before it, its path
to the root of the tree, the signed checkpoint with that root, and the public key. `scripts/check_proof.py`
checks it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from service.errors import NotFoundError
from service.ledger import chain, checkpoints, heads, merkle
from service.ledger.heads import Head
from service.ledger.record import ledger
from service.ledger.verify import STORED
from service.storage.sealing import Vault


class ProofError(Exception):
    """A proof that cannot be made, and why."""


class Since(msgspec.Struct, frozen=True):
    """That the ledger begins with the one of an older checkpoint."""

    checkpoint: str
    path: list[str]


class RecordProof(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the file holds; hashes and the key in hexadecimal."""

    record: dict[str, str | int | None]
    previous: str
    index: int
    path: list[str]
    checkpoint: str
    public_key: str
    since: Since | None = None


def evidence(connection: Connection, vault: Vault, seq: int, older: Head | None = None) -> RecordProof:
    """The proof of record `seq` under the head as it is; with `older`, that the ledger goes on from it.

    Reads the hash of every record. Raises NotFoundError where there is no such record, ProofError where the
    record, the tree or the older checkpoint does not go with the head.
    """
    (proof,) = evidence_of(connection, vault, [seq])
    head = chain.head(connection)
    if older is None or head is None:
        return proof
    return msgspec.structs.replace(proof, since=_since(connection, vault, head, older))


def evidence_of(connection: Connection, vault: Vault, seqs: Sequence[int]) -> list[RecordProof]:
    """The proofs of many records under one head, in one pass over the ledger. Raises as `evidence`."""
    head, key = chain.head(connection), vault.public_key
    if head is None:
        raise NotFoundError("the ledger is empty")
    if not head.origin or not heads.is_signed(head, key):
        raise ProofError("the end of the ledger is not signed with its key, over a tree")
    for seq in seqs:
        if not 0 < seq <= head.seq:
            raise NotFoundError(f"there is no record {seq:,}")
    ranges = {seq: merkle.inclusion(seq - 1, head.seq) for seq in seqs}
    found = merkle.nested_roots(
        {one for path in ranges.values() for one in path}, chain.hashes(connection, head.seq)
    )
    checkpoint = heads.to_note(head, key)
    return [
        _proof(connection, vault, head, checkpoint, seq, [found[one] for one in ranges[seq]]) for seq in seqs
    ]


def _proof(
    connection: Connection, vault: Vault, head: Head, checkpoint: str, seq: int, path: list[bytes]
) -> RecordProof:
    row = connection.execute(select(*STORED).where(ledger.c.seq == seq)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no record {seq:,}")
    before = connection.execute(select(ledger.c.hash).where(ledger.c.seq == seq - 1)).scalar()
    before = chain.BEGINNING if seq == 1 else before
    if before is None or chain.chained(before, seq, row[1:-1]) != row[-1]:
        raise ProofError(f"record {seq:,} is not as it was written: `nocontact verify` tells more")
    if not merkle.is_included(seq - 1, head.seq, row[-1], path, head.root):
        raise ProofError("the records are not those that are signed: `nocontact verify` tells more")
    return RecordProof(
        record=_shown(row),
        previous=before.hex(),
        index=seq - 1,
        path=[each.hex() for each in path],
        checkpoint=checkpoint,
        public_key=vault.public_key.public_bytes_raw().hex(),
    )


def _shown(row: Row[Any]) -> dict[str, str | int | None]:
    *plain, sealed, _ = list[Any](row)
    named = zip(("seq", *chain.COLUMNS[:-1]), plain, strict=True)
    return {**dict(named), "sealed_sha256": hashlib.sha256(sealed).hexdigest()}


def _since(connection: Connection, vault: Vault, head: Head, older: Head) -> Since:
    if older.seq > head.seq:
        raise ProofError(f"the ledger ends at {head.seq:,}, before the older checkpoint at {older.seq:,}")
    path = merkle.roots(merkle.consistency(older.seq, head.seq), chain.hashes(connection, head.seq))
    if not merkle.is_consistent(older.seq, head.seq, older.root, head.root, path):
        raise ProofError("the ledger does not begin with that of the older checkpoint")
    return Since(heads.to_note(older, vault.public_key), [each.hex() for each in path])


def older_checkpoint(file: Path, vault: Vault) -> Head:
    """The last checkpoint in a file, which is one signed note or a file of checkpoints.

    Raises ProofError where there is none that is signed and has a tree, OSError.
    """
    key = vault.public_key
    try:
        said: list[object] = [heads.from_note(file.read_text(encoding="utf-8"), key)]
    except ValueError:
        said = list(checkpoints.lines(file, key))
    for head in reversed(said):
        if isinstance(head, Head) and head.origin and head.seq and heads.is_signed(head, key):
            return head
    raise ProofError(f"{file}: no checkpoint that is signed with the ledger's key, over a tree")
