"""Sealing: what is protected opens only with its key, and only in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from sqlalchemy import select

from service.settings import Settings
from service.storage import sealing
from service.storage.database import Database
from service.storage.sealing import SealError, Vault
from tests.service.databases import MASTER


def test_what_was_sealed_opens_in_its_place(vault: Vault) -> None:
    assert vault.open(vault.seal(b"07700 900123", "restriction/R1/1"), "restriction/R1/1") == b"07700 900123"


def test_a_sealed_value_does_not_show_what_is_in_it(vault: Vault) -> None:
    assert b"900123" not in vault.seal(b"07700 900123", "x")


def test_in_another_place_it_does_not_open(vault: Vault) -> None:
    with pytest.raises(SealError, match="restriction/R2/1"):
        vault.open(vault.seal(b"secret", "restriction/R1/1"), "restriction/R2/1")


@pytest.mark.parametrize("at", [0, 5, 20, -1])
def test_a_changed_byte_is_noticed(vault: Vault, at: int) -> None:
    sealed = bytearray(vault.seal(b"secret", "x"))
    sealed[at] ^= 1
    with pytest.raises(SealError):
        vault.open(bytes(sealed), "x")


def test_the_hash_of_a_value_depends_on_its_kind_and_on_the_database(vault: Vault, tmp_path: Path) -> None:
    assert vault.digest("phone", "+447700900123") == vault.digest("phone", "+447700900123")
    assert vault.digest("phone", "+447700900123") != vault.digest("email", "+447700900123")
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    sealing.data_key.create(other.engine)
    with other.write() as connection:
        sealing.make_keys(connection, MASTER)
    assert sealing.open_vault(other, MASTER).digest("phone", "+447700900123") != vault.digest(
        "phone", "+447700900123"
    )


def test_a_signature_holds_for_its_message_alone(vault: Vault) -> None:
    signature = vault.sign(b"record 7")
    vault.public_key.verify(signature, b"record 7")
    with pytest.raises(InvalidSignature):
        vault.public_key.verify(signature, b"record 8")


def test_after_a_rotation_old_values_open_and_the_old_master_key_is_worthless(
    database: Database, vault: Vault
) -> None:
    old = vault.seal(b"before", "x")
    new_master = sealing.new_master_key()
    with database.write() as connection:
        sealing.rotate(connection, MASTER, new_master)
    rotated = sealing.open_vault(database, new_master)
    assert rotated.open(old, "x") == b"before"
    assert rotated.digest("phone", "1") == vault.digest("phone", "1")
    assert rotated.seal(b"after", "x")[:4] != old[:4]
    with pytest.raises(SealError, match="not this database's"):
        sealing.open_vault(database, MASTER)


def test_keys_in_the_database_are_wrapped(database: Database) -> None:
    with database.read() as connection:
        wrapped = connection.execute(select(sealing.data_key.c.wrapped)).scalars().all()
    assert len(wrapped) == 3
    assert all(len(key) == 12 + 32 + 16 for key in wrapped)


def test_a_master_key_is_written_for_its_owner_alone_and_never_over_another(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "master.key"
    key = sealing.new_master_key()
    sealing.write_master_key(file, key)
    assert file.stat().st_mode & 0o777 == 0o600
    assert sealing.read_master_key(Settings(data=tmp_path, key_file=file)) == key
    with pytest.raises(FileExistsError):
        sealing.write_master_key(file, key)


@pytest.mark.parametrize("text", ["", "short", "é" * 44, "A" * 44])
def test_a_wrong_master_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(SealError) as caught:
        sealing.decode_master_key(text, "the file")
    assert "the file" in str(caught.value)
    assert not text or text not in str(caught.value)
