"""Rows that decide something carry a keyed hash of all that is in them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

from service.migrations import schema
from service.storage.rows import mark_all

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

MARKED = (
    *("account", "api_key", "approval", "mail_item", "policy_version", "prisoner"),
    *("register_version", "restriction_version", "review_item", "session"),
)


def upgrade() -> None:
    """Add the column, and mark the rows that are there, this once: later a row without a hash is a fault."""
    connection = op.get_bind()
    for table in MARKED:
        op.add_column(table, sa.Column("mac", sa.LargeBinary(length=16), nullable=True))
        if connection.exec_driver_sql(f'SELECT 1 FROM "{table}" LIMIT 1').first() is not None:  # noqa: S608
            mark_all(connection, schema.vault_of_step(context.config), table)


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
