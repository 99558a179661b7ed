from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select, update

from service.ledger import chain, checkpoints, heads
from service.ledger.heads import Head
from service.ledger.record import ledger
from service.ledger.tables import ledger_checkpoint, ledger_head
from service.ledger.verify import ChainReport, verify
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.ledger.records import BEGAN, append, fill, record

OTHER = {
    "at": datetime(2026, 1, 2, tzinfo=UTC),
    "kind": "view",
    "actor": "user:jsmith",
    "subject": "attempt/0",
    "prisoner": None,
    "establishment": "MDI",
    "channel": "letter",
    "outcome": "allow",
    "codes": "",
    "blocklist": None,
    "policy": "8",
    "detail": "{}",
    "sealed": b"",
    "hash": bytes(32),
}
"""Another value for each column."""
FORGED = Head(2, bytes(32), "2026-01-01T09:30:02.000000Z", bytes(64), "example.com/a", bytes(32))


def check(database: Database, vault: Vault, *files: Path) -> ChainReport:
    return verify(database, vault.public_key, *files)


def note(file: Path, vault: Vault, head: Head) -> None:
    checkpoints.add(file, heads.to_note(head, vault.public_key))


def change(database: Database, statement: Any) -> None:
    with database.write() as connection:
        connection.execute(statement)


def places(report: ChainReport) -> list[int]:
    return [problem.seq for problem in report.problems]


def values_of(number: int) -> dict[str, Any]:
    """What the table holds of a record, but for its place."""
    row = dict(zip(chain.COLUMNS, chain.columns(record(number)), strict=True))
    return {**row, "at": record(number).at}


def head_of(database: Database) -> Head:
    with database.read() as connection:
        head = chain.head(connection)
    assert head is not None
    return head


def take_copy(database: Database) -> dict[Any, list[dict[str, Any]]]:
    """The whole ledger as it is now."""
    with database.read() as connection:
        tables = (ledger, ledger_head, ledger_checkpoint)
        return {table: [row._asdict() for row in connection.execute(select(table))] for table in tables}


def bring_back(database: Database, copy: dict[Any, list[dict[str, Any]]]) -> None:
    with database.write() as connection:
        for table, rows in copy.items():
            connection.execute(delete(table))
            if rows:
                connection.execute(insert(table), rows)


def test_a_ledger_that_nobody_touched_has_no_problems(database: Database, vault: Vault) -> None:
    assert check(database, vault) == ChainReport(0, [])
    fill(database, vault, 5)
    fill(database, vault, 3)
    assert check(database, vault) == ChainReport(8, [])


def test_there_is_another_value_for_every_column() -> None:
    assert {*OTHER, "seq"} == set(ledger.columns.keys())


@pytest.mark.parametrize("column", OTHER)
def test_a_change_in_any_column_is_found_where_it_is(database: Database, vault: Vault, column: str) -> None:
    fill(database, vault, 6)
    change(database, update(ledger).where(ledger.c.seq == 3).values({column: OTHER[column]}))
    assert places(check(database, vault))[0] == 3


def test_a_change_with_its_hash_made_right_shows_in_the_next(database: Database, vault: Vault) -> None:
    fill(database, vault, 6)
    with database.read() as connection:
        before = connection.execute(select(ledger.c.hash).where(ledger.c.seq == 2)).scalar_one()
    values = {"subject": "attempt/9", "at": record(9).at, "prisoner": "A0009AA", "sealed": record(9).sealed}
    values["hash"] = chain.next_hash(before, 3, record(9))
    change(database, update(ledger).where(ledger.c.seq == 3).values(values))
    assert places(check(database, vault)) == [4]


