"""Lists of cases are made from their index alone."""

from collections.abc import Sequence

from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Put the index of the lists in the place of the one that lacked the prisoner and the officer."""
    op.create_index(
        "ix_case_version_listed",
        "case_version",
        ["latest", "state", "due", "id", "prisoner", "assigned"],
        unique=False,
    )
    op.drop_index(op.f("ix_case_version_latest_state_due_id"), table_name="case_version")


def downgrade() -> None:
    """Refused: what is in the tables must not be lost."""
    raise NotImplementedError("nothing is taken away; bring back a backup instead")
