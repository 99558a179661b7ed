from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import OperationalError

from service.errors import InvalidError, UnavailableError
from service.ledger import checkpoints, writer
from service.ledger.heads import Head
from service.ledger.keeping import Keeping
from service.ledger.record import Kind, ledger
from service.ledger.search import read, search
from service.ledger.tables import answered, ledger_checkpoint
from service.ledger.verify import verify
from service.ledger.writer import Along, Duplicate, LedgerWriter, Numbered, Outcome, Recorded
from service.storage.database import Database, moment_text
from service.storage.sealing import Vault
from tests.service.ledger.records import fill, record

PATIENCE = 15.0
KEY, OTHER_KEY = b"k" * 16, b"o" * 16
ASKED, OTHER_ASKED = b"d" * 16, b"e" * 16

Make = Callable[..., LedgerWriter]


@pytest.fixture
def make(database: Database, vault: Vault, tmp_path: Path) -> Iterator[Make]:
    """Makes writers that are running, and stops them."""
    made: list[LedgerWriter] = []

    def start(most_waiting: int = 1_000, along: tuple[Along, ...] = ()) -> LedgerWriter:
        keeping = Keeping(tmp_path, vault.public_key)
        made.append(LedgerWriter(database, vault, keeping, most_waiting=most_waiting, along=along))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.stop()


def until(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.01)


def file_of(tmp_path: Path, vault: Vault) -> list[int]:
    lines = checkpoints.lines(tmp_path / checkpoints.FILE, vault.public_key)
    return [line.seq for line in lines if isinstance(line, Head)]


def written(outcomes: list[Outcome]) -> list[int]:
    return [outcome.seq for outcome in outcomes if isinstance(outcome, Recorded)]


def count_commits(database: Database) -> list[Connection]:
    seen: list[Connection] = []
    event.listen(database.engine, "commit", seen.append)
    return seen


async def write_many(ledger_writer: LedgerWriter, count: int, start: int = 1) -> list[Outcome]:
    return await asyncio.gather(*(ledger_writer.write(record(start + place)) for place in range(count)))


