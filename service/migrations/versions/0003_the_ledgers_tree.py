"""The ledger's tree: the frontier of what is there, and the roots that checkpoints are signed with."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the columns. The first commit after it makes the frontier of the records that are there."""
    op.add_column("ledger_head", sa.Column("origin", sa.String(length=200), nullable=True))
    op.add_column("ledger_head", sa.Column("frontier", sa.LargeBinary(), nullable=True))
    op.add_column("ledger_checkpoint", sa.Column("origin", sa.String(length=200), nullable=True))
    op.add_column("ledger_checkpoint", sa.Column("root", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
