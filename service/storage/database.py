"""The database: SQLite in one file, or PostgreSQL; the same statements on both.

Reads see the last commit and wait for nobody. Writes go one after another, through `Database.write`: the
ledger is one chain, and every write adds to it.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Engine,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from service.errors import ServiceError

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the service; the packages that own them define them."""

WAIT = 10.0
"""Seconds that a command waits for another process before it gives up. The service waits for less: no call
lasts so long (`NOCONTACT_DATABASE_WAIT`)."""


UNASKED = 1.0
"""Seconds after which a server is asked whether it still has the connection that writes."""
IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""What SQLite says where another process has the file."""
PASSING = (*IN_USE, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""What it says where the same connection may go on later, and none could be opened in its place meanwhile."""
_HELD_BY = 0x6E6F636F6F  # PostgreSQL's advisory lock of whoever runs; another than that of upgrades
HELD = "a service is running on this database: stop it first, every process of it"
HELD_BY_NODE = "another node runs on this folder: stop it first, or give this one a folder of its own"
HELD_ALONE = "the keys of this database are being changed: try again when that is done"


class BusyError(SQLAlchemyError):
    """Another write of this process took too long."""


class HeldError(Exception):
    """Somebody else holds the database, and what was asked for cannot be done beside it."""


NO_MOMENT = datetime(1, 1, 2, tzinfo=UTC)
"""What is read where no time stands: any text is kept. The row it is in is not as the service wrote it."""


class Moment(TypeDecorator[datetime]):
    """A time in UTC as text of one length, `2026-01-01T09:30:00.000000Z`: sorts and is hashed as it reads."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To text. Raises ValueError for a time without a zone."""
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """From text; `NO_MOMENT` for what is none, so that the row's hash tells and no other row is lost."""
        try:
            return None if value is None else datetime.fromisoformat(value).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            return NO_MOMENT


def moment_text(value: datetime) -> str:
    """A time as the database and the ledger keep it. Raises ValueError for a time without a zone."""
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


class _Whole(threading.local):
    """The transaction that a thread has open for all that it reads and writes."""

    connection: Connection | None = None


