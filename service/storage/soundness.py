"""Whether a database is built as the service built it: nothing stands between a table and who reads it.

Rows carry hashes and records a chain, and both say nothing of what is not shown: a view in a table's place, a
trigger, an index that leaves a row out, a row policy. Whoever can write to the file can make those without a
key. Told are names alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, inspect, text

LEAVES_OUT = {
    "ix_ledger_subject_seq": (
        "CREATE INDEX ix_ledger_subject_seq ON ledger (subject, seq) WHERE kind <> 'decision'",
        "((kind)::text <> 'decision'::text)",
    )
}
"""Indexes of the service's own that leave rows out: as SQLite keeps them, and PostgreSQL their condition."""


def faults(connection: Connection, tables: Collection[str]) -> list[str]:
    """What is not as it was made, of these tables, in words; one that is not there yet is none."""
    return list(_sqlite(connection, tables) if _is_sqlite(connection) else _postgres(connection, tables))


def damage(connection: Connection) -> list[str]:
    """What of the file does not fit together: an index that is not its table's. Takes seconds for a large
    one.

    PostgreSQL looks after its own files, which nobody writes into past it.
    """
    if not _is_sqlite(connection):
        return []
    found = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars()
    return [one for one in found if one != "ok"]


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _sqlite(connection: Connection, tables: Collection[str]) -> Iterator[str]:
    odd = "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') ORDER BY name"
    for kind, name in connection.exec_driver_sql(odd):
        yield f"a {kind} that the service did not make: {name}"
    there = set(inspect(connection).get_table_names())
    own = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    made = {row.name: row.sql for row in connection.exec_driver_sql(own)}
    for table in sorted(there.intersection(tables)):
        for index in connection.exec_driver_sql(f'PRAGMA index_list("{table}")').mappings():
            if index["partial"] and made.get(index["name"]) != LEAVES_OUT.get(index["name"], ("",))[0]:
                yield f"an index that leaves rows out: {index['name']}"
    virtual = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'"
    for name in connection.exec_driver_sql(virtual).scalars():
        yield f"a table that is none: {name}"


def _postgres(connection: Connection, tables: Collection[str]) -> Iterator[str]:
    found = text(
        "SELECT c.relname, c.relkind, c.relrowsecurity, c.relhasrules,"
        " EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),"
        " EXISTS (SELECT 1 FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
        " WHERE i.indrelid = c.oid AND i.indpred IS NOT NULL"
        " AND (x.relname, pg_get_expr(i.indpred, i.indrelid)) NOT IN"
        " (SELECT * FROM unnest(CAST(:own AS text[]), CAST(:leaves_out AS text[]))))"
        " FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(:names)"
    )
    for name, kind, secured, ruled, triggered, partial in connection.execute(
        found,
        {
            "names": sorted(tables),
            "own": list(LEAVES_OUT),
            "leaves_out": [condition for _, condition in LEAVES_OUT.values()],
        },
    ):
        if kind not in ("r", b"r"):
            yield f"a table that is none: {name}"
        elif secured or ruled or triggered or partial:
            yield f"a rule, a trigger, a row policy or an index that leaves rows out: {name}"