class Hold:
    """Holds every commit up until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.free = threading.Event()

    def __call__(self, connection: Connection, numbered: Numbered) -> None:
        self.reached.set()
        assert self.free.wait(PATIENCE)


def test_many_that_wait_share_a_commit_and_each_has_its_number(make: Make, database: Database) -> None:
    ledger_writer = make()
    commits = count_commits(database)
    outcomes = asyncio.run(write_many(ledger_writer, 200))
    assert sorted(written(outcomes)) == list(range(1, 201))
    assert len(commits) < 20
    with database.read() as connection:
        for outcome, number in zip(outcomes, range(1, 201), strict=True):
            assert read(connection, outcome.seq).subject == f"attempt/{number}"


def test_a_commit_makes_no_statement_anew_however_many_are_in_it(make: Make, database: Database) -> None:
    ledger_writer, made = make(), list[str]()

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(connection: Connection, cursor: Any, statement: str, *rest: Any) -> None:
        made.append(statement)

    asyncio.run(ledger_writer.write(record(1), KEY, ASKED))
    assert made == []


def test_a_thread_waits_until_its_record_is_there(make: Make, database: Database) -> None:
    ledger_writer = make()
    assert ledger_writer.write_now(record(1)) == Recorded(1)
    with database.read() as connection:
        assert read(connection, 1).subject == "attempt/1"
    assert ledger_writer.last_seq == 1
    assert (ledger_writer.waiting, ledger_writer.oldest_wait_seconds) == (0, 0.0)


def test_it_goes_on_after_records_that_others_added(make: Make, database: Database, vault: Vault) -> None:
    fill(database, vault, 3)
    ledger_writer = make()
    assert ledger_writer.last_seq == 3
    assert ledger_writer.write_now(record(4)) == Recorded(4)
    fill(database, vault, 2)
    assert ledger_writer.write_now(record(7)) == Recorded(7)
    assert not verify(database, vault.public_key).problems


def test_a_key_is_answered_once(make: Make, database: Database) -> None:
    ledger_writer = make()

    async def ask() -> list[Outcome]:
        return [
            await ledger_writer.write(record(1), KEY, ASKED),
            await ledger_writer.write(record(2), KEY, ASKED),
            await ledger_writer.write(record(3), KEY, OTHER_ASKED),
            await ledger_writer.write(record(4), OTHER_KEY, ASKED),
        ]

    assert asyncio.run(ask()) == [
        Recorded(1),
        Duplicate(1, ASKED, True),
        Duplicate(1, ASKED, False),
        Recorded(2),
    ]
    with database.read() as connection:
        assert len(search(connection)) == 2


def test_a_key_that_stands_twice_in_a_batch_is_answered_once(make: Make, database: Database) -> None:
    hold = Hold()
    ledger_writer = make(along=(hold,))

    async def ask() -> list[Outcome]:
        first = asyncio.ensure_future(ledger_writer.write(record(1)))
        await asyncio.to_thread(hold.reached.wait, PATIENCE)
        together = [
            asyncio.ensure_future(ledger_writer.write(record(2), KEY, ASKED)),
            asyncio.ensure_future(ledger_writer.write(record(3), KEY, ASKED)),
            asyncio.ensure_future(ledger_writer.write(record(4), KEY, OTHER_ASKED)),
            asyncio.ensure_future(ledger_writer.write(record(5))),
        ]
        await asyncio.sleep(0)
        assert ledger_writer.waiting == 5
        hold.free.set()
        return await asyncio.gather(first, *together)

    outcomes = asyncio.run(ask())
    assert outcomes[1:] == [Recorded(2), Duplicate(2, ASKED, True), Duplicate(2, ASKED, False), Recorded(3)]
    with database.read() as connection:
        assert [row.subject for row in search(connection)] == ["attempt/5", "attempt/2", "attempt/1"]
        assert connection.execute(select(answered)).all() == [(KEY, ASKED, 2)]


@pytest.mark.parametrize(("key", "digest"), [(KEY, None), (None, ASKED), (b"", ASKED), (KEY, b"short")])
def test_a_key_and_a_digest_go_together(make: Make, key: bytes | None, digest: bytes | None) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        asyncio.run(make().write(record(), key, digest))


def test_a_record_that_cannot_be_stored_harms_nobody_else(make: Make) -> None:
    ledger_writer = make()

    async def ask() -> list[Outcome | BaseException]:
        bad = record(2)
        bad = type(bad)(at=bad.at, kind=bad.kind, actor="user:\0", subject="x")
        every = (ledger_writer.write(record(1)), ledger_writer.write(bad), ledger_writer.write(record(3)))
        return list(await asyncio.gather(*every, return_exceptions=True))

    first, bad, last = asyncio.run(ask())
    assert (first, last) == (Recorded(1), Recorded(2))
    assert isinstance(bad, InvalidError)


def test_what_goes_along_is_in_the_same_transaction(make: Make, database: Database) -> None:
    seen: list[tuple[int, str]] = []
    fails = threading.Event()

    def along(connection: Connection, numbered: Numbered) -> None:
        seen.extend((seq, one.subject) for seq, one in numbered)
        assert connection.execute(select(ledger.c.seq).where(ledger.c.seq == numbered[-1][0])).one()
        if fails.is_set():
            raise LookupError("Jane Doe")

    ledger_writer = make(along=(along,))
    ledger_writer.write_now(record(1))
    assert seen == [(1, "attempt/1")]
    fails.set()
    with pytest.raises(UnavailableError):
        ledger_writer.write_now(record(2))
    assert ledger_writer.failure == "LookupError"
    with database.read() as connection:
        assert len(search(connection)) == 1
    fails.clear()
    until(lambda: ledger_writer.failure is None)


def test_beyond_the_most_that_may_wait_is_refused_at_once(make: Make) -> None:
    hold = Hold()
    ledger_writer = make(most_waiting=3, along=(hold,))

    async def ask() -> list[Outcome]:
        waiting = [asyncio.ensure_future(ledger_writer.write(record(number))) for number in range(3)]
        await asyncio.to_thread(hold.reached.wait, PATIENCE)
        with pytest.raises(UnavailableError, match="behind"):
            await asyncio.wait_for(ledger_writer.write(record(4)), 1)
        assert ledger_writer.oldest_wait_seconds > 0
        hold.free.set()
        return await asyncio.gather(*waiting)

    assert written(asyncio.run(ask())) == [1, 2, 3]


def test_whoever_gives_up_waiting_holds_nobody_up(make: Make) -> None:
    hold = Hold()
    ledger_writer = make(along=(hold,))

    async def ask() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ledger_writer.write(record(1)), 0.05)
        hold.free.set()
        assert await ledger_writer.write(record(2)) == Recorded(2)

    async def leave() -> None:
        asyncio.ensure_future(ledger_writer.write(record(3)))  # noqa: RUF006 - its loop closes without it
        await asyncio.sleep(0)

    asyncio.run(ask())
    asyncio.run(leave())
    assert ledger_writer.write_now(record(4)) == Recorded(4)


def test_stopping_writes_what_waits_and_then_takes_no_more(make: Make, database: Database) -> None:
    hold = Hold()
    ledger_writer = make(along=(hold,))

    async def ask() -> list[Outcome]:
        waiting = [asyncio.ensure_future(ledger_writer.write(record(number))) for number in range(20)]
        await asyncio.to_thread(hold.reached.wait, PATIENCE)
        stopping = asyncio.ensure_future(asyncio.to_thread(ledger_writer.stop))
        await asyncio.sleep(0.05)
        with pytest.raises(UnavailableError, match="not running"):
            await ledger_writer.write(record(99))
        hold.free.set()
        await stopping
        return await asyncio.gather(*waiting)

    assert len(written(asyncio.run(ask()))) == 20


def test_a_checkpoint_is_kept_every_thousand_and_at_the_stop(
    make: Make, database: Database, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CHECKPOINT_EVERY", 10)
    ledger_writer = make()
    assert file_of(tmp_path, vault) == []
    for number in range(1, 26):
        ledger_writer.write_now(record(number))
    ledger_writer.stop()
    assert file_of(tmp_path, vault) == [10, 20, 25]
    with database.read() as connection:
        assert connection.execute(select(ledger_checkpoint.c.seq)).scalars().all() == [10, 20, 25]
    assert not verify(database, vault.public_key, tmp_path / checkpoints.FILE).problems


def test_a_checkpoint_that_a_crash_kept_from_the_file_is_noted_at_the_start(
    make: Make, database: Database, vault: Vault, tmp_path: Path
) -> None:
    fill(database, vault, 5)
    (tmp_path / checkpoints.FILE).write_bytes(b'{"seq": 3, "ha')
    make()
    assert file_of(tmp_path, vault) == [5]


def test_a_checkpoint_file_that_cannot_be_written_stops_nobody(
    make: Make, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CHECKPOINT_EVERY", 1)
    ledger_writer = make()
    file = tmp_path / checkpoints.FILE
    file.unlink()
    file.mkdir()
    assert ledger_writer.write_now(record(1)) == Recorded(1)
    until(lambda: ledger_writer.checkpoint_failure)
    assert ledger_writer.checkpoint_failure == "IsADirectoryError Is a directory"
    assert ledger_writer.failure is None
    file.rmdir()
    until(lambda: ledger_writer.checkpoint_failure is None)
    assert file_of(tmp_path, vault) == [1]


def test_a_full_disk_is_told_and_got_over(make: Make, database: Database, vault: Vault) -> None:
    if not database.is_sqlite:
        pytest.skip("a full disk is played with SQLite's own limit")
    limits: dict[str, int] = {}

    @event.listens_for(database.engine, "begin")
    def limit(connection: Connection) -> None:
        for pages in limits.values():
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    ledger_writer = make()
    ledger_writer.write_now(record(1))
    limits["pages"] = 1  # no more than there are
    refused, kept = 0, 1
    for number in range(2, 200):
        try:
            kept = ledger_writer.write_now(record(number)).seq
        except UnavailableError:
            refused += 1
            assert ledger_writer.failure == "OperationalError SQLITE_FULL"
            break
    assert refused, "some pages had room, but not for two hundred"
    with database.read() as connection:
        assert search(connection)[0].seq == kept
    limits["pages"] = 1_000_000
    until(lambda: ledger_writer.failure is None)
    with database.read() as connection:
        newest = search(connection)[0]
    assert (newest.kind, newest.subject, newest.outcome) == (Kind.SYSTEM, "ledger", "recovered")
    assert newest.detail == b'{"failure":"OperationalError SQLITE_FULL"}'
    assert ledger_writer.write_now(record(300)) == Recorded(kept + 2)
    assert not verify(database, vault.public_key).problems


def test_a_database_that_only_reads_is_told_and_got_over(
    make: Make, database: Database, vault: Vault
) -> None:
    only_reads = [False]

    @event.listens_for(database.engine, "begin")
    def limit(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if database.is_sqlite:
            driver.execute(f"PRAGMA query_only = {only_reads[0]}")
        else:
            driver.read_only = only_reads[0]

    ledger_writer = make()
    ledger_writer.write_now(record(1))
    only_reads[0] = True

    async def ask() -> list[Any]:
        every = (ledger_writer.write(record(number)) for number in range(50))
        return await asyncio.gather(*every, return_exceptions=True)

    assert {type(each) for each in asyncio.run(ask())} == {UnavailableError}
    assert ledger_writer.failure in (
        "OperationalError SQLITE_READONLY",
        "ReadOnlySqlTransaction 25006",
    )
    only_reads[0] = False
    until(lambda: ledger_writer.failure is None)
    assert ledger_writer.write_now(record(60)) == Recorded(3)
    assert not verify(database, vault.public_key).problems


def test_a_connection_that_is_gone_is_told_and_got_over(make: Make, database: Database, vault: Vault) -> None:
    gone = threading.Event()

    def cut(connection: Connection, numbered: Numbered) -> None:
        if not gone.is_set():
            return
        if connection.dialect.name == "postgresql":
            end = text("SELECT pg_terminate_backend(:pid)")
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with database.engine.connect() as other:
                other.execute(end, {"pid": pid})
        else:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.close()

    ledger_writer = make(along=(cut,))
    ledger_writer.write_now(record(1))
    gone.set()
    with pytest.raises(UnavailableError):
        ledger_writer.write_now(record(2))
    assert ledger_writer.failure is not None
    gone.clear()
    until(lambda: ledger_writer.failure is None)
    with database.read() as connection:
        assert [row.subject for row in search(connection)] == ["ledger", "attempt/1"]
    assert ledger_writer.write_now(record(3)) == Recorded(3)
    assert not verify(database, vault.public_key).problems


def test_a_commit_that_fails_is_no_answer(make: Make, database: Database) -> None:
    fails = threading.Event()

    @event.listens_for(database.engine, "commit")
    def fail(connection: Connection) -> None:
        if fails.is_set():
            raise OperationalError("COMMIT", {}, Exception("07700 900123"))

    ledger_writer = make()
    fails.set()
    with pytest.raises(UnavailableError) as caught:
        ledger_writer.write_now(record(1))
    assert "07700" not in f"{caught.value.detail} {ledger_writer.failure}"
    fails.clear()
    until(lambda: ledger_writer.failure is None)
    with database.read() as connection:
        assert [row.subject for row in search(connection)] == ["ledger"]


def test_a_database_that_is_not_there_at_the_start_is_waited_for(
    make: Make, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(database, "write", away)
        ledger_writer = make()
        assert ledger_writer.failure == "ConnectionRefusedError Connection refused"
        with pytest.raises(UnavailableError):
            ledger_writer.write_now(record(1))
    until(lambda: ledger_writer.failure is None)
    assert ledger_writer.write_now(record(1)) == Recorded(2)


def test_the_next_write_has_the_last_ones_connection_and_what_it_has_read(database: Database) -> None:
    if not database.is_sqlite:
        return
    with database.write() as connection, database.read():
        before = connection.connection.driver_connection
    with database.write() as connection:
        assert connection.connection.driver_connection is before


@pytest.mark.parametrize("microsecond", [0, 7, 999_999])
def test_every_time_is_kept_in_utc_and_one_length(microsecond: int) -> None:
    at = datetime(2026, 1, 1, 1, 30, 0, microsecond, timezone(timedelta(hours=2)))
    assert moment_text(at) == f"2025-12-31T23:30:00.{microsecond:06}Z"