class Database:
    """An engine, and the lock that puts this process's writes in order. Safe to share between threads."""

    def __init__(
        self, url: str, *, wait: float = WAIT, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`url` is an SQLAlchemy address; a write waits `wait` seconds for others. Nothing is opened yet."""
        self.url = make_url(url)
        self.wait = wait
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._is_in_memory = self.is_sqlite and _is_in_memory(self.url.database)
        self.engine = _sqlite(url, wait) if self.is_sqlite else create_engine(url, pool_pre_ping=True)
        self._held: Connection | None = None
        self._writing = threading.RLock()
        self._writer: Connection | None = None
        self._written_at = 0.0
        self._monotonic = monotonic
        self._whole = _Whole()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of everything; what `whole` has open, inside it."""
        if self._whole.connection is not None:
            yield self._whole.connection
            return
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed, and on the disk, when the block ends; undone when it raises.

        Inside `whole` it is a part of that, undone alone where it raises.

        Raises OperationalError or BusyError where another write holds it up for `wait` seconds.
        """
        if self._whole.connection is not None:
            with self._whole.connection.begin_nested():
                yield self._whole.connection
            return
        if not self._writing.acquire(timeout=self.wait):
            raise BusyError
        try:
            connection = self._open_writer()
            try:
                with connection.begin():
                    yield connection
            except BaseException as error:
                if _leaves_it_usable(error):
                    self._keep_writer(connection)
                else:
                    _let_go(connection)
                raise
            self._keep_writer(connection)
        finally:
            self._writing.release()

    def _open_writer(self) -> Connection:
        """The connection that every write of this process has. It is kept: one that is lent and given back is
        looked at each time, and another one's would have to read again what this one has just written."""
        kept, self._writer = self._writer, None
        if kept is not None and not self.is_sqlite and self._monotonic() - self._written_at > UNASKED:
            kept = _if_there(kept)
        if kept is not None:
            return kept
        made = self.engine.connect()
        try:
            made.info["write"] = True
            if not self.is_sqlite:
                made.exec_driver_sql(f"SET lock_timeout = {_milliseconds(self.wait)}")
                made.commit()
        except BaseException:
            _let_go(made)
            raise
        return made

    def _keep_writer(self, connection: Connection) -> None:
        """Keep it for the next write. One in memory is its thread's."""
        if connection.invalidated or self._is_in_memory or _is_in_transaction(connection):
            _let_go(connection)
        else:
            self._writer, self._written_at = connection, self._monotonic()

    @contextmanager
    def whole(self) -> Iterator[Connection]:
        """One transaction, as `write` gives it, of everything that this thread reads and writes until the
        block ends: what is written was decided on what holds, and nobody changes that in between."""
        if self._whole.connection is not None:
            yield self._whole.connection
            return
        with self.write() as connection:
            self._whole.connection = connection
            try:
                yield connection
            finally:
                self._whole.connection = None

    @property
    def is_whole(self) -> bool:
        """Whether this thread is inside `whole`."""
        return self._whole.connection is not None

    @contextmanager
    def held(self, *, alone: bool = False, otherwise: str = "") -> Iterator[None]:
        """Held for as long as the block lasts: by any number of servers together, or by one command, or a
        node, `alone`.

        Raises HeldError at once where that cannot be had, which says `otherwise` where that is given. A
        process that ends gives it back, however it ends.
        """
        otherwise = otherwise or (HELD if alone else HELD_ALONE)
        if self.is_sqlite:
            with _held_file(self.url.database, alone, otherwise):
                yield
            return
        try:
            self._held = self._hold(alone, otherwise)
            yield
        finally:
            self._let_go()

    def hold_again(self) -> int:
        """By a server that holds it: hold it anew where the session that did is gone, as after a failover.
        Gives 0: there is nothing left to do. Raises SQLAlchemyError, and HeldError as `held`."""
        if self._held is None:
            return 0
        try:
            if not self._held.closed:
                self._held.execute(text("SELECT 1"))
                return 0
        except SQLAlchemyError:
            self._held.invalidate()
            self._held.close()
        self._held = self._hold(False, HELD_ALONE)
        return 0

    def _hold(self, alone: bool, otherwise: str) -> Connection:
        """A session that holds it."""
        lock = "pg_try_advisory_lock" if alone else "pg_try_advisory_lock_shared"
        connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if not connection.execute(text(f"SELECT {lock}({_HELD_BY})")).scalar():
                raise HeldError(otherwise)
        except BaseException:
            connection.close()
            raise
        return connection

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None and not held.closed:
            if not held.invalidated:  # whoever asks next has it at once: a session ends a moment later
                with suppress(SQLAlchemyError):
                    held.execute(text("SELECT pg_advisory_unlock_all()"))
            held.invalidate()  # and at the latest the lock ends with its session
            held.close()

    def close(self) -> None:
        """Give the connections back."""
        if self._writing.acquire(timeout=self.wait):  # else whoever writes lets it go
            kept, self._writer = self._writer, None
            self._writing.release()
            if kept is not None:
                _let_go(kept)
        self.engine.dispose()


def _if_there(connection: Connection) -> Connection | None:
    """A connection of before, if the server still has it."""
    try:
        connection.exec_driver_sql("SELECT 1")
        connection.commit()
    except SQLAlchemyError:
        _let_go(connection)
        return None
    return connection


def _leaves_it_usable(error: BaseException) -> bool:
    """Whether the connection of a write that failed so may have the next one."""
    if isinstance(error, DBAPIError):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in PASSING
    return isinstance(error, ServiceError)


def _is_in_transaction(connection: Connection) -> bool:
    """Whether one has not been ended, as far as is known here or by SQLite itself."""
    driver: Any = connection.connection.driver_connection
    return connection.in_transaction() or bool(getattr(driver, "in_transaction", False))


def _let_go(connection: Connection) -> None:
    """Close one for good, so that nobody gets it with what was set on it."""
    with suppress(SQLAlchemyError):
        connection.invalidate()
    connection.close()


def in_short(error: Exception) -> str:
    """What failed, as the database's or the system's own code: their texts can quote what was written."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    code = code or (cause.strerror if isinstance(cause, OSError) else None)
    return " ".join(filter(None, (type(cause).__name__, code)))


@contextmanager
def _held_file(database: str | None, alone: bool, otherwise: str) -> Iterator[None]:
    """A lock on a file beside the database's; on that itself it would undo SQLite's own."""
    if not database or _is_in_memory(database):
        yield
        return
    beside = Path(f"{database}.held")
    beside.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HeldError(otherwise) from None
        yield
    finally:
        os.close(descriptor)


def _is_in_memory(database: str | None) -> bool:
    return not database or database == ":memory:"


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Set the journal's mode. SQLite does not wait where two processes do it at once, so we do."""
    until = time.monotonic() + WAIT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:  # a full disk is no other process: nobody waits for that
            if error.sqlite_errorcode & 0xFF not in IN_USE or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _sqlite(url: str, wait: float) -> Engine:
    path = make_url(url).database
    if path and not _is_in_memory(path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": wait})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        # The driver's own BEGIN comes too late for a read that has to precede a write.
        connection.isolation_level = None
        cursor = connection.cursor()
        _write_ahead(cursor)
        cursor.execute("PRAGMA synchronous = FULL")  # a commit is on the disk, not only with the system
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA trusted_schema = OFF")
        cursor.execute(f"PRAGMA busy_timeout = {_milliseconds(wait)}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute("BEGIN IMMEDIATE" if connection.info.get("write") else "BEGIN")
        except sqlite3.Error as error:
            raise DBAPIError.instance("BEGIN", None, error, sqlite3.Error) from error

    return engine
