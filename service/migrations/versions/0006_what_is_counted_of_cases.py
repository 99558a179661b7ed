"""What is counted of cases."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

from service.migrations import schema

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the table, and count the cases that are there."""
    op.create_table(
        "case_figure",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("who", sa.String(length=15), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("pathway", sa.Integer(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("notice", sa.String(length=10), nullable=True),
        sa.Column("route", sa.String(length=20), nullable=True),
        sa.Column("police", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_figure")),
    )
    op.create_index(
        "ix_case_figure_counted",
        "case_figure",
        [
            *("month", "kind", "state", "establishment", "channel", "who", "pathway", "notice", "hours"),
            *("route", "police"),
        ],
        unique=False,
    )
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT id FROM case_version LIMIT 1")).first() is not None:
        from service.cases.figures import count_anew

        count_anew(connection, schema.vault_of_step(context.config))


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
