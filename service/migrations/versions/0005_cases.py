"""Cases."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from service.storage.database import Moment

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Make the tables of this step."""
    op.create_table(
        "case_version",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("assigned", sa.String(length=200), nullable=True),
        sa.Column("prisoner", sa.String(length=7), nullable=True),
        sa.Column("establishment", sa.String(length=3), nullable=True),
        sa.Column("restriction", sa.String(length=200), nullable=True),
        sa.Column("source", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_case_version")),
    )
    op.create_index(
        op.f("ix_case_version_latest_assigned_due"),
        "case_version",
        ["latest", "assigned", "due"],
        unique=False,
    )
    op.create_index(
        op.f("ix_case_version_latest_state_due_id"),
        "case_version",
        ["latest", "state", "due", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_case_version_prisoner"), "case_version", ["prisoner"], unique=False)
    op.create_index(op.f("ix_case_version_restriction"), "case_version", ["restriction"], unique=False)
    op.create_index(op.f("ix_case_version_source"), "case_version", ["source"], unique=False)


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
