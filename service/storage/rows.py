"""Rows that cannot be changed behind the service's back: each carries a keyed hash of all that is in it.

Whoever can write to the database and has not the master key can put anything into a row, and cannot make the
hash that belongs to it. A row whose hash does not hold is not obeyed, whatever it says: who reads it goes by
what was known before, or does not do what the row would allow. What this does not show, because each row by
itself is whole: a row that is deleted, and an older row put back. The ledger shows those
(`service/registry/verify.py`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Float,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    bindparam,
    inspect,
    select,
    type_coerce,
)
from sqlalchemy import insert as sql_insert
from sqlalchemy import update as sql_update

from service.errors import ServiceError
from service.operations.sparing import Sparing
from service.storage.database import Moment, moment_text
from service.storage.sealing import DIGEST, Vault

MAC = "mac"
"""The column of the hash; the last of its table."""
MARKED = "rows"
"""Of the ledger's one record that says since when rows carry a hash."""
AT_ONCE = 1_000
"""Rows marked in one statement where all of a table are."""

NOT_MARKED = {
    "ledger": "each record is chained to the one before it, and the last one is signed",
    "ledger_head": "signed with the ledger's key",
    "ledger_checkpoint": "signed with the ledger's key",
    "data_key": "wrapped under the master key together with its id and its purpose",
    "answered": "read again it must lead to the record of the same attempt, which the chain holds",
    "outbox": "says only what is to be read anew, and what is read is checked; `verify` misses a deleted one",
    "case_key": "sealed for its case, so that a forged one opens nothing; `verify` misses a deleted one",
    "finder": "leads to a listing, which is read and checked; no decision on an attempt rests on it",
    "restriction_prisoner": "leads to restrictions, read and checked; `verify` misses a deleted one",
    "tried": "leads to records of the ledger that a reviewer is shown; decides nothing",
    "mail_tray": "says how many letters were counted and that it is done; the ledger has both",
    "mail_picture": "sealed for its item and page; shown, and decides nothing",
    "node_picture": "sealed for its record and page; shown, and decides nothing",
    "case_figure": "what is counted of a case; reported, and decides nothing",
    "feed_change": "signed as it is carried; the last one is opened before another is made behind it",
    "node_report": "what a node said of itself; reported, and decides nothing",
    "node_installation": "what an installation of a node said; reported, and decides nothing",
    "node_reached": "when a node said that it has a change; reported, and decides nothing",
    "phone_list": "when a list was read in the phone system; reported, and decides nothing",
    "phone_entry": "what stands in the phone system, read there again; reported, and decides nothing",
    "phone_drift": "what is to be put right in the phone system; reported, and decides nothing",
}
"""Every table without a hash, and why a forged or missing row of it opens nothing."""

_encode = msgspec.msgpack.Encoder().encode
_refused = Sparing("row_changed_in_the_database", level="error")


class ChangedRowError(ServiceError):
    """A row that is not as the service wrote it: nothing is done by it, and it is not written over."""

    status = 409
    title = "Changed in the database"

    def __init__(self) -> None:
        """Says nothing of what is in it."""
        super().__init__(
            "this was changed in the database, past the service: nothing can be done with it"
            " until whoever runs the service has put it right"
        )


def mac_column() -> Column[bytes]:
    """The column of a marked table. Null only while a migration adds it: a row without a hash never holds."""
    return Column(MAC, LargeBinary(DIGEST))


def is_marked(table: Table) -> bool:
    """Whether its rows carry a hash."""
    return MAC in table.columns


def mark(vault: Vault, table: str, values: Mapping[str, Any]) -> bytes:
    """The hash of a row, 16 bytes: `values` has every column but `mac`, as it is stored or as it is read.

    One MessagePack array of the table, the names in their order, and the values: each has its type and its
    length before it, so no two rows are written the same way. A time is its text, yes and no are 1 and 0.
    """
    names = sorted(str(name) for name in values if name != MAC)
    return _mark(vault, table, tuple(names), [_plain(values[name]) for name in names])


def holds(vault: Vault, table: Table, row: Row[Any]) -> bool:
    """Whether a whole row is as the service wrote it. One that is not is counted, and told in the log."""
    values = row._mapping
    names = _names(table)
    return _is_met(
        vault, table, values[MAC], _mark(vault, table.name, names, [_plain(values[n]) for n in names])
    )


def require(vault: Vault, table: Table, row: Row[Any]) -> None:
    """Raises ChangedRowError for a whole row that is not as the service wrote it."""
    if not holds(vault, table, row):
        raise ChangedRowError


