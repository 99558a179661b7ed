"""Each case under a key of its own: what is there is sealed anew, so that it can be destroyed one day."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

from service.cases import keys
from service.migrations import schema
from service.storage import rows
from service.storage.sealing import SealError, seal_with

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the table. A version that cannot be opened, or was changed, stays as it is: nobody opens it."""
    op.create_table(
        "case_key",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_key")),
    )
    _seal_anew(op.get_bind())


def _seal_anew(connection: sa.Connection) -> None:
    versions = connection.execute(sa.text("SELECT id, version FROM case_version ORDER BY id, version")).all()
    if not versions:
        return
    vault = schema.vault_of_step(context.config)
    made = {id_: keys.make(connection, vault, id_) for id_ in dict.fromkeys(row.id for row in versions)}
    same = "WHERE id = :id AND version = :version"
    wanted = sa.text(f"SELECT * FROM case_version {same}")  # noqa: S608 - our own words only
    anew = sa.text(f"UPDATE case_version SET sealed = :sealed, mac = :mac {same}")  # noqa: S608
    for id_, version in versions:  # one at a time: the first has the files that came with it
        row = dict(connection.execute(wanted, {"id": id_, "version": version}).mappings().one())
        if not rows.raw_holds(vault, "case_version", row):
            continue
        try:
            plain = vault.open(row["sealed"], keys.place(id_, version))
        except SealError:
            continue
        row["sealed"] = seal_with(made[id_], plain, keys.place(id_, version))
        row["mac"] = rows.mark(vault, "case_version", row)
        connection.execute(anew, {name: row[name] for name in ("id", "version", "sealed", "mac")})


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
