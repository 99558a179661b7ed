"""Whatever row somebody edits, deletes, swaps or puts back in a populated database, `verify` names it."""

# ruff: noqa: S608 - the statements are the tests' own
from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.model import ReasonCode
from service.access.model import Role
from service.cases.cases import Cases
from service.feed.nodes import Nodes
from service.mail.tables import mail_asked, mail_item
from service.operations.verifying import RowFault, verify_rows
from service.registry.directory_import import import_prisoners
from service.registry.policies import Mode
from service.registry.registry import Registry
from service.review.model import Outcome
from service.review.reviews import Reviews
from service.storage import rows, sealing
from service.storage.database import Database, metadata
from service.storage.sealing import Vault
from tests.service.access.conftest import ADMIN, Door
from tests.service.cases.asking import OFFICER
from tests.service.cases.asking import asked as asked_for
from tests.service.databases import MASTER, sqlite_in
from tests.service.registry.listings import ASKER, HIS, NUMBER, SECOND, Clock, confirmed, entry, restriction
from tests.service.registry.test_policies import STRICT, STRICTER, put
from tests.service.registry.test_versions_found import withdraw
from tests.service.review.queue_of_one import Queue, reason

MARKED = sorted(name for name, table in metadata.tables.items() if rows.is_marked(table))
MOVED_ON = {"signed_in_at", "last_seen", "failed", "locked_until", "lease_until"}
"""What changes in a row without a record of its own, and opens nothing."""


