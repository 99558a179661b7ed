from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, event

from service.errors import NotFoundError
from service.ledger.record import Kind
from service.ledger.search import answered_record, read, search
from service.storage import plain, sealing
from service.storage.database import Database
from service.storage.sealing import Vault
from tests.service.databases import MASTER, sqlite_in
from tests.service.ledger.records import BEGAN, append, record

CHANGES: list[dict[str, Any]] = [
    {},
    {"kind": Kind.VIEW, "actor": "user:jsmith", "subject": "restriction/R1", "codes": "", "outcome": None},
    {"establishment": "MDI", "prisoner": "A9999AA", "codes": "number_listed_twice"},
    {"establishment": None, "prisoner": None, "outcome": "allow", "codes": "none"},
    {"codes": "name_close"},
]


@pytest.fixture
def connection(database: Database, vault: Vault) -> Iterator[Connection]:
    """Five records, numbered from 1, a second apart."""
    append(
        database,
        vault,
        [msgspec.structs.replace(record(seq), **change) for seq, change in enumerate(CHANGES, 1)],
    )
    with database.read() as opened:
        yield opened


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"kind": Kind.VIEW}, [2]),
        ({"actor": "user:jsmith"}, [2]),
        ({"subject": "restriction/R1"}, [2]),
        ({"prisoner": "A9999AA"}, [3]),
        ({"establishment": "MDI"}, [3]),
        ({"establishments": {"MDI", "LEI"}}, [5, 3, 2, 1]),
        ({"establishments": ()}, []),
        ({"establishments": {"LEI"}, "establishment": "MDI"}, []),
        ({"outcome": "block"}, [5, 3, 1]),
        ({"code": "number_listed"}, [1]),
        ({"code": "name_close"}, [5, 1]),
        ({"code": "name%close"}, []),
        ({"since": BEGAN + timedelta(seconds=4)}, [5, 4]),
        ({"until": BEGAN + timedelta(seconds=2)}, [1]),
        ({"before_seq": 3}, [2, 1]),
        ({"before_seq": 10**30}, [5, 4, 3, 2, 1]),
        ({"limit": 2}, [5, 4]),
        ({"kind": Kind.DECISION, "outcome": "block", "code": "name_close", "before_seq": 5}, [1]),
    ],
)
def test_the_records_that_meet_every_condition_come_newest_first(
    connection: Connection, conditions: dict[str, Any], found: list[int]
) -> None:
    assert [row.seq for row in search(connection, **conditions)] == found


def test_pages_hold_every_record_once(connection: Connection) -> None:
    pages = [search(connection, limit=2)]
    while pages[-1]:
        pages.append(search(connection, limit=2, before_seq=pages[-1][-1].seq))
    assert [[row.seq for row in page] for page in pages] == [[5, 4], [3, 2], [1], []]


def test_a_record_comes_back_as_it_was_written(connection: Connection) -> None:
    expected = msgspec.structs.asdict(record(1))
    row = read(connection, 1)
    assert {
        name: value for name, value in msgspec.structs.asdict(row).items() if name in expected
    } == expected
    assert isinstance(row.kind, Kind)


def test_the_record_of_another_attempt_answers_none(connection: Connection) -> None:
    with pytest.raises(NotFoundError):
        answered_record(connection, 1, b"another")


@pytest.mark.parametrize("seq", [-1, 0, 6, 10**30])
def test_a_number_that_no_record_has_is_not_found(connection: Connection, seq: int) -> None:
    with pytest.raises(NotFoundError):
        read(connection, seq)


@pytest.mark.parametrize("name", ["kind", "actor", "prisoner", "establishment"])
def test_each_has_an_index_that_is_read_in_order(connection: Connection, name: str) -> None:
    if connection.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by what is in the tables")
    query = f"EXPLAIN QUERY PLAN SELECT * FROM ledger WHERE {name} = 'x' AND seq < 9 ORDER BY seq DESC"  # noqa: S608
    plan = " ".join(str(row[3]) for row in connection.exec_driver_sql(query))
    assert f"USING INDEX ix_ledger_{name}_seq" in plan
    assert "TEMP B-TREE" not in plan


KEY = bytes(range(16))
OF_KEY = f"attempt/{KEY.hex()}"


def test_an_attempt_is_found_with_all_that_is_about_it(database: Database, vault: Vault) -> None:
    view = {"kind": Kind.VIEW, "actor": "user:jsmith"}
    about = [msgspec.structs.replace(record(seq), subject=OF_KEY) for seq in (1, 3)]
    append(database, vault, [about[0], record(2), msgspec.structs.replace(about[1], **view)])
    with database.write() as opened:
        plain.insert(opened, "answered", ("key", "digest", "seq"), [(KEY, KEY, 1)])
    with database.read() as opened:
        assert [row.seq for row in search(opened, subject=OF_KEY)] == [3, 1]
        assert [row.seq for row in search(opened, subject=OF_KEY, kind=Kind.DECISION)] == [1]
        assert [row.seq for row in search(opened, subject=f"attempt/{'0' * 32}")] == []


@pytest.mark.parametrize("subject", ["restriction/R1/3", OF_KEY, f"attempt/{'0' * 32}"])
def test_whatever_is_asked_about_no_record_is_read_that_is_not(tmp_path: Path, subject: str) -> None:
    database = sqlite_in(tmp_path)  # PostgreSQL plans by what is in the tables
    append(
        database, sealing.open_vault(database, MASTER), [msgspec.structs.replace(record(1), subject=OF_KEY)]
    )
    with database.write() as opened:
        plain.insert(opened, "answered", ("key", "digest", "seq"), [(KEY, KEY, 1)])
    with database.read() as opened:
        plans: list[str] = []

        @event.listens_for(opened, "before_cursor_execute")
        def explain(conn: Any, cursor: Any, statement: str, given: Any, *rest: Any) -> None:
            other = conn.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.extend(row[3] for row in other)

        search(opened, subject=subject)
    assert not [plan for plan in plans if plan.startswith("SCAN")]
    assert sum("ix_ledger_subject_seq" in plan for plan in plans) == 1
    database.close()
