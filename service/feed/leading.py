"""Which of the serving processes publishes: one at a time, and another at once when it dies."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from service.storage.database import Database

_LOCK = 0x6E6F66656564
"""PostgreSQL's advisory lock of whoever leads; other ones guard the whole database and its upgrades."""


class Leading:
    """A turn at leading, held as long as the process and its connection live. For one thread."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked for yet."""
        self._database = database
        self._connection: Connection | None = None
        self._descriptor: int | None = None

    def hold(self) -> bool:
        """Whether this process leads: it still does, or does from now on. Raises SQLAlchemyError, OSError."""
        return self._hold_file() if self._database.is_sqlite else self._hold_session()

    def let_go(self) -> None:
        """Lead no more."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if not connection.invalidated:  # whoever asks next has it at once: a session ends a moment later
                with suppress(SQLAlchemyError):
                    connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
            connection.invalidate()  # and at the latest the lock ends with its session
            connection.close()
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _hold_session(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except SQLAlchemyError:
                self.let_go()
                raise
            return True
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if connection.execute(text(f"SELECT pg_try_advisory_lock({_LOCK})")).scalar():
                self._connection = connection
        finally:
            if self._connection is None:
                connection.close()
        return self._connection is not None

    def _hold_file(self) -> bool:
        if self._descriptor is not None:
            return True
        name = self._database.url.database
        if not name or name == ":memory:":
            return True
        beside = Path(f"{name}.leads")
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True
