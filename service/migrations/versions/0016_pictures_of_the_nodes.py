"""Pictures of letters that a node holds."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from service.storage.database import Moment

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the table of this step."""
    op.create_table(
        "node_picture",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("keep_until", Moment(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "page", name=op.f("pk_node_picture")),
    )
    op.create_index(op.f("ix_node_picture_keep_until"), "node_picture", ["keep_until"], unique=False)


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
