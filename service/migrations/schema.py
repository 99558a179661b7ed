"""Every table, and the migrations that make them.

A package that owns tables is named here, so that the migrations see it. When a table changes, a step is
added: `python -m service.migrations.schema "Say who confirmed a change"`, to be read, and formatted with
`ruff format`, before it is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

import service.access.tables
import service.cases.tables
import service.feed.tables
import service.ledger.tables
import service.mail.tables
import service.phone_lists.tables
import service.registry.tables
import service.review.tables  # noqa: F401 - each import brings its tables into `metadata`
from service.ledger import chain
from service.ledger.record import Kind, Record, ledger
from service.storage import rows, sealing, soundness
from service.storage.database import Database, Moment, metadata
from service.storage.sealing import Vault

UPGRADE_LOCK = 0x6E6F636F6E  # "nocon"
"""PostgreSQL's advisory lock for upgrades: of two processes that start together one waits for the other."""

UNMARKED = ("0001",)
"""Steps before they did."""


class SchemaError(Exception):
    """Tables that this program cannot use as they are."""


def _render(kind: str, item: object, context: Any) -> str | bool:
    """How a step writes a type of our own."""
    return "Moment()" if kind == "type" and isinstance(item, Moment) else False


COMPARISON: dict[str, Any] = {
    "target_metadata": metadata,
    "compare_type": True,
    "render_item": _render,
    "transactional_ddl": True,
    "user_module_prefix": "",
}
"""How the steps are run and held against `metadata`. Both databases undo a step that fails half way."""


def create(database: Database) -> None:
    """Make every table in an empty database. Raises SchemaError when there are tables already."""
    with database.write() as connection:
        _create(connection)


def make(database: Database, master: bytes) -> None:
    """Make every table, and the keys under a master key, in an empty database: all or none.

    Raises SchemaError when there are tables already.
    """
    with database.write() as connection:
        _create(connection)
        sealing.make_keys(connection, master)
        note_marked(connection, sealing.vault_on(connection, master))


def _create(connection: Connection) -> None:
    _lock(connection)
    if inspect(connection).get_table_names():
        raise SchemaError("the database is not empty")
    metadata.create_all(connection)
    run(connection, lambda config: command.stamp(config, "head"))


def upgrade(database: Database, master: bytes | None = None) -> None:
    """Apply the steps that the database has not had, all or none. `master` is its master key.

    Raises SchemaError for a newer database, for one that is not built as the service built it, and where a
    step needs the keys and they are not given; SealError for another key.
    """
    with database.write() as connection:
        _lock(connection)
        require_sound(connection)
        has = revision_on(connection)
        if has is not None and not known(has):
            raise SchemaError(f"the database is of a newer version ({has}): upgrade the program first")
        if has != head():
            if has in UNMARKED:
                _require_unmarked(connection)
            run(connection, lambda config: command.upgrade(config, "head"), master)
            if has in UNMARKED and master is not None:
                _note_marked(connection, sealing.vault_on(connection, master))


def require_sound(connection: Connection) -> None:
    """Raises SchemaError where something stands between the tables and who reads them."""
    if faults := soundness.faults(connection, metadata.tables):
        raise SchemaError(f"the database is not as the service made it: {'; '.join(faults)}")


def _require_unmarked(connection: Connection) -> None:
    """Raises SchemaError where rows carried their hashes before: somebody made the database look older, so
    that whatever was changed in it would be marked as good; or where its file is damaged."""
    if damage := soundness.damage(connection):
        raise SchemaError(f"the database's file is damaged: {damage[0]}")
    every = select(ledger.c.subject).order_by(ledger.c.seq).execution_options(yield_per=10_000)
    # In their order, and not by an index, which may lack it.
    if rows.MARKED in connection.execute(every).scalars():
        raise SchemaError("its rows were marked before: the database was made to look older than it is")


def note_marked(connection: Connection, vault: Vault) -> None:
    """Record that rows carry their hashes from here on. Raises SchemaError where they did before."""
    _require_unmarked(connection)
    _note_marked(connection, vault)


def _note_marked(connection: Connection, vault: Vault) -> None:
    now = datetime.now(UTC)
    record = Record(at=now, kind=Kind.SYSTEM, actor="system", subject=rows.MARKED, outcome="marked")
    chain.append(connection, vault, [record])


def revision(database: Database) -> str | None:
    """The last step that the database has had; None for one that has had none."""
    with database.read() as connection:
        return revision_on(connection)


def head() -> str:
    """The newest step that this program knows."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise SchemaError("the program has no migrations: it was not installed whole")
    return newest


def known(step: str) -> bool:
    """Whether this program knows a step."""
    return any(step == script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def differences(database: Database) -> list[Any]:
    """In what the database's tables are not as the program expects them; empty when they are."""
    with database.read() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=COMPARISON), metadata))


def run(connection: Connection, act: Callable[[Config], object], master: bytes | None = None) -> None:
    """Do something of Alembic's in a transaction that is open."""
    config = _config(connection)
    config.attributes["master"] = master
    act(config)


def vault_of_step(config: Config) -> Vault:
    """For a step that needs the keys. Raises SchemaError where they were not given."""
    master = config.attributes.get("master")
    if master is None:
        raise SchemaError("this upgrade needs the master key")
    return sealing.vault_on(config.attributes["connection"], master)


def revision_on(connection: Connection) -> str | None:
    """The same, inside a transaction that is open."""
    return MigrationContext.configure(connection).get_current_revision()


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    with as_file(files("service.migrations")) as folder:  # a folder on the disk: the package is not zipped
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _new_step(message: str) -> Path:
    """Write the step that takes an up-to-date database to `metadata`."""
    database = Database("sqlite://")
    with database.write() as connection:
        config = _config(connection)
        command.upgrade(config, "head")
        made = command.revision(config, message, rev_id=_next(), autogenerate=True)
    if made is None or isinstance(made, list):
        raise SchemaError("more than one step was made")
    path = Path(made.path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line), encoding="utf-8")
    return path


def _next() -> str:
    return f"{sum(1 for _ in ScriptDirectory.from_config(_config()).walk_revisions()) + 1:04}"


if __name__ == "__main__":
    print(_new_step(sys.argv[1]))
