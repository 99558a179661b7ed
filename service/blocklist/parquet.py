"""Parquet files in and out, by DuckDB, which is imported here alone: the extra `bulk` brings it.

A file is there whole or not at all, and its owner's alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ROW_GROUP = 2_048
"""Rows that are read together, DuckDB's least: a partition is a few of each file."""
AT_ONCE = 1_000
NUMBER, TEXT, BYTES, MOMENT = "BIGINT", "VARCHAR", "BLOB", "TIMESTAMP"
"""What a column holds; a moment is in UTC."""


class MissingError(ValueError):
    """DuckDB, or what reaches a cluster, is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'nocontact[bulk]'")


class ParquetError(ValueError):
    """Files that cannot be read or written; the text names the first of them, and the kind of error."""


def query(statement: str, files: Sequence[Path], *given: object) -> Iterator[tuple[Any, ...]]:
    """Rows of a statement in which `$files` are Parquet files, one behind the other; `$1` and on are given.

    One core, in the order of the files where the statement orders nothing. No files, no rows. Raises
    ParquetError.
    """
    if not files:
        return
    reading = "read_parquet([{}])".format(", ".join(_quoted(file) for file in files))
    with _connection(files[0]) as connection:
        found = connection.execute(statement.replace("$files", reading), list(given))
        while rows := found.fetchmany(AT_ONCE):
            yield from rows


def write(
    file: Path, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], order: str | None = None
) -> None:
    """Put rows into a new file. `columns` says by name what each holds; None in a text becomes NULL.

    Raises OSError, ParquetError, and leaves nothing half written under that name.
    """
    lists = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    held = {name: _array(kind, values) for (name, kind), values in zip(columns.items(), lists, strict=True)}
    wanted = ", ".join(_READ[kind].format(f'"{name}"') + f' AS "{name}"' for name, kind in columns.items())
    sorted_by = f" ORDER BY {order}" if order else ""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    form = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}, USE_TMP_FILE false"
    with _connection(file) as connection:
        connection.register("held", held)
        connection.execute(f"COPY (SELECT {wanted} FROM held{sorted_by}) TO {_quoted(new)} ({form})")  # noqa: S608
    new.replace(file)


_READ = {
    NUMBER: "CAST({0} AS BIGINT)",
    TEXT: "nullif(CAST({0} AS VARCHAR), '')",
    BYTES: "CAST({0} AS BLOB)",
    MOMENT: "make_timestamp(CAST({0} AS BIGINT))",
}
"""How a column is read from the array that holds it: moments as microseconds since 1970."""


def _array(kind: str, values: Sequence[Any]) -> np.ndarray[Any, Any]:
    if kind == NUMBER:
        return np.array(values, dtype=np.int64)
    if kind == MOMENT:
        return np.array([round(at.timestamp() * 1e6) for at in values], dtype=np.int64)
    held = np.empty(len(values), dtype=object)
    held[:] = [value or ("" if kind == TEXT else b"") for value in values]
    return held


@contextmanager
def _connection(about: Path) -> Iterator[Any]:
    try:
        import duckdb
    except ImportError:
        raise MissingError("duckdb") from None
    try:
        with duckdb.connect(":memory:", config={"threads": 1}) as connection:
            yield connection
    except duckdb.Error as error:  # its text could hold what is in a file
        raise ParquetError(f"{about}: {type(error).__name__}") from None


def _quoted(file: Path) -> str:
    return "'{}'".format(str(file).replace("'", "''"))
