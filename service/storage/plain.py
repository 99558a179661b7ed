"""Statements as the driver takes them, for the few that every check waits for.

They run in the transaction of a connection of SQLAlchemy's, and what fails is raised as it would raise it, a
connection that is lost given up; what making and caching a statement costs is left out. Values go in and come
out as the database keeps them. A value is marked by `?` on both databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InvalidRequestError, StatementError

Values = Sequence[Any]

_json = msgspec.json.Encoder().encode


def rows(connection: Connection, statement: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """What a query finds."""
    driver = _driver(connection)
    try:
        found: list[tuple[Any, ...]] = driver.execute(_marked(statement, connection), values).fetchall()
        return found
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, error) from error


def rows_of_each(
    connection: Connection, queries: Sequence[tuple[str, Values]]
) -> list[list[tuple[Any, ...]]]:
    """What several queries find, one after the other; a server is asked all of them at once."""
    if connection.dialect.name != "postgresql":
        return [rows(connection, *query) for query in queries]
    driver = _driver(connection)
    try:
        with driver.pipeline():
            cursors = [driver.execute(_marked(query, connection), values) for query, values in queries]
            return [cursor.fetchall() for cursor in cursors]
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, error) from error


def run(connection: Connection, statement: str, values: Values) -> None:
    """Run a statement that gives nothing."""
    driver = _driver(connection)
    try:
        driver.execute(_marked(statement, connection), values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, error) from error


def insert(connection: Connection, table: str, names: tuple[str, ...], several: Iterable[Values]) -> None:
    """Add rows: a server gets all in one statement, SQLite one prepared statement for each in turn."""
    driver = _driver(connection)
    try:
        if connection.dialect.name == "postgresql":
            given = [dict(zip(names, map(_as_json, values), strict=True)) for values in several]
            driver.execute(_inserting(table, names, is_server=True), (_json(given).decode(),))
        else:
            driver.executemany(_inserting(table, names, is_server=False), several)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, error) from error


def any_of(connection: Connection, column: str, values: Values) -> tuple[str, Values]:
    """The condition that a column is one of these values, and the values that it takes."""
    if connection.dialect.name == "postgresql":
        return f"{column} = ANY(?)", (list(values),)
    return f"{column} IN ({', '.join('?' * len(values))})", values


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """What is run in the block goes to a server without waiting for each answer; no query may be among it."""
    if connection.dialect.name != "postgresql":
        yield
        return
    try:
        with _driver(connection).pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy(connection, error) from error


def _driver(connection: Connection) -> Any:
    if not connection.in_transaction():
        raise InvalidRequestError("a statement of the driver's needs a transaction around it")
    return connection.connection.driver_connection


def _as_sqlalchemy(connection: Connection, error: Exception) -> StatementError:
    """The error that it would have raised, which holds no value; a connection that is lost is given up."""
    dialect = connection.dialect
    if dialect.is_disconnect(error, connection.connection.dbapi_connection, None):  # type: ignore[arg-type]
        connection.invalidate(error)
    return DBAPIError.instance(None, None, error, dialect.loaded_dbapi.Error, hide_parameters=True)


def _marked(statement: str, connection: Connection) -> str:
    return statement if connection.dialect.paramstyle == "qmark" else statement.replace("?", "%s")


@cache
def _inserting(table: str, names: tuple[str, ...], *, is_server: bool) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    if is_server:
        values = f"SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608
    else:
        values = f"VALUES ({', '.join('?' * len(names))})"
    return f"INSERT INTO {table} ({columns}) {values}"


def _as_json(value: Any) -> Any:
    return "\\x" + value.hex() if isinstance(value, bytes) else value
