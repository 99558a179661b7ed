"""The ledger held against checkpoint files, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from sqlalchemy import update

from service.ledger import chain, checkpoints, heads, merkle, rollback
from service.ledger.heads import Head
from service.ledger.rollback import RollbackError, accept, find, refuse_rollback
from service.ledger.tables import ledger_head
from service.ledger.verify import verify
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.ledger.records import BEGAN, append, fill, record
from tests.service.ledger.test_verify import bring_back, head_of, note, take_copy

WHY = "The disk failed; asked for by the governor"
HOUR = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / checkpoints.FILE


def rolled_back(database: Database, vault: Vault, file: Path, *, further: int = 0) -> None:
    """A ledger of 3 whose file knows of 5; it went on to 3 and `further`."""
    fill(database, vault, 3)
    note(file, vault, head_of(database))
    older = take_copy(database)
    append(database, vault, [record(4), record(5)])
    note(file, vault, head_of(database))
    bring_back(database, older)
    append(database, vault, [record(number) for number in range(100, 100 + further)])


def test_a_ledger_that_goes_with_its_checkpoints_is_not_refused(
    database: Database, vault: Vault, file: Path
) -> None:
    refuse_rollback(database, vault.public_key, [file])
    fill(database, vault, 3)
    note(file, vault, head_of(database))
    append(database, vault, [record(4)])
    refuse_rollback(database, vault.public_key, [file, file.with_name("none")])
    with pytest.raises(RollbackError, match="nothing to accept"):
        accept(database, vault, [file], WHY, "operator:a", BEGAN)


@pytest.mark.parametrize("further", [0, 1, 2, 9])
def test_an_older_one_is_refused_also_when_it_went_on(
    database: Database, vault: Vault, file: Path, further: int
) -> None:
    rolled_back(database, vault, file, further=further)
    conflict = find(database, vault.public_key, [file.with_name("none"), file])
    assert conflict is not None
    assert (conflict.checkpoint.seq, conflict.last) == (5, 3 + further)
    said = "ends at record" if further < 2 else "is not the one"
    with pytest.raises(RollbackError, match=said):
        refuse_rollback(database, vault.public_key, [file])


@pytest.mark.parametrize("further", [0, 9])
def test_an_accepted_one_is_settled_and_what_comes_after_it_is_not(
    database: Database, vault: Vault, file: Path, further: int
) -> None:
    rolled_back(database, vault, file, further=further)
    older = take_copy(database)
    found = accept(database, vault, [file], WHY, "operator:a", BEGAN + HOUR)
    assert "5" in found
    assert find(database, vault.public_key, [file]) is None
    report = verify(database, vault.public_key, file)
    assert (report.problems, report.settled) == ([], 1)
    accepted = take_copy(database)
    append(database, vault, [record(7200)])
    note(file, vault, head_of(database))
    assert find(database, vault.public_key, [file]) is None
    for brought in (accepted, older):
        bring_back(database, brought)
        assert find(database, vault.public_key, [file]) is not None


def test_a_clock_that_ran_ahead_can_be_accepted(database: Database, vault: Vault, file: Path) -> None:
    rolled_back(database, vault, file)
    accept(database, vault, [file], WHY, "operator:a", BEGAN - HOUR)
    assert find(database, vault.public_key, [file]) is None


def test_an_acceptance_signed_by_another_key_settles_nothing(
    database: Database, vault: Vault, file: Path
) -> None:
    rolled_back(database, vault, file)
    accept(database, vault, [file], WHY, "operator:a", BEGAN)
    with database.read() as connection:
        assert rollback.settled(connection, vault.public_key)
        assert not rollback.settled(connection, Ed25519PrivateKey.generate().public_key())


def test_a_forged_or_unreadable_line_stops_nothing_and_is_told(
    database: Database, vault: Vault, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(database, vault, 3)
    real = head_of(database)
    for other in ({"seq": 9}, {"hash": bytes(32)}, {"seq": 1 << 62}):
        note(file, vault, replace(real, **other))
    stranger = Ed25519PrivateKey.generate()
    whole = replace(real, seq=9)
    checkpoints.add(
        file, heads.to_note(replace(whole, signature=stranger.sign(heads.message(whole))), vault.public_key)
    )
    with file.open("a") as stream:
        stream.write('no JSON\n{"note": "no note"}\n')
    refuse_rollback(database, vault.public_key, [file])
    said = capsys.readouterr().err
    assert '"checkpoints_not_signed"' in said
    assert '"checkpoints_unreadable"' in said


@pytest.mark.parametrize(
    "values",
    [{"signature": b""}, {"frontier": b""}, {"hash": bytes(32)}, {"seq": 2}, {"origin": "example.com/a"},
     {"frontier": merkle.packed(3, (bytes(32), bytes(32)))}, {"origin": None}],
)  # fmt: skip
def test_an_end_that_was_changed_is_refused(
    database: Database, vault: Vault, values: dict[str, object]
) -> None:
    fill(database, vault, 3)
    with database.write() as connection:
        connection.execute(update(ledger_head).values(values))
    with pytest.raises(RollbackError, match="not signed"):
        refuse_rollback(database, vault.public_key, [])


# ── a ledger from before the tree ──────────────────────────────────────────────────────────────────────────


def as_before(database: Database, vault: Vault) -> Head:
    """Make the end of the ledger what the version before left."""
    head = head_of(database)
    before = Head(head.seq, head.hash, head.at, b"")
    before = replace(before, signature=vault.sign(heads.message(before)))
    with database.write() as connection:
        values = {"origin": None, "frontier": None, "signature": before.signature}
        connection.execute(update(ledger_head).values(values))
    return before


def line_of(head: Head) -> str:
    return (
        f'{{"seq":{head.seq},"hash":"{head.hash.hex()}","at":"{head.at}",'
        f'"signature":"{head.signature.hex()}"}}\n'
    )


def test_an_upgraded_ledger_goes_on_with_the_tree_of_all_its_records(
    database: Database, vault: Vault, file: Path
) -> None:
    fill(database, vault, 7)
    whole = head_of(database)
    before = as_before(database, vault)
    file.write_text(line_of(before))
    refuse_rollback(database, vault.public_key, [file])
    assert verify(database, vault.public_key, file).problems == []
    with database.write() as connection:
        named = chain.named(connection, vault, chain.lock(connection), None).head
    assert named == whole
    as_before(database, vault)
    append(database, vault, [record(8)])
    with database.read() as connection:
        expected = merkle.extended(0, (), chain.hashes(connection, 8))
    assert head_of(database).root == merkle.root(expected)
    note(file, vault, head_of(database))
    refuse_rollback(database, vault.public_key, [file])
    assert verify(database, vault.public_key, file).problems == []


def test_a_checkpoint_of_before_shows_an_older_database(database: Database, vault: Vault, file: Path) -> None:
    fill(database, vault, 3)
    older = take_copy(database)
    append(database, vault, [record(4)])
    file.write_text(line_of(as_before(database, vault)))
    bring_back(database, older)
    with pytest.raises(RollbackError, match="ends at record 3"):
        refuse_rollback(database, vault.public_key, [file])


def test_an_older_program_that_wrote_on_beside_leaves_no_wrong_tree(database: Database, vault: Vault) -> None:
    """It knows nothing of the tree, and leaves it as it was."""
    fill(database, vault, 3)
    with database.read() as connection:
        left = connection.execute(ledger_head.select()).one()
    append(database, vault, [record(4)])
    as_before(database, vault)
    with database.write() as connection:
        connection.execute(update(ledger_head).values(origin=left.origin, frontier=left.frontier))
    refuse_rollback(database, vault.public_key, [])
    append(database, vault, [record(5)])
    assert verify(database, vault.public_key).problems == []


def test_a_tree_over_other_records_is_told_by_verify(database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    with database.write() as connection:
        wrong = merkle.packed(3, (bytes(32), bytes(32)))
        connection.execute(update(ledger_head).values(frontier=wrong))
    append(database, vault, [record(4)])
    (problem,) = verify(database, vault.public_key).problems
    assert (problem.seq, "another root" in problem.what) == (4, True)