class _Beside(Door):
    """Access that goes by the registry's clock."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._clock = clock
        super().__init__(database, vault)

    @property
    def now(self) -> datetime:
        return self._clock()

    @now.setter
    def now(self, _: datetime) -> None:
        pass


class Populated(NamedTuple):
    """A database in a folder to work in, before and after some more work."""

    folder: Path
    before: bytes
    after: bytes


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Populated:
    """Something in every table that is marked, and most of it changed again."""
    folder = tmp_path_factory.mktemp("populated")
    database = sqlite_in(folder)
    vault, clock = sealing.open_vault(database, MASTER), Clock()
    registry, door = Registry(database, vault, clock), _Beside(database, vault, clock)
    queue = Queue(registry, Reviews(registry.journal), clock)
    registry.start()
    for id_ in ("R1", "R2", "R3"):
        registry.restrictions.create(ASKER, restriction(id_))
    asked = registry.register.add(ASKER, entry("E1", "0113 496 0100"), "the Law Society").approval
    held = registry.register.add(ASKER, entry("E2", "0113 496 0101"), "the Law Society").approval
    assert asked is not None
    assert held is not None
    confirmed(registry, SECOND, held.id)
    put(registry, STRICT)
    registry.prisoners.move(ADMIN, HIS, "LEI")
    import_prisoners(registry, "operator:test", BytesIO(b"number,name\nA1234BC,Corin Blackmere"))
    session = door.admin()
    made = door.access.accounts.create(ADMIN, "ben", "Ben", [Role.REVIEWER, Role.MONITOR], [])
    door.access.accounts.change_password("ben", made.password, "seven wet stones sing")
    old = door.access.sign_in("ben", "seven wet stones sing")
    for key in ("one", "two"):
        door.access.keys.create(ADMIN, key, [Role.PHONE_SYSTEM], [])
    nodes = Nodes(registry.journal)
    for name in ("leeds-1", "leeds-2"):
        nodes.add(ADMIN, door.access, name, "LEI", "https://nocontact.example")
    cases = Cases(registry)
    case = cases.key_in(OFFICER, asked_for(), "telephone", "she rang")
    last_day = f"{clock() + timedelta(days=30):%Y-%m-%d}"
    registry.monitorings.start(OFFICER, HIS, last_day, "two letters went round", case.id)
    flags = [queue.flag(reason(ReasonCode.RESTRICTED_NUMBER, "R1", NUMBER)) for _ in range(2)]
    letter = {
        **{"id": "AAAA", "tray": "T", "place": 1, "taken_at": clock(), "taken_by": "user:a", "version": 1},
        **{"decision": "flag", "action": "hold", "confidence": 1, "privileged": False, "keep_until": clock()},
    }
    with database.write() as connection:
        rows.insert(connection, vault, mail_item, [letter])
        rows.insert(connection, vault, mail_asked, [{"item": letter["id"], "version": 1, "seq": 1}])
    before = content(database)

    registry.restrictions.change(ASKER, "R1", 1, "a note", notes="one")
    withdraw(registry, "R2")
    confirmed(registry, SECOND, asked.id)
    registry.register.remove(ASKER, "E2", 1, "gone")
    registry.policies.propose(ADMIN, STRICTER, Mode.LIVE, "stricter")
    registry.prisoners.move(ADMIN, HIS, "MDI")
    import_prisoners(registry, "operator:test", BytesIO(b"number,name\nA1234BC,Corin Hale Blackmere"))
    cases.confirm_prisoner(OFFICER, case.id, 1, HIS, "his number")
    registry.monitorings.end(OFFICER, HIS, 1, "it stopped")
    cases.outbox.mark_sent(OFFICER, case, 1, "by telephone")
    queue.decide(flags[0], Outcome.RELEASE)
    door.access.accounts.change(ADMIN, "ben", roles=[Role.REVIEWER])
    door.access.revoke_key(ADMIN, "one")
    nodes.withdraw(ADMIN, door.access, "leeds-1")
    door.access.sign_out(door.cookie(session))
    assert door.access.signed_in(door.cookie(old)) is None
    after = content(database)
    database.close()
    return Populated(folder, before, after)


def content(database: Database) -> bytes:
    with database.engine.connect() as connection:
        return bytes(connection.connection.driver_connection.serialize())  # type: ignore[union-attr]


@contextmanager
def edited(populated: Populated, content: bytes) -> Iterator[sqlite3.Connection]:
    """The database of `found`, to be written into."""
    for beside in populated.folder.glob("edited.db*"):
        beside.unlink()
    file = populated.folder / "edited.db"
    file.write_bytes(content)
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def found(populated: Populated) -> list[RowFault]:
    database = Database(f"sqlite:///{populated.folder / 'edited.db'}")
    try:
        return verify_rows(database, sealing.open_vault(database, MASTER))
    finally:
        database.close()


def read(populated: Populated, content: bytes, table: str) -> tuple[list[str], dict[int, tuple[Any, ...]]]:
    """The columns of a table, and its rows by their numbers."""
    with edited(populated, content) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        return columns, {row[0]: row[1:] for row in connection.execute(f"SELECT rowid, * FROM {table}")}


@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_the_service_did_every_row_verifies(populated: Populated, when: str) -> None:
    with edited(populated, getattr(populated, when)):
        pass
    assert found(populated) == []


def other(value: Any, rng: random.Random) -> Any:
    """Another value of the kind."""
    if isinstance(value, bytes):
        return rng.randbytes(len(value) or 1)
    return value + 1 if isinstance(value, int | float) else f"{value or ''}x"


LETTERS = {"mail_item", "mail_asked"}
"""Of which the ledger has the answers alone: a letter whose row is gone is held."""


@pytest.mark.parametrize("table", MARKED)
def test_whatever_column_of_a_row_is_edited_it_is_named(populated: Populated, table: str) -> None:
    rng = random.Random(table)
    columns, some = read(populated, populated.after, table)
    assert some, "nothing is shown of an empty table"
    for column in columns:
        rowid = rng.choice(sorted(some))
        value = other(some[rowid][columns.index(column)], rng)
        with edited(populated, populated.after) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, rowid))
        assert (table, "changed in the database") in {(one.table, one.what) for one in found(populated)}, (
            column
        )


@pytest.mark.parametrize("table", [*sorted({*MARKED} - LETTERS), "outbox", "restriction_prisoner"])
def test_a_row_that_is_deleted_is_named(populated: Populated, table: str) -> None:
    _, some = read(populated, populated.after, table)
    for rowid in random.Random(table).sample(sorted(some), min(3, len(some))):
        with edited(populated, populated.after) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
        assert (table, "missing") in {(one.table, one.what) for one in found(populated)}


@pytest.mark.parametrize("table", sorted({*MARKED} - LETTERS - {"policy_version"}))
def test_an_older_whole_row_put_back_is_named(populated: Populated, table: str) -> None:
    columns, before = read(populated, populated.before, table)
    _, after = read(populated, populated.after, table)
    put = 0
    for rowid in (one for one in before if after[one] != before[one]):
        pairs = zip(columns, before[rowid], after[rowid], strict=True)
        if not {name for name, was, now in pairs if was != now} - MOVED_ON - {rows.MAC}:
            continue
        with edited(populated, populated.after) as connection:
            values = ", ".join(f"{name} = ?" for name in columns)
            connection.execute(f"UPDATE {table} SET {values} WHERE rowid = ?", (*before[rowid], rowid))
        assert {one.table for one in found(populated)} == {table}
        put += 1
    assert put, "nothing of it was changed"


def test_two_rows_that_change_places_are_named(populated: Populated) -> None:
    with edited(populated, populated.after) as connection:
        found_keys = "SELECT id, digest, mac FROM api_key WHERE id IN ('one', 'two')"
        one, two = connection.execute(found_keys).fetchall()
        for name, (_, digest, mac) in ((one[0], two), (two[0], one)):
            connection.execute("UPDATE api_key SET digest = ?, mac = ? WHERE id = ?", (digest, mac, name))
    assert {fault.key for fault in found(populated)} == {one[0], two[0]}


def test_a_row_that_nobody_recorded_is_named(populated: Populated) -> None:
    with edited(populated, populated.after) as connection:
        connection.execute("CREATE TEMP TABLE forged AS SELECT * FROM api_key WHERE id = 'two'")
        connection.execute("UPDATE forged SET id = 'three'")
        connection.execute("INSERT INTO api_key SELECT * FROM forged")
    assert {fault.key for fault in found(populated)} == {"three"}


def test_a_canary_that_was_flagged_waits_for_nobody_and_is_missed_nowhere(tmp_path: Path) -> None:
    database = sqlite_in(tmp_path)
    vault = sealing.open_vault(database, MASTER)
    registry = Registry(database, vault, Clock())
    queue = Queue(registry, Reviews(registry.journal), Clock())
    queue.flag(reason(ReasonCode.NEAR_NUMBER, "canary-LEI-1"), prisoner="Z0001QQ")
    assert verify_rows(database, vault) == []
    database.close()
