"""A key for each case: what was asked and written is sealed with it, and gone for good when it is destroyed.

Random, and kept sealed by the vault in a table of its own. So a copy of the versions alone opens nothing, and
what was destroyed is opened by nobody, the master key's holder included.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, delete, insert, select

from service.cases.tables import case_key
from service.errors import ConflictError
from service.storage.sealing import SealError, Vault, open_with, seal_with


def seal(connection: Connection, vault: Vault, id_: str, place: str, plain: bytes) -> bytes:
    """Seal what stands at `place`, with the key of its case. Raises ConflictError where that is destroyed."""
    wrapped = connection.execute(select(case_key.c.sealed).where(case_key.c.id == id_)).scalar()
    if wrapped is None:
        raise ConflictError("what was sealed of this case is destroyed", "version")
    return seal_with(vault.open(wrapped, _of(id_)), plain, place)


def open_(vault: Vault, wrapped: bytes | None, id_: str, place: str, sealed: bytes) -> bytes:
    """What is sealed at `place`. Raises SealError, also where the key is gone."""
    if wrapped is None:
        raise SealError(f"its key is gone: {place}")
    return open_with(vault.open(wrapped, _of(id_)), sealed, place)


def make(connection: Connection, vault: Vault, id_: str) -> bytes:
    """A new key for a case that has none."""
    key = secrets.token_bytes(32)
    connection.execute(insert(case_key), {"id": id_, "sealed": vault.seal(key, _of(id_))})
    return key


def destroy(connection: Connection, id_: str) -> None:
    """For good, as far as the database lets go of what it deletes: SQLite writes over it at once,
    PostgreSQL when it next cleans the table up."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    connection.execute(delete(case_key).where(case_key.c.id == id_))


def place(id_: str, version: int) -> str:
    """Where a version is sealed."""
    return f"case/{id_}/{version}"


def _of(id_: str) -> str:
    return f"case key/{id_}"
