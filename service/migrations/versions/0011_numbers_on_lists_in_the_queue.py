"""Restricted and doubtful numbers on lists wait in the reviewers' queue."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns of this step. What is on a list already waits from its next reading on."""
    seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("phone_drift", sa.Column("review", seq, nullable=True))
    op.add_column("phone_drift", sa.Column("basis", sa.LargeBinary(length=16), nullable=True))


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
