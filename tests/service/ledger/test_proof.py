"""One record's proof: what shows, and to what."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import DBAPIError

from service.ledger import chain
from service.ledger.proof import Proof, prove
from service.ledger.record import ledger
from service.ledger.tables import ledger_checkpoint, ledger_head
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.ledger.records import fill


def proof_of(database: Database, vault: Vault, seq: int) -> Proof:
    with database.read() as connection:
        return prove(connection, vault.public_key, seq)


def what_fails(proof: Proof) -> str:
    return "; ".join(step.what for step in proof.steps if not step.holds)


def change(database: Database, statement: Any) -> None:
    with database.write() as connection:
        connection.execute(statement)


def keep_checkpoint(database: Database) -> None:
    """A checkpoint of the head as it is."""
    with database.write() as connection:
        head = chain.lock(connection).head
        row = connection.execute(ledger_head.select()).one()
        values = {"seq": head.seq, "hash": head.hash, "at": row.at, "signature": head.signature}
        values |= {"origin": head.origin, "root": head.root}
        connection.execute(insert(ledger_checkpoint).values(values))


@pytest.fixture
def filled(database: Database, vault: Vault) -> Database:
    """Ten records, a checkpoint, and five more."""
    fill(database, vault, 10)
    keep_checkpoint(database)
    fill(database, vault, 5)
    return database


@pytest.mark.parametrize("seq", [1, 5, 10, 11, 15])
def test_every_record_as_it_was_written_is_proved(filled: Database, vault: Vault, seq: int) -> None:
    proof = proof_of(filled, vault, seq)
    assert proof.holds, what_fails(proof)


def test_a_record_is_proved_by_the_next_checkpoint_and_the_last_ones_by_the_head(
    filled: Database, vault: Vault
) -> None:
    assert any("The checkpoint, record 10" in step.what for step in proof_of(filled, vault, 5).steps)
    assert not any("checkpoint" in step.what for step in proof_of(filled, vault, 12).steps)
    assert "up to record 15" in proof_of(filled, vault, 12).steps[1].what


def test_the_hash_before_the_first_record_is_of_nothing(filled: Database, vault: Vault) -> None:
    assert proof_of(filled, vault, 1).before == bytes(32)


def test_a_changed_record_does_not_follow(filled: Database, vault: Vault) -> None:
    change(filled, update(ledger).where(ledger.c.seq == 5).values(outcome="other"))
    assert "it was changed" in what_fails(proof_of(filled, vault, 5))


def test_a_change_between_the_record_and_its_checkpoint_shows(filled: Database, vault: Vault) -> None:
    change(filled, update(ledger).where(ledger.c.seq == 8).values(actor="another"))
    assert "Record 8, between it and what is signed, was changed" in what_fails(proof_of(filled, vault, 5))


def test_a_missing_record_shows_on_either_side(filled: Database, vault: Vault) -> None:
    change(filled, delete(ledger).where(ledger.c.seq == 6))
    assert "Record 6, between it" in what_fails(proof_of(filled, vault, 5))
    assert "Record 6, whose hash" in what_fails(proof_of(filled, vault, 7))


def test_hashes_written_anew_are_not_what_the_checkpoint_signed(filled: Database, vault: Vault) -> None:
    change(filled, update(ledger).where(ledger.c.seq == 10).values(hash=bytes(32)))
    assert "The hash of record 10 is not the one" in what_fails(proof_of(filled, vault, 9))


def test_a_checkpoint_and_a_head_of_another_key_do_not_hold(filled: Database) -> None:
    with filled.read() as connection:
        proof = prove(connection, Ed25519PrivateKey.generate().public_key(), 5)
    assert "checkpoint, record 10, is not signed" in what_fails(proof)
    assert "head of the ledger, record 15, is not signed" in what_fails(proof)


def test_a_record_beyond_the_signed_head_was_inserted(filled: Database, vault: Vault) -> None:
    change(filled, update(ledger_head).values(seq=12))
    assert "it was inserted" in what_fails(proof_of(filled, vault, 14))


def test_without_a_head_nothing_is_proved(filled: Database, vault: Vault) -> None:
    change(filled, delete(ledger_head))
    assert "no signed head" in what_fails(proof_of(filled, vault, 5))
    assert "no signed head" in what_fails(proof_of(filled, vault, 12))


def test_a_record_of_the_wrong_type_is_told_and_raises_nothing(filled: Database, vault: Vault) -> None:
    if not filled.is_sqlite:  # PostgreSQL takes no such value
        with pytest.raises(DBAPIError, match="bytea"), filled.write() as connection:
            connection.exec_driver_sql("UPDATE ledger SET sealed = 7 WHERE seq = 5")
        return
    with filled.write() as connection:
        connection.exec_driver_sql("UPDATE ledger SET sealed = 7 WHERE seq = 5")
    assert "cannot be read" in what_fails(proof_of(filled, vault, 5))
