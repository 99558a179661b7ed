"""Messages to whoever asked."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from service.storage.database import Moment

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the table of this step."""
    op.create_table(
        "case_message",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done_by", sa.String(length=200), nullable=True),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_case_message")),
    )
    op.create_index(op.f("ix_case_message_state_at"), "case_message", ["state", "at"], unique=False)


def downgrade() -> None:
    """Refused: what is in the table must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
