"""What each installation of a node said, and what troubles it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from service.storage.database import Moment

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of this step, with what nodes have said: none of it is taken a second time."""
    op.create_table(
        "node_installation",
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("instance", sa.String(length=32), nullable=False),
        sa.Column("began", _seq, nullable=False),
        sa.Column("spoke", _seq, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("counter", _seq, nullable=False),
        sa.Column("number", _seq, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("reaches", _seq, nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("canaries", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("node", "instance", name=op.f("pk_node_installation")),
    )
    op.execute(
        "INSERT INTO node_installation "
        "(node, instance, began, spoke, at, counter, number, hash, reaches, ended, canaries) "
        "SELECT node, '', 0, 0, at, counter, number, '', reaches, false, canaries FROM node_report"
    )
    op.add_column("node_report", sa.Column("installations", sa.Integer(), nullable=True))
    op.add_column("node_report", sa.Column("troubles", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
