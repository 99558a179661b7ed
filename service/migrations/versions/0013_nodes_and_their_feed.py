"""Nodes in the prisons, what was published to them, and what they said."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from service.storage.database import Moment

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of this step."""
    op.create_table(
        "feed_change",
        sa.Column("number", _seq, autoincrement=False, nullable=False),
        sa.Column("carried", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_feed_change")),
    )
    op.create_table(
        "node",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("prison", sa.String(length=3), nullable=False),
        sa.Column("added", Moment(), nullable=False),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn", Moment(), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_node")),
    )
    op.create_table(
        "node_report",
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("counter", _seq, nullable=False),
        sa.Column("number", _seq, nullable=False),
        sa.Column("reaches", _seq, nullable=False),
        sa.Column("refused", _seq, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("blocklist", sa.String(length=80), nullable=False),
        sa.Column("age", sa.Float(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("software", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_node_report")),
    )
    op.create_table(
        "node_reached",
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("reaches", _seq, autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("node", "reaches", name=op.f("pk_node_reached")),
    )
    op.create_index(op.f("ix_node_reached_at"), "node_reached", ["at"], unique=False)


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
