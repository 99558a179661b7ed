"""A database as the service made it is sound; what stands between a table and its reader is named."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from service.errors import ServiceError
from service.migrations import schema
from service.migrations.schema import SchemaError
from service.storage import soundness
from service.storage.database import Database, metadata

OWN = "ix_ledger_subject_seq"
OTHER_CONDITION = f"DROP INDEX {OWN}; CREATE INDEX {OWN} ON ledger (subject, seq) WHERE subject <> 'rows'"
SQLITE = {
    "view": "CREATE VIEW zz AS SELECT * FROM ledger",
    "trigger": "CREATE TRIGGER zz AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END",
    "partial index": "CREATE INDEX zz ON restriction_version (id) WHERE state = 'standing'",
    "other condition": OTHER_CONDITION,
}
POSTGRES = {
    "view": "ALTER TABLE finder RENAME TO zz; CREATE VIEW finder AS SELECT * FROM zz",
    "trigger": (
        "CREATE FUNCTION zz() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        " CREATE TRIGGER zz BEFORE INSERT ON finder FOR EACH ROW EXECUTE FUNCTION zz()"
    ),
    "partial index": "CREATE INDEX zz ON finder (id) WHERE kind = 'restriction'",
    "other condition": OTHER_CONDITION,
    "row policy": "ALTER TABLE finder ENABLE ROW LEVEL SECURITY",
}


def faults(database: Database) -> list[str]:
    with database.read() as connection:
        return [*soundness.faults(connection, metadata.tables), *soundness.damage(connection)]


def test_a_database_as_it_was_made_is_sound(database: Database) -> None:
    assert faults(database) == []
    schema.upgrade(database)


@pytest.mark.parametrize("kind", sorted(POSTGRES))
def test_what_stands_between_is_named_and_nothing_is_done_with_it(database: Database, kind: str) -> None:
    is_sqlite = database.engine.dialect.name == "sqlite"
    made = (SQLITE if is_sqlite else POSTGRES).get(kind)
    if made is None:
        return  # SQLite has none
    with database.write() as connection:
        for statement in made.split("; ") if is_sqlite and kind != "trigger" else [made]:
            connection.execute(text(statement))
    (fault,) = faults(database)
    assert any(name in fault for name in ("zz", "finder", OWN, "ledger"))
    with pytest.raises((SchemaError, ServiceError), match="not as the service made it"):
        schema.upgrade(database)
