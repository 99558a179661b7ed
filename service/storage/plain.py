"""Statements as the driver takes them, for the few that every check waits for.

They run in the transaction of a connection of SQLAlchemy's, and what fails is raised as it would raise it, a
connection that is lost given up; what making and caching a statement costs is left out. Values go in and come
out as the database keeps them. A value is marked by `?` on both databases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InvalidRequestError

Values = Sequence[Any]


def rows(connection: Connection, statement: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """What a query finds."""
    with _cursor(connection) as cursor:
        cursor.execute(_marked(statement, connection.dialect.paramstyle), values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def run(connection: Connection, statement: str, values: Values) -> None:
    """Run a statement that gives nothing."""
    with _cursor(connection) as cursor:
        cursor.execute(_marked(statement, connection.dialect.paramstyle), values)


def run_many(connection: Connection, statement: str, several: Sequence[Values]) -> None:
    """Run it once for each."""
    with _cursor(connection) as cursor:
        cursor.executemany(_marked(statement, connection.dialect.paramstyle), several)


def any_of(connection: Connection, column: str, values: Values) -> tuple[str, Values]:
    """The condition that a column is one of these values, and the values that it takes."""
    if connection.dialect.name == "postgresql":
        return f"{column} = ANY(?)", (list(values),)
    return f"{column} IN ({', '.join('?' * len(values))})", values


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """What is run in the block goes to a server without waiting for each answer; no query may be among it."""
    driver: Any = connection.connection.driver_connection
    is_server = connection.dialect.name == "postgresql"
    pipeline: AbstractContextManager[Any] = driver.pipeline() if is_server else nullcontext()
    with _as_sqlalchemy(connection), pipeline:
        yield


@contextmanager
def _cursor(connection: Connection) -> Iterator[Any]:
    if not connection.in_transaction():
        raise InvalidRequestError("a statement of the driver's needs a transaction around it")
    with _as_sqlalchemy(connection):
        cursor = connection.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


@contextmanager
def _as_sqlalchemy(connection: Connection) -> Iterator[None]:
    dialect = connection.dialect
    driver_error: type[Exception] = dialect.loaded_dbapi.Error
    try:
        yield
    except driver_error as error:
        if dialect.is_disconnect(error, connection.connection.dbapi_connection, None):  # type: ignore[arg-type]
            connection.invalidate(error)
        raise DBAPIError.instance(None, None, error, driver_error, hide_parameters=True) from error


@cache
def _marked(statement: str, paramstyle: str) -> str:
    return statement if paramstyle == "qmark" else statement.replace("?", "%s")