def test_a_chain_made_right_to_its_end_shows_at_the_head(database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    previous = chain.BEGINNING
    for seq in (1, 2, 3):
        previous = chain.next_hash(previous, seq, record(seq + 50))
        changed = values_of(seq + 50) | {"hash": previous}
        change(database, update(ledger).where(ledger.c.seq == seq).values(changed))
    assert places(check(database, vault)) == [3]
    change(database, update(ledger_head).values(hash=previous))
    (problem,) = check(database, vault).problems
    assert "not signed" in problem.what


@pytest.mark.parametrize("gone", [1, 3, 5])
def test_a_record_that_is_gone_is_missed(database: Database, vault: Vault, gone: int) -> None:
    fill(database, vault, 6)
    change(database, delete(ledger).where(ledger.c.seq == gone))
    report = check(database, vault)
    assert (report.records, places(report)) == (5, [gone])


def test_several_that_are_gone_are_told_together(database: Database, vault: Vault) -> None:
    fill(database, vault, 9)
    change(database, delete(ledger).where(ledger.c.seq.between(3, 6)))
    (problem,) = check(database, vault).problems
    assert (problem.seq, problem.what) == (3, "missing, up to and with 6")


def test_a_removed_record_whose_followers_moved_up_is_found(database: Database, vault: Vault) -> None:
    fill(database, vault, 4)
    change(database, delete(ledger).where(ledger.c.seq == 2))
    for seq in (3, 4):
        change(database, update(ledger).where(ledger.c.seq == seq).values(seq=seq - 1))
    assert 2 in places(check(database, vault))
    assert 4 in places(check(database, vault)), "the head still counts four"


def test_two_records_that_changed_places_are_both_found(database: Database, vault: Vault) -> None:
    fill(database, vault, 6)
    for seq, to in ((3, 100), (4, 3), (100, 4)):
        change(database, update(ledger).where(ledger.c.seq == seq).values(seq=to))
    assert places(check(database, vault)) == [3, 4, 5]


def test_a_tail_that_is_cut_off_is_missed(database: Database, vault: Vault) -> None:
    fill(database, vault, 6)
    change(database, delete(ledger).where(ledger.c.seq > 4))
    (problem,) = check(database, vault).problems
    assert problem.seq == 5
    assert "cut off" in problem.what


def test_a_record_put_in_is_found(database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    values = values_of(9)
    hash_ = chain.next_hash(head_of(database).hash, 4, record(9))
    change(database, insert(ledger).values(**values, seq=0, hash=b"0" * 32))
    assert places(check(database, vault)) == [0]
    change(database, delete(ledger).where(ledger.c.seq == 0))
    change(database, insert(ledger).values(**values, seq=4, hash=hash_))
    assert places(check(database, vault)) == [4]


def test_a_head_that_is_gone_is_missed(database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    change(database, delete(ledger_head))
    assert places(check(database, vault)) == [1]


@pytest.mark.parametrize("values", [{"at": BEGAN}, {"signature": bytes(64)}, {"seq": -1}, {"hash": b""}])
def test_a_head_that_was_changed_does_not_hold(
    database: Database, vault: Vault, values: dict[str, Any]
) -> None:
    fill(database, vault, 3)
    change(database, update(ledger_head).values(values))
    assert any("not signed" in problem.what for problem in check(database, vault).problems)


def test_another_key_does_not_hold(database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    (problem,) = verify(database, Ed25519PrivateKey.generate().public_key()).problems
    assert problem.seq == 3


def test_an_older_database_is_found_by_a_younger_checkpoint(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoints.jsonl"
    fill(database, vault, 3)
    older = take_copy(database)
    note(file, vault, head_of(database))
    append(database, vault, [record(4), record(5)])
    note(file, vault, head_of(database))
    assert check(database, vault, file) == ChainReport(5, [])
    bring_back(database, older)
    assert check(database, vault) == ChainReport(3, []), "without the file there is nothing to see"
    (problem,) = check(database, vault, file).problems
    assert problem.seq == 4
    assert "up to and with 5" in problem.what


def test_an_older_database_that_went_on_is_found_too(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoints.jsonl"
    fill(database, vault, 3)
    older = take_copy(database)
    append(database, vault, [record(4), record(5)])
    note(file, vault, head_of(database))
    bring_back(database, older)
    append(database, vault, [record(number) for number in range(14, 20)])
    assert check(database, vault) == ChainReport(9, [])
    assert places(check(database, vault, file)) == [5]


def test_a_checkpoint_in_the_database_has_to_be_met(database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    head = head_of(database)
    row = {"seq": head.seq, "hash": head.hash, "at": datetime.fromisoformat(head.at)}
    row |= {"origin": head.origin, "root": head.root}
    change(database, insert(ledger_checkpoint).values(**row, signature=head.signature))
    append(database, vault, [record(4)])
    assert check(database, vault) == ChainReport(4, [])
    change(database, update(ledger_checkpoint).values(hash=bytes(32)))
    assert places(check(database, vault)) == [3]


def test_a_forged_or_broken_line_of_the_file_is_told(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    file = tmp_path / "checkpoints.jsonl"
    fill(database, vault, 3)
    note(file, vault, FORGED)
    with file.open("a") as stream:
        stream.write('{"seq": 3}\n{"seq": 3, "hash": "no", "at": "", "signature": ""}\n{"seq": 3, "ha')
    found = [re.sub(":.*", "", problem.what) for problem in check(database, vault, file).problems]
    unread = [f"line {line} of the checkpoint file cannot be read" for line in (2, 3)]
    assert found == [*unread, "checkpoint file"]


def test_a_file_that_is_not_there_is_no_file_without_problems(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        check(database, vault, tmp_path / "none")


@pytest.mark.parametrize(("damage", "place"), [("CAST(x'ff' AS TEXT)", 1), ("x'ff'", 3), ("7.5", 3)])
def test_bytes_that_are_no_text_are_a_problem(
    database: Database, vault: Vault, damage: str, place: int
) -> None:
    if not database.is_sqlite:
        pytest.skip("only SQLite keeps any bytes in a column of text")
    fill(database, vault, 4)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE ledger SET codes = " + damage + " WHERE seq = 3")  # noqa: S608
    assert places(check(database, vault)) == [place]


def test_a_head_of_the_wrong_type_is_a_problem(database: Database, vault: Vault) -> None:
    if not database.is_sqlite:
        pytest.skip("only SQLite keeps any type in a column")
    fill(database, vault, 4)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE ledger_head SET hash = 7, seq = 'four'")
    assert check(database, vault).problems


def test_an_incomplete_last_line_is_taken_away(tmp_path: Path, vault: Vault) -> None:
    file = tmp_path / "checkpoints.jsonl"
    for _ in range(5):
        note(file, vault, FORGED)
    whole = file.read_bytes()
    for torn in (whole + b'{"seq":', whole[:-1], whole):
        file.write_bytes(torn)
        checkpoints.mend(file)
        assert file.read_bytes() in (whole, whole[: whole.rindex(b"{")])
        assert set(checkpoints.lines(file, vault.public_key)) == {FORGED}
    file.write_bytes(b'{"seq"')
    checkpoints.mend(file)
    assert file.read_bytes() == b""