def stored(table: Table) -> list[ColumnElement[Any]]:
    """Every column as it is kept, which is how it is hashed, to be read by `stored_holds`: cheap for many
    rows, and no value of the wrong type stops the reading."""
    return [_as_kept(table.columns[name]) for name in (*_names(table), MAC)]


def stored_holds(vault: Vault, table: Table, row: Row[Any]) -> bool:
    """`holds` for a row that was read by the columns of `stored`."""
    values: list[Any] = [int(one) if isinstance(one, bool) else one for one in tuple(row)[:-1]]
    return _is_met(vault, table, row[-1], _mark(vault, table.name, _names(table), values))


def insert(connection: Connection, vault: Vault, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, marked. Raises IntegrityError as the database does."""
    if rows:
        connection.execute(sql_insert(table), [_marked(vault, table, row) for row in rows])


def update(
    connection: Connection,
    vault: Vault,
    table: Table,
    where: Iterable[ColumnElement[bool]],
    values: Mapping[str, Any],
    *,
    changed_too: bool = False,
) -> int:
    """Update rows and mark them anew, in the transaction of a writer; gives how many.

    Each is checked first: else the next honest change would make somebody's forgery good. Raises
    ChangedRowError, with nothing written; `changed_too` updates them as well, and they go on not to hold.
    """
    before = connection.execute(select(table).where(*where).with_for_update()).all()
    keys = [column.name for column in table.primary_key]
    changed = []
    for row in before:
        is_good = holds(vault, table, row)
        if not is_good and not changed_too:
            raise ChangedRowError
        after = _marked(vault, table, {**row._mapping, **values})
        after |= {} if is_good else {MAC: None}
        names = (*values, MAC)
        changed.append({f"key_{name}": after[name] for name in keys} | {name: after[name] for name in names})
    if changed:
        same = (table.columns[name] == bindparam(f"key_{name}") for name in keys)
        wanted = sql_update(table).where(*same).values({n: bindparam(n) for n in (*values, MAC)})
        connection.execute(wanted, changed)
    return len(changed)


def mark_all(connection: Connection, vault: Vault, table: str) -> None:
    """Mark every row of a table as it is now: for the migration that adds the column, and no other time."""
    keys = inspect(connection).get_pk_constraint(table)["constrained_columns"]
    rows = raw(connection, table)
    sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    same = " AND ".join(f'"{key}" = {sign}' for key in keys)
    wanted = f'UPDATE "{table}" SET "{MAC}" = {sign} WHERE {same}'  # noqa: S608
    marked = [(mark(vault, table, row), *(row[key] for key in keys)) for row in rows]
    for start in range(0, len(marked), AT_ONCE):
        connection.exec_driver_sql(wanted, marked[start : start + AT_ONCE])


def raw(connection: Connection, table: str) -> Iterator[dict[str, Any]]:
    """Every row of a table as the driver gives it, whatever is in it; `table` is a name of ours."""
    every = f'SELECT * FROM "{table}"'  # noqa: S608
    found = connection.exec_driver_sql(every, execution_options={"yield_per": AT_ONCE})
    for row in found.mappings():
        yield dict(row)


def raw_holds(vault: Vault, table: str, row: Mapping[str, Any]) -> bool:
    """`holds` for such a row, which is neither counted nor told in the log."""
    try:
        expected = mark(vault, table, row)
    except (TypeError, ValueError, OverflowError):  # of no type that is ever stored
        return False
    return _are_equal(row.get(MAC), expected)


def _marked(vault: Vault, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: _as_type(table.columns[name], values.get(name)) for name in _names(table)}
    return {**row, MAC: mark(vault, table.name, row)}


def _mark(vault: Vault, table: str, names: Sequence[str], values: Sequence[Any]) -> bytes:
    return vault.mark(_encode((str(table), names, values)))


def _is_met(vault: Vault, table: Table, mac: object, expected: bytes) -> bool:
    if _are_equal(mac, expected):
        return True
    vault.refused[table.name] = vault.refused.get(table.name, 0) + 1
    _refused.note(table.name)
    return False


def _are_equal(mac: object, expected: bytes) -> bool:
    return isinstance(mac, bytes) and hmac.compare_digest(mac, expected)


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(sorted(str(column.name) for column in table.columns if column.name != MAC))


def _as_kept(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, Moment):
        return type_coerce(column, String).label(column.name)
    return type_coerce(column, Integer).label(column.name) if isinstance(column.type, Boolean) else column


def _as_type(column: Column[Any], value: Any) -> Any:
    """A value as the database gives it back: an enum's own, a whole number in a column of others."""
    if isinstance(value, Enum):
        value = value.value
    return float(value) if isinstance(column.type, Float) and value is not None else value


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return moment_text(value) if isinstance(value, datetime) else value
